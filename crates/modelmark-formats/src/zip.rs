//! ZIP archives, strictly: the members fill the file from its first byte to the central directory, and both directories say the same.
//!
//! Programs that start at the end of an archive and programs that start at its beginning can be shown different members; here such an archive is a
//! fault. No comment, nothing before or between members, no encryption, no duplicate names, methods stored and deflate only. ZIP64 and data descriptors are read.
//! Source: APPNOTE.TXT 6.3.10.

use std::collections::HashSet;

use super::{ByteRange, FormatError, ReadAt};
use crate::cursor::Cursor;

const END: [u8; 4] = *b"PK\x05\x06";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

const END_BYTES: u64 = 22;
const END64_BYTES: u64 = 56;
const LOCATOR_BYTES: u64 = 20;

const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const HAS_DESCRIPTOR: u16 = 1 << 3;
const ZIP64_EXTRA: u16 = 1;

/// A file in an archive.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) method: Method,
    /// The bytes in the archive, compressed or not.
    pub(super) place: ByteRange,
    /// Declared length before compression; that of `place` when stored.
    pub(super) size: u64,
    /// Declared CRC-32 of the uncompressed bytes; not checked here.
    pub(super) crc: u32,
}

/// How a member is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
}

/// What a directory entry says; the same in both directories.
struct Entry {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    name: String,
    /// Offset of the local header; only in the central directory.
    offset: u64,
}

/// Returns the members in the order of their bytes.
pub(super) fn members(file: &dyn ReadAt) -> Result<Vec<Member>, FormatError> {
    let size = file.size().map_err(FormatError::Read)?;
    let directory = directory(file, size)?;
    let mut entries = central(file, &directory)?;
    entries.sort_by_key(|entry| entry.offset);
    let mut ends: Vec<u64> = entries.iter().skip(1).map(|entry| entry.offset).collect();
    ends.push(directory.start);
    let mut seen = HashSet::new();
    let mut members = Vec::new();
    let mut expected = 0;
    for (entry, end) in entries.into_iter().zip(ends) {
        if entry.offset != expected {
            return Err(FormatError::malformed(entry.offset, format!("member {:?} starts here, expected {expected}", entry.name)));
        }
        if !seen.insert(entry.name.clone()) {
            return Err(FormatError::malformed(entry.offset, format!("two members are named {:?}", entry.name)));
        }
        members.push(member(file, entry, end)?);
        expected = end;
    }
    if members.is_empty() && directory.start != 0 {
        return Err(FormatError::malformed(0, "bytes before the directory of an empty archive"));
    }
    Ok(members)
}

/// Where the central directory is, and what its end says of it.
struct Directory {
    start: u64,
    end: u64,
    entries: u64,
}

fn directory(file: &dyn ReadAt, size: u64) -> Result<Directory, FormatError> {
    const WHAT: &str = "the end of the central directory";
    let at = size.checked_sub(END_BYTES).ok_or(FormatError::Ends { what: WHAT, at: 0 })?;
    let mut cursor = Cursor::within(file, at, size);
    if cursor.array(WHAT)? != END {
        return Err(FormatError::malformed(
            at,
            "the file does not end with the end of a ZIP directory: cut, followed by other bytes, or with a comment",
        ));
    }
    let disks = (cursor.u16(WHAT)?, cursor.u16(WHAT)?);
    let (here, entries) = (cursor.u16(WHAT)?, cursor.u16(WHAT)?);
    let (length, start) = (cursor.u32(WHAT)?, cursor.u32(WHAT)?);
    if disks != (0, 0) || here != entries || cursor.u16(WHAT)? != 0 {
        return Err(FormatError::malformed(at, "several disks or a comment"));
    }
    let end = u64::from(start) + u64::from(length);
    if end == at {
        return Ok(Directory { start: start.into(), end, entries: entries.into() });
    }
    let large = directory64(file, at)?;
    let agrees = |short: u64, max: u64, long: u64| short == long || short == max;
    let same = agrees(entries.into(), u16::MAX.into(), large.entries)
        && agrees(start.into(), u32::MAX.into(), large.start)
        && agrees(length.into(), u32::MAX.into(), large.end - large.start);
    if same { Ok(large) } else { Err(FormatError::malformed(at, "the two ends of the directory differ")) }
}

