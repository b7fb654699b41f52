//! `config.json` of a transformer model. Only the keys named here are taken: an unknown key may hold anything.

use modelmark_digest::Sha256Digest;
use modelmark_formats::Config;

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

/// Returns what a configuration says.
pub(super) fn read(bytes: &[u8], intake: &mut Intake<'_>) -> Configured {
    let config = match Config::parse(bytes) {
        Ok(config) => config,
        Err(error) => {
            intake.report(FindingCode::Unreadable, "architecture", error);
            return Configured::default();
        }
    };
    let mut text = |field: &str, text: Option<&str>| text.and_then(|text| intake.value(field, text));
    let name: Option<Label> = text("architecture", config.name());
    let family: Option<Label> = text("architecture", config.family()).or_else(|| name.clone());
    let dtype = text("architecture", config.dtype());
    let version = text("framework", config.transformers_version());
    let loaded_from = text("lineage", config.loaded_from());
    let architecture = family.map(|family| Architecture { family, name, dtype, config_sha256: Some(Sha256Digest::of(bytes)) });
    let framework = version.and_then(|version| "transformers".parse().ok().map(|name| Framework { name, version: Some(version) }));
    Configured { claims: Claims { architecture, framework, ..Claims::default() }, loaded_from }
}
