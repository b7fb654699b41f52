//! `modelmark.toml`: what a model's owner writes down beside it once. A closed format; a mistake in it is an error, not a finding.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::value::{
    Account, AssetId, Count, Decimal, ImageUri, Label, Prose, RoyaltyBps, Scalar, ShareBps, Spdx, Timestamp, TokenId, Uri, ValueError,
};
use crate::{Contributor, Dataset, DatasetRole, Evaluation, Framework, License, Parent, Relation, redact};

use super::intake::Intake;
use super::{CaptureError, Claims, ParentClaim};

/// Longest `modelmark.toml` in bytes.
const MAX_BYTES: usize = 1 << 18;
/// Keys whose values are digests, ids or pictures, which their types check.
const TYPED_KEYS: [&str; 8] = ["image", "cid", "root", "sha256", "weights-hash", "account", "token", "token-id"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[derive(Default)]
struct Project {
    model: ModelTable,
    creator: CreatorTable,
    royalty: Option<RoyaltyTable>,
    dataset: Vec<DatasetTable>,
    parent: Vec<ParentTable>,
    contributor: Vec<ContributorTable>,
    evaluation: Vec<EvaluationTable>,
    training: BTreeMap<Label, Setting>,
    chain: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct ModelTable {
    name: Option<Label>,
    version: Option<Label>,
    description: Option<Prose>,
    license: Option<Spdx>,
    license_uri: Option<Uri>,
    task: Option<Label>,
    tags: Vec<Label>,
    image: Option<ImageUri>,
    external_url: Option<Uri>,
    framework: Option<Label>,
    framework_version: Option<Label>,
    created_at: Option<Timestamp>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct CreatorTable {
    name: Option<Label>,
    account: Option<Account>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoyaltyTable {
    percent: Literal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetTable {
    role: Option<DatasetRole>,
    name: Label,
    cid: Option<String>,
    root: Option<String>,
    sha256: Option<String>,
    size: Option<Count>,
    files: Option<Count>,
    license: Option<Spdx>,
    revision: Option<Label>,
    uri: Option<Uri>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ParentTable {
    relation: Option<Relation>,
    share: Option<Literal>,
    token: Option<AssetId>,
    token_id: Option<TokenId>,
    cid: Option<String>,
    weights_hash: Option<String>,
    uri: Option<Uri>,
    name: Option<Label>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContributorTable {
    account: Account,
    name: Option<Label>,
    share: Literal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvaluationTable {
    task: Option<Label>,
    dataset: Option<Label>,
    metric: Label,
    value: Literal,
}

/// A number or text, as it was typed.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Literal(String);

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
    fn percent<T: std::str::FromStr<Err = ValueError>>(&self) -> Result<T, ValueError> {
        if self.0.ends_with('%') { self.0.parse() } else { format!("{}%", self.0).parse() }
    }
}

/// A value of the training table; decimals and booleans are kept as text.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Setting(Scalar);

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

/// Returns what the project file says, and its `[chain]` table, which belongs to the caller.
pub(super) fn read(file: &str, bytes: &[u8], intake: &mut Intake<'_>) -> Result<(Claims, Map<String, Value>), CaptureError> {
    let refuse = |reason: String| CaptureError::Project { file: file.to_owned(), reason };
    if bytes.len() > MAX_BYTES {
        return Err(refuse(format!("has {} bytes; the limit is {MAX_BYTES}", bytes.len())));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| refuse(error.to_string()))?;
    let table = DeTable::parse(text).map_err(|error| refuse(error.to_string()))?;
    let mut document = object(table.get_ref()).map_err(refuse)?;
    let chain = document.remove("chain");
    screen("", &mut document, intake);
    document.extend(chain.map(|chain| ("chain".to_owned(), chain)));
    let project: Project = serde_json::from_value(Value::Object(document)).map_err(|error| refuse(error.to_string()))?;
    claims(project).map_err(|error| refuse(error.to_string()))
}

fn object(table: &DeTable<'_>) -> Result<Map<String, Value>, String> {
    table.iter().map(|(key, value)| Ok((key.get_ref().to_string(), json(value.get_ref())?))).collect()
}

/// Turns a TOML value into JSON without a detour through doubles: a decimal stays the text that was typed.
fn json(value: &DeValue<'_>) -> Result<Value, String> {
    Ok(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            Value::Number(number.map_err(|_| format!("the integer {integer} is too large"))?.into())
        }
        DeValue::Float(float) => Value::String(float.as_str().to_owned()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(|item| json(item.get_ref())).collect::<Result<_, _>>()?),
        DeValue::Table(table) => Value::Object(object(table)?),
    })
}

/// Takes out what must not become public, and says so.
fn screen(path: &str, table: &mut Map<String, Value>, intake: &mut Intake<'_>) {
    table.retain(|key, value| {
        let field = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Value::Object(inner) => screen(&field, inner, intake),
            Value::Array(items) => items.retain_mut(|item| match item {
                Value::Object(inner) => {
                    screen(&field, inner, intake);
                    true
                }
                Value::String(text) => keep(&field, text, intake),
                _ => true,
            }),
            Value::String(text) if field == "model.description" => {
                let (masked, reasons) = redact::mask(text);
                *text = masked;
                reasons.into_iter().for_each(|reason| intake.leave_out(&field, reason));
            }
            Value::String(text) => return (path != "training" && TYPED_KEYS.contains(&key.as_str())) || keep(&field, text, intake),
            _ => {}
        }
        true
    });
}

fn keep(field: &str, text: &str, intake: &mut Intake<'_>) -> bool {
    let key = field.rsplit('.').next().unwrap_or(field);
    let reason = redact::private(text).or_else(|| redact::is_secret_key(key).then_some("a setting that usually holds a secret"));
    reason.into_iter().for_each(|reason| intake.leave_out(field, reason));
    reason.is_none()
}

fn claims(project: Project) -> Result<(Claims, Map<String, Value>), ValueError> {
    let Project { model, creator, royalty, dataset, parent, contributor, evaluation, training, chain } = project;
    let framework = model.framework.map(|name| Framework { name, version: model.framework_version });
    let claims = Claims {
        name: model.name,
        description: model.description,
        image: model.image,
        external_url: model.external_url,
        version: model.version,
        task: model.task,
        tags: model.tags,
        license: model.license.map(|spdx| License { spdx, uri: model.license_uri }),
        royalty: royalty.map(|royalty| royalty.percent.percent::<RoyaltyBps>()).transpose()?,
        creator: creator.account,
        creator_name: creator.name,
        contributors: contributor.into_iter().map(contributor_of).collect::<Result<_, _>>()?,
        framework,
        architecture: None,
        datasets: dataset.into_iter().map(dataset_of).collect::<Result<_, _>>()?,
        evaluations: evaluation.into_iter().map(evaluation_of).collect::<Result<_, _>>()?,
        parents: parent.into_iter().map(parent_of).collect::<Result<_, _>>()?,
        training: training.into_iter().map(|(key, Setting(value))| (key, value)).collect(),
        created_at: model.created_at,
    };
    Ok((claims, chain))
}

fn contributor_of(table: ContributorTable) -> Result<Contributor, ValueError> {
    Ok(Contributor { account: table.account, name: table.name, share_bps: table.share.percent()? })
}

fn evaluation_of(table: EvaluationTable) -> Result<Evaluation, ValueError> {
    Ok(Evaluation { task: table.task, dataset: table.dataset, metric: table.metric, value: Decimal::try_from(table.value.0)? })
}

fn dataset_of(table: DatasetTable) -> Result<Dataset, ValueError> {
    let DatasetTable { role, name, cid, root, sha256, size, files, license, revision, uri } = table;
    let (cid, root, sha256) = (parsed("CID", cid)?, parsed("digest", root)?, parsed("digest", sha256)?);
    Ok(Dataset { role: role.unwrap_or(DatasetRole::Train), name, cid, root, sha256, size, files, license, revision, uri })
}

fn parent_of(table: ParentTable) -> Result<ParentClaim, ValueError> {
    let ParentTable { relation, share, token, token_id, cid, weights_hash, uri, name } = table;
    let share_bps = share.map(|share| share.percent::<ShareBps>()).transpose()?;
    let (cid, weights_hash) = (parsed("CID", cid)?, parsed("digest", weights_hash)?);
    Ok(ParentClaim { relation, share_bps, parent: Parent { token, token_id, cid, weights_hash, uri, name } })
}

/// Reads a digest in any of its usual spellings.
fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(what: &'static str, text: Option<String>) -> Result<Option<T>, ValueError> {
    text.map(|text| text.parse().map_err(|error| ValueError::new(what, &text, format!("is refused: {error}")))).transpose()
}
