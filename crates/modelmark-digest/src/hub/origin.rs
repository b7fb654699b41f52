//! What the path of a folder in a cache claims: from which repository it is, and from which commit.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Kinds of repositories, as the names of their folders begin, and how the hub's addresses begin.
const KINDS: [(&str, &str); 4] = [("models--", ""), ("datasets--", "datasets/"), ("spaces--", "spaces/"), ("kernels--", "kernels/")];

/// Length of a commit in hex digits.
pub(super) const COMMIT_DIGITS: usize = 40;

/// Where a model says that it comes from: a claim, which whoever can write to the cache can make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubOrigin {
    /// The repository, such as `org/name`.
    pub repository: String,
    /// The commit, 40 hex digits.
    pub commit: String,
    /// What of the repository was fingerprinted, when not all of the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl fmt::Display for HubOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hf://{}@{}", self.repository, self.commit)?;
        self.path.iter().try_for_each(|path| write!(f, "/{path}"))
    }
}

/// Returns what the place of the file or folder at `path` says about its origin, when it lies in a snapshot of a cache.
#[must_use]
pub fn origin(path: &Path) -> Option<HubOrigin> {
    Place::of(path).and_then(|place| place.origin())
}

/// A path in the folder of a repository in a cache.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) cache: PathBuf,
    /// Name of the repository's folder.
    pub(super) folder: String,
    /// What follows, component by component.
    pub(super) inside: Vec<String>,
    /// Whether the last component is a link, and not what it leads to.
    pub(super) linked: bool,
}

impl Place {
    /// Finds the cache around `path`, whose last component is not resolved when it is a link: a link of a snapshot stands for a file there.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let linked = path.file_name().is_some() && std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        let here = if linked { Self::around(&link_itself(path)?) } else { None };
        let here = here.filter(|place| place.commit().is_some()).map(|place| Self { linked: true, ..place });
        here.or_else(|| Self::around(&std::fs::canonicalize(path).ok()?))
    }

    /// Reads a path without links; the innermost repository counts.
    fn around(full: &Path) -> Option<Self> {
        let names: Vec<&str> = full.components().map(|part| text(part.as_os_str())).collect::<Option<_>>()?;
        let at = names.iter().rposition(|name| repository(name).is_some())?;
        let cache = full.components().take(at).collect::<PathBuf>();
        let inside: Vec<String> = names.get(at + 1..)?.iter().map(|name| (*name).to_owned()).collect();
        Some(Self { cache, folder: (*names.get(at)?).to_owned(), inside, linked: false })
    }

    /// Returns the commit when this is a snapshot or lies in one.
    pub(super) fn commit(&self) -> Option<&str> {
        match self.inside.as_slice() {
            [snapshots, commit, ..] if snapshots == "snapshots" && is_commit(commit) => Some(commit),
            _ => None,
        }
    }

    /// Returns what this place claims when it is a snapshot or lies in one.
    pub(super) fn origin(&self) -> Option<HubOrigin> {
        let path = self.inside.get(2..).filter(|rest| !rest.is_empty()).map(|rest| rest.join("/"));
        Some(HubOrigin { repository: repository(&self.folder)?, commit: self.commit()?.to_owned(), path })
    }

    /// Returns the folder of the repository.
    pub(super) fn root(&self) -> PathBuf {
        self.cache.join(&self.folder)
    }
}

/// The path of a link, all folders before it resolved.
fn link_itself(path: &Path) -> Option<PathBuf> {
    let Some(Component::Normal(name)) = path.components().next_back() else { return None };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(std::fs::canonicalize(parent).ok()?.join(name))
}

fn text(name: &OsStr) -> Option<&str> {
    name.to_str()
}

/// Returns the repository whose folder in a cache has this name.
pub(super) fn repository(folder: &str) -> Option<String> {
    KINDS.iter().find_map(|(start, prefix)| {
        let name = folder.strip_prefix(start).filter(|name| !name.is_empty())?;
        Some(format!("{prefix}{}", name.replace("--", "/")))
    })
}

/// Tells whether a text is a whole commit.
pub(super) fn is_commit(text: &str) -> bool {
    text.len() == COMMIT_DIGITS && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn around(path: &str) -> Option<Place> {
        Place::around(Path::new(path))
    }

    #[test]
    fn a_snapshot_says_where_it_is_from() {
        let place = around(&format!("/c/hub/models--org--name/snapshots/{COMMIT}")).unwrap();
        assert_eq!(place.origin().unwrap().to_string(), format!("hf://org/name@{COMMIT}"));
        assert_eq!((place.cache.as_path(), place.root().as_path()), (Path::new("/c/hub"), Path::new("/c/hub/models--org--name")));
        let part = around(&format!("/c/datasets--d/snapshots/{COMMIT}/a/b")).unwrap();
        assert_eq!(part.origin().unwrap().to_string(), format!("hf://datasets/d@{COMMIT}/a/b"));
    }

    #[test]
    fn other_places_say_nothing() {
        assert!(around("/c/models/snapshots/x").is_none());
        for inside in ["", "/blobs/x", "/snapshots", "/snapshots/main", "/snapshots/0123", "/.no_exist/x"] {
            assert!(around(&format!("/c/models--a--b{inside}")).unwrap().origin().is_none(), "{inside}");
        }
    }
}
