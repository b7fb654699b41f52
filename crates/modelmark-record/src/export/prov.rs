//! W3C PROV in PROV-JSON: the model, its data and its parents as entities, training as an activity, its makers as agents.

use serde_json::{Map, Value, json};

use crate::{CanonicalRecord, Dataset, DatasetRole, Edge, Evaluation, Provenance};

use super::document;

/// Returns the record as a PROV-JSON document. Names are local to the record: `r:` stands for its own address.
#[must_use]
pub fn prov(record: &CanonicalRecord) -> Vec<u8> {
    let provenance = &record.record().provenance;
    let mut graph = Graph::default();
    graph.put("entity", "r:model", model(record));
    graph.put("agent", "r:creator", agent(provenance.creator.account.as_str(), provenance.creator.name.as_ref()));
    graph.relate("wasAttributedTo", json!({ "prov:entity": "r:model", "prov:agent": "r:creator" }));
    for (at, contributor) in provenance.contributors.iter().enumerate() {
        let name = format!("r:contributor-{at}");
        graph.put("agent", &name, agent(contributor.account.as_str(), contributor.name.as_ref()));
        graph.relate("wasAttributedTo", json!({ "prov:entity": "r:model", "prov:agent": name, "mm:shareBps": contributor.share_bps }));
    }
    for (at, edge) in provenance.lineage.iter().enumerate() {
        let name = format!("r:parent-{at}");
        graph.put("entity", &name, parent(edge));
        let derived = json!({ "prov:generatedEntity": "r:model", "prov:usedEntity": name, "mm:relation": edge.relation });
        graph.relate("wasDerivedFrom", derived);
    }
    data_and_training(&mut graph, provenance);
    for (at, evaluation) in provenance.evaluations.iter().enumerate() {
        measurement(&mut graph, at, evaluation, &provenance.datasets);
    }
    graph.0.insert("prefix".to_owned(), json!({ "mm": "https://modelmark.dev/ns/prov#", "r": format!("{}#", record.id().token_uri()) }));
    document(Value::Object(graph.0))
}

/// A PROV-JSON document in the making: for each kind of statement, statements by name.
#[derive(Default)]
struct Graph(Map<String, Value>);

impl Graph {
    fn put(&mut self, kind: &str, name: &str, attributes: Value) {
        let statements = self.0.entry(kind).or_insert_with(|| json!({}));
        if let Some(statements) = statements.as_object_mut() {
            statements.insert(name.to_owned(), attributes);
        }
    }

    /// Adds a relation; nothing refers to it, so that a number is name enough.
    fn relate(&mut self, kind: &str, attributes: Value) {
        let number = self.0.get(kind).and_then(Value::as_object).map_or(0, Map::len);
        self.put(kind, &format!("_:{kind}{number}"), attributes);
    }
}

fn of_type(name: &str) -> Value {
    json!({ "$": format!("mm:{name}"), "type": "prov:QUALIFIED_NAME" })
}

fn model(record: &CanonicalRecord) -> Value {
    let provenance = &record.record().provenance;
    json!({
        "prov:type": of_type("Model"),
        "prov:label": record.record().name,
        "mm:version": provenance.version,
        "mm:cid": provenance.model.cid.to_string(),
        "mm:weightsCid": provenance.weights.cid.to_string(),
        "mm:weightsHash": provenance.weights_hash.to_0x(),
        "mm:license": provenance.license.spdx,
        "mm:architecture": provenance.model_architecture,
        "mm:task": provenance.task,
        "mm:record": record.id().to_string(),
    })
}

fn agent(account: &str, name: Option<&crate::Label>) -> Value {
    json!({ "prov:type": of_type("Account"), "prov:label": name, "mm:account": account })
}

fn parent(edge: &Edge) -> Value {
    let parent = &edge.parent;
    json!({
        "prov:type": of_type("Model"),
        "prov:label": parent.name,
        "mm:cid": parent.cid.map(|cid| cid.to_string()),
        "mm:weightsHash": parent.weights_hash.map(|hash| hash.to_0x()),
        "mm:token": parent.token,
        "mm:tokenId": parent.token_id,
        "mm:uri": parent.uri,
    })
}

