//! Why something in a cache of the Hugging Face hub cannot be taken.

use std::fmt;
use std::path::PathBuf;

/// Most names that a message lists.
const MAX_LISTED: usize = 10;

/// Something in a cache of the Hugging Face hub that cannot be fingerprinted, or is not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// A link of a snapshot that does not lead where the hub's client puts files.
    #[error("{} is a symbolic link to {target:?}, which is not followed: {fault}", .path.display())]
    Link {
        /// The link.
        path: PathBuf,
        /// Where it points, as stored in the link.
        target: String,
        /// What is wrong with that.
        fault: LinkFault,
    },
    /// The bytes are not those that the name of the cached file claims.
    #[error("the cached file behind {} is damaged: its {kind} is {found}, its name says {claimed}", .path.display())]
    Damaged {
        /// The file in the snapshot.
        path: PathBuf,
        /// Which digest the name is.
        kind: &'static str,
        /// The digest of the bytes, hex.
        found: String,
        /// The name, hex.
        claimed: String,
    },
    /// The folder of a repository was named, which holds snapshots and more.
    #[error("{} is the cache's folder of {repository}, not a model; its snapshots: {}", .path.display(), listed(.snapshots))]
    Repository {
        /// The folder.
        path: PathBuf,
        /// The repository.
        repository: String,
        /// Its snapshots, each with the branches and tags that name it.
        snapshots: Vec<String>,
    },
    /// The cache itself was named.
    #[error("{} is a cache of the Hugging Face hub, not a model; it holds {}", .path.display(), listed(.repositories))]
    Cache {
        /// The cache.
        path: PathBuf,
        /// The repositories in it.
        repositories: Vec<String>,
    },
    /// A folder of the cache was named that is none of the model's.
    #[error("{} belongs to the cache of the Hugging Face hub; a model is a folder in {}", .path.display(), .snapshots.display())]
    Inside {
        /// The folder.
        path: PathBuf,
        /// Where the snapshots of the repository lie.
        snapshots: PathBuf,
    },
    /// The repository is not in the cache.
    #[error("{repository} is not in the Hugging Face cache {}", .cache.display())]
    NotCached {
        /// The repository.
        repository: String,
        /// The cache that was looked in.
        cache: PathBuf,
    },
    /// The repository is in the cache, the revision is not.
    #[error("{repository} is in the Hugging Face cache {}, but not its revision {revision:?}; there are {}", .cache.display(), listed(.snapshots))]
    NoRevision {
        /// The repository.
        repository: String,
        /// The revision that was asked for.
        revision: String,
        /// The cache that was looked in.
        cache: PathBuf,
        /// The snapshots that are there.
        snapshots: Vec<String>,
    },
    /// Several snapshots begin with the digits that were given.
    #[error("{revision:?} is the start of several commits of {repository}: {}", listed(.commits))]
    Ambiguous {
        /// The repository.
        repository: String,
        /// The digits.
        revision: String,
        /// The commits.
        commits: Vec<String>,
    },
}

/// What is wrong with a link of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkFault {
    /// It starts at the root of the file system.
    #[error("the hub's client writes relative links only")]
    Absolute,
    /// It goes up after it went down, or is empty, or no text.
    #[error("the hub's client does not write such a target")]
    Form,
    /// It leads out of the cache.
    #[error("it leads out of the cache")]
    Escapes,
    /// It leads to another place in the cache.
    #[error("it leads to none of the repository's blobs and to none that the cache shares")]
    Elsewhere,
    /// It leads to a download that did not end.
    #[error("the download did not end")]
    Incomplete,
    /// There is nothing where it leads.
    #[error("there is nothing: the file was not downloaded, or was deleted")]
    Dangling,
    /// A folder on the way is a link itself, or something else than a folder.
    #[error("a folder on the way is none")]
    Way,
    /// It leads to something else than a regular file.
    #[error("it leads to something else than a regular file")]
    Special,
    /// There are more links than the cache has.
    #[error("it leads to one link too many")]
    Hops,
}

/// Lists names, the first of many.
fn listed(names: &[String]) -> impl fmt::Display {
    let shown = names.iter().take(MAX_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_LISTED) {
        0 if names.is_empty() => "none".to_owned(),
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
