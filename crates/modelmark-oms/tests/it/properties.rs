//! What holds for all payloads, statements and bytes.

use modelmark_digest::Sha256Digest;
use modelmark_oms::{Bundle, Predicate, Statement, pre_authentication_encoding};
use proptest::prelude::*;
use serde_json::json;

proptest! {
    #[test]
    fn two_messages_never_encode_alike(a in "[a-z /0-9]{0,9}", b in prop::collection::vec(any::<u8>(), 0..20), c in "[a-z /0-9]{0,9}", d in prop::collection::vec(any::<u8>(), 0..20)) {
        let alike = pre_authentication_encoding(&a, &b) == pre_authentication_encoding(&c, &d);
        prop_assert_eq!(alike, a == c && b == d);
    }

    #[test]
    fn statements_read_back(name in ".*", digest in any::<[u8; 32]>(), kind in ".*", text in ".*", number in any::<i64>()) {
        let statement = Statement {
            name,
            digest: Sha256Digest::from(digest),
            predicate_type: kind,
            predicate: json!({"text": text, "number": number, "list": [null, true, {}]}),
        };
        prop_assert_eq!(Statement::read(&statement.bytes()).unwrap(), statement);
    }

    #[test]
    fn lists_read_back_in_any_order(names in prop::collection::btree_set("[a-z!./ -]{1,12}", 1..12), seed in any::<u64>()) {
        let digest = |name: &String| Sha256Digest::of(name.as_bytes());
        let mut order: Vec<&String> = names.iter().collect();
        order.sort_by_key(|name| Sha256Digest::of(format!("{seed}{name}").as_bytes()));
        let root: Vec<u8> = order.iter().flat_map(|name| *digest(name).as_bytes()).collect();
        let resources: Vec<_> = order.iter().map(|name| json!({"name": name, "algorithm": "sha256", "digest": digest(name).to_string()})).collect();
        let statement = Statement {
            name: String::new(),
            digest: Sha256Digest::of(&root),
            predicate_type: modelmark_oms::OMS_PREDICATE.to_owned(),
            predicate: json!({"serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": false}, "resources": resources}),
        };
        let plain = |name: &String| name == "." || name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        match Predicate::read(&statement) {
            Ok(predicate) => prop_assert!(names.iter().all(plain) && predicate.resources().keys().eq(names.iter())),
            Err(refused) => prop_assert!(!names.iter().all(plain), "{refused}"),
        }
    }

    #[test]
    fn nothing_panics_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "[\\[\\]{}\":,a-z0-9]{0,80}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let _ = Bundle::read(bytes);
            if let Ok(statement) = Statement::read(bytes) {
                let _ = Predicate::read(&statement);
            }
        }
    }
}
