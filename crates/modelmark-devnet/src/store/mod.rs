//! The chain on disk: one redb file, one durable transaction per block.
//!
//! Account and slot values are kept with the number of the block that set them, so that one table answers for the latest state and for any earlier one:
//! the value at block `n` is the last entry not above `n`.

mod codec;
mod savepoint;
mod snapshot;
mod state;
mod tables;
mod write;

use std::path::{Path, PathBuf};

use redb::backends::InMemoryBackend;
use redb::{Builder, Database, DatabaseError, ReadableDatabase as _, WriteTransaction};

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
    database: Database,
    path: PathBuf,
}

impl Store {
    /// Opens the chain's file in a directory, creating both when they are not there.
    pub(crate) fn open(directory: &Path) -> Result<Self, DevnetError> {
        std::fs::create_dir_all(directory).map_err(|source| DevnetError::Directory { path: directory.into(), source })?;
        let path = directory.join(FILE);
        match builder().create(&path) {
            Ok(database) => Self::prepare(database, path),
            Err(DatabaseError::DatabaseAlreadyOpen) => Err(DevnetError::Locked { path }),
            Err(error) => Err(DevnetError::Open { path, source: Box::new(error.into()) }),
        }
    }

    /// Makes a chain that lives as long as the process.
    pub(crate) fn in_memory() -> Result<Self, DevnetError> {
        Self::prepare(builder().create_with_backend(InMemoryBackend::new())?, PathBuf::from(":memory:"))
    }

    /// Returns where the chain is kept.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a consistent view of everything committed so far.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, DevnetError> {
        Snapshot::new(&self.database.begin_read()?)
    }

    /// Creates the tables in a new file and refuses a file of another format.
    fn prepare(database: Database, path: PathBuf) -> Result<Self, DevnetError> {
        let store = Self { database, path };
        match tables::format(&store.database.begin_read()?)? {
            Some(FORMAT) => Ok(store),
            Some(stored) => Err(DevnetError::Format { path: store.path, stored, wanted: FORMAT }),
            None => {
                let transaction = store.begin()?;
                tables::create(&transaction, FORMAT)?;
                transaction.commit()?;
                Ok(store)
            }
        }
    }

    /// Starts a transaction whose commit is on disk when it returns, and after which a killed process leaves nothing to repair.
    fn begin(&self) -> Result<WriteTransaction, DevnetError> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_quick_repair(true);
        Ok(transaction)
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder
}
