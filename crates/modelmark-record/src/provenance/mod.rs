//! The `provenance` object: what the model's bytes are, where they come from, who made them and under which terms they travel on.

mod considerations;
mod data;
mod lineage;
mod model;
mod source;
mod terms;
mod training;

use std::collections::BTreeMap;

use modelmark_digest::{ContentId, Sha256Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;
use crate::value::{Label, Scalar, Timestamp, hash};

pub use considerations::{Considerations, PersonalData};
pub use data::{Dataset, DatasetRole, Evaluation};
pub use lineage::{Edge, Parent, Relation};
pub use model::{Architecture, Framework, Model, ModelFile, RecordedWeights, Tensors, Tokenizer};
pub use source::{Attachment, SourceRef};
pub use terms::{Contributor, Creator, License, Rights, Royalty, TrainingMining};
pub use training::{Code, Training};

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
    /// What cuts text into tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Tokenizer")]
    pub tokenizer: Option<Tokenizer>,
    /// The run that trained the model; its settings are `trainingConfig`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Training")]
    pub training: Option<Training>,
    /// Data that went in or was measured on. At most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 256))]
    pub datasets: Vec<Dataset>,
    /// Measurements. At most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 1000))]
    pub evaluations: Vec<Evaluation>,
    /// What somebody who wants to use the model should weigh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Considerations")]
    pub considerations: Option<Considerations>,
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
    /// What the creator permits beyond the licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Rights")]
    pub rights: Option<Rights>,
    /// Who publishes the model and signs the record.
    pub creator: Creator,
    /// Who shares in the model. At most 256 different accounts; shares sum to exactly 10,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 256))]
    pub contributors: Vec<Contributor>,
    /// Documents that travel with the record. At most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 64))]
    pub attachments: Vec<Attachment>,
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
