//! A run out of the database that an experiment tracker keeps, of which the caller has read the rows.

use modelmark_digest::Sha256Digest;

use crate::value::Label;
use crate::{Dataset, DatasetRole, Training};

use super::intake::Intake;
use super::yaml::Node;
use super::{Claims, card, run_time, settings, tracker};

/// The rows of one run of MLflow.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRun {
    /// Path of the database, as a record names it.
    pub file: String,
    /// SHA-256 of the database.
    pub sha256: Sha256Digest,
    /// Start, in milliseconds since 1970.
    pub started_at: Option<u64>,
    /// End, in milliseconds since 1970.
    pub finished_at: Option<u64>,
    /// Settings.
    pub parameters: Vec<(String, String)>,
    /// The last value of each measurement.
    pub metrics: Vec<(String, f64)>,
    /// Tags; of these only the code is taken.
    pub tags: Vec<(String, String)>,
    /// Names of datasets, and what each was used for.
    pub datasets: Vec<(String, Option<String>)>,
}

/// Returns what a run says.
pub(super) fn read(run: &StoredRun, intake: &mut Intake<'_>) -> Claims {
    let parameters: Vec<(String, Node)> = run.parameters.iter().map(|(name, value)| (name.clone(), Node::Text(value.clone()))).collect();
    // The store keeps doubles; this is the shortest text that reads back as the same one.
    let numbers = run.metrics.iter().filter_map(|(name, value)| Some((name.as_str(), serde_json::Number::from_f64(*value)?.to_string())));
    let numbers: Vec<(&str, String)> = numbers.collect();
    let mut time = |field: &str, time: Option<u64>| time.and_then(|time| run_time::milliseconds(field, &time.to_string(), intake));
    let (started_at, finished_at) = (time("training.startedAt", run.started_at), time("training.finishedAt", run.finished_at));
    let mut code = None;
    for (name, value) in &run.tags {
        let stated = tracker::mlflow_tag(name, value, intake).run.code;
        code = tracker::joined(code, stated);
    }
    Claims {
        training: settings::take(parameters.iter().map(|(name, node)| (name.clone(), node)), intake),
        evaluations: settings::measurements(numbers.iter().map(|(name, value)| (*name, value.as_str())), intake),
        run: Training { code, started_at, finished_at, ..Training::default() },
        datasets: run.datasets.iter().filter_map(|(name, context)| dataset(name, context.as_deref(), intake)).collect(),
        ..Claims::default()
    }
}

/// Data is called `dataset` when nobody names it.
fn dataset(name: &str, context: Option<&str>, intake: &mut Intake<'_>) -> Option<Dataset> {
    let name = Some(name).filter(|name| *name != "dataset").and_then(|name| intake.value::<Label>("datasets", name))?;
    let role = match context.map(str::to_ascii_lowercase).as_deref() {
        Some("train" | "training") => DatasetRole::Train,
        Some("eval" | "evaluation" | "val" | "validation") => DatasetRole::Eval,
        Some("test" | "testing") => DatasetRole::Test,
        _ => DatasetRole::Other,
    };
    Some(Dataset { role, ..card::dataset(name) })
}
