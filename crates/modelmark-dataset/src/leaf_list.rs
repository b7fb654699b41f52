//! The list of what a root commits to, as a file: with it proofs are made without the data.

use std::io::{BufRead, Read as _, Write};

use crate::{DatasetError, FileEntry, MAX_FILES};

/// The first line of a leaf list.
pub const LEAF_LIST: &str = r#"{"format":"modelmark-dataset-leaves-v1"}"#;

/// Longest line: a path of 4,096 bytes, all of it escapes, and the rest.
pub const MAX_LIST_LINE_BYTES: u64 = 1 << 16;

/// Writes the files, one JSON object a line, by path.
///
/// # Errors
/// Those of `out`.
pub fn write_leaf_list(entries: &[FileEntry], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{LEAF_LIST}")?;
    for entry in entries {
        serde_json::to_writer(&mut *out, entry)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Reads what [`write_leaf_list`] wrote, whatever the order.
///
/// # Errors
/// [`DatasetError::LeafList`] with the line, and what `input` fails with.
pub fn read_leaf_list(mut input: impl BufRead) -> Result<Vec<FileEntry>, DatasetError> {
    let mut entries = Vec::new();
    let mut line = Vec::new();
    for number in 1_u64.. {
        let wrong = |reason: String| DatasetError::LeafList { line: number, reason };
        line.clear();
        (&mut input).take(MAX_LIST_LINE_BYTES).read_until(b'\n', &mut line)?;
        let Some(text) = line.strip_suffix(b"\n") else {
            if line.is_empty() && number > 1 {
                return Ok(entries);
            }
            return Err(wrong(if line.len() as u64 == MAX_LIST_LINE_BYTES { "too long" } else { "the list is cut off" }.to_owned()));
        };
        if number == 1 {
            if text != LEAF_LIST.as_bytes() {
                return Err(wrong(format!("not a leaf list, which begins with {LEAF_LIST}")));
            }
            continue;
        }
        if entries.len() == MAX_FILES {
            return Err(wrong(format!("more than {MAX_FILES} files")));
        }
        entries.push(serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?);
    }
    Ok(entries)
}
