//! The sorted tables of `LevelDB`, in which the index of a checkpoint is kept.
//!
//! Every block is held against its checksum, and keys must ascend, as the library that writes tables makes sure. Compressed blocks, which TensorFlow
//! does not write, are refused. Source: `doc/table_format.md` of `LevelDB`, `tensorflow/core/lib/io/format.cc`.

use crate::cursor::Cursor;
use crate::stream::CRC32C;
use crate::{ByteRange, FormatError, ReadAt};

const MAGIC: u64 = 0xdb47_7524_8b80_fb57;
const FOOTER_BYTES: u64 = 48;
/// Type and checksum after each block.
const TRAILER_BYTES: u64 = 5;
/// Longest block. TensorFlow starts a new one after 256 KiB.
const MAX_BLOCK_BYTES: u64 = 16 << 20;
/// Longest key: a name, and the place of a slice after it.
const MAX_KEY_BYTES: usize = 8192;
/// How many times the length of the file all keys may take together, once the beginnings that they share are written out.
const MAX_KEY_EXPANSION: u64 = 16;

/// Most bytes of all keys, whatever the length of the file.
const MAX_KEYS_BYTES: u64 = 256 << 20;

/// Takes a key, where its value starts in the file, and the value.
pub(super) type Visit<'v> = dyn FnMut(&[u8], u64, &[u8]) -> Result<(), FormatError> + 'v;

/// Hands every pair of a table to `visit`, in the order of their keys.
pub(super) fn read(file: &dyn ReadAt, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let size = file.size().map_err(FormatError::Read)?;
    let keys_left = size.saturating_mul(MAX_KEY_EXPANSION).saturating_add(1 << 16).min(MAX_KEYS_BYTES);
    let mut table = Table { file, end: size, key: Vec::new(), keys_left };
    let index = table.footer()?;
    let mut blocks = Vec::new();
    table.block(index, &mut |_, at, value| {
        blocks.push(handle(&mut Bytes { bytes: value, at })?);
        Ok(())
    })?;
    // Only from here on do keys follow each other.
    table.key.clear();
    blocks.into_iter().try_for_each(|place| table.block(place, visit))
}

struct Table<'f> {
    file: &'f dyn ReadAt,
    /// Where the footer starts, once it is known; blocks lie before it.
    end: u64,
    /// The last key.
    key: Vec<u8>,
    /// Bytes that keys may still take.
    keys_left: u64,
}

