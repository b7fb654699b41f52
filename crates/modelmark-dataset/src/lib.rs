#![doc = include_str!("../README.md")]

mod commitment;
pub mod croissant;
mod entry;
mod error;
pub mod glob;
mod leaf_list;
mod path;
mod proof;
mod rows;
mod salt;
mod set;

pub use commitment::Commitment;
pub use entry::{FileEntry, MAX_FILE_BYTES};
pub use error::DatasetError;
pub use leaf_list::{LEAF_LIST, MAX_LIST_LINE_BYTES, read_leaf_list, write_leaf_list};
pub use path::DataPath;
pub use proof::{Claim, Fault, MAX_PROOF_BYTES, Member, PROOF, Placed, Proof};
pub use rows::{MAX_ROW_BYTES, MAX_ROW_PROOF_BYTES, MAX_ROWS, ROW_PROOF, RowError, RowKind, RowProof, RowsRoot, prove_row, rows_root};
pub use salt::{Salt, SaltKey};
pub use set::{FileSet, MAX_FILES};
