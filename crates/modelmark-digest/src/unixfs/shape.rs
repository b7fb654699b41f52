//! What a file's size alone says about its tree: how many bytes all its blocks have.

use super::node::Dag;
use super::wire::varint_len;
use crate::{CidProfile, ContentId};

/// Returns the tree of the file of `size` bytes whose root is `cid`, without its content.
///
/// The shape of the tree, and so the length of every block, follows from the size. Takes as many steps as the tree has levels.
#[must_use]
pub fn file_dag(profile: CidProfile, cid: ContentId, size: u64) -> Dag {
    let leaf = profile.leaf_bytes() as u64;
    let (whole, rest) = (size / leaf, size % leaf);
    let last = (rest > 0).then_some(Piece { size: rest, tsize: rest });
    let mut level = Level { full: whole, each: Piece { size: leaf, tsize: leaf }, last };
    while level.len() > 1 {
        level = level.above(profile.max_links() as u64);
    }
    let tsize = match level {
        Level { last: Some(root), .. } => root.tsize,
        Level { full: 0, .. } => 0,
        Level { each, .. } => each.tsize,
    };
    Dag { cid, size, tsize }
}

/// Bytes of content and of all blocks of a subtree.
#[derive(Clone, Copy, Default)]
struct Piece {
    size: u64,
    tsize: u64,
}

/// One level of the tree: equal full subtrees, and perhaps a smaller one behind them.
struct Level {
    full: u64,
    each: Piece,
    last: Option<Piece>,
}

impl Level {
    fn len(&self) -> u64 {
        self.full + u64::from(self.last.is_some())
    }

    fn above(&self, most: u64) -> Self {
        let (full, rest) = (self.full / most, self.full % most);
        // A node that is nowhere in the tree is not measured: it could be larger than any file.
        let each = if full > 0 { node(most, self.each, None) } else { Piece::default() };
        let last = (rest > 0 || self.last.is_some()).then(|| node(rest, self.each, self.last));
        Self { full, each, last }
    }
}

/// Measures the node over `count` equal parts and one more, as [`encode`](super::encode()) would write it.
fn node(count: u64, each: Piece, last: Option<Piece>) -> Piece {
    let parts = [(count, each), (u64::from(last.is_some()), last.unwrap_or_default())];
    let sum = |of: fn(&Piece) -> u64| parts.iter().fold(0_u64, |sum, (count, part)| sum.saturating_add(count.saturating_mul(of(part))));
    let size = sum(|part| part.size);
    let links = sum(|part| field(LINK_BYTES + varint_len(part.tsize)));
    let data = 2 + 1 + varint_len(size) + sum(|part| 1 + varint_len(part.size));
    let block = links + field(data);
    Piece { size, tsize: sum(|part| part.tsize).saturating_add(block) }
}

/// Bytes of a link without its `Tsize`: the CID of 36 bytes with tag and length, an empty name, and a tag.
const LINK_BYTES: u64 = 38 + 2 + 1;

/// Bytes of a length-delimited field.
fn field(length: u64) -> u64 {
    1 + varint_len(length) + length
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a panic is a failed test")]
    use proptest::prelude::*;

    use super::*;
    use crate::unixfs::FileTree;

    /// The tree of a file of this size, built leaf by leaf.
    fn built(profile: CidProfile, size: u64) -> Dag {
        let (cid, leaf) = (ContentId::raw(b"leaf"), profile.leaf_bytes() as u64);
        let mut tree = FileTree::new(profile);
        (0..size / leaf).for_each(|_| tree.push(cid, leaf, &mut |_, _| {}));
        if !size.is_multiple_of(leaf) {
            tree.push(cid, size % leaf, &mut |_, _| {});
        }
        tree.finish(&mut |_, _| {})
    }

    fn agrees(profile: CidProfile, size: u64) {
        let built = built(profile, size);
        assert_eq!(file_dag(profile, built.cid, size), built, "{profile} {size}");
    }

    #[test]
    fn agrees_with_the_builder_where_a_tree_grows() {
        for profile in CidProfile::ALL {
            let (leaf, links) = (profile.leaf_bytes() as u64, profile.max_links() as u64);
            for leaves in [
                0,
                1,
                2,
                links - 1,
                links,
                links + 1,
                2 * links,
                links * links - 1,
                links * links,
                links * links + 1,
                links * links + links,
            ] {
                for size in [(leaves * leaf).saturating_sub(1), leaves * leaf, leaves * leaf + 1] {
                    agrees(profile, size);
                }
            }
        }
    }

    #[test]
    fn sizes_that_no_file_has_end_too() {
        for size in [(1 << 53) - 1, 1 << 63, u64::MAX] {
            assert!(CidProfile::ALL.iter().all(|profile| file_dag(*profile, ContentId::raw(b""), size).tsize >= size));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn agrees_with_the_builder(which in 0..2_usize, leaves in 0_u64..40_000, rest in 0..256_u64 << 10) {
            let profile = CidProfile::ALL[which];
            agrees(profile, leaves * profile.leaf_bytes() as u64 + rest);
        }
    }
}
