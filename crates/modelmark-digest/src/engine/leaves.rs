//! Leaf digests: the one place where the independent pieces of a file are hashed.

use std::collections::BTreeMap;

use crate::unixfs::{Dag, FileTree, LEAF_BYTES, NodeSink};
use crate::{Codec, ContentId, Sha256Digest};

/// A raw leaf: its id and length.
pub(super) type Leaf = (ContentId, u32);

/// Hashes the leaves of a block that starts on a leaf boundary.
///
/// Leaves do not depend on each other: a kernel that hashes several at once goes in here.
pub(super) fn hash_leaves(block: &[u8]) -> Vec<Leaf> {
    block.chunks(LEAF_BYTES).map(|leaf| (ContentId::from_digest(Codec::Raw, Sha256Digest::of(leaf)), leaf.len() as u32)).collect()
}

/// The tree of one file; takes blocks of leaves in any order.
#[derive(Default)]
pub(super) struct OrderedTree {
    tree: FileTree,
    next: u64,
    early: BTreeMap<u64, Vec<Leaf>>,
}

impl OrderedTree {
    /// Adds the leaves of block number `index`.
    pub(super) fn add(&mut self, index: u64, leaves: Vec<Leaf>, sink: &mut NodeSink<'_>) {
        self.early.insert(index, leaves);
        while let Some(leaves) = self.early.remove(&self.next) {
            self.next += 1;
            leaves.into_iter().for_each(|(cid, len)| self.tree.push(cid, len.into(), sink));
        }
    }

    /// Closes the tree.
    pub(super) fn finish(self, sink: &mut NodeSink<'_>) -> Dag {
        self.tree.finish(sink)
    }
}
