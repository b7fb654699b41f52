//! The weight fingerprint, version 1: digests of tensors that do not depend on how and where a file keeps them. Normative: `docs/spec/weight-fingerprint.md`.
//!
//! ```text
//! chunks = the canonical bytes of a tensor, cut every 2^20 bytes; c_i = SHA-256(chunk i)
//! D      = root of the tree of RFC 9162 over the entries c_0, c_1, …                                  (crate::merkle)
//! L1     = root over SHA-256(0x00 ‖ "mpv1:tensor\0"  ‖ name ‖ dtype ‖ shape ‖ length ‖ D), by name       same model
//! L2     = root over SHA-256(0x00 ‖ "mpv1:content\0" ‖ dtype ‖ shape ‖ length ‖ D), each once, by hash    same material
//! L3     = root over SHA-256(0x00 ‖ "mpv1:value\0"   ‖ dtype ‖ shape ‖ length ‖ D), after narrowing       same values
//! ```
//!
//! L2 and L3 take float tensors of more than one element only. **They say nothing about which tensor is which**: two layers of one shape can be
//! swapped unseen, so nothing may be let through on them alone.
//!
//! ```
//! use modelmark_digest::fingerprint::{Roots, TensorHasher};
//!
//! let mut hasher = TensorHasher::new("F32");
//! hasher.update(&1.0_f32.to_le_bytes());
//! hasher.update(&2.0_f32.to_le_bytes());
//! let tensor = hasher.finish("a", &[2]);
//!
//! assert_eq!(tensor.narrowed.as_ref().map(|narrowed| narrowed.dtype.as_str()), Some("BF16"));
//! let roots = Roots::of(&[tensor]);
//! assert_ne!(roots.content, roots.value);
//! ```

mod chunks;
mod leaf;
mod narrow;
mod roots;
mod slice;
mod slice_of_model;
mod tensor;

use modelmark_formats::{Contents, Files, FormatError};

pub(crate) use chunks::{RunDigest, RunHasher};
pub use leaf::is_float;
pub use roots::{Overlap, Roots};
pub use slice::{MAX_SLICE_PROOF_BYTES, ProvenSlice, SLICE_PROOF, SliceError, SliceProof, TensorFacts};
pub use slice_of_model::{Run, SliceOfModel, SliceOfModelError, prove_slice};
pub use tensor::{Narrowed, TensorDigest, TensorHasher};

/// Digests the tensors that a reader of `modelmark_formats` found in a file, and in files beside it.
///
/// For models as a whole see [`digest_tensors`](crate::digest_tensors): it reads a file once for all its digests, and notices changes.
///
/// # Errors
/// When a file cannot be read, a tensor is not what it is said to be, the file is code instead of tensors, or tensors repeat their bytes without end.
pub fn tensors(contents: Contents, files: &dyn Files) -> Result<Vec<TensorDigest>, FormatError> {
    crate::tensor_stream::tensors(contents, files)
}

/// Bytes of a chunk.
pub const CHUNK_BYTES: usize = 1 << 20;
