//! `modelmark oms`: the verbs, and the reference client as a reader of what we sign.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use modelmark_testkit::tools;
use serde_json::{Value, json};

use crate::environment::TestEnvironment;

/// A path below the vectors.
pub(crate) fn vector(name: &str) -> String {
    tools::workspace().join("vectors/oms").join(name).to_str().unwrap().to_owned()
}

pub(crate) fn key(name: &str) -> String {
    vector(&format!("keys/{name}.pem"))
}

pub(crate) fn certificate(name: &str) -> String {
    vector(&format!("certificates/{name}.pem"))
}

fn sign_by_key(environment: &TestEnvironment, more: &[&str]) {
    let args = ["oms", "sign", "key", "tiny", "--private-key", &key("p256"), "--signature", "tiny/model.sig"];
    environment.ok(&[&args[..], more].concat());
}

fn verify_by_key(environment: &TestEnvironment, more: &[&str]) -> (i32, Value) {
    let args = ["oms", "verify", "key", "tiny", "--signature", "tiny/model.sig", "--public-key", &key("p256.pub"), "--json"];
    let outcome = environment.run(&[&args[..], more].concat());
    (outcome.code.unwrap(), outcome.json())
}

fn codes(report: &Value) -> Vec<&str> {
    report["refused"].as_array().unwrap().iter().map(|refused| refused["code"].as_str().unwrap()).collect()
}

#[test]
fn a_model_is_signed_and_verified_and_every_refusal_has_a_code() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    sign_by_key(&environment, &[]);
    let (code, report) = verify_by_key(&environment, &[]);
    assert_eq!((code, &report["verified"], &report["matched"]), (0, &json!(true), &json!(3)));
    assert_eq!(report["subject"]["name"], "tiny");
    // Signing again replaces the signature.
    sign_by_key(&environment, &[]);
    environment.write("tiny/run.py", "print()");
    let (code, report) = verify_by_key(&environment, &[]);
    assert_eq!((code, codes(&report)), (1, vec!["file-extra"]));
    assert_eq!(verify_by_key(&environment, &["--ignore-unsigned-files"]).0, 0);
    assert_eq!(verify_by_key(&environment, &["--ignore-paths", "tiny/run.py"]).0, 0);
    let shown = environment.run(&["oms", "verify", "key", "tiny", "--signature", "tiny/model.sig", "--public-key", &key("p256.pub")]);
    assert!(shown.stdout.starts_with("DOES NOT VERIFY\n  file-extra "), "{}", shown.stdout);
    fs::remove_file(environment.path("tiny/run.py")).unwrap();
    environment.write("tiny/.git/hooks/post-checkout", "#!/bin/sh");
    assert_eq!(codes(&verify_by_key(&environment, &[]).1), ["file-uncovered"]);
    assert_eq!(verify_by_key(&environment, &["--accept-uncovered"]).0, 0);
}

#[test]
fn a_signature_never_replaces_something_else() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let args = ["oms", "sign", "key", "tiny", "--private-key", &key("p256"), "--signature", "tiny/model.safetensors"];
    let before = fs::read(environment.path("tiny/model.safetensors")).unwrap();
    assert!(environment.run(&args).expect_code(2).stderr.contains("is no signature"));
    assert_eq!(fs::read(environment.path("tiny/model.safetensors")).unwrap(), before);
}

#[test]
fn what_is_wrong_with_keys_paths_and_passwords_is_said() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let sign = |key_file: &str, more: &[&str]| {
        let args = ["oms", "sign", "key", "tiny", "--private-key", key_file, "--signature", "tiny/model.sig"];
        environment.run(&[&args[..], more].concat())
    };
    assert!(sign(&key("secp256k1"), &[]).expect_code(2).stderr.contains("secp256k1"));
    assert!(sign(&key("p256.pub"), &[]).expect_code(2).stderr.contains("PEM"));
    assert!(sign(&key("encrypted"), &[]).expect_code(2).stderr.contains("password"));
    environment.write("password", "modelmark\n");
    sign(&key("encrypted"), &["--password-file", "password"]).expect_code(0);
    let mut command =
        environment.command(&["oms", "sign", "key", "tiny", "--private-key", &key("encrypted"), "--signature", "tiny/model.sig"]);
    command.env("MODELMARK_PASSWORD", "wrong");
    assert!(environment.finish(command).expect_code(2).stderr.contains("does not open"));
    assert!(sign(&key("p256"), &["--ignore-paths", "elsewhere"]).expect_code(2).stderr.contains("does not lie in the model"));
    assert!(sign(&key("p256"), &["--ignore-paths", "tiny"]).expect_code(2).stderr.contains("does not lie in the model"));
    let verify = ["oms", "verify", "key", "tiny", "--signature", "none", "--public-key", &key("p256.pub")];
    environment.run(&verify).expect_code(2);
    environment.write("none", "");
    environment.run(&verify).expect_code(1);
}

