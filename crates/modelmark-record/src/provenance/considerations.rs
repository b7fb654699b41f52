//! What somebody who wants to use a model should weigh: prose by its creator.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Prose;

/// What somebody who wants to use the model should weigh, in its creator's words. At least one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1))]
pub struct Considerations {
    /// What the model is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Prose")]
    pub intended_use: Option<Prose>,
    /// What it cannot do, or does badly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Prose")]
    pub limitations: Option<Prose>,
    /// Whom it treats unequally, and how that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Prose")]
    pub fairness: Option<Prose>,
    /// What can go wrong when it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Prose")]
    pub risks: Option<Prose>,
    /// Whether personal data went into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PersonalData")]
    pub personal_data: Option<PersonalData>,
}

/// Whether personal data went into a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PersonalData {
    /// It did.
    Yes,
    /// It did not.
    No,
    /// Its creator does not know.
    Unknown,
}
