//! The bytes of a pickle, opcode by opcode and frame by frame.

use super::{Fault, MAX_GLOBAL_BYTES};

/// Reads from a slice and never beyond a frame.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    position: usize,
    // End of the current frame; opcodes outside of frames are allowed, as Python writes long values there.
    frame: Option<usize>,
}

impl<'b> Reader<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, position: 0, frame: None }
    }

    pub(super) const fn position(&self) -> usize {
        self.position
    }

    /// Takes the next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Result<&'b [u8], Fault> {
        let end = self.position.checked_add(length).ok_or(Fault::Truncated)?;
        let bytes = self.bytes.get(self.position..end).ok_or(Fault::Truncated)?;
        if self.frame.is_some_and(|frame| frame < end) {
            return Err(Fault::Frame);
        }
        self.position = end;
        Ok(bytes)
    }

    /// Takes the next bytes as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| Fault::Truncated)
    }

    /// Takes the next opcode. Only between opcodes may a frame end.
    pub(super) fn opcode(&mut self) -> Result<u8, Fault> {
        if self.frame == Some(self.position) {
            self.frame = None;
        }
        self.byte()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    /// Takes as many bytes as the little-endian number in the next `width` bytes says.
    pub(super) fn counted(&mut self, width: usize) -> Result<&'b [u8], Fault> {
        let length = self.take(width)?.iter().rev().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
        self.take(usize::try_from(length).map_err(|_| Fault::Truncated)?)
    }

    /// Takes a line and its end, without the latter.
    pub(super) fn line(&mut self) -> Result<&'b str, Fault> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let near = rest.get(..=MAX_GLOBAL_BYTES).unwrap_or(rest);
        let Some(length) = near.iter().position(|byte| *byte == b'\n') else {
            return Err(if near.len() > MAX_GLOBAL_BYTES { Fault::Limit("name longer than 256 bytes") } else { Fault::Truncated });
        };
        let line = self.take(length + 1)?;
        str::from_utf8(line.get(..length).unwrap_or_default()).map_err(|_| Fault::Utf8)
    }

    /// Starts a frame of `length` bytes.
    pub(super) fn frame(&mut self, length: u64) -> Result<(), Fault> {
        let left = self.bytes.len() - self.position;
        if self.frame.is_some_and(|frame| frame != self.position) {
            return Err(Fault::Frame);
        }
        match usize::try_from(length) {
            Ok(length) if length <= left => self.frame = Some(self.position + length),
            // A longer file may hold it: the caller may have read only the start.
            _ => return Err(Fault::Truncated),
        }
        Ok(())
    }

    /// Whether the current frame, if any, has been read to its end.
    pub(super) fn frame_is_over(&self) -> bool {
        self.frame.is_none_or(|frame| frame == self.position)
    }
}
