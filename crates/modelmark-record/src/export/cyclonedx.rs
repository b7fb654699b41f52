//! CycloneDX 1.7 (ECMA-424): a bill of materials with a `machine-learning-model` and its model card.

use modelmark_digest::{ManifestKind, Sha256Digest};
use serde_json::{Value, json};

use crate::{Attachment, CanonicalRecord, Dataset, Decimal, Edge, Evaluation, ModelFile, Provenance, Record, Training};

use super::{document, uuid, word};

/// Returns the record as a CycloneDX 1.7 document.
///
/// The serial number is made from the record's id, and the time is the one that the record states: the same record gives the same bytes.
#[must_use]
pub fn cyclonedx(record: &CanonicalRecord) -> Vec<u8> {
    let provenance = &record.record().provenance;
    let datasets = provenance.datasets.iter().enumerate().map(|(at, dataset)| data(at, dataset));
    let files = provenance.model.files.iter().enumerate().map(|(at, entry)| file(at, entry));
    let framework = provenance
        .framework
        .iter()
        .map(|framework| json!({ "type": "framework", "bom-ref": "framework", "name": framework.name, "version": framework.version }));
    let components: Vec<Value> = datasets.chain(framework).chain(files).collect();
    let parts = components.iter().map(|component| component.get("bom-ref").cloned().unwrap_or_default());
    document(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": format!("urn:uuid:{}", uuid(record.id())),
        "version": 1,
        "metadata": {
            "timestamp": provenance.created_at,
            "tools": { "components": [{ "type": "application", "name": "modelmark" }] },
            "component": model(record),
        },
        "dependencies": [{ "ref": "model", "dependsOn": parts.collect::<Vec<_>>() }],
        "components": components,
        "formulation": formulation(provenance),
    }))
}

fn model(canonical: &CanonicalRecord) -> Value {
    let Record { name, description, external_url, provenance, .. } = canonical.record();
    let website = external_url.iter().map(|url| json!({ "type": "website", "url": url }));
    let license = provenance.license.uri.iter().map(|url| json!({ "type": "license", "url": url }));
    let record = json!({
        "type": "attestation",
        "url": format!("ipfs://{}", canonical.cid()),
        "comment": "the provenance record that this document was made from",
        "hashes": [sha256(canonical.id().digest())],
    });
    // SHA-256 of a directory means nothing to others: its files have theirs.
    let only = provenance.model.files.first().filter(|_| provenance.model.kind == ManifestKind::File);
    let code = provenance.training.iter().filter_map(|training| training.code.as_ref()?.uri.as_ref());
    let code = code.map(|url| json!({ "type": "vcs", "url": url }));
    let attached = provenance.attachments.iter().map(attachment);
    let references: Vec<Value> = [record].into_iter().chain(website).chain(license).chain(code).chain(attached).collect();
    json!({
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": name,
        "version": provenance.version,
        "description": description,
        "authors": authors(provenance),
        "hashes": only.map(|file| json!([sha256(file.sha256)])),
        "licenses": [{ "expression": provenance.license.spdx }],
        "tags": provenance.tags,
        "externalReferences": references,
        "pedigree": pedigree(&provenance.lineage),
        "modelCard": model_card(provenance),
        "properties": properties(provenance),
    })
}

fn attachment(attachment: &Attachment) -> Value {
    json!({
        "type": "other",
        "url": format!("ipfs://{}", attachment.cid),
        "comment": format!("{} ({})", attachment.name, attachment.media_type),
        "hashes": [sha256(attachment.sha256)],
    })
}

fn authors(provenance: &Provenance) -> Vec<Value> {
    let creator = (&provenance.creator.account, &provenance.creator.name);
    let others = provenance.contributors.iter().map(|contributor| (&contributor.account, &contributor.name));
    let mut authors: Vec<Value> = Vec::new();
    for (account, name) in [creator].into_iter().chain(others) {
        if authors.iter().all(|known| known.get("bom-ref").and_then(Value::as_str) != Some(account.as_str())) {
            let name = name.as_ref().map_or(account.as_str(), |name| name.as_str());
            authors.push(json!({ "bom-ref": account, "name": name }));
        }
    }
    authors
}

