//! The tables of `modelmark.toml`, as they are typed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::value::{
    Account, AssetId, Commit, ContainerImage, Count, ImageUri, Label, MediaType, Prose, Scalar, Spdx, Timestamp, TokenId, Uri, ValueError,
};
use crate::{DatasetRole, PersonalData, Relation, TrainingMining};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[derive(Default)]
pub(super) struct Project {
    pub(super) model: ModelTable,
    pub(super) creator: CreatorTable,
    pub(super) royalty: Option<RoyaltyTable>,
    pub(super) dataset: Vec<DatasetTable>,
    pub(super) parent: Vec<ParentTable>,
    pub(super) contributor: Vec<ContributorTable>,
    pub(super) evaluation: Vec<EvaluationTable>,
    pub(super) run: RunTable,
    pub(super) considerations: ConsiderationsTable,
    pub(super) rights: RightsTable,
    pub(super) attachment: Vec<AttachmentTable>,
    pub(super) training: BTreeMap<Label, Setting>,
    pub(super) chain: Map<String, Value>,
    pub(super) storage: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct ModelTable {
    pub(super) name: Option<Label>,
    pub(super) version: Option<Label>,
    pub(super) description: Option<Prose>,
    pub(super) license: Option<Spdx>,
    pub(super) license_uri: Option<Uri>,
    pub(super) task: Option<Label>,
    pub(super) tags: Vec<Label>,
    pub(super) image: Option<ImageUri>,
    pub(super) external_url: Option<Uri>,
    pub(super) framework: Option<Label>,
    pub(super) framework_version: Option<Label>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) tokenizer_sha256: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct CreatorTable {
    pub(super) name: Option<Label>,
    pub(super) account: Option<Account>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoyaltyTable {
    pub(super) percent: Literal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatasetTable {
    pub(super) role: Option<DatasetRole>,
    pub(super) name: Label,
    pub(super) cid: Option<String>,
    pub(super) root: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) size: Option<Count>,
    pub(super) files: Option<Count>,
    pub(super) license: Option<Spdx>,
    pub(super) revision: Option<Label>,
    pub(super) uri: Option<Uri>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ParentTable {
    pub(super) relation: Option<Relation>,
    pub(super) share: Option<Literal>,
    pub(super) token: Option<AssetId>,
    pub(super) token_id: Option<TokenId>,
    pub(super) cid: Option<String>,
    pub(super) weights_hash: Option<String>,
    #[serde(default)]
    pub(super) evidence: Vec<String>,
    pub(super) uri: Option<Uri>,
    pub(super) name: Option<Label>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContributorTable {
    pub(super) account: Account,
    pub(super) name: Option<Label>,
    pub(super) share: Literal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EvaluationTable {
    pub(super) task: Option<Label>,
    pub(super) dataset: Option<Label>,
    pub(super) dataset_revision: Option<Label>,
    pub(super) metric: Label,
    pub(super) value: Literal,
    pub(super) n: Option<Count>,
    pub(super) harness: Option<Label>,
    pub(super) source: Option<Uri>,
    pub(super) date: Option<Timestamp>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RunTable {
    pub(super) uri: Option<Uri>,
    pub(super) code: Option<Uri>,
    pub(super) commit: Option<Commit>,
    pub(super) dirty: Option<bool>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) hardware: Option<Label>,
    pub(super) devices: Option<Count>,
    pub(super) image: Option<ContainerImage>,
    pub(super) energy_kwh: Option<Literal>,
    pub(super) co2_grams: Option<Literal>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct ConsiderationsTable {
    pub(super) intended_use: Option<Prose>,
    pub(super) limitations: Option<Prose>,
    pub(super) fairness: Option<Prose>,
    pub(super) risks: Option<Prose>,
    pub(super) personal_data: Option<PersonalData>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RightsTable {
    pub(super) training_mining: Option<TrainingMining>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AttachmentTable {
    pub(super) name: Label,
    pub(super) media_type: MediaType,
    pub(super) cid: String,
    pub(super) sha256: String,
    pub(super) size: Count,
}

/// A number or text, as it was typed.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Literal(pub(super) String);

impl TryFrom<Value> for Literal {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err("expected a number or a text".to_owned()),
        }
    }
}

impl Literal {
    /// Reads `5`, `"5"` and `"5%"` alike.
    pub(super) fn percent<T: std::str::FromStr<Err = ValueError>>(&self) -> Result<T, ValueError> {
        if self.0.ends_with('%') { self.0.parse() } else { format!("{}%", self.0).parse() }
    }
}

/// A value of the training table; decimals and booleans are kept as text.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Setting(pub(super) Scalar);

impl TryFrom<Value> for Setting {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let text = |text: String| Label::try_from(text).map(|label| Self(Scalar::Text(label))).map_err(|error| error.to_string());
        match value {
            Value::String(value) => text(value),
            Value::Bool(value) => text(value.to_string()),
            Value::Number(number) => {
                let integer = number.as_i64().ok_or_else(|| format!("the integer {number} is too large"))?;
                Scalar::try_from(integer).map(Self).map_err(|error| error.to_string())
            }
            _ => Err("a training setting is a text or a number".to_owned()),
        }
    }
}
