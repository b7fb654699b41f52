//! The binding of key and account: both signatures count, for this key, this account and this time alone.

use alloy::primitives::{Signature, U256, hex};
use alloy::signers::SignerSync as _;
use modelmark_credential::{Algorithm, BindingError, Code, KeyBinding, Validity, Verdict};
use serde_json::{Value, json};

use crate::sample::{at, bind, check, creator, credential, expect_fault, key, noon, other, signed_anew, validity};

/// Puts a changed binding into the sample and signs that anew, as a dishonest holder of the key could.
fn with_binding(change: impl FnOnce(&mut Value)) -> modelmark_credential::Report {
    let mut changed = credential();
    change(&mut changed["evidence"][0]);
    check(&signed_anew(changed))
}

#[test]
fn what_was_signed_cannot_be_changed() {
    assert_eq!(with_binding(|_| {}).verdict, Verdict::Verified);
    expect_fault(&with_binding(|binding| binding["notAfter"] = "2099-01-01T00:00:00Z".into()), Code::BadAccountSignature);
    expect_fault(&with_binding(|binding| binding["notBefore"] = "2020-01-01T00:00:00Z".into()), Code::BadAccountSignature);
    expect_fault(&with_binding(|binding| binding["nonce"] = format!("0x{}", "00".repeat(32)).into()), Code::BadAccountSignature);
    expect_fault(&with_binding(|binding| binding["purpose"] = "authentication".into()), Code::WrongPurpose);
    expect_fault(&with_binding(|binding| binding["key"] = key(Algorithm::Ed25519, 8).public().did().into()), Code::WrongAccount);
    expect_fault(&with_binding(|binding| binding["more"] = "x".into()), Code::Malformed);
    expect_fault(&with_binding(|binding| binding["type"] = "Other".into()), Code::BindingMissing);
    expect_fault(&with_binding(|binding| binding["accountSignature"] = "0x00".into()), Code::Malformed);
    let lower = |binding: &mut Value| binding["account"] = binding["account"].as_str().unwrap().to_lowercase().into();
    expect_fault(&with_binding(lower), Code::Malformed);
}

#[test]
fn both_have_to_sign() {
    let (ours, theirs) = (key(Algorithm::Ed25519, 7), key(Algorithm::Ed25519, 8));
    let replaced = |name: &'static str, from: Value| with_binding(move |binding| binding[name] = from[name].clone());
    // Signatures over other bindings of the same two: another nonce, another statement.
    let another = bind(&ours, &creator(), validity()).to_json();
    expect_fault(&replaced("accountSignature", another.clone()), Code::BadAccountSignature);
    expect_fault(&replaced("keySignature", another), Code::BadKeySignature);
    expect_fault(&replaced("keySignature", bind(&theirs, &creator(), validity()).to_json()), Code::BadKeySignature);
    expect_fault(&replaced("accountSignature", bind(&ours, &other(), validity()).to_json()), Code::BadAccountSignature);
    let mut two = credential();
    two["evidence"] = json!([two["evidence"][0], two["evidence"][0]]);
    expect_fault(&check(&signed_anew(two)), Code::BindingMissing);
}

#[test]
fn the_other_signature_with_the_same_meaning_is_refused() {
    let order = U256::from_str_radix("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16).unwrap();
    let high = |binding: &mut Value| {
        let bytes = hex::decode(binding["accountSignature"].as_str().unwrap()).unwrap();
        let low = Signature::from_raw(&bytes).unwrap();
        let high = Signature::new(low.r(), order - low.s(), !low.v());
        binding["accountSignature"] = hex::encode_prefixed(high.as_bytes()).into();
    };
    expect_fault(&with_binding(high), Code::HighS);
    let recovery = |binding: &mut Value| {
        let text = binding["accountSignature"].as_str().unwrap();
        binding["accountSignature"] = format!("{}{:02x}", &text[..130], u8::from_str_radix(&text[130..], 16).unwrap() - 27).into();
    };
    expect_fault(&with_binding(recovery), Code::BadAccountSignature);
}

#[test]
fn a_binding_that_ended_binds_nothing() {
    let rebound = |from: &str, until: &str| {
        let short = Validity { from: at(from), until: at(until) };
        let binding = bind(&key(Algorithm::Ed25519, 7), &creator(), short).to_json();
        let mut changed = credential();
        changed["evidence"] = json!([binding]);
        check(&signed_anew(changed))
    };
    assert_eq!(rebound("2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z").verdict, Verdict::Verified);
    expect_fault(&rebound("2026-01-01T00:00:00Z", "2026-06-01T11:59:59Z"), Code::Expired);
    expect_fault(&rebound("2026-06-01T12:00:01Z", "2026-12-31T00:00:00Z"), Code::NotYetValid);
}

#[test]
fn a_signer_that_answers_with_something_else_is_found_out() {
    let key = key(Algorithm::Ed25519, 7);
    let new = || KeyBinding::new(&key.public(), creator().address(), noon(), noon()).unwrap();
    let wrong = new().sign_with(&key, |binding| other().sign_hash_sync(&binding.signing_hash()).map(|signature| signature.as_bytes()));
    assert!(matches!(wrong, Err(BindingError::NotTheAccounts(_))));
    assert!(matches!(new().sign_with(&key, |_| Err::<[u8; 65], _>("no")), Err(BindingError::Signer(_))));
    assert_ne!(new().signing_hash(), new().signing_hash(), "two bindings are never one");
    let backwards = KeyBinding::new(&key.public(), creator().address(), noon(), at("2026-01-01T00:00:00Z"));
    assert!(matches!(backwards, Err(BindingError::Times { .. })));
}

/// The digest that wallets compute from the typed data; `docs/spec/credential.md` has the types.
#[test]
fn the_statement_is_the_one_that_wallets_show() {
    use alloy::dyn_abi::TypedData;
    let binding = bind(&key(Algorithm::Ed25519, 7), &creator(), validity());
    let told = binding.to_json();
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let typed: TypedData = serde_json::from_value(json!({
        "types": {
            "EIP712Domain": [field("name", "string"), field("version", "string")],
            "KeyBinding": [
                field("did", "string"), field("purpose", "string"), field("account", "address"),
                field("notBefore", "uint64"), field("notAfter", "uint64"), field("nonce", "bytes32"),
            ],
        },
        "primaryType": "KeyBinding",
        "domain": {"name": "modelmark", "version": "1"},
        "message": {
            "did": told["key"], "purpose": "assertionMethod", "account": creator().address(),
            "notBefore": validity().from.unix(), "notAfter": validity().until.unix(), "nonce": told["nonce"],
        },
    }))
    .unwrap();
    assert_eq!(typed.eip712_signing_hash().unwrap(), binding.binding().signing_hash());
}
