//! Files where a signature does not look: whoever adds one there changes the model, and no digest tells.

use std::fs;
use std::path::{Path, PathBuf};

use modelmark_digest::{MAX_DEPTH, Sha256Digest};

use crate::bundle::MAX_BUNDLE_BYTES;

/// What the specification leaves out of every signature, at the top of the model.
pub(crate) const GIT_PATHS: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// Git reads these files and nobody else, so that they do no harm as long as they are files.
const HARMLESS: [&str; 2] = [".gitattributes", ".gitignore"];

/// Returns the first file at or below `path` of the model, if there is any that could do harm.
///
/// `bundle` is the digest of the bundle at hand: a copy of it is no part of a model.
pub(crate) fn first_file(model: &Path, path: &str, bundle: Sha256Digest) -> Option<PathBuf> {
    let full = model.join(path);
    let found = fs::symlink_metadata(&full).ok()?;
    if found.is_dir() {
        return first_inside(&full, 0).map(|inside| inside.strip_prefix(model).map(Path::to_owned).unwrap_or(inside));
    }
    let harmless = found.is_file() && (HARMLESS.contains(&path) || is_bundle(&full, found.len(), bundle));
    (!harmless).then(|| PathBuf::from(path))
}

/// A folder that cannot be read, or is too deep to look through, counts as a file.
fn first_inside(folder: &Path, depth: usize) -> Option<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Some(folder.to_owned()) };
    if depth > MAX_DEPTH {
        return Some(folder.to_owned());
    }
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort_unstable();
    entries.into_iter().find_map(|path| {
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        if is_folder { first_inside(&path, depth + 1) } else { Some(path) }
    })
}

fn is_bundle(path: &Path, size: u64, bundle: Sha256Digest) -> bool {
    size <= MAX_BUNDLE_BYTES as u64 && fs::read(path).is_ok_and(|bytes| Sha256Digest::of(&bytes) == bundle)
}
