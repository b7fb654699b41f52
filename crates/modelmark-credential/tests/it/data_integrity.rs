//! Credentials with an embedded proof: ours verify, and no change to them goes unseen.

use modelmark_credential::{Against, Algorithm, Check, Code, IssueError, Issuer, Status, Suite, Verdict, claims, sign, verify};
use serde_json::{Value, json};

use crate::sample::{at, bind, check, creator, credential, expect_fault, key, noon, other, record, signed_anew, validity};

#[test]
fn ours_verifies_and_every_check_was_made() {
    let (credential, record) = (credential(), record(1));
    let report = verify(credential.to_string().as_bytes(), &Against { record: Some(&record), ..Against::time(noon()) });
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    let skipped: Vec<_> = report.checks.iter().filter(|finding| finding.status == Status::Skipped).map(|finding| finding.check).collect();
    assert_eq!(skipped, [Check::Revocation]);
    assert_eq!(report.issuer.as_deref(), Some(key(Algorithm::Ed25519, 7).public().did().as_str()));
    assert_eq!(report.suite.as_deref(), Some("eddsa-jcs-2022"));
    // White space and the order of keys are not signed.
    let pretty = format!("\n{}\n", serde_json::to_string_pretty(&credential).unwrap());
    assert_eq!(verify(pretty.as_bytes(), &Against::time(noon())).verdict, Verdict::Verified);
}

