//! `modelmark bundle`, and `verify` with a bundle or with proofs.

use std::fs;
use std::path::Path;

use modelmark_digest::Sha256Digest;
use modelmark_verify::Bundle;
use serde_json::Value;

use crate::environment::{CREATOR, TestEnvironment};

/// An endpoint that nobody is at: whoever asked it would fail.
const NOBODY: &str = "http://127.0.0.1:1";

/// A published model with its bundle, and nothing else left of what was published: no chain, no store.
fn bundled() -> (TestEnvironment, String) {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.ok(&["bundle", "tiny", "-o", "tiny.bundle.json"]);
    fs::remove_dir_all(environment.data_dir()).unwrap();
    (environment, token)
}

fn read(environment: &TestEnvironment, name: impl AsRef<Path>) -> Vec<u8> {
    fs::read(environment.path(name)).unwrap()
}

/// The bundle with a part changed, and with a digest that says that nothing was.
fn resealed(bundle: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(bundle).unwrap();
    change(&mut bundle["content"]);
    let digest = Sha256Digest::of(&serde_json::to_vec(&bundle["content"]).unwrap());
    bundle["sha256"] = serde_json::to_value(digest).unwrap();
    serde_json::to_vec(&bundle).unwrap()
}

#[test]
fn a_bundle_verifies_and_nobody_is_asked() {
    let (environment, token) = bundled();
    let offline = ["verify", "tiny", "--bundle", "tiny.bundle.json", "--offline", "--rpc-url", NOBODY, "--json"];
    let verified = environment.run(&offline).expect_code(0);
    let report = verified.json();
    assert_eq!((&report["token"], &report["assurance"]["chain"]), (&token.as_str().into(), &"bundle".into()));
    assert_eq!(verified.status("bundle.valid"), "pass");
    assert!(!environment.data_dir().join("devnet").exists(), "no chain is opened");
    let notes = report["notes"].to_string();
    assert!(notes.contains("--block-hash") && notes.contains("as of block"), "{notes}");

    // Who knows the block's hash believes nobody.
    let hash = report["assurance"]["block"]["hash"].as_str().unwrap().to_owned();
    let trusted = environment.run(&[&offline[..], &["--block-hash", &hash]].concat()).expect_code(0);
    assert_eq!(trusted.json()["assurance"]["chain"], "proof");
    let other = format!("0x{}", "11".repeat(32));
    let refused = environment.run(&[&offline[..], &["--block-hash", &other]].concat()).expect_code(1);
    assert_eq!(refused.status("bundle.valid"), "fail");
    assert!(refused.json()["checks"][0]["message"].as_str().unwrap().contains("bundle.block"));

    fs::write(environment.path("tiny/README.md"), "another card").unwrap();
    assert_eq!(environment.run(&offline).expect_code(1).status("model.files"), "fail");
    environment.run(&["verify", "tiny", "--offline"]).expect_error(2, &["--bundle"]);
}

#[test]
fn a_bundle_is_the_same_twice_and_shows_what_it_says() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.ok(&["bundle", "tiny", "-o", "one.json", "--lineage"]);
    environment.ok(&["bundle", &token, "-o", "two.json", "--lineage"]);
    let (one, two) = (read(&environment, "one.json"), read(&environment, "two.json"));
    assert_eq!(one, two);
    assert!(one.len() < 32 << 10, "{}", one.len());
    let shown = environment.ok(&["bundle", "show", "one.json", "--json"]).json();
    assert_eq!((&shown["token"], &shown["trustedBlock"]), (&token.as_str().into(), &false.into()));
    environment.ok(&["bundle", "show", "one.json"]).expect_words(&["creator", CREATOR, "by the word of the bundle's maker"]);
    environment.run(&["bundle", "tiny", "-o", "tiny/inside.json"]).expect_code(2);
    environment.run(&["bundle", "tiny"]).expect_code(2);
    fs::write(environment.path("tiny/README.md"), "another card").unwrap();
    environment.run(&["bundle", "tiny", "--token", &token, "-o", "three.json"]).expect_code(1);
    assert!(!environment.path("three.json").exists());
}

