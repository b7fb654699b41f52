//! The committed JSON Schemas are those of the types, and say the same as the reader.

use std::path::PathBuf;

use modelmark_record::{Record, SignedRecord, record_schema, signatures_schema};
use serde_json::{Value, json};

use crate::sample::{canonical, key, sign};

fn committed(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schemas").join(name)
}

fn is_fresh(name: &str, schema: &Value) {
    let text = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
    let path = committed(name);
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "schemas/{name} is stale: run `MODELMARK_BLESS=1 cargo test -p modelmark-record --test it schema` and commit it"
    );
}

#[test]
fn committed_schemas_are_fresh() {
    is_fresh("record-v1.schema.json", &record_schema());
    is_fresh("signatures-v1.schema.json", &signatures_schema());
}

#[test]
fn schema_and_reader_agree_on_the_vectors() {
    let validator = jsonschema::validator_for(&record_schema()).unwrap();
    let vectors: Value = serde_json::from_str(include_str!("../../../../vectors/record/record.json")).unwrap();
    let records = vectors.get("records").and_then(Value::as_array).unwrap();
    for vector in records {
        let errors: Vec<String> = validator.iter_errors(vector.get("record").unwrap()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let sample = serde_json::from_slice(canonical().bytes()).unwrap();
    assert!(validator.is_valid(&sample));
    for (pointer, value) in [
        ("/name", json!("")),
        ("/image", json!("javascript:alert(1)")),
        ("/provenance/weightsHash", json!("ab")),
        ("/provenance/model/size", json!(1.5)),
        ("/provenance/model/cid", json!("Qm")),
        ("/provenance/model/files", json!([])),
        ("/provenance/creator/account", json!("0x0")),
        ("/provenance/license", json!({"spdx": "MIT", "x": 1})),
        ("/provenance/type", json!("https://modelmark.dev/provenance/v2")),
        ("/attributes", json!([{"trait_type": "x", "value": 1.5}])),
        ("/attributes", json!(null)),
    ] {
        let mut changed = sample.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&changed), "{pointer}");
    }
    for (key, value) in [
        ("training", json!({})),
        ("training", json!({"code": {}})),
        ("training", json!({"code": {"commit": "main"}})),
        ("training", json!({"energyKwh": 1})),
        ("training", json!({"image": "a b"})),
        ("considerations", json!({})),
        ("considerations", json!({"personalData": "maybe"})),
        ("rights", json!({"trainingMining": "no"})),
        ("tokenizer", json!({})),
        ("attachments", json!([])),
    ] {
        let mut changed = sample.clone();
        changed.pointer_mut("/provenance").unwrap().as_object_mut().unwrap().insert(key.to_owned(), value.clone());
        assert!(!validator.is_valid(&changed), "{key}: {value}");
        assert!(Record::parse(&serde_jcs::to_vec(&changed).unwrap()).is_err(), "{key}: {value}");
    }
}

#[test]
fn signature_documents_follow_their_schema() {
    let validator = jsonschema::validator_for(&signatures_schema()).unwrap();
    let signed = SignedRecord::sign_with(canonical(), |authorship| sign(&key(0), authorship)).unwrap();
    let mut document: Value = serde_json::from_slice(&signed.document_bytes().unwrap()).unwrap();
    assert!(validator.is_valid(&document));
    *document.pointer_mut("/signatures/0/signature").unwrap() = json!("0x0");
    assert!(!validator.is_valid(&document));
}
