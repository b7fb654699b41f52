//! Comma-separated values: rows are lists of texts, their canonical bytes those of a JSON array.

use std::fs::File;
use std::io::{self, Read};

use csv::{ByteRecord, ReaderBuilder};

use super::tree::{RowTree, Rows, leaf};
use super::{MAX_ROW_BYTES, RowError, RowKind};

const BUFFER: usize = 1 << 16;

pub(super) fn read(file: File, wanted: Option<u64>) -> Result<Rows, RowError> {
    let input = Bounded { file, taken: 0, allowed: 0 };
    let mut reader = ReaderBuilder::new().has_headers(false).buffer_capacity(BUFFER).from_reader(input);
    let mut tree = RowTree::new(wanted);
    let mut columns = None;
    let (mut record, mut row) = (ByteRecord::new(), Vec::new());
    for number in 1_u64.. {
        let begun = reader.position().byte();
        reader.get_mut().allowed = begun + MAX_ROW_BYTES;
        if !reader.read_byte_record(&mut record).map_err(|error| fault(error, number))? {
            break;
        }
        row.clear();
        canonical(&record, &mut row).map_err(|reason| RowError::Csv { record: number, reason })?;
        match columns {
            None => columns = Some(row.clone()),
            Some(_) => {
                if tree.wanted_in(1).is_some() {
                    tree.keep(row.clone())?;
                }
                tree.push(leaf(&row))?;
            }
        }
    }
    let columns = columns.ok_or_else(|| RowError::Csv { record: 1, reason: "there is no header".to_owned() })?;
    tree.finish(RowKind::Csv, &columns)
}

fn canonical(record: &ByteRecord, out: &mut Vec<u8>) -> Result<(), String> {
    let fields = record.iter().map(std::str::from_utf8).collect::<Result<Vec<_>, _>>();
    let fields = fields.map_err(|error| format!("not UTF-8: {error}"))?;
    serde_json::to_writer(out, &fields).map_err(|error| error.to_string())
}

fn fault(error: csv::Error, record: u64) -> RowError {
    let reason = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => RowError::TooLong(record),
        csv::ErrorKind::Io(error) => RowError::Io(error),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            RowError::Csv { record, reason: format!("{len} fields where the header has {expected_len}") }
        }
        _ => RowError::Csv { record, reason },
    }
}

/// Gives no more than what is allowed: the reader itself lets a record grow without end, such as one whose quote is never closed.
struct Bounded {
    file: File,
    taken: u64,
    allowed: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The reader asks for more only when what it has is no full record.
        if self.taken > self.allowed {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.file.read(buffer)?;
        self.taken += read as u64;
        Ok(read)
    }
}
