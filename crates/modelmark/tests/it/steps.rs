//! Each step alone, through files and pipes, comes to what `publish` comes to.

use crate::environment::{CREATOR, Outcome, TestEnvironment};

#[test]
fn steps_through_files_come_to_the_token_of_publish() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("manifest.json", environment.ok(&["digest", "tiny", "--json"]).stdout);
    environment.write("record.json", environment.ok(&["record", "tiny", "--manifest", "manifest.json"]).stdout);
    environment.write("record.sig.json", environment.ok(&["sign", "record.json"]).stdout);
    environment.ok(&["store", "record.json", "--signature", "record.sig.json", "--model", "tiny"]);
    let token = environment.ok(&["mint", "record.json", "--signature", "record.sig.json"]).stdout;
    environment.ok(&["verify", "tiny", "--token", token.trim(), "--full"]);
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    assert_eq!(published["token"], token.trim());
    assert_eq!(published["minted"], false);
}

#[test]
fn steps_through_pipes_come_to_the_same() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let through = |input: &Outcome, args: &[&str]| environment.pipe(&input.stdout, args).expect_code(0);
    let manifest = environment.ok(&["digest", "tiny", "--json"]);
    let record = through(&manifest, &["record", "tiny", "--manifest", "-"]);
    let signature = through(&record, &["sign", "-"]);
    environment.write("record.sig.json", &signature.stdout);
    through(&record, &["store", "-", "--signature", "record.sig.json", "--model", "tiny"]);
    let token = through(&record, &["mint", "-"]);
    environment.ok(&["verify", "tiny", "--token", token.stdout.trim(), "--full"]);
}

/// The facts come from the files of now, the digests from the manifest: they have to be of the same files.
#[test]
fn a_manifest_of_other_files_is_refused() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("manifest.json", environment.ok(&["digest", "tiny", "--json"]).stdout);
    let record = |path: &str| environment.run(&["record", path, "--manifest", "manifest.json", "--license", "mit"]);

    environment.model("other");
    environment.write("other/config.json", r#"{"model_type":"other"}"#);
    record("other").expect_error(1, &["config.json", "digest again"]);
    record("tiny/model.safetensors").expect_error(1, &["manifest of a directory"]);

    environment.write("tiny/modelmark.toml", "[model]\nversion = \"2.0\"\n");
    record("tiny").expect_error(1, &["modelmark.toml", "not among the fingerprinted files"]);
    std::fs::remove_file(environment.path("tiny/modelmark.toml")).unwrap();
    environment.write("tiny/README.md", "---\nlicense: mit\ntags: [new]\n---\n");
    record("tiny").expect_error(1, &["README.md", "not the file that was fingerprinted"]);
    environment.write("manifest.json", environment.ok(&["digest", "tiny", "--json"]).stdout);
    record("tiny").expect_code(0);

    environment.write("manifest.json", environment.ok(&["digest", "tiny/model.safetensors", "--json"]).stdout);
    record("tiny").expect_error(1, &["manifest of a file"]);
    // What lies beside a single file is no part of it.
    environment.write("tiny/modelmark.toml", "[model]\nversion = \"2.0\"\n");
    record("tiny/model.safetensors").expect_code(0);
}

#[test]
fn every_step_speaks_json() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let manifest = environment.ok(&["digest", "tiny", "--json"]).json();
    assert_eq!(manifest["files"].as_array().unwrap().len(), 3);

    let recorded = environment.ok(&["record", "tiny", "--json"]).json();
    assert_eq!(recorded["record"]["provenance"]["model"]["cid"], manifest["cid"]);
    let recorded_as_json = environment.ok(&["record", "tiny", "--json"]).stdout;
    environment.pipe(recorded_as_json, &["sign", "-"]).expect_error(1, &["the output of `record --json`", "leave `--json` out"]);
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);

    let signed = environment.ok(&["sign", "record.json", "--json"]);
    assert_eq!(signed.json()["signatures"][0]["signer"], format!("eip155:1:{CREATOR}"));
    assert_eq!(signed.json()["record"], recorded["id"]);
    environment.write("record.sig.json", &signed.stdout);

    let stored = environment.ok(&["store", "record.json", "--signature", "record.sig.json", "--model", "tiny", "--json"]).json();
    assert_eq!(stored["record"], recorded["cid"]);
    assert_eq!(stored["model"], manifest["cid"]);

    let minted = environment.ok(&["mint", "record.json", "--json"]).json();
    assert_eq!(minted["record"], recorded["id"]);
    let token = minted["token"].as_str().unwrap();

    let shown = environment.ok(&["show", token, "--json"]).json();
    assert_eq!(shown["recordId"], recorded["id"]);
    assert_eq!(environment.ok(&["verify", "tiny", "--json"]).json()["record"], recorded["id"]);
    assert_eq!(environment.ok(&["wallet", "address", "--json"]).json()["address"], CREATOR);
    assert_eq!(environment.ok(&["deploy", "--json"]).json()["chain"], "eip155:31337");

    let cid = recorded["cid"].as_str().unwrap();
    assert!(environment.ok(&["car", "export", cid, "record.car", "--json"]).json()["blocks"].as_u64().unwrap() >= 2);
    assert_eq!(environment.ok(&["car", "import", "record.car", "--json"]).json()["roots"][0]["cid"], cid);
    environment.write("password", "correct horse");
    let made = environment.ok(&["wallet", "new", "key.json", "--password-file", "password", "--json"]).json();
    assert_eq!(made["development"], false);
}

#[test]
fn an_error_is_json_on_stderr_when_json_was_asked_for() {
    let environment = TestEnvironment::new();
    let failed = environment.run(&["digest", "nowhere", "--json"]).expect_error(2, &[]);
    let error: serde_json::Value = serde_json::from_str(&failed.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "usage");
    assert!(error["error"]["message"].as_str().unwrap().contains("nowhere"));
}

#[test]
fn a_newline_at_the_end_of_a_record_is_no_part_of_it() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let record = environment.ok(&["record", "tiny"]).stdout;
    assert!(!record.ends_with('\n'), "a pipe gets the very bytes");
    let token = environment.pipe(&record, &["mint", "-"]).expect_code(0).stdout;
    assert_eq!(environment.pipe(record + "\n", &["mint", "-"]).expect_code(0).stdout, token);
}

#[test]
fn stages_look_at_what_they_are_given() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment.run(&["store", "record.json", "--model", "kept"]).expect_error(1, &["the record speaks of", "kept"]);
    environment.run(&["sign", "record.json", "--dev-account", "1"]).expect_error(2, &[CREATOR, "creator"]);
    environment.run(&["mint", "record.json", "--dev-account", "1"]).expect_error(2, &[CREATOR, "creator"]);
    environment.assert_kept();
}
