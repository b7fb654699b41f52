//! Data items and bundles: those of arbundles are read as it reads them, ours verify, and what is changed does not.
#![expect(clippy::indexing_slicing, reason = "a vector without the field is a failed test")]

use std::fs;

use alloy::primitives::{B256, eip191_hash_message};
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use bytes::Bytes;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use modelmark_remote::arweave::{
    ArweaveKey, DataItem, DeepHash, Draft, ItemError, ItemId, ItemSigner, SignatureType, Tag, blob, bound_data, list, read_bundle,
    write_bundle,
};
use modelmark_testkit::tools::workspace;
use proptest::prelude::*;
use serde_json::Value;

/// The Ethereum key of the vectors.
struct TestKey {
    signer: PrivateKeySigner,
    owner: Vec<u8>,
}

impl TestKey {
    fn new() -> Self {
        let signer: PrivateKeySigner = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80".parse().unwrap();
        let owner = signer.credential().verifying_key().to_encoded_point(false).as_bytes().to_vec();
        Self { signer, owner }
    }
}

impl ItemSigner for TestKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::Ethereum
    }

    fn owner(&self) -> &[u8] {
        &self.owner
    }

    fn sign(&self, message: &DeepHash) -> Result<Vec<u8>, String> {
        let hash = B256::from(eip191_hash_message(message));
        Ok(self.signer.sign_hash_sync(&hash).map_err(|error| error.to_string())?.as_bytes().to_vec())
    }
}

fn arweave_key() -> ArweaveKey {
    ArweaveKey::from_jwk(&fs::read_to_string(workspace().join("vectors/arweave/keys/arweave.json")).unwrap()).unwrap()
}

