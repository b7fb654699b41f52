//! Proofs of rows: no panic, no more work than the document is long, and what is read goes back to the same value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_dataset::RowProof;

fuzz_target!(|input: &[u8]| {
    if let Ok(proof) = RowProof::parse(input) {
        let again = RowProof::parse(&proof.to_bytes().unwrap()).unwrap();
        assert_eq!((again.root(), &again), (proof.root(), &proof));
    }
});
