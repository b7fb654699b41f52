//! The files of a model by name and size, nothing read.

use std::fs::File;
use std::path::Path;

use crate::walk::Tree;
use crate::{DigestError, ManifestKind, ModelPath};

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
        let found = match self.0.kind {
            ManifestKind::File => self.0.files.first(),
            ManifestKind::Directory => {
                let place = self.0.files.binary_search_by(|file| file.path.as_str().cmp(path));
                place.ok().and_then(|place| self.0.files.get(place))
            }
        };
        found.map(|found| self.0.open(found).map(|file| (file, found.size))).transpose()
    }
}
