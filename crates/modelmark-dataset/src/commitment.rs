//! What a dataset is committed to with, and the one digest of it.

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::leaf_hash_of;
use serde::{Deserialize, Serialize};

const OPEN: &[u8] = b"mpv1:dataset\0";
const SALTED: &[u8] = b"mpv1:salted-dataset\0";

/// The public facts of a set of files, and the roots of the trees over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Commitment {
    /// Number of files.
    pub files: u64,
    /// Sum of their sizes.
    pub bytes: u64,
    /// Root of the tree in the order of the paths.
    pub path_root: Sha256Digest,
    /// Root of the tree in the order of the contents' digests; absent when the leaves are salted, for it could answer no question then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_root: Option<Sha256Digest>,
}

impl Commitment {
    /// Tells whether the leaves are salted.
    #[must_use]
    pub const fn is_salted(&self) -> bool {
        self.content_root.is_none()
    }

    /// Returns the dataset root: the digest that stands for the set.
    #[must_use]
    pub fn root(&self) -> Sha256Digest {
        let (files, bytes) = (self.files.to_le_bytes(), self.bytes.to_le_bytes());
        let path_root = self.path_root.as_bytes();
        match &self.content_root {
            Some(content_root) => leaf_hash_of(&[OPEN, &files, &bytes, path_root, content_root.as_bytes()]),
            None => leaf_hash_of(&[SALTED, &files, &bytes, path_root]),
        }
    }
}
