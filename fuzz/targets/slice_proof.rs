//! Proofs of slices of tensors: no panic, and no more work than the document is long, whatever sizes it claims.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::Sha256Digest;
use modelmark_digest::fingerprint::SliceProof;

fuzz_target!(|input: &[u8]| {
    if let Ok(proof) = SliceProof::parse(input) {
        assert!(proof.range().start < proof.range().end && proof.range().end <= proof.tensor().bytes);
        assert!(proof.check(&Sha256Digest::of(b"root")).is_err());
        assert_eq!(SliceProof::parse(&serde_json::to_vec(&proof).unwrap()).unwrap(), proof);
    }
});
