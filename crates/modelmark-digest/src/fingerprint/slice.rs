//! Proofs that a part of a tensor is what the fingerprint binds, without the rest of the tensor.

use serde::{Deserialize, Serialize};

use super::{CHUNK_BYTES, Roots, TensorDigest};
use crate::Sha256Digest;
use crate::merkle::{InclusionProof, ProofError, TreeBuilder, leaf_hash};

/// Shows that a chunk of a tensor's canonical bytes belongs to a level 1 root.
///
/// It holds the tensor with its facts, the way from the chunk to the tensor's digest, and the way from there to the root. In JSON:
/// `{"tensor": …, "chunk": {"index": …, "size": …, "hashes": […]}, "leaf": {"index": …, "size": …, "hashes": […]}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliceProof {
    tensor: TensorDigest,
    chunk: InclusionProof,
    leaf: InclusionProof,
}

/// A slice that cannot be proven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SliceError {
    /// No tensor has this name.
    #[error("no tensor is named {0:?}")]
    Name(String),
    /// The bytes given are not those of the tensor.
    #[error("the bytes are not those of tensor {0:?}")]
    Bytes(String),
    /// No chunk has this index.
    #[error(transparent)]
    Chunk(#[from] ProofError),
}

impl SliceProof {
    /// Proves chunk number `index` of the tensor called `name`, whose canonical bytes `chunks` gives cut every [`CHUNK_BYTES`].
    ///
    /// # Errors
    /// [`SliceError`] when there is no such tensor or chunk, or the bytes are not the tensor's.
    pub fn new<C: AsRef<[u8]>>(
        tensors: &[TensorDigest],
        name: &str,
        index: u64,
        chunks: impl IntoIterator<Item = C>,
    ) -> Result<Self, SliceError> {
        let mut named: Vec<&TensorDigest> = tensors.iter().collect();
        named.sort_by(|a, b| a.name.cmp(&b.name));
        let at = named.iter().position(|tensor| tensor.name == name).ok_or_else(|| SliceError::Name(name.to_owned()))?;
        let tensor = named.get(at).copied().cloned().ok_or_else(|| SliceError::Name(name.to_owned()))?;
        let mut builder = TreeBuilder::watching([index]);
        builder.extend(chunks.into_iter().map(|chunk| leaf_of(chunk.as_ref())));
        let (digest, chunk) = builder.finish()?;
        if digest != tensor.digest {
            return Err(SliceError::Bytes(name.to_owned()));
        }
        let chunk = chunk.into_iter().next().ok_or(ProofError::Index { index, size: 0 })?;
        let leaves: Vec<Sha256Digest> = named.into_iter().map(TensorDigest::exact_leaf).collect();
        let leaf = InclusionProof::of(&leaves, at as u64)?;
        Ok(Self { tensor, chunk, leaf })
    }

    /// Returns the tensor that the chunk is a part of.
    #[must_use]
    pub const fn tensor(&self) -> &TensorDigest {
        &self.tensor
    }

    /// Returns where in the canonical bytes the chunk starts.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.chunk.index().saturating_mul(CHUNK_BYTES as u64)
    }

    /// Returns whether `chunk` is that chunk of that tensor of the model with this level 1 root ([`Roots::exact`]).
    #[must_use]
    pub fn verify(&self, chunk: &[u8], root: &Sha256Digest) -> bool {
        // A proof says how many chunks there are; the leaf binds the length, and both have to agree.
        let chunks = self.tensor.bytes.div_ceil(CHUNK_BYTES as u64);
        let end = self.tensor.bytes.saturating_sub(self.offset()).min(CHUNK_BYTES as u64);
        self.chunk.size() == chunks
            && chunk.len() as u64 == end
            && self.chunk.verify(&leaf_of(chunk), &self.tensor.digest)
            && self.leaf.verify(&self.tensor.exact_leaf(), root)
    }

    /// Does the same for a fingerprint.
    #[must_use]
    pub fn verify_in(&self, chunk: &[u8], roots: &Roots) -> bool {
        self.verify(chunk, &roots.exact)
    }
}

fn leaf_of(chunk: &[u8]) -> Sha256Digest {
    leaf_hash(Sha256Digest::of(chunk).as_bytes())
}
