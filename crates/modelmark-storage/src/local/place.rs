//! Bytes that stay in a file: read at a position and checked against the digest that was there.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use modelmark_digest::ContentId;
use rusqlite::Transaction;

use crate::StorageError;
use crate::store::check_size;

/// Where a leaf lies.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// As in the index: relative to the store, or absolute.
    pub(super) path: PathBuf,
    pub(super) offset: u64,
    pub(super) length: u64,
}

impl Place {
    /// Reads the place `(path, offset, length)` from a row that has these columns first.
    pub(super) fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { path: path_from_bytes(row.get_ref(0)?.as_blob()?), offset: row.get(1)?, length: row.get(2)? })
    }

    /// Returns the bytes when they are still those of `id`.
    pub(super) fn read(&self, store: &Path, id: &ContentId, limit: usize) -> Result<Vec<u8>, StorageError> {
        let size = usize::try_from(self.length).unwrap_or(usize::MAX);
        check_size(id, size, limit)?;
        let path = store.join(&self.path);
        let mut bytes = vec![0; size];
        let read = open(&path).and_then(|file| file.read_exact_at(&mut bytes, self.offset));
        match read {
            Ok(()) if id.verify(&bytes) => Ok(bytes),
            Ok(()) => Err(self.changed(path, id)),
            Err(error) if is_gone(&error) => Err(self.changed(path, id)),
            Err(error) => Err(StorageError::io("read", &path, error)),
        }
    }

    fn changed(&self, path: PathBuf, id: &ContentId) -> StorageError {
        if self.path.is_absolute() {
            StorageError::Altered { id: *id, path }
        } else {
            StorageError::Damaged { id: *id, place: path.display().to_string() }
        }
    }
}

/// A leaf at a position of some file.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) id: ContentId,
}

/// Notes that the file at `path` (as in the index) holds `leaves`; what was noted at the same offsets is replaced.
pub(super) fn note_places(transaction: &Transaction<'_>, path: &Path, leaves: Vec<Leaf>) -> rusqlite::Result<()> {
    let path = path.as_os_str().as_bytes();
    transaction.prepare_cached("INSERT INTO files (path) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([path])?;
    let file: i64 = transaction.prepare_cached("SELECT id FROM files WHERE path = ?1")?.query_row([path], |row| row.get(0))?;
    let mut statement = transaction.prepare_cached(
        "INSERT INTO places (file, offset, length, digest) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (file, offset) DO UPDATE SET length = excluded.length, digest = excluded.digest
         WHERE length <> excluded.length OR digest <> excluded.digest",
    )?;
    for Leaf { offset, length, id } in leaves {
        statement.execute((file, offset, length, id.digest().as_bytes().as_slice()))?;
    }
    Ok(())
}

/// Opens a regular file for reading; anything else is refused, and a pipe that stands in its place does not hang.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::NotFound.into()) }
}

pub(super) fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
    )
}
