//! The agreement between writers and garbage collection.
//!
//! A block that was just put is not reachable from a pin yet, and a collection by another process would take it. Whoever puts first and pins
//! later holds a lease in between; `gc` starts only when there is none. A handle takes one with its first write, so that nobody has to remember
//! it. It is a lock of the operating system, so it ends with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::StorageError;

/// Keeps `gc` away while it lives.
#[derive(Debug)]
pub struct Lease {
    _lock: File,
}

/// Keeps leases away while it lives.
#[derive(Debug)]
pub(super) struct Collection {
    _lock: File,
}

impl Lease {
    /// Waits for a running collection to end.
    pub(super) fn take(dir: &Path) -> Result<Self, StorageError> {
        let lock = open(dir)?;
        lock.lock_shared().map_err(|error| StorageError::io("lock", dir, error))?;
        Ok(Self { _lock: lock })
    }
}

impl Collection {
    /// Does not wait: an import can take hours.
    pub(super) fn start(dir: &Path) -> Result<Self, StorageError> {
        let lock = open(dir)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StorageError::Busy { path: dir.to_owned() }),
            Err(TryLockError::Error(error)) => Err(StorageError::io("lock", dir, error)),
        }
    }
}

fn open(dir: &Path) -> Result<File, StorageError> {
    let path = dir.join("lease.lock");
    OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|error| StorageError::io("open", &path, error))
}
