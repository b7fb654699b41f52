//! The chain on disk: one redb file, one durable transaction per block.
//!
//! Account and slot values are kept with the number of the block that set them, so that one table answers for the latest state and for any earlier one:
//! the value at block `n` is the last entry not above `n`.

mod codec;
mod create;
mod savepoint;
mod snapshot;
mod state;
mod tables;
mod write;

use std::path::{Path, PathBuf};

use redb::backends::InMemoryBackend;
use redb::{
    Builder, Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase as _, TransactionError, WriteTransaction,
};

use crate::DevnetError;

pub(crate) use codec::Account;
pub(crate) use snapshot::Snapshot;
pub(crate) use state::StateAt;
pub(crate) use write::{AccountChange, Append, StateChanges};

/// The name of the chain's file in its directory.
const FILE: &str = "chain.redb";

/// The number of the layout of the tables; another number is refused.
const FORMAT: u64 = 1;

/// Pages kept in memory, in bytes: a development chain is small and shares its process with a command.
const CACHE: usize = 32 << 20;

/// An open chain file.
#[derive(Debug)]
pub(crate) struct Store {
    database: Held,
    path: PathBuf,
}

/// The file, and what it was opened for.
enum Held {
    Written(Database),
    Read(ReadOnlyDatabase),
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Written(_) => "Written",
            Self::Read(_) => "Read",
        })
    }
}

impl Store {
    /// Opens the chain's file in a directory, creating both when they are not there.
    pub(crate) fn open(directory: &Path) -> Result<Self, DevnetError> {
        std::fs::create_dir_all(directory).map_err(|source| DevnetError::Directory { path: directory.into(), source })?;
        create::unless_there(directory)?;
        let path = directory.join(FILE);
        match builder().open(&path) {
            Ok(database) => Self::check(Held::Written(database), path),
            Err(DatabaseError::DatabaseAlreadyOpen) => Err(DevnetError::Locked { path }),
            Err(error) => Err(DevnetError::Open { path, source: Box::new(error.into()) }),
        }
    }

    /// Opens the chain's file beside others who read it, and leaves the disk alone: opening and closing it to write waits for the disk five times. `None` when
    /// there is none, when somebody writes it, or when it has to be repaired first.
    pub(crate) fn open_to_read(directory: &Path) -> Option<Self> {
        let path = directory.join(FILE);
        let database = builder().open_read_only(&path).ok()?;
        Self::check(Held::Read(database), path).ok()
    }

    /// Makes a chain that lives as long as the process.
    pub(crate) fn in_memory() -> Result<Self, DevnetError> {
        let database = Held::Written(builder().create_with_backend(InMemoryBackend::new())?);
        let store = Self { database, path: PathBuf::from(":memory:") };
        let transaction = store.begin()?;
        tables::create(&transaction, FORMAT)?;
        transaction.commit()?;
        Ok(store)
    }

    /// Returns where the chain is kept.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a consistent view of everything committed so far.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, DevnetError> {
        Snapshot::new(&self.database.begin_read()?)
    }

    /// Refuses a file of another format.
    fn check(database: Held, path: PathBuf) -> Result<Self, DevnetError> {
        let stored = tables::format(&database.begin_read()?)?;
        if stored == FORMAT { Ok(Self { database, path }) } else { Err(DevnetError::Format { path, stored, wanted: FORMAT }) }
    }

    /// Starts a transaction whose commit is on disk when it returns, and after which a killed process leaves nothing to repair.
    fn begin(&self) -> Result<WriteTransaction, DevnetError> {
        let Held::Written(database) = &self.database else { return Err(DevnetError::ReadOnly { path: self.path.clone() }) };
        let mut transaction = database.begin_write()?;
        transaction.set_quick_repair(true);
        Ok(transaction)
    }
}

impl Held {
    fn begin_read(&self) -> Result<ReadTransaction, TransactionError> {
        match self {
            Self::Written(database) => database.begin_read(),
            Self::Read(database) => database.begin_read(),
        }
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder
}
