//! A policy file as data: one model for TOML and YAML. What is left out demands nothing, but that nothing was recalled, disputed or revoked.

use std::num::NonZeroU32;

use modelmark_record::{Label, Spdx};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::demands::{AgeRules, ChainRules, ContractRules, FormatRules, MetricRule, ParentRules, StorageRules};
use super::finding::Finding;
use super::identities::Identity;
use super::names::{Named, RequiredSigner};

/// A policy, version 1. A list that is there names at least one thing: an empty one would accept nothing, and read as if it accepted everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rules {
    /// Version of the format; 1.
    pub version: Version,
    /// What the policy is called; for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Label>,
    /// Who may make and sign.
    #[serde(default, skip_serializing_if = "is_default")]
    pub signers: Signers,
    /// Which licences.
    #[serde(default, skip_serializing_if = "is_default")]
    pub licenses: Licenses,
    /// Who else claims the weights.
    #[serde(default, skip_serializing_if = "is_default")]
    pub claim: ClaimRules,
    /// Which contracts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub contract: ContractRules,
    /// Which chains, and on whose word.
    #[serde(default, skip_serializing_if = "is_default")]
    pub chain: ChainRules,
    /// Which parents.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parents: ParentRules,
    /// Which measurements; each has to be met.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub metrics: Vec<MetricRule>,
    /// Which formats.
    #[serde(default, skip_serializing_if = "is_default")]
    pub formats: FormatRules,
    /// What runs code when the model is loaded, and what else is noticed about its files.
    #[serde(default, skip_serializing_if = "is_default")]
    pub code: CodeRule,
    /// How old.
    #[serde(default, skip_serializing_if = "is_default")]
    pub age: AgeRules,
    /// Where it is kept.
    #[serde(default, skip_serializing_if = "is_default")]
    pub storage: StorageRules,
    /// Who may have signed the files with OpenSSF model signing; one of these has to have.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub identities: Vec<Identity>,
    /// How the token and what it comes from have to stand.
    #[serde(default, skip_serializing_if = "is_default")]
    pub status: StatusRules,
}

/// The version of the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Version;

/// Who may make and sign. Only accounts that the record names can sign it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Signers {
    /// Accounts of which the record's creator has to be one.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub creators: Vec<Named>,
    /// Each of these has to have signed the record: `creator`, `contributors` (all of them), or an account.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub required: Vec<RequiredSigner>,
    /// How many of the accounts that the record names have to have signed it, the creator among them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub minimum: u32,
    /// So many of these have to have signed: accounts the record, others the files; every such demand has to be met.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub thresholds: Vec<Threshold>,
}

/// So many of these, whatever they sign: each account the record, each identity the files. Who is named twice counts once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Threshold {
    /// How many.
    pub minimum: NonZeroU32,
    /// Of these accounts.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub of: Vec<Named>,
    /// And of these, who sign the files with OpenSSF model signing; several whom one of these means count each.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub identities: Vec<Identity>,
}

/// Which licences. The record's SPDX expression is evaluated: of `A OR B` one has to be accepted, of `A AND B` both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Licenses {
    /// Licences of which one has to do; `WITH` an exception is another licence than without.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub allow: Vec<Spdx>,
    /// Licences that do not do, in whatever version of the wording `-only`, `-or-later` and `+`, and with any exception unless one is named.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub deny: Vec<Spdx>,
}

/// Who else claims the weights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClaimRules {
    /// Whether a model is refused whose weights somebody else claimed before its creator did, by a commitment that was shown or by the mint.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first: bool,
}

/// What runs code when the model is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CodeRule {
    /// Whether a model is refused whose files run code when they are loaded, or may do so for all that can be seen.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deny: bool,
    /// Findings about files that refuse the model, by their codes (docs/reference/findings.md), such as `pickle.beside`.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub deny_findings: Vec<Finding>,
    /// The only findings about files that are accepted, by their codes; any other refuses the model.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub allow_findings: Vec<Finding>,
}

/// What is done about a word against a token or an ancestor of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reaction {
    /// It is told with the check.
    Allow,
    /// It is told at the end of the report too.
    Warn,
    /// The model is refused.
    Deny,
}

/// How the token and what it comes from have to stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct StatusRules {
    /// Curators whose disputes and revocations count; nobody's count by themselves.
    #[serde(deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub curators: Vec<Named>,
    /// When the creator says that the model must not be used.
    pub recalled: Reaction,
    /// When a curator who is followed disputes it.
    pub disputed: Reaction,
    /// When a curator who is followed revoked it.
    pub revoked: Reaction,
    /// When the creator advises against it.
    pub deprecated: Reaction,
    /// When the creator says that another takes its place.
    pub superseded: Reaction,
    /// When it comes from a token in another registry, which is not looked at.
    pub elsewhere: Reaction,
    /// How many generations of ancestors count, 1 for parents alone; all that are looked at when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generations: Option<NonZeroU32>,
}

impl Default for StatusRules {
    fn default() -> Self {
        let (allow, deny) = (Reaction::Allow, Reaction::Deny);
        Self {
            curators: Vec::new(),
            recalled: deny,
            disputed: deny,
            revoked: deny,
            deprecated: allow,
            superseded: allow,
            elsewhere: allow,
            generations: None,
        }
    }
}

impl TryFrom<u64> for Version {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        if version == 1 { Ok(Self) } else { Err(format!("version {version} is not known; this reads version 1")) }
    }
}

impl From<Version> for u64 {
    fn from(_: Version) -> Self {
        1
    }
}

impl JsonSchema for Version {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "integer", "const": 1})
    }
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a list that is not empty.
pub(super) fn some<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() {
        return Err(serde::de::Error::custom("the list is empty, which would accept nothing; leave it out to demand nothing"));
    }
    Ok(list)
}
