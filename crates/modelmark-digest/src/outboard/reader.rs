//! Verification while bytes stream.

use std::io::{self, Read};

use super::{LeafError, LeafList};

/// Reads a file from its beginning and hands out a leaf only after it was checked. Holds one leaf in memory.
///
/// The end of the stream is reported only after the last leaf was checked and the source has ended too: whoever reads to the end has read the file
/// and nothing else. A leaf that is not the model's is an error of kind `InvalidData` with a [`LeafError`] inside, and so is every later read.
#[derive(Debug)]
pub struct VerifyingReader<'l, R> {
    inner: R,
    leaves: &'l LeafList,
    next: usize,
    /// The leaf at hand; its bytes from `used` on are still to be handed out.
    leaf: Vec<u8>,
    used: usize,
    fault: Option<LeafError>,
}

impl<'l, R: Read> VerifyingReader<'l, R> {
    /// Reads from `inner` the file that has these leaves.
    pub const fn new(inner: R, leaves: &'l LeafList) -> Self {
        Self { inner, leaves, next: 0, leaf: Vec::new(), used: 0, fault: None }
    }

    /// Returns the source. What it was read beyond the last byte handed out is lost.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Reads and checks the next leaf; at the end, makes sure that it is one.
    fn advance(&mut self) -> io::Result<()> {
        // Emptied first: an error leaves nothing behind that was not checked.
        self.leaf.clear();
        self.used = 0;
        if self.next == self.leaves.len() {
            return self.end();
        }
        let place = self.leaves.place(self.next);
        let length = place.end - place.start;
        let mut leaf = std::mem::take(&mut self.leaf);
        let read = (&mut self.inner).take(length).read_to_end(&mut leaf)?;
        if (read as u64) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !self.leaves.verify(self.next, &leaf) {
            return self.fail(LeafError::Differs(place));
        }
        self.next += 1;
        self.leaf = leaf;
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        loop {
            match self.inner.read(&mut [0]) {
                Ok(0) => return Ok(()),
                Ok(_) => return self.fail(LeafError::Longer(self.leaves.size())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn fail(&mut self, fault: LeafError) -> io::Result<()> {
        self.fault = Some(fault.clone());
        Err(invalid(fault))
    }
}

impl<R: Read> Read for VerifyingReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = &self.fault {
            return Err(invalid(fault.clone()));
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.used == self.leaf.len() {
            self.advance()?;
        }
        let count = self.leaf.get(self.used..).unwrap_or_default().read(buffer)?;
        self.used += count;
        Ok(count)
    }
}

pub(super) fn invalid(fault: LeafError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, fault)
}
