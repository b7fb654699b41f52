//! Equality with the slow twin `reference/weight_fingerprint.py`.

use modelmark_digest::Sha256Digest;
use modelmark_digest::tensor_root::{TensorFacts, leaf, root};

use crate::content::{bytes, list, text, vectors};

#[test]
fn leaves_and_roots_agree_with_the_slow_twin() {
    for case in list(&vectors("weights/exact.json"), "cases") {
        let mut leaves = Vec::new();
        for tensor in list(case, "tensors") {
            let data = bytes(tensor, "data");
            let shape: Vec<u64> = list(tensor, "shape").iter().map(|dim| dim.as_u64().unwrap()).collect();
            let facts =
                TensorFacts { dtype: text(tensor, "dtype"), shape: &shape, len: data.len() as u64, digest: Sha256Digest::of(&data) };
            let leaf = leaf(text(tensor, "name"), &facts);
            assert_eq!(leaf.to_string(), text(tensor, "leaf"), "{}", text(case, "title"));
            leaves.push((text(tensor, "name"), leaf));
        }
        leaves.sort_unstable();
        let leaves: Vec<Sha256Digest> = leaves.into_iter().map(|(_, leaf)| leaf).collect();
        assert_eq!(root(&leaves).to_string(), text(case, "root"), "{}", text(case, "title"));
    }
}
