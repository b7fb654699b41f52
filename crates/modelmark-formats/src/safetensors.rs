//! The safetensors format: a strict reader of its header.
//!
//! Stricter than other readers where they differ from each other: duplicate keys, unknown keys, holes, overlaps and trailing bytes are faults,
//! because two programs that read one file differently are what an attacker needs.

mod contents;
mod dtype;
mod header;
mod json;

pub(crate) use contents::FORMAT;
pub use dtype::Dtype;
pub use header::{Header, HeaderError, MAX_HEADER_BYTES, MAX_NAME_BYTES, MAX_RANK, Tensor, read_header};
