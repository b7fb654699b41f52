//! A compressed file inside another, read at any offset.
//!
//! Deflate can only be read from its start. The first reading, which also holds the length and the CRC-32 against what the archive says, keeps the state of
//! the decoder at every few places; later ones start from the nearest of these. Memory is bounded: at most [`MAX_MARKS`] states of some 45 KiB.

use std::cell::RefCell;
use std::io;

use flate2::Crc;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use crate::{ByteRange, FormatError, ReadAt};

/// How far back deflate may refer.
const RING_BYTES: usize = 32 << 10;

/// Bytes of the compressed file that are read at once.
const INPUT_BYTES: u64 = 64 << 10;

/// Most states that are kept, and the least distance between them.
const MAX_MARKS: u64 = 256;
const MIN_DISTANCE: u64 = 256 << 10;

/// How many times longer than its compressed form a file may be. Weights are hard to compress; a bomb is not worth its time.
const MAX_RATIO: u64 = 64;
/// What is allowed on top for small files.
const MAX_EXTRA_BYTES: u64 = 16 << 20;

/// How many times its length a file is inflated for reading it here and there, and what is allowed on top for small ones.
const MAX_PASSES: u64 = 64;

/// What a deflate stream (RFC 1951) in a file gives.
pub struct Unpacked<'f> {
    file: &'f dyn ReadAt,
    place: ByteRange,
    length: u64,
    state: RefCell<State>,
}

struct State {
    now: Inflater,
    marks: Vec<Inflater>,
    input: Vec<u8>,
    input_from: u64,
    /// Bytes that may still be inflated.
    left: u64,
}

/// A decoder in the midst of its work.
#[derive(Clone)]
struct Inflater {
    decoder: Box<DecompressorOxide>,
    /// The last bytes that it gave; the one at offset n stands at n modulo the length.
    ring: Box<[u8]>,
    /// Bytes that it gave and took.
    given: u64,
    taken: u64,
    done: bool,
}

impl<'f> Unpacked<'f> {
    /// Inflates the stream at `place` once, to see that it gives `length` bytes, of this CRC-32 if one is known.
    ///
    /// # Errors
    /// When it does not, is no deflate stream, or gives far more than a file of weights could; or when the file cannot be read.
    pub fn open(file: &'f dyn ReadAt, place: ByteRange, length: u64, crc: Option<u32>) -> Result<Self, FormatError> {
        let limit = place.len.saturating_mul(MAX_RATIO).saturating_add(MAX_EXTRA_BYTES);
        if length > limit {
            return Err(FormatError::Limit { what: "bytes of a compressed file", declared: length, limit });
        }
        let left = length.saturating_mul(MAX_PASSES).saturating_add(MAX_EXTRA_BYTES);
        let now = Inflater { decoder: Box::default(), ring: vec![0; RING_BYTES].into(), given: 0, taken: 0, done: false };
        let state = State { now, marks: Vec::new(), input: Vec::new(), input_from: 0, left };
        let this = Self { file, place, length, state: RefCell::new(state) };
        let sum = this.first_pass().map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => FormatError::malformed(place.offset, format!("a compressed file: {error}")),
            _ => FormatError::Read(error),
        })?;
        match crc {
            Some(crc) if crc != sum => Err(FormatError::malformed(place.offset, "a compressed file differs from its CRC-32")),
            _ => Ok(this),
        }
    }

    /// Inflates everything, keeps marks on the way, and returns the CRC-32.
    fn first_pass(&self) -> io::Result<u32> {
        let mut state = self.state.borrow_mut();
        let distance = (self.length / MAX_MARKS).max(MIN_DISTANCE);
        let mut sum = Crc::new();
        let mut next = 0;
        while !state.now.done {
            if state.now.given >= next {
                let mark = state.now.clone();
                state.marks.push(mark);
                next = next.saturating_add(distance);
            }
            let (start, count) = state.step(self.file, self.place)?;
            sum.update(state.now.ring.get(start..start + count).unwrap_or_default());
            if state.now.given > self.length {
                return Err(invalid("it is longer than it says"));
            }
        }
        if state.now.given < self.length {
            return Err(invalid("it is shorter than it says"));
        }
        if state.now.taken < self.place.len {
            return Err(invalid("other bytes follow it"));
        }
        Ok(sum.sum())
    }
}

fn invalid(fault: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, fault)
}

impl State {
    /// Goes on by some bytes, and returns where in the ring they are.
    fn step(&mut self, file: &dyn ReadAt, place: ByteRange) -> io::Result<(usize, usize)> {
        let start = usize::try_from(self.now.given).unwrap_or(usize::MAX) % RING_BYTES;
        if self.now.done {
            return Err(invalid("it is shorter than it was"));
        }
        loop {
            let from = self.now.taken.wrapping_sub(self.input_from);
            if from >= self.input.len() as u64 && self.now.taken < place.len {
                self.input.resize(usize::try_from(INPUT_BYTES.min(place.len - self.now.taken)).unwrap_or(0), 0);
                self.input_from = self.now.taken;
                file.read_exact_at(&mut self.input, place.offset.saturating_add(self.now.taken))?;
            }
            let from = usize::try_from(self.now.taken.saturating_sub(self.input_from)).unwrap_or(usize::MAX);
            let input = self.input.get(from..).unwrap_or_default();
            let is_last = self.now.taken.saturating_add(input.len() as u64) >= place.len;
            let flags = if is_last { 0 } else { TINFL_FLAG_HAS_MORE_INPUT };
            let (status, taken, given) = decompress(&mut self.now.decoder, input, &mut self.now.ring, start, flags);
            self.now.taken += taken as u64;
            self.now.given += given as u64;
            let left = self.left.checked_sub(given as u64);
            self.left = left.ok_or_else(|| invalid("it would be inflated again and again; store it uncompressed"))?;
            match status {
                TINFLStatus::Done => self.now.done = true,
                TINFLStatus::HasMoreOutput => {}
                TINFLStatus::NeedsMoreInput if !is_last => {}
                TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => return Err(invalid("it is shorter than it says")),
                _ => return Err(invalid("it cannot be inflated")),
            }
            if given > 0 || self.now.done {
                return Ok((start, given));
            }
        }
    }

