//! Files that are hardly more than holes: terabytes that cost nothing to make, and hours to read.

use rustix::fs::{SeekFrom, seek};

use crate::walk::{FoundFile, Tree};
use crate::{DigestError, Request};

/// A file of this length, of which less than a part in so many is kept, is hollow. No weights are that regular, however a file system packs them.
const HOLLOW_BYTES: u64 = 16 << 30;
const HOLLOW_SHARE: u64 = 64;

impl Tree {
    /// Returns the first file that is hollow.
    pub(crate) fn hollow(&self) -> Option<&FoundFile> {
        self.files.iter().find(|file| self.is_hollow(file))
    }

    fn is_hollow(&self, file: &FoundFile) -> bool {
        // A file system that does not tell how much it keeps tells of no hole either.
        let has_hole = || self.open(file).is_ok_and(|open| seek(&open, SeekFrom::Hole(0)).is_ok_and(|hole| hole < file.size));
        file.size >= HOLLOW_BYTES && file.stored < file.size / HOLLOW_SHARE && has_hole()
    }

    /// Refuses hollow files among those that will be read, unless they are asked for.
    pub(crate) fn refuse_hollow<'f>(&self, files: impl IntoIterator<Item = &'f FoundFile>, request: &Request) -> Result<(), DigestError> {
        match files.into_iter().find(|file| !request.holes && self.is_hollow(file)) {
            Some(file) => Err(DigestError::Hollow { path: self.full(&file.path), size: file.size, stored: file.stored }),
            None => Ok(()),
        }
    }
}