impl Table<'_> {
    /// Returns the place of the index block.
    fn footer(&mut self) -> Result<ByteRange, FormatError> {
        const WHAT: &str = "the footer of a table";
        let at = self.end.checked_sub(FOOTER_BYTES).ok_or(FormatError::Ends { what: WHAT, at: 0 })?;
        let footer: [u8; FOOTER_BYTES as usize] = Cursor::within(self.file, at, self.end).array(WHAT)?;
        let (handles, magic) = footer.split_last_chunk::<8>().ok_or(FormatError::Ends { what: WHAT, at })?;
        if u64::from_le_bytes(*magic) != MAGIC {
            return Err(FormatError::malformed(at + 40, "the file does not end as a table does: cut, or not the index of a checkpoint"));
        }
        self.end = at;
        let mut handles = Bytes { bytes: handles, at };
        handle(&mut handles)?;
        handle(&mut handles)
    }

    /// Hands every pair of a block to `visit`.
    fn block(&mut self, place: ByteRange, visit: &mut Visit<'_>) -> Result<(), FormatError> {
        let data = self.checked(place)?;
        let faulty = || FormatError::malformed(place.offset, "the restarts of a block do not fit into it");
        let (entries, restarts) = data.split_last_chunk::<4>().ok_or_else(faulty)?;
        let restarts = usize::try_from(u32::from_le_bytes(*restarts)).unwrap_or(usize::MAX).checked_mul(4);
        let length = restarts.and_then(|restarts| entries.len().checked_sub(restarts)).ok_or_else(faulty)?;
        let mut entries = Bytes { bytes: entries.get(..length).unwrap_or_default(), at: place.offset };
        while !entries.bytes.is_empty() {
            let at = entries.at;
            let (shared, added, value) = (entries.varint()?, entries.varint()?, entries.varint()?);
            let added = entries.take(added)?;
            self.advance(shared, added, at)?;
            let value_at = entries.at;
            let value = entries.take(value)?;
            visit(&self.key, value_at, value)?;
        }
        Ok(())
    }

    /// Makes the next key from the last one; keys ascend.
    fn advance(&mut self, shared: u64, added: &[u8], at: u64) -> Result<(), FormatError> {
        let shared = usize::try_from(shared).ok().filter(|shared| *shared <= self.key.len());
        let shared = shared.ok_or_else(|| FormatError::malformed(at, "a key shares more than the last key has"))?;
        let length = shared + added.len();
        if length > MAX_KEY_BYTES {
            return Err(FormatError::Limit { what: "bytes of a key", declared: length as u64, limit: MAX_KEY_BYTES as u64 });
        }
        // The first key of all is empty; nothing else may be.
        let first = self.key.is_empty() && length == 0;
        if !first && self.key.get(shared..).is_none_or(|rest| added <= rest) {
            return Err(FormatError::malformed(at, "keys do not ascend, or one stands twice"));
        }
        let left = self.keys_left.checked_sub(length as u64);
        self.keys_left = left.ok_or_else(|| FormatError::malformed(at, "keys take many times the file's length"))?;
        self.key.truncate(shared);
        self.key.extend_from_slice(added);
        Ok(())
    }

    /// Reads a block and holds it against its checksum.
    fn checked(&self, place: ByteRange) -> Result<Vec<u8>, FormatError> {
        const WHAT: &str = "a block of a table";
        let limit = MAX_BLOCK_BYTES.min(self.end.saturating_sub(place.offset).saturating_sub(TRAILER_BYTES));
        if place.len > limit {
            return Err(FormatError::Limit { what: WHAT, declared: place.len, limit });
        }
        let mut cursor = Cursor::within(self.file, place.offset, self.end);
        let mut data = cursor.bytes(place.len + 1, limit + 1, WHAT)?;
        let stored = cursor.u32(WHAT)?;
        if unmasked(stored) != CRC32C.checksum(&data) {
            return Err(FormatError::malformed(place.offset, "a block differs from its checksum"));
        }
        match data.pop() {
            Some(0) => Ok(data),
            Some(kind) => Err(FormatError::Unsupported(format!("compressed block (kind {kind}) of a table at byte {}", place.offset))),
            None => Err(FormatError::Ends { what: WHAT, at: place.offset }),
        }
    }
}

/// Undoes the masking under which checksums are kept. Source: `crc32c.h` of `LevelDB` and of TensorFlow.
pub(super) const fn unmasked(stored: u32) -> u32 {
    stored.wrapping_sub(0xa282_ead8).rotate_left(15)
}

fn handle(bytes: &mut Bytes<'_>) -> Result<ByteRange, FormatError> {
    Ok(ByteRange { offset: bytes.varint()?, len: bytes.varint()? })
}

/// Bytes that are taken from the front.
struct Bytes<'b> {
    bytes: &'b [u8],
    /// Where they start in the file.
    at: u64,
}

impl<'b> Bytes<'b> {
    fn take(&mut self, count: u64) -> Result<&'b [u8], FormatError> {
        let limit = self.bytes.len() as u64;
        let split = usize::try_from(count).ok().and_then(|count| self.bytes.split_at_checked(count));
        let (taken, rest) = split.ok_or(FormatError::Limit { what: "bytes in a block", declared: count, limit })?;
        self.bytes = rest;
        self.at += count;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, FormatError> {
        let at = self.at;
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.bytes.split_first().ok_or(FormatError::Ends { what: "a varint", at })?;
            self.bytes = rest;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Ok(number);
            }
        }
        Err(FormatError::malformed(at, "a varint of more than 63 bits"))
    }
}
