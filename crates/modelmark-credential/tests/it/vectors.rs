//! Credentials that others made: the W3C's vectors, and what foreign libraries issue (see `vectors/credential/README.md`).

use modelmark_credential::{Against, Check, Code, PublicKey, Status, Verdict, verify};
use serde_json::Value;

use crate::sample::at;

const W3C: &str = include_str!("../../../../vectors/credential/w3c.json");
const SELECTIVE: &str = include_str!("../../../../vectors/credential/sd-jwt.json");
const FOREIGN: &str = include_str!("../../../../vectors/credential/foreign.json");

#[test]
fn the_vector_of_the_w3c_verifies() {
    let vector: Value = serde_json::from_str(W3C).unwrap();
    let key: PublicKey = vector["issuerKey"].as_str().unwrap().parse().unwrap();
    let against = Against { issuer_key: Some(&key), ..Against::time(at("2026-11-23T12:00:00Z")) };
    let text = vector["credential"].to_string();
    assert_eq!(verify(text.as_bytes(), &against).verdict, Verdict::Verified);
    assert_eq!(verify(text.as_bytes(), &Against { issuer_key: None, ..against }).codes(), [Code::KeyUnknown]);
    let altered = text.replace("School of Examples", "School of Forgery");
    assert_eq!(verify(altered.as_bytes(), &against).codes(), [Code::BadSignature]);
}

#[test]
fn credentials_of_foreign_libraries_verify() {
    let vectors: Value = serde_json::from_str(FOREIGN).unwrap();
    let credentials = vectors["credentials"].as_array().unwrap();
    assert_eq!(credentials.len(), 5);
    for vector in credentials {
        let key = vector.get("issuerKey").map(|jwk| PublicKey::from_jwk(jwk).unwrap());
        let against = Against { issuer_key: key.as_ref(), ..Against::time(at(vectors["at"].as_str().unwrap())) };
        let report = verify(vector["credential"].as_str().unwrap().as_bytes(), &against);
        assert_eq!(report.verdict, Verdict::Verified, "{}: {report:#?}", vector["label"]);
    }
}

#[test]
fn tokens_that_the_package_sd_jwt_makes_verify() {
    let vectors: Value = serde_json::from_str(SELECTIVE).unwrap();
    let key = PublicKey::from_jwk(&vectors["issuerKey"]).unwrap();
    let against = Against { issuer_key: Some(&key), ..Against::time(at(vectors["at"].as_str().unwrap())) };
    let tokens = vectors["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 6);
    for vector in tokens {
        let token = vector["token"].as_str().unwrap().as_bytes();
        let bound = vector.get("bound").is_some();
        let asked = Against { audience: vectors["audience"].as_str(), nonce: vectors["nonce"].as_str().filter(|_| bound), ..against };
        let report = verify(token, &asked);
        assert_eq!(report.verdict, Verdict::Verified, "{}: {report:#?}", vector["label"]);
        assert_eq!(report.credential.as_ref(), Some(&vector["claims"]), "{}", vector["label"]);
        assert_eq!(report.checks.iter().any(|finding| finding.check == Check::Holder && finding.status == Status::Passed), bound);
    }
}
