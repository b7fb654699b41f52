//! The safetensors format: a strict reader of its header, and the digests of its tensors from a stream of the file.
//!
//! Stricter than other readers where they differ from each other: duplicate keys, unknown keys, holes, overlaps and trailing bytes are faults,
//! because two programs that read one file differently are what an attacker needs.

mod dtype;
mod header;
mod json;
mod stream;

pub use dtype::Dtype;
pub use header::{Header, HeaderError, MAX_HEADER_BYTES, MAX_NAME_BYTES, MAX_RANK, Tensor, read_header};
pub(crate) use stream::{TensorLeaf, TensorStream};
