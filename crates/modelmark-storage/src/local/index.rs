//! The index of a local store: one SQLite database, its schema and its failures.
//!
//! SQLite gives what a directory of small files does not: a batch of blocks is there or not after a power cut, several processes write at once,
//! and a million blocks cost neither a million inodes nor a million fsyncs.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::StorageError;

/// Written into the database header; spells `mmrk`.
const APPLICATION_ID: i32 = 0x6d6d_726b;
/// The schema below. A change of schema raises it and migrates on open.
const FORMAT: i64 = 1;
/// How long a write waits for the writes of other processes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// A relative `files.path` lies inside the store's directory, an absolute one is a file of the user's that is referenced in place.
///
/// Blocks are found by digest alone: the codec in a CID says how to read the bytes, not which bytes they are. It is kept so that `fsck` can
/// print a CID.
const SCHEMA: &str = "
    CREATE TABLE blocks (digest BLOB PRIMARY KEY, codec INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE files (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE) STRICT;
    CREATE TABLE places (
        file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
        offset INTEGER NOT NULL,
        length INTEGER NOT NULL,
        digest BLOB NOT NULL,
        PRIMARY KEY (file, offset)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX places_by_digest ON places (digest);
    CREATE TABLE pins (root BLOB PRIMARY KEY, role TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE attachments (record BLOB NOT NULL, document BLOB NOT NULL, PRIMARY KEY (record, document)) STRICT, WITHOUT ROWID;
";

/// An open connection to the index, shared by the threads of this process.
#[derive(Debug)]
pub(super) struct Index {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Index {
    /// Opens the index in `dir`, and creates it where there is none.
    pub(super) fn open(dir: &Path) -> Result<Self, StorageError> {
        let path = dir.join("index.sqlite3");
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| explain(&path, error))?;
        let index = Self { path, connection: Mutex::new(connection) };
        index.run(configure)?;
        if index.format()? == 0 {
            index.create(dir)?;
        }
        Ok(index)
    }

    /// Opens a second connection, for long work with temporary tables of its own.
    pub(super) fn reopen(&self) -> Result<Self, StorageError> {
        Self::open(self.path.parent().unwrap_or(&self.path))
    }

    /// Runs `work` with the connection.
    pub(super) fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StorageError> {
        work(&self.lock()).map_err(|error| explain(&self.path, error))
    }

    /// Runs `work` as one transaction: all of it is on disk when this returns, or none.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, StorageError> {
        let mut connection = self.lock();
        // A deferred transaction that turns into a write can fail at once with `busy`; an immediate one waits its turn.
        let outcome = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        outcome.map_err(|error| explain(&self.path, error))
    }

    // A thread that panicked in a transaction has rolled it back by dropping it.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the format version, 0 for an empty database; refuses what is not ours.
    fn format(&self) -> Result<i64, StorageError> {
        let (application, format, tables) = self.run(|connection| {
            let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            Ok((number("PRAGMA application_id")?, number("PRAGMA user_version")?, number("SELECT count(*) FROM sqlite_schema")?))
        })?;
        if tables == 0 && format == 0 {
            return Ok(0);
        }
        if application != i64::from(APPLICATION_ID) || format < 1 {
            return Err(StorageError::Index { path: self.path.clone(), reason: "it belongs to another program".to_owned() });
        }
        if format > FORMAT {
            return Err(StorageError::Newer { path: self.path.clone(), found: format, known: FORMAT });
        }
        Ok(format)
    }

    fn create(&self, dir: &Path) -> Result<(), StorageError> {
        // Changing the journal mode does not wait for others as transactions do, so two first uses at once need a lock of their own.
        let lock_path = dir.join("create.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(|error| StorageError::io("lock", &lock_path, error))?;
        if self.format()? == 0 {
            self.run(|connection| {
                connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
                connection.pragma_update(None, "journal_mode", "WAL")
            })?;
            self.write(|transaction| {
                transaction.execute_batch(SCHEMA)?;
                transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
                transaction.pragma_update(None, "user_version", FORMAT)
            })?;
        }
        drop(lock);
        Ok(())
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Negative: KiB. Enough for the upper levels of an index over a million digests.
    connection.pragma_update(None, "cache_size", -16_384)?;
    // In pages: 64 MiB. Digests land all over the index, so the default of 4 MiB would write the same pages back again and again; with a million
    // blocks that made a batch four times slower.
    connection.pragma_update(None, "wal_autocheckpoint", 16_384)
}

fn explain(path: &Path, error: rusqlite::Error) -> StorageError {
    let path = path.to_owned();
    // Growing the shared memory file fails for want of space, but SQLite calls every failure there an I/O error.
    if error.sqlite_error().is_some_and(|failure| failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
        return StorageError::DiskFull { path };
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StorageError::DiskFull { path },
        Some(ErrorCode::ReadOnly) => StorageError::ReadOnly { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StorageError::Busy { path },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StorageError::Index { path, reason: error.to_string() },
        Some(ErrorCode::CannotOpen) => {
            // SQLite does not say why; the system does.
            let reason = OpenOptions::new().create(true).truncate(false).write(true).open(&path).err();
            StorageError::io("open", &path, reason.unwrap_or_else(|| std::io::Error::other(error)))
        }
        _ => StorageError::Engine { path, source: Box::new(error) },
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use modelmark_digest::{Codec, ContentId};

    use crate::{LocalStore, StorageError, Store};

    #[test]
    fn a_full_disk_is_called_so_and_a_batch_is_there_whole_or_not() {
        let dir = tempfile::tempdir().unwrap();
        let store = LocalStore::open(dir.path()).unwrap();
        store.index.run(|connection| connection.query_row("PRAGMA max_page_count = 64", [], |_| Ok(()))).unwrap();
        let small = crate::Block::new(Codec::Raw, b"small".to_vec()).unwrap();
        let large = crate::Block::new(Codec::Raw, vec![1; 1 << 20]).unwrap();
        assert!(matches!(store.put_all(&[small.clone(), large]), Err(StorageError::DiskFull { .. })));
        assert!(!store.has(&small.id()).unwrap());
        store.put_all(std::slice::from_ref(&small)).unwrap();
        assert!(store.fsck().unwrap().is_clean());
    }

    #[test]
    fn a_store_that_refuses_writes_still_reads() {
        let dir = tempfile::tempdir().unwrap();
        let store = LocalStore::open(dir.path()).unwrap();
        store.put(Codec::Raw, b"kept").unwrap();
        store.index.run(|connection| connection.pragma_update(None, "query_only", true)).unwrap();
        assert!(matches!(store.put(Codec::Raw, b"new"), Err(StorageError::ReadOnly { .. })));
        assert!(store.has(&ContentId::raw(b"kept")).unwrap());
    }
}
