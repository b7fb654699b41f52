//! Leaf digests: the one place where the independent pieces of a file are hashed.

use std::collections::BTreeMap;

use crate::lanes::sha256_many;
use crate::unixfs::{Dag, FileTree, NodeSink};
use crate::{CidProfile, Codec, ContentId, Sha256Digest};

/// A raw leaf: its id and length.
pub(super) type Leaf = (ContentId, u32);

/// Hashes the leaves of a block that starts on a leaf boundary, side by side because they do not depend on each other.
pub(super) fn hash_leaves(profile: CidProfile, block: &[u8]) -> Vec<Leaf> {
    let leaves: Vec<&[u8]> = block.chunks(profile.leaf_bytes()).collect();
    let mut digests = vec![Sha256Digest::from([0; 32]); leaves.len()];
    sha256_many(&leaves, &mut digests);
    digests.into_iter().zip(leaves).map(|(digest, leaf)| (ContentId::from_digest(Codec::Raw, digest), leaf.len() as u32)).collect()
}

/// The tree of one file; takes blocks of leaves in any order.
pub(super) struct OrderedTree {
    tree: FileTree,
    next: u64,
    early: BTreeMap<u64, Vec<Leaf>>,
}

impl OrderedTree {
    pub(super) fn new(profile: CidProfile) -> Self {
        Self { tree: FileTree::new(profile), next: 0, early: BTreeMap::new() }
    }

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
