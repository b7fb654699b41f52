//! Credentials as JSON Web Tokens: ours verify, and none of the known ways to confuse a reader of tokens works.

use data_encoding::BASE64URL_NOPAD;
use modelmark_credential::{Against, Algorithm, Code, Issuer, Report, Verdict, claims, sign_jwt, verify};
use serde_json::{Value, json};

use crate::sample::{at, bind, creator, expect_fault, key, noon, record, validity};

fn token(algorithm: Algorithm) -> String {
    let key = key(algorithm, 7);
    let issuer = Issuer::of_key(&key.public());
    sign_jwt(&claims(&record(1), &issuer, validity(), &bind(&key, &creator(), validity())).unwrap(), &issuer, &key).unwrap()
}

fn check(token: &str) -> Report {
    verify(token.as_bytes(), &Against::time(noon()))
}

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(token.split('.').nth(index).unwrap().as_bytes()).unwrap()).unwrap()
}

/// Puts another header and other claims into a token, signed anew with the sample's Ed25519 key.
fn signed(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(claims.as_bytes()));
    format!("{message}.{}", BASE64URL_NOPAD.encode(&key(Algorithm::Ed25519, 7).sign(message.as_bytes())))
}

fn with_header(change: impl FnOnce(&mut Value)) -> Report {
    let token = token(Algorithm::Ed25519);
    let mut header = part(&token, 0);
    change(&mut header);
    check(&signed(&header.to_string(), &part(&token, 1).to_string()))
}

fn with_claims(change: impl FnOnce(&mut Value)) -> Report {
    let token = token(Algorithm::Ed25519);
    let mut claims = part(&token, 1);
    change(&mut claims);
    check(&signed(&part(&token, 0).to_string(), &claims.to_string()))
}

#[test]
fn both_algorithms_verify() {
    for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
        let (token, record) = (token(algorithm), record(1));
        let report = verify(token.as_bytes(), &Against { record: Some(&record), ..Against::time(noon()) });
        assert_eq!((report.verdict, report.suite.as_deref()), (Verdict::Verified, Some(algorithm.jose())), "{report:#?}");
        assert_eq!(part(&token, 0)["typ"], "vc+jwt");
        expect_fault(&verify(token.as_bytes(), &Against::time(at("2027-01-01T00:00:00Z"))), Code::Expired);
    }
    assert_eq!(with_header(|_| {}).verdict, Verdict::Verified);
}

#[test]
fn algorithms_cannot_be_confused() {
    expect_fault(&with_header(|header| header["alg"] = "none".into()), Code::ForbiddenAlgorithm);
    expect_fault(&with_header(|header| header["alg"] = "nOnE".into()), Code::ForbiddenAlgorithm);
    expect_fault(&with_header(|header| header["alg"] = "HS256".into()), Code::ForbiddenAlgorithm);
    expect_fault(&with_header(|header| header["alg"] = "ES256".into()), Code::WrongAlgorithm);
    expect_fault(&with_header(|header| header["alg"] = Value::Null), Code::Malformed);
    for foreign in ["ES256K", "RS256", "ML-DSA-44"] {
        let report = with_header(|header| header["alg"] = foreign.into());
        assert_eq!((report.verdict, report.suite.as_deref()), (Verdict::CouldNotLook, Some(foreign)));
    }
    for name in ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"] {
        expect_fault(&with_header(|header| header[name] = json!([name])), Code::ForbiddenHeader);
    }
    for other in ["JWT", "kb+jwt", "dc+sd-jwt", "vp+jwt", "VC+JWT"] {
        expect_fault(&with_header(|header| header["typ"] = other.into()), Code::Malformed);
    }
    expect_fault(&with_header(|header| drop(header.as_object_mut().unwrap().remove("typ"))), Code::Malformed);
    expect_fault(&with_header(|header| header["cty"] = "vp".into()), Code::Malformed);
    assert_eq!(with_header(|header| drop(header.as_object_mut().unwrap().remove("cty"))).verdict, Verdict::Verified);
    let unsigned = token(Algorithm::Ed25519);
    expect_fault(&check(&unsigned[..=unsigned.rfind('.').unwrap()]), Code::BadSignature);
}

