//! The `provenance` object: what the model's bytes are, where they come from, who made them and under which terms they travel on.

use std::collections::BTreeMap;

use modelmark_digest::{CidProfile, ContentId, ManifestKind, ModelPath, Sha256Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;
use crate::value::{
    Account, AssetId, Count, Decimal, Label, RoyaltyBps, Scalar, ShareBps, Spdx, Timestamp, TokenId, Uri, hash, optional_hash,
};

/// Where a model comes from, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Provenance {
    /// Name and version of this format.
    pub r#type: ProvenanceType,
    /// SHA-256 of the weights: of the one weights file, or of the text `sha256sum` prints for several in path order.
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub weights_hash: Sha256Digest,
    /// Architecture family in one word; equals `architecture.family`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub model_architecture: Option<Label>,
    /// CID of the first training dataset that has one; equals its entry in `datasets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Cid")]
    pub dataset_cid: Option<ContentId>,
    /// Settings of the training run. At most 256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 256, "minProperties" = 1))]
    pub training_config: BTreeMap<Label, Scalar>,
    /// The files and their digests.
    pub model: Model,
    /// The weights among the files.
    pub weights: RecordedWeights,
    /// Version of the model, as its creator counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub version: Option<Label>,
    /// What the model is for, such as `text-classification`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub task: Option<Label>,
    /// Free words that describe the model. At most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 64))]
    pub tags: Vec<Label>,
    /// Software that made or loads the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Framework")]
    pub framework: Option<Framework>,
    /// Architecture as the model's configuration declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Architecture")]
    pub architecture: Option<Architecture>,
    /// Data that went in or was measured on. At most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 256))]
    pub datasets: Vec<Dataset>,
    /// Measurements. At most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 1000))]
    pub evaluations: Vec<Evaluation>,
    /// Models that this one was made from. At most 32; shares sum to at most 10,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 32))]
    pub lineage: Vec<Edge>,
    /// Terms of use.
    pub license: License,
    /// Part of a sale's price that goes to the creator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Royalty")]
    pub royalty: Option<Royalty>,
    /// Who publishes the model and signs the record.
    pub creator: Creator,
    /// Who shares in the model. At most 256 different accounts; shares sum to exactly 10,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 256))]
    pub contributors: Vec<Contributor>,
    /// Which file a value was captured from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 256))]
    pub sources: Vec<SourceRef>,
    /// Time that the creator states; no program fills it in by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Timestamp")]
    pub created_at: Option<Timestamp>,
}

/// Name and version of the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ProvenanceType {
    /// Version 1.
    #[default]
    #[serde(rename = "https://modelmark.dev/provenance/v1")]
    V1,
}

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

/// What a dataset was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DatasetRole {
    /// Training, including fine-tuning.
    Train,
    /// Choosing between versions while training.
    Eval,
    /// The final measurement.
    Test,
    /// Another or unknown use.
    Other,
}

/// Data that went into the model or was measured on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// What it was used for.
    pub role: DatasetRole,
    /// Its name, such as a hub id.
    pub name: Label,
    /// CID of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Cid")]
    pub cid: Option<ContentId>,
    /// Dataset root: commits to its files so that one can be proven to be, or not to be, among them (docs/spec/dataset.md).
    #[serde(default, with = "optional_hash", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Hash")]
    pub root: Option<Sha256Digest>,
    /// SHA-256 when it is one file.
    #[serde(default, with = "optional_hash", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Hash")]
    pub sha256: Option<Sha256Digest>,
    /// Sum of its file sizes in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Count")]
    pub size: Option<Count>,
    /// Number of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Count")]
    pub files: Option<Count>,
    /// Its licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Spdx")]
    pub license: Option<Spdx>,
    /// Its revision, such as a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub revision: Option<Label>,
    /// Where it can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub uri: Option<Uri>,
}

/// One measurement, as its source states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Task that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub task: Option<Label>,
    /// Dataset that it was measured on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub dataset: Option<Label>,
    /// What was measured, such as `accuracy`.
    pub metric: Label,
    /// The value, verbatim.
    pub value: Decimal,
}

/// How a model was made from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The next version of the same model.
    Version,
    /// Trained further.
    Finetune,
    /// Weights to be used together with the parent.
    Adapter,
    /// Combined from several parents.
    Merge,
    /// Stored with fewer bits.
    Quantized,
    /// With parts removed.
    Pruned,
    /// Trained to imitate the parent.
    Distilled,
    /// Stored in another format.
    Converted,
}

/// One step of lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Edge {
    /// How the model was made from the parent.
    pub relation: Relation,
    /// Share of the model's revenue that goes to the parent, in basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ShareBps")]
    pub share_bps: Option<ShareBps>,
    /// The parent.
    pub parent: Parent,
}

/// A parent model, named by at least one of `token`, `tokenId`, `cid` and `weightsHash`: a name alone binds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("anyOf" = [{"required": ["token"]}, {"required": ["tokenId"]}, {"required": ["cid"]}, {"required": ["weightsHash"]}]))]
pub struct Parent {
    /// Its token on a named chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AssetId")]
    pub token: Option<AssetId>,
    /// Its token in the registry that this record is minted in, on whichever chain that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TokenId")]
    pub token_id: Option<TokenId>,
    /// CID of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Cid")]
    pub cid: Option<ContentId>,
    /// SHA-256 of its weights.
    #[serde(default, with = "optional_hash", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Hash")]
    pub weights_hash: Option<Sha256Digest>,
    /// Where it can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub uri: Option<Uri>,
    /// Its name, such as a hub id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub name: Option<Label>,
}

/// Terms of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct License {
    /// SPDX expression; terms outside the SPDX list are `LicenseRef-…`.
    pub spdx: Spdx,
    /// Where the text is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub uri: Option<Uri>,
}

/// Part of a sale's price that goes to the creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Royalty {
    /// In basis points, at most 1,000.
    pub bps: RoyaltyBps,
}

/// Who publishes the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Creator {
    /// Account that signs the record.
    pub account: Account,
    /// Name for people; a claim that nothing proves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub name: Option<Label>,
}

/// Who shares in the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Contributor {
    /// Account.
    pub account: Account,
    /// Name for people; a claim that nothing proves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub name: Option<Label>,
    /// Share in basis points.
    pub share_bps: ShareBps,
}

/// Which file a value was captured from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRef {
    /// Key of `provenance`, or of the record, that was filled.
    pub field: Label,
    /// Name of the file, without directories.
    pub file: Label,
    /// SHA-256 of the file as it was read.
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub sha256: Sha256Digest,
}