#[test]
fn a_bundle_that_was_changed_anywhere_is_refused() {
    let (environment, _) = bundled();
    let honest = read(&environment, "tiny.bundle.json");
    Bundle::parse(&honest).unwrap().check(&[]).unwrap();
    for at in (0..honest.len()).step_by(61) {
        let mut changed = honest.clone();
        changed[at] ^= 1;
        let checked = Bundle::parse(&changed).and_then(|bundle| bundle.check(&[]).map(drop));
        assert!(checked.is_err(), "byte {at} of {}", honest.len());
    }
    for end in (0..honest.len()).step_by(997) {
        assert!(Bundle::parse(&honest[..end]).is_err());
    }
    assert_eq!(Bundle::parse(&[&honest[..], b"\n"].concat()).unwrap_err().code(), "bundle.canonical");
}

#[test]
fn who_changes_a_bundle_and_its_digest_is_refused_all_the_same() {
    let (environment, _) = bundled();
    let honest = read(&environment, "tiny.bundle.json");
    let refused = |change: fn(&mut Value)| {
        environment.write("changed.json", resealed(&honest, change));
        let report = environment.run(&["verify", "tiny", "--bundle", "changed.json", "--json"]).expect_code(1);
        assert_eq!(report.status("bundle.valid"), "fail");
        report.json()["checks"][0]["message"].as_str().unwrap().split(':').nth(1).unwrap().trim().to_owned()
    };
    let same = resealed(&honest, |_| ());
    assert_eq!(same, honest);
    assert_eq!(refused(|content| content["proof"]["statements"][0]["license"] = "MIT".into()), "bundle.proof");
    assert_eq!(refused(|content| content["proof"]["accounts"] = Value::Null), "bundle.shape");
    assert_eq!(refused(|content| content["proof"]["statements"] = Value::Array(Vec::new())), "bundle.proof");
    let swap = |content: &mut Value| content["proof"]["state"]["nodes"].as_array_mut().unwrap().swap(0, 1);
    assert_eq!(refused(swap), "bundle.proof");
    assert_eq!(refused(|content| content["record"] = "e30=".into()), "bundle.record");
    assert_eq!(refused(|content| content["lineage"] = vec!["e30="].into()), "bundle.record");
    let unlisted = |content: &mut Value| content["proof"]["state"]["accounts"][0]["slots"][3]["value"] = "0x1".into();
    assert_eq!(refused(unlisted), "bundle.proof");
}

#[test]
fn a_parent_that_was_recalled_is_seen_and_a_later_recall_is_not() {
    let environment = TestEnvironment::new();
    for name in ["base", "child"] {
        environment.model(name);
    }
    let base = environment.publish("base");
    environment.ok(&["derive", "child", "--from", &base]);
    environment.ok(&["bundle", "child", "-o", "before.json", "--lineage"]);
    environment.ok(&["status", "set", &base, "recalled"]);
    let before = environment.run(&["verify", "child", "--bundle", "before.json", "--json"]).expect_code(0);
    assert_eq!(before.status("status.lineage"), "pass");
    let child = before.json()["token"].as_str().unwrap().to_owned();
    environment.ok(&["bundle", &child, "-o", "after.json"]);
    let after = environment.run(&["verify", "child", "--bundle", "after.json", "--json"]).expect_code(4);
    assert_eq!(after.status("status.lineage"), "fail");
    // A curator whose words are not in the bundle could not be looked at, which is no consent.
    let blind = ["verify", "child", "--bundle", "before.json", "--curator", CREATOR, "--json"];
    assert_eq!(environment.run(&blind).expect_code(3).status("status.token"), "unknown");
}

