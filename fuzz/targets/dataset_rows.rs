//! Rows of JSON Lines, CSV and Parquet files; the first byte chooses which. The same rows on one thread and on three.
#![no_main]

use std::io::{Seek as _, Write as _};
use std::num::NonZeroUsize;

use libfuzzer_sys::fuzz_target;
use modelmark_dataset::{RowKind, rows_root};

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else { return };
    let kind = [RowKind::Json, RowKind::Csv, RowKind::Table][usize::from(choice % 3)];
    let read = |threads| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        rows_root(file, kind, NonZeroUsize::new(threads)).ok()
    };
    assert_eq!(read(1), read(3));
});
