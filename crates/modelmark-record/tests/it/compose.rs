//! From a manifest and facts to a record.

use modelmark_record::{Claims, Facts, Record, RecordError, Scalar};

use modelmark_digest::{Request, digest};
use modelmark_record::{Beside, Document, gather};

use crate::sample::{claims, manifest, record};

fn compose(claims: Claims) -> Result<Record, RecordError> {
    Record::compose(&manifest(), Facts { claims, sources: vec![] })
}

#[test]
fn the_same_facts_give_the_same_record() {
    assert_eq!(record().canonical().unwrap(), record().canonical().unwrap());
    let traits: Vec<String> = record().attributes.iter().map(|trait_| format!("{}={}", trait_.trait_type, trait_.value)).collect();
    assert_eq!(traits, ["License=MIT", "Parameters=4810", "Precision=F32", "Format=safetensors", "Files=2", "Size=11B"]);
    assert!(record().attributes.iter().all(|trait_| trait_.display_type.is_some() == matches!(trait_.value, Scalar::Integer(_))));
    assert_eq!(record().description.as_str(), "sample: a model with 4810 parameters.");
}

#[test]
fn what_is_missing_is_named() {
    for (claims, missing) in [
        (Claims { name: None, ..claims() }, "a name"),
        (Claims { license: None, ..claims() }, "a licence"),
        (Claims { creator: None, ..claims() }, "the creator's account"),
    ] {
        assert!(matches!(compose(claims), Err(RecordError::Missing { field, .. }) if field == missing));
    }
    let mut bare = manifest();
    bare.weights.sha256 = None;
    assert!(matches!(Record::compose(&bare, Facts { claims: claims(), sources: vec![] }), Err(RecordError::Missing { .. })));
}

#[test]
fn what_the_digest_says_fits_a_record() {
    let dir = tempfile::tempdir().unwrap();
    // `sha256sum` spells the second name in its own way.
    for (name, contents) in [("a.bin", "one"), ("b\\c.bin", "two"), ("README.md", "card")] {
        std::fs::write(dir.path().join(name), contents).unwrap();
    }
    let file = dir.path().join("a.bin");
    for path in [dir.path(), file.as_path()] {
        let manifest = digest(path, &Request::default(), &()).unwrap();
        let record = Record::compose(&manifest, Facts { claims: claims(), sources: vec![] }).unwrap().canonical().unwrap();
        assert_eq!(Some(record.record().provenance.weights_hash), manifest.weights.sha256);
    }
}

#[test]
fn a_model_without_recognised_weights_fits_a_record() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("notes.txt"), "x").unwrap();
    let manifest = digest(dir.path(), &Request::default(), &()).unwrap();
    Record::compose(&manifest, Facts { claims: claims(), sources: vec![] }).unwrap().canonical().unwrap();
}

#[test]
fn the_committed_example_fills_its_record() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/digits-mlp/model");
    let manifest = digest(&root, &Request::default(), &()).unwrap();
    let (card, config) = (std::fs::read(root.join("README.md")).unwrap(), std::fs::read(root.join("config.json")).unwrap());
    let beside = Beside {
        parents: &[],
        card: Some(Document { file: "README.md", bytes: &card }),
        config: Some(Document { file: "config.json", bytes: &config }),
        ..Beside::default()
    };
    let capture = gather(Claims { creator: claims().creator, ..Claims::default() }, &beside).unwrap();
    assert!(capture.findings.is_empty() && capture.left_out.is_empty(), "{:?} {:?}", capture.findings, capture.left_out);
    let record = Record::compose(&manifest, capture.facts).unwrap();
    let provenance = &record.canonical().unwrap().into_record().provenance;
    assert_eq!((record.name.as_str(), provenance.license.spdx.as_str()), ("digits-mlp", "Apache-2.0"));
    assert!(record.description.as_str().starts_with("A two-layer perceptron that names the digit"));
    let values: Vec<&str> = provenance.evaluations.iter().map(|evaluation| evaluation.value.as_str()).collect();
    assert_eq!(values, ["0.9194", "0.9196"]);
    assert_eq!(provenance.weights.tensors.as_ref().map(|tensors| tensors.parameters.get()), Some(4810));
}
