//! Verification at any position of a file.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use modelmark_formats::ReadAt;

use super::reader::invalid;
use super::{LeafError, LeafList};

/// So many leaves are kept, so that small reads beside each other hash a leaf once.
const KEPT_LEAVES: usize = 8;

/// A file that is read at any position, every leaf checked before a byte of it is handed out.
///
/// What is handed out comes from the memory that was checked, never from the file behind it, so that a change of the file between check and use does
/// no harm. A few leaves are kept. As a [`ReadAt`] it stands wherever the readers of model files take one.
#[derive(Debug)]
pub struct VerifyingFile<'l, F> {
    file: F,
    leaves: &'l LeafList,
    /// The leaves used last, newest first.
    kept: Mutex<VecDeque<(usize, Arc<[u8]>)>>,
}

impl<'l, F: ReadAt> VerifyingFile<'l, F> {
    /// Reads from `file` what has these leaves.
    pub fn new(file: F, leaves: &'l LeafList) -> Self {
        Self { file, leaves, kept: Mutex::default() }
    }

    /// Reads bytes from `offset` on, at most to the end of a leaf, and returns how many there were; none at the end of the file.
    ///
    /// # Errors
    /// When the file cannot be read, ends early, or the leaf is not the model's (`InvalidData` with a [`LeafError`] inside).
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if buffer.is_empty() || offset >= self.leaves.size() {
            return Ok(0);
        }
        let index = self.leaves.covering(&(offset..offset.saturating_add(1))).start;
        let leaf = self.leaf(index)?;
        let skip = usize::try_from(offset - self.leaves.place(index).start).unwrap_or(usize::MAX);
        io::Read::read(&mut leaf.get(skip..).unwrap_or_default(), buffer)
    }

    /// Returns leaf number `index`, checked.
    fn leaf(&self, index: usize) -> io::Result<Arc<[u8]>> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, leaf)) = lock().iter().find(|(kept, _)| *kept == index) {
            return Ok(Arc::clone(leaf));
        }
        let place = self.leaves.place(index);
        // A leaf has at most as many bytes as its profile says, a megabyte or so.
        let mut bytes = vec![0; usize::try_from(place.end - place.start).unwrap_or_default()];
        self.file.read_exact_at(&mut bytes, place.start)?;
        if !self.leaves.verify(index, &bytes) {
            return Err(invalid(LeafError::Differs(place)));
        }
        let leaf: Arc<[u8]> = bytes.into();
        let mut kept = lock();
        kept.push_front((index, Arc::clone(&leaf)));
        kept.truncate(KEPT_LEAVES);
        Ok(leaf)
    }
}

impl<F: ReadAt> ReadAt for VerifyingFile<'_, F> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.leaves.size())
    }

    fn read_exact_at(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            let count = self.read_at(buffer, offset)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            buffer = buffer.get_mut(count..).unwrap_or_default();
            offset += count as u64;
        }
        Ok(())
    }
}
