//! Credentials whose proof signs RDF: ours verify, no change to them does, and of other shapes it is said that they are not read.

use modelmark_credential::{Against, Algorithm, Code, IssueError, Issuer, Suite, Verdict, sign, verify};
use serde_json::{Value, json};

use crate::sample::{at, check, embedded, expect_fault, key, noon, record};

fn credential() -> Value {
    embedded(Suite::Rdfc)
}

#[test]
fn ours_verifies_and_carries_the_whole_record() {
    let (credential, record) = (credential(), record(1));
    let report = verify(credential.to_string().as_bytes(), &Against { record: Some(&record), ..Against::time(noon()) });
    assert_eq!((report.verdict, report.suite.as_deref()), (Verdict::Verified, Some("eddsa-rdfc-2022")), "{report:#?}");
    assert_eq!(credential["credentialSubject"]["record"].as_str().unwrap().as_bytes(), record.bytes());
    assert!(credential["proof"].get("@context").is_none(), "the suite takes the credential's");
    expect_fault(&verify(credential.to_string().as_bytes(), &Against::time(at("2027-01-01T00:00:00Z"))), Code::Expired);
    let other = crate::sample::record(0);
    expect_fault(&verify(credential.to_string().as_bytes(), &Against { record: Some(&other), ..Against::time(noon()) }), Code::OtherRecord);
}

#[test]
fn every_changed_added_or_dropped_value_is_found_out() {
    let credential = credential();
    let places = ["", "/credentialSubject", "/evidence/0", "/proof"];
    let mut seen = 0;
    for place in places {
        for key in credential.pointer(place).unwrap().as_object().unwrap().keys() {
            let mut changed = credential.clone();
            let object = changed.pointer_mut(place).unwrap().as_object_mut().unwrap();
            for value in [json!("x"), json!("did:x"), json!(1), Value::Null, json!([]), json!({})] {
                object.insert(key.clone(), value);
                assert_ne!(check(&Value::Object(object.clone())).verdict, Verdict::Verified);
            }
            let text = credential.pointer(place).unwrap()[key].as_str().map(|text| format!("{text}0"));
            object.insert(key.clone(), text.map_or(json!(["VerifiableCredential"]), Value::String));
            assert_ne!(check(&changed).verdict, Verdict::Verified, "{place}/{key}");
            changed.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(key);
            assert_ne!(check(&changed).verdict, Verdict::Verified, "{place}/{key}");
            seen += 1;
        }
        let mut added = credential.clone();
        added.pointer_mut(place).unwrap()["more"] = "x".into();
        assert_ne!(check(&added).verdict, Verdict::Verified, "{place}");
    }
    assert!(seen > 25);
}

#[test]
fn the_same_quads_in_another_document_are_no_credential_of_ours() {
    // To RDF these say nothing new; to a reader of JSON they might.
    let mut second = credential();
    second["evidence"] = json!([second["evidence"][0], second["evidence"][0]]);
    let mut bare = credential();
    bare["evidence"] = bare["evidence"][0].clone();
    let mut reordered = credential();
    reordered["type"].as_array_mut().unwrap().reverse();
    let mut merged = credential();
    merged["evidence"][0]["id"] = merged["id"].clone();
    for other in [second, bare, reordered, merged] {
        let report = check(&other);
        assert_eq!((report.verdict, report.codes()), (Verdict::CouldNotLook, vec![Code::UnsupportedSuite]), "{other}");
    }
}

#[test]
fn what_is_signed_as_json_is_not_taken_for_rdf() {
    let (mut json, mut rdf) = (embedded(Suite::Jcs), credential());
    json["proof"]["cryptosuite"] = "eddsa-rdfc-2022".into();
    assert_eq!(check(&json).verdict, Verdict::CouldNotLook);
    rdf["proof"]["cryptosuite"] = "eddsa-jcs-2022".into();
    expect_fault(&check(&rdf), Code::BadSignature);
}

#[test]
fn only_our_own_claims_are_signed_as_rdf() {
    let key = key(Algorithm::Ed25519, 7);
    let issuer = Issuer::of_key(&key.public());
    for claims in [json!({}), json!([]), json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "credentialSubject": {"record": 1}})]
    {
        assert!(matches!(sign(claims, Suite::Rdfc, &issuer, &key, noon()), Err(IssueError::Unwritable(_))));
    }
}
