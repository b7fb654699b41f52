//! SPDX 3.0.1 with its AI and dataset profiles, as JSON-LD.

use modelmark_digest::Sha256Digest;
use serde_json::{Value, json};

use crate::{CanonicalRecord, Dataset, DatasetRole, Decimal, Edge, ModelFile, PersonalData, Provenance, Relation, Timestamp, Uri};

use super::{ExportError, document, word};

/// Returns the record as an SPDX 3.0.1 document.
///
/// SPDX wants to know when a document was created, and no clock is asked: it is the time that the record states, else `created`.
///
/// # Errors
///
/// [`ExportError::NoTime`] when neither states a time.
pub fn spdx(record: &CanonicalRecord, created: Option<&Timestamp>) -> Result<Vec<u8>, ExportError> {
    let provenance = &record.record().provenance;
    let created = provenance.created_at.as_ref().or(created).ok_or(ExportError::NoTime)?;
    let mut graph = Graph { namespace: format!("{}#", record.id().token_uri()), elements: Vec::new(), relations: 0 };
    // SPDX knows whole seconds.
    let created = created.as_str().get(..19).map(|seconds| format!("{seconds}Z"));
    let info = json!({ "@id": "_:creation", "type": "CreationInfo", "specVersion": "3.0.1", "created": created, "createdBy": [graph.id("creator")] });
    people(&mut graph, provenance);
    model(&mut graph, record, created.as_deref());
    license(&mut graph, provenance);
    for (at, file) in provenance.model.files.iter().enumerate() {
        graph.add(&format!("file-{at}"), of_file(file));
    }
    graph.relate("model", "contains", numbered("file", provenance.model.files.len()));
    datasets(&mut graph, provenance);
    parents(&mut graph, provenance);
    let elements: Vec<Value> = graph.elements.iter().filter_map(|element| element.get("spdxId").cloned()).collect();
    let head = json!({
        "type": "SpdxDocument",
        "spdxId": graph.id("document"),
        "creationInfo": "_:creation",
        "name": record.record().name,
        "profileConformance": ["core", "software", "simpleLicensing", "ai", "dataset"],
        "rootElement": [graph.id("model")],
        "element": elements,
    });
    let all: Vec<Value> = [info, head].into_iter().chain(graph.elements).collect();
    Ok(document(json!({ "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": all })))
}

/// The elements of a document in the making. Their names are local to the record's address.
struct Graph {
    namespace: String,
    elements: Vec<Value>,
    relations: usize,
}

impl Graph {
    fn id(&self, name: &str) -> String {
        format!("{}{name}", self.namespace)
    }

    /// Adds an element under a name of ours.
    fn add(&mut self, name: &str, mut element: Value) {
        if let Some(fields) = element.as_object_mut() {
            fields.insert("spdxId".to_owned(), json!(self.id(name)));
            fields.insert("creationInfo".to_owned(), json!("_:creation"));
        }
        self.elements.push(element);
    }

    fn relate(&mut self, from: &str, kind: &str, to: Vec<String>) {
        if to.is_empty() {
            return;
        }
        let to: Vec<String> = to.iter().map(|name| self.id(name)).collect();
        let relation = json!({ "type": "Relationship", "from": self.id(from), "relationshipType": kind, "to": to });
        let name = format!("relationship-{}", self.relations);
        self.relations += 1;
        self.add(&name, relation);
    }
}

fn numbered(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("{name}-{at}")).collect()
}

fn sha256(digest: Sha256Digest) -> Value {
    json!([{ "type": "Hash", "algorithm": "sha256", "hashValue": digest.to_string() }])
}

fn entry(key: &str, value: impl ToString) -> Value {
    json!({ "type": "DictionaryEntry", "key": key, "value": value.to_string() })
}

