//! `modelmark deploy`.

use crate::chains::{Elsewhere, Served};
use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn deploying_again_finds_what_is_there() {
    let environment = TestEnvironment::new();
    let first = environment.ok(&["deploy", "--json"]).json();
    let again = environment.ok(&["deploy", "--json"]);
    again.expect_fields(&["registry", "licenseBook", "chain"], &first);
    assert_eq!(again.json()["spent"], "0 wei");
    environment.ok(&["deploy"]).expect_words(&["was there already"]);
    let served = Served::start(&environment);
    environment.ok(&["deploy", "--rpc-url", &served.url, "--json"]).expect_fields(&["registry", "licenseBook"], &first);
    assert_eq!(served.announced["registry"], first["registry"]);
}

#[test]
fn where_the_contracts_are_is_written_down() {
    let environment = TestEnvironment::new();
    let deployed = environment.ok(&["deploy", "--deployments", "book", "--json"]).json();
    let read =
        || serde_json::from_str::<serde_json::Value>(&std::fs::read_to_string(environment.path("book/31337.json")).unwrap()).unwrap();
    let book = read();
    assert_eq!(book["registries"][0]["address"], deployed["registry"]);
    assert_eq!(book["contracts"]["BatchAnchor"], deployed["contracts"]["BatchAnchor"]);
    let curated = ["deploy", "--curated", "Lab", "--symbol", "LAB", "--admin", OTHER, "--deployments", "book"];
    environment.ok(&curated);
    assert_eq!(read()["registries"].as_array().unwrap().len(), 2, "what was there is kept");
    environment.write("book/31337.json", "not a book");
    environment.run(&curated).expect_error(2, &["31337.json", "not a deployments file"]);
}

#[test]
fn a_chain_without_contracts_says_how_to_get_them() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let chain = Elsewhere::start(31337);
    environment.run(&["publish", "tiny", "--rpc-url", &chain.url]).expect_error(3, &["no model registry", "modelmark deploy"]);
    environment.ok(&["deploy", "--rpc-url", &chain.url]).expect_words(&["deployed now"]);
    environment.ok(&["publish", "tiny", "--rpc-url", &chain.url]);
    environment.ok(&["verify", "tiny", "--rpc-url", &chain.url]);
    // The embedded chain is another one, and knows nothing of it.
    environment.run(&["verify", "tiny"]).expect_code(1).expect_words(&["no token of"]);
}

#[test]
fn a_curated_collection_lets_its_minters_in_only() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let curated = ["deploy", "--curated", "Lab models", "--symbol", "LAB", "--admin", OTHER, "--json"];
    let collection = environment.ok(&curated).json();
    environment.ok(&curated).expect_fields(&["registry", "accessManager"], &collection);
    let registry = collection["registry"].as_str().unwrap();
    assert_ne!(environment.ok(&["deploy", "--json"]).json()["registry"], registry);
    environment.run(&["publish", "tiny", "--registry", registry]).expect_error(1, &[CREATOR]);
    environment.ok(&["publish", "tiny"]);
}

#[test]
fn half_a_curated_collection_is_no_command() {
    let environment = TestEnvironment::new();
    environment.run(&["deploy", "--curated", "Lab"]).expect_error(2, &["--symbol", "--admin"]);
    environment.run(&["deploy", "--admin", OTHER]).expect_error(2, &["--curated"]);
    environment.run(&["deploy", "--curated", "Lab", "--symbol", "LAB", "--admin", "0x12"]).expect_error(2, &["--admin", "0x12"]);
}
