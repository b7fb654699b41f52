//! Proofs that bytes of a tensor are what the fingerprint binds, without the rest of the tensor or of the model.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::leaf::Facts;
use super::{CHUNK_BYTES, TensorDigest};
use crate::Sha256Digest;
use crate::merkle::{InclusionProof, ProofError, leaf_hash, node_hash};
use crate::partial::KnownLeaves;

/// What a document of this kind says it is.
pub const SLICE_PROOF: &str = "modelmark-slice-proof-v1";

/// Longest document that is read, in bytes: of a slice of almost a tebibyte.
pub const MAX_SLICE_PROOF_BYTES: usize = 1 << 26;

/// Largest tensor that a proof speaks of, 2^53 - 1 bytes: what JSON numbers reach.
const MAX_BYTES: u64 = (1 << 53) - 1;

const CHUNK: u64 = CHUNK_BYTES as u64;

/// Shows which chunks of a tensor's canonical bytes a level 1 root binds; not to be trusted before [`SliceProof::check`].
///
/// It holds the tensor with its facts, the digests of the chunks that hold the slice, the roots of what lies around them in the tensor, and the way from the
/// tensor to the root of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliceProof {
    format: String,
    tensor: TensorFacts,
    leaf: InclusionProof,
    range: Span,
    chunks: Vec<Sha256Digest>,
    hashes: Vec<Sha256Digest>,
}

/// What a level 1 leaf binds of a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorFacts {
    /// Name as stored.
    pub name: String,
    /// Type token, such as `F32`.
    pub dtype: String,
    /// Dimensions, outermost first.
    pub shape: Vec<u64>,
    /// Length of the canonical bytes.
    pub bytes: u64,
    /// Root over the chunks of the canonical bytes (`D` of the specification).
    pub digest: Sha256Digest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    start: u64,
    end: u64,
}

/// A slice that cannot be proven, or a proof that proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SliceError {
    /// Not a document of this kind.
    #[error("not a slice proof: {0}")]
    Document(String),
    /// No tensor has this name.
    #[error("no tensor is named {0:?}")]
    Name(String),
    /// A slice without a byte, or one that leaves the tensor.
    #[error("the bytes {start}..{end} are not in a tensor of {bytes} bytes")]
    Range {
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// Length of the tensor's canonical bytes.
        bytes: u64,
    },
    /// The chunks given are not those of the tensor.
    #[error("the chunks are not those of tensor {0:?}")]
    Chunks(String),
    /// The tensor is not under the root.
    #[error("the tensor {0:?}, as the proof describes it, is not in the model with this root")]
    OtherModel(String),
    /// An inclusion proof that no tree has.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl SliceProof {
    /// Proves the bytes `range` of the tensor called `name` among all `tensors` of a model; `chunks` are the SHA-256 of all its chunks.
    ///
    /// # Errors
    /// [`SliceError`] when there is no such tensor or range, or the chunks are not the tensor's.
    pub fn new(tensors: &[TensorDigest], name: &str, range: Range<u64>, chunks: &[Sha256Digest]) -> Result<Self, SliceError> {
        let mut named: Vec<&TensorDigest> = tensors.iter().collect();
        named.sort_by(|a, b| a.name.cmp(&b.name));
        let place = named.binary_search_by(|tensor| tensor.name.as_str().cmp(name)).ok();
        let (at, tensor) = place.and_then(|at| Some((at, *named.get(at)?))).ok_or_else(|| SliceError::Name(name.to_owned()))?;
        let wanted = covering(&range, tensor.bytes)?;
        let entries: Vec<Sha256Digest> = chunks.iter().map(|chunk| leaf_hash(chunk.as_bytes())).collect();
        if chunks.len() as u64 != tensor.bytes.div_ceil(CHUNK) || crate::merkle::root(&entries) != tensor.digest {
            return Err(SliceError::Chunks(name.to_owned()));
        }
        let mut hashes = Vec::new();
        around(&entries, 0, &wanted, &mut hashes);
        let leaves: Vec<Sha256Digest> = named.iter().map(|tensor| tensor.exact_leaf()).collect();
        Ok(Self {
            format: SLICE_PROOF.to_owned(),
            tensor: TensorFacts::of(tensor),
            leaf: InclusionProof::of(&leaves, at as u64)?,
            range: Span { start: range.start, end: range.end },
            chunks: chunks.get(wanted).unwrap_or_default().to_vec(),
            hashes,
        })
    }

    /// Reads a document. Time and memory are bounded by its length.
    ///
    /// # Errors
    /// [`SliceError`] when it is none, or speaks of bytes that its tensor does not have.
    pub fn parse(bytes: &[u8]) -> Result<Self, SliceError> {
        let wrong = |reason: String| SliceError::Document(reason);
        if bytes.len() > MAX_SLICE_PROOF_BYTES {
            return Err(wrong(format!("more than {MAX_SLICE_PROOF_BYTES} bytes")));
        }
        let proof: Self = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        if proof.format != SLICE_PROOF {
            return Err(wrong(format!("its format is {:?}, not {SLICE_PROOF:?}", proof.format.chars().take(80).collect::<String>())));
        }
        if proof.tensor.bytes > MAX_BYTES {
            return Err(wrong(format!("{} bytes are more than 2^53 - 1", proof.tensor.bytes)));
        }
        covering(&proof.range(), proof.tensor.bytes)?;
        Ok(proof)
    }

    /// Returns the tensor that the proof says it is about.
    #[must_use]
    pub const fn tensor(&self) -> &TensorFacts {
        &self.tensor
    }

    /// Returns the bytes that were asked for, of the tensor's canonical ones.
    #[must_use]
    pub const fn range(&self) -> Range<u64> {
        self.range.start..self.range.end
    }

    /// Returns how many tensors the model has by the proof's own word. Compare it with the number on the record.
    #[must_use]
    pub const fn tensors(&self) -> u64 {
        self.leaf.size()
    }

    /// Holds the proof against the level 1 root of a model ([`Roots::exact`](super::Roots)), and returns the chunks, which are to be trusted as that root is.
    ///
    /// # Errors
    /// [`SliceError`] when it does not lead from the root to these chunks.
    pub fn check(&self, root: &Sha256Digest) -> Result<ProvenSlice, SliceError> {
        let tensor = &self.tensor;
        if !self.leaf.verify(&tensor.leaf(), root) {
            return Err(SliceError::OtherModel(tensor.name.clone()));
        }
        let wanted = covering(&self.range(), tensor.bytes)?;
        let mut inside = Inside { wanted: &wanted, chunks: self.chunks.iter(), hashes: self.hashes.iter() };
        // As many chunks as there are in memory.
        let all = usize::try_from(tensor.bytes.div_ceil(CHUNK)).unwrap_or(usize::MAX);
        let found = inside.root(0..all);
        if found != Some(tensor.digest) || inside.chunks.len() + inside.hashes.len() > 0 {
            return Err(SliceError::Chunks(tensor.name.clone()));
        }
        Ok(ProvenSlice { bytes: tensor.bytes, wanted, chunks: self.chunks.clone() })
    }
}