fn identifiers(pairs: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Vec<Value> {
    let identifier = |(what, value): (&str, Option<String>)| {
        Some(json!({ "type": "ExternalIdentifier", "externalIdentifierType": "other", "comment": what, "identifier": value? }))
    };
    pairs.into_iter().filter_map(identifier).collect()
}

fn people(graph: &mut Graph, provenance: &Provenance) {
    let agent = |account: &crate::Account, name: Option<&crate::Label>| {
        let name = name.map_or(account.as_str(), |name| name.as_str());
        json!({ "type": "Agent", "name": name, "externalIdentifier": identifiers([("account", Some(account.to_string()))]) })
    };
    graph.add("creator", agent(&provenance.creator.account, provenance.creator.name.as_ref()));
    for (at, contributor) in provenance.contributors.iter().enumerate() {
        graph.add(&format!("contributor-{at}"), agent(&contributor.account, contributor.name.as_ref()));
    }
}

fn model(graph: &mut Graph, canonical: &CanonicalRecord, created: Option<&str>) {
    let record = canonical.record();
    let provenance = &record.provenance;
    let (stated, training) = (provenance.considerations.as_ref(), provenance.training.as_ref());
    let architecture = provenance.architecture.iter();
    let kinds: Vec<String> =
        architecture.flat_map(|known| [Some(&known.family), known.name.as_ref()]).flatten().map(ToString::to_string).collect();
    let originators = numbered("contributor", provenance.contributors.len());
    let originators: Vec<String> = ["creator".to_owned()].into_iter().chain(originators).map(|name| graph.id(&name)).collect();
    let measured = provenance.evaluations.iter().map(|evaluation| {
        let dataset = evaluation.dataset.as_ref().map(|dataset| format!(" on {dataset}")).unwrap_or_default();
        entry(&format!("{}{dataset}", evaluation.metric), &evaluation.value)
    });
    let element = json!({
        "type": "ai_AIPackage",
        "name": record.name,
        "description": record.description,
        "software_packageVersion": provenance.version.as_ref().map_or_else(|| provenance.model.cid.to_string(), ToString::to_string),
        "software_downloadLocation": format!("ipfs://{}", provenance.model.cid),
        "software_homePage": record.external_url,
        "software_primaryPurpose": "model",
        "releaseTime": created,
        "suppliedBy": graph.id("creator"),
        "originatedBy": originators,
        "externalIdentifier": identifiers([
            ("provenance record", Some(canonical.id().token_uri())),
            ("weights CID", Some(provenance.weights.cid.to_string())),
            ("weightsHash", Some(provenance.weights_hash.to_0x())),
            ("weight fingerprint", provenance.weights.tensors.as_ref().map(|tensors| tensors.root.to_0x())),
        ]),
        "externalRef": provenance.attachments.iter().map(|attached| json!({
            "type": "ExternalRef",
            "externalRefType": "other",
            "comment": attached.name,
            "contentType": attached.media_type,
            "locator": [format!("ipfs://{}", attached.cid)],
        })).collect::<Vec<_>>(),
        "ai_domain": provenance.task.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "ai_typeOfModel": kinds,
        "ai_hyperparameter": provenance.training_config.iter().map(|(key, value)| entry(key.as_str(), value)).collect::<Vec<_>>(),
        "ai_metric": measured.collect::<Vec<_>>(),
        "ai_informationAboutTraining": training.map(about_training),
        "ai_informationAboutApplication": stated.and_then(|stated| stated.intended_use.as_ref()),
        "ai_limitation": stated.and_then(|stated| stated.limitations.as_ref()),
        "ai_useSensitivePersonalInformation": stated.and_then(|stated| stated.personal_data).map(presence),
        "ai_energyConsumption": training.and_then(|training| training.energy_kwh.as_ref()).and_then(energy),
        "comment": stated.map(prose_without_a_field),
    });
    graph.add("model", element);
}

/// SPDX asks for sensitive personal information, a record for personal data: without the latter there is none of the former, but not the other way.
const fn presence(personal: PersonalData) -> &'static str {
    match personal {
        PersonalData::No => "no",
        PersonalData::Yes | PersonalData::Unknown => "noAssertion",
    }
}

/// Fairness and risks: SPDX has a class of risk for them, but no text.
fn prose_without_a_field(stated: &crate::Considerations) -> Option<String> {
    let said = [("Fairness", stated.fairness.as_ref()), ("Risks", stated.risks.as_ref())];
    let said: Vec<String> = said.into_iter().filter_map(|(what, text)| Some(format!("{what}: {}", text?))).collect();
    (!said.is_empty()).then(|| said.join("\n\n"))
}

fn about_training(training: &crate::Training) -> String {
    let code = training.code.as_ref();
    let facts = [
        ("code", code.and_then(|code| code.uri.as_ref()).map(ToString::to_string)),
        ("commit", code.and_then(|code| code.commit.as_ref()).map(ToString::to_string)),
        ("files changed since the commit", code.and_then(|code| code.dirty).map(|dirty| dirty.to_string())),
        ("run", training.run.as_ref().map(ToString::to_string)),
        ("started", training.started_at.as_ref().map(ToString::to_string)),
        ("finished", training.finished_at.as_ref().map(ToString::to_string)),
        ("hardware", training.hardware.as_ref().map(ToString::to_string)),
        ("devices", training.devices.map(|devices| devices.to_string())),
        ("image", training.image.as_ref().map(ToString::to_string)),
        ("grams of CO2 equivalent", training.co2_grams.as_ref().map(ToString::to_string)),
    ];
    facts.into_iter().filter_map(|(what, value)| Some(format!("{what}: {}", value?))).collect::<Vec<_>>().join("\n")
}

fn energy(kwh: &Decimal) -> Option<Value> {
    let quantity: f64 = kwh.as_str().parse().ok().filter(|number: &f64| number.is_finite())?;
    let description = json!({ "type": "ai_EnergyConsumptionDescription", "ai_energyQuantity": quantity, "ai_energyUnit": "kilowattHour" });
    Some(json!({ "type": "ai_EnergyConsumption", "ai_trainingEnergyConsumption": [description] }))
}

