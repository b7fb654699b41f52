//! Parquet: rows of typed values.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::{RecordBatch, StructArray};
use modelmark_digest::Sha256Digest;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::tree::{RowTree, Rows, leaf};
use super::value::{column_bytes, row_bytes};
use super::{RowError, RowKind, footer};

/// Rows that are decoded at a time, unless they are large.
const BATCH_ROWS: u64 = 8192;
/// What the rows decoded at a time should not add up to, by what the footer says of their size.
const BATCH_BYTES: u64 = 1 << 25;

pub(super) fn read(file: File, threads: usize, wanted: Option<u64>) -> Result<Rows, RowError> {
    footer::check(&file)?;
    // The reader was not written for files that lie, and some lies make it panic.
    catch_unwind(AssertUnwindSafe(|| read_checked(file, threads, wanted)))
        .unwrap_or_else(|_| Err(RowError::Table("its parts contradict each other".to_owned())))
}

fn read_checked(file: File, threads: usize, wanted: Option<u64>) -> Result<Rows, RowError> {
    // What an Arrow writer notes of its own types is left aside: the same rows by another writer are to be the same rows.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(unreadable)?;
    let columns = column_bytes(builder.schema().fields())?;
    let batch_rows = batch_rows(&builder);
    let mut tree = RowTree::new(wanted);
    for batch in builder.with_batch_size(batch_rows).build().map_err(unreadable)? {
        let batch = batch.map_err(|error| RowError::Table(error.to_string()))?;
        if let Some(row) = tree.wanted_in(batch.num_rows()) {
            let mut bytes = Vec::new();
            row_bytes(&StructArray::from(batch.clone()), row, &mut bytes)?;
            tree.keep(bytes)?;
        }
        for leaf in leaves(&batch, threads)? {
            tree.push(leaf)?;
        }
    }
    tree.finish(RowKind::Table, &columns)
}

fn unreadable(error: parquet::errors::ParquetError) -> RowError {
    RowError::Table(error.to_string())
}

fn batch_rows(builder: &ParquetRecordBatchReaderBuilder<File>) -> usize {
    let largest = builder.metadata().row_groups().iter().map(|group| {
        let rows = u64::try_from(group.num_rows()).unwrap_or(0).max(1);
        u64::try_from(group.total_byte_size()).unwrap_or(u64::MAX) / rows
    });
    let rows = BATCH_BYTES / largest.max().unwrap_or(0).max(1);
    rows.clamp(1, BATCH_ROWS) as usize
}

fn leaves(batch: &RecordBatch, threads: usize) -> Result<Vec<Sha256Digest>, RowError> {
    let rows = StructArray::from(batch.clone());
    let run = |range: std::ops::Range<usize>| {
        let mut bytes = Vec::new();
        let leaf = |row: usize| {
            bytes.clear();
            row_bytes(&rows, row, &mut bytes)?;
            Ok(leaf(&bytes))
        };
        range.map(leaf).collect::<Result<Vec<_>, RowError>>()
    };
    let share = batch.num_rows().div_ceil(threads).max(1);
    if share == batch.num_rows() {
        return run(0..share);
    }
    std::thread::scope(|scope| {
        let starts = (0..batch.num_rows()).step_by(share);
        let running: Vec<_> = starts.map(|start| scope.spawn(move || run(start..batch.num_rows().min(start + share)))).collect();
        let mut leaves = Vec::with_capacity(batch.num_rows());
        for thread in running {
            leaves.append(&mut thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(leaves)
    })
}
