//! What a fingerprint run says about a model: the value that every later stage starts from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hub::HubOrigin;
use crate::{Blake3Digest, CidProfile, ContentId, Keccak256Digest, ModelPath, Sha256Digest};

/// The fingerprints of one model: a file, or a directory of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// CID of the directory, or of the file when the model is one file.
    pub cid: ContentId,
    /// Whether the model is one file or a directory.
    pub kind: ManifestKind,
    /// How the CIDs were made.
    pub profile: CidProfile,
    /// Sum of the file sizes in bytes.
    pub size: u64,
    /// The files, sorted by the bytes of their paths. A single-file model has one entry under its own name.
    pub files: Vec<FileEntry>,
    /// What was left out by rule (top-level `.git/`, `.cache/huggingface/`), when present.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// Where the model says that it comes from, when it lies in a snapshot of the Hugging Face cache: a claim, of which no digest depends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<HubOrigin>,
    /// The weights among the files.
    pub weights: Weights,
}

/// Whether a model is one file or a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ManifestKind {
    /// One file; `Manifest.cid` is the file's CID.
    File,
    /// A directory; `Manifest.cid` is the directory's CID.
    Directory,
}

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Path inside the model.
    pub path: ModelPath,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the whole file; absent when the request left it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
    /// Keccak-256 of the whole file, when the request asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keccak256: Option<Keccak256Digest>,
    /// BLAKE3 of the whole file, when the request asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<Blake3Digest>,
    /// UnixFS CID of the file.
    pub cid: ContentId,
}

impl FileEntry {
    /// Returns the entry of a file of which only the CID was made.
    #[must_use]
    pub const fn new(path: ModelPath, size: u64, cid: ContentId) -> Self {
        Self { path, size, sha256: None, keccak256: None, blake3: None, cid }
    }
}

/// The weights among a model's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// CID of the weights alone: of the one weights file (so that renaming it changes nothing), else of a UnixFS directory that holds only the
    /// weights files under their paths. A model without a recognised weights file counts as weights whole, and this is the manifest's CID.
    pub cid: ContentId,
    /// SHA-256 of the one weights file; for several, of the text `sha256sum` prints for them in path order (`<hex>  <path>` and a newline each).
    /// Absent when the request left SHA-256 out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
    /// The weights files, sorted by the bytes of their paths.
    pub files: Vec<ModelPath>,
    /// The format of the weights files, such as `safetensors`, when it is one that is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What the format's headers say and the fingerprint of all tensors; absent when the format is not read, the request left it out, or there is
    /// none: see `unread`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tensors: Option<TensorSummary>,
    /// Why there is no fingerprint although the format is one that is read: a pickle that is code, a malformed file, files that are no shards of each
    /// other and hold tensors of one name. For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// The tensors of all weights files together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorSummary {
    /// Number of tensors.
    pub count: u64,
    /// Number of elements in all tensors.
    pub parameters: u64,
    /// Elements by dtype token (`F32`, `BF16`…).
    pub dtypes: BTreeMap<String, u64>,
    /// Level 1 of the fingerprint: same names, types, shapes and bytes, whatever the container, sharding or order.
    pub root: Sha256Digest,
    /// Level 2: same float tensors whatever their names, each counted once. Does not tell which is which.
    pub content: Sha256Digest,
    /// Level 3: as level 2, whatever the width that the same values are stored in.
    pub value: Sha256Digest,
}
