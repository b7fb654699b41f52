//! Models from places to a directory that appears when it is whole.
//!
//! ```text
//! DIR.part/files/…   what has come until now; the only thing that is renamed, to DIR
//! DIR.part/of        which model, and which of its files
//! DIR.part/lock      held while a fetch runs
//! ```
//!
//! A fetch that was killed goes on where it stopped. What it left is not trusted: every leaf is held against its digest again, and only what is missing is
//! asked for.

mod error;
mod file;
mod fill;
mod folders;
mod ranges;
mod remote_file;
mod staging;
mod tree;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use modelmark_digest::{ContentId, ModelPath, portable};
use tokio::task::JoinSet;

use self::staging::Staging;
use crate::Reader;

pub use self::error::FetchError;
pub use self::fill::fill;
pub use self::folders::empty_folders;
pub use self::remote_file::RemoteFile;

/// Files that are fetched side by side.
const AT_ONCE: usize = 4;

/// A file that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedFile {
    /// Path inside the model.
    pub path: ModelPath,
    /// Size in bytes.
    pub size: u64,
    /// Its CID.
    pub cid: ContentId,
}

/// What is wanted of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// CID of the whole model.
    pub model: ContentId,
    /// Its files, or some of them.
    pub files: Vec<WantedFile>,
    /// Its directories that hold nothing.
    pub empty_folders: Vec<ModelPath>,
}

/// What came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Bytes that came from places.
    pub received: u64,
    /// Bytes that an earlier fetch had left, and that were right.
    pub kept: u64,
}

/// Is told how far a fetch is.
pub trait Progress: Send + Sync {
    /// So many more bytes of the files are there and right.
    fn done(&self, bytes: u64);
}

/// Watches nothing.
impl Progress for () {
    fn done(&self, _: u64) {}
}

/// Counts for the result, and passes on.
struct Counted {
    received: AtomicU64,
    kept: AtomicU64,
    progress: Arc<dyn Progress>,
}

impl Counted {
    fn received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
        self.progress.done(bytes);
    }

    fn kept(&self, bytes: u64) {
        self.kept.fetch_add(bytes, Ordering::Relaxed);
        self.progress.done(bytes);
    }
}

/// Brings the files `wanted` to the new directory `target`, several side by side.
///
/// # Errors
/// [`FetchError::Exists`] when there is something at `target`, [`FetchError::Busy`] while another fetch to there runs, [`FetchError::Name`] for names that are
/// not written to disk, [`FetchError::Space`] when the files do not fit, and when a place or the disk fails. What has come stays beside `target`, and the next
/// fetch goes on with it.
pub async fn fetch(reader: &Arc<Reader>, wanted: &Wanted, target: &Path, progress: Arc<dyn Progress>) -> Result<Fetched, FetchError> {
    portable::check(wanted.files.iter().map(|file| &file.path), &wanted.empty_folders)?;
    let staging = Arc::new(Staging::begin(target, wanted)?);
    staging.check_space(wanted)?;
    let counted = Arc::new(Counted { received: AtomicU64::new(0), kept: AtomicU64::new(0), progress });
    let mut waiting = wanted.files.iter().cloned();
    let mut running = JoinSet::new();
    for file in waiting.by_ref().take(AT_ONCE) {
        running.spawn(bring(Arc::clone(reader), Arc::clone(&staging), Arc::clone(&counted), file));
    }
    while let Some(done) = running.join_next().await {
        if let Err(error) = done.map_err(|error| FetchError::Broken(error.to_string())).flatten() {
            // The others have let go of the directory when this returns, so that the next fetch can begin at once.
            running.shutdown().await;
            return Err(error);
        }
        if let Some(file) = waiting.next() {
            running.spawn(bring(Arc::clone(reader), Arc::clone(&staging), Arc::clone(&counted), file));
        }
    }
    staging.finish(wanted)?;
    Ok(Fetched { received: counted.received.load(Ordering::Relaxed), kept: counted.kept.load(Ordering::Relaxed) })
}

async fn bring(reader: Arc<Reader>, staging: Arc<Staging>, counted: Arc<Counted>, wanted: WantedFile) -> Result<(), FetchError> {
    let (out, present) = staging.open(&wanted.path)?;
    let path = staging.path_of(&wanted.path);
    file::bring(&reader, &wanted, Arc::new(out), &path, present, &counted).await
}
