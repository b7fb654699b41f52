//! Making a new chain file. A file that is only half made, because its maker was killed, must never stand in the chain's place, where it could not be
//! opened any more: it is made beside and moved.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::{FILE, FORMAT, builder, tables};
use crate::DevnetError;

/// The file while it is being made.
const UNFINISHED: &str = "chain.redb.new";

/// The file that is locked meanwhile, so that two processes do not both make one. It stays: removing it would open the door for a third.
const LOCK: &str = "chain.lock";

/// Makes the chain's file in an existing directory, unless it is there.
pub(super) fn unless_there(directory: &Path) -> Result<(), DevnetError> {
    let path = directory.join(FILE);
    let failed = |source: io::Error| DevnetError::Open { path: path.clone(), source: Box::new(redb::Error::Io(source)) };
    if path.try_exists().map_err(failed)? {
        return Ok(());
    }
    let lock = File::create(directory.join(LOCK)).map_err(failed)?;
    lock.lock().map_err(failed)?;
    if path.try_exists().map_err(failed)? {
        return Ok(());
    }
    let unfinished = directory.join(UNFINISHED);
    remove(&unfinished).map_err(failed)?;
    make(&unfinished)?;
    fs::rename(&unfinished, &path).map_err(failed)?;
    sync(directory).map_err(failed)
}

fn make(path: &Path) -> Result<(), DevnetError> {
    let open = |source: redb::Error| DevnetError::Open { path: path.into(), source: Box::new(source) };
    let database = builder().create(path).map_err(|error| open(error.into()))?;
    let transaction = database.begin_write()?;
    tables::create(&transaction, FORMAT)?;
    transaction.commit()?;
    Ok(())
}

/// Removes what a killed maker left behind.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the new name survive a power cut.
#[cfg(unix)]
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Directories cannot be opened as files here; the system writes their entries itself.
#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::thread;

    use super::*;
    use crate::store::Store;

    #[test]
    fn what_a_killed_maker_left_is_overcome() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(UNFINISHED), [0; 8192]).unwrap();
        drop(Store::open(directory.path()).unwrap());
        assert!(!directory.path().join(UNFINISHED).exists());
    }

    #[test]
    fn makers_at_the_same_time_make_one_file() {
        let directory = tempfile::tempdir().unwrap();
        let opened = thread::scope(|scope| {
            let makers: Vec<_> = (0..8).map(|_| scope.spawn(|| Store::open(directory.path()))).collect();
            let results: Vec<_> = makers.into_iter().map(|maker| maker.join().unwrap()).collect();
            assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(DevnetError::Locked { .. }))), "{results:?}");
            results.iter().filter(|result| result.is_ok()).count()
        });
        assert!(opened >= 1);
    }
}
