//! Files of the store's own: copies of model files, named by their CID.

use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};

use modelmark_digest::{Codec, ContentId, FileEntry, Sha256Digest};
use tempfile::NamedTempFile;

use super::LocalStore;
use super::place;
use crate::store::check_size;
use crate::{MAX_BLOCK_BYTES, StorageError};

/// The directory of copied files, inside the store's.
pub(super) const OBJECTS: &str = "objects";
/// Leaves that are looked up at a time.
const PAGE: i64 = 1024;

impl LocalStore {
    pub(super) fn objects(&self) -> PathBuf {
        self.dir.join(OBJECTS)
    }

    /// Forgets what an earlier, longer version of the file at `path` held beyond `size`.
    pub(super) fn truncate_places(&self, path: &Path, size: u64) -> Result<(), StorageError> {
        let sql = "DELETE FROM places WHERE file = (SELECT id FROM files WHERE path = ?1) AND offset + length > ?2";
        self.index.write(|transaction| transaction.execute(sql, (path.as_os_str().as_bytes(), size)).map(drop))
    }

    /// Copies the file at `path` into the store leaf by leaf, each checked against the digest that was noted for it, and looks for its leaves
    /// in the copy from then on.
    pub(super) fn copy_in(&self, path: &Path, entry: &FileEntry) -> Result<(), StorageError> {
        let objects = self.objects();
        DirBuilder::new().recursive(true).mode(0o700).create(&objects).map_err(|error| StorageError::io("create", &objects, error))?;
        let name = entry.cid.to_string();
        let target = objects.join(&name);
        let full = |error| StorageError::io("write", &target, error);
        let mut copy = NamedTempFile::new_in(&objects).map_err(full)?;
        if self.copy_leaves(path, copy.as_file_mut(), &target)? != entry.size {
            return Err(StorageError::Altered { id: entry.cid, path: path.to_owned() });
        }
        copy.as_file().sync_all().map_err(full)?;
        copy.persist(&target).map_err(|error| full(error.error))?;
        // The new name is only on disk when the directory is.
        File::open(&objects).and_then(|directory| directory.sync_all()).map_err(full)?;
        self.repoint(path, &Path::new(OBJECTS).join(name))
    }

    fn copy_leaves(&self, path: &Path, copy: &mut File, target: &Path) -> Result<u64, StorageError> {
        let source = place::open(path).map_err(|error| StorageError::io("read", path, error))?;
        let mut position = 0;
        let mut bytes = Vec::new();
        loop {
            let page = self.leaves_from(path, position)?;
            if page.is_empty() {
                return Ok(position);
            }
            for (offset, length, id) in page {
                let altered = || StorageError::Altered { id, path: path.to_owned() };
                check_size(&id, length, MAX_BLOCK_BYTES)?;
                bytes.resize(length, 0);
                source.read_exact_at(&mut bytes, offset).map_err(|_| altered())?;
                if offset != position || !id.verify(&bytes) {
                    return Err(altered());
                }
                copy.write_all(&bytes).map_err(|error| StorageError::io("write", target, error))?;
                position += length as u64;
            }
        }
    }

    fn leaves_from(&self, path: &Path, position: u64) -> Result<Vec<(u64, usize, ContentId)>, StorageError> {
        self.index.run(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT offset, length, digest FROM places
                 WHERE file = (SELECT id FROM files WHERE path = ?1) AND offset >= ?2 ORDER BY offset LIMIT ?3",
            )?;
            let rows = statement.query_map((path.as_os_str().as_bytes(), position, PAGE), |row| {
                let digest = Sha256Digest::from(row.get::<_, [u8; 32]>(2)?);
                Ok((row.get(0)?, row.get(1)?, ContentId::from_digest(Codec::Raw, digest)))
            })?;
            rows.collect()
        })
    }

    /// Makes the places in `from` places in `to`; both hold the same bytes.
    fn repoint(&self, from: &Path, to: &Path) -> Result<(), StorageError> {
        let (from, to) = (from.as_os_str().as_bytes(), to.as_os_str().as_bytes());
        self.index.write(|transaction| {
            if transaction.execute("UPDATE OR IGNORE files SET path = ?2 WHERE path = ?1", (from, to))? == 0 {
                // An earlier import made the same copy; its places are there.
                transaction.execute("DELETE FROM files WHERE path = ?1", [from])?;
            }
            Ok(())
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
