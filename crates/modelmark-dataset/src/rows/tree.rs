//! The tree over rows, whatever they are.

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{TreeBuilder, leaf_hash_of};

use super::{MAX_ROW_BYTES, MAX_ROWS, RowError, RowKind, RowProof, RowsRoot};

const ROW: &[u8] = b"mpv1:row\0";
const ROWS: &[u8] = b"mpv1:rows\0";

/// What was read of a file.
pub(super) struct Rows {
    pub(super) root: RowsRoot,
    /// Of the row that was wanted.
    pub(super) proof: Option<RowProof>,
}

/// Takes the leaves of rows in order, and keeps one row if it is wanted.
#[derive(Default)]
pub(super) struct RowTree {
    builder: TreeBuilder,
    wanted: Option<u64>,
    row: Vec<u8>,
}

/// Returns the leaf of a row from its canonical bytes.
pub(super) fn leaf(row: &[u8]) -> Sha256Digest {
    leaf_hash_of(&[ROW, row])
}

/// Returns the root over so many rows under columns with these canonical bytes.
pub(super) fn root(kind: RowKind, rows: u64, columns: &[u8], tree: &Sha256Digest) -> Sha256Digest {
    let name = kind.name().as_bytes();
    let length = (name.len() as u32).to_le_bytes();
    leaf_hash_of(&[ROWS, &length, name, &rows.to_le_bytes(), Sha256Digest::of(columns).as_bytes(), tree.as_bytes()])
}

impl RowTree {
    /// Starts a tree in which the row `wanted`, counted from 0, is to be proven.
    pub(super) fn new(wanted: Option<u64>) -> Self {
        Self { builder: TreeBuilder::watching(wanted), wanted, row: Vec::new() }
    }

    /// Returns which of the next `count` rows has to be [kept](Self::keep).
    pub(super) fn wanted_in(&self, count: usize) -> Option<usize> {
        let ahead = self.wanted?.checked_sub(self.builder.size())?;
        usize::try_from(ahead).ok().filter(|ahead| *ahead < count)
    }

    /// Takes the canonical bytes of the row that is wanted.
    pub(super) fn keep(&mut self, row: Vec<u8>) -> Result<(), RowError> {
        if row.len() as u64 > MAX_ROW_BYTES {
            return Err(RowError::TooLong(self.wanted.unwrap_or_default().saturating_add(1)));
        }
        self.row = row;
        Ok(())
    }

    pub(super) fn push(&mut self, leaf: Sha256Digest) -> Result<(), RowError> {
        if self.builder.size() == MAX_ROWS {
            return Err(RowError::TooMany);
        }
        self.builder.push(leaf);
        Ok(())
    }

    /// Returns what was read under columns with these canonical bytes.
    pub(super) fn finish(self, kind: RowKind, columns: &[u8]) -> Result<Rows, RowError> {
        let rows = self.builder.size();
        if let Some(index) = self.wanted.filter(|wanted| *wanted >= rows) {
            return Err(RowError::NoRow { index, rows });
        }
        let (tree, proofs) = self.builder.finish().map_err(|_| RowError::TooMany)?;
        let root = RowsRoot { kind, rows, root: root(kind, rows, columns, &tree) };
        let proof = proofs.into_iter().next().map(|proof| RowProof::new(kind, columns, self.row, proof)).transpose()?;
        Ok(Rows { root, proof })
    }
}
