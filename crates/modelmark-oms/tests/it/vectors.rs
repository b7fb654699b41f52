//! What the reference client signs, and the forms of the specification that it does not write.

use std::collections::BTreeMap;
use std::fs;

use modelmark_oms::{Options, Trust, verify};
use serde_json::Value;

use crate::world::{Model, NOW, certificates, codes, public, vectors};

fn bundles() -> (BTreeMap<String, BTreeMap<String, String>>, Vec<Value>) {
    let file: Value = serde_json::from_slice(&fs::read(vectors().join("bundles.json")).unwrap()).unwrap();
    (serde_json::from_value(file["models"].clone()).unwrap(), file["bundles"].as_array().unwrap().clone())
}

#[test]
fn foreign_bundles_verify() {
    let (models, cases) = bundles();
    let mut verified = 0;
    for case in cases.iter().filter(|case| case["key"].is_string()) {
        let name = case["name"].as_str().unwrap();
        let model = Model::of(&models[case["model"].as_str().unwrap()]);
        let path = case["file"].as_str().map_or_else(|| model.path(), |file| model.path().join(file));
        let key = public(case["key"].as_str().unwrap());
        let ignored = case["ignored"].as_array().into_iter().flatten();
        let options = Options { ignore_paths: ignored.map(|path| path.as_str().unwrap().to_owned()).collect(), ..Options::default() };
        let bundle = case["bundle"].as_str().unwrap().as_bytes();
        let report = verify(&path, bundle, Trust::Key(&key), &options, &()).unwrap();
        assert_eq!(report.refused, [], "{name}");
        assert_eq!(codes(&report), [""; 0], "{name}");
        let listed = report.predicate.unwrap();
        assert_eq!(report.matched, listed.resources().len(), "{name}");
        let other = verify(&path, bundle, Trust::Key(&public("other")), &options, &()).unwrap();
        assert_eq!(codes(&other), ["key-hint"], "{name}");
        let first = listed.resources().keys().next().unwrap();
        let piece = case["file"].as_str().unwrap_or(first);
        let altered = model.path().join(piece);
        fs::write(altered, "altered").unwrap();
        let report = verify(&path, bundle, Trust::Key(&key), &options, &()).unwrap();
        assert_eq!(codes(&report), ["file-mismatch"], "{name}");
        verified += 1;
    }
    assert!(verified >= 24, "{verified}");
}

#[test]
fn foreign_certificates_are_believed_or_refused() {
    let (models, cases) = bundles();
    let mut seen = 0;
    for case in cases.iter().filter(|case| case["roots"].is_array()) {
        let name = case["name"].as_str().unwrap();
        let model = Model::of(&models[case["model"].as_str().unwrap()]);
        let roots: Vec<&str> = case["roots"].as_array().unwrap().iter().map(|root| root.as_str().unwrap()).collect();
        let roots = certificates(&roots);
        let trust = Trust::Certificates { roots: &roots, now: NOW };
        let report = verify(&model.path(), case["bundle"].as_str().unwrap().as_bytes(), trust, &Options::default(), &()).unwrap();
        let expected: Vec<&str> = case["refused"].as_str().into_iter().collect();
        assert_eq!(codes(&report), expected, "{name}: {:?}", report.refused);
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}

fn early() -> (BTreeMap<String, BTreeMap<String, String>>, Value) {
    let file: Value = serde_json::from_slice(&fs::read(vectors().join("early.json")).unwrap()).unwrap();
    (serde_json::from_value(file["models"].clone()).unwrap(), file)
}

#[test]
fn bundles_of_version_0_2_verify() {
    let (models, file) = early();
    for case in file["bundles"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let model = Model::of(&models[case["model"].as_str().unwrap()]);
        let bundle = case["bundle"].as_str().unwrap().as_bytes();
        let roots = certificates(&["root"]);
        let key = case["key"].as_str().map(public);
        let trust = key.as_ref().map_or(Trust::Certificates { roots: &roots, now: NOW }, Trust::Key);
        let report = verify(&model.path(), bundle, trust, &Options::default(), &()).unwrap();
        assert_eq!(report.refused, [], "{name}");
        assert_eq!(report.matched, report.predicate.unwrap().resources().len(), "{name}");
        assert!(report.notes.iter().any(|note| note.contains("version 0.2")), "{name}: {:?}", report.notes);
        let other = case["key"].as_str().map_or("p384", |key| if key == "p256" { "other" } else { "p256" });
        let report = verify(&model.path(), bundle, Trust::Key(&public(other)), &Options::default(), &()).unwrap();
        let wanted = if key.is_some() { "signature" } else { "signing-method" };
        assert_eq!(codes(&report), [wanted], "{name}");
        fs::write(model.path().join("more"), "not signed").unwrap();
        let report = verify(&model.path(), bundle, trust, &Options::default(), &()).unwrap();
        assert_eq!(codes(&report), ["file-extra"], "{name}");
    }
}

#[test]
fn what_is_wrong_with_a_statement_of_version_0_2_is_told() {
    let (models, file) = early();
    let cases = file["hand"].as_array().unwrap();
    assert!(cases.len() >= 13);
    for case in cases {
        let model = Model::of(&models["tiny"]);
        let report =
            verify(&model.path(), case["bundle"].as_str().unwrap().as_bytes(), Trust::Key(&public("p256")), &Options::default(), &());
        let expected: Vec<&str> = case["refused"].as_str().into_iter().collect();
        let report = report.unwrap();
        assert_eq!(codes(&report), expected, "{}: {:?}", case["name"], report.refused);
    }
}