    /// Goes to a place from which `offset` is ahead, or still in the ring.
    fn go_to(&mut self, offset: u64) {
        let before = self.marks.partition_point(|mark| mark.given <= offset);
        let nearest = before.checked_sub(1).and_then(|index| self.marks.get(index));
        let held = self.now.given.saturating_sub(RING_BYTES as u64);
        let is_near = held <= offset && nearest.is_none_or(|mark| mark.given <= self.now.given);
        if let Some(mark) = nearest.filter(|_| !is_near) {
            self.now = mark.clone();
        }
    }
}

impl Inflater {
    /// Copies what the ring still has from `offset` on, and returns how much that is.
    fn copy(&self, buffer: &mut [u8], offset: u64) -> usize {
        let count = usize::try_from(self.given.saturating_sub(offset)).unwrap_or(0).min(buffer.len());
        let (older, newer) = self.ring.split_at(usize::try_from(offset % RING_BYTES as u64).unwrap_or(0));
        let at_first = count.min(newer.len());
        for (to, from) in [(0..at_first, newer), (at_first..count, older)] {
            if let (Some(to), Some(from)) = (buffer.get_mut(to.clone()), from.get(..to.len())) {
                to.copy_from_slice(from);
            }
        }
        count
    }
}

impl ReadAt for Unpacked<'_> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut state = self.state.borrow_mut();
        state.go_to(offset);
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let copied = state.now.copy(rest, offset + filled as u64);
            filled += copied;
            if copied == 0 {
                // The length was seen to be right.
                state.step(self.file, self.place)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step is a failed test")]
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    /// Some megabytes that compress a little.
    fn content() -> Vec<u8> {
        let mut word = 1_u32;
        let mut next = || {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (word >> 28) as u8
        };
        (0..3_000_000).map(|_| next()).collect()
    }

    fn deflated(content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn opened(file: &[u8], length: usize, crc: Option<u32>) -> Result<u64, String> {
        let place = ByteRange { offset: 0, len: file.len() as u64 };
        Unpacked::open(&file, place, length as u64, crc).map(|unpacked| unpacked.size().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn any_part_is_read_in_any_order() {
        let content = content();
        let packed = deflated(&content);
        let file = [b"before".as_slice(), &packed, b"after"].concat();
        let place = ByteRange { offset: 6, len: packed.len() as u64 };
        let file = file.as_slice();
        let mut crc = Crc::new();
        crc.update(&content);
        let unpacked = Unpacked::open(&file, place, content.len() as u64, Some(crc.sum())).unwrap();
        assert!(unpacked.state.borrow().marks.len() > 8);
        for (offset, length) in [
            (0, 10),
            (2_999_000, 1000),
            (5, 70_000),
            (1_500_000, 1),
            (1_499_990, 20),
            (1_400_000, 150_000),
            (32_768, 32_768),
            (3_000_000, 0),
        ] {
            let mut buffer = vec![0; length];
            unpacked.read_exact_at(&mut buffer, offset as u64).unwrap();
            assert!(buffer == content[offset..offset + length], "{offset}");
        }
        assert!(unpacked.read_exact_at(&mut [0; 2], 2_999_999).is_err());
    }

    #[test]
    fn a_stream_that_is_not_as_long_as_it_says_is_refused() {
        let content = &content()[..100_000];
        let file = deflated(content);
        assert_eq!(opened(&file, 100_000, None), Ok(100_000));
        for (file, length, crc, fault) in [
            (&file[..], 100_001, None, "shorter"),
            (&file[..], 99_999, None, "longer"),
            (&file[..file.len() - 1], 100_000, None, "shorter"),
            (&[&file[..], b"x"].concat(), 100_000, None, "other bytes follow"),
            (&file[..], 100_000, Some(1), "CRC-32"),
            (b"\xff\xff", 1, None, "cannot be inflated"),
            (b"", 0, None, "shorter"),
            (&file[..], 1 << 40, None, "at most"),
        ] {
            let error = opened(file, length, crc).unwrap_err();
            assert!(error.contains(fault), "{fault}: {error}");
        }
    }

    #[test]
    fn reading_here_and_there_comes_to_an_end() {
        let packed = deflated(&content()[..600_000]);
        let file = packed.as_slice();
        let place = ByteRange { offset: 0, len: packed.len() as u64 };
        let unpacked = Unpacked::open(&file, place, 600_000, None).unwrap();
        let mut buffer = [0; 1];
        let mut reads = (0..10_000).map(|n: u64| unpacked.read_exact_at(&mut buffer, if n.is_multiple_of(2) { 599_999 } else { 250_000 }));
        assert!(reads.any(|read| read.is_err()));
    }
}
