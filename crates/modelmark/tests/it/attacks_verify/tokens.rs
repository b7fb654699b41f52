//! Tokens of strangers, on a real chain, whose words steer the terminal: the names of their collection, what the licence book has at their licence, their URIs and
//! metadata. The chain keeps such words for good, and whoever looks at the token sees them.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol_types::SolCall;
use modelmark_devnet::{Config, Devnet};
use modelmark_testkit::tools::workspace;
use serde_json::{Value, json};

use super::terminal::{HOSTILE, shown};
use crate::environment::{CREATOR, TestEnvironment};

alloy::sol! {
    function register(string spdx, string uri) external returns (uint24 id);
    function create(address authority, string name, string symbol) external returns (address collection);
    function addressOf(address authority, string name, string symbol) external view returns (address collection);
    function mint(uint256 id, string uri) external;
}

/// The chain of a test, as a stranger with an account uses it.
struct Chain<'e>(&'e TestEnvironment);

impl Chain<'_> {
    fn ask(&self, method: &str, params: Value) -> Value {
        let devnet = Devnet::open(&self.0.data_dir().join("devnet"), Config::default()).unwrap();
        devnet.request(method, params).unwrap()
    }

    fn send(&self, transaction: &Value) -> Value {
        let hash = self.ask("eth_sendTransaction", json!([transaction]));
        self.ask("eth_getTransactionReceipt", json!([hash]))
    }

    fn call(&self, to: &str, call: &impl SolCall) -> Value {
        self.send(&json!({"from": CREATOR, "to": to, "data": Bytes::from(call.abi_encode()), "gas": "0x989680"}))
    }

    fn view<C: SolCall<Return = Address>>(&self, to: &str, call: &C) -> String {
        let answer = self.ask("eth_call", json!([{"to": to, "data": Bytes::from(call.abi_encode())}, "latest"]));
        C::abi_decode_returns(&answer.as_str().unwrap().parse::<Bytes>().unwrap()).unwrap().to_checksum(None)
    }
}

/// Runs everything that shows something of a token of ours, for people and as JSON, and returns how many of them had the stranger's words.
fn look_at(environment: &TestEnvironment, token: &str, registry: &str) -> usize {
    environment.write("record.json", environment.ok(&["record", "tiny", "--license", "apache-2.0"]).stdout);
    let bundled = environment.run(&["bundle", "tiny", "--token", token, "-o", "tiny.bundle.json"]);
    let commands: &[&[&str]] = &[
        &["show", token],
        &["token", "show", token],
        &["license", "show", token],
        &["status", "show", token],
        &["royalty", "show", token],
        &["storage", "status", token],
        &["collection", "show", registry],
        &["label", "show", token],
        &["verify", "tiny", "--token", token],
        &["verify", token],
        &["export", token, "--format", "card"],
        &["bundle", "show", "tiny.bundle.json"],
        &["verify", "tiny", "--bundle", "tiny.bundle.json", "--offline"],
        &["mint", "record.json", "--registry", registry, "--dry-run"],
        &["market", "list", token, "--price", "1", "--dry-run"],
        &["shares", "create", token, "--name", "Shares", "--symbol", "SH", "--dry-run"],
    ];
    let plain = commands.iter().filter(|command| shown(&environment.run(command))).count();
    let json = commands.iter().filter(|command| shown(&environment.run(&[command, &["--json"][..]].concat()))).count();
    plain + json + usize::from(shown(&bundled))
}

/// What a token says of its licence comes out of the book, which takes nothing that no page shows well, from nobody.
#[test]
fn the_licence_book_takes_no_such_words() {
    let environment = TestEnvironment::new();
    let deployed = environment.ok(&["deploy", "--json"]).json();
    let book = deployed["licenseBook"].as_str().unwrap();
    let chain = Chain(&environment);
    let register =
        |spdx: &str, uri: &str| chain.call(book, &registerCall { spdx: spdx.to_owned(), uri: uri.to_owned() })["status"] == "0x1";
    assert!(register("LicenseRef-decent", "https://example.org/terms"));
    for hostile in
        [HOSTILE, "https://example.org/\u{1b}[2J", "https://example.org/\u{202e}", "https://example.org/a b", "https://example.org/\n"]
    {
        assert!(!register("Apache-2.0", hostile), "{hostile:?}");
        assert!(!register(hostile, "https://example.org/terms"), "{hostile:?}");
    }
}

