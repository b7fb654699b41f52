//! The tree of RFC 9162 against published vectors, pymerkle, the crate ct-merkle and a twin that is the RFC's text.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{
    ConsistencyProof, InclusionProof, ProofError, TreeBuilder, leaf_hash, leaf_hash_of, leaf_hashes, node_hash, root,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::content::{bytes, list, text, vectors};

type Tree = MemoryBackedTree<sha2::Sha256, Vec<u8>>;

fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap()
}

fn hashes(value: &Value) -> Vec<Sha256Digest> {
    list(value, "hashes").iter().map(|hash| hash.as_str().unwrap().parse().unwrap()).collect()
}

fn digits(count: u64) -> Vec<Sha256Digest> {
    let entries: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    leaf_hashes(&entries.iter().map(String::as_bytes).collect::<Vec<_>>())
}

/// RFC 9162 section 2.1.1, word for word.
fn slow_root(leaves: &[Sha256Digest]) -> Sha256Digest {
    match leaves.len() {
        0 => Sha256Digest::of(b""),
        1 => leaves[0],
        n => {
            let k = (1..).map(|power| 1 << power).take_while(|k| *k < n).last().unwrap_or(1);
            node_hash(&slow_root(&leaves[..k]), &slow_root(&leaves[k..]))
        }
    }
}