fn dataset(dataset: &Dataset) -> Value {
    json!({
        "prov:type": of_type("Dataset"),
        "prov:label": dataset.name,
        "mm:cid": dataset.cid.map(|cid| cid.to_string()),
        "mm:root": dataset.root.map(|root| root.to_0x()),
        "mm:sha256": dataset.sha256.map(|digest| digest.to_0x()),
        "mm:license": dataset.license,
        "mm:revision": dataset.revision,
        "mm:uri": dataset.uri,
    })
}

/// The training run, if anything is known of one: what it used and when it was.
fn data_and_training(graph: &mut Graph, provenance: &Provenance) {
    for (at, data) in provenance.datasets.iter().enumerate() {
        let name = format!("r:dataset-{at}");
        graph.put("entity", &name, dataset(data));
        if data.role != DatasetRole::Test {
            graph.relate("used", json!({ "prov:activity": "r:training", "prov:entity": name, "mm:role": data.role }));
        }
    }
    if let Some(code) = provenance.training.as_ref().and_then(|training| training.code.as_ref()) {
        graph.put(
            "entity",
            "r:code",
            json!({ "prov:type": of_type("Code"), "mm:uri": code.uri, "mm:commit": code.commit, "mm:dirty": code.dirty }),
        );
        graph.relate("used", json!({ "prov:activity": "r:training", "prov:entity": "r:code" }));
    }
    if graph.0.get("used").is_none() && provenance.training_config.is_empty() && provenance.training.is_none() {
        return;
    }
    // A setting may have any name, an attribute may not.
    let settings = provenance.training_config.iter().map(|(key, value)| json!(format!("{key}={value}")));
    let training = provenance.training.as_ref();
    let run = json!({
        "prov:type": of_type("Training"),
        "prov:startTime": training.map(|training| &training.started_at),
        "prov:endTime": training.map(|training| &training.finished_at),
        "mm:run": training.map(|training| &training.run),
        "mm:image": training.map(|training| &training.image),
        "mm:hardware": training.map(|training| &training.hardware),
        "mm:devices": training.map(|training| &training.devices),
        "mm:energyKwh": training.map(|training| &training.energy_kwh),
        "mm:co2Grams": training.map(|training| &training.co2_grams),
        "mm:setting": settings.collect::<Vec<_>>(),
    });
    graph.put("activity", "r:training", run);
    graph.relate("wasGeneratedBy", json!({ "prov:entity": "r:model", "prov:activity": "r:training" }));
}

fn measurement(graph: &mut Graph, at: usize, evaluation: &Evaluation, datasets: &[Dataset]) {
    let (name, run) = (format!("r:evaluation-{at}"), format!("r:evaluating-{at}"));
    let result = json!({
        "prov:type": of_type("Measurement"),
        "mm:metric": evaluation.metric,
        "prov:value": evaluation.value,
        "mm:task": evaluation.task,
        "mm:dataset": evaluation.dataset,
        "mm:datasetRevision": evaluation.dataset_revision,
        "mm:examples": evaluation.n,
        "mm:harness": evaluation.harness,
        "mm:source": evaluation.source,
        "prov:generatedAtTime": evaluation.date,
    });
    graph.put("entity", &name, result);
    graph.put("activity", &run, json!({ "prov:type": of_type("Evaluating") }));
    graph.relate("used", json!({ "prov:activity": run, "prov:entity": "r:model" }));
    for (at, _) in datasets.iter().enumerate().filter(|(_, data)| Some(&data.name) == evaluation.dataset.as_ref()) {
        graph.relate("used", json!({ "prov:activity": run, "prov:entity": format!("r:dataset-{at}") }));
    }
    graph.relate("wasGeneratedBy", json!({ "prov:entity": name, "prov:activity": run }));
}