#[test]
fn what_an_endpoint_says_is_proven() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let proven = environment.run(&["verify", "tiny", "--prove", "--curator", CREATOR, "--json"]).expect_code(0).json();
    assert_eq!(proven["assurance"]["chain"], "endpoint");
    let hash = proven["assurance"]["block"]["hash"].as_str().unwrap();
    let trusted = environment.run(&["verify", "tiny", "--prove", "--token", &token, "--block-hash", hash, "--json"]).expect_code(0).json();
    assert_eq!(trusted["assurance"]["chain"], "proof");
    let other = format!("0x{}", "11".repeat(32));
    environment.run(&["verify", "tiny", "--prove", "--token", &token, "--block-hash", &other]).expect_code(3);
}

/// A model with a token of which nothing is stored, and the token.
fn logged(environment: &TestEnvironment) -> String {
    environment.model("tiny");
    environment.write("tiny.json", environment.ok(&["record", "tiny", "--license", "mit"]).stdout);
    let minted = environment.ok(&["log", "mint", "tiny.json", "--json"]).json();
    minted["tokens"][0]["token"].as_str().unwrap().to_owned()
}

/// Adds a block to the chain.
fn go_on(environment: &TestEnvironment) {
    environment.ok(&["status", "set", &environment.publish("other"), "deprecated"]);
}

#[test]
fn a_token_of_which_nothing_is_stored_is_bundled_and_proven() {
    let environment = TestEnvironment::new();
    let token = logged(&environment);
    environment.ok(&["bundle", &token, "-o", "one.json"]);
    environment.ok(&["bundle", &token, "-o", "two.json"]);
    let one = read(&environment, "one.json");
    assert_eq!(one, read(&environment, "two.json"));
    assert!(one.len() < 32 << 10, "{}", one.len());
    let shown = environment.ok(&["bundle", "show", "one.json", "--json"]).json();
    assert_eq!((&shown["mint"]["link"], &shown["mint"]["block"]), (&"same".into(), &shown["block"]));
    let offline = ["verify", "tiny", "--bundle", "one.json", "--offline", "--rpc-url", NOBODY, "--json"];
    let verified = environment.run(&offline).expect_code(0);
    assert_eq!(verified.status("bundle.valid"), "pass");
    assert!(verified.json()["notes"].to_string().contains("its mint's log is proven"), "{}", verified.stdout);

    let proven = environment.run(&["verify", "tiny", "--prove", "--token", &token, "--json"]).expect_code(0).json();
    assert_eq!(proven["assurance"]["chain"], "endpoint");
    let changed = resealed(&one, |content| content["proof"]["statements"][0]["logged"]["kind"] = 1.into());
    environment.write("changed.json", changed);
    let refused = environment.run(&["verify", "tiny", "--bundle", "changed.json", "--json"]).expect_code(1);
    assert!(refused.json()["checks"][0]["message"].as_str().unwrap().contains("bundle.proof"));

    // Once the statement is stored and the model recalled, that is seen; the old bundle speaks of its own block.
    environment.ok(&["log", "store", "tiny.json"]);
    environment.ok(&["status", "set", &token, "recalled"]);
    environment.run(&["verify", "tiny", "--prove", "--token", &token]).expect_code(4);
    environment.run(&offline).expect_code(0);
}

#[test]
fn whose_word_the_block_of_a_mint_rests_on_is_told() {
    let environment = TestEnvironment::new();
    let token = logged(&environment);
    environment.model("other");
    go_on(&environment);
    environment.ok(&["bundle", &token, "-o", "late.json"]);
    let shown = environment.ok(&["bundle", "show", "late.json", "--json"]).json();
    // The embedded chain keeps no hashes of its blocks in its state.
    assert_eq!(shown["mint"]["link"], "told");
    let text = environment.ok(&["bundle", "show", "late.json"]).expect_words(&["mint", "by the word of the bundle's maker", "Z, 0x"]);
    assert!(!text.stdout.contains("Unix time"), "{}", text.stdout);
    let hash = |of: &str| shown.pointer(of).unwrap().as_str().unwrap().to_owned();
    let (block, mint) = (hash("/block/hash"), hash("/mint/block/hash"));
    let offline = ["verify", "tiny", "--bundle", "late.json", "--json", "--block-hash", &block];
    let one = environment.run(&offline).expect_code(0).json();
    assert!(one["notes"].to_string().contains("a second --block-hash"), "{one}");
    let both = environment.run(&[&offline[..], &["--block-hash", &mint]].concat()).expect_code(0).json();
    assert!(both["notes"].to_string().contains("which the caller trusts too"), "{both}");
    assert_eq!(both["assurance"]["chain"], "proof");
    // The mint's block alone is none that the state is proven of.
    let alone = ["verify", "tiny", "--bundle", "late.json", "--json", "--block-hash", &mint];
    assert_eq!(environment.run(&alone).expect_code(1).status("bundle.valid"), "fail");
    let online = ["verify", "tiny", "--prove", "--token", &token, "--block-hash", &block, "--block-hash", &mint, "--json"];
    assert_eq!(environment.run(&online).expect_code(0).json()["assurance"]["chain"], "proof");
}

