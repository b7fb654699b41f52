//! What places beyond this machine said when they took something: documents of the caller's, found by what was taken and by whom.
//!
//! The table is made with the first receipt: a store without any is one that an older program reads and writes as its own. A collection leaves
//! receipts alone, also those of what this store no longer keeps: they say where it can still be had.

use modelmark_digest::ContentId;
use rusqlite::Connection;

use super::LocalStore;
use crate::StorageError;

/// Longest receipt in bytes.
pub const MAX_RECEIPT_BYTES: usize = 64 << 10;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS receipts (
    root BLOB NOT NULL, place TEXT NOT NULL, receipt BLOB NOT NULL, PRIMARY KEY (root, place)
) STRICT, WITHOUT ROWID";

/// What one place said about one root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// What was taken, with everything below it.
    pub root: ContentId,
    /// The place's URL.
    pub place: String,
    /// The caller's document.
    pub receipt: Vec<u8>,
}

impl LocalStore {
    /// Notes what `place` said when it took `root`; what it said before is replaced. It is on disk when this returns.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`] above [`MAX_RECEIPT_BYTES`], or when the store cannot be written to.
    pub fn note_receipt(&self, root: &ContentId, place: &str, receipt: &[u8]) -> Result<(), StorageError> {
        crate::store::check_size(root, receipt.len(), MAX_RECEIPT_BYTES)?;
        let sql = "INSERT INTO receipts (root, place, receipt) VALUES (?1, ?2, ?3)
                   ON CONFLICT (root, place) DO UPDATE SET receipt = excluded.receipt";
        self.index.write(|transaction| {
            transaction.execute_batch(TABLE)?;
            transaction.execute(sql, (root.to_bytes(), place, receipt)).map(drop)
        })
    }

    /// Returns what places said about `root`, or about everything, sorted by root and place.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn receipts(&self, root: Option<&ContentId>) -> Result<Vec<Noted>, StorageError> {
        let rows: Vec<(Vec<u8>, String, Vec<u8>)> = self.index.run(|connection| {
            if !has_table(connection)? {
                return Ok(Vec::new());
            }
            let sql = "SELECT root, place, receipt FROM receipts WHERE ?1 IS NULL OR root = ?1 ORDER BY root, place";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([root.map(ContentId::to_bytes)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        })?;
        rows.into_iter().map(|(root, place, receipt)| Ok(Noted { root: self.id_from(&root)?, place, receipt })).collect()
    }

    /// Forgets what `place` said about `root`; returns whether there was anything.
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub fn forget_receipt(&self, root: &ContentId, place: &str) -> Result<bool, StorageError> {
        let removed = self.index.write(|transaction| {
            if !has_table(transaction)? {
                return Ok(0);
            }
            transaction.execute("DELETE FROM receipts WHERE root = ?1 AND place = ?2", (root.to_bytes(), place))
        })?;
        Ok(removed > 0)
    }
}

fn has_table(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'receipts')";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
}
