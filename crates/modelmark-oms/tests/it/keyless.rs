//! Keyless bundles: of the public instance, of a private one, and what must not be believed.
#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use modelmark_oms::{Bundle, Code, Options, Signer, Trust, TrustRoot, TrustRootError, authenticate, verify};
use serde_json::Value;

use crate::world::{Model, codes, public, vectors};

fn file(name: &str) -> Vec<u8> {
    fs::read(vectors().join("keyless").join(name)).unwrap()
}

fn private() -> TrustRoot {
    TrustRoot::from_json(&file("trusted_root.json")).unwrap()
}

fn cases() -> Vec<Value> {
    serde_json::from_slice(&file("bundles.json")).unwrap()
}

#[test]
fn bundles_of_a_private_instance_are_believed_or_refused() {
    let root = private();
    let model = Model::small();
    let (mut good, mut bad, mut wrong) = (0, 0, Vec::new());
    for case in cases() {
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let (identity, issuer, bundle) = (text("identity"), text("issuer"), text("bundle"));
        let trust = Trust::Keyless { root: &root, identity: &identity, issuer: &issuer };
        let report = verify(&model.path(), bundle.as_bytes(), trust, &Options::default(), &()).unwrap();
        let expected: Vec<&str> = case["code"].as_str().into_iter().collect();
        if codes(&report) != expected {
            wrong.push(format!("{}: expected {expected:?}, {:?}", case["name"], report.refused));
            continue;
        }
        if expected.is_empty() {
            let Some(Signer::Keyless { identity: found, issuer: place, signed_at, .. }) = report.signer else {
                panic!("{:?}", report.signer)
            };
            assert_eq!((found, place, signed_at), (identity, issuer, 1_748_779_200));
            assert_eq!(report.matched, 2);
            good += 1;
        } else {
            assert_eq!(report.signer, None);
            bad += 1;
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(good >= 3 && bad >= 45, "{good} {bad}");
}

#[test]
fn a_keyless_signature_is_over_the_files() {
    let root = private();
    let model = Model::small();
    let case = &cases()[0];
    let trust = Trust::Keyless { root: &root, identity: case["identity"].as_str().unwrap(), issuer: case["issuer"].as_str().unwrap() };
    model.write("weights.bin", "other weights");
    let report = verify(&model.path(), case["bundle"].as_str().unwrap().as_bytes(), trust, &Options::default(), &()).unwrap();
    assert_eq!(codes(&report), ["file-mismatch"]);
    let key =
        verify(&model.path(), case["bundle"].as_str().unwrap().as_bytes(), Trust::Key(&public("p256")), &Options::default(), &()).unwrap();
    assert_eq!(codes(&key), ["signing-method"]);
}

const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// Bundles, who signed them, where they were logged in, and whether at the staging instance.
const PUBLIC: [(&str, &str, &str, bool); 3] = [
    // The first log, with its promise and its time.
    (
        "conda-attestation.sigstore.json",
        "https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main",
        GITHUB,
        false,
    ),
    // Logs of the second kind, which promise nothing, with a timestamp of RFC 3161.
    ("conda-attestation-rekor2.sigstore.json", "jku@goto.fi", "https://github.com/login/oauth", true),
    (
        "staging-rekor2.sigstore.json",
        "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml\
         @refs/heads/main",
        GITHUB,
        true,
    ),
];

/// Bundles that others made with the public instance and its staging: no models, so that only who signed can be looked at.
#[test]
fn signers_of_the_public_instance_are_known_without_a_network() {
    let (public, staging) = (TrustRoot::public().unwrap(), TrustRoot::staging().unwrap());
    for (name, identity, issuer, of_staging) in PUBLIC {
        let bundle = Bundle::read(&file(&format!("public/{name}"))).unwrap();
        let (root, other) = if of_staging { (&staging, &public) } else { (&public, &staging) };
        let who = |root, identity, issuer| authenticate(&bundle, Trust::Keyless { root, identity, issuer }).map_err(|refused| refused.code);
        let signer = authenticate(&bundle, Trust::Keyless { root, identity, issuer }).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert!(matches!(signer, Signer::Keyless { .. }), "{name}");
        assert_eq!(who(root, "other@example.com", issuer), Err(Code::Identity), "{name}");
        assert_eq!(who(root, identity, "https://example.com"), Err(Code::Issuer), "{name}");
        assert_eq!(who(other, identity, issuer), Err(Code::LogUntrusted), "{name}");
        assert_eq!(who(&private(), identity, issuer), Err(Code::LogUntrusted), "{name}");
    }
}

#[test]
fn a_trusted_root_has_to_name_everybody_who_vouches() {
    let whole: Value = serde_json::from_slice(&file("trusted_root.json")).unwrap();
    let read = |value: &Value| TrustRoot::from_json(value.to_string().as_bytes());
    read(&whole).unwrap();
    // The file of the reference client's `--trust_config` holds a root.
    TrustRoot::from_json(&file("client_trust_config.json")).unwrap();
    for part in ["tlogs", "ctlogs", "certificateAuthorities"] {
        let mut without = whole.clone();
        without[part] = Value::Array(Vec::new());
        assert!(matches!(read(&without), Err(TrustRootError::Lacks(_))), "{part}");
        without[part] = Value::from(1);
        assert!(matches!(read(&without), Err(TrustRootError::Malformed(_))), "{part}");
    }
    let mut twice = whole.clone();
    twice["tlogs"] = Value::Array([whole["tlogs"].as_array().unwrap().clone(), whole["tlogs"].as_array().unwrap().clone()].concat());
    assert!(matches!(read(&twice), Err(TrustRootError::Malformed(_))));
    for text in ["", "{}", "[]", "null", "{\"trustedRoot\": 1}", "\u{feff}{}"] {
        assert!(TrustRoot::from_json(text.as_bytes()).is_err(), "{text}");
    }
    let long = vec![b' '; modelmark_oms::MAX_TRUST_ROOT_BYTES + 1];
    assert!(matches!(TrustRoot::from_json(&long), Err(TrustRootError::TooLarge)));
}
