//! Folders of a cache that are no model: the cache itself, a repository, and what it keeps beside its snapshots.

use std::path::Path;

use super::error::HubError;
use super::find::snapshots;
use super::origin::{Place, repository};

/// Most entries of a folder that are looked at.
pub(super) const MAX_LOOKED_AT: usize = 10_000;

/// Refuses a folder of a cache that is no snapshot and lies in none, and says which models there are.
pub(crate) fn refuse_insides(folder: &Path) -> Result<(), HubError> {
    if let Some(place) = Place::of(folder).filter(|place| place.commit().is_none() && is_repository(&place.root())) {
        let path = folder.to_owned();
        let outer: Vec<&str> = place.inside.iter().map(String::as_str).collect();
        return match outer.as_slice() {
            [] | ["snapshots"] => {
                let repository = repository(&place.folder).unwrap_or_default();
                Err(HubError::Repository { path, repository, snapshots: snapshots(&place.root()) })
            }
            ["snapshots" | "refs" | "blobs" | ".no_exist", ..] => Err(HubError::Inside { path, snapshots: place.root().join("snapshots") }),
            _ => Ok(()),
        };
    }
    match repositories(folder) {
        found if found.is_empty() => Ok(()),
        repositories => Err(HubError::Cache { path: folder.to_owned(), repositories }),
    }
}

/// Tells a repository's folder from one that only has such a name.
fn is_repository(folder: &Path) -> bool {
    folder.join("snapshots").is_dir() && (folder.join("blobs").is_dir() || folder.join("refs").is_dir())
}

/// The repositories in a folder, sorted.
fn repositories(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_LOOKED_AT);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut found: Vec<String> = names.filter_map(|name| repository(&name).filter(|_| is_repository(&folder.join(&name)))).collect();
    found.sort_unstable();
    found
}
