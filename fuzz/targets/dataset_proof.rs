//! Proofs about datasets, leaf lists and Croissant descriptions: whatever is read goes back to the same value, and garbage proves nothing of a root that it
//! does not know.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_dataset::croissant::Croissant;
use modelmark_dataset::{FileSet, Proof, read_leaf_list, write_leaf_list};
use modelmark_digest::Sha256Digest;

fuzz_target!(|input: &[u8]| {
    if let Ok(proof) = Proof::parse(input) {
        assert!(proof.fault(&Sha256Digest::of(b"root")).is_some());
        let _ = proof.fault(&proof.dataset.root());
        assert_eq!(Proof::parse(&proof.to_bytes().unwrap()).unwrap(), proof);
    }
    if let Ok(entries) = read_leaf_list(input) {
        let mut written = Vec::new();
        write_leaf_list(&entries, &mut written).unwrap();
        assert_eq!(read_leaf_list(&*written).unwrap(), entries);
        if let Ok(set) = FileSet::new(entries, None) {
            let root = set.commitment().root();
            for entry in set.entries().iter().take(4) {
                assert_eq!(set.prove_member(&entry.path).unwrap().fault(&root), None);
            }
        }
    }
    if let Ok(croissant) = Croissant::read(input) {
        let _ = croissant.compare(&[]);
    }
});
