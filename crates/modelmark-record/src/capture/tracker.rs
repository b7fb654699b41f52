//! What experiment trackers write: Weights & Biases and the file store of MLflow.

use crate::{Code, Training};

use super::intake::Intake;
use super::yaml::Node;
use super::{Claims, run_time, settings};

/// `wandb-metadata.json`: code, machine and time. Host, user, program and arguments are never taken.
pub(super) fn wandb_metadata(node: &Node, intake: &mut Intake<'_>) -> Claims {
    let text = |key: &str| node.get(key).and_then(Node::text);
    let git = |key: &str| node.get("git").and_then(|git| git.get(key)).and_then(Node::text);
    let uri = git("remote").and_then(run_time::repository);
    let code = code(uri, git("commit"), intake);
    let hardware = text("gpu").and_then(|gpu| intake.value("training.hardware", gpu));
    let devices = text("gpu_count").and_then(|count| count.parse::<u64>().ok()).filter(|count| *count > 0).and_then(|n| n.try_into().ok());
    let started_at = text("startedAt").and_then(|time| run_time::time("training.startedAt", time, intake));
    Claims { run: Training { code, started_at, hardware, devices, ..Training::default() }, ..Claims::default() }
}

fn code(uri: Option<crate::Uri>, commit: Option<&str>, intake: &mut Intake<'_>) -> Option<Code> {
    // The type of a commit decides; 64 hex digits alone would be taken for a key.
    let commit = commit.and_then(|text| intake.typed("training.code", text.trim()));
    let code = Code { uri, commit, dirty: None };
    (code != Code::default()).then_some(code)
}

/// `config.yaml` of a run: every setting as `{value: …}`.
pub(super) fn wandb_config(node: &Node, intake: &mut Intake<'_>) -> Claims {
    let Node::Map(entries) = node else { return Claims::default() };
    let own = entries.iter().filter(|(key, _)| !key.starts_with('_') && key != "wandb_version");
    let values = own.filter_map(|(key, node)| Some((key.clone(), node.get("value")?)));
    Claims { training: settings::take(values, intake), ..Claims::default() }
}

/// `meta.yaml` of a run: when it was.
pub(super) fn mlflow_meta(node: &Node, intake: &mut Intake<'_>) -> Claims {
    let mut time = |key: &str, field: &str| {
        let text = node.get(key).and_then(Node::text)?;
        run_time::milliseconds(field, text, intake)
    };
    let (started_at, finished_at) = (time("start_time", "training.startedAt"), time("end_time", "training.finishedAt"));
    Claims { run: Training { started_at, finished_at, ..Training::default() }, ..Claims::default() }
}

/// A file of `params/`: one setting, whose name is the file's.
pub(super) fn mlflow_parameter(name: &str, text: &str, intake: &mut Intake<'_>) -> Claims {
    let value = Node::Text(text.trim_end().to_owned());
    Claims { training: settings::take([(name.to_owned(), &value)], intake), ..Claims::default() }
}

/// A file of `metrics/`: a line `time value step` for every measurement; the last one counts.
pub(super) fn mlflow_metric(name: &str, text: &str, intake: &mut Intake<'_>) -> Claims {
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).and_then(|line| line.split_whitespace().nth(1));
    Claims { evaluations: settings::measurements(last.map(|value| (name, value)), intake), ..Claims::default() }
}

/// Two parts of what is said about the code, each by a tag of its own.
pub(super) fn joined(one: Option<Code>, other: Option<Code>) -> Option<Code> {
    let (Some(one), Some(other)) = (&one, &other) else { return one.or(other) };
    let (uri, commit) = (one.uri.clone().or_else(|| other.uri.clone()), one.commit.clone().or_else(|| other.commit.clone()));
    Some(Code { uri, commit, dirty: None })
}

/// A file of `tags/`: of these only the code is taken.
pub(super) fn mlflow_tag(name: &str, text: &str, intake: &mut Intake<'_>) -> Claims {
    let code = match name {
        "mlflow.source.git.commit" => code(None, Some(text), intake),
        "mlflow.source.git.repoURL" => code(run_time::repository(text), None, intake),
        _ => None,
    };
    Claims { run: Training { code, ..Training::default() }, ..Claims::default() }
}