/// Declared and, as nobody concluded anything else, concluded.
fn license(graph: &mut Graph, provenance: &Provenance) {
    let expression = |spdx: &crate::Spdx, uri: Option<&Uri>| {
        let own = uri.filter(|_| spdx.has_reference()).map(|uri| {
            let references = spdx.as_str().split([' ', '(', ')']).filter(|id| id.starts_with("LicenseRef-"));
            references.map(|id| entry(id, uri)).collect::<Vec<_>>()
        });
        json!({ "type": "simplelicensing_LicenseExpression", "simplelicensing_licenseExpression": spdx, "simplelicensing_customIdToUri": own })
    };
    graph.add("license", expression(&provenance.license.spdx, provenance.license.uri.as_ref()));
    graph.relate("model", "hasDeclaredLicense", vec!["license".to_owned()]);
    graph.relate("model", "hasConcludedLicense", vec!["license".to_owned()]);
    for (at, dataset) in provenance.datasets.iter().enumerate() {
        let Some(spdx) = &dataset.license else { continue };
        let name = format!("dataset-license-{at}");
        graph.add(&name, expression(spdx, None));
        graph.relate(&format!("dataset-{at}"), "hasDeclaredLicense", vec![name]);
    }
}

fn of_file(file: &ModelFile) -> Value {
    json!({
        "type": "software_File",
        "name": file.path.as_str(),
        "verifiedUsing": sha256(file.sha256),
        "externalIdentifier": identifiers([("CID", Some(file.cid.to_string()))]),
    })
}

fn datasets(graph: &mut Graph, provenance: &Provenance) {
    for (at, dataset) in provenance.datasets.iter().enumerate() {
        graph.add(&format!("dataset-{at}"), of_dataset(dataset));
    }
    let of = |wanted: &[DatasetRole]| {
        let chosen = provenance.datasets.iter().enumerate().filter(|(_, dataset)| wanted.contains(&dataset.role));
        chosen.map(|(at, _)| format!("dataset-{at}")).collect()
    };
    graph.relate("model", "trainedOn", of(&[DatasetRole::Train]));
    graph.relate("model", "testedOn", of(&[DatasetRole::Eval, DatasetRole::Test]));
    graph.relate("model", "other", of(&[DatasetRole::Other]));
}

fn of_dataset(dataset: &Dataset) -> Value {
    let place = dataset.uri.as_ref().map(ToString::to_string).or_else(|| dataset.cid.map(|cid| format!("ipfs://{cid}")));
    json!({
        "type": "dataset_DatasetPackage",
        "name": dataset.name,
        "software_packageVersion": dataset.revision,
        "software_downloadLocation": place,
        "software_primaryPurpose": "data",
        "dataset_datasetType": ["noAssertion"],
        "dataset_datasetSize": dataset.size,
        "verifiedUsing": dataset.sha256.map(sha256),
        "comment": word(dataset.role).map(|role| format!("role: {role}")),
        "externalIdentifier": identifiers([
            ("CID", dataset.cid.map(|cid| cid.to_string())),
            ("dataset root", dataset.root.map(|root| root.to_0x())),
        ]),
    })
}

/// SPDX 3.0 has one relation for what was made of something else; which one it was stands in the comment of the parent.
fn parents(graph: &mut Graph, provenance: &Provenance) {
    for (at, edge) in provenance.lineage.iter().enumerate() {
        graph.add(&format!("parent-{at}"), of_parent(edge));
    }
    graph.relate("model", "descendantOf", numbered("parent", provenance.lineage.len()));
    for (at, _) in
        provenance.lineage.iter().enumerate().filter(|(_, edge)| matches!(edge.relation, Relation::Quantized | Relation::Converted))
    {
        graph.relate(&format!("parent-{at}"), "hasVariant", vec!["model".to_owned()]);
    }
}

fn of_parent(edge: &Edge) -> Value {
    let parent = &edge.parent;
    json!({
        "type": "ai_AIPackage",
        "name": parent.name,
        "software_primaryPurpose": "model",
        "software_downloadLocation": parent.uri.as_ref().map(ToString::to_string).or_else(|| parent.cid.map(|cid| format!("ipfs://{cid}"))),
        "comment": word(edge.relation).map(|relation| format!("relation: {relation}")),
        "externalIdentifier": identifiers([
            ("CID", parent.cid.map(|cid| cid.to_string())),
            ("weightsHash", parent.weights_hash.map(|hash| hash.to_0x())),
            ("token", parent.token.as_ref().map(ToString::to_string)),
            ("token id", parent.token_id.as_ref().map(ToString::to_string)),
        ]),
    })
}
