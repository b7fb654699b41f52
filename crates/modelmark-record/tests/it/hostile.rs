//! What an attacker, or an accident, may put in place of a record.

use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::{CanonicalRecord, Edge, MAX_RECORD_BYTES, Parent, Record, RecordError, Relation, SignatureDocument};
use serde_json::{Value, json};

use crate::sample::{canonical, record};

/// The sample with one value changed, in canonical form.
fn changed(pointer: &str, value: Value) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(canonical().bytes()).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
    serde_jcs::to_vec(&document).unwrap()
}

fn hash(text: &str) -> String {
    Sha256Digest::of(text.as_bytes()).to_0x()
}

/// An attachment whose CID is of one text and whose SHA-256 of another.
fn attachment(name: &str, cid: &str, sha256: &str) -> Value {
    let cid = ContentId::raw(cid.as_bytes());
    json!({"name": name, "mediaType": "text/plain", "cid": cid, "sha256": hash(sha256), "size": 1})
}

#[test]
fn a_gigabyte_is_refused_by_its_length() {
    // The pages are never touched: nothing reads them.
    let gigabyte = vec![0; 1 << 30];
    assert!(matches!(Record::parse(&gigabyte), Err(RecordError::TooLarge { .. })));
    assert!(matches!(SignatureDocument::parse(&gigabyte), Err(RecordError::TooLarge { .. })));
}

#[test]
fn deep_nesting_is_refused_before_parsing() {
    for open in ["[", "{\"a\":"] {
        let deep = open.repeat(10_000);
        assert!(matches!(Record::parse(deep.as_bytes()), Err(RecordError::TooDeep { .. })));
        assert!(matches!(SignatureDocument::parse(deep.as_bytes()), Err(RecordError::TooDeep { .. })));
    }
}

#[test]
fn canonical_form_is_the_only_form() {
    let bytes = canonical().bytes().to_vec();
    assert!(Record::parse(&bytes).is_ok());
    let pretty = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(&bytes).unwrap()).unwrap();
    assert!(matches!(Record::parse(&pretty), Err(RecordError::NotCanonical { offset: 1, .. })));
    let mut trailing = bytes.clone();
    trailing.push(b'\n');
    assert_eq!(Record::parse(&trailing), Err(RecordError::NotCanonical { what: "record", offset: bytes.len() }));
}

#[test]
fn every_prefix_is_refused() {
    let bytes = canonical().bytes().to_vec();
    for end in 0..bytes.len() {
        assert!(Record::parse(bytes.get(..end).unwrap()).is_err());
    }
}

