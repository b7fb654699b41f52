//! `modelmark verify`: what it finds, and how it says so.

use std::fs;

use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn the_token_is_found_by_the_path_or_named() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    for args in [&["verify", "tiny"][..], &["verify", "tiny", "--token", &token], &["verify", "./tiny/", "--full"]] {
        let args: Vec<_> = args.iter().copied().chain(["--json"]).collect();
        let report = environment.ok(&args);
        assert_eq!(report.json()["verdict"], "verified");
        assert_eq!(report.json()["token"], token.as_str());
        for code in ["weights.tensors", "model.sha256"] {
            assert_eq!(report.status(code), if args.contains(&"--full") { "pass" } else { "skipped" });
        }
    }
}

#[test]
fn every_kind_of_alteration_is_named() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let file = |name: &str| environment.path("tiny").join(name);
    let verify = || environment.run(&["verify", "tiny", "--token", &token]).expect_code(1);

    let card = fs::read(file("README.md")).unwrap();
    fs::write(file("README.md"), "another card").unwrap();
    insta::assert_snapshot!(verify().shown(), @r"
    code: 1
    --- stdout
       pass token.exists       the token exists (seen at block [N])
       pass token.id           the token id is the hash of what the contract says about the token
       pass contract.authentic the contract is the canonical modelmark registry
       pass record.found       record found: file:[ROOT]/data/modelmark/store
       pass record.digest      the record's bytes are the ones on chain (SHA-256 [HASH])
       pass record.valid       the record is well formed and canonical
       pass record.token       weights, licence, creator and royalty of token and record agree
       pass creator.signature  signed by eip155:1:[ADDRESS]
       pass record.signatures  signed by the creator
       FAIL model.files        1 file: not the bytes on the record
                               README.md is 12 bytes, the record says 80: it was not read
       pass model.missing      no file is missing
       pass model.extra        no file is added
       FAIL model.cid          the model's CID is not the record's: 1 file cannot be the record's
       pass weights.cid        the weights are the ones on the record, [CID]
       pass code.none          nothing was found that runs code when it is loaded
       pass status.token       the token is active, says its creator

    token    eip155:31337/erc721:[ADDRESS]/[ID]
    creator  eip155:1:[ADDRESS]
    assured  contract canonical, chain by endpoint, block [N] (latest)
    DOES NOT VERIFY  tiny
    --- stderr
    ");
    fs::write(file("README.md"), &card).unwrap();

    fs::rename(file("config.json"), environment.path("config.json")).unwrap();
    verify().expect_words(&["FAIL model.missing", "config.json"]);
    fs::rename(environment.path("config.json"), file("config.json")).unwrap();

    fs::write(file("backdoor.py"), "import os").unwrap();
    verify().expect_words(&["FAIL model.extra", "backdoor.py"]);
    fs::remove_file(file("backdoor.py")).unwrap();

    let weights = fs::read(file("model.safetensors")).unwrap();
    let mut altered = weights.clone();
    altered[200] ^= 1;
    fs::write(file("model.safetensors"), altered).unwrap();
    verify().expect_words(&["FAIL model.files", "model.safetensors"]);
    environment.run(&["verify", "tiny"]).expect_code(1).expect_words(&["no token of"]);
    fs::write(file("model.safetensors"), weights).unwrap();

    environment.ok(&["verify", "tiny", "--token", &token, "--full"]);
}

#[test]
fn a_policy_refuses_with_its_own_exit_code() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.publish("tiny");
    environment.ok(&["verify", "tiny", "--creator", CREATOR, "--license", "apache-2.0"]);
    environment.ok(&["verify", "tiny", "--creator", &format!("eip155:1:{CREATOR}"), "--creator", OTHER]);
    environment.run(&["verify", "tiny", "--creator", OTHER]).expect_code(4).expect_words(&["REFUSED BY POLICY", "FAIL policy.creator"]);
    environment.run(&["verify", "tiny", "--license", "MIT"]).expect_code(4).expect_words(&["FAIL policy.license", "Apache-2.0"]);
    environment.run(&["verify", "tiny", "--creator", "ada"]).expect_error(2, &["--creator", "ada"]);
    environment.run(&["verify", "tiny", "--license", "whatever"]).expect_error(2, &["--license", "whatever"]);
}

#[test]
fn a_pinned_creator_is_found_among_rivals() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.ok(&["publish", "tiny", "--dev-account", "1"]);
    environment.ok(&["publish", "tiny"]);
    environment.ok(&["verify", "tiny"]).expect_words(&["2 tokens of 2 creators", OTHER]);
    environment.ok(&["verify", "tiny", "--creator", CREATOR]).expect_words(&[CREATOR]);
    environment.ok(&["verify", "tiny", "--creator", OTHER]).expect_words(&[OTHER]);
}

#[test]
fn quiet_and_verbose_do_not_change_the_verdict() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.publish("tiny");
    let plain = environment.ok(&["verify", "tiny"]);
    let quiet = environment.ok(&["verify", "tiny", "--quiet"]);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, plain.stdout, "--quiet never changes stdout");
    let verbose = environment.ok(&["verify", "tiny", "--verbose"]);
    assert!(verbose.stdout.contains("skipped") && !plain.stdout.contains("skipped"), "{verbose:#?}");
}

#[test]
fn a_model_that_nobody_published_does_not_verify() {
    let environment = TestEnvironment::with_a_token();
    environment.model("stranger");
    let report = environment.run(&["verify", "stranger", "--json"]).expect_code(1);
    assert_eq!(report.json()["verdict"], "does-not-verify");
    assert_eq!(report.status("token.exists"), "fail");
    environment.run(&["verify", "stranger"]).expect_code(1).expect_words(&["`--token` shows which ones differ"]);
    environment.assert_kept();
}

#[test]
fn a_record_at_hand_serves_where_the_store_has_none() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    environment.write("record.json", environment.ok(&["cat", published["uri"].as_str().unwrap()]).stdout);
    environment.write("record.sig.json", environment.ok(&["cat", published["signatures"].as_str().unwrap()]).stdout);
    fs::remove_dir_all(environment.data_dir().join("store")).unwrap();
    environment.run(&["verify", "tiny"]).expect_code(3).expect_checks(&["unknown record.found"]).expect_words(&["COULD NOT LOOK"]);
    environment.ok(&["verify", "tiny", "--record", "record.json"]).expect_checks(&["pass creator.signature"]);
    environment.ok(&["verify", "tiny", "--record", "record.json", "--signature", "record.sig.json", "--full"]);
}

#[test]
fn a_model_of_the_newer_profile_is_published_found_and_kept() {
    let environment = TestEnvironment::new();
    environment.model("wide");
    environment.write("wide/large.txt", "x".repeat(700_000));
    let publish = ["publish", "wide", "--license", "mit", "--cid-profile", "unixfs-v1-2025", "--json"];
    let token = environment.ok(&publish).json()["token"].clone();
    let report = environment.ok(&["verify", "wide", "--full", "--json"]);
    assert_eq!(report.json()["token"], token);
    assert_eq!(report.status("model.cid"), "pass");
}
