//! Leaf digests: the one place where the independent pieces of a file are hashed.

use std::collections::BTreeMap;

use crate::lanes::sha256_many;
use crate::unixfs::{Dag, FileTree, NodeSink};
use crate::{CidProfile, Codec, ContentId, Sha256Digest};

/// A raw leaf: its id and length.
pub(super) type Leaf = (ContentId, u32);

/// Hashes the leaves of blocks that start on a leaf boundary, side by side because they do not depend on each other. An empty block is one empty
/// leaf.
pub(super) fn hash_leaves(profile: CidProfile, blocks: &[&[u8]]) -> Vec<Vec<Leaf>> {
    let count = |block: &[u8]| block.len().div_ceil(profile.leaf_bytes()).max(1);
    let mut pieces: Vec<&[u8]> = Vec::new();
    for block in blocks {
        match block.len() {
            0 => pieces.push(block),
            _ => pieces.extend(block.chunks(profile.leaf_bytes())),
        }
    }
    let mut digests = vec![Sha256Digest::from([0; 32]); pieces.len()];
    sha256_many(&pieces, &mut digests);
    let mut leaves = digests.into_iter().zip(pieces).map(|(digest, leaf)| (ContentId::from_digest(Codec::Raw, digest), leaf.len() as u32));
    blocks.iter().map(|block| leaves.by_ref().take(count(block)).collect()).collect()
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
        // An empty file is one empty leaf for those who watch; the tree knows it without being told.
        self.early.insert(index, leaves.into_iter().filter(|(_, len)| *len > 0).collect());
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
