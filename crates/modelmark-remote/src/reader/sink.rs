//! Where blocks go.

use std::sync::{Mutex, MutexGuard, PoisonError};

use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{Block, BlockCache, MAX_BLOCK_BYTES, Store};

use crate::RemoteError;

/// How many bytes are handed to a store at once.
const BATCH_BYTES: usize = 8 << 20;
/// How many blocks are handed to a store at once.
const BATCH_BLOCKS: usize = 1024;

/// Takes verified blocks.
pub trait Sink: Send + Sync {
    /// Tells whether the block is there already *with everything below it*: then neither is asked for.
    fn has(&self, id: &ContentId) -> bool;

    /// Returns the block if it is there, but perhaps not all that is below it: then only what is missing there is asked for.
    ///
    /// # Errors
    /// When it cannot be looked for.
    fn known(&self, _id: &ContentId) -> Result<Option<Block>, RemoteError> {
        Ok(None)
    }

    /// Takes a block.
    ///
    /// # Errors
    /// When it cannot be taken; the read ends with that.
    fn put(&self, block: Block) -> Result<(), RemoteError>;

    /// Takes a block as [`Sink::put`] does, where a range of a file is read: `start` is the place in the file of the first byte below the block.
    ///
    /// # Errors
    /// As [`Sink::put`].
    fn put_at(&self, block: Block, _start: u64) -> Result<(), RemoteError> {
        self.put(block)
    }

    /// Says that nothing more comes.
    ///
    /// # Errors
    /// When what was taken cannot be kept.
    fn finish(&self) -> Result<(), RemoteError> {
        Ok(())
    }
}

/// Puts what is read into a [`Store`], many blocks at once. Dropped before its end, it leaves what has come in.
pub struct StoreSink<'s> {
    store: &'s dyn Store,
    batch: Mutex<Batch>,
}

#[derive(Default)]
struct Batch {
    blocks: Vec<Block>,
    bytes: usize,
}

impl<'s> StoreSink<'s> {
    /// Returns a sink that ends in `store`.
    #[must_use]
    pub fn new(store: &'s dyn Store) -> Self {
        Self { store, batch: Mutex::default() }
    }

    fn batch(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self, id: &ContentId) -> Option<Block> {
        self.batch().blocks.iter().find(|block| block.id() == *id).cloned()
    }

    fn flush(&self, batch: &mut Batch) -> Result<(), RemoteError> {
        self.store.put_all(&batch.blocks)?;
        *batch = Batch::default();
        Ok(())
    }
}

impl Sink for StoreSink<'_> {
    fn has(&self, id: &ContentId) -> bool {
        // Of a leaf, which has nothing below it, the store knows all; one that it cannot tell about is fetched.
        id.codec() == Codec::Raw && (self.store.has(id).unwrap_or_default() || self.batch().blocks.iter().any(|block| block.id() == *id))
    }

    fn known(&self, id: &ContentId) -> Result<Option<Block>, RemoteError> {
        if let Some(block) = self.waiting(id) {
            return Ok(Some(block));
        }
        // A damaged block is fetched again, which repairs it.
        let Ok(Some(bytes)) = self.store.get(id, MAX_BLOCK_BYTES) else { return Ok(None) };
        Ok(Block::verified(id, bytes)?)
    }

    fn put(&self, block: Block) -> Result<(), RemoteError> {
        let mut batch = self.batch();
        batch.bytes += block.bytes().len();
        batch.blocks.push(block);
        if batch.bytes >= BATCH_BYTES || batch.blocks.len() >= BATCH_BLOCKS { self.flush(&mut batch) } else { Ok(()) }
    }

    fn finish(&self) -> Result<(), RemoteError> {
        self.flush(&mut self.batch())
    }
}

impl Drop for StoreSink<'_> {
    fn drop(&mut self) {
        // What cannot be kept is fetched again.
        let _ = self.finish();
    }
}

/// The bytes of a small file, in order.
#[derive(Default)]
pub(super) struct Text(Mutex<Vec<u8>>);

impl Text {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Text {
    fn has(&self, _: &ContentId) -> bool {
        false
    }

    fn put(&self, block: Block) -> Result<(), RemoteError> {
        if block.id().codec() == Codec::Raw {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(block.bytes());
        }
        Ok(())
    }
}

/// The bytes of a small file, whose blocks are kept in a cache.
pub(super) struct Kept<'t> {
    pub(super) text: &'t Text,
    pub(super) cache: Option<&'t BlockCache>,
}

impl Sink for Kept<'_> {
    fn has(&self, _: &ContentId) -> bool {
        false
    }

    fn put(&self, block: Block) -> Result<(), RemoteError> {
        if let Some(cache) = self.cache {
            cache.put(&block);
        }
        self.text.put(block)
    }
}
