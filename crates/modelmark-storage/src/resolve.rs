//! The way from a directory to what lies at a path below it, with the blocks that prove it.

use modelmark_digest::unixfs::Entry;
use modelmark_digest::{Codec, ContentId};

use crate::dag::decode;
use crate::store::need;
use crate::{MAX_BLOCK_BYTES, StorageError, Store};

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What lies at the path.
    pub id: ContentId,
    /// What the path begins at and what each of its names stands for, in order; the last is [`Self::id`].
    pub roots: Vec<ContentId>,
    /// Every block that was read on the way, in order, the shards between two names included, and without [`Self::id`]: who has them can repeat the
    /// steps without believing anybody.
    pub way: Vec<ContentId>,
}

/// Follows `path`, name by name, from the directory `root`; `None` when there is no such entry, or when what should be a directory is a file.
///
/// The block at the end of the path is not read, and need not be in the store.
///
/// # Errors
/// [`StorageError::Missing`], [`StorageError::Damaged`] or [`StorageError::Altered`] when a block on the way cannot be had,
/// [`StorageError::Malformed`] when one is no UnixFS node.
pub fn resolve(store: &dyn Store, root: &ContentId, path: &[&str]) -> Result<Option<Resolved>, StorageError> {
    let mut resolved = Resolved { id: *root, roots: vec![*root], way: Vec::new() };
    for name in path {
        let Some(next) = step(store, resolved.id, name, &mut resolved.way)? else { return Ok(None) };
        resolved.id = next;
        resolved.roots.push(next);
    }
    Ok(Some(resolved))
}

fn step(store: &dyn Store, directory: ContentId, name: &str, way: &mut Vec<ContentId>) -> Result<Option<ContentId>, StorageError> {
    let mut id = directory;
    for depth in 0.. {
        if id.codec() == Codec::Raw {
            return Ok(None);
        }
        let node = decode(&id, &need(store, &id, MAX_BLOCK_BYTES)?)?;
        way.push(id);
        match node.entry(name, depth) {
            Some(Entry::Is(found)) => return Ok(Some(found)),
            // A hash has eight bytes, so there is no slot below the eighth shard.
            Some(Entry::Below(shard)) => id = shard,
            None => return Ok(None),
        }
    }
    Ok(None)
}