fn pedigree(lineage: &[Edge]) -> Value {
    if lineage.is_empty() {
        return Value::Null;
    }
    let ancestor = |edge: &Edge| {
        let parent = &edge.parent;
        let name = parent.name.as_ref().map(ToString::to_string).or_else(|| parent.token.as_ref().map(ToString::to_string));
        let name = name.or_else(|| parent.cid.map(|cid| cid.to_string())).unwrap_or_else(|| "a parent without a name".to_owned());
        let references = parent.uri.iter().map(|uri| json!({ "type": "distribution", "url": uri }));
        json!({
            "type": "machine-learning-model",
            "name": name,
            "externalReferences": references.collect::<Vec<_>>(),
            "properties": named([
                ("relation", word(edge.relation)),
                ("token", parent.token.as_ref().map(ToString::to_string)),
                ("tokenId", parent.token_id.as_ref().map(ToString::to_string)),
                ("cid", parent.cid.map(|cid| cid.to_string())),
                ("weightsHash", parent.weights_hash.map(|hash| hash.to_0x())),
            ]),
        })
    };
    json!({ "ancestors": lineage.iter().map(ancestor).collect::<Vec<_>>() })
}

fn model_card(provenance: &Provenance) -> Value {
    let architecture = provenance.architecture.as_ref();
    let datasets = (0..provenance.datasets.len()).map(|at| json!({ "ref": dataset_ref(at) }));
    json!({
        "modelParameters": {
            "task": provenance.task,
            "architectureFamily": architecture.map(|architecture| &architecture.family),
            "modelArchitecture": architecture.and_then(|architecture| architecture.name.as_ref()),
            "datasets": datasets.collect::<Vec<_>>(),
        },
        "quantitativeAnalysis": { "performanceMetrics": provenance.evaluations.iter().map(metric).collect::<Vec<_>>() },
        "considerations": considerations(provenance),
        "properties": settings(provenance),
    })
}

/// Settings of the run, and what CycloneDX has no place for: its fairness assessments are of groups, harms and benefits one by one.
fn settings(provenance: &Provenance) -> Vec<Value> {
    let stated = provenance.considerations.as_ref();
    let mut settings = named([
        ("fairness", stated.and_then(|stated| stated.fairness.as_ref()).map(ToString::to_string)),
        ("personalData", stated.and_then(|stated| word(stated.personal_data))),
    ]);
    let config = provenance.training_config.iter();
    settings.extend(config.map(|(key, value)| json!({ "name": format!("modelmark:trainingConfig:{key}"), "value": value.to_string() })));
    settings
}

fn considerations(provenance: &Provenance) -> Value {
    let stated = provenance.considerations.as_ref();
    let energy = provenance.training.as_ref().and_then(energy);
    if stated.is_none() && energy.is_none() {
        return Value::Null;
    }
    json!({
        "useCases": stated.and_then(|stated| stated.intended_use.as_ref()).map(|text| json!([text])),
        "technicalLimitations": stated.and_then(|stated| stated.limitations.as_ref()).map(|text| json!([text])),
        "ethicalConsiderations": stated.and_then(|stated| stated.risks.as_ref()).map(|text| json!([{ "name": text }])),
        "environmentalConsiderations": energy.map(|energy| json!({ "energyConsumptions": [energy] })),
    })
}

/// What the training took. CycloneDX wants a provider named; a record knows none.
fn energy(training: &Training) -> Option<Value> {
    let energy = json!({ "value": number(training.energy_kwh.as_ref()?)?, "unit": "kWh" });
    let tonnes = training.co2_grams.as_ref().and_then(number).map(|grams| grams / 1e6);
    Some(json!({
        "activity": "training",
        "activityEnergyCost": energy,
        "energyProviders": [{ "organization": { "name": "not stated" }, "energySource": "unknown", "energyProvided": energy }],
        "co2CostEquivalent": tonnes.map(|tonnes| json!({ "value": tonnes, "unit": "tCO2eq" })),
    }))
}

