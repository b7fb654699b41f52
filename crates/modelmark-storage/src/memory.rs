//! Blocks in memory: for tests, and for looking into a CAR file without keeping it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use modelmark_digest::{ContentId, Sha256Digest};

use crate::store::check_size;
use crate::{Block, StorageError, Store};

/// A [`Store`] that forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    contents: RwLock<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    blocks: BTreeMap<Sha256Digest, Vec<u8>>,
    attachments: BTreeSet<(ContentId, ContentId)>,
}

impl MemoryStore {
    /// Returns an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // Every change is one insertion, so the contents are whole even when a thread panicked while it held the lock.
    fn read(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Contents> {
        self.contents.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn name(&self) -> &str {
        "memory"
    }

    fn put_all(&self, blocks: &[Block]) -> Result<(), StorageError> {
        let mut contents = self.write();
        for block in blocks {
            contents.blocks.insert(block.id().digest(), block.bytes().to_vec());
        }
        Ok(())
    }

    fn get(&self, id: &ContentId, limit: usize) -> Result<Option<Vec<u8>>, StorageError> {
        let contents = self.read();
        let Some(bytes) = contents.blocks.get(&id.digest()) else { return Ok(None) };
        check_size(id, bytes.len(), limit)?;
        if id.verify(bytes) { Ok(Some(bytes.clone())) } else { Err(StorageError::Damaged { id: *id, place: "memory".to_owned() }) }
    }

    fn has(&self, id: &ContentId) -> Result<bool, StorageError> {
        Ok(self.read().blocks.contains_key(&id.digest()))
    }

    fn attach(&self, record: &ContentId, document: &ContentId) -> Result<(), StorageError> {
        let mut contents = self.write();
        if !contents.blocks.contains_key(&document.digest()) {
            return Err(StorageError::Missing { id: *document, store: self.name().to_owned() });
        }
        contents.attachments.insert((*record, *document));
        Ok(())
    }

    fn attached(&self, record: &ContentId) -> Result<Vec<ContentId>, StorageError> {
        Ok(self.read().attachments.iter().filter(|(subject, _)| subject == record).map(|(_, document)| *document).collect())
    }
}