#[test]
fn a_bundle_of_a_gigabyte_is_refused_unread() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    fs::File::create(environment.path("tiny.sig")).unwrap().set_len(1 << 30).unwrap();
    let args = ["oms", "verify", "key", "tiny", "--signature", "tiny.sig", "--public-key", &key("p256.pub"), "--json"];
    let report = environment.run(&args).expect_code(1).json();
    assert_eq!(codes(&report), ["too-large"]);
    assert_eq!(report["refused"][0]["message"], "the bundle has more than 67108864 bytes");
    let sign = ["oms", "sign", "key", "tiny", "--private-key", &key("p256"), "--signature", "tiny.sig"];
    assert!(environment.run(&sign).expect_code(2).stderr.contains("is no signature"));
}

#[test]
fn certificates_vouch_for_the_signer() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let args = ["oms", "sign", "certificate", "tiny", "--private-key", &key("p521"), "--certificate", &certificate("leaf-p521")];
    environment.ok(&[&args[..], &["--chain", &certificate("intermediate")]].concat());
    let verify = |roots: &str| {
        let outcome = environment.run(&["oms", "verify", "certificate", "tiny", "--trust-roots", &certificate(roots), "--json"]);
        (outcome.code.unwrap(), outcome.json())
    };
    let (code, report) = verify("root");
    assert_eq!((code, report["signer"]["subject"].as_str()), (0, Some("CN=leaf-p521")));
    assert_eq!(codes(&verify("root-other").1), ["certificate-untrusted"]);
    let as_key = environment.run(&["oms", "verify", "key", "tiny", "--public-key", &key("p521.pub"), "--json"]).expect_code(1).json();
    assert_eq!(codes(&as_key), ["signing-method"]);
}

#[test]
fn a_keyless_signature_verifies_by_who_was_logged_in() {
    let environment = TestEnvironment::new();
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(vector("keyless/bundles.json")).unwrap()).unwrap();
    environment.write("model/weights.bin", "weights");
    environment.write("model/code/run.py", "print()");
    environment.write("model.sig", cases[0]["bundle"].as_str().unwrap());
    let verify = |identity: &str, more: &[&str]| {
        let args = ["oms", "verify", "keyless", "model", "--identity", identity, "--issuer", "https://login.example.com"];
        environment.run(&[&args[..], more].concat())
    };
    let root = vector("keyless/trusted_root.json");
    let shown = verify("signer@example.com", &["--trust-root", &root]).expect_code(0).stdout;
    assert!(shown.contains("2 files are as signer@example.com, logged in at https://login.example.com, signed them"), "{shown}");
    let report =
        verify("signer@example.com", &["--trust-root", &vector("keyless/client_trust_config.json"), "--json"]).expect_code(0).json();
    assert_eq!(report["signer"]["method"], "keyless");
    assert_eq!(report["signer"]["signedAt"], 1_748_779_200);
    let report = verify("other@example.com", &["--trust-root", &root, "--json"]).expect_code(1).json();
    assert_eq!(codes(&report), ["identity"]);
    // The public instance knows nothing of this log.
    assert_eq!(codes(&verify("signer@example.com", &["--json"]).expect_code(1).json()), ["log-untrusted"]);
    assert_eq!(codes(&verify("signer@example.com", &["--staging", "--json"]).expect_code(1).json()), ["log-untrusted"]);
    assert!(verify("signer@example.com", &["--trust-root", &key("p256")]).expect_code(2).stderr.contains("not a trusted root"));
    verify("", &["--trust-root", &root]).expect_code(2);
    environment.write("model/weights.bin", "other weights");
    assert_eq!(codes(&verify("signer@example.com", &["--trust-root", &root, "--json"]).expect_code(1).json()), ["file-mismatch"]);
}

#[test]
fn a_model_without_a_token_verifies_by_who_signed_it_keyless() {
    let environment = TestEnvironment::new();
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(vector("keyless/bundles.json")).unwrap()).unwrap();
    environment.write("model/weights.bin", "weights");
    environment.write("model/code/run.py", "print()");
    environment.write("model/model.sig", cases[0]["bundle"].as_str().unwrap());
    let root = vector("keyless/trusted_root.json");
    let verify = |identity: &str, more: &[&str]| {
        let args = ["verify", "model", "--oms-identity", identity, "--oms-issuer", "https://login.example.com"];
        environment.run(&[&args[..], more].concat())
    };
    verify("signer@example.com", &["--oms-trust-root", &root]).expect_code(0).expect_words(&["WITHOUT A RECORD", "signer@example.com"]);
    verify("other@example.com", &["--oms-trust-root", &root]).expect_code(1).expect_words(&["FAIL oms.signature", "identity"]);
    // The public instance knows nothing of this log.
    verify("signer@example.com", &[]).expect_code(1).expect_words(&["FAIL oms.signature", "log-untrusted"]);
    verify("signer@example.com", &["--oms-key", &key("p256.pub")]).expect_code(2);
    environment.run(&["verify", "model", "--oms-identity", "signer@example.com"]).expect_code(2);
    environment.write("model/weights.bin", "other weights");
    verify("signer@example.com", &["--oms-trust-root", &root]).expect_code(1).expect_words(&["FAIL oms.signature", "file-mismatch"]);
}

