//! The run that trained a model: which code, where, when, on what, and what it cost. Its settings stand in `trainingConfig`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Commit, ContainerImage, Count, Decimal, Label, Timestamp, Uri};

/// The run that trained the model. At least one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1))]
pub struct Training {
    /// Code that ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Code")]
    pub code: Option<Code>,
    /// Page or log of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub run: Option<Uri>,
    /// When it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Timestamp")]
    pub started_at: Option<Timestamp>,
    /// When it finished; not before it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Timestamp")]
    pub finished_at: Option<Timestamp>,
    /// What it ran on, such as `NVIDIA A100-SXM4-80GB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub hardware: Option<Label>,
    /// How many such devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Count")]
    pub devices: Option<Count>,
    /// Container image that it ran in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ContainerImage")]
    pub image: Option<ContainerImage>,
    /// Energy that it took, in kilowatt hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Decimal")]
    pub energy_kwh: Option<Decimal>,
    /// Emissions that it caused, in grams of CO2 equivalent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Decimal")]
    pub co2_grams: Option<Decimal>,
}

/// Code that ran. At least one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1))]
pub struct Code {
    /// Its repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub uri: Option<Uri>,
    /// Its commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Commit")]
    pub commit: Option<Commit>,
    /// Whether files differed from that commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub dirty: Option<bool>,
}
