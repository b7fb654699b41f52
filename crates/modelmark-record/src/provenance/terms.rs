//! Terms on which a model travels on, and the people behind it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Account, Label, RoyaltyBps, ShareBps, Spdx, Uri};

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

/// What the creator permits beyond the licence. At least one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1))]
pub struct Rights {
    /// Whether other models may be trained on this one or its output; entries of the C2PA assertion `cawg.training-mining` have the same values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TrainingMining")]
    pub training_mining: Option<TrainingMining>,
}

/// Whether something may be used to train models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TrainingMining {
    /// It may.
    Allowed,
    /// It may not.
    NotAllowed,
    /// It may on conditions, which the licence states.
    Constrained,
}
