//! What hangs below a block, whatever its codec.

use modelmark_digest::unixfs::{self, Node, Part};
use modelmark_digest::{Codec, ContentId, Sha256Digest};

use crate::store::need;
use crate::{MAX_BLOCK_BYTES, StorageError, Store};

/// A block of a file.
pub(crate) enum Piece {
    /// A leaf: bytes of the file.
    Bytes(Vec<u8>),
    /// An inner node: where the bytes are.
    Parts(Vec<Part>),
}

impl Piece {
    /// Returns how many bytes of the file the block stands for.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            // The decoder has checked that the sum fits.
            Self::Parts(parts) => parts.iter().map(|part| part.size).sum(),
        }
    }
}

/// Reads the verified `bytes` of `id` as a block of a file.
pub(crate) fn piece(id: &ContentId, bytes: Vec<u8>) -> Result<Piece, StorageError> {
    match id.codec() {
        Codec::Raw => Ok(Piece::Bytes(bytes)),
        Codec::DagPb => match decode(id, &bytes)? {
            Node::File(parts) => Ok(Piece::Parts(parts)),
            Node::Directory(_) | Node::Shard(_) => Err(malformed(id, "it is a directory, not a file")),
        },
    }
}

/// Returns the ids that the verified `bytes` of `id` link to, in order.
pub(crate) fn links(id: &ContentId, bytes: &[u8]) -> Result<Vec<ContentId>, StorageError> {
    match id.codec() {
        Codec::Raw => Ok(Vec::new()),
        Codec::DagPb => Ok(decode(id, bytes)?.children().collect()),
    }
}

/// Calls `visit` with the id and the size of every leaf of the file `id`, in the order of the file. Leaves are not read, so they need not be in
/// the store.
pub(crate) fn each_leaf(
    store: &dyn Store,
    id: &ContentId,
    size: u64,
    mut visit: impl FnMut(ContentId, u64) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let mut ahead = vec![(*id, size)];
    while let Some((id, size)) = ahead.pop() {
        if id.codec() == Codec::Raw {
            visit(id, size)?;
        } else if let Piece::Parts(parts) = piece(&id, need(store, &id, MAX_BLOCK_BYTES)?)? {
            // Empty parts are not even fetched: a hostile tree could hold exponentially many of them.
            ahead.extend(parts.iter().rev().filter(|part| part.size > 0).map(|part| (part.cid, part.size)));
        }
    }
    Ok(())
}

/// Returns the digests of the leaves of the file `id` of `size` bytes, in order, from the nodes in the store. The leaves need not be there.
///
/// Whether they are those of the file's CID under some profile is for [`LeafList`](modelmark_digest::outboard::LeafList) to check.
///
/// # Errors
/// When a node is missing or is no node of a file, or there are more leaves than bytes.
pub fn leaves(store: &dyn Store, id: &ContentId, size: u64) -> Result<Vec<Sha256Digest>, StorageError> {
    let mut leaves = Vec::new();
    if size == 0 {
        return Ok(leaves);
    }
    let mut left = size;
    each_leaf(store, id, size, |leaf, length| {
        left = left.checked_sub(length.max(1)).ok_or_else(|| malformed(id, "its leaves are longer than the file"))?;
        leaves.push(leaf.digest());
        Ok(())
    })?;
    Ok(leaves)
}

pub(crate) fn decode(id: &ContentId, bytes: &[u8]) -> Result<Node, StorageError> {
    unixfs::decode(bytes).map_err(|error| malformed(id, error))
}

pub(crate) fn malformed(id: &ContentId, reason: impl ToString) -> StorageError {
    StorageError::Malformed { id: *id, reason: reason.to_string() }
}
