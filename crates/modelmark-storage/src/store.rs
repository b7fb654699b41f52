//! The seam between modelmark and places that keep blocks.

use modelmark_digest::{Codec, ContentId};

use crate::StorageError;

/// Largest block that is kept, in bytes: 2 MiB, the limit of IPFS block exchange, so that whatever is kept here can also live there.
pub const MAX_BLOCK_BYTES: usize = 2 << 20;

/// Bytes together with the CID that they hash to. The only way to make one is to hash the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    id: ContentId,
    bytes: Vec<u8>,
}

impl Block {
    /// Hashes `bytes` into a block.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`] above [`MAX_BLOCK_BYTES`].
    pub fn new(codec: Codec, bytes: Vec<u8>) -> Result<Self, StorageError> {
        let id = match codec {
            Codec::Raw => ContentId::raw(&bytes),
            Codec::DagPb => ContentId::dag_pb(&bytes),
        };
        check_size(&id, bytes.len(), MAX_BLOCK_BYTES)?;
        Ok(Self { id, bytes })
    }

    /// Hashes `bytes`, which somebody else calls `id`; `None` when they are not what `id` names.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`] above [`MAX_BLOCK_BYTES`]; such bytes are not hashed.
    pub fn verified(id: &ContentId, bytes: Vec<u8>) -> Result<Option<Self>, StorageError> {
        check_size(id, bytes.len(), MAX_BLOCK_BYTES)?;
        Ok(id.verify(&bytes).then_some(Self { id: *id, bytes }))
    }

    /// Returns the CID.
    #[must_use]
    pub const fn id(&self) -> ContentId {
        self.id
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes, and the block is gone.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A place that keeps blocks by their CID, and remembers which signature documents belong to which record.
///
/// Whatever a store returns, it has re-hashed.
pub trait Store: Send + Sync {
    /// Returns the store's name for messages, such as `file:/home/ada/.local/share/modelmark/store`.
    fn name(&self) -> &str;

    /// Keeps all of `blocks` or none. What is there already is left as it is, or repaired when it is damaged.
    ///
    /// # Errors
    /// When the store cannot be written to.
    fn put_all(&self, blocks: &[Block]) -> Result<(), StorageError>;

    /// Keeps one block and returns its CID.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`] above [`MAX_BLOCK_BYTES`], or when the store cannot be written to.
    fn put(&self, codec: Codec, bytes: &[u8]) -> Result<ContentId, StorageError> {
        let block = Block::new(codec, bytes.to_vec())?;
        self.put_all(std::slice::from_ref(&block))?;
        Ok(block.id)
    }

    /// Returns the block's bytes, re-hashed; `None` when the store does not have it.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`] when it has more than `limit` bytes (they are not read then), [`StorageError::Damaged`] or
    /// [`StorageError::Altered`] when no place still holds the right bytes, or when the store cannot be read.
    fn get(&self, id: &ContentId, limit: usize) -> Result<Option<Vec<u8>>, StorageError>;

    /// Tells whether the store knows the block, without reading it.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn has(&self, id: &ContentId) -> Result<bool, StorageError>;

    /// Remembers that `document` (a signature document) belongs to `record`. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when the document is not in the store, or when the store cannot be written to.
    fn attach(&self, record: &ContentId, document: &ContentId) -> Result<(), StorageError>;

    /// Returns the documents attached to `record`, sorted by CID.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn attached(&self, record: &ContentId) -> Result<Vec<ContentId>, StorageError>;

    /// Returns the documents in which places said that they took `root`, sorted by place; a store that notes none has none.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn receipts_of(&self, root: &ContentId) -> Result<Vec<Vec<u8>>, StorageError> {
        let _ = root;
        Ok(Vec::new())
    }
}

/// Returns the block's bytes, or [`StorageError::Missing`] where `get` gives `None`.
pub(crate) fn need(store: &dyn Store, id: &ContentId, limit: usize) -> Result<Vec<u8>, StorageError> {
    store.get(id, limit)?.ok_or_else(|| StorageError::Missing { id: *id, store: store.name().to_owned() })
}

pub(crate) fn check_size(id: &ContentId, size: usize, limit: usize) -> Result<(), StorageError> {
    if size <= limit {
        return Ok(());
    }
    Err(StorageError::TooLarge { id: *id, size: size as u64, limit: limit as u64 })
}
