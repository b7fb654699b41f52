//! `modelmark verify --attest` and `--accept-vsa`: one gate reads the files, another takes its word, and no other.

use std::fs;

use data_encoding::BASE64;
use modelmark_testkit::tools::workspace;
use serde_json::Value;

use crate::environment::{CREATOR, Outcome, TestEnvironment};

const GATE: &str = "https://example.org/gate";

/// A published model, and the summary of a gate that read it.
fn attested(more: &[&str]) -> (TestEnvironment, String) {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    for name in ["p384.pem", "p384.pub.pem", "other.pub.pem"] {
        fs::copy(workspace().join("vectors/oms/keys").join(name), environment.path(name)).unwrap();
    }
    let attest = ["verify", "tiny", "--full", "--attest", "vsa.json", "--attest-key", "p384.pem", "--verifier", GATE];
    environment.ok(&[&attest[..], more].concat());
    (environment, token)
}

fn accept(environment: &TestEnvironment, more: &[&str]) -> Outcome {
    let accept = ["verify", "tiny", "--accept-vsa", "vsa.json", "--vsa-key", "p384.pub.pem", "--verifier", GATE, "--json"];
    environment.run(&[&accept[..], more].concat())
}

/// Tells which checks failed.
fn failed(outcome: &Outcome) -> Vec<String> {
    let report = outcome.json();
    let failed = report["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "fail");
    failed.map(|check| check["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn another_gate_accepts_it_with_a_verdict_of_its_own() {
    let (environment, token) = attested(&["--creator", CREATOR]);
    let report = accept(&environment, &["--creator", CREATOR]).expect_code(0).json();
    assert_eq!((&report["verdict"], &report["token"]), (&"verified-by-summary".into(), &token.as_str().into()));
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["code"] == "summary.files").unwrap();
    assert!(check["message"].as_str().unwrap().contains("were not read here"), "{check}");

    // The limit that the documentation tells: other bytes of the same size are not noticed, unless leaves are looked at.
    let weights = environment.path("tiny").join("model.safetensors");
    let honest = fs::read(&weights).unwrap();
    let mut other = honest.clone();
    *other.last_mut().unwrap() ^= 1;
    fs::write(&weights, &other).unwrap();
    accept(&environment, &["--creator", CREATOR]).expect_code(0);
    let sampled = accept(&environment, &["--creator", CREATOR, "--sample", "100%"]);
    assert_eq!(failed(&sampled.expect_code(1)), ["model.sample"]);
    fs::write(&weights, &honest).unwrap();
    let report = accept(&environment, &["--creator", CREATOR, "--sample", "100%"]).expect_code(0).json();
    assert_eq!(report["verdict"], "verified-by-summary");
    // Nothing of this is given by default.
    environment.ok(&["verify", "tiny"]);
}

#[test]
fn names_and_sizes_have_to_be_those_of_the_summary() {
    let (environment, _) = attested(&[]);
    let readme = environment.path("tiny").join("README.md");
    let honest = fs::read(&readme).unwrap();
    fs::write(&readme, [&honest[..], b"\n"].concat()).unwrap();
    assert_eq!(failed(&accept(&environment, &[]).expect_code(1)), ["summary.files"]);
    fs::remove_file(&readme).unwrap();
    assert_eq!(failed(&accept(&environment, &[]).expect_code(1)), ["summary.files"]);
    fs::write(&readme, &honest).unwrap();
    fs::write(environment.path("tiny").join("more.py"), "import os").unwrap();
    assert_eq!(failed(&accept(&environment, &[]).expect_code(1)), ["summary.files"]);
}

#[test]
fn what_does_not_fit_is_refused_with_its_code() {
    let (environment, _) = attested(&[]);
    let honest = fs::read(environment.path("vsa.json")).unwrap();
    let with_key = ["verify", "tiny", "--accept-vsa", "vsa.json", "--vsa-key", "other.pub.pem", "--verifier", GATE, "--json"];
    let token = environment.ok(&["verify", "tiny", "--json"]).json()["token"].as_str().unwrap().to_owned();
    assert_eq!(failed(&environment.run(&[&with_key[..], &["--token", &token]].concat()).expect_code(1)), ["summary.signature"]);
    // A key that is not believed names no token.
    environment.run(&with_key).expect_error(2, &["--token"]);

    let mut envelope: Value = serde_json::from_slice(&honest).unwrap();
    let payload = BASE64.decode(envelope["payload"].as_str().unwrap().as_bytes()).unwrap();
    let tampered = String::from_utf8(payload).unwrap().replace("PASSED", "passed");
    envelope["payload"] = BASE64.encode(tampered.as_bytes()).into();
    fs::write(environment.path("vsa.json"), envelope.to_string()).unwrap();
    assert_eq!(failed(&accept(&environment, &["--token", &token]).expect_code(1)), ["summary.signature"]);
    fs::write(environment.path("vsa.json"), &honest).unwrap();

    let elsewhere = ["verify", "tiny", "--accept-vsa", "vsa.json", "--vsa-key", "p384.pub.pem", "--verifier", "https://example.org/other"];
    assert_eq!(failed(&environment.run(&[&elsewhere[..], &["--json"]].concat()).expect_code(1)), ["summary.verifier"]);
    assert_eq!(failed(&accept(&environment, &["--deny-code"]).expect_code(1)), ["summary.policy"]);
}

#[test]
fn a_summary_of_another_model_or_of_a_refusal_is_none_of_this_one() {
    let (environment, _) = attested(&[]);
    environment.model("second");
    let second = environment.publish("second");
    let other = ["verify", "second", "--accept-vsa", "vsa.json", "--vsa-key", "p384.pub.pem", "--verifier", GATE, "--json"];
    let outcome = environment.run(&[&other[..], &["--token", &second]].concat()).expect_code(1);
    assert!(failed(&outcome).contains(&"summary.subject".to_owned()), "{:?}", failed(&outcome));
    // The token of the summary is not the one of these files.
    environment.run(&other).expect_code(1);

    let refuse = ["verify", "tiny", "--full", "--attest", "vsa.json", "--attest-key", "p384.pem", "--verifier", GATE, "--license", "MIT"];
    environment.run(&refuse).expect_code(4);
    assert_eq!(failed(&accept(&environment, &["--license", "MIT"]).expect_code(1))[..1], ["summary.result"]);
}

#[test]
fn the_command_line_says_what_is_missing() {
    let (environment, _) = attested(&[]);
    let run = |arguments: &[&str]| environment.run(&[&["verify", "tiny"], arguments].concat());
    run(&["--full", "--attest", "it.json", "--verifier", GATE]).expect_error(2, &["--attest-key"]);
    run(&["--attest", "it.json", "--attest-key", "p384.pem", "--verifier", GATE]).expect_error(2, &["--full"]);
    run(&["--accept-vsa", "vsa.json", "--verifier", GATE]).expect_error(2, &["--vsa-key"]);
    run(&["--accept-vsa", "vsa.json", "--vsa-key", "p384.pub.pem"]).expect_error(2, &["--verifier"]);
    run(&["--accept-vsa", "vsa.json", "--vsa-key", "p384.pub.pem", "--verifier", GATE, "--full"]).expect_error(2, &["--full"]);
    run(&["--full", "--attest", "tiny/vsa.json", "--attest-key", "p384.pem", "--verifier", GATE]).expect_error(2, &["model"]);
    run(&["--full", "--attest", "it.json", "--attest-key", "p384.pub.pem", "--verifier", GATE]).expect_error(2, &["p384.pub.pem"]);
    assert!(!environment.path("it.json").exists());
}
