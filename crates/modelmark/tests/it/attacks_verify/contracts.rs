//! Contracts that answer as a registry of ours does, and are none.

use alloy::primitives::{Address, Bytes};
use alloy::sol_types::SolValue as _;
use modelmark_devnet::{Config, Devnet};
use serde_json::{Value, json};

use crate::environment::{CREATOR, TestEnvironment};

/// The very code of the registry, but deployed by somebody else: every answer is right, only the address is not the one that follows from the code.
#[test]
fn a_token_of_a_look_alike_does_not_verify() {
    let environment = TestEnvironment::with_a_token();
    let genuine = environment.publish("kept");
    let impostor = deploy_a_copy(&environment);
    environment
        .run(&["publish", "kept", "--registry", &impostor])
        .expect_code(1)
        .expect_words(&["not a modelmark registry", "nothing was sent"]);
    // So its keeper copies the mint of the genuine token.
    copy_mint(&environment, &genuine, &impostor);
    let token = format!("eip155:31337/erc721:{impostor}/{}", genuine.rsplit('/').next().unwrap());
    let report = environment.run(&["verify", "kept", "--token", &token, "--json"]).expect_code(1);
    assert_eq!((report.status("contract.authentic").as_str(), &report.json()["verdict"]), ("fail", &json!("does-not-verify")));
    assert_eq!(report.json()["assurance"]["contract"], "foreign");
    environment.ok(&["show", &token]).expect_words(&["NOT OURS"]);
    environment.assert_kept();
}

/// Sends the transaction that minted `token` to another contract.
fn copy_mint(environment: &TestEnvironment, token: &str, contract: &str) {
    let minted = environment.ok(&["show", token, "--json"]).json()["chain"]["minted"]["tx"].clone();
    let devnet = Devnet::open(&environment.data_dir().join("devnet"), Config::default()).unwrap();
    let input = devnet.request("eth_getTransactionByHash", json!([minted])).unwrap()["input"].clone();
    let hash = devnet.request("eth_sendTransaction", json!([{"from": CREATOR, "to": contract, "data": input}])).unwrap();
    assert_eq!(devnet.request("eth_getTransactionReceipt", json!([hash])).unwrap()["status"], "0x1");
}

fn deploy_a_copy(environment: &TestEnvironment) -> String {
    let book = environment.ok(&["deploy", "--json"]).json()["licenseBook"].as_str().unwrap().to_owned();
    let artifact = std::fs::read(modelmark_testkit::tools::workspace().join("contracts/artifacts/ModelRegistry.json")).unwrap();
    let artifact: Value = serde_json::from_slice(&artifact).unwrap();
    let code: Bytes = artifact["bytecode"].as_str().unwrap().parse().unwrap();
    let (book, nobody) = (book.parse::<Address>().unwrap(), Address::ZERO);
    let arguments = ("modelmark".to_owned(), "MARK".to_owned(), nobody, book, nobody, nobody).abi_encode_params();
    let data = Bytes::from([&code[..], &arguments].concat());
    let devnet = Devnet::open(&environment.data_dir().join("devnet"), Config::default()).unwrap();
    let transaction = json!([{"from": CREATOR, "data": data, "gas": "0x989680"}]);
    let hash = devnet.request("eth_sendTransaction", transaction).unwrap();
    let receipt = devnet.request("eth_getTransactionReceipt", json!([hash])).unwrap();
    assert_eq!(receipt["status"], "0x1");
    receipt["contractAddress"].as_str().unwrap().parse::<Address>().unwrap().to_checksum(None)
}
