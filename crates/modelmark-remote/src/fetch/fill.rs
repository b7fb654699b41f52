//! Files that somebody else brings, into a directory that appears when it is whole.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use modelmark_digest::portable;

use super::staging::Staging;
use super::{AT_ONCE, FetchError, Wanted, WantedFile};

/// Has `bring` fill the files `wanted` of the new directory `target`, several side by side, where [`fetch`](super::fetch()) would bring them from places: what has
/// come stays beside `target` when it breaks off, and the next one goes on with it.
///
/// `bring` gets a file, and how many bytes of whatever an earlier try left there it has. It may wait; that every byte is right is for it to see to.
///
/// # Errors
/// As [`fetch`](super::fetch()), and what `bring` says.
pub fn fill<E: From<FetchError> + Send>(
    wanted: &Wanted,
    target: &Path,
    bring: &(dyn Fn(&WantedFile, &File, u64) -> Result<(), E> + Sync),
) -> Result<(), E> {
    portable::check(wanted.files.iter().map(|file| &file.path), &wanted.empty_folders).map_err(FetchError::from)?;
    let staging = Staging::begin(target, wanted)?;
    staging.check_space(wanted)?;
    let (next, failure) = (AtomicUsize::new(0), Mutex::new(None));
    let failed = || failure.lock().unwrap_or_else(PoisonError::into_inner);
    let run = || {
        loop {
            let file = wanted.files.get(next.fetch_add(1, Ordering::Relaxed));
            let Some(file) = file.filter(|_| failed().is_none()) else { return };
            if let Err(error) = one(&staging, file, bring) {
                failed().get_or_insert(error);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..AT_ONCE.min(wanted.files.len()) {
            // Without another thread this one does it all.
            let _ = std::thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    let failure = failed().take();
    failure.map_or(Ok(()), Err)?;
    Ok(staging.finish(wanted)?)
}

fn one<E: From<FetchError>>(
    staging: &Staging,
    file: &WantedFile,
    bring: &(dyn Fn(&WantedFile, &File, u64) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let (out, present) = staging.open(&file.path)?;
    bring(file, &out, present)?;
    let written = out.set_len(file.size).and_then(|()| out.sync_all());
    Ok(written.map_err(FetchError::io("write", staging.path_of(&file.path)))?)
}
