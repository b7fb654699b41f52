//! Roots over the rows of a file, which survive its being written anew.

mod csv;
mod footer;
mod json;
mod proof;
mod table;
mod tree;
mod value;

use std::fs::File;
use std::num::NonZeroUsize;

use modelmark_digest::Sha256Digest;
use serde::{Deserialize, Serialize};

pub use self::proof::{MAX_ROW_PROOF_BYTES, ROW_PROOF, RowProof};
use self::tree::Rows;

/// Longest row of a text file in bytes, 16 MiB; it is held in memory.
pub const MAX_ROW_BYTES: u64 = 1 << 24;

/// Most rows of a file.
pub const MAX_ROWS: u64 = 1 << 36;

/// How a file holds rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// One JSON text a line.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// A Parquet file.
    Table,
}

/// The rows of a file in one digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowsRoot {
    /// What kind of rows they are.
    pub kind: RowKind,
    /// How many there are.
    pub rows: u64,
    /// The root.
    pub root: Sha256Digest,
}

/// Rows that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// The system refused to read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A row that is longer than [`MAX_ROW_BYTES`].
    #[error("row {0} is longer than {MAX_ROW_BYTES} bytes")]
    TooLong(u64),
    /// More than [`MAX_ROWS`].
    #[error("more than {MAX_ROWS} rows")]
    TooMany,
    /// Asked to prove a row that is not there.
    #[error("there is no row {index}, of {rows} counted from 0")]
    NoRow {
        /// The row asked for, from 0.
        index: u64,
        /// How many there are.
        rows: u64,
    },
    /// A line that is no JSON text, or one without a canonical form.
    #[error("line {line}: {reason}")]
    Json {
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A record that cannot be read.
    #[error("record {record}: {reason}")]
    Csv {
        /// The record, from 1, the header being the first.
        record: u64,
        /// What is wrong.
        reason: String,
    },
    /// A Parquet file that cannot be read.
    #[error("not a readable Parquet file: {0}")]
    Table(String),
    /// A column type without a canonical form.
    #[error("column {column:?} has the type {kind}, for which no row encoding is defined")]
    Type {
        /// Path of the column.
        column: String,
        /// Its type.
        kind: String,
    },
}

impl RowKind {
    /// Returns the kind that a file of this name is read as: `.jsonl` and `.ndjson`, `.csv`, `.parquet`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Table),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Table => "table",
        }
    }
}

/// Reads the rows of `file` and returns their root. Text files are read from the start to the end in bounded memory; a Parquet file needs as much as its
/// largest pages.
///
/// # Errors
/// [`RowError`] with the row and its fault.
pub fn rows_root(file: File, kind: RowKind, threads: Option<NonZeroUsize>) -> Result<RowsRoot, RowError> {
    rows(file, kind, threads, None).map(|rows| rows.root)
}

/// Reads all rows of `file` as [`rows_root`] does, and proves the row `index`, counted from 0.
///
/// # Errors
/// [`RowError`]; also when there is no such row, or it or the columns have more than [`MAX_ROW_BYTES`] canonical bytes.
pub fn prove_row(file: File, kind: RowKind, threads: Option<NonZeroUsize>, index: u64) -> Result<RowProof, RowError> {
    let rows = rows(file, kind, threads, Some(index))?;
    rows.proof.ok_or(RowError::NoRow { index, rows: rows.root.rows })
}

fn rows(file: File, kind: RowKind, threads: Option<NonZeroUsize>, wanted: Option<u64>) -> Result<Rows, RowError> {
    let threads = threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    match kind {
        RowKind::Json => json::read(file, threads, wanted),
        RowKind::Csv => csv::read(file, wanted),
        RowKind::Table => table::read(file, threads, wanted),
    }
}
