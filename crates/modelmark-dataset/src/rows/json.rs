//! JSON Lines: rows are JSON texts, their canonical bytes those of RFC 8785.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::ops::Range;

use modelmark_digest::Sha256Digest;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::tree::{RowTree, Rows, leaf};
use super::{MAX_ROW_BYTES, RowError, RowKind};

/// Bytes of rows that one thread takes at a time, or one row if that is longer.
const BATCH_BYTES: usize = 1 << 20;

pub(super) fn read(file: File, threads: usize, wanted: Option<u64>) -> Result<Rows, RowError> {
    let mut lines = Lines { input: BufReader::with_capacity(1 << 16, file), taken: 0 };
    let mut tree = RowTree::new(wanted);
    loop {
        let batches = (0..threads).map_while(|_| lines.batch().transpose()).collect::<Result<Vec<_>, _>>()?;
        if batches.is_empty() {
            return tree.finish(RowKind::Json, b"");
        }
        for (leaves, batch) in hashed(&batches).into_iter().zip(&batches) {
            let leaves = leaves?;
            if let Some(number) = tree.wanted_in(leaves.len()) {
                tree.keep(batch.row(number)?)?;
            }
            for leaf in leaves {
                tree.push(leaf)?;
            }
        }
    }
}

/// Lines in full, and the number of the first.
struct Batch {
    first: u64,
    text: Vec<u8>,
}

struct Lines {
    input: BufReader<File>,
    taken: u64,
}

impl Lines {
    fn batch(&mut self) -> Result<Option<Batch>, RowError> {
        let first = self.taken + 1;
        let mut text = Vec::new();
        while text.len() < BATCH_BYTES {
            let before = text.len();
            // The line and its end, and one byte more to see that it is too long.
            (&mut self.input).take(MAX_ROW_BYTES + 2).read_until(b'\n', &mut text)?;
            if text.len() == before {
                break;
            }
            self.taken += 1;
            if text.len() - before > MAX_ROW_BYTES as usize + 1 {
                return Err(RowError::TooLong(self.taken));
            }
        }
        Ok((!text.is_empty()).then_some(Batch { first, text }))
    }
}

fn hashed(batches: &[Batch]) -> Vec<Result<Vec<Sha256Digest>, RowError>> {
    if let [only] = batches {
        return vec![only.leaves()];
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = batches.iter().map(|batch| scope.spawn(|| batch.leaves())).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

impl Batch {
    /// The lines that are rows, with their numbers.
    fn rows(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let lines = self.text.split(|byte| *byte == b'\n').zip(self.first..);
        lines.filter(|(line, _)| !line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')))
    }

    fn leaves(&self) -> Result<Vec<Sha256Digest>, RowError> {
        let mut leaves = Vec::new();
        let mut row = Vec::new();
        for (line, number) in self.rows() {
            row.clear();
            canonical(line, &mut row).map_err(|error| RowError::Json { line: number, reason: reason(&error) })?;
            leaves.push(leaf(&row));
        }
        Ok(leaves)
    }

    /// Returns the canonical bytes of one of its rows.
    fn row(&self, number: usize) -> Result<Vec<u8>, RowError> {
        let mut row = Vec::new();
        if let Some((line, number)) = self.rows().nth(number) {
            canonical(line, &mut row).map_err(|error| RowError::Json { line: number, reason: reason(&error) })?;
        }
        Ok(row)
    }
}

/// What is wrong, with the place in the line: the parser counts the line as its first.
fn reason(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

/// Appends the canonical bytes of one JSON text: RFC 8785, and integers of up to 64 bits with all their digits.
pub(super) fn canonical(text: &[u8], out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    Canonical(out).deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Writes what it reads, so that no tree of values is built.
struct Canonical<'o>(&'o mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Canonical<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Canonical<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON text")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.extend(b"null");
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.0.extend(if value { &b"true"[..] } else { b"false" });
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.0.extend(value.to_string().as_bytes());
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.0.extend(value.to_string().as_bytes());
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        serde_json_canonicalizer::to_writer(&value, self.0).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        // The shortest escapes of RFC 8785 are those of serde_json.
        serde_json::to_writer(self.0, value).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        let mut first = true;
        loop {
            let end = self.0.len();
            if !first {
                self.0.push(b',');
            }
            first = false;
            if list.next_element_seed(Canonical(self.0))?.is_none() {
                self.0.truncate(end);
                self.0.push(b']');
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let out = self.0;
        let start = out.len();
        let mut members: Vec<(String, Range<usize>)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let from = out.len() - start;
            serde_json::to_writer(&mut *out, &key).map_err(A::Error::custom)?;
            out.push(b':');
            map.next_value_seed(Canonical(out))?;
            members.push((key, from..out.len() - start));
        }
        members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        if let Some([(key, _), _]) = members.array_windows().find(|[(a, _), (b, _)]| a == b) {
            return Err(A::Error::custom(format_args!("key {:?} stands twice in one object", key.chars().take(80).collect::<String>())));
        }
        let unsorted = out.split_off(start);
        out.push(b'{');
        for (_, range) in members {
            if out.len() > start + 1 {
                out.push(b',');
            }
            out.extend(unsorted.get(range).unwrap_or_default());
        }
        out.push(b'}');
        Ok(())
    }
}
