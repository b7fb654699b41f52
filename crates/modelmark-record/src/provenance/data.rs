//! The data that went into a model, and what was measured on it.

use modelmark_digest::{ContentId, Sha256Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;
use crate::value::{Count, Decimal, Label, Spdx, Timestamp, Uri, optional_hash};

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
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Evaluation {
    /// Task that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub task: Option<Label>,
    /// Dataset that it was measured on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub dataset: Option<Label>,
    /// Revision of that dataset, such as a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub dataset_revision: Option<Label>,
    /// What was measured, such as `accuracy`.
    pub metric: Label,
    /// The value, verbatim.
    pub value: Decimal,
    /// How many samples it was measured on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Count")]
    pub n: Option<Count>,
    /// Software that measured, such as `lm-evaluation-harness 0.4.9`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub harness: Option<Label>,
    /// Where the measurement was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub source: Option<Uri>,
    /// When it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Timestamp")]
    pub date: Option<Timestamp>,
}

impl Evaluation {
    /// Returns a measurement of which nothing else is known.
    #[must_use]
    pub const fn new(metric: Label, value: Decimal) -> Self {
        Self { task: None, dataset: None, dataset_revision: None, metric, value, n: None, harness: None, source: None, date: None }
    }
}
