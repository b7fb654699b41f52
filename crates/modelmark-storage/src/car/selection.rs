//! Writing a part of a DAG as a CAR file: what a gateway is asked for.

use std::collections::HashMap;
use std::io::Write;

use modelmark_digest::unixfs::{Node, Part};
use modelmark_digest::{Codec, ContentId};

use super::Exported;
use super::export::{write_header, write_section};
use crate::store::need;
use crate::{MAX_BLOCK_BYTES, StorageError, Store, dag};

/// Which blocks of a DAG are written, as `dag-scope` and `entity-bytes` of the trustless gateway specification name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Blocks that come first: those that prove the path to the root.
    pub way: Vec<ContentId>,
    /// Where the part begins.
    pub root: ContentId,
    /// How much of what is below the root.
    pub scope: Scope,
    /// Whether a block is written each time the walk comes by; else once. Who asks for this need not keep a block that was read.
    pub duplicates: bool,
    /// Most blocks that are written.
    pub limit: u64,
}

/// How much of what is below a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The root's block alone.
    Block,
    /// All of a file; of a directory its own blocks (a sharded one has several), without its entries.
    Entity,
    /// The blocks of a file that hold the bytes from the first to the last of these, both included, and the nodes above them; a directory as
    /// [`Scope::Entity`].
    Bytes(u64, u64),
    /// Everything.
    All,
}

/// Writes the selected blocks to `out`, the way first and then depth first.
///
/// Memory grows with the number of blocks that were written (about 50 bytes each), and not at all with [`Selection::duplicates`].
///
/// # Errors
/// As [`export`](super::export()), and [`StorageError::Car`] when there are more blocks than the limit. What was written until then is not a usable
/// CAR.
pub fn export_selection(store: &dyn Store, selection: &Selection, out: &mut dyn Write) -> Result<Exported, StorageError> {
    write_header(&[selection.root], out)?;
    let mut walk = Walk { store, selection, out, seen: HashMap::new(), exported: Exported::default() };
    for id in &selection.way {
        walk.write(id, &need(store, id, MAX_BLOCK_BYTES)?)?;
    }
    let wanted = if let Scope::Bytes(from, to) = selection.scope { Wanted::Bytes(from, to) } else { Wanted::Whole };
    let mut ahead = vec![(selection.root, wanted)];
    while let Some((id, wanted)) = ahead.pop() {
        ahead.extend(walk.visit(&id, wanted)?.into_iter().rev());
    }
    walk.out.flush().map_err(StorageError::Output)?;
    Ok(walk.exported)
}

/// How much of what is below a block is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Whole,
    /// From the first to the last byte, counted from the block's own first.
    Bytes(u64, u64),
}

struct Walk<'s> {
    store: &'s dyn Store,
    selection: &'s Selection,
    out: &'s mut dyn Write,
    /// The blocks that were written, and whether everything below was, too.
    seen: HashMap<ContentId, bool>,
    exported: Exported,
}

impl Walk<'_> {
    /// Writes the block unless it was, and returns what is to be visited below it.
    fn visit(&mut self, id: &ContentId, wanted: Wanted) -> Result<Vec<(ContentId, Wanted)>, StorageError> {
        let known = self.seen.get(id).copied();
        if known == Some(true) {
            return Ok(Vec::new());
        }
        let bytes = need(self.store, id, MAX_BLOCK_BYTES)?;
        if known.is_none() {
            self.write(id, &bytes)?;
        }
        if !self.selection.duplicates {
            // A part of a file may be wanted to its middle first, and whole later. Only the parts at both ends of the wanted bytes can be.
            self.seen.insert(*id, wanted == Wanted::Whole);
        }
        if id.codec() == Codec::Raw || self.selection.scope == Scope::Block {
            return Ok(Vec::new());
        }
        Ok(below(&dag::decode(id, &bytes)?, self.selection.scope, wanted))
    }

    fn write(&mut self, id: &ContentId, bytes: &[u8]) -> Result<(), StorageError> {
        if self.exported.blocks >= self.selection.limit {
            return Err(StorageError::Car { offset: 0, reason: format!("more than {} blocks", self.selection.limit) });
        }
        write_section(&id.to_bytes(), bytes, self.out).map_err(StorageError::Output)?;
        self.exported.blocks += 1;
        self.exported.bytes += bytes.len() as u64;
        Ok(())
    }
}

fn below(node: &Node, scope: Scope, wanted: Wanted) -> Vec<(ContentId, Wanted)> {
    match (node, wanted) {
        (Node::File(parts), Wanted::Bytes(from, to)) => overlapping(parts, from, to),
        (Node::Directory(_) | Node::Shard(_), _) if scope != Scope::All => node.deeper().map(|id| (id, Wanted::Whole)).collect(),
        _ => node.children().map(|id| (id, Wanted::Whole)).collect(),
    }
}

/// Returns the parts that hold some of the bytes from `from` to `to`, and which of their own.
fn overlapping(parts: &[Part], from: u64, to: u64) -> Vec<(ContentId, Wanted)> {
    let mut start = 0_u64;
    let mut wanted = Vec::new();
    for part in parts {
        // The decoder has checked that the sum fits.
        let end = start + part.size;
        if part.size > 0 && from < end && to >= start {
            let (first, last) = (from.saturating_sub(start), (to - start).min(part.size - 1));
            let whole = first == 0 && last == part.size - 1;
            wanted.push((part.cid, if whole { Wanted::Whole } else { Wanted::Bytes(first, last) }));
        }
        start = end;
    }
    wanted
}
