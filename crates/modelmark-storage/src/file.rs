//! Reading a UnixFS file by its CID, every block checked on the way.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use modelmark_digest::ContentId;

use crate::dag::{Piece, malformed, piece};
use crate::store::need;
use crate::{MAX_BLOCK_BYTES, StorageError, Store};

/// Deepest accepted file tree. 174 links a node reach every possible size in 9 levels; foreign tools use fewer links.
pub const MAX_DEPTH: u32 = 32;

/// A file in a store, read block by block. Holds one path of nodes and one leaf in memory, whatever the file's size.
pub struct FileReader<'s> {
    store: &'s dyn Store,
    root: Segment,
    position: u64,
    /// What is still to come, nearest last.
    ahead: Vec<Segment>,
    /// The bytes at hand; those from `used` on are still to be given out.
    bytes: Vec<u8>,
    used: usize,
}

/// A block and the part of the file that lies below it.
#[derive(Clone, Copy)]
struct Segment {
    id: ContentId,
    start: u64,
    size: u64,
    depth: u32,
}

impl<'s> FileReader<'s> {
    /// Opens the file `id`.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when its root block is not in the store, [`StorageError::Malformed`] when it is not a file.
    pub fn open(store: &'s dyn Store, id: &ContentId) -> Result<Self, StorageError> {
        let size = piece(id, need(store, id, MAX_BLOCK_BYTES)?)?.size();
        let root = Segment { id: *id, start: 0, size, depth: 0 };
        Ok(Self { store, root, position: 0, ahead: vec![root], bytes: Vec::new(), used: 0 })
    }

    /// Returns the file's size in bytes, as its root block states it. Reading to the end proves it.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.root.size
    }

    /// Goes to `position`; beyond the end there is nothing to read.
    pub fn seek_to(&mut self, position: u64) {
        self.position = position;
        self.ahead = vec![self.root];
        self.bytes.clear();
        self.used = 0;
    }

    /// Returns the next bytes, at most one leaf of them; none at the end.
    fn next(&mut self) -> Result<&[u8], StorageError> {
        while self.used >= self.bytes.len() {
            let Some(segment) = self.ahead.pop() else { return Ok(&[]) };
            // Empty segments are not even fetched: a hostile tree could hold exponentially many of them.
            if segment.size > 0 && segment.start + segment.size > self.position {
                self.descend(segment)?;
            }
        }
        Ok(self.bytes.get(self.used..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.used += count;
        self.position += count as u64;
    }

    fn descend(&mut self, segment: Segment) -> Result<(), StorageError> {
        if segment.depth > MAX_DEPTH {
            return Err(malformed(&segment.id, format!("the file's tree is deeper than {MAX_DEPTH} levels")));
        }
        let piece = piece(&segment.id, need(self.store, &segment.id, MAX_BLOCK_BYTES)?)?;
        if piece.size() != segment.size {
            return Err(malformed(&segment.id, format!("it holds {} bytes of the file, its parent says {}", piece.size(), segment.size)));
        }
        match piece {
            Piece::Bytes(bytes) => {
                self.used = usize::try_from(self.position.saturating_sub(segment.start)).unwrap_or(usize::MAX);
                self.bytes = bytes;
            }
            Piece::Parts(parts) => {
                let mut end = segment.start + segment.size;
                for part in parts.iter().rev() {
                    end -= part.size;
                    self.ahead.push(Segment { id: part.cid, start: end, size: part.size, depth: segment.depth + 1 });
                }
            }
        }
        Ok(())
    }
}

impl Read for FileReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.next().map_err(io::Error::other)?;
        let count = bytes.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl Seek for FileReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(delta) => self.size().checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        self.seek_to(position);
        Ok(position)
    }
}

/// Writes the bytes `range` of the file `id` to `out` (what lies beyond its end is left out) and returns how many there were.
///
/// Nothing is written before its block is checked. A file's size is what its author says; bound `range` where `out` is.
///
/// # Errors
/// As [`FileReader::open`], and [`StorageError::Output`] when `out` fails.
pub fn cat(store: &dyn Store, id: &ContentId, range: Range<u64>, out: &mut dyn Write) -> Result<u64, StorageError> {
    let mut reader = FileReader::open(store, id)?;
    reader.seek_to(range.start);
    let mut left = range.end.saturating_sub(range.start);
    while left > 0 {
        let bytes = reader.next()?;
        let count = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let Some(part) = bytes.get(..count).filter(|part| !part.is_empty()) else { break };
        out.write_all(part).map_err(StorageError::Output)?;
        reader.consume(count);
        left -= count as u64;
    }
    Ok(range.end.saturating_sub(range.start) - left)
}
