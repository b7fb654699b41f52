//! The store as strangers see it: without what is denied.

use std::collections::BTreeSet;

use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_storage::{Block, MAX_BLOCK_BYTES, StorageError, Store};

use crate::refusal::Refusal;

/// A store in which denied blocks are absent.
pub(crate) struct Source<'s> {
    pub(crate) store: &'s dyn Store,
    pub(crate) denied: &'s BTreeSet<Sha256Digest>,
}

impl Source<'_> {
    /// Returns the block's bytes.
    pub(crate) fn need(&self, id: &ContentId) -> Result<Vec<u8>, Refusal> {
        self.get(id, MAX_BLOCK_BYTES)?.ok_or_else(|| self.explain(StorageError::Missing { id: *id, store: String::new() }))
    }

    /// Tells a denied block from one that is not here.
    pub(crate) fn explain(&self, error: StorageError) -> Refusal {
        match error {
            StorageError::Missing { id, .. } if self.denied.contains(&id.digest()) => Refusal::denied(&id),
            other => other.into(),
        }
    }
}

impl Store for Source<'_> {
    fn name(&self) -> &str {
        self.store.name()
    }

    fn put_all(&self, blocks: &[Block]) -> Result<(), StorageError> {
        self.store.put_all(blocks)
    }

    fn get(&self, id: &ContentId, limit: usize) -> Result<Option<Vec<u8>>, StorageError> {
        if self.denied.contains(&id.digest()) { Ok(None) } else { self.store.get(id, limit) }
    }

    fn has(&self, id: &ContentId) -> Result<bool, StorageError> {
        Ok(!self.denied.contains(&id.digest()) && self.store.has(id)?)
    }

    fn attach(&self, record: &ContentId, document: &ContentId) -> Result<(), StorageError> {
        self.store.attach(record, document)
    }

    fn attached(&self, record: &ContentId) -> Result<Vec<ContentId>, StorageError> {
        self.store.attached(record)
    }
}
