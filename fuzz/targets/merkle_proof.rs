//! Proofs as JSON: reading is bounded, what is read goes back to the same value, and no proof of garbage leads to a root that it does not know.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{ConsistencyProof, InclusionProof, MAX_PROOF_HASHES};

fuzz_target!(|input: &[u8]| {
    let (leaf, root) = (Sha256Digest::of(b"leaf"), Sha256Digest::of(b"root"));
    if let Ok(proof) = serde_json::from_slice::<InclusionProof>(input) {
        assert!(proof.index() < proof.size() && proof.hashes().len() < MAX_PROOF_HASHES);
        assert!(!proof.verify(&leaf, &root) && proof.verify(&leaf, &proof.root(&leaf)));
        assert_eq!(serde_json::from_slice::<InclusionProof>(&serde_json::to_vec(&proof).unwrap()).unwrap(), proof);
    }
    if let Ok(proof) = serde_json::from_slice::<ConsistencyProof>(input) {
        assert!(proof.old_size() <= proof.new_size() && proof.hashes().len() <= MAX_PROOF_HASHES);
        assert!(!proof.verify(&leaf, &root));
        assert_eq!(serde_json::from_slice::<ConsistencyProof>(&serde_json::to_vec(&proof).unwrap()).unwrap(), proof);
    }
});