/// A header may name the key by its method, by the fragment alone or not at all; never another's key.
#[test]
fn the_key_is_the_issuers() {
    let (own, mallory) = (key(Algorithm::Ed25519, 7).public(), key(Algorithm::Ed25519, 8).public());
    for kid in [own.verification_method(), format!("#{}", own.multikey()), own.multikey()] {
        assert_eq!(with_header(|header| header["kid"] = kid.clone().into()).verdict, Verdict::Verified, "{kid}");
    }
    assert_eq!(with_header(|header| drop(header.as_object_mut().unwrap().remove("kid"))).verdict, Verdict::Verified);
    expect_fault(&with_header(|header| header["kid"] = mallory.verification_method().into()), Code::WrongIssuer);
    expect_fault(&with_header(|header| header["kid"] = mallory.multikey().into()), Code::BadKey);
    expect_fault(&with_header(|header| header["kid"] = "../../dev/null".into()), Code::BadKey);
    expect_fault(&with_header(|header| header["kid"] = "https://evil.example/key".into()), Code::WrongIssuer);
    expect_fault(&with_header(|header| header["kid"] = json!(7)), Code::Malformed);
    expect_fault(&with_header(|header| header["iss"] = mallory.did().into()), Code::WrongIssuer);
    // The claims of one issuer, signed by another who names the own key.
    let token = token(Algorithm::Ed25519);
    let mut header = part(&token, 0);
    header["kid"] = mallory.verification_method().into();
    let message = format!("{}.{}", BASE64URL_NOPAD.encode(header.to_string().as_bytes()), token.split('.').nth(1).unwrap());
    let forged = format!("{message}.{}", BASE64URL_NOPAD.encode(&key(Algorithm::Ed25519, 8).sign(message.as_bytes())));
    expect_fault(&check(&forged), Code::WrongIssuer);
}

#[test]
fn a_token_for_somebody_is_for_nobody_else() {
    let with_audience = |audience: Value, own: Option<&str>| {
        let token = token(Algorithm::Ed25519);
        let mut claims = part(&token, 1);
        claims["aud"] = audience;
        verify(signed(&part(&token, 0).to_string(), &claims.to_string()).as_bytes(), &Against { audience: own, ..Against::time(noon()) })
    };
    assert_eq!(with_audience("https://a.example".into(), Some("https://a.example")).verdict, Verdict::Verified);
    assert_eq!(with_audience(json!(["x", "https://a.example"]), Some("https://a.example")).verdict, Verdict::Verified);
    for (audience, own) in [
        (json!("https://a.example"), None),
        (json!("https://a.example"), Some("https://a.example/")),
        (json!([]), Some("https://a.example")),
        (json!([1, null]), Some("1")),
        (Value::Null, Some("null")),
    ] {
        expect_fault(&with_audience(audience, own), Code::WrongAudience);
    }
}

#[test]
fn claims_bind_the_issuer_and_the_time() {
    expect_fault(&with_claims(|claims| claims["iss"] = "did:key:z6Mk".into()), Code::WrongIssuer);
    expect_fault(&with_claims(|claims| claims["issuer"] = key(Algorithm::Ed25519, 8).public().did().into()), Code::WrongIssuer);
    expect_fault(&with_claims(|claims| claims["exp"] = 1.into()), Code::Expired);
    expect_fault(&with_claims(|claims| claims["nbf"] = 4_000_000_000_u64.into()), Code::NotYetValid);
    expect_fault(&with_claims(|claims| claims["exp"] = "tomorrow".into()), Code::Malformed);
    expect_fault(&with_claims(|claims| claims["exp"] = json!(-1)), Code::Malformed);
    expect_fault(&with_claims(|claims| claims["nbf"] = json!([1])), Code::Malformed);
    assert_eq!(with_claims(|claims| claims["exp"] = json!(4e9 + 0.5)).verdict, Verdict::Verified);
    expect_fault(&with_claims(|claims| claims["sub"] = "ipfs://other".into()), Code::Malformed);
    expect_fault(&with_claims(|claims| claims["jti"] = "urn:uuid:1".into()), Code::Malformed);
    expect_fault(&with_claims(|claims| claims["vc"] = json!({})), Code::Malformed);
    expect_fault(&with_claims(|claims| claims["credentialSubject"]["record"]["name"] = "x".into()), Code::AlteredRecord);
    expect_fault(&with_claims(|claims| claims["evidence"] = json!([])), Code::BindingMissing);
}

#[test]
fn damaged_tokens_are_refused() {
    let token = token(Algorithm::P256);
    for (bad, code) in [
        (format!("{token}.x"), Code::Malformed),
        (token.replacen('.', "", 1), Code::Malformed),
        (token.replacen('e', "=", 2).replacen('=', "e", 1), Code::NotBase64),
        (format!("{token}=="), Code::NotBase64),
        (signed("{\"alg\":\"none\",\"alg\":\"EdDSA\"}", "{}"), Code::DuplicateKey),
        (signed(&part(&token, 0).to_string(), "[]"), Code::Malformed),
    ] {
        expect_fault(&check(&bad), code);
    }
    expect_fault(&check(&"eyJ".repeat(3 << 20)), Code::TooLarge);
    let last = token.len() - 20;
    let swapped = if &token[last..=last] == "A" { "B" } else { "A" };
    expect_fault(&check(&format!("{}{swapped}{}", &token[..last], &token[last + 1..])), Code::BadSignature);
}
