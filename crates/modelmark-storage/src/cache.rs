//! The digest cache of a data directory: one SQLite database of its own, beside the store's.
//!
//! Apart from the store because nothing is lost with it: a database that is damaged, foreign or of another version is thrown away, and one that
//! cannot be opened or written leaves a cache that holds nothing. Several processes may use it at once, and a process may be killed at any time: what
//! was not yet written is computed again.

mod pending;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use modelmark_digest::Sha256Digest;
use modelmark_digest::cache::{CacheKey, DigestCache, MAX_VALUE_BYTES};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior};

use self::pending::Pending;

/// Name of the database in the data directory.
const FILE: &str = "digests.sqlite3";
/// Written into the database header; spells `mmdc`.
const APPLICATION_ID: i64 = 0x6d6d_6463;
/// The schema below. A database of another format is thrown away.
const FORMAT: i64 = 1;
/// How long a write waits for other processes before what it would have kept is forgotten.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest database, in bytes, when this process is done with it.
const MAX_BYTES: i64 = 256 << 20;

/// `guard` is the digest of key and value: SQLite does not notice a flipped bit in a value. `used` is in seconds since 1970.
const SCHEMA: &str = "
    CREATE TABLE digests (key BLOB PRIMARY KEY, value BLOB NOT NULL, guard BLOB NOT NULL, used INTEGER NOT NULL) STRICT;
    CREATE INDEX digests_by_use ON digests (used);
";

/// Digests kept in a directory. What was used least recently is forgotten when there is too much.
#[derive(Debug)]
pub struct LocalCache {
    name: String,
    path: PathBuf,
    max_bytes: i64,
    /// None when the database cannot be used.
    connection: Mutex<Option<Connection>>,
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
        let path = dir.join(FILE);
        let connection = prepare(dir).ok().and_then(|lock| open(&path, &lock));
        Self { name: format!("file:{}", path.display()), path, max_bytes, connection: Mutex::new(connection), pending: Mutex::default() }
    }

    /// Writes what is to be kept. A failure forgets it.
    fn flush(&self, pending: &Pending) {
        self.run(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            pending.write(&transaction, now())?;
            transaction.commit()
        });
    }

    /// Forgets what was used least recently until the database is small enough.
    fn prune(&self) {
        self.run(|connection| {
            while size(connection)? > self.max_bytes {
                let sql = "DELETE FROM digests WHERE rowid IN (
                               SELECT rowid FROM digests ORDER BY used LIMIT (SELECT max(1, count(*) / 4) FROM digests))";
                if connection.execute(sql, [])? == 0 {
                    break;
                }
            }
            // One row for each page that was freed.
            let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
            let mut rows = vacuum.query([])?;
            while rows.next()?.is_some() {}
            Ok(())
        });
    }

    /// Runs `work` unless the database is out of order. A database that turns out to be damaged is thrown away.
    fn run<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Option<T> {
        let mut connection = lock(&self.connection);
        match work(connection.as_mut()?) {
            Ok(value) => Some(value),
            Err(error) => {
                if is_damaged(&error) {
                    *connection = None;
                    remove(&self.path);
                }
                None
            }
        }
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
        let (value, guard) = self.run(|connection| read(connection, key))??;
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

/// Makes the directory and takes the lock under which databases are created and thrown away.
fn prepare(dir: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("digests.lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// Opens the database, a new one if what is there cannot be used. The caller holds the lock.
fn open(path: &Path, _lock: &File) -> Option<Connection> {
    match try_open(path) {
        Ok(Some(connection)) => return Some(connection),
        Ok(None) => {}
        Err(error) if is_damaged(&error) => {}
        Err(_) => return None,
    }
    remove(path);
    try_open(path).ok().flatten()
}

/// Opens the database; none when it is another program's or of another format.
fn try_open(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    match (number("SELECT count(*) FROM sqlite_schema")?, number("PRAGMA application_id")?, number("PRAGMA user_version")?) {
        (0, 0, 0) => create(&mut connection)?,
        (_, APPLICATION_ID, FORMAT) => {}
        _ => return Ok(None),
    }
    Ok(Some(connection))
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

fn read(connection: &Connection, key: &CacheKey) -> rusqlite::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let sql = "SELECT value, guard FROM digests WHERE key = ?1 AND length(value) <= ?2";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row((key.as_bytes().as_slice(), MAX_VALUE_BYTES), |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Bytes of the database that hold something.
fn size(connection: &Connection) -> rusqlite::Result<i64> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    Ok((number("PRAGMA page_count")? - number("PRAGMA freelist_count")?).saturating_mul(number("PRAGMA page_size")?))
}

fn guard_of(key: &CacheKey, value: &[u8]) -> Vec<u8> {
    Sha256Digest::of(&[key.as_bytes(), value].concat()).as_bytes().to_vec()
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    let unreadable = matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt));
    // Missing tables and columns, or columns of other types: nothing that this program writes.
    unreadable
        || matches!(error.sqlite_error_code(), Some(ErrorCode::Unknown))
        || matches!(error, rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::InvalidColumnIndex(_))
}

fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        // What cannot be removed cannot be opened either, and there is no cache then.
        let _ = fs::remove_file(name);
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        let connection = Connection::open(dir.path().join(FILE)).unwrap();
        connection.execute("UPDATE digests SET used = used - 3600 WHERE key <> ?1", [key(3).as_bytes().as_slice()]).unwrap();
        drop(connection);
        let cache = open();
        (100..120).for_each(|n| cache.put(&key(n), &value));
        drop(cache);
        let cache = open();
        assert!(cache.get(&key(3)).is_some(), "used a moment ago");
        assert!((0..20).filter(|n| cache.get(&key(*n)).is_some()).count() < 20);
        assert!(cache.run(|connection| size(connection)).unwrap() <= 200 << 10);
        assert!(fs::metadata(dir.path().join(FILE)).unwrap().len() < 400 << 10, "the file shrinks");
    }

    #[test]
    fn a_flipped_bit_in_a_value_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let cache = LocalCache::open(dir.path());
        cache.put(&key(1), b"value");
        drop(cache);
        let connection = Connection::open(dir.path().join(FILE)).unwrap();
        connection.execute("UPDATE digests SET value = CAST('walue' AS BLOB)", []).unwrap();
        drop(connection);
        assert_eq!(LocalCache::open(dir.path()).get(&key(1)), None);
    }
}
