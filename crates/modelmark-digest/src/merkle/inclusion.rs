//! Proofs that a leaf stands in a tree.

use serde::{Deserialize, Serialize};

use super::node::Node;
use super::proof::{MAX_LEAVES, ProofError, RawInclusion, climb, climb_right_edge, nodes_of, path_lengths, split, subtree};
use crate::Sha256Digest;

/// Shows that a leaf hash stands at an index of a tree of a known size and root (RFC 9162 section 2.1.3).
///
/// A value of this type always has as many hashes as its index and size ask for; whether they lead to a root is for [`verify`](Self::verify).
/// In JSON: `{"index": …, "size": …, "hashes": [64 hex digits, …]}`, hashes from the leaf upwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawInclusion")]
pub struct InclusionProof {
    index: u64,
    size: u64,
    hashes: Vec<Sha256Digest>,
}

impl InclusionProof {
    /// Takes a proof from elsewhere.
    ///
    /// # Errors
    /// [`ProofError`] when no tree of `size` leaves has such a proof.
    pub fn new(index: u64, size: u64, hashes: Vec<Sha256Digest>) -> Result<Self, ProofError> {
        check(index, size)?;
        let (inner, border) = path_lengths(index, size);
        if hashes.len() as u64 != u64::from(inner + border) {
            return Err(ProofError::Length { found: hashes.len(), expected: inner + border });
        }
        Ok(Self { index, size, hashes })
    }

    /// Makes the proof of leaf `index` among these leaf hashes.
    ///
    /// # Errors
    /// [`ProofError::Index`] when there is no such leaf.
    pub fn of(leaves: &[Sha256Digest], index: u64) -> Result<Self, ProofError> {
        Self::from_nodes(index, leaves.len() as u64, nodes_of(leaves))
    }

    /// Makes the proof of leaf `index` in a tree of `size` leaves whose perfect subtrees `node` knows; it is asked for at most 126 of them.
    ///
    /// # Errors
    /// [`ProofError`] for an index that is not in the tree, and whatever `node` fails with.
    pub fn from_nodes<E: From<ProofError>>(
        index: u64,
        size: u64,
        mut node: impl FnMut(Node) -> Result<Sha256Digest, E>,
    ) -> Result<Self, E> {
        check(index, size)?;
        let (mut start, mut end) = (0, size);
        let mut hashes = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                hashes.push(subtree(middle, end, &mut node)?);
                end = middle;
            } else {
                hashes.push(subtree(start, middle, &mut node)?);
                start = middle;
            }
        }
        hashes.reverse();
        Ok(Self { index, size, hashes })
    }

    /// Returns the position of the leaf, from 0.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Returns the number of leaves of the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the hashes, from the leaf upwards.
    #[must_use]
    pub fn hashes(&self) -> &[Sha256Digest] {
        &self.hashes
    }

    /// Returns the root that the tree has if `leaf` stands where the proof says.
    #[must_use]
    pub fn root(&self, leaf: &Sha256Digest) -> Sha256Digest {
        let (inner, _) = path_lengths(self.index, self.size);
        let (inner, border) = self.hashes.split_at_checked(inner as usize).unwrap_or((&self.hashes, &[]));
        climb_right_edge(climb(*leaf, self.index, inner), border)
    }

    /// Tells whether `leaf` stands at [`index`](Self::index) of the tree of [`size`](Self::size) leaves with this root.
    ///
    /// A root does not fix its tree's size by itself. Compare the size with the one that was published beside the root.
    #[must_use]
    pub fn verify(&self, leaf: &Sha256Digest, root: &Sha256Digest) -> bool {
        self.root(leaf) == *root
    }
}

impl TryFrom<RawInclusion> for InclusionProof {
    type Error = ProofError;

    fn try_from(raw: RawInclusion) -> Result<Self, ProofError> {
        Self::new(raw.index, raw.size, raw.hashes)
    }
}

fn check(index: u64, size: u64) -> Result<(), ProofError> {
    if size > MAX_LEAVES {
        return Err(ProofError::TooLarge(size));
    }
    if index >= size { Err(ProofError::Index { index, size }) } else { Ok(()) }
}
