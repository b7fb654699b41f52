//! Bytes that somebody sent.

use bytes::Bytes;
use modelmark_digest::ContentId;
use modelmark_storage::Block;

/// Bytes from a place, as it sent them. They come out only against the CID that was asked for.
#[derive(Clone, Debug)]
pub struct Unverified(Bytes);

impl Unverified {
    /// Wraps what a place sent. Its length is bounded by whoever read it.
    #[must_use]
    pub const fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// Returns the bytes if they hash to `id`; else `None`: the place sent something else.
    #[must_use]
    pub fn verify(self, id: &ContentId) -> Option<Bytes> {
        id.verify(&self.0).then_some(self.0)
    }

    /// Returns the block if the bytes hash to `id` and are no more than a block; else `None`: the place sent something else.
    #[must_use]
    pub fn into_block(self, id: &ContentId) -> Option<Block> {
        Block::verified(id, self.0.into()).ok().flatten()
    }
}