#[test]
fn contradictions_are_refused() {
    let token = json!({"relation": "merge", "shareBps": 5001, "parent": {"tokenId": "1"}});
    let other = json!({"relation": "merge", "shareBps": 5000, "parent": {"tokenId": "2"}});
    let account = json!("eip155:1:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    let half = json!({"account": account, "shareBps": 5000});
    for (pointer, value) in [
        ("/provenance/model/size", json!(12)),
        ("/provenance/model/kind", json!("file")),
        ("/provenance/weights/files", json!(["missing"])),
        ("/provenance/weights/files", json!([])),
        ("/provenance/weights/files", json!(["model.safetensors", "model.safetensors"])),
        ("/provenance/weights/files", json!(["model.safetensors", "README.md"])),
        ("/provenance/weights/files", json!(["README.md"])),
        ("/provenance/modelArchitecture", json!("bert")),
        ("/provenance/datasetCid", json!("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")),
        ("/provenance/lineage", json!([token, other])),
        ("/provenance/lineage", json!([other, other])),
        ("/provenance/lineage", json!([{"relation": "merge", "parent": {"name": "x"}}])),
        ("/provenance/contributors", json!([half])),
        ("/provenance/contributors", json!([half, half])),
        ("/provenance/training", json!({"code": {"dirty": true}})),
        ("/provenance/training", json!({"startedAt": "2026-01-01T00:00:01Z", "finishedAt": "2026-01-01T00:00:00.9Z"})),
        ("/provenance/training", json!({"devices": 0})),
        ("/provenance/training", json!({"energyKwh": "-0"})),
        ("/provenance/training", json!({"co2Grams": "-1e5"})),
        ("/provenance/attachments", json!([attachment("a", "a", "b")])),
        ("/provenance/attachments", json!([attachment("a", "a", "a"), attachment("a", "b", "b")])),
        ("/provenance/lineage", json!([{"relation": "merge", "parent": {"tokenId": "1"}, "evidence": [hash("a"), hash("a")]}])),
        // An object in which nothing stands is absent.
        ("/provenance/training", json!({})),
        ("/provenance/training", json!({"code": {}})),
        ("/provenance/considerations", json!({})),
        ("/provenance/rights", json!({})),
        ("/attributes", json!([{"trait_type": "x", "value": 1}])),
        ("/attributes", json!([{"trait_type": "x", "value": "1", "display_type": "number"}])),
    ] {
        let refused = Record::parse(&changed(pointer, value.clone()));
        assert!(matches!(refused, Err(RecordError::Inconsistent { .. })), "{pointer} {value}: {refused:?}");
    }
}

#[test]
fn empty_and_oversized_lists_are_refused() {
    let label = |at: usize| json!(format!("x{at}"));
    let many = |count: usize, item: &dyn Fn(usize) -> Value| Value::Array((0..count).map(item).collect());
    let dataset = |at: usize| json!({"role": "other", "name": format!("d{at}")});
    let evaluation = |_: usize| json!({"metric": "m", "value": "1"});
    let edge = |at: usize| json!({"relation": "merge", "parent": {"tokenId": at.to_string()}});
    for (pointer, limit, item) in [
        ("/provenance/tags", 64, &label as &dyn Fn(usize) -> Value),
        ("/provenance/datasets", 256, &dataset),
        ("/provenance/evaluations", 1000, &evaluation),
        ("/provenance/lineage", 32, &edge),
        ("/provenance/model/ignored", 16, &label),
        ("/provenance/attachments", 64, &|at| attachment(&at.to_string(), "a", "a")),
    ] {
        assert!(Record::parse(&changed(pointer, many(limit, item))).is_ok(), "{pointer}");
        assert!(matches!(Record::parse(&changed(pointer, many(limit + 1, item))), Err(RecordError::Inconsistent { .. })), "{pointer}");
        // An empty list has one spelling: no key.
        assert!(matches!(Record::parse(&changed(pointer, json!([]))), Err(RecordError::NotCanonical { .. })), "{pointer}");
    }
    let settings: serde_json::Map<String, Value> = (0..257).map(|at| (format!("k{at}"), json!(at))).collect();
    assert!(Record::parse(&changed("/provenance/trainingConfig", Value::Object(settings))).is_err());
}

#[test]
fn a_record_of_too_many_files_is_refused_when_it_is_made() {
    let mut large = record();
    let file = large.provenance.model.files.first().cloned().unwrap();
    let names = (0..6000).map(|at| format!("README.{at:05}"));
    let mut files: Vec<_> =
        names.map(|name| modelmark_record::ModelFile { path: name.as_str().try_into().unwrap(), ..file.clone() }).collect();
    files.append(&mut large.provenance.model.files.split_off(1));
    large.provenance.model.size = files.iter().map(|file| file.size.get()).sum::<u64>().try_into().unwrap();
    large.provenance.model.files = files;
    assert!(matches!(large.canonical(), Err(RecordError::TooLarge { limit: MAX_RECORD_BYTES, .. })));
}

#[test]
fn a_model_is_not_its_own_parent() {
    let mut own = record();
    let parent = Parent { cid: Some(own.provenance.model.cid), ..Parent::default() };
    own.provenance.lineage.push(Edge { relation: Relation::Version, share_bps: None, parent, evidence: vec![] });
    assert!(matches!(own.canonical(), Err(RecordError::Inconsistent { field: "provenance.lineage", .. })));
}

#[test]
fn private_things_do_not_enter_but_are_still_read() {
    let mut leaking = record();
    leaking.description = "Ask jane@example.org".parse().unwrap();
    assert_eq!(leaking.canonical(), Err(RecordError::Private { field: "description".to_owned(), reason: "an e-mail address" }));
    // Whoever verifies a foreign record must be able to read it: it is public already.
    assert!(CanonicalRecord::parse(&serde_jcs::to_vec(&leaking).unwrap()).is_ok());
}

#[test]
fn a_signature_document_is_as_strict_as_a_record() {
    let id = canonical().id();
    let entry = format!(
        r#"{{"scheme":"eip712","signature":"0x{}","signer":"eip155:1:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"}}"#,
        "ab".repeat(65)
    );
    let document = |entries: &str| format!(r#"{{"record":"{id}","signatures":[{entries}],"type":"https://modelmark.dev/signatures/v1"}}"#);
    let good = document(&entry);
    assert!(SignatureDocument::parse(good.as_bytes()).is_ok());
    for bad in [
        good.replace("eip712", "eip191"),
        good.replace("/v1", "/v2"),
        good.replace("abab", "ABAB"),
        good.replace("0xab", "ab"),
        good.replace("\"scheme\"", "\"extra\":1,\"scheme\""),
        good.replace("abab\"", "aba\""),
        good.replace("{\"record\"", "{ \"record\""),
        good.replace("0xf39F", "0xf39f"),
        good.replace(&"ab".repeat(65), ""),
        good.replace(&"ab".repeat(65), &"ab".repeat((1 << 14) + 1)),
        good.replace("eip155:1:", "eip155:01:"),
        document(&vec![entry.as_str(); 300].join(",")),
    ] {
        assert!(SignatureDocument::parse(bad.as_bytes()).is_err(), "{bad}");
    }
}
