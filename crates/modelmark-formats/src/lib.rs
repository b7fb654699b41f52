#![doc = include_str!("../README.md")]

mod beside;
mod contents;
mod cursor;
mod element;
mod error;
mod few;
mod finding;
mod gguf;
mod hdf5;
mod index;
mod keras;
mod npy;
mod npz;
mod onnx;
pub mod pickle;
mod protobuf;
pub mod pytorch;
mod read;
pub mod safetensors;
mod stream;
mod tensor;
mod tensorflow;
mod tflite;
mod zip;

pub use beside::plain_path;
pub use contents::{Contents, MAX_METADATA_ENTRIES, MAX_TEXT_BYTES};
pub use cursor::ReadAt;
pub use element::ElementLayout;
pub use error::FormatError;
pub use few::first_few;
pub use finding::{Finding, FindingCode, Severity};
pub use gguf::GgmlType;
pub use index::{MAX_INDEX_BYTES, Shard, ShardIndex, is_index};
pub use read::{is_pointer, opening, read};
pub use stream::{Alone, Files, stream};
pub use tensor::{ByteRange, Endian, Filter, Piece, Pieces, Source, Tensor, column_major};
