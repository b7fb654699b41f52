//! What inclusion and consistency proofs share: bounds, faults, and the walk over subtrees that makes them.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::node::{Node, node_hash};
use crate::Sha256Digest;

/// Most leaves of a tree that proofs speak about: 2^63.
pub const MAX_LEAVES: u64 = 1 << 63;

/// Most hashes of a proof; follows from [`MAX_LEAVES`].
pub const MAX_PROOF_HASHES: usize = 64;

/// A proof that no tree can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// No leaf has this index.
    #[error("a tree of {size} leaves has no leaf {index} (they count from 0)")]
    Index {
        /// The index asked for.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// Not two sizes of one growing list, the older one first. A tree without leaves is consistent with every other, which proves nothing.
    #[error("no proof leads from a tree of {old} leaves to one of {new}: the older has at least one, the newer at least as many")]
    Sizes {
        /// Leaves of the older tree.
        old: u64,
        /// Leaves of the newer tree.
        new: u64,
    },
    /// More leaves than are supported.
    #[error("a tree of {0} leaves is larger than is supported: at most {MAX_LEAVES}")]
    TooLarge(u64),
    /// Too few or too many hashes for these sizes.
    #[error("the proof has {found} hashes where a tree of this size takes {expected}")]
    Length {
        /// Hashes in the proof.
        found: usize,
        /// Hashes it must have.
        expected: u32,
    },
}

/// Reads a list of hashes, and no more of them than a proof can have.
pub(super) fn bounded_hashes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Sha256Digest>, D::Error> {
    struct Hashes;
    impl<'de> Visitor<'de> for Hashes {
        type Value = Vec<Sha256Digest>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX_PROOF_HASHES} SHA-256 digests")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut out = Vec::new();
            while let Some(hash) = list.next_element()? {
                if out.len() == MAX_PROOF_HASHES {
                    return Err(A::Error::custom(format_args!("more than {MAX_PROOF_HASHES} hashes in a proof")));
                }
                out.push(hash);
            }
            Ok(out)
        }
    }
    deserializer.deserialize_seq(Hashes)
}

/// An index and a size as they are written; what is read is checked by the proof's own constructor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInclusion {
    pub(super) index: u64,
    pub(super) size: u64,
    #[serde(deserialize_with = "bounded_hashes")]
    pub(super) hashes: Vec<Sha256Digest>,
}

/// Two sizes as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConsistency {
    pub(super) old_size: u64,
    pub(super) new_size: u64,
    #[serde(deserialize_with = "bounded_hashes")]
    pub(super) hashes: Vec<Sha256Digest>,
}

/// Splits the path of leaf `index` into hashes at which it may stand on either side, and hashes that all stand on its left: those along the
/// right edge of the tree.
pub(super) const fn path_lengths(index: u64, size: u64) -> (u32, u32) {
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    let border = match index.checked_shr(inner) {
        Some(rest) => rest.count_ones(),
        None => 0,
    };
    (inner, border)
}

/// Hashes upwards, `position` telling the side at each step.
pub(super) fn climb(from: Sha256Digest, position: u64, hashes: &[Sha256Digest]) -> Sha256Digest {
    hashes.iter().zip(0_u32..).fold(
        from,
        |below, (sibling, height)| {
            if position >> height & 1 == 0 { node_hash(&below, sibling) } else { node_hash(sibling, &below) }
        },
    )
}

/// Hashes upwards where every sibling stands on the left.
pub(super) fn climb_right_edge(from: Sha256Digest, hashes: &[Sha256Digest]) -> Sha256Digest {
    hashes.iter().fold(from, |below, left| node_hash(left, &below))
}

/// Returns the root over the leaves `start..end`, a subtree of some tree, from its perfect subtrees. There are at most 64 of them.
pub(super) fn subtree<E>(start: u64, end: u64, node: &mut impl FnMut(Node) -> Result<Sha256Digest, E>) -> Result<Sha256Digest, E> {
    let length = end - start;
    if length.is_power_of_two() {
        let level = length.trailing_zeros();
        return node(Node { level, index: start >> level });
    }
    let middle = start + split(length);
    let left = subtree(start, middle, node)?;
    Ok(node_hash(&left, &subtree(middle, end, node)?))
}

/// Returns the largest power of two below `length`, which is at least 2.
pub(super) const fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// Gives the roots of perfect subtrees of a list that is at hand.
pub(super) fn nodes_of(leaves: &[Sha256Digest]) -> impl FnMut(Node) -> Result<Sha256Digest, ProofError> {
    |node| {
        let range = usize::try_from(node.index << node.level).ok().zip(usize::try_from((node.index + 1) << node.level).ok());
        let under = range.and_then(|(start, end)| leaves.get(start..end));
        under.map(super::root).ok_or(ProofError::Index { index: node.index, size: leaves.len() as u64 })
    }
}
