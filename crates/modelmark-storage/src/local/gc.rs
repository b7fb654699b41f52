//! Garbage collection: frees what no pin keeps.

use std::collections::HashSet;
use std::path::PathBuf;

use rusqlite::{Connection, Transaction};
use serde::Serialize;

use super::LocalStore;
use super::lease::Collection;
use super::place::path_from_bytes;
use crate::StorageError;

/// What a collection freed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Freed {
    /// Blocks that the index held.
    pub blocks: u64,
    /// Leaves that are no longer looked for in files. Files of the user's are never touched.
    pub leaves: u64,
    /// Copied files that were deleted, leftovers of broken imports included.
    pub files: u64,
    /// Bytes of those blocks and files.
    pub bytes: u64,
}

impl LocalStore {
    /// Frees every block that cannot be reached from a pin.
    ///
    /// # Errors
    /// [`StorageError::Busy`] while anybody else writes, which is as long as their handle or [`Lease`](crate::Lease) lives. When a kept node is missing or damaged nothing is freed, since
    /// what lies below it is unknown: `fsck` lists such nodes, and putting them again or unpinning their root helps.
    pub fn gc(&self) -> Result<Freed, StorageError> {
        self.release();
        let _collection = Collection::start(&self.dir)?;
        let index = self.index.reopen()?;
        self.mark(&index, Err)?;
        let mut freed = index.write(sweep)?;
        // Rows first, files second: a crash in between leaves a file that nobody looks for, and the next collection takes it.
        let kept = self.kept_objects()?;
        let (files, bytes) = self.delete_objects(|path| kept.contains(path))?;
        freed.files = files;
        freed.bytes += bytes;
        index.run(give_back_pages)?;
        Ok(freed)
    }

    /// Returns the copied files that hold kept leaves, as paths inside the store.
    fn kept_objects(&self) -> Result<HashSet<PathBuf>, StorageError> {
        self.index.run(|connection| {
            let mut statement = connection.prepare("SELECT path FROM files WHERE substr(path, 1, 1) != x'2f'")?;
            let rows = statement.query_map([], |row| Ok(path_from_bytes(row.get_ref(0)?.as_blob()?)))?;
            rows.collect()
        })
    }
}

fn give_back_pages(connection: &Connection) -> rusqlite::Result<()> {
    for pragma in ["PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        let mut statement = connection.prepare(pragma)?;
        let mut rows = statement.query([])?;
        // Each step frees one page.
        while rows.next()?.is_some() {}
    }
    Ok(())
}

fn sweep(transaction: &Transaction<'_>) -> rusqlite::Result<Freed> {
    const GARBAGE: &str = "NOT EXISTS (SELECT 1 FROM temp.reachable AS kept WHERE kept.digest = it.digest)";
    let bytes =
        transaction.query_row(&format!("SELECT total(length(bytes)) FROM blocks AS it WHERE {GARBAGE}"), [], |row| row.get::<_, f64>(0))?;
    let blocks = transaction.execute(&format!("DELETE FROM blocks AS it WHERE {GARBAGE}"), [])?;
    let leaves = transaction.execute(&format!("DELETE FROM places AS it WHERE {GARBAGE}"), [])?;
    transaction.execute("DELETE FROM files WHERE NOT EXISTS (SELECT 1 FROM places WHERE file = files.id)", [])?;
    // A CID is 4 bytes of prefix and the digest.
    transaction.execute("DELETE FROM attachments WHERE NOT EXISTS (SELECT 1 FROM temp.reachable WHERE digest = substr(record, 5))", [])?;
    Ok(Freed { blocks: blocks as u64, leaves: leaves as u64, files: 0, bytes: bytes as u64 })
}
