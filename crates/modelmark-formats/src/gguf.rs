//! GGUF, the format of llama.cpp: versions 2 and 3, in both byte orders.
//!
//! Source: `docs/gguf.md` and `src/gguf.cpp` of ggml. As strict as ggml, which demands tensors that follow each other with nothing but padding
//! between; stricter in that names are UTF-8 without control characters. Version 1 (32-bit counts, never widely used) is recognised and refused. Nested
//! arrays are refused, as ggml does. A big-endian file is told by its version, there is no other mark; the numbers inside its quantised blocks are
//! reversed too, in ways that differ by type, so such blocks are given as stored, under types of their own (`GGML:>Q4_K`).

mod ggml_type;
mod value;

use std::collections::HashSet;

pub use ggml_type::GgmlType;

use crate::contents::{Contents, FindingCode, elements};
use crate::cursor::Cursor;
use crate::read::Format;
use crate::{ByteRange, Endian, FormatError, ReadAt, Tensor};
use value::Value;

pub(crate) const FORMAT: Format =
    Format { token: "gguf", extensions: &["gguf"], recognises: |opening| opening.starts_with(MAGIC), read: |file, _| read(file) };

const MAGIC: &[u8; 4] = b"GGUF";
const DEFAULT_ALIGNMENT: u64 = 32;
const MAX_KEY_BYTES: u64 = 65_535;
const MAX_NAME_BYTES: u64 = 4096;
/// As `GGML_MAX_DIMS`.
const MAX_RANK: u32 = 4;
// Least bytes in the file of a pair (length, one character, type, one byte) and of a tensor (length, one character, rank, type, offset).
const MIN_PAIR_BYTES: u64 = 8 + 1 + 4 + 1;
const MIN_TENSOR_BYTES: u64 = 8 + 1 + 4 + 4 + 8;

/// A tensor as the header describes it.
struct Info {
    name: String,
    kind: GgmlType,
    shape: Vec<u64>,
    // From the start of the data.
    offset: u64,
}

fn read(file: &dyn ReadAt) -> Result<Contents, FormatError> {
    let mut cursor = Cursor::new(file)?;
    let (version, endian) = version(&mut cursor)?;
    let (tensors, pairs) = counts(&mut cursor)?;
    let mut contents = Contents::of(FORMAT.token);
    contents.describe("gguf.version", &version.to_string());
    let alignment = metadata(&mut cursor, pairs, &mut contents)?;
    let infos = infos(&mut cursor, tensors)?;
    place(infos, cursor.position(), cursor.position() + cursor.left(), alignment, &mut contents)?;
    if endian == Endian::Big {
        contents.describe("gguf.byteOrder", "big-endian");
        contents.tensors.iter_mut().for_each(turn);
    }
    Ok(contents)
}

/// Reads the version, and from it the order of bytes that the rest of the file has.
fn version(cursor: &mut Cursor<'_>) -> Result<(u32, Endian), FormatError> {
    if cursor.array::<4>("the magic number")? != *MAGIC {
        return Err(FormatError::malformed(0, "the file does not start with GGUF"));
    }
    let version = cursor.u32("the version")?;
    let (version, endian) = if version & 0xffff == 0 { (version.swap_bytes(), Endian::Big) } else { (version, Endian::Little) };
    if endian == Endian::Big {
        cursor.turn_big_endian();
    }
    match version {
        2 | 3 => Ok((version, endian)),
        _ => Err(FormatError::Unsupported(format!("GGUF version {version}"))),
    }
}

/// Reads the number of tensors and of metadata pairs.
fn counts(cursor: &mut Cursor<'_>) -> Result<(u64, u64), FormatError> {
    let tensors = cursor.u64("the number of tensors")?;
    let pairs = cursor.u64("the number of metadata pairs")?;
    possible("metadata pairs", pairs, cursor.left() / MIN_PAIR_BYTES)?;
    possible("tensors", tensors, cursor.left() / MIN_TENSOR_BYTES)?;
    Ok((tensors, pairs))
}

/// Marks a tensor as one of a big-endian file.
fn turn(tensor: &mut Tensor) {
    tensor.source.endian = Endian::Big;
    if let Some(quantised) = tensor.dtype.strip_prefix("GGML:") {
        tensor.dtype = format!("GGML:>{quantised}");
    }
}

fn possible(what: &'static str, declared: u64, limit: u64) -> Result<(), FormatError> {
    if declared <= limit { Ok(()) } else { Err(FormatError::Limit { what, declared, limit }) }
}