fn json(file: &str) -> Value {
    serde_json::from_slice(&fs::read(workspace().join(file)).unwrap()).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

fn bytes(value: &Value, key: &str) -> Bytes {
    BASE64URL_NOPAD.decode(text(value, key).as_bytes()).unwrap().into()
}

fn tags(value: &Value) -> Vec<Tag> {
    value["tags"].as_array().unwrap().iter().map(|tag| Tag::new(text(tag, "name"), text(tag, "value"))).collect()
}

#[test]
fn items_of_arbundles_are_read_and_verify() {
    let vectors = json("vectors/arweave/items.json");
    let items = vectors["items"].as_array().unwrap();
    for case in items {
        let (name, item) = (text(case, "name"), DataItem::read(bytes(case, "item")).unwrap());
        assert_eq!(u64::from(item.signature_type().number()), case["type"].as_u64().unwrap(), "{name}");
        assert_eq!(item.id().to_string(), text(case, "id"), "{name}");
        assert_eq!((item.owner(), item.data()), (&bytes(case, "owner"), &bytes(case, "data")), "{name}");
        assert_eq!(item.tags(), tags(case), "{name}");
        assert_eq!(item.target().map_or(&[][..], |target| target), bytes(case, "target"), "{name}");
        assert_eq!(item.anchor().map_or(&[][..], |anchor| anchor), bytes(case, "anchor"), "{name}");
        assert_eq!(HEXLOWER.encode(&item.message()), text(case, "deepHash"), "{name}");
        assert_eq!(item.verify(), Ok(()), "{name}");
        assert_eq!(bound_data(&item.id(), item.bytes().clone()).as_ref(), Ok(item.data()), "{name}");
    }
    for kind in SignatureType::ALL {
        assert!(items.iter().any(|case| case["type"] == kind.number()), "{kind:?}");
    }
}

#[test]
fn our_items_are_those_of_arbundles() {
    let key = TestKey::new();
    for case in json("vectors/arweave/items.json")["items"].as_array().unwrap().iter().filter(|case| case["type"] == 3) {
        let field = |name| bytes(case, name).as_ref().try_into().ok();
        let draft = Draft { target: field("target"), anchor: field("anchor"), tags: tags(case) };
        // ECDSA has no random part as both sign it (RFC 6979), so it is the very same item.
        assert_eq!(draft.item(&bytes(case, "data"), &key).unwrap().bytes(), &bytes(case, "item"), "{}", text(case, "name"));
    }
}

#[test]
fn an_arweave_key_signs_what_verifies() {
    let key = arweave_key();
    let item = Draft::new(vec![Tag::new("App-Name", "modelmark")]).item(b"a record", &key).unwrap();
    assert_eq!((item.verify(), item.signature_type(), item.owner().as_ref()), (Ok(()), SignatureType::Arweave, key.owner()));
    assert_eq!(key.address(), ItemId::of(key.owner()));
    assert_eq!(format!("{key:?}"), format!("ArweaveKey({})", key.address()));
}

#[test]
fn keys_that_are_none_are_refused_without_showing_them() {
    let good = fs::read_to_string(workspace().join("vectors/arweave/keys/arweave.json")).unwrap();
    let changed = |key: &str, value: Value| {
        let mut jwk: Value = serde_json::from_str(&good).unwrap();
        jwk[key] = value;
        jwk.to_string()
    };
    let (zeros, short) = (BASE64URL_NOPAD.encode(&[0; 256]), BASE64URL_NOPAD.encode(&[255; 256]));
    let p = text(&serde_json::from_str(&good).unwrap(), "p").to_owned();
    for wrong in [
        "secret".to_owned(),
        "{}".to_owned(),
        changed("kty", "EC".into()),
        changed("n", short.as_str().into()),
        changed("d", "secret!".into()),
        changed("d", zeros.as_str().into()),
        changed("p", zeros.into()),
        changed("q", p.into()),
        changed("qi", 7.into()),
    ] {
        let error = ArweaveKey::from_jwk(&wrong).unwrap_err();
        assert!(matches!(error, ItemError::Key(_)));
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn a_signer_that_signs_with_another_key_is_noticed() {
    struct Other(TestKey, Vec<u8>);
    impl ItemSigner for Other {
        fn signature_type(&self) -> SignatureType {
            SignatureType::Ethereum
        }
        fn owner(&self) -> &[u8] {
            &self.1
        }
        fn sign(&self, message: &DeepHash) -> Result<Vec<u8>, String> {
            self.0.sign(message)
        }
    }
    let other = PrivateKeySigner::random().credential().verifying_key().to_encoded_point(false).as_bytes().to_vec();
    assert!(matches!(Draft::new(Vec::new()).item(b"", &Other(TestKey::new(), other)), Err(ItemError::Signature(_))));
}

#[test]
fn deep_hashes_are_those_of_arbundles() {
    fn hash(value: &Value) -> DeepHash {
        match value {
            Value::Array(parts) => list(&parts.iter().map(hash).collect::<Vec<_>>()),
            text => blob(text.as_str().unwrap().as_bytes()),
        }
    }
    for case in json("vectors/arweave/items.json")["deepHashes"].as_array().unwrap() {
        assert_eq!(HEXLOWER.encode(&hash(&case["value"])), text(case, "hash"), "{case}");
    }
}

#[test]
fn bundles_of_arbundles_are_read_and_written() {
    for case in json("vectors/arweave/items.json")["bundles"].as_array().unwrap() {
        let bundle = bytes(case, "bundle");
        let held = read_bundle(&bundle).unwrap();
        let ids: Vec<String> = held.iter().map(|held| held.item.id().to_string()).collect();
        let expected: Vec<&str> = case["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{}", text(case, "name"));
        let top: Vec<DataItem> = held.into_iter().filter(|held| held.depth == 0).map(|held| held.item).collect();
        assert_eq!(write_bundle(&top), bundle, "{}", text(case, "name"));
    }
}

#[test]
fn hostile_items_and_bundles_are_refused() {
    let attacks = json("attacks/arweave/items.json");
    for case in attacks["items"].as_array().unwrap() {
        let id: ItemId = text(case, "id").parse().unwrap();
        let error = bound_data(&id, bytes(case, "item")).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(text(case, "error")), "{}: {error}", text(case, "name"));
    }
    for case in attacks["bundles"].as_array().unwrap() {
        let error = read_bundle(&bytes(case, "bundle")).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(text(case, "error")), "{}: {error}", text(case, "name"));
    }
}

#[test]
fn another_item_is_not_the_one_that_was_asked_for() {
    let vectors = json("vectors/arweave/items.json");
    let (one, two) = (&vectors["items"][4], &vectors["items"][5]);
    let error = bound_data(&text(one, "id").parse().unwrap(), bytes(two, "item")).unwrap_err();
    assert!(matches!(error, ItemError::Id { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_signed_is_read_as_it_was(
        data in prop::collection::vec(any::<u8>(), 0..300),
        target in any::<Option<[u8; 32]>>(),
        anchor in any::<Option<[u8; 32]>>(),
        tags in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..90), prop::collection::vec(any::<u8>(), 0..200)), 0..13),
    ) {
        let tags: Vec<Tag> = tags.into_iter().map(|(name, value)| Tag { name, value }).collect();
        let item = Draft { target, anchor, tags: tags.clone() }.item(&data, &TestKey::new()).unwrap();
        prop_assert_eq!(item.verify(), Ok(()));
        prop_assert_eq!((item.target(), item.anchor(), item.tags(), item.data().as_ref()), (target.as_ref(), anchor.as_ref(), &*tags, &*data));
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..3000), kind in 0_u8..6) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = kind;
        }
        if let Some(second) = bytes.get_mut(1) {
            *second = 0;
        }
        if let Ok(item) = DataItem::read(bytes.clone().into()) {
            prop_assert!(item.verify().is_err());
        }
        prop_assert!(read_bundle(&bytes.into()).is_err());
    }

    #[test]
    fn one_bit_is_enough(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let key = TestKey::new();
        let item = Draft::new(vec![Tag::new("a", "b")]).item(b"some data", &key).unwrap();
        let mut bytes = item.bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let changed = bound_data(&item.id(), bytes.into());
        prop_assert!(changed.is_err(), "byte {}", at);
    }

    #[test]
    fn ids_have_one_spelling(bytes in any::<[u8; 32]>()) {
        let id = ItemId::new(bytes);
        prop_assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn any_text_is_an_id_or_not(text in "[A-Za-z0-9_-]{40,46}|.{0,50}") {
        if let Ok(id) = text.parse::<ItemId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
