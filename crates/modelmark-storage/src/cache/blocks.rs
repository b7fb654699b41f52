//! Blocks that were read from elsewhere, so that they need not be read again: bounded, and re-hashed whenever they come out.

use std::path::Path;

use modelmark_digest::ContentId;
use rusqlite::OptionalExtension;

use super::database::{self, Database, Kind, now};
use crate::{Block, MAX_BLOCK_BYTES};

/// Most bytes that a cache holds unless another bound is named: 1 GiB.
const DEFAULT_BYTES: u64 = 1 << 30;
/// A use is noted when the last note is this old, in seconds; finer would turn every read into a write.
const USE_GRAIN: i64 = 60;

/// `used` is in seconds since 1970.
const SCHEMA: &str = "
    CREATE TABLE blocks (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL, used INTEGER NOT NULL) STRICT;
    CREATE INDEX blocks_by_use ON blocks (used);
";
static KIND: Kind =
    // The number spells `mmbc`.
    Kind { file: "blocks.sqlite3", lock: "blocks.lock", application_id: 0x6d6d_6263, format: 1, schema: SCHEMA };

/// Blocks kept in a directory. What was used least recently goes when there is too much. A cache that cannot be read or written holds nothing.
#[derive(Debug)]
pub struct BlockCache {
    name: String,
    most: i64,
    database: Database,
}

/// How much a cache holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Number of blocks.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl BlockCache {
    /// Opens the cache in `dir`, of at most 1 GiB, and creates it (the directory with mode 0700) where there is none.
    #[must_use]
    pub fn open(dir: impl AsRef<Path>) -> Self {
        Self::bounded(dir, DEFAULT_BYTES)
    }

    /// As [`BlockCache::open`], of at most `most` bytes, its own bookkeeping included.
    #[must_use]
    pub fn bounded(dir: impl AsRef<Path>, most: u64) -> Self {
        let database = Database::open(dir.as_ref(), &KIND);
        Self { name: format!("file:{}", database.path().display()), most: i64::try_from(most).unwrap_or(i64::MAX), database }
    }

    /// Returns the cache's name for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the block, re-hashed; one that does not hold is forgotten.
    #[must_use]
    pub fn get(&self, id: &ContentId) -> Option<Block> {
        let digest = id.digest();
        let key = digest.as_bytes().as_slice();
        let sql = "SELECT bytes, used FROM blocks WHERE digest = ?1 AND length(bytes) <= ?2";
        let (bytes, used): (Vec<u8>, i64) = self.database.run(|connection| {
            connection.prepare_cached(sql)?.query_row((key, MAX_BLOCK_BYTES), |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })??;
        let block = Block::verified(id, bytes).ok().flatten();
        self.database.run(|connection| match block {
            None => connection.execute("DELETE FROM blocks WHERE digest = ?1", [key]),
            Some(_) if (now() - used).abs() > USE_GRAIN => {
                connection.execute("UPDATE blocks SET used = ?2 WHERE digest = ?1", (key, now()))
            }
            Some(_) => Ok(0),
        });
        block
    }

    /// Keeps a block. A failure forgets it.
    pub fn put(&self, block: &Block) {
        // Keeping a block must not cost all the others.
        if block.bytes().len() as u64 > self.most.unsigned_abs() / 8 {
            return;
        }
        let digest = block.id().digest();
        let sql = "INSERT OR REPLACE INTO blocks (digest, bytes, used) VALUES (?1, ?2, ?3)";
        let size = self.database.run(|connection| {
            connection.prepare_cached(sql)?.execute((digest.as_bytes().as_slice(), block.bytes(), now()))?;
            database::size(connection)
        });
        if size.is_some_and(|size| size > self.most) {
            let oldest = "DELETE FROM blocks WHERE rowid IN (
                              SELECT rowid FROM blocks ORDER BY used, rowid LIMIT (SELECT max(1, count(*) / 8) FROM blocks))";
            // Some room at once, or each further block would push one out.
            self.database.shrink(self.most / 8 * 7, oldest);
        }
    }

    /// Returns how much the cache holds.
    #[must_use]
    pub fn held(&self) -> Held {
        let sql = "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM blocks";
        let held =
            self.database.run(|connection| connection.query_row(sql, [], |row| Ok(Held { blocks: row.get(0)?, bytes: row.get(1)? })));
        held.unwrap_or_default()
    }

    /// Forgets everything; returns what that was.
    pub fn clear(&self) -> Held {
        let held = self.held();
        self.database.run(|connection| {
            connection.execute("DELETE FROM blocks", [])?;
            database::give_back(connection)
        });
        held
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use modelmark_digest::Codec;
    use rusqlite::Connection;

    use super::*;

    fn block(n: u32) -> Block {
        Block::new(Codec::Raw, n.to_be_bytes().repeat(2000)).unwrap()
    }

    #[test]
    fn it_stays_within_its_bound_and_forgets_what_is_oldest() {
        let dir = tempfile::tempdir().unwrap();
        let cache = BlockCache::bounded(dir.path(), 400 << 10);
        (0..30).for_each(|n| cache.put(&block(n)));
        let connection = Connection::open(dir.path().join(KIND.file)).unwrap();
        connection.execute("UPDATE blocks SET used = used - 3600", []).unwrap();
        assert!(cache.get(&block(3).id()).is_some(), "used a moment ago");
        (100..130).for_each(|n| cache.put(&block(n)));
        assert!(cache.get(&block(3).id()).is_some() && cache.get(&block(129).id()).is_some());
        assert!((0..30).filter(|n| cache.get(&block(*n).id()).is_some()).count() < 30);
        assert!(cache.held().bytes <= 400 << 10, "{:?}", cache.held());
        cache.put(&Block::new(Codec::Raw, vec![7; 100 << 10]).unwrap());
        assert!(cache.get(&block(3).id()).is_some(), "one large block does not push everything out");
        assert!(cache.clear().blocks > 0);
        assert_eq!(cache.held(), Held::default());
        drop(cache);
        assert!(std::fs::metadata(dir.path().join(KIND.file)).unwrap().len() < 100 << 10, "the file shrinks");
    }

    #[test]
    fn what_was_altered_on_disk_does_not_come_out() {
        let dir = tempfile::tempdir().unwrap();
        let cache = BlockCache::open(dir.path());
        cache.put(&block(1));
        let connection = Connection::open(dir.path().join(KIND.file)).unwrap();
        connection.execute("UPDATE blocks SET bytes = zeroblob(8000)", []).unwrap();
        assert_eq!(cache.get(&block(1).id()), None);
        assert_eq!(cache.held(), Held::default(), "it is forgotten");
        cache.put(&block(1));
        assert_eq!(cache.get(&block(1).id()), Some(block(1)));
    }

    #[test]
    fn two_handles_share_it_and_a_damaged_file_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (BlockCache::open(dir.path()), BlockCache::open(dir.path()));
        one.put(&block(1));
        assert_eq!(two.get(&block(1).id()), Some(block(1)));
        drop((one, two));
        std::fs::write(dir.path().join(KIND.file), b"no database").unwrap();
        let cache = BlockCache::open(dir.path());
        assert_eq!(cache.get(&block(1).id()), None);
        cache.put(&block(2));
        assert_eq!(cache.get(&block(2).id()), Some(block(2)));
    }

    #[test]
    fn without_a_directory_nothing_is_kept() {
        let cache = BlockCache::open("/dev/null/nowhere");
        cache.put(&block(1));
        assert_eq!((cache.get(&block(1).id()), cache.held()), (None, Held::default()));
    }
}
