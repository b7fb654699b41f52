//! From the name of a model or dataset to its snapshot in a cache, offline.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::HubName;
use super::error::HubError;
use super::insides::MAX_LOOKED_AT;
use super::origin::{COMMIT_DIGITS, is_commit};

/// The branch that a name without revision means.
const DEFAULT_REVISION: &str = "main";
/// Fewest digits that stand for a commit.
const MIN_COMMIT_DIGITS: usize = 7;
/// Deepest folder of branches and tags that is looked into; `refs/pr/1` is three deep.
const MAX_REF_DEPTH: usize = 8;

/// Finds the snapshot of a model or dataset in the cache at `cache`: by a branch or tag that the cache knows, by a commit, or by the first seven or more digits of
/// one. Nothing is fetched.
///
/// # Errors
/// When the cache does not have it or this revision of it, or the digits fit several commits.
pub fn find(cache: &Path, name: &HubName) -> Result<PathBuf, HubError> {
    let folder = cache.join(name.folder());
    let repository = || name.address();
    if !folder.join("snapshots").is_dir() {
        return Err(HubError::NotCached { repository: repository(), cache: cache.to_owned() });
    }
    let revision = name.revision().unwrap_or(DEFAULT_REVISION);
    let commits = commits(&folder);
    // A whole commit is that commit, as for whoever loads it: no branch of that name leads elsewhere.
    let full = if is_commit(revision) { Some(revision.to_owned()) } else { read_ref(&folder.join("refs").join(revision)) };
    let chosen: Vec<&String> = match &full {
        Some(full) => commits.iter().filter(|commit| *commit == full).collect(),
        None if revision.len() >= MIN_COMMIT_DIGITS => commits.iter().filter(|commit| commit.starts_with(revision)).collect(),
        None => Vec::new(),
    };
    match chosen.as_slice() {
        [one] => Ok(folder.join("snapshots").join(one)),
        [] => Err(HubError::NoRevision {
            repository: repository(),
            revision: revision.to_owned(),
            cache: cache.to_owned(),
            snapshots: snapshots(&folder),
        }),
        several => {
            let commits = several.iter().map(|commit| (*commit).clone()).collect();
            Err(HubError::Ambiguous { repository: repository(), revision: revision.to_owned(), commits })
        }
    }
}

/// Lists the snapshots of a repository's folder, each with the branches and tags that name it.
pub(super) fn snapshots(folder: &Path) -> Vec<String> {
    let mut named: BTreeMap<String, Vec<String>> = commits(folder).into_iter().map(|commit| (commit, Vec::new())).collect();
    let mut left = MAX_LOOKED_AT;
    collect_refs(&folder.join("refs"), "", MAX_REF_DEPTH, &mut left, &mut |name, commit| {
        if let Some(names) = named.get_mut(&commit) {
            names.push(name);
        }
    });
    let shown = |(commit, mut names): (String, Vec<String>)| {
        names.sort_unstable();
        if names.is_empty() { commit } else { format!("{commit} ({})", names.join(", ")) }
    };
    named.into_iter().map(shown).collect()
}

/// The snapshots of a repository's folder, sorted.
fn commits(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("snapshots")).into_iter().flatten().flatten().take(MAX_LOOKED_AT);
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut commits: Vec<String> =
        folders.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| is_commit(name)).collect();
    commits.sort_unstable();
    commits
}

fn collect_refs(folder: &Path, prefix: &str, depth: usize, left: &mut usize, found: &mut impl FnMut(String, String)) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Some(fewer) = left.checked_sub(1) else { return };
        *left = fewer;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect_refs(&entry.path(), &name, depth, left, found);
        } else if let Some(commit) = read_ref(&entry.path()) {
            found(name, commit);
        }
    }
}

/// Reads the commit that a branch or tag had; a link or pipe in its place is none.
fn read_ref(path: &Path) -> Option<String> {
    std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let mut text = String::new();
    // One byte more than a commit and a newline, so that a longer file is seen to be longer.
    std::fs::File::open(path).ok()?.take(COMMIT_DIGITS as u64 + 2).read_to_string(&mut text).ok()?;
    let commit = text.strip_suffix('\n').unwrap_or(&text);
    is_commit(commit).then(|| commit.to_owned())
}
