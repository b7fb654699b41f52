//! What a cache keeps of a file, and how it is spelled.

use modelmark_formats::safetensors::Dtype;
use serde::{Deserialize, Serialize};

use super::MAX_VALUE_BYTES;
use crate::engine::FileDigests;
use crate::tensor_stream::TensorLeaf;
use crate::unixfs::file_dag;
use crate::walk::FoundFile;
use crate::{ContentId, FileEntry, Sha256Digest};

/// The digests of a file, without its name: a file keeps them when its folder is renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// When the file was opened for reading, in nanoseconds since 1970. Kept so that the racy rule can be applied again.
    pub(super) read_from: i128,
    pub(super) size: u64,
    pub(super) cid: ContentId,
    pub(super) sha256: Option<Sha256Digest>,
    pub(super) tensors: Option<Vec<KnownTensor>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownTensor {
    name: String,
    dtype: String,
    elements: u64,
    leaf: Sha256Digest,
}

impl Known {
    pub(super) fn of(digests: &FileDigests, read_from: i128) -> Self {
        let tensors = digests.tensors.as_ref().map(|leaves| leaves.iter().map(known_tensor).collect());
        let FileEntry { path: _, size, sha256, cid } = &digests.entry;
        Self { read_from, size: *size, cid: *cid, sha256: *sha256, tensors }
    }

    /// Adds what an older reading of the same bytes also made.
    pub(super) fn with(mut self, older: Self) -> Self {
        if (self.size, self.cid) == (older.size, older.cid) {
            self.sha256 = self.sha256.or(older.sha256);
            self.tensors = self.tensors.or(older.tensors);
        }
        self
    }

    /// Returns the digests as a run would give them; none when one that is wanted is missing, or what is here cannot be true of the file.
    pub(super) fn digests(self, found: &FoundFile, sha256: bool, tensors: bool) -> Option<FileDigests> {
        if self.size != found.size || (sha256 && self.sha256.is_none()) {
            return None;
        }
        let kept = if tensors { Some(self.tensors?.into_iter().map(tensor_leaf).collect::<Option<Vec<_>>>()?) } else { None };
        let entry = FileEntry { path: found.path.clone(), size: self.size, sha256: self.sha256.filter(|_| sha256), cid: self.cid };
        Some(FileDigests { entry, dag: file_dag(self.cid, self.size), tensors: kept })
    }

    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok().filter(|bytes| bytes.len() <= MAX_VALUE_BYTES)
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_VALUE_BYTES { None } else { serde_json::from_slice(bytes).ok() }
    }
}

fn known_tensor(tensor: &TensorLeaf) -> KnownTensor {
    let TensorLeaf { name, dtype, elements, leaf } = tensor;
    KnownTensor { name: name.to_string(), dtype: dtype.token().to_owned(), elements: *elements, leaf: *leaf }
}

fn tensor_leaf(known: KnownTensor) -> Option<TensorLeaf> {
    let dtype = Dtype::from_token(&known.dtype)?;
    Some(TensorLeaf { name: known.name.into(), dtype, elements: known.elements, leaf: known.leaf })
}
