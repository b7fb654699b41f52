//! `modelmark collection`.

use crate::environment::TestEnvironment;

#[test]
fn a_collection_of_ones_own_verifies_like_the_canonical_one() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let create = ["collection", "create", "Ada's models", "--symbol", "ADA", "--json"];
    let made = environment.ok(&create).json();
    assert_eq!(made["created"], true);
    let collection = made["collection"].as_str().unwrap();
    assert_eq!(environment.ok(&["collection", "show", collection, "--json"]).json()["ours"], true);
    let foreign = modelmark_chain::Contract::ModelMarket.address().to_checksum(None);
    let shown = environment.run(&["collection", "show", &foreign, "--json"]).expect_code(1).json();
    assert_eq!(shown["ours"], false);
    environment.run(&["collection", "show", &foreign]).expect_code(1).expect_words(&["NOT OURS"]);
    environment.ok(&["collection", "show", collection]).expect_words(&["open: Ada's models (ADA)", "canonical factory"]);
    let again = environment.ok(&create).json();
    assert_eq!((&again["collection"], &again["created"]), (&made["collection"], &false.into()));

    let token = environment.ok(&["publish", "tiny", "--registry", collection, "--json"]).json()["token"].as_str().unwrap().to_owned();
    assert!(token.contains(collection), "{token}");
    let report = environment.ok(&["verify", "tiny", "--token", &token, "--json"]);
    assert_eq!(report.status("contract.authentic"), "pass");
    environment.ok(&["show", &token]).expect_words(&["the modelmark collection Ada's models"]);
    // The same statement has the same id in the canonical registry.
    let canonical = environment.publish("tiny");
    assert_eq!(canonical.rsplit('/').next(), token.rsplit('/').next());
}

#[test]
fn impossible_terms_are_refused_before_anything_is_sent() {
    let environment = TestEnvironment::new();
    let long = "x".repeat(65);
    environment.run(&["collection", "create", &long, "--symbol", "X"]).expect_error(2, &["64 bytes"]);
    environment.run(&["collection", "create", "X", "--symbol", "A\u{1b}[31m"]).expect_error(2, &["--symbol", "U+001B"]);
    let nobody = "0x00000000000000000000000000000000000000AA";
    environment.run(&["collection", "create", "X", "--symbol", "X", "--authority", nobody]).expect_error(1, &["no authority contract"]);
    environment.run(&["collection", "create", "X", "--symbol", "X", "--authority", "0x1"]).expect_error(2, &["--authority", "0x1"]);
    environment.run(&["collection", "show", nobody]).expect_code(1).expect_words(&["NOT OURS", "no contract at"]);
    environment
        .ok(&["collection", "create", "X", "--symbol", "X", "--dry-run"])
        .expect_words(&["CollectionFactory", "create(address,string,string)"]);
}
