//! What a caller asks of a run, and how it can watch.

use std::num::NonZeroUsize;

use crate::{CidProfile, ContentId, FileEntry, ModelPath};

/// Which digests to make besides the CIDs, and with how many threads. Whatever is asked for, every byte is read once.
#[derive(Clone, Debug)]
pub struct Request {
    /// How the CIDs are made.
    pub profile: CidProfile,
    /// Whether to make the SHA-256 of every file.
    pub sha256: bool,
    /// Whether to make the Keccak-256 of every file.
    pub keccak256: bool,
    /// Whether to make the BLAKE3 of every file.
    pub blake3: bool,
    /// Whether to read the tensors of weights files in a format that can be read.
    pub tensors: bool,
    /// Whether to read files that are hardly more than holes: their length costs whoever made them nothing, and whoever reads them hours. Without, they are
    /// refused with [`DigestError::Hollow`](crate::DigestError::Hollow).
    pub holes: bool,
    /// Number of threads; one for each core when absent.
    pub threads: Option<NonZeroUsize>,
}

impl Default for Request {
    fn default() -> Self {
        Self { sha256: true, tensors: true, ..Self::cids() }
    }
}

impl Request {
    /// Asks for CIDs only, which cover every byte: the fastest run.
    #[must_use]
    pub const fn cids() -> Self {
        Self {
            profile: CidProfile::UnixfsV1Legacy,
            sha256: false,
            keccak256: false,
            blake3: false,
            tensors: false,
            holes: false,
            threads: None,
        }
    }
}

/// Watches a run. Methods are called from worker threads, several at once and in no fixed order between files.
///
/// A slow observer slows the run. A panic in an observer ends the run and goes on in the caller of [`digest`](crate::digest()).
pub trait Observer: Sync {
    /// The number of files and of bytes that will be read; called once, before the first byte.
    fn planned(&self, files: u64, bytes: u64) {
        let _ = (files, bytes);
    }

    /// Asked before each block: whether anybody still wants the digests. When not, the run ends with [`DigestError::Read`](crate::DigestError::Read) and
    /// [`Interrupted`](std::io::ErrorKind::Interrupted).
    fn goes_on(&self) -> bool {
        true
    }

    /// A directory with nothing in it, which is part of the model's CID; called before the first byte is read.
    fn empty_folder(&self, path: &ModelPath) {
        let _ = path;
    }

    /// So many more bytes are done.
    fn advanced(&self, bytes: u64) {
        let _ = bytes;
    }

    /// A raw leaf of a file, at this offset and of this length; leaves come in any order. An empty file is one empty leaf.
    ///
    /// What is reported of a file counts only once [`Observer::file`] reports the file: until then it may turn out to have changed.
    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        let _ = (file, offset, len, cid);
    }

    /// A dag-pb block above leaves or of a directory, including the directory that [`Weights::cid`](crate::Weights) names.
    fn node(&self, cid: &ContentId, block: &[u8]) {
        let _ = (cid, block);
    }

    /// Asked before the digests of a file are taken from a cache: whether [`Observer::leaf`] and [`Observer::node`] must be called for it, so that it
    /// has to be read.
    fn needs_leaves(&self, entry: &FileEntry) -> bool {
        let _ = entry;
        true
    }

    /// The digests of a file were taken from a cache; its bytes were planned, but are not read. [`Observer::file`] follows.
    fn reused(&self, entry: &FileEntry) {
        let _ = entry;
    }

    /// A file is finished and was the same before and after.
    fn file(&self, entry: &FileEntry) {
        let _ = entry;
    }
}

/// Watches nothing.
impl Observer for () {
    fn needs_leaves(&self, _entry: &FileEntry) -> bool {
        false
    }
}
