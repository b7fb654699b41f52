//! YAML front matter of a model card, as the Hugging Face hub defines it, for a model that has no card yet.

use serde_json::{Value, json};

use crate::{Dataset, Evaluation, License, Provenance, Record, Relation};

use super::lean;

/// Returns the front matter of a record, with both `---` lines.
///
/// YAML 1.2 contains JSON: every value is written as JSON on one line, so that no text can be read as anything else.
pub(super) fn front_matter(record: &Record) -> String {
    let provenance = &record.provenance;
    let mut lines = vec!["---".to_owned()];
    let mut put = |key: &str, value: Value| {
        let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            lines.push(format!("{key}: {value}"));
        }
    };
    for (key, value) in license(&provenance.license) {
        put(key, value);
    }
    put("library_name", json!(provenance.framework.as_ref().map(|framework| &framework.name)));
    put("pipeline_tag", json!(provenance.task));
    put("tags", json!(provenance.tags));
    put("datasets", json!(provenance.datasets.iter().filter_map(hub_name).collect::<Vec<_>>()));
    put("base_model", json!(provenance.lineage.iter().filter_map(|edge| edge.parent.name.as_ref()).collect::<Vec<_>>()));
    put("base_model_relation", json!(relation(provenance)));
    put("co2_eq_emissions", emissions(provenance));
    put("model-index", model_index(record));
    lines.push("---\n".to_owned());
    lines.join("\n")
}

/// The hub writes its ids in lower case and everything else as `other` with a name.
fn license(license: &License) -> Vec<(&'static str, Value)> {
    let spdx = license.spdx.as_str();
    if license.spdx.has_reference() || spdx.contains(' ') {
        let name = spdx.strip_prefix("LicenseRef-").unwrap_or(spdx);
        return vec![("license", json!("other")), ("license_name", json!(name)), ("license_link", json!(license.uri))];
    }
    // The hub's list has the GNU licences without a suffix.
    let id = spdx.to_lowercase();
    let id = id.strip_suffix("-only").or_else(|| id.strip_suffix("-or-later")).map(str::to_owned).unwrap_or(id);
    vec![("license", json!(id))]
}

/// Datasets are named there by their ids on the hub: `name` or `owner/name`.
fn hub_name(dataset: &Dataset) -> Option<&str> {
    let name = dataset.name.as_str();
    let fits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    (name.split('/').count() <= 2 && name.split('/').all(fits)).then_some(name)
}

/// The hub knows four relations, and one for all parents.
fn relation(provenance: &Provenance) -> Option<&'static str> {
    provenance.lineage.first().filter(|edge| edge.parent.name.is_some()).map(|edge| match edge.relation {
        Relation::Adapter => "adapter",
        Relation::Merge => "merge",
        Relation::Quantized | Relation::Converted => "quantized",
        Relation::Version | Relation::Finetune | Relation::Pruned | Relation::Distilled => "finetune",
    })
}

/// The hub counts grams.
fn emissions(provenance: &Provenance) -> Value {
    let training = provenance.training.as_ref();
    let grams = training.and_then(|training| training.co2_grams.as_ref()).and_then(|grams| number(grams.as_str()));
    grams.map_or(Value::Null, |grams| json!({ "emissions": grams, "training_type": "training" }))
}

/// A decimal has the grammar of a JSON number, but not every one fits a double.
fn number(decimal: &str) -> Option<Value> {
    serde_json::from_str(decimal).ok()
}

/// The hub refuses results without a task or a dataset.
fn model_index(record: &Record) -> Value {
    let results = record.provenance.evaluations.iter().filter_map(result).collect::<Vec<_>>();
    if results.is_empty() { Value::Null } else { json!([{ "name": record.name, "results": results }]) }
}

fn result(evaluation: &Evaluation) -> Option<Value> {
    let (task, dataset) = (evaluation.task.as_ref()?, evaluation.dataset.as_ref()?);
    let value = number(evaluation.value.as_str()).unwrap_or_else(|| json!(evaluation.value));
    let set = lean(json!({ "name": dataset, "type": dataset, "revision": evaluation.dataset_revision }));
    Some(json!({
        "task": { "type": task },
        "dataset": set,
        "metrics": [{ "type": evaluation.metric, "value": value }],
    }))
}
