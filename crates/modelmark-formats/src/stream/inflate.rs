//! A compressed run that can be read at any offset: forwards as it comes, backwards from its start again, a bounded number of times.

use std::cell::RefCell;
use std::io::{self, Read};

use flate2::read::DeflateDecoder;

use crate::cursor::Cursor;
use crate::{ByteRange, ReadAt};

/// Most times that one stream is inflated. Each gives a window: a compressed array in another order than row-major can have so many of them.
const MAX_PASSES: u32 = 64;

pub(super) struct Inflated<'f> {
    file: &'f dyn ReadAt,
    place: ByteRange,
    skip: u64,
    length: u64,
    state: RefCell<State<'f>>,
}

struct State<'f> {
    decoder: DeflateDecoder<Cursor<'f>>,
    /// Bytes that were taken out, the skipped ones included.
    position: u64,
    passes: u32,
    scratch: Vec<u8>,
}

impl<'f> Inflated<'f> {
    /// A stream at `place` that gives `skip` bytes nobody asks for and then `length`.
    pub(super) fn new(file: &'f dyn ReadAt, place: ByteRange, skip: u64, length: u64) -> Self {
        let state = State { decoder: decoder(file, place), position: 0, passes: 1, scratch: Vec::new() };
        Self { file, place, skip, length, state: RefCell::new(state) }
    }

    /// Makes sure that the stream ends where it was said to.
    pub(super) fn finish(&self) -> io::Result<()> {
        let end = self.skip.saturating_add(self.length);
        let mut state = self.state.borrow_mut();
        state.forward(end)?;
        match state.decoder.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(invalid("it is longer than it says")),
        }
    }
}

fn decoder(file: &dyn ReadAt, place: ByteRange) -> DeflateDecoder<Cursor<'_>> {
    DeflateDecoder::new(Cursor::within(file, place.offset, place.offset.saturating_add(place.len)))
}

fn invalid(fault: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, fault)
}

/// A stream that ends early is no file that ends early.
fn ended(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { invalid("it is shorter than it says") } else { error }
}

impl State<'_> {
    fn forward(&mut self, to: u64) -> io::Result<()> {
        while self.position < to {
            let length = usize::try_from(to - self.position).unwrap_or(usize::MAX).min(64 << 10);
            self.scratch.resize(length, 0);
            self.decoder.read_exact(&mut self.scratch).map_err(ended)?;
            self.position += length as u64;
        }
        Ok(())
    }
}

impl ReadAt for Inflated<'_> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        let from = self.skip.saturating_add(offset);
        if from < state.position {
            if state.passes == MAX_PASSES {
                return Err(invalid("too large to be put in row-major order; save it uncompressed, or in row-major order"));
            }
            state.passes += 1;
            state.decoder = decoder(self.file, self.place);
            state.position = 0;
        }
        state.forward(from)?;
        state.decoder.read_exact(buffer).map_err(ended)?;
        state.position += buffer.len() as u64;
        Ok(())
    }
}
