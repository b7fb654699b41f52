//! Where the leaves of a file belong, learned from its nodes as they arrive.

use std::ops::Range;

use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::Block;

/// Deepest accepted tree: 174 links a node reach every possible size in 9 levels.
const MAX_DEPTH: u32 = 32;

/// A block of the file that was not seen yet, and the bytes below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) id: ContentId,
    pub(super) start: u64,
    pub(super) size: u64,
    depth: u32,
}

impl Piece {
    pub(super) const fn root(id: ContentId, size: u64) -> Self {
        Self { id, start: 0, size, depth: 0 }
    }

    pub(super) const fn range(&self) -> Range<u64> {
        self.start..self.start + self.size
    }

    /// Returns the pieces below, in order. `bytes` are those of the piece's id.
    pub(super) fn children(&self, bytes: &[u8]) -> Result<Vec<Self>, String> {
        if self.depth >= MAX_DEPTH {
            return Err(format!("its tree is deeper than {MAX_DEPTH} levels"));
        }
        let node = unixfs::decode(bytes).map_err(|error| format!("{}: {error}", self.id))?;
        let Node::File(parts) = node else { return Err(format!("{} is a directory, not a file", self.id)) };
        let mut at = self.start;
        let mut children = Vec::with_capacity(parts.len());
        for part in parts {
            // The decoder has checked that the sum fits.
            children.push(Self { id: part.cid, start: at, size: part.size, depth: self.depth + 1 });
            at = at.saturating_add(part.size);
        }
        if at - self.start == self.size {
            Ok(children)
        } else {
            Err(format!("{} holds {} bytes of it, where {} should be", self.id, at - self.start, self.size))
        }
    }
}

/// The pieces of a file that are still to come, in the order in which they come.
pub(super) struct Ahead(Vec<Piece>);

impl Ahead {
    pub(super) fn new(root: Piece) -> Self {
        Self(vec![root])
    }

    /// Takes a block that arrived, and returns the piece that it is if it is a leaf. Pieces before it were left out; what is not of the file is passed over.
    pub(super) fn take(&mut self, block: &Block) -> Result<Option<Piece>, String> {
        let Some(place) = self.0.iter().rposition(|piece| piece.id == block.id()) else { return Ok(None) };
        self.0.truncate(place + 1);
        let Some(piece) = self.0.pop() else { return Ok(None) };
        if piece.id.codec() == Codec::Raw {
            let length = block.bytes().len() as u64;
            return if length == piece.size {
                Ok(Some(piece))
            } else {
                Err(format!("{} has {length} bytes, where {} should be", piece.id, piece.size))
            };
        }
        let children = piece.children(block.bytes())?;
        self.0.extend(children.into_iter().rev());
        Ok(None)
    }
}
