//! What the trainers of Hugging Face, Lightning and PEFT leave behind.

use crate::value::{Count, Label};
use crate::{Evaluation, Parent, Relation};

use super::intake::Intake;
use super::yaml::Node;
use super::{Claims, FindingCode, ParentClaim, settings};

/// Most rows of a table of measurements that are looked at.
const MAX_ROWS: usize = 1 << 18;
/// Most columns of it.
const MAX_COLUMNS: usize = 512;

/// `trainer_state.json`: how far the run went. Its log is left to `eval_results.json`, which says what came out.
pub(super) fn state(node: &Node, intake: &mut Intake<'_>) -> Claims {
    const KEYS: [&str; 7] =
        ["epoch", "global_step", "max_steps", "num_train_epochs", "train_batch_size", "num_input_tokens_seen", "total_flos"];
    let known = KEYS.iter().filter_map(|key| Some(((*key).to_owned(), node.get(key)?)));
    Claims { training: settings::take(known, intake), ..Claims::default() }
}

/// `all_results.json`, `train_results.json`, `eval_results.json` of the trainer and `wandb-summary.json`: named numbers.
pub(super) fn results(node: &Node, intake: &mut Intake<'_>) -> Claims {
    let Node::Map(entries) = node else { return Claims::default() };
    let numbers = entries.iter().filter_map(|(key, node)| Some((key.as_str(), node.text()?)));
    let mut evaluations = settings::measurements(numbers, intake);
    for (prefix, key) in [("eval_", "eval_samples"), ("predict_", "predict_samples"), ("test_", "test_samples")] {
        let samples = node.get(key).and_then(Node::text).and_then(|text| text.parse::<u64>().ok()).and_then(|n| Count::try_from(n).ok());
        evaluations
            .iter_mut()
            .filter(|evaluation| evaluation.metric.as_str().starts_with(prefix))
            .for_each(|evaluation| evaluation.n = samples);
    }
    Claims { evaluations, ..Claims::default() }
}

/// `hparams.yaml` of Lightning, or any mapping of settings.
pub(super) fn hyperparameters(node: &Node, intake: &mut Intake<'_>) -> Claims {
    let Node::Map(entries) = node else { return Claims::default() };
    Claims { training: settings::take(entries.iter().map(|(key, node)| (key.clone(), node)), intake), ..Claims::default() }
}

/// `metrics.csv` of Lightning: of each column the last number that stands in it.
pub(super) fn metrics(bytes: &[u8], intake: &mut Intake<'_>) -> Claims {
    let Ok(text) = std::str::from_utf8(bytes) else {
        intake.report(FindingCode::Unreadable, "evaluations", "is not UTF-8");
        return Claims::default();
    };
    if text.contains('"') {
        intake.report(FindingCode::Unreadable, "evaluations", "holds quotes, which are not written where only numbers stand");
        return Claims::default();
    }
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').take(MAX_COLUMNS).map(str::trim).collect();
    let mut last = vec![""; columns.len()];
    for line in lines.take(MAX_ROWS) {
        for (last, cell) in last.iter_mut().zip(line.split(',').map(str::trim)).filter(|(_, cell)| !cell.is_empty()) {
            *last = cell;
        }
    }
    let numbers = columns.into_iter().zip(last).filter(|(_, value)| !value.is_empty());
    Claims { evaluations: settings::measurements(numbers, intake), ..Claims::default() }
}

/// `adapter_config.json` of PEFT: the model that the adapter changes, and how.
pub(super) fn adapter(node: &Node, intake: &mut Intake<'_>) -> Claims {
    const KEYS: [&str; 8] = ["peft_type", "task_type", "r", "lora_alpha", "lora_dropout", "target_modules", "use_rslora", "use_dora"];
    let known = KEYS.iter().filter_map(|key| Some(((*key).to_owned(), node.get(key)?)));
    let training = settings::take(known, intake);
    let base = node.get("base_model_name_or_path").and_then(Node::text);
    Claims { training, parents: base.and_then(|name| parent(name, Relation::Adapter, intake)).into_iter().collect(), ..Claims::default() }
}

/// `mergekit_config.yml`: the models that were merged, and by which method.
pub(super) fn merge(node: &Node, intake: &mut Intake<'_>) -> Claims {
    let known = ["merge_method", "dtype"].iter().filter_map(|key| Some(((*key).to_owned(), node.get(key)?)));
    let training = settings::take(known, intake);
    let listed = |node: &Node, key: &str| -> Vec<String> {
        let models = node.get(key).map(Node::items).unwrap_or_default();
        models.iter().filter_map(|entry| entry.get("model").and_then(Node::text)).map(str::to_owned).collect()
    };
    let slices = node.get("slices").map(Node::items).unwrap_or_default();
    let mut names: Vec<String> = node.get("base_model").and_then(Node::text).map(str::to_owned).into_iter().collect();
    names.extend(listed(node, "models"));
    names.extend(slices.iter().flat_map(|slice| listed(slice, "sources")));
    let mut different: Vec<String> = Vec::new();
    names.into_iter().filter(|name| !name.is_empty()).for_each(|name| {
        if different.len() < 32 && !different.contains(&name) {
            different.push(name);
        }
    });
    let parents = different.iter().filter_map(|name| parent(name, Relation::Merge, intake)).collect();
    Claims { training, parents, ..Claims::default() }
}

fn parent(name: &str, relation: Relation, intake: &mut Intake<'_>) -> Option<ParentClaim> {
    let name: Label = intake.value("lineage", name)?;
    let uri = (name.as_str().matches('/').count() == 1).then(|| format!("https://huggingface.co/{name}").parse().ok()).flatten();
    Some(ParentClaim { relation: Some(relation), parent: Parent { name: Some(name), uri, ..Parent::default() }, ..ParentClaim::default() })
}

/// A file of `.eval_results/`: results on benchmarks of the Hugging Face hub, whose metric the benchmark decides.
pub(super) fn benchmarks(node: &Node, intake: &mut Intake<'_>) -> Claims {
    let mut evaluations = Vec::new();
    for entry in node.items().iter().take(100) {
        let dataset = entry.get("dataset");
        let mut label = |node: Option<&Node>| node.and_then(Node::text).and_then(|text| intake.value::<Label>("evaluations", text));
        let named = |key: &str| dataset.and_then(|dataset| dataset.get(key));
        let (name, revision, task) = (label(named("id")), label(named("revision")), label(named("task_id")));
        let value = entry.get("value").and_then(Node::text).and_then(|text| intake.value("evaluations", text));
        let date = entry.get("date").and_then(Node::text).and_then(|text| super::run_time::time("evaluations", text, intake));
        let link = entry.get("source").and_then(|source| source.get("url")).and_then(Node::text);
        let source = link.filter(|link| link.starts_with("https://")).and_then(|link| intake.value("evaluations", link));
        if let (Some(_), Some(value), Ok(metric)) = (&name, value, "score".parse()) {
            evaluations.push(Evaluation {
                task,
                dataset: name,
                dataset_revision: revision,
                source,
                date,
                ..Evaluation::new(metric, value)
            });
        }
    }
    Claims { evaluations, ..Claims::default() }
}