/// Returns the double nearest to a decimal, if there is one.
fn number(decimal: &Decimal) -> Option<f64> {
    decimal.as_str().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The training run as a workflow.
fn formulation(provenance: &Provenance) -> Value {
    let Some(training) = &provenance.training else { return Value::Null };
    let code = training.code.as_ref();
    let run = json!({
        "bom-ref": "training",
        "uid": training.run.as_ref().map_or("training", |run| run.as_str()),
        "name": "training",
        "taskTypes": ["other"],
        "timeStart": training.started_at,
        "timeEnd": training.finished_at,
        "properties": named([
            ("commit", code.and_then(|code| code.commit.as_ref()).map(ToString::to_string)),
            ("dirty", code.and_then(|code| code.dirty).map(|dirty| dirty.to_string())),
            ("image", training.image.as_ref().map(ToString::to_string)),
            ("hardware", training.hardware.as_ref().map(ToString::to_string)),
            ("devices", training.devices.map(|devices| devices.to_string())),
        ]),
    });
    json!([{ "bom-ref": "formula", "workflows": [run] }])
}

fn metric(evaluation: &Evaluation) -> Value {
    let said = |what: &str, value: Option<String>| value.map(|value| format!("{what} {value}"));
    let slice = [
        said("task", evaluation.task.as_ref().map(ToString::to_string)),
        said("dataset", evaluation.dataset.as_ref().map(ToString::to_string)),
        said("revision", evaluation.dataset_revision.as_ref().map(ToString::to_string)),
        said("examples", evaluation.n.map(|count| count.to_string())),
        said("harness", evaluation.harness.as_ref().map(ToString::to_string)),
        said("at", evaluation.date.as_ref().map(ToString::to_string)),
    ];
    let slice = slice.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    json!({ "type": evaluation.metric, "value": evaluation.value, "slice": (!slice.is_empty()).then_some(slice) })
}

/// What CycloneDX has no field for, under our own names.
fn properties(provenance: &Provenance) -> Vec<Value> {
    let tensors = provenance.weights.tensors.as_ref();
    named([
        ("type", Some("https://modelmark.dev/provenance/v1".to_owned())),
        ("cid", Some(provenance.model.cid.to_string())),
        ("weights:cid", Some(provenance.weights.cid.to_string())),
        ("weights:sha256", Some(provenance.weights_hash.to_0x())),
        ("weights:format", provenance.weights.format.as_ref().map(ToString::to_string)),
        ("weights:parameters", tensors.map(|tensors| tensors.parameters.to_string())),
        ("weights:fingerprint", tensors.map(|tensors| tensors.root.to_0x())),
        ("tokenizer:sha256", provenance.tokenizer.as_ref().map(|tokenizer| tokenizer.sha256.to_0x())),
        ("rights:trainingMining", provenance.rights.as_ref().and_then(|rights| word(rights.training_mining))),
        ("royalty:bps", provenance.royalty.map(|royalty| royalty.bps.to_string())),
    ])
}

fn named<const N: usize>(pairs: [(&str, Option<String>); N]) -> Vec<Value> {
    let property = |(name, value): (&str, Option<String>)| Some(json!({ "name": format!("modelmark:{name}"), "value": value? }));
    pairs.into_iter().filter_map(property).collect()
}

fn data(at: usize, dataset: &Dataset) -> Value {
    let cid = dataset.cid.map(|cid| format!("ipfs://{cid}"));
    let places = dataset.uri.as_ref().map(ToString::to_string).into_iter().chain(cid.clone());
    json!({
        "type": "data",
        "bom-ref": dataset_ref(at),
        "name": dataset.name,
        "version": dataset.revision,
        "hashes": dataset.sha256.map(|digest| json!([sha256(digest)])),
        "licenses": dataset.license.as_ref().map(|license| json!([{ "expression": license }])),
        "externalReferences": places.map(|url| json!({ "type": "distribution", "url": url })).collect::<Vec<_>>(),
        "data": [{ "type": "dataset", "name": dataset.name, "contents": { "url": dataset.uri.as_ref().map(ToString::to_string).or(cid) } }],
        "properties": named([
            ("role", word(dataset.role)),
            ("root", dataset.root.map(|root| root.to_0x())),
            ("size", dataset.size.map(|size| size.to_string())),
            ("files", dataset.files.map(|files| files.to_string())),
        ]),
    })
}

fn dataset_ref(at: usize) -> String {
    format!("dataset-{at}")
}

fn file(at: usize, entry: &ModelFile) -> Value {
    json!({
        "type": "file",
        "bom-ref": format!("file-{at}"),
        "name": entry.path.as_str(),
        "hashes": [sha256(entry.sha256)],
        "properties": named([("size", Some(entry.size.to_string())), ("cid", Some(entry.cid.to_string()))]),
    })
}

fn sha256(digest: Sha256Digest) -> Value {
    json!({ "alg": "SHA-256", "content": digest.to_string() })
}
