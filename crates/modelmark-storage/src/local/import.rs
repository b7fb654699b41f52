//! Keeping a model while it is being digested.
//!
//! Hashing a large model takes long, and a write transaction that long would lock everybody else out. So blocks and places are committed in
//! batches on the way, reachable from nothing, and one pin at the end makes the whole visible. An import that breaks off leaves only what the
//! next collection takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use modelmark_digest::{Codec, ContentId, FileEntry, Manifest, ModelPath, Observer};

use super::place::{Leaf, note_places};
use super::{Lease, LocalStore, Role, put_blocks};
use crate::{Block, StorageError, Store, dag};

/// A batch is committed when it holds this many leaves (1 GiB of model at 256 KiB each)…
pub(super) const BATCH_LEAVES: usize = 4096;
/// …or this many bytes of nodes.
const BATCH_NODE_BYTES: usize = 4 << 20;

/// Where the leaves of an imported model are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// In the model's own files: path, offset and length are noted, no byte is copied.
    Referenced,
    /// In files of the store's own.
    Copied,
}

/// An import that is under way: hand it to [`modelmark_digest::digest`] as the observer, then call [`Import::finish`].
#[derive(Debug)]
pub struct Import<'s> {
    store: &'s LocalStore,
    base: PathBuf,
    is_directory: bool,
    leaves: Leaves,
    batch: Mutex<Batch>,
    /// Files whose leaves are not reported, because a cache knows their digests and the store their trees.
    reused: Mutex<BTreeSet<ModelPath>>,
    _lease: Lease,
}

#[derive(Debug, Default)]
struct Batch {
    leaves: Vec<(ModelPath, Leaf)>,
    nodes: Vec<Block>,
    node_bytes: usize,
    /// The first failure. An observer cannot stop the digest, so it is kept until `finish`, and nothing is written after it.
    failure: Option<StorageError>,
}

impl LocalStore {
    /// Starts the import of the model at `path`, a file or a directory.
    ///
    /// # Errors
    /// When `path` cannot be found, or the store's lock cannot be taken.
    pub fn import(&self, path: impl AsRef<Path>, leaves: Leaves) -> Result<Import<'_>, StorageError> {
        let path = path.as_ref();
        let base = fs::canonicalize(path).map_err(|error| StorageError::io("find", path, error))?;
        Ok(Import {
            store: self,
            is_directory: base.is_dir(),
            base,
            leaves,
            batch: Mutex::default(),
            reused: Mutex::default(),
            _lease: self.lease()?,
        })
    }
}

impl Import<'_> {
    /// Writes what is left, copies the files if they are to be copied, and pins the model.
    ///
    /// # Errors
    /// The first failure of the import, then or now: the store cannot be written to, its disk is full, or a file changed after it was digested.
    /// Nothing is pinned then.
    pub fn finish(self, manifest: &Manifest) -> Result<(), StorageError> {
        let mut batch = std::mem::take(&mut *self.lock());
        batch.failure.take().map_or(Ok(()), Err)?;
        self.commit(batch)?;
        let reused = std::mem::take(&mut *self.reused.lock().unwrap_or_else(PoisonError::into_inner));
        for entry in &manifest.files {
            let path = self.resolve(&entry.path)?;
            self.store.truncate_places(&path, entry.size)?;
            if entry.size == 0 {
                self.store.put(Codec::Raw, &[])?;
            } else if self.leaves == Leaves::Referenced && reused.contains(&entry.path) {
                // It may lie elsewhere than when it was imported; where its leaves are follows from the tree.
                self.store.note_leaves(&path, entry)?;
            } else if self.leaves == Leaves::Copied && !(reused.contains(&entry.path) && self.store.has_copy(entry)?) {
                self.store.copy_in(&path, entry)?;
            }
        }
        self.store.pin(&manifest.cid, Role::Model)?;
        // The token names the weights on their own; their directory is another root over the same leaves.
        if self.store.has(&manifest.weights.cid)? {
            self.store.pin(&manifest.weights.cid, Role::Model)?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds to the batch, and commits it when it is full. Other threads fill the next one meanwhile.
    fn add(&self, add: impl FnOnce(&mut Batch) -> Result<(), StorageError>) {
        let full = {
            let mut batch = self.lock();
            if batch.failure.is_some() {
                return;
            }
            batch.failure = add(&mut batch).err();
            let full = batch.leaves.len() >= BATCH_LEAVES || batch.node_bytes >= BATCH_NODE_BYTES;
            (full && batch.failure.is_none()).then(|| std::mem::take(&mut *batch))
        };
        if let Some(Err(error)) = full.map(|batch| self.commit(batch)) {
            self.lock().failure.get_or_insert(error);
        }
    }

    fn commit(&self, batch: Batch) -> Result<(), StorageError> {
        let mut files: BTreeMap<ModelPath, Vec<Leaf>> = BTreeMap::new();
        for (file, leaf) in batch.leaves {
            files.entry(file).or_default().push(leaf);
        }
        let files: Vec<_> =
            files.into_iter().map(|(file, leaves)| Ok((self.resolve(&file)?, leaves))).collect::<Result<_, StorageError>>()?;
        self.store.index.write(|transaction| {
            put_blocks(transaction, &batch.nodes)?;
            files.into_iter().try_for_each(|(path, leaves)| note_places(transaction, &path, leaves))
        })
    }

    /// Returns where the file really lies: links may change, and the working directory will.
    fn resolve(&self, file: &ModelPath) -> Result<PathBuf, StorageError> {
        let path = if self.is_directory { self.base.join(file.as_str()) } else { self.base.clone() };
        fs::canonicalize(&path).map_err(|error| StorageError::io("find", &path, error))
    }
}

impl Observer for Import<'_> {
    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        // A copy notes its own places. The empty block is not worth looking for in a file; `finish` puts it.
        if self.leaves == Leaves::Copied || len == 0 {
            return;
        }
        self.add(|batch| {
            batch.leaves.push((file.clone(), Leaf { offset, length: u64::from(len), id: *cid }));
            Ok(())
        });
    }

    fn node(&self, cid: &ContentId, block: &[u8]) {
        self.add(|batch| {
            batch.nodes.push(Block::new(cid.codec(), block.to_vec())?);
            batch.node_bytes += block.len();
            Ok(())
        });
    }

    /// A file whose whole tree is in the store, every node of it sound, need not be read again: its leaves are where the file is.
    fn needs_leaves(&self, entry: &FileEntry) -> bool {
        dag::each_leaf(self.store, &entry.cid, entry.size, |_, _| Ok(())).is_err()
    }

    fn reused(&self, entry: &FileEntry) {
        self.reused.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.path.clone());
    }
}
