//! The public face of the crate: vectors of the slow twin and of pyarrow, proofs that hold and proofs that must not, and files that lie.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a failed test")]

mod content;
mod croissant;
mod files;
mod hostile;
mod proofs;
mod row_proofs;
mod rows;
