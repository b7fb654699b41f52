//! What a cache keeps of a file, and how it is spelled.

use serde::{Deserialize, Serialize};

use super::MAX_VALUE_BYTES;
use crate::engine::FileDigests;
use crate::fingerprint::TensorDigest;
use crate::tensor_stream::FileTensors;
use crate::unixfs::file_dag;
use crate::walk::FoundFile;
use crate::{Blake3Digest, ContentId, FileEntry, Keccak256Digest, Request, Sha256Digest};

/// The digests of a file, without its name: a file keeps them when its folder is renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// When the file was opened for reading, in nanoseconds since 1970. Kept so that the racy rule can be applied again.
    pub(super) read_from: i128,
    pub(super) size: u64,
    pub(super) cid: ContentId,
    pub(super) sha256: Option<Sha256Digest>,
    pub(super) keccak256: Option<Keccak256Digest>,
    pub(super) blake3: Option<Blake3Digest>,
    pub(super) tensors: Option<KnownTensors>,
}

/// The tensors of a file, when they are known and the file is all that they depend on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownTensors {
    format: String,
    /// The tensors, or why there are none: a file that is not read today is not worth another look.
    listed: Result<Vec<TensorDigest>, String>,
}

impl Known {
    pub(super) fn of(digests: &FileDigests, read_from: i128) -> Self {
        let tensors = digests.tensors.as_ref().filter(|tensors| !tensors.reaches_out).map(known_tensors);
        // All fields are named: whoever adds a digest has to say here how it is kept.
        let FileEntry { path: _, size, sha256, keccak256, blake3, cid } = digests.entry;
        Self { read_from, size, cid, sha256, keccak256, blake3, tensors }
    }

    /// Adds what an older reading of the same bytes also made.
    pub(super) fn with(mut self, older: Self) -> Self {
        if (self.size, self.cid) == (older.size, older.cid) {
            self.sha256 = self.sha256.or(older.sha256);
            self.keccak256 = self.keccak256.or(older.keccak256);
            self.blake3 = self.blake3.or(older.blake3);
            self.tensors = self.tensors.or(older.tensors);
        }
        self
    }

    /// Returns the digests as a run would give them; none when one that is wanted is missing, or what is here cannot be true of the file.
    pub(super) fn digests(self, found: &FoundFile, request: &Request, tensors: bool) -> Option<FileDigests> {
        // Of the request, `tensors` says which files are meant; holes and threads make no difference.
        let Request { profile, sha256, keccak256, blake3, tensors: _, holes: _, threads: _ } = request;
        if self.size != found.size {
            return None;
        }
        let entry = FileEntry {
            path: found.path.clone(),
            size: self.size,
            sha256: wanted(*sha256, self.sha256)?,
            keccak256: wanted(*keccak256, self.keccak256)?,
            blake3: wanted(*blake3, self.blake3)?,
            cid: self.cid,
        };
        let kept = if tensors { Some(file_tensors(self.tensors?)) } else { None };
        Some(FileDigests { entry, dag: file_dag(*profile, self.cid, self.size), tensors: kept })
    }

    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok().filter(|bytes| bytes.len() <= MAX_VALUE_BYTES)
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_VALUE_BYTES { None } else { serde_json::from_slice(bytes).ok() }
    }
}

/// What was asked for and is there, nothing when it was not asked for; `None` when it is missing.
fn wanted<T>(asked: bool, kept: Option<T>) -> Option<Option<T>> {
    if asked { kept.map(Some) } else { Some(None) }
}

fn known_tensors(tensors: &FileTensors) -> KnownTensors {
    KnownTensors { format: tensors.format.clone(), listed: tensors.listed.clone() }
}

fn file_tensors(known: KnownTensors) -> FileTensors {
    let KnownTensors { format, listed } = known;
    FileTensors { format, listed, reaches_out: false }
}