/// Reads the ZIP64 end of the directory, which stands right before the plain one at `at`.
fn directory64(file: &dyn ReadAt, at: u64) -> Result<Directory, FormatError> {
    const WHAT: &str = "the ZIP64 end of the central directory";
    let misplaced = || FormatError::malformed(at, "the central directory does not end where its end is recorded");
    let record = at.checked_sub(LOCATOR_BYTES + END64_BYTES).ok_or_else(misplaced)?;
    let mut cursor = Cursor::within(file, record, at);
    if cursor.array(WHAT)? != END64 || cursor.u64(WHAT)? != END64_BYTES - 12 {
        return Err(misplaced());
    }
    cursor.skip(4, WHAT)?;
    let disks = (cursor.u32(WHAT)?, cursor.u32(WHAT)?);
    let (here, entries) = (cursor.u64(WHAT)?, cursor.u64(WHAT)?);
    let (length, start) = (cursor.u64(WHAT)?, cursor.u64(WHAT)?);
    let located = cursor.array(WHAT)? == LOCATOR && cursor.u32(WHAT)? == 0 && cursor.u64(WHAT)? == record && cursor.u32(WHAT)? <= 1;
    if !located || disks != (0, 0) || here != entries || start.checked_add(length) != Some(record) {
        return Err(misplaced());
    }
    Ok(Directory { start, end: record, entries })
}

fn central(file: &dyn ReadAt, directory: &Directory) -> Result<Vec<Entry>, FormatError> {
    const WHAT: &str = "the central directory";
    let mut cursor = Cursor::within(file, directory.start, directory.end);
    let mut entries = Vec::new();
    while cursor.left() > 0 {
        let at = cursor.position();
        if cursor.array(WHAT)? != CENTRAL {
            return Err(FormatError::malformed(at, "this is no entry of the central directory"));
        }
        cursor.skip(4, WHAT)?;
        let (flags, method) = (cursor.u16(WHAT)?, cursor.u16(WHAT)?);
        cursor.skip(4, WHAT)?;
        let (crc, packed, size) = (cursor.u32(WHAT)?, cursor.u32(WHAT)?, cursor.u32(WHAT)?);
        let (name, extra, comment) = (cursor.u16(WHAT)?, cursor.u16(WHAT)?, cursor.u16(WHAT)?);
        let disk = cursor.u16(WHAT)?;
        cursor.skip(6, WHAT)?;
        let offset = cursor.u32(WHAT)?;
        let name = cursor.name(name.into(), u16::MAX.into(), "the name of a member")?;
        let [size, packed, offset] = sizes(&mut cursor, extra, [size, packed, offset])?;
        cursor.skip(comment.into(), WHAT)?;
        if disk != 0 || flags & ENCRYPTED != 0 {
            return Err(FormatError::Unsupported(format!("encrypted or split member {name:?}")));
        }
        if offset >= directory.start {
            return Err(FormatError::malformed(at, format!("member {name:?} is said to start at {offset}, not before the directory")));
        }
        entries.push(Entry { flags, method, crc, packed, size, name, offset });
    }
    if entries.len() as u64 != directory.entries {
        let fault = format!("{} members recorded, {} found", directory.entries, entries.len());
        return Err(FormatError::malformed(directory.end, fault));
    }
    Ok(entries)
}

