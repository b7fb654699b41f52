//! Files of the store's own: copies of model files, named by their CID.

use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};

use modelmark_digest::FileEntry;
use tempfile::NamedTempFile;

use super::LocalStore;
use super::import::BATCH_LEAVES;
use super::place::{self, Leaf, note_places};
use crate::store::check_size;
use crate::{MAX_BLOCK_BYTES, StorageError, dag};

/// The directory of copied files, inside the store's.
pub(super) const OBJECTS: &str = "objects";

impl LocalStore {
    pub(super) fn objects(&self) -> PathBuf {
        self.dir.join(OBJECTS)
    }

    /// Forgets what an earlier, longer version of the file at `path` held beyond `size`.
    pub(super) fn truncate_places(&self, path: &Path, size: u64) -> Result<(), StorageError> {
        let sql = "DELETE FROM places WHERE file = (SELECT id FROM files WHERE path = ?1) AND offset + length > ?2";
        self.index.write(|transaction| transaction.execute(sql, (path.as_os_str().as_bytes(), size)).map(drop))
    }

    /// Copies the file at `path` into the store leaf by leaf, each checked against the tree of `entry`, whose nodes are in the store already.
    pub(super) fn copy_in(&self, path: &Path, entry: &FileEntry) -> Result<(), StorageError> {
        let objects = self.objects();
        DirBuilder::new().recursive(true).mode(0o700).create(&objects).map_err(|error| StorageError::io("create", &objects, error))?;
        let name = entry.cid.to_string();
        let target = objects.join(&name);
        let full = |error| StorageError::io("write", &target, error);
        let mut copy = NamedTempFile::new_in(&objects).map_err(full)?;
        self.copy_leaves(path, entry, copy.as_file_mut(), &target)?;
        copy.as_file().sync_all().map_err(full)?;
        copy.persist(&target).map_err(|error| full(error.error))?;
        // The new name is only on disk when the directory is.
        File::open(&objects).and_then(|directory| directory.sync_all()).map_err(full)?;
        let name = Path::new(OBJECTS).join(name);
        self.note_leaves(&name, entry)?;
        self.forget_source(path, &name)
    }

    /// Tells whether a copy of the file is here, whole as far as its length tells. Every read checks more than that.
    pub(super) fn has_copy(&self, entry: &FileEntry) -> Result<bool, StorageError> {
        let name = Path::new(OBJECTS).join(entry.cid.to_string());
        if !fs::metadata(self.dir.join(&name)).is_ok_and(|copy| copy.is_file() && copy.len() == entry.size) {
            return Ok(false);
        }
        let sql = "SELECT coalesce(sum(length), 0) FROM places WHERE file = (SELECT id FROM files WHERE path = ?1)";
        let noted: u64 = self.index.run(|connection| connection.query_row(sql, [name.as_os_str().as_bytes()], |row| row.get(0)))?;
        Ok(noted == entry.size)
    }

    fn copy_leaves(&self, path: &Path, entry: &FileEntry, copy: &mut File, target: &Path) -> Result<(), StorageError> {
        let source = place::open(path).map_err(|error| StorageError::io("read", path, error))?;
        let mut bytes = Vec::new();
        let mut offset = 0;
        dag::each_leaf(self, &entry.cid, entry.size, |id, size| {
            let length = usize::try_from(size).unwrap_or(usize::MAX);
            check_size(&id, length, MAX_BLOCK_BYTES)?;
            bytes.resize(length, 0);
            let read = source.read_exact_at(&mut bytes, offset);
            if read.is_err() || !id.verify(&bytes) {
                return Err(StorageError::Altered { id, path: path.to_owned() });
            }
            offset += size;
            copy.write_all(&bytes).map_err(|error| StorageError::io("write", target, error))
        })
    }

    /// Notes that the file at `path` (as in the index) holds the leaves of `entry`, whose nodes are in the store already.
    pub(super) fn note_leaves(&self, path: &Path, entry: &FileEntry) -> Result<(), StorageError> {
        let mut leaves = Vec::new();
        let mut offset = 0;
        dag::each_leaf(self, &entry.cid, entry.size, |id, size| {
            leaves.push(Leaf { offset, length: size, id });
            offset += size;
            if leaves.len() < BATCH_LEAVES {
                return Ok(());
            }
            self.index.write(|transaction| note_places(transaction, path, std::mem::take(&mut leaves)))
        })?;
        self.index.write(|transaction| note_places(transaction, path, leaves))
    }

    /// Forgets the places of an earlier import in the file at `path` that the copy now stands for, so that the file may go.
    ///
    /// Only those: another process may be importing a new version from there.
    fn forget_source(&self, path: &Path, copy: &Path) -> Result<(), StorageError> {
        let (path, copy) = (path.as_os_str().as_bytes(), copy.as_os_str().as_bytes());
        self.index.write(|transaction| {
            transaction.execute(
                "DELETE FROM places WHERE file = (SELECT id FROM files WHERE path = ?1) AND EXISTS (
                     SELECT 1 FROM places AS copy WHERE copy.file = (SELECT id FROM files WHERE path = ?2)
                     AND copy.offset = places.offset AND copy.digest = places.digest
                 )",
                (path, copy),
            )?;
            let sql = "DELETE FROM files WHERE path = ?1 AND NOT EXISTS (SELECT 1 FROM places WHERE file = files.id)";
            transaction.execute(sql, [path]).map(drop)
        })
    }

    /// Deletes the files under `objects/` that `keep` does not want; returns how many, and their bytes.
    pub(super) fn delete_objects(&self, keep: impl Fn(&Path) -> bool) -> Result<(u64, u64), StorageError> {
        let objects = self.objects();
        if !objects.exists() {
            return Ok((0, 0));
        }
        let list = |error| StorageError::io("list", &objects, error);
        let (mut files, mut bytes) = (0, 0);
        for entry in fs::read_dir(&objects).map_err(list)? {
            let entry = entry.map_err(list)?;
            if keep(&Path::new(OBJECTS).join(entry.file_name())) {
                continue;
            }
            bytes += entry.metadata().map_or(0, |metadata| metadata.len());
            fs::remove_file(entry.path()).map_err(|error| StorageError::io("delete", &entry.path(), error))?;
            files += 1;
        }
        Ok((files, bytes))
    }
}