impl TensorFacts {
    fn of(tensor: &TensorDigest) -> Self {
        let TensorDigest { name, dtype, shape, bytes, digest, .. } = tensor;
        Self { name: name.clone(), dtype: dtype.clone(), shape: shape.clone(), bytes: *bytes, digest: *digest }
    }

    fn leaf(&self) -> Sha256Digest {
        Facts { dtype: &self.dtype, shape: &self.shape, bytes: self.bytes, digest: &self.digest }.exact(&self.name)
    }
}

/// The numbers of the chunks that hold `range`.
fn covering(range: &Range<u64>, bytes: u64) -> Result<Range<usize>, SliceError> {
    let Range { start, end } = *range;
    if start >= end || end > bytes {
        return Err(SliceError::Range { start, end, bytes });
    }
    let number = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    Ok(number(start / CHUNK)..number(end.div_ceil(CHUNK)))
}

/// The number of leaves on the left of a tree of `count`, which is at least 2.
const fn left_of(count: usize) -> usize {
    1 << (count - 1).ilog2()
}

/// Notes the roots of the largest subtrees of `leaves`, the first of which has the number `start`, that hold none of the `wanted`, from left to right.
fn around(leaves: &[Sha256Digest], start: usize, wanted: &Range<usize>, hashes: &mut Vec<Sha256Digest>) {
    let end = start + leaves.len();
    if end <= wanted.start || wanted.end <= start {
        hashes.push(crate::merkle::root(leaves));
    } else if (start < wanted.start || wanted.end < end)
        && let Some((left, right)) = leaves.split_at_checked(left_of(leaves.len()))
    {
        around(left, start, wanted, hashes);
        around(right, start + left.len(), wanted, hashes);
    }
}

/// What a proof says of the chunks inside and around a slice, taken from left to right.
struct Inside<'p> {
    wanted: &'p Range<usize>,
    chunks: std::slice::Iter<'p, Sha256Digest>,
    hashes: std::slice::Iter<'p, Sha256Digest>,
}

impl Inside<'_> {
    /// Returns the root of the subtree over the chunks with these numbers; nothing when the proof is too short. Ends early then: the number of chunks is
    /// anybody's word until the end, and recursion is as deep as its logarithm.
    fn root(&mut self, part: Range<usize>) -> Option<Sha256Digest> {
        if part.end <= self.wanted.start || self.wanted.end <= part.start {
            return self.hashes.next().copied();
        }
        let count = part.end - part.start;
        if count == 1 {
            return self.chunks.next().map(|chunk| leaf_hash(chunk.as_bytes()));
        }
        let middle = part.start + left_of(count);
        let left = self.root(part.start..middle)?;
        Some(node_hash(&left, &self.root(middle..part.end)?))
    }
}

/// The chunks that hold a slice of a tensor, known to be those of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenSlice {
    bytes: u64,
    wanted: Range<usize>,
    chunks: Vec<Sha256Digest>,
}

impl ProvenSlice {
    /// Returns the numbers of the chunks.
    #[must_use]
    pub fn indexes(&self) -> Range<usize> {
        self.wanted.clone()
    }

    /// Returns the canonical bytes of those chunks: what has to be at hand to verify the slice.
    #[must_use]
    pub fn span(&self) -> Range<u64> {
        self.place(self.wanted.start).start..self.place(self.wanted.end.saturating_sub(1)).end
    }
}

impl KnownLeaves for ProvenSlice {
    fn place(&self, index: usize) -> Range<u64> {
        let start = (index as u64).saturating_mul(CHUNK).min(self.bytes);
        start..start.saturating_add(CHUNK).min(self.bytes)
    }

    fn digest(&self, index: usize) -> Option<Sha256Digest> {
        index.checked_sub(self.wanted.start).and_then(|index| self.chunks.get(index)).copied()
    }
}
