//! Whose key signed, found from the signature; and keys as `did:key` names them.

use std::fs;

use modelmark_oms::{Bundle, KeyError, PublicKey, signing_keys};
use serde_json::Value;

use crate::world::{public, vectors};

fn cases(file: &str) -> Vec<Value> {
    let file: Value = serde_json::from_slice(&fs::read(vectors().join(file)).unwrap()).unwrap();
    file["bundles"].as_array().unwrap().clone()
}

/// On every curve, whoever signed, of both versions, with and without a hint.
#[test]
fn the_key_of_a_foreign_bundle_is_found() {
    let (mut curves, mut found) = (std::collections::HashSet::new(), 0);
    for case in cases("bundles.json").iter().chain(&cases("early.json")) {
        let Some(key) = case["key"].as_str().map(public) else { continue };
        let bundle = Bundle::read(case["bundle"].as_str().unwrap().as_bytes()).unwrap();
        let keys = signing_keys(&bundle);
        assert!(keys.contains(&key), "{}", case["name"]);
        // For each of these keys the signature is right: a fingerprint has to say which it is.
        assert!(keys.iter().filter(|key| key.curve() == public("p256").curve()).all(|one| one == &key || one.hint() != key.hint()));
        curves.insert(key.curve());
        found += 1;
    }
    assert!(found > 24 && curves.len() == 3, "{found} {curves:?}");
}

#[test]
fn a_bundle_that_names_another_key_or_a_certificate_has_none() {
    let cases = cases("bundles.json");
    let text = |wanted: &str| cases.iter().find(|case| case[wanted].is_string() || case[wanted].is_array()).unwrap()["bundle"].clone();
    let by_certificate = Bundle::read(text("roots").as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(signing_keys(&by_certificate), []);
    let mut by_key: Value = serde_json::from_str(text("key").as_str().unwrap()).unwrap();
    by_key["verificationMaterial"]["publicKey"]["hint"] = public("other").hint().to_string().into();
    assert_eq!(signing_keys(&Bundle::read(by_key.to_string().as_bytes()).unwrap()), []);
}

/// The keys of did:key's own examples (did-method-key, section on test vectors), and those of no use here.
#[test]
fn dids_that_are_keys_are_read() {
    for did in [
        "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
        "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
        "did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9",
        "did:key:z2J9gaYxrKVpdoG9A4gRnmpnRCcxU6agDtFVVBVdn1JedouoZN7SzcyREXXzWgt3gGiwpoHq7K68X4m32D8HgzG8wv3sY5j7",
    ] {
        let key = PublicKey::from_did(did).unwrap();
        assert_eq!(PublicKey::from_pem(key.to_pem().as_bytes()).unwrap(), key);
    }
    let refused = |did: &str| PublicKey::from_did(did).unwrap_err().to_string();
    assert!(refused("did:web:example.com").contains("only did:key says"));
    assert!(refused("did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2").contains("Ed25519"));
    assert!(refused("did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme").contains("secp256k1"));
    for bad in ["did:key:z", "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU216", "did:key:z0", "did:key:mAAAA"] {
        assert!(matches!(PublicKey::from_did(bad), Err(KeyError::Malformed { .. })), "{bad}");
    }
    assert!(matches!(PublicKey::from_did(&format!("did:key:z{}", "1".repeat(100_000))), Err(KeyError::Malformed { .. })));
}
