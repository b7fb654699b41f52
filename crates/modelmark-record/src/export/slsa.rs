//! SLSA provenance v1 in an in-toto Statement v1: training as a build.

use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use crate::{CanonicalRecord, Code, Dataset, Edge, Provenance};

use super::document;

/// The `buildType` of our statements, defined in docs/spec/exports.md.
pub const TRAINING_BUILD_TYPE: &str = "https://modelmark.dev/training/v1";

/// Returns the record as an in-toto Statement with a SLSA provenance predicate. It is unsigned, and says no more than the record: SLSA build level 0.
///
/// Subjects are the model's files. The builder is the creator's account, who alone vouches for what is said about the run.
#[must_use]
pub fn slsa(record: &CanonicalRecord) -> Vec<u8> {
    let provenance = &record.record().provenance;
    let training = provenance.training.as_ref();
    let subject = |file: &crate::ModelFile| json!({ "name": file.path.as_str(), "digest": { "sha256": file.sha256.to_string() } });
    document(json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": provenance.model.files.iter().map(subject).collect::<Vec<_>>(),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": TRAINING_BUILD_TYPE,
                "externalParameters": parameters(record),
                "internalParameters": training.map(|training| json!({ "hardware": training.hardware, "devices": training.devices })),
                "resolvedDependencies": dependencies(provenance),
            },
            "runDetails": {
                "builder": { "id": format!("did:pkh:{}", provenance.creator.account) },
                "metadata": training.map(|training| json!({
                    "invocationId": training.run,
                    "startedOn": training.started_at,
                    "finishedOn": training.finished_at,
                })),
                "byproducts": byproducts(record),
            },
        },
    }))
}

fn parameters(record: &CanonicalRecord) -> Value {
    let provenance = &record.record().provenance;
    let config = provenance.training_config.iter().map(|(key, value)| (key.to_string(), json!(value)));
    json!({
        "name": record.record().name,
        "version": provenance.version,
        "task": provenance.task,
        "framework": provenance.framework,
        "config": Map::from_iter(config),
    })
}

fn dependencies(provenance: &Provenance) -> Vec<Value> {
    let datasets = provenance.datasets.iter().map(dataset);
    let training = provenance.training.as_ref();
    let code = training.and_then(|training| training.code.as_ref()).map(code);
    let image = training.and_then(|training| training.image.as_ref()).map(|image| image_of(image.as_str()));
    datasets.chain(provenance.lineage.iter().map(parent)).chain(code).chain(image).collect()
}

fn code(code: &Code) -> Value {
    json!({
        "name": "code",
        "uri": code.uri.as_ref().map(|uri| format!("git+{uri}")),
        "digest": { "gitCommit": code.commit },
        "annotations": { "kind": "code", "dirty": code.dirty },
    })
}

fn image_of(image: &str) -> Value {
    let (name, digest) = image.rsplit_once("sha256:").map_or((image, None), |(name, digest)| (name.trim_end_matches('@'), Some(digest)));
    json!({
        "name": "image",
        "uri": if name.is_empty() { format!("oci:sha256:{}", digest.unwrap_or_default()) } else { format!("oci:{name}") },
        "digest": { "sha256": digest },
        "annotations": { "kind": "image" },
    })
}

fn dataset(dataset: &Dataset) -> Value {
    // A CID is an address that the bytes are held against; as `sha256` it would be the digest of something else.
    let uri = dataset.cid.map(|cid| format!("ipfs://{cid}")).or_else(|| dataset.uri.as_ref().map(ToString::to_string));
    json!({
        "name": dataset.name,
        "uri": uri,
        "digest": {
            "sha256": dataset.sha256.map(|digest| digest.to_string()),
            "modelmarkDatasetRoot": dataset.root.map(|digest| digest.to_string()),
        },
        "downloadLocation": dataset.uri,
        "annotations": { "kind": "dataset", "role": dataset.role, "license": dataset.license, "revision": dataset.revision },
    })
}

fn parent(edge: &Edge) -> Value {
    let parent = &edge.parent;
    json!({
        "name": "base_model",
        "uri": parent.cid.map(|cid| format!("ipfs://{cid}")).or_else(|| parent.uri.as_ref().map(ToString::to_string)),
        // Of several files it is the digest of a list, so that it cannot stand as `sha256`.
        "digest": { "modelmarkWeightsHash": parent.weights_hash.map(|digest| digest.to_string()) },
        "downloadLocation": parent.uri,
        "annotations": { "kind": "model", "relation": edge.relation, "name": parent.name, "token": parent.token, "tokenId": parent.token_id },
    })
}

fn byproducts(record: &CanonicalRecord) -> Vec<Value> {
    let evaluations = &record.record().provenance.evaluations;
    let measured = serde_json_canonicalizer::to_vec(evaluations).ok().filter(|_| !evaluations.is_empty());
    let measured = measured.map(|json| json!({ "name": "evaluations", "mediaType": "application/json", "content": BASE64.encode(&json) }));
    let record = json!({
        "name": "provenance record",
        "uri": record.id().token_uri(),
        "mediaType": "application/json",
        "digest": { "sha256": record.id().digest().to_string() },
    });
    [record].into_iter().chain(measured).collect()
}
