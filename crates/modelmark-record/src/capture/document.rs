//! Which files tell about a model and its training, and what reads each of them.

use crate::value::Spdx;

use super::intake::Intake;
use super::yaml::Node;
use super::{Claims, FindingCode, arguments, croissant, json, tracker, trainer, yaml};

/// Files that stand in the folder of a model, or of a training run, under names of their own.
pub const SOURCE_FILES: [&str; 14] = [
    "adapter_config.json",
    "all_results.json",
    "croissant.json",
    "eval_results.json",
    "hparams.yaml",
    "mergekit_config.yaml",
    "mergekit_config.yml",
    "metrics.csv",
    "train_results.json",
    "trainer_state.json",
    "training_args.bin",
    "wandb-metadata.json",
    "wandb-summary.json",
    "meta.yaml",
];

/// Folders whose files are sources: results on benchmarks, and what a run of MLflow keeps.
pub const SOURCE_FOLDERS: [&str; 4] = [".eval_results", "params", "metrics", "tags"];

/// What a file is; the order is that of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Benchmarks,
    Adapter,
    Merge,
    Arguments,
    State,
    Results,
    WandbMetadata,
    WandbConfig,
    WandbSummary,
    MlflowMeta,
    MlflowParameter,
    MlflowMetric,
    MlflowTag,
    Hyperparameters,
    Metrics,
    Croissant,
}

/// Tells whether facts are captured from a file of this path.
#[must_use]
pub fn is_source(path: &str) -> bool {
    kind(path).is_some()
}

/// Recognises a file by its path.
pub(super) fn kind(path: &str) -> Option<Kind> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = folders.rsplit('/').next().unwrap_or_default();
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    Some(match (folder, name) {
        (".eval_results", _) if is_yaml => Kind::Benchmarks,
        ("params", _) => Kind::MlflowParameter,
        ("metrics", _) => Kind::MlflowMetric,
        ("tags", "mlflow.source.git.commit" | "mlflow.source.git.repoURL") => Kind::MlflowTag,
        (_, "adapter_config.json") => Kind::Adapter,
        (_, "mergekit_config.yml" | "mergekit_config.yaml") => Kind::Merge,
        (_, "training_args.bin") => Kind::Arguments,
        (_, "trainer_state.json") => Kind::State,
        (_, "all_results.json" | "eval_results.json" | "train_results.json") => Kind::Results,
        (_, "wandb-metadata.json") => Kind::WandbMetadata,
        (_, "wandb-summary.json") => Kind::WandbSummary,
        // Under this name many things stand; the caller hands it in where it lies with other files of such a run.
        (_, "config.yaml") => Kind::WandbConfig,
        (_, "meta.yaml") => Kind::MlflowMeta,
        (_, "hparams.yaml") => Kind::Hyperparameters,
        (_, "metrics.csv") => Kind::Metrics,
        (_, "croissant.json") => Kind::Croissant,
        _ => return None,
    })
}

impl Kind {
    /// Returns what a file of this kind says.
    pub(super) fn read(self, path: &str, bytes: &[u8], intake: &mut Intake<'_>) -> Claims {
        let name = path.rsplit('/').next().unwrap_or(path);
        let named_text = |read: fn(&str, &str, &mut Intake<'_>) -> Claims, intake: &mut Intake<'_>| match std::str::from_utf8(bytes) {
            Ok(text) if text.len() <= MAX_LINE_FILE => read(name, text, intake),
            _ => unreadable("is no short text", intake),
        };
        match self {
            Self::Benchmarks => tree(yaml_tree(bytes), trainer::benchmarks, intake),
            Self::Adapter => tree(json::parse(bytes), trainer::adapter, intake),
            Self::Merge => tree(yaml_tree(bytes), trainer::merge, intake),
            Self::Arguments => arguments::read(bytes, intake),
            Self::State => tree(json::parse(bytes), trainer::state, intake),
            Self::Results | Self::WandbSummary => tree(json::parse(bytes), trainer::results, intake),
            Self::WandbMetadata => tree(json::parse(bytes), tracker::wandb_metadata, intake),
            Self::WandbConfig => tree(yaml_tree(bytes), tracker::wandb_config, intake),
            Self::MlflowMeta => tree(yaml_tree(bytes), tracker::mlflow_meta, intake),
            Self::MlflowParameter => named_text(tracker::mlflow_parameter, intake),
            Self::MlflowMetric => named_text(tracker::mlflow_metric, intake),
            Self::MlflowTag => named_text(tracker::mlflow_tag, intake),
            Self::Hyperparameters => tree(yaml_tree(bytes), trainer::hyperparameters, intake),
            Self::Metrics => trainer::metrics(bytes, intake),
            Self::Croissant => tree(json::parse(bytes), croissant::read, intake),
        }
    }
}

/// Longest file that holds one setting or the lines of one measurement, in bytes.
const MAX_LINE_FILE: usize = 1 << 22;

fn yaml_tree(bytes: &[u8]) -> Result<Node, String> {
    std::str::from_utf8(bytes).map_err(|error| error.to_string()).and_then(yaml::parse)
}

fn tree(parsed: Result<Node, String>, read: fn(&Node, &mut Intake<'_>) -> Claims, intake: &mut Intake<'_>) -> Claims {
    match parsed {
        Ok(node) => read(&node, intake),
        Err(reason) => unreadable(&reason, intake),
    }
}

fn unreadable(reason: &str, intake: &mut Intake<'_>) -> Claims {
    intake.report(FindingCode::Unreadable, "the file", reason);
    Claims::default()
}

/// Reads a licence as a word or as the address of a well-known one.
pub(super) fn license(text: &str, intake: &mut Intake<'_>) -> Option<Spdx> {
    let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(address) = address.map(|address| address.trim_end_matches('/')) else { return intake.value("datasets", text) };
    let id = if let Some(id) = address.strip_prefix("spdx.org/licenses/") {
        id.trim_end_matches(".html").trim_end_matches(".json").to_owned()
    } else if let Some(rest) = address.strip_prefix("creativecommons.org/licenses/") {
        let mut parts = rest.split('/');
        format!("CC-{}-{}", parts.next()?, parts.next()?)
    } else if address.starts_with("creativecommons.org/publicdomain/zero/1.0") {
        "CC0-1.0".to_owned()
    } else {
        return None;
    };
    intake.value("datasets", &id)
}
