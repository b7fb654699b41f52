//! Snapshots of the whole chain that can be gone back to, kept by the database itself, so they survive a restart.

use redb::SavepointError;

use super::Store;
use crate::DevnetError;

/// How many snapshots are kept; the oldest goes first, because the pages behind a snapshot are never freed.
const KEPT: usize = 64;

impl Store {
    /// Remembers the chain as it is and returns the number to go back with.
    pub(crate) fn remember(&self) -> Result<u64, DevnetError> {
        let transaction = self.begin()?;
        let id = transaction.persistent_savepoint()?;
        let all: Vec<u64> = transaction.list_persistent_savepoints()?.collect();
        for old in all.iter().take(all.len().saturating_sub(KEPT)) {
            transaction.delete_persistent_savepoint(*old)?;
        }
        transaction.commit()?;
        Ok(id)
    }

    /// Goes back to a remembered chain and forgets it and all later ones; `false` when there is no such number.
    pub(crate) fn go_back(&self, id: u64) -> Result<bool, DevnetError> {
        let mut transaction = self.begin()?;
        let savepoint = match transaction.get_persistent_savepoint(id) {
            Ok(savepoint) => savepoint,
            Err(SavepointError::InvalidSavepoint) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        transaction.restore_savepoint(&savepoint)?;
        let stale: Vec<u64> = transaction.list_persistent_savepoints()?.filter(|other| *other >= id).collect();
        for other in stale {
            transaction.delete_persistent_savepoint(other)?;
        }
        transaction.commit()?;
        Ok(true)
    }
}
