#![doc = include_str!("../README.md")]

mod contents;
mod cursor;
mod error;
mod finding;
mod gguf;
mod npy;
mod npz;
pub mod pickle;
pub mod pytorch;
mod read;
pub mod safetensors;
mod zip;

pub use contents::{ByteRange, Contents, MAX_METADATA_ENTRIES, MAX_TEXT_BYTES, Order, Tensor};
pub use cursor::ReadAt;
pub use error::FormatError;
pub use finding::{Finding, FindingCode, Severity};
pub use gguf::GgmlType;
pub use read::{is_pointer, opening, read};