/// Reads the extra field and replaces the values that say "look there".
fn sizes<const N: usize>(cursor: &mut Cursor<'_>, extra: u16, values: [u32; N]) -> Result<[u64; N], FormatError> {
    const WHAT: &str = "an extra field";
    let mut full = values.map(u64::from);
    let end = cursor.position() + u64::from(extra);
    let mut seen = false;
    while end.saturating_sub(cursor.position()) >= 4 {
        let at = cursor.position();
        let (id, length) = (cursor.u16(WHAT)?, u64::from(cursor.u16(WHAT)?));
        let stop = cursor.position() + length;
        if stop > end || (id == ZIP64_EXTRA && std::mem::replace(&mut seen, true)) {
            return Err(FormatError::malformed(at, "an extra field is too long or stands twice"));
        }
        if id == ZIP64_EXTRA {
            for value in full.iter_mut().filter(|value| **value == u64::from(u32::MAX)) {
                if stop - cursor.position() < 8 {
                    return Err(FormatError::malformed(at, "a ZIP64 field is too short"));
                }
                *value = cursor.u64(WHAT)?;
            }
        }
        cursor.skip(stop - cursor.position(), WHAT)?;
    }
    cursor.skip(end - cursor.position(), WHAT)?;
    Ok(full)
}

/// Holds the local header of a member against its entry; `end` is where the next one starts.
fn member(file: &dyn ReadAt, entry: Entry, end: u64) -> Result<Member, FormatError> {
    const WHAT: &str = "the header of a member";
    let wrong = |fault: &str| FormatError::malformed(entry.offset, format!("member {:?}: {fault}", entry.name));
    let mut cursor = Cursor::within(file, entry.offset, end);
    if cursor.array(WHAT)? != LOCAL {
        return Err(wrong("its header is missing"));
    }
    cursor.skip(2, WHAT)?;
    let (flags, method) = (cursor.u16(WHAT)?, cursor.u16(WHAT)?);
    cursor.skip(4, WHAT)?;
    let (crc, packed, size) = (cursor.u32(WHAT)?, cursor.u32(WHAT)?, cursor.u32(WHAT)?);
    let (name, extra) = (cursor.u16(WHAT)?, cursor.u16(WHAT)?);
    let name = cursor.name(name.into(), u16::MAX.into(), "the name of a member")?;
    let [size, packed] = sizes(&mut cursor, extra, [size, packed])?;
    let described_later = flags & HAS_DESCRIPTOR != 0;
    let here = (crc, packed, size);
    let there = (entry.crc, entry.packed, entry.size);
    if name != entry.name || flags != entry.flags || method != entry.method || !(here == there || (described_later && here == (0, 0, 0))) {
        return Err(wrong("its header and its entry in the directory differ"));
    }
    let method = match method {
        0 if entry.packed == entry.size => Method::Stored,
        0 => return Err(wrong("stored, but its two sizes differ")),
        8 => Method::Deflated,
        other => return Err(FormatError::Unsupported(format!("compression method {other} of member {:?}", entry.name))),
    };
    let place = ByteRange { offset: cursor.position(), len: entry.packed };
    cursor.skip(entry.packed, "a member")?;
    let right = if described_later { descriptor(&mut cursor, &entry)? } else { cursor.left() == 0 };
    if !right {
        return Err(wrong("other bytes follow it"));
    }
    Ok(Member { name: entry.name, method, place, size: entry.size, crc: entry.crc })
}

/// Tells whether what is left is exactly the data descriptor of the member.
fn descriptor(cursor: &mut Cursor<'_>, entry: &Entry) -> Result<bool, FormatError> {
    let left = cursor.left();
    if left > 24 {
        return Ok(false);
    }
    let found = cursor.bytes(left, left, "a data descriptor")?;
    let long = [&entry.crc.to_le_bytes()[..], &entry.packed.to_le_bytes(), &entry.size.to_le_bytes()].concat();
    let short = u32::try_from(entry.packed).ok().zip(u32::try_from(entry.size).ok());
    let short = short.map(|(packed, size)| [entry.crc.to_le_bytes(), packed.to_le_bytes(), size.to_le_bytes()].concat());
    let plain = found.strip_prefix(&DESCRIPTOR).unwrap_or(&found);
    Ok([Some(long), short].into_iter().flatten().any(|expected| expected == plain || expected == found))
}
