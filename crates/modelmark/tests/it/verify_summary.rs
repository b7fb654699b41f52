//! `modelmark verify --vsa`: a summary of what verified, and none of what did not.

use std::fs;

use data_encoding::BASE64;
use serde_json::Value;

use crate::environment::{CREATOR, OTHER, TestEnvironment};

const SUMMARY: [&str; 7] = ["verify", "tiny", "--full", "--vsa", "vsa.json", "--verifier", "https://example.org/gate"];

fn verify<'t>(environment: &'t TestEnvironment, more: &[&'t str]) -> crate::environment::Outcome {
    environment.run(&[&SUMMARY[..], more].concat())
}

fn written(environment: &TestEnvironment) -> Value {
    serde_json::from_slice(&fs::read(environment.path("vsa.json")).unwrap()).unwrap()
}

#[test]
fn the_summary_names_files_record_token_and_policy() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    verify(&environment, &["--creator", CREATOR]).expect_code(0);
    let passed = written(&environment);
    assert_eq!(
        (&passed["predicate"]["verificationResult"], &passed["predicate"]["resourceUri"]),
        (&"PASSED".into(), &token.as_str().into())
    );
    let manifest = environment.ok(&["digest", "tiny", "--json"]).json();
    let files = manifest["files"].as_array().unwrap();
    assert!(!files.is_empty());
    for (file, subject) in files.iter().zip(passed["subject"].as_array().unwrap()) {
        assert_eq!((&subject["name"], &subject["digest"]["sha256"]), (&file["path"], &file["sha256"]));
    }
    let policy = passed["predicate"]["policy"]["uri"].as_str().unwrap();
    let policy = BASE64.decode(policy.strip_prefix("data:application/json;base64,").unwrap().as_bytes()).unwrap();
    let policy: Value = serde_json::from_slice(&policy).unwrap();
    assert_eq!(policy["creators"][0], format!("eip155:1:{CREATOR}"));

    verify(&environment, &["--creator", OTHER]).expect_code(4);
    assert_eq!(written(&environment)["predicate"]["verificationResult"], "FAILED");
}

#[test]
fn of_files_that_do_not_verify_there_is_no_summary() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    fs::write(environment.path("tiny").join("README.md"), "another card").unwrap();
    verify(&environment, &["--token", &token]).expect_code(1).expect_words(&["no summary was written"]);
    assert!(!environment.path("vsa.json").exists());
    environment.run(&["verify", "tiny", "--vsa", "vsa.json", "--verifier", "https://example.org"]).expect_error(2, &["--full"]);
    environment.run(&["verify", "tiny", "--full", "--vsa", "vsa.json"]).expect_error(2, &["--verifier"]);
    environment.run(&["verify", "tiny", "--full", "--vsa", "vsa.json", "--verifier", "me"]).expect_error(2, &["--verifier"]);
}
