//! Envelopes by themselves: what is signed is read with that key only, and not when a byte of it is another.

use data_encoding::BASE64;
use modelmark_oms::{Code, Envelope};
use serde_json::{Value, json};

use crate::world::{key, public, vectors};

const STATEMENT: &[u8] = br#"{"_type":"https://in-toto.io/Statement/v1"}"#;

fn written(name: &str) -> Value {
    serde_json::from_slice(&Envelope::sign(STATEMENT.to_vec(), &key(name)).unwrap().bytes()).unwrap()
}

fn refused(envelope: &Value, name: &str) -> Code {
    let read = Envelope::read(envelope.to_string().as_bytes());
    read.and_then(|envelope| envelope.authenticate(&public(name)).map(<[u8]>::to_vec)).unwrap_err().code
}

#[test]
fn what_a_key_signed_only_this_key_vouches_for() {
    for name in ["p256", "p384", "p521"] {
        let bytes = Envelope::sign(STATEMENT.to_vec(), &key(name)).unwrap().bytes();
        assert_eq!(Envelope::read(&bytes).unwrap().authenticate(&public(name)).unwrap(), STATEMENT, "{name}");
        assert_eq!(written(name)["signatures"][0]["keyid"], public(name).hint().to_string());
        assert_eq!(refused(&written(name), "other"), Code::KeyHint);
    }
}

#[test]
fn another_payload_type_signature_or_reading_is_refused() {
    let honest = written("p256");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = honest.clone();
        change(&mut changed);
        refused(&changed, "p256")
    };
    assert_eq!(with(&|it| it["payload"] = json!(BASE64.encode(b"{}"))), Code::Signature);
    assert_eq!(with(&|it| it["payloadType"] = json!("text/plain")), Code::PayloadType);
    assert_eq!(with(&|it| it["signatures"] = json!([])), Code::SignatureMissing);
    assert_eq!(with(&|it| it["signatures"] = json!(vec![it["signatures"][0].clone(); 9])), Code::TooLarge);
    assert_eq!(with(&|it| it["signatures"][0]["sig"] = json!("AAAA")), Code::Signature);
    assert_eq!(with(&|it| it["signatures"][0]["sig"] = json!("%")), Code::Base64);
    assert_eq!(with(&|it| it["signatures"][0]["keyid"] = json!(7)), Code::Field);
    assert_eq!(with(&|it| it["more"] = json!(1)), Code::Field);
    // A wrong signature is not made good by a right one beside it.
    assert_eq!(with(&|it| it["signatures"] = json!([it["signatures"][0], written("other")["signatures"][0]])), Code::Signature);
    let twice = honest.to_string().replacen('{', r#"{"payload":"e30=","#, 1);
    assert_eq!(Envelope::read(twice.as_bytes()).unwrap_err().code, Code::Json);
    assert_eq!(Envelope::read(b"").unwrap_err().code, Code::Json);
}

/// What is committed is what we write; `vectors/export/check.py` has another client of DSSE read it.
#[test]
fn the_committed_envelope_is_fresh() {
    let written = vectors().join("../export/written");
    let statement: Value = serde_json::from_slice(&std::fs::read(written.join("vsa.json")).unwrap()).unwrap();
    let bytes = [Envelope::sign(statement.to_string().into_bytes(), &key("p384")).unwrap().bytes(), b"\n".to_vec()].concat();
    let path = written.join("vsa.dsse.json");
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        std::fs::write(&path, &bytes).unwrap();
    }
    assert!(
        std::fs::read(&path).unwrap_or_default() == bytes,
        "vectors/export/written/vsa.dsse.json is stale: bless it, then run check.py"
    );
}
