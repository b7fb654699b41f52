//! `config.json` of a transformer model. Only the keys named here are taken: an unknown key may hold anything.

use modelmark_digest::Sha256Digest;
use serde::Deserialize;
use serde_json::Value;

use crate::value::Label;
use crate::{Architecture, Framework};

use super::intake::Intake;
use super::{Claims, FindingCode};

/// What a configuration says, and the model that it says it was loaded from.
#[derive(Default)]
pub(super) struct Configured {
    pub(super) claims: Claims,
    pub(super) loaded_from: Option<Label>,
}

/// The keys that are taken; each of any type, because foreign files hold anything.
#[derive(Deserialize)]
struct Config {
    model_type: Option<Value>,
    architectures: Option<Value>,
    torch_dtype: Option<Value>,
    dtype: Option<Value>,
    transformers_version: Option<Value>,
    _name_or_path: Option<Value>,
}

/// Returns what a configuration says.
pub(super) fn read(bytes: &[u8], intake: &mut Intake<'_>) -> Configured {
    let config: Config = match serde_json::from_slice(bytes) {
        Ok(config) => config,
        Err(error) => {
            intake.report(FindingCode::Unreadable, "architecture", error);
            return Configured::default();
        }
    };
    let mut text = |field: &str, value: Option<&Value>| {
        value.and_then(Value::as_str).filter(|text| !text.is_empty()).and_then(|text| intake.value(field, text))
    };
    let name: Option<Label> = text("architecture", config.architectures.as_ref().and_then(|names| names.get(0)));
    let family: Option<Label> = text("architecture", config.model_type.as_ref()).or_else(|| name.clone());
    let dtype = text("architecture", config.torch_dtype.as_ref().or(config.dtype.as_ref()));
    let version = text("framework", config.transformers_version.as_ref());
    let loaded_from = text("lineage", config._name_or_path.as_ref());
    let architecture = family.map(|family| Architecture { family, name, dtype, config_sha256: Some(Sha256Digest::of(bytes)) });
    let framework = version.and_then(|version| "transformers".parse().ok().map(|name| Framework { name, version: Some(version) }));
    Configured { claims: Claims { architecture, framework, ..Claims::default() }, loaded_from }
}