/// What is demanded beside a bundle or a proof is looked at, or refused.
#[test]
fn no_demand_is_passed_over_with_a_bundle_or_a_proof() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.ok(&["bundle", "tiny", "-o", "tiny.bundle.json"]);
    let (bundle, prove) = (["verify", "tiny", "--bundle", "tiny.bundle.json"], ["verify", "tiny", "--prove", "--token", &token]);
    environment.write("model.sig", "{}");
    for way in [bundle.as_slice(), &prove] {
        let run = |more: &[&str]| environment.run(&[way, more].concat());
        run(&["--oms-identity", "a@example.org", "--oms-issuer", "https://example.org"]).expect_code(2);
        run(&["--oms-certificate-roots", "model.sig"]).expect_code(2);
        run(&["--oms-signature", "model.sig"]).expect_error(2, &["without anybody to trust"]);
        run(&[]).expect_code(0);
    }
    let hash = format!("0x{}", "11".repeat(32));
    environment.run(&["verify", "tiny", "--block-hash", &hash]).expect_error(2, &["--bundle", "--prove"]);

    let run = |more: &[&str]| environment.run(&[&bundle[..], more, &["--json"]].concat());
    let other = run(&["--chain", "eip155:8453"]).expect_code(1);
    assert!(other.json()["checks"][0]["message"].as_str().unwrap().contains("bundle.chain"));
    assert_eq!(run(&["--chain", "eip155:31337"]).expect_code(0).status("bundle.valid"), "pass");
}

/// What a report says of a token in the log when all is well.
const WELL: [&str; 7] = [
    "pass token.exists",
    "pass token.id",
    "pass contract.authentic",
    "pass record.digest",
    "pass creator.signature",
    "pass model.files",
    "pass status.token",
];

/// Two models with tokens of one batch in the log, and these.
fn batch(environment: &TestEnvironment) -> [String; 2] {
    for (name, file) in [("tiny", "tiny.json"), ("small", "small.json")] {
        environment.model(name);
        environment.write(file, environment.ok(&["record", name, "--license", "mit"]).stdout);
    }
    let minted = environment.ok(&["log", "mint", "tiny.json", "small.json", "--json"]).json();
    assert_eq!(minted["transactions"].as_array().unwrap().len(), 1, "{minted}");
    [0, 1].map(|at| minted["tokens"][at]["token"].as_str().unwrap().to_owned())
}