/// RFC 9162 section 2.1.3.2, word for word.
fn slow_verify(proof: &InclusionProof, leaf: Sha256Digest, root: Sha256Digest) -> bool {
    let (mut f, mut s, mut r) = (proof.index(), proof.size() - 1, leaf);
    for p in proof.hashes() {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            r = node_hash(p, &r);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            r = node_hash(&r, p);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && r == root
}

#[test]
fn published_trees_and_proofs() {
    let published = vectors("merkle/published.json");
    let leaves: Vec<_> = bytes_of(&published, "leaves").iter().map(|entry| leaf_hash(entry)).collect();
    let roots: Vec<Sha256Digest> = list(&published, "roots").iter().map(|root| root.as_str().unwrap().parse().unwrap()).collect();
    for (size, expected) in (1..).zip(&roots) {
        assert_eq!(root(&leaves[..size]), *expected, "{size}");
    }
    for proof in list(&published, "inclusion") {
        let (index, size) = (number(proof, "index"), number(proof, "size"));
        let ours = InclusionProof::of(&leaves[..size as usize], index).unwrap();
        assert_eq!(ours.hashes(), hashes(proof));
        assert!(ours.verify(&leaves[index as usize], &roots[size as usize - 1]));
    }
    for proof in list(&published, "consistency") {
        let (old, new) = (number(proof, "old_size"), number(proof, "new_size"));
        let ours = ConsistencyProof::of(&leaves[..new as usize], old).unwrap();
        assert_eq!(ours.hashes(), hashes(proof));
        assert!(ours.verify(&roots[old as usize - 1], &roots[new as usize - 1]));
    }
}

fn bytes_of(value: &Value, key: &str) -> Vec<Vec<u8>> {
    list(value, key).iter().map(|item| bytes(&json!({ "x": item }), "x")).collect()
}

#[test]
fn trees_of_pymerkle() {
    for case in list(&vectors("merkle/trees.json"), "cases") {
        let leaves = digits(number(case, "size"));
        assert_eq!(root(&leaves).to_string(), text(case, "root"), "{}", leaves.len());
        let indexes = list(case, "inclusion").iter().map(|proof| number(proof, "index"));
        let mut builder = TreeBuilder::watching(indexes);
        builder.extend(leaves.iter().copied());
        let (the_root, streamed) = builder.finish().unwrap();
        assert_eq!(streamed.len(), list(case, "inclusion").len());
        for (expected, streamed) in list(case, "inclusion").iter().zip(streamed) {
            let index = number(expected, "index");
            assert_eq!(streamed.hashes(), hashes(expected), "{index} of {}", leaves.len());
            assert_eq!(streamed, InclusionProof::of(&leaves, index).unwrap());
            assert!(streamed.verify(&leaves[index as usize], &the_root));
        }
    }
}

#[test]
fn every_proof_of_small_trees_is_that_of_ct_merkle() {
    let mut tree = Tree::new();
    for size in 1..=70_u64 {
        tree.push((size - 1).to_string().into_bytes());
        let leaves = digits(size);
        for index in 0..size {
            let ours = InclusionProof::of(&leaves, index).unwrap();
            assert_eq!(join(ours.hashes()), tree.prove_inclusion(index as usize).as_bytes(), "{index} of {size}");
            assert!(slow_verify(&ours, leaves[index as usize], root(&leaves)));
        }
        for old in 1..=size {
            let ours = ConsistencyProof::of(&leaves, old).unwrap();
            // It has no proof for a tree and itself.
            if old < size {
                assert_eq!(join(ours.hashes()), tree.prove_consistency((size - old) as usize).as_bytes(), "{old} to {size}");
            }
            assert!(ours.verify(&root(&leaves[..old as usize]), &root(&leaves)), "{old} to {size}");
        }
    }
}

fn join(hashes: &[Sha256Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

#[test]
fn proofs_that_no_tree_has_cannot_be_made() {
    let one = digits(1);
    assert_eq!(InclusionProof::of(&[], 0), Err(ProofError::Index { index: 0, size: 0 }));
    assert_eq!(InclusionProof::of(&one, 1), Err(ProofError::Index { index: 1, size: 1 }));
    assert_eq!(ConsistencyProof::of(&one, 0), Err(ProofError::Sizes { old: 0, new: 1 }));
    assert_eq!(ConsistencyProof::of(&one, 2), Err(ProofError::Sizes { old: 2, new: 1 }));
    assert_eq!(InclusionProof::new(0, u64::MAX, Vec::new()), Err(ProofError::TooLarge(u64::MAX)));
    assert_eq!(ConsistencyProof::new(1, u64::MAX, Vec::new()), Err(ProofError::TooLarge(u64::MAX)));
    assert_eq!(InclusionProof::new(2, 3, Vec::new()), Err(ProofError::Length { found: 0, expected: 1 }));
    assert_eq!(ConsistencyProof::new(2, 3, Vec::new()), Err(ProofError::Length { found: 0, expected: 1 }));
    assert!(TreeBuilder::watching([3]).finish().is_err());
}

#[test]
fn the_largest_trees_have_bounded_proofs() {
    let size = 1 << 63;
    for index in [0, 1, size / 2, size - 1] {
        let node = |_| Ok::<_, ProofError>(Sha256Digest::of(b"node"));
        assert_eq!(InclusionProof::from_nodes(index, size, node).unwrap().hashes().len(), 63);
        let proof = InclusionProof::from_nodes(index, size - 1, node);
        assert!(index == size - 1 || proof.unwrap().hashes().len() <= 63);
        if index > 0 {
            let proof = ConsistencyProof::from_nodes(index, size, node).unwrap();
            assert!(proof.hashes().len() <= 64);
            assert!(ConsistencyProof::new(index, size, proof.hashes().to_vec()).is_ok());
        }
    }
}

#[test]
fn reading_json_is_bounded_and_checked() {
    let hash = Sha256Digest::of(b"").to_string();
    let read = |index: u64, size: u64, hashes: usize| {
        serde_json::from_value::<InclusionProof>(json!({ "index": index, "size": size, "hashes": vec![&hash; hashes] }))
            .map_err(|e| e.to_string())
    };
    assert!(read(0, 2, 1).is_ok());
    assert_eq!(read(0, 2, 2).unwrap_err(), "the proof has 2 hashes where a tree of this size takes 1");
    assert_eq!(read(2, 2, 0).unwrap_err(), "a tree of 2 leaves has no leaf 2 (they count from 0)");
    assert_eq!(read(0, 2, 65).unwrap_err(), "more than 64 hashes in a proof");
    assert!(serde_json::from_value::<InclusionProof>(json!({ "index": 0, "size": 1, "hashes": [], "more": 1 })).is_err());
    assert!(serde_json::from_value::<InclusionProof>(json!({ "index": -1, "size": 1, "hashes": [] })).is_err());
    assert!(serde_json::from_value::<ConsistencyProof>(json!({ "old_size": 0, "new_size": 1, "hashes": [] })).is_err());
    let proof = ConsistencyProof::of(&digits(7), 3).unwrap();
    assert_eq!(serde_json::from_str::<ConsistencyProof>(&serde_json::to_string(&proof).unwrap()).unwrap(), proof);
}

#[test]
fn a_leaf_of_parts_is_the_leaf_of_their_bytes() {
    assert_eq!(leaf_hash_of(&[b"ab", b"", b"c"]), leaf_hash(b"abc"));
    assert_ne!(leaf_hash(&[&[1][..], &[0; 63]].concat()), node_hash(&Sha256Digest::from([0; 32]), &Sha256Digest::from([0; 32])));
}

/// Sizes around the borders of a batch and of powers of two.
fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![1..40_u64, 1000..1050_u64, 2040..2060_u64, 1..6000_u64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn agrees_with_the_slow_twin(size in sizes(), pick in any::<prop::sample::Index>()) {
        let leaves = digits(size);
        let index = pick.index(size as usize);
        let the_root = slow_root(&leaves);
        prop_assert_eq!(root(&leaves), the_root);
        let proof = InclusionProof::of(&leaves, index as u64).unwrap();
        prop_assert!(proof.verify(&leaves[index], &the_root));
        prop_assert!(slow_verify(&proof, leaves[index], the_root));
        let mut builder = TreeBuilder::watching([index as u64, 0]);
        for (taken, leaf) in leaves.iter().enumerate() {
            if taken == index {
                prop_assert_eq!(builder.root(), slow_root(&leaves[..taken]));
            }
            builder.push(*leaf);
        }
        prop_assert_eq!(builder.size(), size);
        let (streamed_root, streamed) = builder.finish().unwrap();
        prop_assert_eq!(streamed_root, the_root);
        prop_assert_eq!(streamed.last(), Some(&proof));
    }

    #[test]
    fn nothing_else_is_proven(size in sizes(), pick in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), bit in 0..256_usize) {
        let leaves = digits(size);
        let (index, other) = (pick.index(size as usize), other.index(size as usize));
        let the_root = root(&leaves);
        let proof = InclusionProof::of(&leaves, index as u64).unwrap();
        prop_assert_eq!(proof.verify(&leaves[other], &the_root), index == other);
        if let Ok(moved) = InclusionProof::new(other as u64, size, proof.hashes().to_vec()) {
            prop_assert_eq!(moved.verify(&leaves[index], &the_root), index == other);
        }
        if !proof.hashes().is_empty() {
            let mut hashes = proof.hashes().to_vec();
            let at = bit % hashes.len();
            hashes[at] = flipped(hashes[at], bit);
            prop_assert!(!InclusionProof::new(index as u64, size, hashes).unwrap().verify(&leaves[index], &the_root));
        }
        prop_assert!(!proof.verify(&leaves[index], &flipped(the_root, bit)));
    }

    #[test]
    fn only_growth_is_consistent(size in sizes(), pick in any::<prop::sample::Index>(), bit in 0..256_usize) {
        let leaves = digits(size);
        let old = pick.index(size as usize) + 1;
        let (old_root, new_root) = (slow_root(&leaves[..old]), slow_root(&leaves));
        let proof = ConsistencyProof::of(&leaves, old as u64).unwrap();
        prop_assert!(proof.verify(&old_root, &new_root));
        prop_assert!(!proof.verify(&flipped(old_root, bit), &new_root));
        prop_assert!(!proof.verify(&old_root, &flipped(new_root, bit)));
        let mut changed = leaves.clone();
        changed[old - 1] = flipped(changed[old - 1], bit);
        prop_assert!(!ConsistencyProof::of(&changed, old as u64).unwrap().verify(&old_root, &slow_root(&changed)));
        for at in 0..proof.hashes().len() {
            let mut hashes = proof.hashes().to_vec();
            hashes[at] = flipped(hashes[at], bit);
            prop_assert!(!ConsistencyProof::new(old as u64, size, hashes).unwrap().verify(&old_root, &new_root), "{}", at);
        }
    }
}

fn flipped(digest: Sha256Digest, bit: usize) -> Sha256Digest {
    let mut bytes = *digest.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes.into()
}