#[test]
fn a_token_of_a_collection_with_such_names() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let deployed = environment.ok(&["deploy", "--json"]).json();
    let factory = deployed["contracts"]["CollectionFactory"].as_str().unwrap().to_owned();
    let chain = Chain(&environment);
    // The contract takes any bytes that are short enough.
    let (name, symbol) = ("XYZZY\u{1b}[2J\u{202e}\nXYZZY".to_owned(), "X\u{1b}[31m".to_owned());
    let creation = createCall { authority: Address::ZERO, name: name.clone(), symbol: symbol.clone() };
    assert_eq!(chain.call(&factory, &creation)["status"], "0x1");
    let collection = chain.view(&factory, &addressOfCall { authority: Address::ZERO, name, symbol });
    let publish = ["publish", "tiny", "--license", "apache-2.0", "--registry", &collection, "--json"];
    let token = environment.ok(&publish).json()["token"].as_str().unwrap().to_owned();
    assert!(token.contains(&collection));
    assert!(look_at(&environment, &token, &collection) > 0, "nobody shows the words: nothing is tested");
    // Ours would not have made it.
    environment.run(&["collection", "create", HOSTILE, "--symbol", "X"]).expect_error(2, &["U+001B"]);
    environment.run(&["deploy", "--curated", HOSTILE, "--symbol", "X", "--admin", CREATOR]).expect_error(2, &["U+001B"]);
}

#[test]
fn a_token_of_somebody_else_s_contract_with_such_uris_and_metadata() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.ok(&["deploy"]);
    let artifact: Value = serde_json::from_slice(&std::fs::read(workspace().join("vectors/foreign/ForeignToken.json")).unwrap()).unwrap();
    let chain = Chain(&environment);
    let made = chain.send(&json!({"from": CREATOR, "data": artifact["bytecode"], "gas": "0x989680"}));
    let contract = made["contractAddress"].as_str().unwrap().to_owned();
    let digest = environment.ok(&["digest", "tiny", "--json"]).json()["weights"]["sha256"].as_str().unwrap().to_owned();
    let metadata = json!({
        "name": HOSTILE, "description": HOSTILE, "image": HOSTILE, "external_url": HOSTILE, HOSTILE: HOSTILE,
        "attributes": [{"trait_type": "Weights Hash", "value": digest}, {"trait_type": HOSTILE, "value": HOSTILE}],
        "provenance": {"weightsHash": HOSTILE, "modelArchitecture": HOSTILE, "datasetCid": HOSTILE, "trainingConfig": {HOSTILE: HOSTILE}},
    });
    let uris = [
        HOSTILE.to_owned(),
        format!("ipfs://{HOSTILE}"),
        format!("ar://{HOSTILE}"),
        format!("https://127.0.0.1:1/{HOSTILE}"),
        format!("data:{HOSTILE}"),
        format!("data:application/json;utf8,{metadata}"),
        format!("data:application/json;utf8,{HOSTILE}"),
    ];
    let mut seen = 0;
    for (id, uri) in uris.iter().enumerate() {
        assert_eq!(chain.call(&contract, &mintCall { id: U256::from(id), uri: uri.clone() })["status"], "0x1");
        let token = format!("eip155:31337/erc721:{contract}/{id}");
        let commands: &[&[&str]] = &[
            &["verify", "tiny", "--token", &token],
            &["verify", &token],
            &["record", "tiny", "--from-token", &token],
            &["show", &token],
            &["token", "show", &token],
            &["license", "show", &token],
            &["status", "show", &token],
            &["storage", "status", &token],
            &["bundle", "tiny", "--token", &token, "-o", "out.json"],
            &["export", &token, "--format", "card"],
        ];
        for command in commands {
            seen += usize::from(shown(&environment.run(command)));
            seen += usize::from(shown(&environment.run(&[command, &["--json"][..]].concat())));
        }
    }
    assert!(seen > 10, "hardly anybody shows the words: {seen}");
}
