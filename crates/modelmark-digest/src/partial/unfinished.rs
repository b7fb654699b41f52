//! Downloads that the client of the Hugging Face hub has not finished: they lie apart from the model, under names of its own.

use std::ffi::CStr;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::walk::{MAX_DEPTH, OPEN_INSIDE, Tree};

const ENDING: &str = ".incomplete";
/// Most files and folders that are looked at; a cache holds a few.
const MAX_ENTRIES: usize = 10_000;
/// Where a download into a folder keeps what is not finished.
const IN_A_FOLDER: [&str; 3] = [".cache", "huggingface", "download"];

/// A download that is not finished.
#[derive(Debug)]
pub struct Unfinished {
    name: String,
    size: u64,
    /// The folder, and the way from it to the file, without links.
    folder: std::sync::Arc<OwnedFd>,
    file: String,
}

impl Unfinished {
    /// Returns its name: from the folder of the model, or in a cache from that of the repository.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its size in bytes when it was found.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Tells whether its name holds this digest, as those of large files do.
    #[must_use]
    pub fn is_named(&self, digest: &str) -> bool {
        let name = self.name.rsplit_once('/').map_or(self.name.as_str(), |(_, name)| name);
        name.split('.').any(|part| part == digest)
    }

    /// Opens it.
    ///
    /// # Errors
    /// When it is not there any more, or something else is.
    pub fn open(&self) -> std::io::Result<File> {
        let handle = rustix::fs::openat(&self.folder, self.file.as_str(), OPEN_INSIDE, Mode::empty())?;
        match FileType::from_raw_mode(rustix::fs::fstat(&handle)?.st_mode) {
            FileType::RegularFile => Ok(handle.into()),
            _ => Err(std::io::ErrorKind::InvalidInput.into()),
        }
    }
}

/// Finds the unfinished downloads that belong to a model: in a snapshot, those of its repository; else those below the folder.
pub(super) fn find(tree: &Tree) -> Vec<Unfinished> {
    let mut found = Search { unfinished: Vec::new(), left: MAX_ENTRIES };
    // What cannot be looked at is not there to go on with.
    let _ = match tree.open_blobs() {
        Some(blobs) => blobs.and_then(|blobs| found.folder(blobs, "blobs", 0)),
        None => tree.open_folder(&IN_A_FOLDER).and_then(|folder| found.folder(folder, &IN_A_FOLDER.join("/"), 0)),
    };
    found.unfinished.sort_by(|a, b| a.name.cmp(&b.name));
    found.unfinished
}

struct Search {
    unfinished: Vec<Unfinished>,
    left: usize,
}

impl Search {
    fn folder(&mut self, folder: OwnedFd, shown: &str, depth: usize) -> Result<(), Errno> {
        let folder = std::sync::Arc::new(folder);
        for entry in Dir::read_from(folder.as_fd())? {
            let entry = entry?;
            if self.left == 0 || depth > MAX_DEPTH {
                return Ok(());
            }
            self.left -= 1;
            // No name of the client's has other characters.
            let Some(name) = entry.file_name().to_str().ok().filter(|name| !matches!(*name, "." | "..")) else { continue };
            self.entry(&folder, entry.file_name(), name, shown, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, folder: &std::sync::Arc<OwnedFd>, raw: &CStr, name: &str, shown: &str, depth: usize) -> Result<(), Errno> {
        let stat = rustix::fs::statat(folder.as_fd(), raw, AtFlags::SYMLINK_NOFOLLOW)?;
        let shown = format!("{shown}/{name}");
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile if name.ends_with(ENDING) => {
                let size = u64::try_from(stat.st_size).unwrap_or_default();
                self.unfinished.push(Unfinished { name: shown, size, folder: std::sync::Arc::clone(folder), file: name.to_owned() });
            }
            FileType::Directory => self.folder(open(folder.as_fd(), name)?, &shown, depth + 1)?,
            _ => {}
        }
        Ok(())
    }
}

fn open(folder: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(folder, name, OPEN_INSIDE | OFlags::DIRECTORY, Mode::empty())
}
