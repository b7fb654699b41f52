//! Proofs that a list only grew.

use serde::{Deserialize, Serialize};

use super::node::Node;
use super::proof::{MAX_LEAVES, ProofError, RawConsistency, climb, climb_right_edge, nodes_of, path_lengths, split, subtree};
use crate::Sha256Digest;

/// Shows that the first leaves of a tree are all the leaves of an older one (RFC 9162 section 2.1.4).
///
/// A value of this type always has as many hashes as its sizes ask for. In JSON: `{"old_size": …, "new_size": …, "hashes": […]}`.
///
/// ```
/// use modelmark_digest::merkle::{ConsistencyProof, leaf_hash, root};
///
/// let list: Vec<_> = (0_u8..7).map(|entry| leaf_hash(&[entry])).collect();
/// let proof = ConsistencyProof::of(&list, 3)?;
/// assert!(proof.verify(&root(&list[..3]), &root(&list)));
/// # Ok::<(), modelmark_digest::merkle::ProofError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawConsistency")]
pub struct ConsistencyProof {
    old_size: u64,
    new_size: u64,
    hashes: Vec<Sha256Digest>,
}

impl ConsistencyProof {
    /// Takes a proof from elsewhere.
    ///
    /// # Errors
    /// [`ProofError`] when no two trees of these sizes have such a proof.
    pub fn new(old_size: u64, new_size: u64, hashes: Vec<Sha256Digest>) -> Result<Self, ProofError> {
        check(old_size, new_size)?;
        let expected = Shape::of(old_size, new_size).hashes();
        if hashes.len() as u64 != u64::from(expected) {
            return Err(ProofError::Length { found: hashes.len(), expected });
        }
        Ok(Self { old_size, new_size, hashes })
    }

    /// Makes the proof that the first `old_size` of these leaf hashes are the older tree.
    ///
    /// # Errors
    /// [`ProofError::Sizes`] when `old_size` is 0 or more than there are.
    pub fn of(leaves: &[Sha256Digest], old_size: u64) -> Result<Self, ProofError> {
        Self::from_nodes(old_size, leaves.len() as u64, nodes_of(leaves))
    }

    /// Makes the proof for two sizes of a tree whose perfect subtrees `node` knows; it is asked for at most 126 of them.
    ///
    /// # Errors
    /// [`ProofError`] for sizes without a proof, and whatever `node` fails with.
    pub fn from_nodes<E: From<ProofError>>(
        old_size: u64,
        new_size: u64,
        mut node: impl FnMut(Node) -> Result<Sha256Digest, E>,
    ) -> Result<Self, E> {
        check(old_size, new_size)?;
        let (mut start, mut end) = (0, new_size);
        let mut hashes = Vec::new();
        // Down to the subtree that ends where the older tree ends.
        while end > old_size {
            let middle = start + split(end - start);
            if old_size <= middle {
                hashes.push(subtree(middle, end, &mut node)?);
                end = middle;
            } else {
                hashes.push(subtree(start, middle, &mut node)?);
                start = middle;
            }
        }
        // When that is the whole older tree, the verifier has its root already.
        if start > 0 {
            hashes.push(subtree(start, end, &mut node)?);
        }
        hashes.reverse();
        Ok(Self { old_size, new_size, hashes })
    }

    /// Returns the number of leaves of the older tree.
    #[must_use]
    pub const fn old_size(&self) -> u64 {
        self.old_size
    }

    /// Returns the number of leaves of the newer tree.
    #[must_use]
    pub const fn new_size(&self) -> u64 {
        self.new_size
    }

    /// Returns the hashes, lowest first.
    #[must_use]
    pub fn hashes(&self) -> &[Sha256Digest] {
        &self.hashes
    }

    /// Tells whether the tree with `old_root` is the beginning of the tree with `new_root`.
    #[must_use]
    pub fn verify(&self, old_root: &Sha256Digest, new_root: &Sha256Digest) -> bool {
        let shape = Shape::of(self.old_size, self.new_size);
        let (seed, rest) = match self.hashes.split_first() {
            Some((seed, rest)) if shape.seeded => (seed, rest),
            _ => (old_root, self.hashes.as_slice()),
        };
        let Some((inner, border)) = rest.split_at_checked(shape.inner as usize) else { return false };
        let lefts: Vec<Sha256Digest> =
            inner.iter().zip(0_u32..).filter(|(_, height)| shape.position >> height & 1 == 1).map(|(hash, _)| *hash).collect();
        let old = climb_right_edge(climb_right_edge(*seed, &lefts), border);
        let new = climb_right_edge(climb(*seed, shape.position, inner), border);
        old == *old_root && new == *new_root
    }
}

/// How the path from the older tree's last perfect subtree to the newer root runs.
struct Shape {
    // Whether the proof begins with the hash of that subtree, because it is not the whole older tree.
    seeded: bool,
    // Place of the subtree on its level.
    position: u64,
    inner: u32,
    border: u32,
}

impl Shape {
    const fn of(old_size: u64, new_size: u64) -> Self {
        if old_size == new_size {
            return Self { seeded: false, position: 0, inner: 0, border: 0 };
        }
        let (inner, border) = path_lengths(old_size - 1, new_size);
        let level = old_size.trailing_zeros();
        Self { seeded: !old_size.is_power_of_two(), position: (old_size - 1) >> level, inner: inner - level, border }
    }

    const fn hashes(&self) -> u32 {
        self.seeded as u32 + self.inner + self.border
    }
}

impl TryFrom<RawConsistency> for ConsistencyProof {
    type Error = ProofError;

    fn try_from(raw: RawConsistency) -> Result<Self, ProofError> {
        Self::new(raw.old_size, raw.new_size, raw.hashes)
    }
}

fn check(old: u64, new: u64) -> Result<(), ProofError> {
    if new > MAX_LEAVES {
        return Err(ProofError::TooLarge(new));
    }
    if old == 0 || old > new { Err(ProofError::Sizes { old, new }) } else { Ok(()) }
}
