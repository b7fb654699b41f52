//! The files of a model by name and size, nothing read.

use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::Path;

use super::Unfinished;
use crate::walk::{FoundFile, Tree};
use crate::{DigestError, ManifestKind, ModelPath, Request, external};

/// The files below a path, found as a fingerprint run finds them: what that refuses is refused here.
#[derive(Debug)]
pub struct Listing(Tree);

impl Listing {
    /// Looks at `path`, a file or a directory.
    ///
    /// # Errors
    /// As [`digest`](crate::digest()), as far as nothing is read.
    pub fn of(path: &Path) -> Result<Self, DigestError> {
        Tree::find(path).map(Self)
    }

    /// Looks at `path` as [`Listing::of`] does, but takes a directory without a single file too: a download that has only begun.
    ///
    /// # Errors
    /// As [`Listing::of`].
    pub fn of_download(path: &Path) -> Result<Self, DigestError> {
        Tree::find_any(path).map(Self)
    }

    /// Finds the downloads by the Hugging Face client that are not finished and belong to what is listed: `.cache/huggingface/download/**/*.incomplete` in
    /// a folder, `blobs/*.incomplete` beside a snapshot of its cache.
    #[must_use]
    pub fn unfinished(&self) -> Vec<Unfinished> {
        super::unfinished::find(&self.0)
    }

    /// Returns whether it is a file or a directory.
    #[must_use]
    pub const fn kind(&self) -> ManifestKind {
        self.0.kind
    }

    /// Returns the files with their sizes in bytes, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&ModelPath, u64)> {
        self.0.files.iter().map(|file| (&file.path, file.size))
    }

    /// Opens the file at `path`, if there is one and it still is what was found. A listing of one file has that file under any name.
    ///
    /// # Errors
    /// When it cannot be opened or changed since.
    pub fn open(&self, path: &str) -> Result<Option<(File, u64)>, DigestError> {
        self.find(path).map(|found| self.0.open(found).map(|file| (file, found.size))).transpose()
    }

    /// Makes sure that the file at `path` is not hardly more than holes, for who reads all of it, unless `request` asks for such files.
    ///
    /// # Errors
    /// [`DigestError::Hollow`].
    pub fn refuse_hollow(&self, path: &str, request: &Request) -> Result<(), DigestError> {
        self.0.refuse_hollow(self.find(path), request)
    }

    /// Makes sure that the file at `path`, opened as `file`, is what was found, after it was read.
    ///
    /// # Errors
    /// When it changed since.
    pub fn check(&self, path: &str, file: &File) -> Result<(), DigestError> {
        self.find(path).map_or(Ok(()), |found| self.0.check(found, file.as_fd()))
    }

    /// The files that hold tensors of the one at `path`, by their paths in the model; none when it is not there.
    pub(crate) fn names(&self, path: &str) -> Option<Result<Vec<String>, DigestError>> {
        self.find(path).map(|found| external::names(&self.0, found))
    }

    fn find(&self, path: &str) -> Option<&FoundFile> {
        match self.0.kind {
            ManifestKind::File => self.0.files.first(),
            ManifestKind::Directory => {
                let place = self.0.files.binary_search_by(|file| file.path.as_str().cmp(path));
                place.ok().and_then(|place| self.0.files.get(place))
            }
        }
    }
}