#[test]
fn a_token_in_the_log_is_found_by_the_model_alone() {
    let environment = TestEnvironment::new();
    let tokens = batch(&environment);
    for (name, token) in ["tiny", "small"].into_iter().zip(&tokens) {
        environment.ok(&["verify", name]).expect_checks(&WELL).expect_words(&[token, "in the log alone", "by endpoint"]);
        environment
            .ok(&["verify", name, "--prove"])
            .expect_checks(&WELL)
            .expect_checks(&["pass bundle.valid"])
            .expect_words(&[token, "its mint's log is proven"]);
        environment.ok(&["bundle", name, "-o", "found.json"]).expect_words(&[token]);
        environment.ok(&["bundle", name, "--token", token, "-o", "told.json"]);
        environment.ok(&["bundle", token, "-o", "named.json"]);
        let found = read(&environment, "found.json");
        assert!(found == read(&environment, "told.json") && found == read(&environment, "named.json"));
        let offline = ["verify", name, "--bundle", "found.json", "--offline", "--rpc-url", NOBODY];
        environment.ok(&offline).expect_checks(&WELL).expect_checks(&["pass bundle.valid"]).expect_words(&["its mint's log is proven"]);
    }
    // Without files: the token and what it rests on.
    environment.ok(&["verify", &tokens[0]]).expect_checks(&["pass token.id", "pass record.digest"]).expect_words(&["in the log alone"]);
    environment.ok(&["verify", &tokens[0], &tokens[1]]).expect_checks(&["pass token.id"]);

    environment.write("tiny/README.md", "another card");
    environment.run(&["verify", "tiny", "--prove"]).expect_code(1).expect_checks(&["pass token.id", "FAIL model.files"]);
    environment.run(&["bundle", "tiny", "-o", "changed.json"]).expect_code(1).expect_checks(&["FAIL model.files"]);
    assert!(!environment.path("changed.json").exists());
}

#[test]
fn a_token_in_the_log_without_its_record_could_not_be_looked_at() {
    let environment = TestEnvironment::new();
    let token = logged(&environment);
    fs::remove_dir_all(environment.data_dir().join("store")).unwrap();
    let next = [token.as_str(), "in the log alone", "`--record`", "`--place`"];
    for args in [&["verify", "tiny"][..], &["verify", "tiny", "--prove"], &["bundle", "tiny", "-o", "none.json"]] {
        environment.run(args).expect_code(3).expect_checks(&["unknown token.exists"]).expect_words(&next);
    }
    environment.run(&["bundle", &token, "-o", "none.json"]).expect_error(3, &["is not at hand", "`--place`"]);
    assert!(!environment.path("none.json").exists());
    environment.ok(&["verify", "tiny", "--record", "tiny.json"]).expect_checks(&WELL);
    // Another record is not the one that the log names.
    environment.write("other.json", environment.ok(&["record", "tiny", "--license", "apache-2.0"]).stdout);
    environment.run(&["verify", "tiny", "--record", "other.json"]).expect_code(3).expect_checks(&["unknown token.exists"]);
}

#[test]
fn a_token_in_the_log_of_a_collection_is_found_through_an_index() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let made = environment.ok(&["collection", "create", "Ada's models", "--symbol", "ADA", "--json"]).json();
    let collection = made["collection"].as_str().unwrap();
    environment.write("tiny.json", environment.ok(&["record", "tiny", "--license", "mit"]).stdout);
    let minted = environment.ok(&["log", "mint", "tiny.json", "--registry", collection, "--json"]).json();
    let token = minted["tokens"][0]["token"].as_str().unwrap();
    environment.run(&["verify", "tiny"]).expect_code(1).expect_checks(&["FAIL token.exists"]);
    let manifest = environment.ok(&["digest", "tiny", "--json"]).json();
    let weights: modelmark_digest::ContentId = manifest["weights"]["cid"].as_str().unwrap().parse().unwrap();
    let index = |digest: &Sha256Digest| serde_json::json!({"digests": {format!("sha256:{digest}"): [token]}}).to_string();
    environment.write("index.json", index(&weights.digest()));
    let found = environment.ok(&["verify", "tiny", "--index", "index.json", "--prove"]);
    found.expect_checks(&WELL).expect_checks(&["pass bundle.valid"]).expect_words(&[token]);

    // An index that names it for other weights is not believed.
    environment.model("small");
    let manifest = environment.ok(&["digest", "small", "--json"]).json();
    let weights: modelmark_digest::ContentId = manifest["weights"]["cid"].as_str().unwrap().parse().unwrap();
    environment.write("index.json", index(&weights.digest()));
    environment.run(&["verify", "small", "--index", "index.json"]).expect_code(1).expect_words(&["it is of other weights"]);
}
