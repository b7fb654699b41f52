//! A database in which nothing is lost that could not be had again: one that is damaged, foreign or of another version is thrown away, and one that cannot
//! be opened or written keeps nothing. Several processes may use it at once, and a process may be killed at any time.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

/// How long a write waits for other processes before what it would have kept is forgotten.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What kind of database it is.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name in the directory.
    pub(super) file: &'static str,
    /// The lock under which it is created and thrown away.
    pub(super) lock: &'static str,
    /// Written into its header.
    pub(super) application_id: i64,
    /// The version of the schema. A database of another version is thrown away.
    pub(super) format: i64,
    pub(super) schema: &'static str,
}

/// An open database; none when it cannot be used.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    connection: Mutex<Option<Connection>>,
}

impl Database {
    pub(super) fn open(dir: &Path, kind: &'static Kind) -> Self {
        let path = dir.join(kind.file);
        let connection = prepare(dir, kind).ok().and_then(|lock| open(&path, kind, &lock));
        Self { path, connection: Mutex::new(connection) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` unless the database is out of order. A database that turns out to be damaged is thrown away.
    pub(super) fn run<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Option<T> {
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

    /// Runs `delete` until at most `most` bytes of the database hold something, and gives the space back.
    pub(super) fn shrink(&self, most: i64, delete: &str) {
        self.run(|connection| {
            while size(connection)? > most {
                if connection.execute(delete, [])? == 0 {
                    break;
                }
            }
            give_back(connection)
        });
    }
}

/// Gives the pages that hold nothing back to the file system.
pub(super) fn give_back(connection: &Connection) -> rusqlite::Result<()> {
    // One row for each page that was freed.
    let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Makes the directory and takes the lock under which databases are created and thrown away.
fn prepare(dir: &Path, kind: &Kind) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join(kind.lock))?;
    lock.lock()?;
    Ok(lock)
}

/// Opens the database, a new one if what is there cannot be used. The caller holds the lock.
fn open(path: &Path, kind: &Kind, _lock: &File) -> Option<Connection> {
    match try_open(path, kind) {
        Ok(Some(connection)) => return Some(connection),
        Ok(None) => {}
        Err(error) if is_damaged(&error) => {}
        Err(_) => return None,
    }
    remove(path);
    try_open(path, kind).ok().flatten()
}

/// Opens the database; none when it is another program's or of another format.
fn try_open(path: &Path, kind: &Kind) -> rusqlite::Result<Option<Connection>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    match (number("SELECT count(*) FROM sqlite_schema")?, number("PRAGMA application_id")?, number("PRAGMA user_version")?) {
        (0, 0, 0) => create(&mut connection, kind)?,
        (_, application_id, format) if application_id == kind.application_id && format == kind.format => {}
        _ => return Ok(None),
    }
    Ok(Some(connection))
}

fn create(connection: &mut Connection, kind: &Kind) -> rusqlite::Result<()> {
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(kind.schema)?;
    transaction.pragma_update(None, "application_id", kind.application_id)?;
    transaction.pragma_update(None, "user_version", kind.format)?;
    transaction.commit()
}

/// Bytes of the database that hold something.
pub(super) fn size(connection: &Connection) -> rusqlite::Result<i64> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    Ok((number("PRAGMA page_count")? - number("PRAGMA freelist_count")?).saturating_mul(number("PRAGMA page_size")?))
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

pub(super) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
