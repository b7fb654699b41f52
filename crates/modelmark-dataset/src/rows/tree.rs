//! The tree over rows, whatever they are.

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{TreeBuilder, leaf_hash_of};

use super::{MAX_ROWS, RowError, RowKind, RowsRoot};

const ROW: &[u8] = b"mpv1:row\0";
const ROWS: &[u8] = b"mpv1:rows\0";

/// Takes the leaves of rows in order.
#[derive(Default)]
pub(super) struct RowTree(TreeBuilder);

/// Returns the leaf of a row from its canonical bytes.
pub(super) fn leaf(row: &[u8]) -> Sha256Digest {
    leaf_hash_of(&[ROW, row])
}

impl RowTree {
    pub(super) fn push(&mut self, leaf: Sha256Digest) -> Result<(), RowError> {
        if self.0.size() == MAX_ROWS {
            return Err(RowError::TooMany);
        }
        self.0.push(leaf);
        Ok(())
    }

    /// Returns the root of the rows under columns with these canonical bytes.
    pub(super) fn finish(self, kind: RowKind, columns: &[u8]) -> RowsRoot {
        let (rows, name) = (self.0.size(), kind.name().as_bytes());
        let length = (name.len() as u32).to_le_bytes();
        let columns = Sha256Digest::of(columns);
        let root = leaf_hash_of(&[ROWS, &length, name, &rows.to_le_bytes(), columns.as_bytes(), self.0.root().as_bytes()]);
        RowsRoot { kind, rows, root }
    }
}
