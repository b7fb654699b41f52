//! `modelmark networks` and chains by name.

use crate::chains::Elsewhere;
use crate::environment::TestEnvironment;

#[test]
fn networks_are_listed_with_what_one_needs() {
    let environment = TestEnvironment::new();
    environment.ok(&["networks"]).expect_words(&["base-sepolia", "eip155:84532", "https://sepolia.basescan.org", "amoy", "POL"]);
    let listed = environment.ok(&["networks", "--json"]).json();
    assert_eq!(listed.as_array().unwrap().len(), 10);
    assert_eq!((&listed[0]["name"], &listed[0]["chain"]), (&"ethereum".into(), &1.into()));
}

#[test]
fn a_name_stands_for_its_chain_id() {
    let environment = TestEnvironment::new();
    let chain = Elsewhere::start(84_532);
    let token = format!("eip155:84532/erc721:0x{}/7", "ab".repeat(20));
    let show = |name: &str| environment.run(&["show", &token, "--rpc-url", &chain.url, "--chain", name]);
    show("base-sepolia").expect_error(3, &["no model registry"]);
    show("base").expect_error(3, &["serves eip155:84532", "eip155:8453 was asked for"]);
}

#[test]
fn networks_that_are_gone_say_what_to_use() {
    let environment = TestEnvironment::new();
    environment.run(&["deploy", "--chain", "goerli"]).expect_error(2, &["goerli is gone", "sepolia"]);
    environment.run(&["deploy", "--chain", "Mumbai"]).expect_error(2, &["mumbai is gone", "amoy"]);
    environment.run(&["deploy", "--chain", "moonbase"]).expect_error(2, &["moonbase", "modelmark networks"]);
}