/// Reads the metadata into `contents` and returns the alignment of tensors.
fn metadata(cursor: &mut Cursor<'_>, pairs: u64, contents: &mut Contents) -> Result<u64, FormatError> {
    let mut alignment = DEFAULT_ALIGNMENT;
    let mut seen = HashSet::new();
    for _ in 0..pairs {
        let at = cursor.position();
        let length = cursor.u64("the length of a key")?;
        let key = cursor.name(length, MAX_KEY_BYTES, "a metadata key")?;
        if key.is_empty() {
            return Err(FormatError::malformed(at, "empty metadata key"));
        }
        let value = Value::read(cursor)?;
        if key == "general.alignment" {
            alignment = aligned(at, &value)?;
        }
        contents.describe(&key, &value.to_string());
        if let Some(twin) = seen.replace(key) {
            return Err(FormatError::malformed(at, format!("two metadata keys {twin:?}")));
        }
    }
    Ok(alignment)
}

/// A power of two and a multiple of eight, as the format asks.
fn aligned(at: u64, value: &Value) -> Result<u64, FormatError> {
    match value {
        Value::U32(alignment) if alignment.is_power_of_two() && *alignment >= 8 => Ok((*alignment).into()),
        other => Err(FormatError::malformed(at, format!("general.alignment is {other}, not a u32 power of two of at least 8"))),
    }
}

fn infos(cursor: &mut Cursor<'_>, count: u64) -> Result<Vec<Info>, FormatError> {
    // Grows with what was really read: the count is only known to be possible.
    let mut infos = Vec::new();
    let mut seen = HashSet::new();
    for _ in 0..count {
        let info = info(cursor)?;
        if !seen.insert(info.name.clone()) {
            return Err(FormatError::tensor(&info.name, "two tensors have this name"));
        }
        infos.push(info);
    }
    Ok(infos)
}

fn info(cursor: &mut Cursor<'_>) -> Result<Info, FormatError> {
    let at = cursor.position();
    let length = cursor.u64("the length of a tensor's name")?;
    let name = cursor.name(length, MAX_NAME_BYTES, "a tensor's name")?;
    if name.is_empty() {
        return Err(FormatError::malformed(at, "empty name of a tensor"));
    }
    let rank = cursor.u32("the rank of a tensor")?;
    possible("dimensions", rank.into(), MAX_RANK.into())?;
    let mut shape = Vec::new();
    for _ in 0..rank {
        shape.push(cursor.u64("the shape of a tensor")?);
    }
    let number = cursor.u32("the type of a tensor")?;
    let kind = GgmlType::from_number(number).ok_or_else(|| FormatError::tensor(&name, unknown(number)))?;
    let offset = cursor.u64("the offset of a tensor")?;
    let rows = shape.first().copied().unwrap_or(1);
    if !rows.is_multiple_of(kind.block_elements()) {
        let fault = format!("rows of {rows} elements are no whole blocks of {} ({kind})", kind.block_elements());
        return Err(FormatError::tensor(&name, fault));
    }
    // The file has the fastest dimension first.
    shape.reverse();
    Ok(Info { name, kind, shape, offset })
}

fn unknown(number: u32) -> String {
    match number {
        9 => "type Q8_1 has different sizes in different readers and is never stored".to_owned(),
        4 | 5 | 31..=33 | 36..=38 => format!("type {number} was removed from ggml"),
        _ => format!("unknown type {number}"),
    }
}

/// Gives every tensor its place in the file, and makes sure that they fill the data one after the other.
fn place(mut infos: Vec<Info>, header_end: u64, file_end: u64, alignment: u64, contents: &mut Contents) -> Result<(), FormatError> {
    let beyond = |name: &str| FormatError::tensor(name, format!("it does not end inside the file of {file_end} bytes"));
    let padded = |offset: u64| offset.checked_next_multiple_of(alignment);
    let start = padded(header_end).unwrap_or(u64::MAX);
    // Stable, so that empty tensors at one offset keep their order.
    infos.sort_by_key(|info| info.offset);
    let mut expected = 0;
    for Info { name, kind, shape, offset } in infos {
        if offset != expected {
            let fault = format!("it starts at {offset} of the data, expected {expected}: overlap, hole or wrong alignment");
            return Err(FormatError::tensor(&name, fault));
        }
        let large = || FormatError::tensor(&name, "its size passes 64 bits");
        let count = elements(&shape).ok_or_else(large)?;
        let len = kind.bytes(count).ok_or_else(large)?;
        let first = start.checked_add(offset).ok_or_else(|| beyond(&name))?;
        if first.checked_add(len).is_none_or(|end| end > file_end) {
            return Err(beyond(&name));
        }
        expected = offset.checked_add(len).and_then(padded).ok_or_else(|| beyond(&name))?;
        contents.tensors.push(Tensor::plain(name, kind.token(), shape, count, ByteRange { offset: first, len }));
    }
    // The padding of the last tensor may be there or not.
    let surplus = file_end.saturating_sub(start.saturating_add(expected));
    if surplus > 0 {
        contents.note(FindingCode::Trailing, format!("{surplus} bytes follow the last tensor"));
    }
    Ok(())
}
