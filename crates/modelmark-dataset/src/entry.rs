//! One file of a dataset and its leaf.

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::leaf_hash_of;
use serde::{Deserialize, Serialize};

use crate::{DataPath, Salt};

const OPEN: &[u8] = b"mpv1:file\0";
const SALTED: &[u8] = b"mpv1:salted-file\0";

/// Largest size of a file, and of all files together: 2^53 - 1, the largest integer that every JSON reader keeps.
pub const MAX_FILE_BYTES: u64 = (1 << 53) - 1;

/// What a dataset commits to of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with the path, size and digest of a file")]
pub struct FileEntry {
    /// Where it lies.
    pub path: DataPath,
    /// SHA-256 of its bytes.
    pub sha256: Sha256Digest,
    /// Its size in bytes.
    pub size: u64,
}

impl FileEntry {
    /// Returns the leaf hash of the file, with the salt if the set is salted.
    #[must_use]
    pub fn leaf(&self, salt: Option<&Salt>) -> Sha256Digest {
        let path = self.path.as_str().as_bytes();
        // A path has at most 4,096 bytes.
        let length = (path.len() as u32).to_le_bytes();
        let size = self.size.to_le_bytes();
        let (domain, salt): (&[u8], &[u8]) = salt.map_or((OPEN, &[]), |salt| (SALTED, salt.as_bytes()));
        leaf_hash_of(&[domain, salt, &length, path, &size, self.sha256.as_bytes()])
    }
}
