//! Range proofs: no panic, no more work than the document is long, and leaves only where they stand in the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::partial::{KnownLeaves, RangeProof};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = RangeProof::parse(bytes) {
        assert_eq!(RangeProof::parse(proof.to_json().to_string().as_bytes()), Ok(proof.clone()));
        if let Ok(proven) = proof.check(&proof.cid()) {
            let (span, range) = (proven.span(), proof.range());
            assert!(span.start <= range.start && range.end <= span.end && span.end <= proven.size());
            assert!(proven.indexes().all(|index| proven.digest(index).is_some()));
        }
    }
});
