//! Looking a key up along the nodes of a Merkle-Patricia trie that a proof brings.
//!
//! `alloy_trie::proof::verify_proof` panics when keys in made-up nodes add up to more than 64 nibbles, and whoever makes a proof up makes up
//! the header with it. Here the key is used up instead, which cannot overflow; nodes are decoded by that crate.

use alloy::consensus::EMPTY_ROOT_HASH;
use alloy::primitives::{B256, Bytes, keccak256};
use alloy_rlp::Decodable as _;
use alloy_trie::Nibbles;
use alloy_trie::nodes::{BranchNode, RlpNode, TrieNode};

/// Nodes do not lead from a root to a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TrieProofError {
    #[error("a node is not the one that is named before it")]
    Other,
    #[error("a node on the way is missing")]
    Missing,
    #[error("a node is left over")]
    LeftOver,
    #[error("a node cannot be read: {0}")]
    Unreadable(String),
}

/// Where one node leads.
enum Step {
    /// To another node, with what is left of the key.
    On(RlpNode, Nibbles),
    /// To the value, or to there being none.
    End(Option<Vec<u8>>),
}

/// Returns what the trie with this root has under `key`, `None` when it has nothing. All nodes have to be needed.
pub(crate) fn lookup<'n>(root: B256, key: Nibbles, nodes: impl IntoIterator<Item = &'n Bytes>) -> Result<Option<Vec<u8>>, TrieProofError> {
    let mut nodes = nodes.into_iter();
    if root == EMPTY_ROOT_HASH {
        return nodes.next().map_or(Ok(None), |_| Err(TrieProofError::LeftOver));
    }
    let (mut link, mut rest) = (RlpNode::word_rlp(&root), key);
    // Each turn takes a node, or goes into a shorter one that stands in its parent's place.
    loop {
        let node = match link.as_hash() {
            Some(hash) => {
                let node = nodes.next().ok_or(TrieProofError::Missing)?;
                if keccak256(node) != hash {
                    return Err(TrieProofError::Other);
                }
                node.as_ref()
            }
            None => link.as_slice(),
        };
        match step(node, &rest)? {
            Step::On(next, left) => (link, rest) = (next, left),
            Step::End(value) => return nodes.next().map_or(Ok(value), |_| Err(TrieProofError::LeftOver)),
        }
    }
}

fn step(mut node: &[u8], rest: &Nibbles) -> Result<Step, TrieProofError> {
    let unreadable = |why: &str| TrieProofError::Unreadable(why.to_owned());
    let read = TrieNode::decode(&mut node).map_err(|error| unreadable(&error.to_string()))?;
    if !node.is_empty() {
        return Err(unreadable("bytes after it"));
    }
    Ok(match read {
        TrieNode::EmptyRoot => return Err(unreadable("it is empty")),
        TrieNode::Branch(branch) => match rest.first() {
            None => return Err(unreadable("a branch where the key ends")),
            Some(nibble) => child(&branch, nibble).map_or(Step::End(None), |child| Step::On(child, rest.slice(1..))),
        },
        TrieNode::Extension(extension) if rest.starts_with(&extension.key) => Step::On(extension.child, rest.slice(extension.key.len()..)),
        TrieNode::Extension(_) => Step::End(None),
        TrieNode::Leaf(leaf) => Step::End((leaf.key == *rest).then_some(leaf.value)),
    })
}

/// Returns the child for a nibble; a branch keeps those that it has, in order.
fn child(branch: &BranchNode, nibble: u8) -> Option<RlpNode> {
    let before = (0..nibble).filter(|index| branch.state_mask.is_bit_set(*index)).count();
    branch.stack.get(before).filter(|_| branch.state_mask.is_bit_set(nibble)).cloned()
}

#[cfg(test)]
mod tests {
    use alloy_trie::HashBuilder;
    use alloy_trie::nodes::{ExtensionNode, LeafNode};
    use alloy_trie::proof::{ProofRetainer, verify_proof};
    use proptest::prelude::*;

    use super::*;

    fn hashed(node: &impl alloy_rlp::Encodable) -> (Bytes, B256) {
        let rlp = alloy_rlp::encode(node);
        let hash = keccak256(&rlp);
        (rlp.into(), hash)
    }

    /// An endless way: what alloy's own check panics on.
    #[test]
    fn keys_that_add_up_to_more_than_a_hash_are_answered() {
        let key = Nibbles::unpack([7; 32]);
        let long = Nibbles::unpack([7; 20]);
        let (leaf, hash) = hashed(&LeafNode::new(long, vec![9; 40]));
        let (second, hash) = hashed(&ExtensionNode::new(long, RlpNode::word_rlp(&hash)));
        let (first, root) = hashed(&ExtensionNode::new(long, RlpNode::word_rlp(&hash)));
        assert_eq!(lookup(root, key, &[first.clone(), second]), Ok(None));
        assert_eq!(lookup(root, key, std::slice::from_ref(&first)), Err(TrieProofError::Missing));
        assert_eq!(lookup(root, key, &[first, leaf]), Err(TrieProofError::Other));
    }

    #[test]
    fn nodes_that_are_none_are_answered() {
        for bytes in [&[0x80][..], &[], &[0xc0], &[0xc1, 0x80], &[0xff; 40], &[0x05]] {
            let node = Bytes::copy_from_slice(bytes);
            assert!(lookup(keccak256(bytes), Nibbles::unpack([1; 32]), &[node]).is_err());
        }
        assert_eq!(lookup(EMPTY_ROOT_HASH, Nibbles::unpack([1; 32]), &[]), Ok(None));
        assert_eq!(lookup(EMPTY_ROOT_HASH, Nibbles::unpack([1; 32]), &[Bytes::new()]), Err(TrieProofError::LeftOver));
    }

    proptest! {
        /// On tries of every shape it says what alloy's check says; values are short, so that nodes stand in their parents' places.
        #[test]
        fn it_finds_what_is_there_and_that_nothing_is(
            leaves in prop::collection::btree_map(any::<[u8; 3]>(), prop::collection::vec(1_u8..0x80, 1..40), 1..40), wanted: [u8; 3], at: prop::sample::Index,
        ) {
            let keys: Vec<_> = leaves.keys().copied().collect();
            for wanted in [wanted, keys.get(at.index(keys.len())).copied().unwrap_or(wanted)] {
                let key = Nibbles::unpack(wanted);
                let mut trie = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![key]));
                for (key, value) in &leaves {
                    trie.add_leaf(Nibbles::unpack(key), value);
                }
                let root = trie.root();
                // Nodes of fewer than 32 bytes stand in their parents.
                let nodes = trie.take_proof_nodes().into_nodes_sorted();
                let nodes: Vec<_> = nodes.into_iter().filter(|(path, node)| path.is_empty() || node.len() >= 32).map(|(_, node)| node).collect();
                let value = leaves.get(&wanted).cloned();
                prop_assert_eq!(lookup(root, key, &nodes), Ok(value.clone()));
                if nodes.first().is_some_and(|node| node.len() >= 32) {
                    prop_assert!(verify_proof(root, key, value, &nodes).is_ok());
                }
            }
        }

        #[test]
        fn any_nodes_are_answered(nodes in prop::collection::vec(any::<Vec<u8>>(), 1..4), key: [u8; 32]) {
            let nodes: Vec<Bytes> = nodes.into_iter().map(Bytes::from).collect();
            let root = nodes.first().map(keccak256).unwrap_or_default();
            let _ = lookup(root, Nibbles::unpack(key), &nodes);
        }
    }
}