#[test]
fn every_changed_value_is_found_out() {
    fn paths(value: &Value, here: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(key, value)| {
                paths(value, &format!("{here}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }),
            Value::Array(values) => values.iter().enumerate().for_each(|(index, value)| paths(value, &format!("{here}/{index}"), found)),
            _ => found.push(here.to_owned()),
        }
    }
    let credential = credential();
    let mut found = Vec::new();
    paths(&credential, "", &mut found);
    assert!(found.len() > 80);
    for path in found {
        let mut changed = credential.clone();
        let value = changed.pointer_mut(&path).unwrap();
        *value = match value {
            Value::String(text) => format!("{text}x").into(),
            _ => json!(12_345),
        };
        assert_ne!(check(&changed).verdict, Verdict::Verified, "{path}");
        if credential.pointer(&path) != Some(&json!("")) {
            *changed.pointer_mut(&path).unwrap() = json!("");
            assert_ne!(check(&changed).verdict, Verdict::Verified, "{path}");
        }
    }
    for place in ["", "/proof", "/credentialSubject", "/credentialSubject/record", "/evidence/0"] {
        let mut added = credential.clone();
        added.pointer_mut(place).unwrap()["more"] = "x".into();
        assert_ne!(check(&added).verdict, Verdict::Verified, "{place}");
    }
}

#[test]
fn time_decides_and_both_ends_belong_to_it() {
    let text = credential().to_string();
    let verdict = |time: &str| verify(text.as_bytes(), &Against::time(at(time)));
    for inside in ["2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z"] {
        assert_eq!(verdict(inside).verdict, Verdict::Verified);
    }
    expect_fault(&verdict("2025-12-31T23:59:59Z"), Code::NotYetValid);
    expect_fault(&verdict("2027-01-01T00:00:00Z"), Code::Expired);
}

#[test]
fn what_cannot_be_looked_at_is_said_and_named() {
    for (place, value, code) in [
        ("/proof/cryptosuite", "ecdsa-rdfc-2019", Code::UnsupportedSuite),
        ("/proof/cryptosuite", "eddsa-rdfc-2022", Code::UnsupportedSuite),
        ("/proof/type", "Ed25519Signature2020", Code::UnsupportedSuite),
    ] {
        let mut foreign = credential();
        *foreign.pointer_mut(place).unwrap() = value.into();
        let report = check(&foreign);
        assert_eq!((report.verdict, report.codes()), (Verdict::CouldNotLook, vec![code]));
        assert_eq!(report.suite.as_deref(), Some(value));
    }
    let mut two = credential();
    two["proof"] = json!([two["proof"], two["proof"]]);
    assert_eq!(check(&two).codes(), [Code::UnsupportedSuite]);
    let mut chained = credential();
    chained["proof"]["previousProof"] = "urn:uuid:1".into();
    assert_eq!(check(&chained).codes(), [Code::UnsupportedSuite]);

    let mut revocable = credential();
    revocable["credentialStatus"] = json!({"type": "BitstringStatusListEntry"});
    let report = check(&signed_anew(revocable));
    assert_eq!((report.verdict, report.codes()), (Verdict::CouldNotLook, vec![Code::StatusNotChecked]));
}

#[test]
fn a_proof_of_somebody_else_is_refused() {
    let (mallory, record) = (key(Algorithm::Ed25519, 8), record(1));
    let issuer = Issuer::of_key(&mallory.public());
    // The key of another in the proof, with the issuer left as it was.
    let mut unsecured = credential();
    unsecured.as_object_mut().unwrap().remove("proof");
    expect_fault(&check(&sign(unsecured.clone(), Suite::Jcs, &issuer, &mallory, noon()).unwrap()), Code::WrongIssuer);
    // The issuer changed as well: now the binding is for another key.
    unsecured["issuer"] = issuer.did().into();
    expect_fault(&check(&sign(unsecured.clone(), Suite::Jcs, &issuer, &mallory, noon()).unwrap()), Code::WrongAccount);
    // Without the binding nothing leads to the account.
    unsecured.as_object_mut().unwrap().remove("evidence");
    expect_fault(&check(&sign(unsecured, Suite::Jcs, &issuer, &mallory, noon()).unwrap()), Code::BindingMissing);
    // An account of their own, but the record is another's.
    let own = bind(&mallory, &other(), validity());
    assert!(matches!(claims(&record, &issuer, validity(), &own), Err(IssueError::NotTheCreators(_))));
    let mut stolen = credential();
    stolen["issuer"] = issuer.did().into();
    stolen["evidence"] = json!([own.to_json()]);
    stolen.as_object_mut().unwrap().remove("proof");
    expect_fault(&check(&sign(stolen.clone(), Suite::Jcs, &issuer, &mallory, noon()).unwrap()), Code::WrongAccount);
    stolen["credentialSubject"]["creator"] = own.to_json()["account"].clone();
    expect_fault(&check(&sign(stolen, Suite::Jcs, &issuer, &mallory, noon()).unwrap()), Code::WrongAccount);
}

#[test]
fn an_issuer_may_not_alter_the_record() {
    let change = |path: &str, value: Value| {
        let mut changed = credential();
        *changed.pointer_mut(path).unwrap() = value;
        check(&signed_anew(changed))
    };
    expect_fault(&change("/credentialSubject/record/name", "other".into()), Code::AlteredRecord);
    expect_fault(&change("/credentialSubject/recordDigest", record(0).id().to_string().into()), Code::AlteredRecord);
    expect_fault(
        &change("/credentialSubject/id", "ipfs://bafkreie2ckidrwnablwqz5vh5iczzjikqe2esbq2xb4erty2cpvp34z3fq".into()),
        Code::AlteredRecord,
    );
    expect_fault(&change("/credentialSubject/record", json!({})), Code::AlteredRecord);
    expect_fault(&change("/credentialSubject/record", Value::Null), Code::AlteredRecord);
    let other_record = record(0);
    let against = Against { record: Some(&other_record), ..Against::time(noon()) };
    expect_fault(&verify(credential().to_string().as_bytes(), &against), Code::OtherRecord);
}

#[test]
fn proofs_for_other_purposes_and_contexts_are_refused() {
    let change = |path: &str, value: Value| {
        let mut changed = credential();
        *changed.pointer_mut(path).unwrap() = value;
        check(&changed)
    };
    expect_fault(&change("/proof/proofPurpose", "authentication".into()), Code::WrongPurpose);
    expect_fault(&change("/proof/@context", json!(["https://www.w3.org/ns/credentials/v2"])), Code::WrongContext);
    let mut more = credential();
    more["@context"].as_array_mut().unwrap().push("https://evil.example/context".into());
    expect_fault(&check(&more), Code::WrongContext);
    expect_fault(&change("/@context/0", "https://www.w3.org/2018/credentials/v1".into()), Code::Malformed);
    expect_fault(&change("/proof/proofValue", "z1".into()), Code::Malformed);
    expect_fault(&change("/proof/proofValue", format!("z{}", "1".repeat(1_000_000)).into()), Code::Malformed);
    expect_fault(
        &change("/proof/verificationMethod", "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc#x".into()),
        Code::WrongIssuer,
    );
}

#[test]
fn a_key_of_another_curve_is_refused() {
    let p256 = key(Algorithm::P256, 7);
    let issuer = Issuer::of_key(&p256.public());
    let unsecured = claims(&record(1), &issuer, validity(), &bind(&p256, &creator(), validity())).unwrap();
    assert!(matches!(sign(unsecured.clone(), Suite::Jcs, &issuer, &p256, noon()), Err(IssueError::WrongKey { .. })));
    let mut forged = credential();
    forged["issuer"] = issuer.did().into();
    forged["proof"]["verificationMethod"] = p256.public().verification_method().into();
    expect_fault(&check(&forged), Code::WrongAlgorithm);
}

#[test]
fn an_organisation_issues_under_its_pinned_document() {
    let key = key(Algorithm::Ed25519, 7);
    let document = |listed: &str, controller: &str| {
        json!({
            "id": "did:web:models.example",
            "verificationMethod": [{"id": "#key-1", "type": "Multikey", "controller": controller, "publicKeyMultibase": listed}],
            "assertionMethod": ["did:web:models.example#key-1"],
            "authentication": ["#key-1"],
        })
        .to_string()
    };
    let pinned = document(&key.public().multikey(), "did:web:models.example");
    let issuer = Issuer::of_document(pinned.as_bytes(), &key.public()).unwrap();
    assert_eq!(issuer.did(), "did:web:models.example");
    let unsecured = claims(&record(1), &issuer, validity(), &bind(&key, &creator(), validity())).unwrap();
    let mut unpinned = unsecured.clone();
    unpinned.as_object_mut().unwrap().remove("relatedResource").unwrap();
    let text = sign(unsecured.clone(), Suite::Jcs, &issuer, &key, noon()).unwrap().to_string();

    let held =
        |text: &str, document: &str| verify(text.as_bytes(), &Against { did_document: Some(document.as_bytes()), ..Against::time(noon()) });
    assert_eq!(held(&text, &pinned).verdict, Verdict::Verified, "{:#?}", held(&text, &pinned));
    let without = verify(text.as_bytes(), &Against::time(noon()));
    assert_eq!((without.verdict, without.codes()), (Verdict::CouldNotLook, vec![Code::KeyUnknown]));
    // The document that it was issued under, to the byte.
    expect_fault(&held(&text, &format!("{pinned} ")), Code::OtherDocument);
    let mallory = crate::sample::key(Algorithm::Ed25519, 8).public();
    let theirs = document(&mallory.multikey(), "did:web:models.example");
    expect_fault(&held(&text, &theirs), Code::OtherDocument);
    let repinned = |resources: Value| {
        let mut changed = unsecured.clone();
        changed["relatedResource"] = resources;
        held(&sign(changed, Suite::Jcs, &issuer, &key, noon()).unwrap().to_string(), &pinned)
    };
    let resource = unsecured["relatedResource"][0].clone();
    assert_eq!(repinned(resource.clone()).verdict, Verdict::Verified);
    assert_eq!(repinned(json!([{"id": "https://other.example", "digestSRI": "sha256-AAAA"}, resource])).verdict, Verdict::Verified);
    expect_fault(&repinned(json!([resource, {"id": "did:web:models.example", "digestSRI": "sha256-AAAA"}])), Code::OtherDocument);
    let foreign = repinned(json!({"id": "did:web:models.example", "digestSRI": "sha384-AAAA"}));
    assert_eq!((foreign.verdict, foreign.codes()), (Verdict::CouldNotLook, vec![Code::UnsupportedSuite]));
    // Another's credential may name no document; then the one that is given decides.
    let text = sign(unpinned, Suite::Jcs, &issuer, &key, noon()).unwrap().to_string();
    assert_eq!(held(&text, &pinned).verdict, Verdict::Verified);
    expect_fault(&held(&text, &theirs), Code::BadSignature);
    expect_fault(&held(&text, &document(&key.public().multikey(), "did:web:evil.example")), Code::KeyNotListed);
    expect_fault(&held(&text, &pinned.replace("did:web:models.example", "did:web:evil.example")), Code::KeyNotListed);
    expect_fault(&held(&text, &pinned.replace("assertionMethod", "keyAgreement")), Code::KeyNotListed);
    expect_fault(&held(&text, "{\"id\":1,\"id\":2}"), Code::DuplicateKey);
    assert!(Issuer::of_document(pinned.as_bytes(), &mallory).is_err());
    // A key that the caller trusts stands for the document.
    let given = key.public();
    let against = Against { issuer_key: Some(&given), ..Against::time(noon()) };
    assert_eq!(verify(text.as_bytes(), &against).verdict, Verdict::Verified);
    let against = Against { issuer_key: Some(&mallory), ..Against::time(noon()) };
    expect_fault(&verify(text.as_bytes(), &against), Code::BadSignature);
    expect_fault(&verify(credential().to_string().as_bytes(), &against), Code::WrongIssuer);
}

/// An account has one name, the same on every chain, and signs no credential itself.
#[test]
fn an_account_is_named_in_one_way() {
    let named = |creator: &str| {
        let mut changed = credential();
        changed["credentialSubject"]["creator"] = creator.into();
        check(&signed_anew(changed))
    };
    let address = creator().address().to_checksum(None);
    assert_eq!(named(&format!("did:pkh:eip155:1:{address}")).verdict, Verdict::Verified);
    for other in [
        format!("did:pkh:eip155:31337:{address}"),
        format!("did:pkh:eip155:1:{}", address.to_lowercase()),
        format!("did:pkh:eip155:1:{address} "),
        format!("did:pkh:eip155:1:{address}#blockchainAccountId"),
        format!("did:ethr:{address}"),
        format!("eip155:1:{address}"),
        "did:pkh:solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ:CKg5d12Jhpej1JqtmxLJgaFqqeYjxgPqToJ4LBdvG9Ev".to_owned(),
        "did:pkh:eip155:1:0x".to_owned(),
    ] {
        expect_fault(&named(&other), Code::Malformed);
    }
    let mut own = credential();
    own["issuer"] = format!("did:pkh:eip155:1:{address}").into();
    own["proof"]["verificationMethod"] = format!("did:pkh:eip155:1:{address}#blockchainAccountId").into();
    assert_eq!(check(&own).codes(), [Code::KeyUnknown]);
}

#[test]
fn texts_that_are_no_credential_are_refused() {
    let refused = |text: &str| verify(text.as_bytes(), &Against::time(noon()));
    for (text, code) in [
        ("", Code::NotJson),
        ("[]", Code::Malformed),
        ("{}", Code::Malformed),
        ("{\"a\":1,\"\\u0061\":1}", Code::DuplicateKey),
        ("{\"a\":9007199254740992}", Code::NotJson),
    ] {
        let report = refused(text);
        assert_eq!((report.verdict, report.codes()), (Verdict::DoesNotVerify, vec![code]), "{text}");
    }
    expect_fault(&refused(&format!("{{\"a\":{}", "[".repeat(1_000_000))), Code::TooDeep);
    expect_fault(&refused(&format!("{{\"a\":\"{}\"}}", "a".repeat(5 << 20))), Code::TooLarge);
    let without = |key: &str| {
        let mut changed = credential();
        changed.as_object_mut().unwrap().remove(key);
        check(&changed)
    };
    for key in ["@context", "type", "issuer", "credentialSubject", "proof"] {
        expect_fault(&without(key), Code::Malformed);
    }
    let twice = credential().to_string().replacen("\"issuer\":", "\"issuer\":\"did:key:z6Mk\",\"issuer\":", 1);
    expect_fault(&refused(&twice), Code::DuplicateKey);
}
