//! Writing CAR files.

use std::collections::HashSet;
use std::io::{self, Write};

use cid::Cid;
use modelmark_digest::ContentId;
use unsigned_varint::encode;

use super::{Header, distinct};
use crate::store::need;
use crate::{MAX_BLOCK_BYTES, StorageError, Store, dag};

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Number of blocks.
    pub blocks: u64,
    /// Bytes of all blocks, without the CAR's own framing.
    pub bytes: u64,
}

/// Writes `roots` and everything below them to `out`.
///
/// The bytes depend on the roots alone: each block and each root once, roots in the given order, each followed by what is below it, depth first
/// and in the order of the links in its block. Memory grows with the number of blocks (about 50 bytes each), not with their size.
///
/// # Errors
/// [`StorageError::Missing`], [`StorageError::Damaged`] or [`StorageError::Altered`] when a block cannot be had, [`StorageError::Malformed`]
/// when one cannot be followed, [`StorageError::Output`] when `out` fails, [`StorageError::Car`] when there are
/// more than [`MAX_ROOTS`](super::MAX_ROOTS) different roots. What was written until then is not a usable CAR.
pub fn export(store: &dyn Store, roots: &[ContentId], out: &mut dyn Write) -> Result<Exported, StorageError> {
    let roots = distinct(roots.iter().copied()).map_err(|reason| StorageError::Car { offset: 0, reason })?;
    write_header(&roots, out)?;
    let mut exported = Exported::default();
    let mut seen = HashSet::new();
    let mut ahead: Vec<ContentId> = roots.iter().rev().copied().collect();
    while let Some(id) = ahead.pop() {
        if !seen.insert(id) {
            continue;
        }
        let bytes = need(store, &id, MAX_BLOCK_BYTES)?;
        write_section(&id.to_bytes(), &bytes, out).map_err(StorageError::Output)?;
        exported.blocks += 1;
        exported.bytes += bytes.len() as u64;
        ahead.extend(dag::links(&id, &bytes)?.into_iter().rev());
    }
    out.flush().map_err(StorageError::Output)?;
    Ok(exported)
}

/// Returns the roots of the CAR of `record`: the record and then the documents attached to it.
///
/// # Errors
/// When the store cannot be read.
pub fn record_roots(store: &dyn Store, record: &ContentId) -> Result<Vec<ContentId>, StorageError> {
    let mut roots = vec![*record];
    roots.extend(store.attached(record)?);
    Ok(roots)
}

pub(super) fn write_header(roots: &[ContentId], out: &mut dyn Write) -> Result<(), StorageError> {
    let unencodable = |error: &dyn std::fmt::Display| StorageError::Car { offset: 0, reason: error.to_string() };
    let roots = roots.iter().map(|root| Cid::try_from(root.to_bytes())).collect::<Result<_, _>>().map_err(|error| unencodable(&error))?;
    let header = serde_ipld_dagcbor::to_vec(&Header { roots, version: 1 }).map_err(|error| unencodable(&error))?;
    write_section(&[], &header, out).map_err(StorageError::Output)
}

pub(super) fn write_section(id: &[u8], bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(encode::usize(id.len() + bytes.len(), &mut encode::usize_buffer()))?;
    out.write_all(id)?;
    out.write_all(bytes)
}
