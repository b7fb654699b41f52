//! The bytes of a model: its files, the weights among them, and what their own configuration calls them.

use std::collections::BTreeMap;

use modelmark_digest::{CidProfile, ContentId, ManifestKind, ModelPath, Sha256Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;
use crate::value::{Count, Label, hash, optional_hash};

/// The model's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// CID of the directory, or of the file when the model is one file.
    #[schemars(with = "schema::Cid")]
    pub cid: ContentId,
    /// Whether the model is one file or a directory.
    #[schemars(with = "schema::Kind")]
    pub kind: ManifestKind,
    /// How the CIDs were made.
    #[schemars(with = "schema::Profile")]
    pub profile: CidProfile,
    /// Sum of the file sizes in bytes.
    pub size: Count,
    /// The files, sorted by the bytes of their paths, no path twice.
    #[schemars(length(min = 1))]
    pub files: Vec<ModelFile>,
    /// What was left out by rule, such as `.git/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 16))]
    pub ignored: Vec<Label>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Path inside the model.
    #[schemars(with = "schema::Path")]
    pub path: ModelPath,
    /// Size in bytes.
    pub size: Count,
    /// SHA-256 of the whole file.
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub sha256: Sha256Digest,
    /// UnixFS CID of the file.
    #[schemars(with = "schema::Cid")]
    pub cid: ContentId,
}

/// The weights among the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedWeights {
    /// CID of the one weights file, or of a directory that holds only the weights files. Its digest is the token's `weightsDigest`.
    #[schemars(with = "schema::Cid")]
    pub cid: ContentId,
    /// Paths of the weights files, sorted by their bytes; each is in `model.files`.
    #[schemars(with = "Vec<schema::Path>", length(min = 1))]
    pub files: Vec<ModelPath>,
    /// Format whose tensors were read, such as `safetensors`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub format: Option<Label>,
    /// What the tensors are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Tensors")]
    pub tensors: Option<Tensors>,
}

/// The tensors of all weights files together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tensors {
    /// Number of tensors.
    pub count: Count,
    /// Number of elements in all tensors.
    pub parameters: Count,
    /// Elements by element type (`F32`, `BF16`…).
    pub dtypes: BTreeMap<Label, Count>,
    /// Level 1 of the weight fingerprint: same names, types, shapes and bytes, whatever the container, sharding or order.
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub root: Sha256Digest,
    /// Level 2: same float tensors, whatever their names and number. Does not say which is which.
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub content: Sha256Digest,
    /// Level 3: as level 2, whatever the width that the same values are stored in.
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub value: Sha256Digest,
}

/// A piece of software.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Its name, such as `pytorch` or `transformers`.
    pub name: Label,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub version: Option<Label>,
}

/// A model architecture as its configuration declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Architecture {
    /// Family, such as `bert` (`model_type` of a configuration).
    pub family: Label,
    /// Class, such as `BertModel` (`architectures` of a configuration).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub name: Option<Label>,
    /// Element type that the configuration declares, such as `float32`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub dtype: Option<Label>,
    /// SHA-256 of the configuration file.
    #[serde(default, with = "optional_hash", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Hash")]
    pub config_sha256: Option<Sha256Digest>,
}

/// What cuts text into tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tokenizer {
    /// Digest of its files (docs/spec/tokenizer-digest.md).
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub sha256: Sha256Digest,
}
