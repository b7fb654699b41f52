//! Builds the balanced tree above a file's leaves, one leaf after another.

use super::encode::{encode, file_of_version_0, leaf_of_version_0};
use super::node::{Dag, Node, NodeSink, Part};
use crate::{CidProfile, ContentId};

/// The tree above the leaves seen so far.
///
/// Memory is bounded by the depth of the tree, not by the file: a full node is hashed and folded into its parent as soon as the next leaf arrives.
#[derive(Debug, Default)]
pub struct FileTree {
    profile: CidProfile,
    version_0: bool,
    // Level 0 holds leaves. A level is folded only when a further part arrives, because the last full node may turn out to be the root.
    levels: Vec<Vec<Part>>,
}

impl FileTree {
    /// Returns the tree of a file without leaves.
    #[must_use]
    pub fn new(profile: CidProfile) -> Self {
        Self { profile, version_0: false, levels: Vec::new() }
    }

    /// Returns the tree that gives version 0 CIDs (`Qm…`), as `ipfs add` makes without options: leaves of 256 KiB, each wrapped in a dag-pb node.
    pub(super) fn of_version_0() -> Self {
        Self { profile: CidProfile::UnixfsV1Legacy, version_0: true, levels: Vec::new() }
    }

    /// Appends the next leaf of a version 0 tree.
    pub(super) fn push_wrapped(&mut self, bytes: &[u8]) {
        let block = leaf_of_version_0(bytes);
        let part = Part { cid: ContentId::dag_pb(&block), size: bytes.len() as u64, tsize: block.len() as u64 };
        self.place(0, part, &mut |_, _| {});
    }

    /// Appends the next leaf.
    pub fn push(&mut self, cid: ContentId, size: u64, sink: &mut NodeSink<'_>) {
        self.place(0, Part { cid, size, tsize: size }, sink);
    }

    /// Finishes the tree and returns its root. A file without leaves is the empty raw block.
    #[must_use]
    pub fn finish(mut self, sink: &mut NodeSink<'_>) -> Dag {
        let mut level = 0;
        while let Some(parts) = self.levels.get_mut(level).map(std::mem::take) {
            let is_top = level + 1 == self.levels.len();
            match parts.as_slice() {
                [root] if is_top => return Dag { cid: root.cid, size: root.size, tsize: root.tsize },
                _ => self.place(level + 1, self.fold(parts, sink), sink),
            }
            level += 1;
        }
        Dag { cid: ContentId::raw(b""), size: 0, tsize: 0 }
    }

    fn place(&mut self, level: usize, part: Part, sink: &mut NodeSink<'_>) {
        if self.levels.get(level).is_some_and(|parts| parts.len() == self.profile.max_links())
            && let Some(full) = self.levels.get_mut(level).map(std::mem::take)
        {
            let node = self.fold(full, sink);
            self.place(level + 1, node, sink);
        }
        match self.levels.get_mut(level) {
            Some(parts) => parts.push(part),
            None => self.levels.push(vec![part]),
        }
    }

    fn fold(&self, parts: Vec<Part>, sink: &mut NodeSink<'_>) -> Part {
        // Callers choose the sizes; what a file system holds stays far below the end of the range.
        let (size, below) =
            parts.iter().fold((0_u64, 0_u64), |(size, below), part| (size.saturating_add(part.size), below.saturating_add(part.tsize)));
        let block = if self.version_0 { file_of_version_0(&parts) } else { encode(&Node::File(parts)) };
        let cid = ContentId::dag_pb(&block);
        sink(&cid, &block);
        Part { cid, size, tsize: below.saturating_add(block.len() as u64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_no_file_has_do_not_wrap() {
        let mut tree = FileTree::default();
        (0..3).for_each(|_| tree.push(ContentId::raw(b"x"), u64::MAX / 2, &mut |_, _| {}));
        let root = tree.finish(&mut |_, _| {});
        assert_eq!((root.size, root.tsize), (u64::MAX, u64::MAX));
    }
}
