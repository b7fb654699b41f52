//! The files that an encrypted model consists of, wherever they are.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::PathBuf;

/// Most key files of a model.
pub const MAX_KEYS: usize = 256;

/// Returns the name of key file number `number`, from 1.
#[must_use]
pub fn key_name(number: usize) -> String {
    format!("key-{number}.age")
}

/// Returns the name of the file with the leaf digests of the model, and so with the names and sizes of its files.
#[must_use]
pub const fn outboard_name() -> &'static str {
    "outboard.age"
}

/// Returns the name of what file number `number` of the model became, from 1 in the order of the outboard.
#[must_use]
pub fn object_name(number: usize) -> String {
    format!("{number}.age")
}

/// Where the files of an encrypted model are read.
pub trait Objects: Sync {
    /// An open file.
    type Object: Read + Seek + Send;

    /// Opens the file called `name`.
    ///
    /// # Errors
    /// Of kind `NotFound` when there is none.
    fn open(&self, name: &str) -> io::Result<Self::Object>;
}

/// An encrypted model in a directory.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

impl Objects for Folder {
    type Object = File;

    fn open(&self, name: &str) -> io::Result<File> {
        let file = File::open(self.0.join(name))?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")) }
    }
}
