//! The digest cache of a data directory: one SQLite database of its own, beside the store's.
//!
//! Apart from the store because nothing is lost with it: a database that is damaged, foreign or of another version is thrown away, and one that
//! cannot be opened or written leaves a cache that holds nothing. Several processes may use it at once, and a process may be killed at any time: what
//! was not yet written is computed again.

mod blocks;
mod database;
mod pending;

use std::path::Path;
use std::sync::Mutex;

use modelmark_digest::Sha256Digest;
use modelmark_digest::cache::{CacheKey, DigestCache, MAX_VALUE_BYTES};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use self::database::{Database, Kind, lock, now};
use self::pending::Pending;

pub use self::blocks::{BlockCache, Held};

/// Largest database, in bytes, when this process is done with it.
const MAX_BYTES: i64 = 256 << 20;

/// `guard` is the digest of key and value: SQLite does not notice a flipped bit in a value. `used` is in seconds since 1970.
const SCHEMA: &str = "
    CREATE TABLE digests (key BLOB PRIMARY KEY, value BLOB NOT NULL, guard BLOB NOT NULL, used INTEGER NOT NULL) STRICT;
    CREATE INDEX digests_by_use ON digests (used);
";

static KIND: Kind =
    // The number spells `mmdc`.
    Kind { file: "digests.sqlite3", lock: "digests.lock", application_id: 0x6d6d_6463, format: 1, schema: SCHEMA };

/// Digests kept in a directory. What was used least recently is forgotten when there is too much.
#[derive(Debug)]
pub struct LocalCache {
    name: String,
    max_bytes: i64,
    database: Database,
    pending: Mutex<Pending>,
}

impl LocalCache {
    /// Opens the cache in `dir`, and creates it (the directory with mode 0700) where there is none.
    ///
    /// There are no errors: where it cannot be, nothing is kept.
    #[must_use]
    pub fn open(dir: impl AsRef<Path>) -> Self {
        Self::bounded(dir.as_ref(), MAX_BYTES)
    }

    fn bounded(dir: &Path, max_bytes: i64) -> Self {
        let database = Database::open(dir, &KIND);
        Self { name: format!("file:{}", database.path().display()), max_bytes, database, pending: Mutex::default() }
    }

    /// Writes what is to be kept. A failure forgets it.
    fn flush(&self, pending: &Pending) {
        self.database.run(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            pending.write(&transaction, now())?;
            transaction.commit()
        });
    }

    /// Forgets what was used least recently until the database is small enough.
    fn prune(&self) {
        let oldest = "DELETE FROM digests WHERE rowid IN (
                          SELECT rowid FROM digests ORDER BY used LIMIT (SELECT max(1, count(*) / 4) FROM digests))";
        self.database.shrink(self.max_bytes, oldest);
    }
}

impl DigestCache for LocalCache {
    fn name(&self) -> &str {
        &self.name
    }

    fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        if let Some(value) = lock(&self.pending).kept(key) {
            return Some(value);
        }
        let (value, guard) = self.database.run(|connection| read(connection, key))??;
        if guard != guard_of(key, &value) {
            return None;
        }
        lock(&self.pending).touch(key);
        Some(value)
    }

    fn put(&self, key: &CacheKey, value: &[u8]) {
        if value.len() > MAX_VALUE_BYTES {
            return;
        }
        let full = lock(&self.pending).keep(key, value);
        if let Some(full) = full {
            self.flush(&full);
        }
    }
}

impl Drop for LocalCache {
    fn drop(&mut self) {
        let pending = std::mem::take(&mut *lock(&self.pending));
        if !pending.is_empty() {
            self.flush(&pending);
            self.prune();
        }
    }
}

fn read(connection: &Connection, key: &CacheKey) -> rusqlite::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let sql = "SELECT value, guard FROM digests WHERE key = ?1 AND length(value) <= ?2";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row((key.as_bytes().as_slice(), MAX_VALUE_BYTES), |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

fn guard_of(key: &CacheKey, value: &[u8]) -> Vec<u8> {
    Sha256Digest::of(&[key.as_bytes(), value].concat()).as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;

    fn key(n: u32) -> CacheKey {
        CacheKey::from(*Sha256Digest::of(&n.to_le_bytes()).as_bytes())
    }

    #[test]
    fn what_was_used_least_recently_is_forgotten_first() {
        let dir = tempfile::tempdir().unwrap();
        let open = || LocalCache::bounded(dir.path(), 200 << 10);
        let value = vec![7; 5000];
        let cache = open();
        (0..20).for_each(|n| cache.put(&key(n), &value));
        drop(cache);
        // An hour ago, all but one.
        let connection = Connection::open(dir.path().join(KIND.file)).unwrap();
        connection.execute("UPDATE digests SET used = used - 3600 WHERE key <> ?1", [key(3).as_bytes().as_slice()]).unwrap();
        drop(connection);
        let cache = open();
        (100..120).for_each(|n| cache.put(&key(n), &value));
        drop(cache);
        let cache = open();
        assert!(cache.get(&key(3)).is_some(), "used a moment ago");
        assert!((0..20).filter(|n| cache.get(&key(*n)).is_some()).count() < 20);
        assert!(cache.database.run(|connection| database::size(connection)).unwrap() <= 200 << 10);
        assert!(std::fs::metadata(dir.path().join(KIND.file)).unwrap().len() < 400 << 10, "the file shrinks");
    }

    #[test]
    fn a_flipped_bit_in_a_value_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let cache = LocalCache::open(dir.path());
        cache.put(&key(1), b"value");
        drop(cache);
        let connection = Connection::open(dir.path().join(KIND.file)).unwrap();
        connection.execute("UPDATE digests SET value = CAST('walue' AS BLOB)", []).unwrap();
        drop(connection);
        assert_eq!(LocalCache::open(dir.path()).get(&key(1)), None);
    }
}
