//! Proof files: what is read goes back to the same text, and carries an entry only where it leads to the checkpoint's root.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::merkle::leaf_hash;
use modelmark_log::{Entry, ProofFile};

fuzz_target!(|input: &str| {
    let Ok(proof) = input.parse::<ProofFile>() else { return };
    assert_eq!(proof.to_string(), input);
    assert_eq!(proof.proof().size(), proof.checkpoint().checkpoint().size());
    if let Some(entry) = proof.entry() {
        assert!(proof.proof().verify(&leaf_hash(entry), &proof.checkpoint().checkpoint().root()));
        let _ = Entry::read(entry);
    }
});
