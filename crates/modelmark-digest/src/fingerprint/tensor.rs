//! One tensor's digests, and how to make them from its bytes.

use serde::{Deserialize, Serialize};

use super::CHUNK_BYTES;
use super::chunks::{RunDigest, RunHasher};
use super::leaf::{Facts, is_float};
use crate::Sha256Digest;

/// A tensor with the digest of its bytes: all that the three levels need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorDigest {
    /// Name as stored.
    pub name: String,
    /// Type token, such as `F32`.
    pub dtype: String,
    /// Dimensions, outermost first.
    pub shape: Vec<u64>,
    /// Number of elements.
    pub elements: u64,
    /// Length of the canonical bytes.
    pub bytes: u64,
    /// Root over the chunks of the canonical bytes (`D` of the specification).
    pub digest: Sha256Digest,
    /// The same tensor in the narrowest type that holds every element exactly; absent when that is its own type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowed: Option<Narrowed>,
}

/// A tensor in a narrower type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narrowed {
    /// Type token.
    pub dtype: String,
    /// Length of the canonical bytes in that type.
    pub bytes: u64,
    /// Root over their chunks.
    pub digest: Sha256Digest,
}

impl TensorDigest {
    pub(crate) fn of(name: &str, dtype: &str, shape: &[u64], elements: u64, run: RunDigest) -> Self {
        let RunDigest { bytes, digest, narrowed } = run;
        let narrowed = narrowed.map(|(dtype, bytes, digest)| Narrowed { dtype: dtype.to_owned(), bytes, digest });
        Self { name: name.to_owned(), dtype: dtype.to_owned(), shape: shape.to_vec(), elements, bytes, digest, narrowed }
    }

    /// Returns the leaf of level 1.
    #[must_use]
    pub fn exact_leaf(&self) -> Sha256Digest {
        self.facts().exact(&self.name)
    }

    /// Returns the leaf of level 2; `None` for tensors that take no part in it: of one element or none, or of another type than float.
    #[must_use]
    pub fn content_leaf(&self) -> Option<Sha256Digest> {
        self.is_weight().then(|| self.facts().content())
    }

    /// Returns the leaf of level 3; `None` for tensors that take no part in it.
    #[must_use]
    pub fn value_leaf(&self) -> Option<Sha256Digest> {
        let facts = match &self.narrowed {
            None => self.facts(),
            Some(Narrowed { dtype, bytes, digest }) => Facts { dtype, shape: &self.shape, bytes: *bytes, digest },
        };
        self.is_weight().then(|| facts.value())
    }

    fn is_weight(&self) -> bool {
        self.elements > 1 && is_float(&self.dtype)
    }

    const fn facts(&self) -> Facts<'_> {
        Facts { dtype: self.dtype.as_str(), shape: self.shape.as_slice(), bytes: self.bytes, digest: &self.digest }
    }
}

/// Takes the canonical bytes of one tensor.
pub struct TensorHasher {
    dtype: String,
    run: RunHasher,
}

impl TensorHasher {
    /// Starts a tensor of the type with this token.
    #[must_use]
    pub fn new(dtype: &str) -> Self {
        let mut run = RunHasher::new(16 * CHUNK_BYTES);
        run.begin(dtype);
        Self { dtype: dtype.to_owned(), run }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.run.update(bytes);
    }

    /// Returns the digests under a name and a shape. Whether the shape asks for so many bytes is for the caller to know.
    #[must_use]
    pub fn finish(self, name: &str, shape: &[u64]) -> TensorDigest {
        // Exactly one run was begun.
        let empty = || RunDigest { bytes: 0, digest: crate::merkle::empty_root(), narrowed: None };
        let run = self.run.finish().pop().unwrap_or_else(empty);
        let elements = shape.iter().fold(1_u64, |product, dim| product.saturating_mul(*dim));
        TensorDigest::of(name, &self.dtype, shape, elements, run)
    }
}
