//! Reading forward through a part of a file, with every step checked against its end.

use std::fs::File;
use std::io::{self, Read};

use super::FormatError;
use crate::contents::MAX_TEXT_BYTES;

const BUFFER_BYTES: usize = 64 << 10;

/// Bytes that can be read at any offset.
pub trait ReadAt {
    /// Returns the number of bytes.
    ///
    /// # Errors
    /// When the system refuses to tell.
    fn size(&self) -> io::Result<u64>;

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// When they end before the buffer is full, or the system refuses to read.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

impl ReadAt for File {
    fn size(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, offset)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn size(&self) -> io::Result<u64> {
        (**self).size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        (**self).read_exact_at(buffer, offset)
    }
}

impl ReadAt for [u8] {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let bytes = start.and_then(|start| self.get(start..start.checked_add(buffer.len())?));
        bytes.map(|bytes| buffer.copy_from_slice(bytes)).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// A position in a part of a file.
pub(super) struct Cursor<'f> {
    file: &'f dyn ReadAt,
    position: u64,
    end: u64,
    big_endian: bool,
    // Bytes of the file from `buffered_from` on.
    buffer: Vec<u8>,
    buffered_from: u64,
}

impl<'f> Cursor<'f> {
    /// Starts at the first byte of a file.
    pub(super) fn new(file: &'f dyn ReadAt) -> Result<Self, FormatError> {
        let end = file.size().map_err(FormatError::Read)?;
        Ok(Self::within(file, 0, end))
    }

    /// Starts at `start` and sees nothing from `end` on.
    pub(super) const fn within(file: &'f dyn ReadAt, start: u64, end: u64) -> Self {
        Self { file, position: start, end, big_endian: false, buffer: Vec::new(), buffered_from: 0 }
    }

    /// Takes numbers with the high byte first from here on.
    pub(super) const fn turn_big_endian(&mut self) {
        self.big_endian = true;
    }

    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Bytes from here to the end.
    pub(super) const fn left(&self) -> u64 {
        self.end.saturating_sub(self.position)
    }

    /// Goes to `position`, which may lie before this one; from beyond the end nothing can be read.
    pub(super) const fn go_to(&mut self, position: u64) {
        self.position = position;
    }

    /// Moves `count` bytes on without reading them.
    pub(super) fn skip(&mut self, count: u64, what: &'static str) -> Result<(), FormatError> {
        if count > self.left() {
            return Err(FormatError::Ends { what, at: self.position });
        }
        self.position += count;
        Ok(())
    }

    /// Fills `out` with the next bytes.
    pub(super) fn fill(&mut self, out: &mut [u8], what: &'static str) -> Result<(), FormatError> {
        if out.len() as u64 > self.left() {
            return Err(FormatError::Ends { what, at: self.position });
        }
        self.read_exact(out).map_err(FormatError::Read)
    }

    pub(super) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], FormatError> {
        let mut out = [0; N];
        self.fill(&mut out, what)?;
        Ok(out)
    }

    /// Takes the bytes of a number, the low one first whatever their order in the file.
    pub(super) fn number<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], FormatError> {
        let mut number = self.array(what)?;
        if self.big_endian {
            number.reverse();
        }
        Ok(number)
    }

    pub(super) fn u16(&mut self, what: &'static str) -> Result<u16, FormatError> {
        self.number(what).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, FormatError> {
        self.number(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, FormatError> {
        self.number(what).map(u64::from_le_bytes)
    }

    /// Takes `count` bytes, at most `limit`.
    pub(crate) fn bytes(&mut self, count: u64, limit: u64, what: &'static str) -> Result<Vec<u8>, FormatError> {
        let limit = limit.min(self.left());
        let length = usize::try_from(count).ok().filter(|_| count <= limit);
        let mut out = vec![0; length.ok_or(FormatError::Limit { what, declared: count, limit })?];
        self.fill(&mut out, what)?;
        Ok(out)
    }

    /// Takes a text of `count` bytes that is a name: UTF-8, at most `limit` bytes, without control characters.
    pub(super) fn name(&mut self, count: u64, limit: u64, what: &'static str) -> Result<String, FormatError> {
        let at = self.position;
        let name =
            String::from_utf8(self.bytes(count, limit, what)?).map_err(|_| FormatError::malformed(at, format!("{what} is not UTF-8")))?;
        if name.chars().any(char::is_control) {
            return Err(FormatError::malformed(at, format!("control character in {what} {name:?}")));
        }
        Ok(name)
    }

    /// Takes a text of `count` bytes of any length, of which only the start is read and kept.
    pub(super) fn text(&mut self, count: u64, what: &'static str) -> Result<String, FormatError> {
        if count > self.left() {
            return Err(FormatError::Limit { what, declared: count, limit: self.left() });
        }
        // A little more than is kept, so that the cut is seen and marked.
        let kept = count.min(MAX_TEXT_BYTES as u64 + 4);
        let start = self.bytes(kept, kept, what)?;
        self.skip(count - kept, what)?;
        Ok(String::from_utf8_lossy(&start).into_owned())
    }
}

impl Read for Cursor<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left()).unwrap_or(usize::MAX).min(out.len());
        if wanted == 0 {
            return Ok(0);
        }
        let ahead = |cursor: &Self| {
            let skip = usize::try_from(cursor.position.checked_sub(cursor.buffered_from)?).ok()?;
            cursor.buffer.get(skip..).filter(|bytes| !bytes.is_empty()).map(|bytes| (skip, bytes.len()))
        };
        let (skip, ready) = match ahead(self) {
            Some(found) => found,
            None => {
                let length = usize::try_from(self.left()).unwrap_or(BUFFER_BYTES).min(BUFFER_BYTES);
                self.buffer.resize(length, 0);
                self.buffered_from = self.position;
                if let Err(error) = self.file.read_exact_at(&mut self.buffer, self.position) {
                    self.buffer.clear();
                    return Err(error);
                }
                (0, length)
            }
        };
        let count = ready.min(wanted);
        if let (Some(to), Some(from)) = (out.get_mut(..count), self.buffer.get(skip..skip + count)) {
            to.copy_from_slice(from);
        }
        self.position += count as u64;
        Ok(count)
    }
}