#[test]
fn a_record_travels_as_a_claim_about_the_same_model() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.model("other");
    for model in ["tiny", "other"] {
        let record = environment.ok(&["record", model, "--license", "mit"]).stdout;
        environment.write(&format!("{model}.json"), record);
    }
    sign_by_key(&environment, &["--record", "tiny.json", "--claims", "tiny/claims.jsonl"]);
    let (code, report) = verify_by_key(&environment, &["--claims", "tiny/claims.jsonl", "--record", "tiny.json"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(report["claims"][0]["predicateType"], "https://modelmark.dev/provenance/v1");
    assert!(report["claims"][0]["record"].is_string());
    let (code, report) = verify_by_key(&environment, &["--claims", "tiny/claims.jsonl", "--record", "other.json"]);
    assert_eq!((code, codes(&report)), (1, vec!["claim-record"]));
    // Without a word about them, claims in the model's folder are files that nobody signed.
    assert_eq!(codes(&verify_by_key(&environment, &[]).1), ["file-uncovered"]);
    sign_by_key(&environment, &["--record", "tiny.json", "--claims", "tiny/claims.jsonl"]);
    assert_eq!(fs::read_to_string(environment.path("tiny/claims.jsonl")).unwrap().lines().count(), 2);
    environment.write("tiny/README.md", "another model");
    let args = ["oms", "sign", "key", "tiny", "--private-key", &key("p256"), "--signature", "tiny/model.sig", "--record", "tiny.json"];
    environment.run(&[&args[..], &["--claims", "tiny/claims.jsonl"]].concat()).expect_code(2);
}

#[test]
fn the_reference_client_verifies_what_we_sign() {
    let Some(python) = tools::model_signing() else { return };
    let environment = TestEnvironment::new();
    let vectors: Value = serde_json::from_slice(&fs::read(vector("bundles.json")).unwrap()).unwrap();
    let models: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_value(vectors["models"].clone()).unwrap();
    let mut cases = Vec::new();
    for (name, files) in &models {
        files.iter().for_each(|(path, content)| environment.write(&format!("{name}/{path}"), content));
        let curves: &[&str] = if name == "tiny" { &["p256", "p384", "p521"] } else { &["p256"] };
        for curve in curves {
            let signature = format!("{name}.{curve}.sig");
            environment.ok(&["oms", "sign", "key", name, "--private-key", &key(curve), "--signature", &signature]);
            cases.push(
                json!({"model": environment.path(name), "signature": environment.path(&signature), "key": key(&format!("{curve}.pub"))}),
            );
        }
    }
    environment.model("inside");
    environment.ok(&["oms", "sign", "key", "inside", "--private-key", &key("p256"), "--signature", "inside/model.sig"]);
    cases.push(json!({"model": environment.path("inside"), "signature": environment.path("inside/model.sig"), "key": key("p256.pub")}));
    let chain = ["--certificate", &certificate("leaf-p384"), "--chain", &certificate("intermediate")];
    let args = ["oms", "sign", "certificate", "nested", "--private-key", &key("p384"), "--signature", "chain.sig"];
    environment.ok(&[&args[..], &chain].concat());
    cases.push(json!({"model": environment.path("nested"), "signature": environment.path("chain.sig"), "roots": [certificate("root")]}));
    let right = cases.len();
    // And says no where it should.
    cases.push(json!({"model": environment.path("nested"), "signature": environment.path("unicode.p256.sig"), "key": key("p256.pub")}));

    let mut client = Command::new(&python);
    client.arg(vector("verify.py")).current_dir(environment.root()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut client = client.spawn().unwrap();
    let lines: Vec<String> = cases.iter().map(|case| format!("{case}\n")).collect();
    client.stdin.take().unwrap().write_all(lines.concat().as_bytes()).unwrap();
    let answers = String::from_utf8(client.wait_with_output().unwrap().stdout).unwrap();
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), cases.len(), "{answers:?}");
    for (case, answer) in cases.iter().zip(&answers).take(right) {
        assert_eq!(*answer, "ok", "{case}");
    }
    assert_ne!(answers[right], "ok");
}
