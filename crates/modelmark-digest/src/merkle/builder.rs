//! A root, and chosen inclusion proofs, from leaf hashes that stream by.

use super::node::{empty_root, level_above, node_hash};
use super::{InclusionProof, ProofError};
use crate::Sha256Digest;

// Leaves that are taken together, so that their nodes are hashed in lanes.
const BATCH_LEVEL: u32 = 10;
const BATCH: usize = 1 << BATCH_LEVEL;

/// Builds a tree from left to right, keeping the last thousand leaf hashes and the perfect subtrees before them: at most 64 hashes.
///
/// ```
/// use modelmark_digest::merkle::{TreeBuilder, leaf_hash, root};
///
/// let mut builder = TreeBuilder::watching([70_000]);
/// let mut leaves = Vec::new();
/// for number in 0_u32..100_000 {
///     leaves.push(leaf_hash(&number.to_le_bytes()));
///     builder.push(leaf_hash(&number.to_le_bytes()));
/// }
/// let (the_root, proofs) = builder.finish()?;
/// assert_eq!(the_root, root(&leaves));
/// assert!(proofs[0].verify(&leaves[70_000], &the_root));
/// # Ok::<(), modelmark_digest::merkle::ProofError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TreeBuilder {
    // Perfect subtrees of falling height, left to right; none below the height of a batch.
    done: Vec<Perfect>,
    // Leaves to the right of them, fewer than a batch.
    batch: Vec<Sha256Digest>,
    // By index.
    watched: Vec<Watched>,
}

#[derive(Clone, Copy, Debug)]
struct Perfect {
    level: u32,
    hash: Sha256Digest,
}

#[derive(Clone, Debug)]
struct Watched {
    index: u64,
    path: Vec<Sha256Digest>,
}

impl TreeBuilder {
    /// Returns a builder that notes the inclusion proofs of the leaves with these indexes.
    #[must_use]
    pub fn watching(indexes: impl IntoIterator<Item = u64>) -> Self {
        let mut indexes: Vec<u64> = indexes.into_iter().collect();
        indexes.sort_unstable();
        indexes.dedup();
        let watched = indexes.into_iter().map(|index| Watched { index, path: Vec::new() }).collect();
        Self { watched, ..Self::default() }
    }

    /// Takes the next leaf hash.
    pub fn push(&mut self, leaf: Sha256Digest) {
        self.batch.push(leaf);
        if self.batch.len() == BATCH {
            self.close_batch();
        }
    }

    /// Returns how many leaf hashes were taken.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.start_of_batch() + self.batch.len() as u64
    }

    /// Returns the root over what was taken so far.
    #[must_use]
    pub fn root(&self) -> Sha256Digest {
        let unwatched = Self { done: self.done.clone(), batch: self.batch.clone(), watched: Vec::new() };
        unwatched.fold().0
    }

    /// Returns the root and the proofs of the watched leaves, by index.
    ///
    /// # Errors
    /// [`ProofError::Index`] when a watched leaf never came.
    pub fn finish(self) -> Result<(Sha256Digest, Vec<InclusionProof>), ProofError> {
        let size = self.size();
        let (root, watched) = self.fold();
        let proofs = watched.into_iter().map(|leaf| InclusionProof::new(leaf.index, size, leaf.path));
        Ok((root, proofs.collect::<Result<_, _>>()?))
    }

    fn start_of_batch(&self) -> u64 {
        // Distinct powers of two, and nobody lives to push 2^63 leaves: the sum does not overflow.
        self.done.iter().map(|perfect| 1_u64 << perfect.level).sum()
    }

    fn close_batch(&mut self) {
        let start = self.start_of_batch();
        let leaves = std::mem::take(&mut self.batch);
        let Some(hash) = reduce(leaves, start, &mut self.watched) else { return };
        let mut right = Perfect { level: BATCH_LEVEL, hash };
        let mut start = start;
        while let Some(left) = self.done.pop_if(|left| left.level == right.level) {
            start -= 1 << left.level;
            let middle = start + (1 << left.level);
            join(&mut self.watched, start, middle, middle + (1 << right.level), (&left.hash, &right.hash));
            right = Perfect { level: right.level + 1, hash: node_hash(&left.hash, &right.hash) };
        }
        self.done.push(right);
    }

    fn fold(mut self) -> (Sha256Digest, Vec<Watched>) {
        let mut start = self.start_of_batch();
        let end = start + self.batch.len() as u64;
        let mut right = reduce(self.batch, start, &mut self.watched);
        while let Some(left) = self.done.pop() {
            let middle = start;
            start -= 1 << left.level;
            right = Some(match right {
                None => left.hash,
                Some(right) => {
                    join(&mut self.watched, start, middle, end, (&left.hash, &right));
                    node_hash(&left.hash, &right)
                }
            });
        }
        (right.unwrap_or_else(empty_root), self.watched)
    }
}

impl Extend<Sha256Digest> for TreeBuilder {
    fn extend<I: IntoIterator<Item = Sha256Digest>>(&mut self, leaves: I) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

/// Hashes a run of leaves that begins at `start` up to its root, level by level.
fn reduce(mut level: Vec<Sha256Digest>, start: u64, watched: &mut [Watched]) -> Option<Sha256Digest> {
    let mut height = 0;
    let watched = within(watched, start, start + level.len() as u64);
    while level.len() > 1 {
        for leaf in &mut *watched {
            let sibling = ((leaf.index - start) >> height) ^ 1;
            leaf.path.extend(usize::try_from(sibling).ok().and_then(|sibling| level.get(sibling)));
        }
        level = level_above(&level);
        height += 1;
    }
    level.pop()
}

/// Two subtrees meet: each is the sibling of what is watched in the other.
fn join(watched: &mut [Watched], start: u64, middle: u64, end: u64, (left, right): (&Sha256Digest, &Sha256Digest)) {
    within(watched, start, middle).iter_mut().for_each(|leaf| leaf.path.push(*right));
    within(watched, middle, end).iter_mut().for_each(|leaf| leaf.path.push(*left));
}

fn within(watched: &mut [Watched], start: u64, end: u64) -> &mut [Watched] {
    let from = watched.partition_point(|leaf| leaf.index < start);
    let to = watched.partition_point(|leaf| leaf.index < end);
    watched.get_mut(from..to).unwrap_or_default()
}
