#![doc = include_str!("../README.md")]

mod batch;
mod checkpoint;
mod entry;
mod error;
mod key;
mod proof_file;
mod reader;
mod tile;
mod writer;

pub use batch::Batch;
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use entry::{Entry, EntryKind};
pub use error::LogError;
pub use key::{LogKey, VerifierKey};
pub use proof_file::ProofFile;
pub use reader::LogReader;
pub use tile::MAX_ENTRY_BYTES;
pub use writer::LogWriter;
