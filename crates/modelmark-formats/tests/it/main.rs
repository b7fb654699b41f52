//! The readers against files of the reference libraries, damaged files and hostile ones.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used, reason = "a panic is a failed test")]

mod code_files;
mod configurations;
mod content;
mod gguf_files;
mod keras_files;
mod memory;
mod npz_files;
mod onnx_files;
mod pickle_files;
mod pytorch_files;
mod reference;
mod streams;
mod tensorflow_files;
mod tflite_files;
