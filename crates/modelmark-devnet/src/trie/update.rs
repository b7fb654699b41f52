//! Applying a set of changes to a trie in one pass, which leaves no intermediate nodes behind.

use alloy::primitives::{B256, keccak256};
use alloy::trie::{EMPTY_ROOT_HASH, Nibbles};

use super::node::{Child, Children, Node, load};
use super::{Changes, NodeSource, Nodes};
use crate::DevnetError;

/// One change with its path; a slice of them is sorted by path.
struct Change {
    path: Nibbles,
    value: Option<Vec<u8>>,
}

/// Applies the changes to the trie with this root and returns the new root; nodes that are new go into `fresh`.
pub(crate) fn update(source: &impl NodeSource, root: B256, changes: Changes, fresh: &mut Nodes) -> Result<B256, DevnetError> {
    if changes.is_empty() {
        return Ok(root);
    }
    let changes: Vec<Change> = changes.into_iter().map(|(key, value)| Change { path: Nibbles::unpack(key), value }).collect();
    let node = if root == EMPTY_ROOT_HASH { None } else { Some(Node::decode(&load(root, source)?)?) };
    let Some(node) = apply(source, node, &changes, 0)? else { return Ok(EMPTY_ROOT_HASH) };
    let rlp = node.encode(fresh);
    let root = keccak256(&rlp);
    fresh.insert(root, rlp);
    Ok(root)
}

/// Applies the changes, all of which share their first `depth` nibbles, to the node that stands there.
fn apply(source: &impl NodeSource, node: Option<Node>, changes: &[Change], depth: usize) -> Result<Option<Node>, DevnetError> {
    let [change] = changes else { return spread_and_collapse(source, node, changes, depth) };
    let rest = change.path.slice(depth..);
    match (node, &change.value) {
        (None, Some(value)) => Ok(Some(Node::Leaf(rest, value.clone()))),
        (None, None) => Ok(None),
        (Some(Node::Leaf(path, _)), value) if path == rest => Ok(value.clone().map(|value| Node::Leaf(rest, value))),
        (node @ Some(Node::Leaf(..)), None) => Ok(node),
        (node, _) => spread_and_collapse(source, node, changes, depth),
    }
}

/// Opens the node into sixteen places, applies each place's share of the changes, and folds what is left into the smallest node.
fn spread_and_collapse(
    source: &impl NodeSource,
    node: Option<Node>,
    changes: &[Change],
    depth: usize,
) -> Result<Option<Node>, DevnetError> {
    let mut children = spread(node);
    for share in changes.chunk_by(|a, b| a.path.get(depth) == b.path.get(depth)) {
        let place = share.first().and_then(|change| change.path.get(depth)).and_then(|nibble| children.get_mut(usize::from(nibble)));
        // Keys have equal length and differ, so a share of more than one change never reaches the end of a path.
        let Some(place) = place else { return Err(DevnetError::damaged("trie", "a key is too short")) };
        let below = place.take().map(|child| child.open(source)).transpose()?;
        *place = apply(source, below, share, depth + 1)?.map(Child::from);
    }
    collapse(source, children)
}

/// Returns the sixteen places that a node stands for.
fn spread(node: Option<Node>) -> Children {
    let mut children = Children::default();
    let (path, child) = match node {
        None => return children,
        Some(Node::Branch(children)) => return *children,
        Some(Node::Leaf(path, value)) => (path, Node::Leaf(path.slice(1..), value).into()),
        Some(Node::Extension(path, child)) if path.len() == 1 => (path, child),
        Some(Node::Extension(path, child)) => (path, Node::Extension(path.slice(1..), child).into()),
    };
    if let Some(place) = path.first().and_then(|nibble| children.get_mut(usize::from(nibble))) {
        *place = Some(child);
    }
    children
}

/// Returns the canonical node for sixteen places: nothing, the only child with a longer path, or a branch.
fn collapse(source: &impl NodeSource, mut children: Children) -> Result<Option<Node>, DevnetError> {
    let mut present = children.iter().enumerate().filter(|(_, child)| child.is_some()).map(|(nibble, _)| nibble);
    let Some(first) = present.next() else { return Ok(None) };
    if present.next().is_some() {
        return Ok(Some(Node::Branch(Box::new(children))));
    }
    let Some(child) = children.get_mut(first).and_then(Option::take) else { return Ok(None) };
    let prefix = Nibbles::from_nibbles([u8::try_from(first).unwrap_or_default()]);
    Ok(Some(match child.open(source)? {
        Node::Leaf(path, value) => Node::Leaf(prefix.join(&path), value),
        Node::Extension(path, child) => Node::Extension(prefix.join(&path), child),
        branch @ Node::Branch(_) => Node::Extension(prefix, branch.into()),
    }))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::collections::BTreeMap;

    use alloy::consensus::proofs::storage_root;
    use alloy::primitives::U256;
    use alloy::trie::proof::verify_proof;
    use proptest::prelude::*;

    use super::*;
    use crate::trie::{get, prove};

    impl NodeSource for Nodes {
        fn node(&self, hash: B256) -> Result<Option<Vec<u8>>, DevnetError> {
            Ok(self.get(&hash).cloned())
        }
    }

    /// Few distinct keys, many with long common prefixes: branches, extensions and their folding all occur.
    fn key() -> impl Strategy<Value = B256> {
        prop_oneof![
            any::<u8>().prop_map(|last| B256::left_padding_from(&[last])),
            any::<u8>().prop_map(|first| B256::right_padding_from(&[first])),
            (0u8..4, 0u8..4).prop_map(|(a, b)| B256::right_padding_from(&[a << 4, b])),
            any::<[u8; 32]>().prop_map(B256::from),
        ]
    }

    fn rounds() -> impl Strategy<Value = Vec<BTreeMap<B256, Option<u64>>>> {
        let value = prop_oneof![3 => (1u64..).prop_map(Some), 2 => Just(None)];
        prop::collection::vec(prop::collection::btree_map(key(), value, 0..24), 1..8)
    }

    proptest! {
        #[test]
        fn every_root_is_the_root_of_the_whole_content(rounds in rounds()) {
            let mut nodes = Nodes::new();
            let mut root = EMPTY_ROOT_HASH;
            let mut content = BTreeMap::new();
            for round in rounds {
                let mut fresh = Nodes::new();
                let changes = round.iter().map(|(key, value)| (*key, value.map(|value| alloy_rlp::encode(U256::from(value))))).collect();
                root = update(&nodes, root, changes, &mut fresh).unwrap();
                nodes.extend(fresh);
                for (key, value) in &round {
                    match value {
                        Some(value) => content.insert(*key, U256::from(*value)),
                        None => content.remove(key),
                    };
                }
                prop_assert_eq!(root, storage_root(content.clone()));
                for key in round.keys() {
                    let expected = content.get(key).map(alloy_rlp::encode);
                    prop_assert_eq!(get(&nodes, root, *key).unwrap(), expected.clone());
                    let proof = prove(&nodes, root, *key).unwrap();
                    verify_proof(root, Nibbles::unpack(key), expected, &proof).unwrap();
                }
            }
        }
    }
}
