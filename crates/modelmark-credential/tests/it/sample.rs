//! A record, the keys of its creator and issuer, and a credential over it that verifies.

use alloy::signers::{SignerSync as _, local::PrivateKeySigner};
use modelmark_credential::{
    Against, Algorithm, Code, Instant, Issuer, KeyBinding, Report, SecretKey, SignedBinding, Suite, Validity, Verdict, claims, sign,
    sign_sd_jwt, verify,
};
use modelmark_record::CanonicalRecord;
use serde_json::Value;
use zeroize::Zeroizing;

/// The key of development account 1, the creator of record 1 of `vectors/record`.
const CREATOR: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
/// The key of development account 0.
const OTHER: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const RECORDS: &str = include_str!("../../../../vectors/record/record.json");

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The middle of the sample's validity.
pub(crate) fn noon() -> Instant {
    at("2026-06-01T12:00:00Z")
}

pub(crate) fn validity() -> Validity {
    Validity { from: at("2026-01-01T00:00:00Z"), until: at("2026-12-31T23:59:59Z") }
}

/// Returns record `index` of the foreign vectors.
pub(crate) fn record(index: usize) -> CanonicalRecord {
    let vectors: Value = serde_json::from_str(RECORDS).unwrap();
    CanonicalRecord::parse(vectors["records"][index]["canonical"].as_str().unwrap().as_bytes()).unwrap()
}

pub(crate) fn key(algorithm: Algorithm, byte: u8) -> SecretKey {
    SecretKey::from_secret(algorithm, &Zeroizing::new([byte; 32])).unwrap()
}

pub(crate) fn creator() -> PrivateKeySigner {
    CREATOR.parse().unwrap()
}

pub(crate) fn other() -> PrivateKeySigner {
    OTHER.parse().unwrap()
}

pub(crate) fn bind(key: &SecretKey, signer: &PrivateKeySigner, validity: Validity) -> SignedBinding {
    let binding = KeyBinding::new(&key.public(), signer.address(), validity.from, validity.until).unwrap();
    binding.sign_with(key, |binding| signer.sign_hash_sync(&binding.signing_hash()).map(|signature| signature.as_bytes())).unwrap()
}

/// Returns a credential with an embedded proof over the largest record of the vectors.
pub(crate) fn credential() -> Value {
    embedded(Suite::Jcs)
}

/// Returns the same credential under one suite or the other.
pub(crate) fn embedded(suite: Suite) -> Value {
    let key = key(Algorithm::Ed25519, 7);
    let issuer = Issuer::of_key(&key.public());
    let unsecured = claims(&record(1), &issuer, validity(), &bind(&key, &creator(), validity())).unwrap();
    sign(unsecured, suite, &issuer, &key, noon()).unwrap()
}

/// Returns a token with all disclosures over the same record, which anybody can show.
pub(crate) fn token() -> String {
    let key = key(Algorithm::Ed25519, 7);
    sign_sd_jwt(&record(1), &Issuer::of_key(&key.public()), validity(), &bind(&key, &creator(), validity()), None, &key).unwrap()
}

/// Signs a changed credential anew, with the key that the sample has.
pub(crate) fn signed_anew(mut credential: Value) -> Value {
    let key = key(Algorithm::Ed25519, 7);
    credential.as_object_mut().unwrap().remove("proof");
    sign(credential, Suite::Jcs, &Issuer::of_key(&key.public()), &key, noon()).unwrap()
}

pub(crate) fn check(credential: &Value) -> Report {
    verify(credential.to_string().as_bytes(), &Against::time(noon()))
}

/// Expects that the credential does not verify, and why.
#[track_caller]
pub(crate) fn expect_fault(report: &Report, code: Code) {
    assert_eq!((report.verdict, report.codes().contains(&code)), (Verdict::DoesNotVerify, true), "{report:#?}");
}
