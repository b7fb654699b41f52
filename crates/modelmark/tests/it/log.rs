//! `modelmark log`.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

fn recorded(environment: &TestEnvironment, name: &str, more: &[&str]) -> String {
    environment.model(name);
    let file = format!("{name}.json");
    environment.write(&file, environment.ok(&[&["record", name, "--license", "mit"], more].concat()).stdout);
    file
}

#[test]
fn a_token_in_the_log_verifies_before_and_after_its_statement_is_stored() {
    let environment = TestEnvironment::new();
    let record = recorded(&environment, "tiny", &[]);
    environment.ok(&["log", "mint", &record, "--dry-run"]).expect_words(&["mintLogOnly(", "would cost at most"]);
    assert!(environment.stored().is_empty(), "a dry run wrote to the store");
    let minted = environment.ok(&["log", "mint", &record, "--json"]).json();
    let token = minted["tokens"][0]["token"].as_str().unwrap().to_owned();
    assert_eq!((&minted["tokens"][0]["minted"], &minted["owner"]), (&true.into(), &CREATOR.into()));
    // The contract says nothing of it yet; the log does, and the record.
    let verify = ["verify", "tiny", "--token", &token];
    environment.ok(&verify).expect_checks(&["pass token.id"]).expect_words(&["in the log alone"]);
    environment.run(&["log", "record", &record, &token]).expect_error(1, &["no token", "log store"]);
    let again = environment.ok(&["log", "mint", &record, "--json"]).json();
    assert_eq!((&again["tokens"][0]["minted"], &again["transactions"]), (&false.into(), &serde_json::json!([])));

    // Anybody may store it.
    environment.ok(&["log", "store", &record, "--dry-run"]).expect_words(&["store(", "would cost at most"]);
    environment.ok(&["log", "store", &record, "--dev-account", "3"]).expect_words(&["is in storage now"]);
    environment.ok(&["log", "store", &record]).expect_words(&["was in storage already"]);
    let stored = environment.ok(&verify).expect_checks(&["pass token.id"]);
    assert!(!stored.stdout.contains("in the log alone"), "{}", stored.stdout);
    environment.ok(&["show", &token]).expect_words(&[CREATOR]);
}

#[test]
fn records_that_share_a_creator_and_a_licence_are_minted_by_one_call() {
    let environment = TestEnvironment::new();
    let files: Vec<_> = ["one", "two", "three"].iter().map(|name| recorded(&environment, name, &[])).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let mint = [&["log", "mint"], &files[..], &["--to", OTHER]].concat();
    environment.ok(&[&mint[..], &["--dry-run"]].concat()).expect_words(&["mintLogOnlyBatch(", "mint 3 tokens"]);
    let minted = environment.ok(&[&mint[..], &["--json"]].concat()).json();
    assert_eq!(minted["transactions"].as_array().unwrap().len(), 1, "{minted}");
    let token = minted["tokens"][1]["token"].as_str().unwrap();
    environment.ok(&["log", "store", files[1]]);
    environment.ok(&["token", "show", token]).expect_words(&[OTHER]);
    // A parent cannot be said once for all.
    let child = recorded(&environment, "child", &["--parent", &format!("finetune={token}")]);
    let fourth = recorded(&environment, "four", &[]);
    let minted = environment.ok(&["log", "mint", &fourth, &child, files[0], "--json"]).json();
    assert_eq!(minted["transactions"].as_array().unwrap().len(), 2, "{minted}");
    assert_eq!(minted["tokens"][2]["minted"], false);
}

#[test]
fn what_a_token_in_the_log_cannot_have_is_refused() {
    let environment = TestEnvironment::new();
    let paid = recorded(&environment, "paid", &["--royalty", "5%"]);
    environment.run(&["log", "mint", &paid]).expect_error(1, &["promises a royalty", "nothing was sent"]);
    let free = recorded(&environment, "free", &[]);
    environment.run(&["log", "mint", &free, "--dev-account", "1"]).expect_error(1, &[OTHER, "does not act for"]);
    environment.run(&["log", "store", &free]).expect_error(1, &["there is no token", "log mint"]);
    environment.run(&["log", "mint"]).expect_error(2, &["RECORDS"]);
    environment.run(&["log", "mint", &free, "--to", "nobody"]).expect_error(2, &["--to"]);
    assert!(environment.stored().is_empty(), "what was refused is in the store");
}

#[test]
fn a_record_in_the_log_is_found_without_any_store() {
    let environment = TestEnvironment::new();
    let record = recorded(&environment, "tiny", &["--royalty", "5%"]);
    let token = environment.ok(&["mint", &record]).stdout.trim().to_owned();
    environment.run(&["log", "show", &token]).expect_error(1, &["nobody put the record", "log record"]);
    let other = recorded(&environment, "other", &[]);
    environment.run(&["log", "record", &other, &token]).expect_error(1, &["another record", "nothing was sent"]);
    environment.ok(&["log", "record", &record, &token, "--dry-run"]).expect_words(&["publishRecord(", "would cost at most"]);
    let published = environment.ok(&["log", "record", &record, &token, "--dev-account", "2", "--json"]).json();
    assert_eq!(published["published"], true);
    environment.ok(&["log", "record", &record, &token]).expect_words(&["was in the log already"]);
    let written = std::fs::read_to_string(environment.path(&record)).unwrap();
    assert_eq!(environment.ok(&["log", "show", &token]).stdout, written, "byte for byte");
    let shown = environment.ok(&["log", "show", &token, "--json"]).json();
    assert_eq!(shown["id"], published["record"]);
}
