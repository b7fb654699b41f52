//! `modelmark verify` of tokens that others minted: OpenZeppelin's ERC-721 on a real chain, with metadata as it is found in the wild.

use alloy::primitives::{Bytes, U256};
use alloy::sol_types::SolCall as _;
use modelmark_devnet::{Config, Devnet};
use modelmark_remote::arweave::{ArweaveKey, Draft, Tag};
use modelmark_testkit::tools;
use serde_json::{Value, json};

use crate::environment::{CREATOR, Outcome, TestEnvironment};

alloy::sol! {
    function mint(uint256 id, string uri);
}

/// A collection of somebody else.
struct Collection {
    environment: TestEnvironment,
    contract: String,
}

impl Collection {
    fn new() -> Self {
        let environment = TestEnvironment::new();
        environment.ok(&["deploy"]);
        let artifact = vector("ForeignToken.json");
        let sent = json!([{"from": CREATOR, "data": artifact["bytecode"], "gas": "0x989680"}]);
        let contract = send(&environment, sent)["contractAddress"].as_str().unwrap().to_owned();
        Self { environment, contract }
    }

    fn mint(&self, id: u64, uri: &str) -> String {
        let call = mintCall { id: U256::from(id), uri: uri.to_owned() }.abi_encode();
        send(&self.environment, json!([{"from": CREATOR, "to": self.contract, "data": Bytes::from(call), "gas": "0x989680"}]));
        self.token(id)
    }

    fn token(&self, id: u64) -> String {
        format!("eip155:31337/erc721:{}/{id}", self.contract)
    }

    fn verify(&self, model: &str, token: &str, more: &[&str]) -> Outcome {
        self.environment.run(&[&["verify", model, "--token", token], more].concat())
    }
}

fn send(environment: &TestEnvironment, transaction: Value) -> Value {
    let devnet = Devnet::open(&environment.data_dir().join("devnet"), Config::default()).unwrap();
    let hash = devnet.request("eth_sendTransaction", transaction).unwrap();
    let receipt = devnet.request("eth_getTransactionReceipt", json!([hash])).unwrap();
    assert_eq!(receipt["status"], "0x1");
    receipt
}

fn vector(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(tools::workspace().join("vectors/foreign").join(name)).unwrap()).unwrap()
}

/// The weights of the vectors, see their README.
fn weights() -> Vec<u8> {
    (0..300_000_u32).map(|i| (i * 31 + (i >> 8)) as u8).collect()
}

fn data(document: &str) -> String {
    format!("data:application/json;utf8,{document}")
}

fn status<'r>(report: &'r Value, code: &str) -> &'r str {
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["code"] == code).unwrap();
    check["status"].as_str().unwrap()
}

#[test]
fn tokens_as_others_mint_them() {
    let collection = Collection::new();
    collection.environment.write("model.bin", weights());
    for (id, case) in vector("shapes.json")["cases"].as_array().unwrap().iter().enumerate() {
        let token = collection.mint(id as u64, &data(case["metadata"].as_str().unwrap()));
        let outcome = collection.verify("model.bin", &token, &["--json"]);
        let report = outcome.json();
        let (code, verdict, digest) = match case["matches"].as_bool() {
            Some(true) => (0, "verified-without-record", "pass"),
            Some(false) => (1, "does-not-verify", "pass"),
            None => (1, "does-not-verify", "fail"),
        };
        assert_eq!((outcome.code, report["verdict"].as_str()), (Some(code), Some(verdict)), "{case} {report:#}");
        assert_eq!((status(&report, "foreign.digest"), status(&report, "foreign.bound")), (digest, "pass"), "{case}");
    }
}

#[test]
fn a_folder_is_verified_by_its_weights_and_the_report_says_what_that_leaves_out() {
    let collection = Collection::new();
    collection.environment.model("tiny");
    let digest = collection.environment.ok(&["digest", "tiny", "--json"]).json();
    let sha256 = digest["weights"]["sha256"].as_str().unwrap().to_owned();
    let token = collection.mint(7, &data(&format!("{{\"attributes\":[{{\"trait_type\":\"Weights Hash\",\"value\":\"{sha256}\"}}]}}")));
    collection.verify("tiny", &token, &[]).expect_code(0).expect_words(&[
        "VERIFIED, BUT WITHOUT A RECORD",
        "not a modelmark registry",
        "of the 2 other files nothing is known",
        "no author",
    ]);
    collection.verify("tiny", &token, &["--creator", CREATOR]).expect_code(4);
    collection.environment.write("tiny/model.safetensors", modelmark_testkit::model::safetensors("other"));
    collection.verify("tiny", &token, &[]).expect_code(1).expect_words(&["FAIL foreign.weights", &sha256]);
    collection.verify("tiny", &collection.token(8), &[]).expect_code(1).expect_words(&["FAIL token.exists"]);
}

#[test]
fn metadata_that_is_brought_along_is_held_against_the_cid() {
    let collection = Collection::new();
    let environment = &collection.environment;
    environment.write("model.bin", weights());
    let sha256 = vector("shapes.json")["digests"]["sha256"].as_str().unwrap().to_owned();
    let document = format!("{{\"provenance\":{{\"weightsHash\":\"0x{sha256}\"}}}}");
    environment.write("7.json", &document);
    environment.write("forged.json", format!("{document} "));
    let cid = environment.ok(&["digest", "7.json", "--json"]).json()["cid"].as_str().unwrap().to_owned();
    let token = collection.mint(1, &format!("ipfs://{cid}"));
    collection.verify("model.bin", &token, &[]).expect_code(3).expect_words(&["unknown foreign.metadata", "--metadata FILE"]);
    collection.verify("model.bin", &token, &["--metadata", "7.json"]).expect_code(0);
    for more in [&["--metadata", "forged.json"][..], &["--metadata", "forged.json", "--accept-unbound"]] {
        collection.verify("model.bin", &token, more).expect_code(1).expect_words(&["FAIL foreign.bound"]);
    }
    // A web server may say something else tomorrow, and so may nobody else in its name today.
    for (id, uri) in [(2, "https://example.org/7.json".to_owned()), (3, "ar://abc".to_owned()), (4, format!("ipfs://{cid}/7.json"))] {
        let token = collection.mint(id, &uri);
        collection.verify("model.bin", &token, &["--metadata", "7.json"]).expect_code(3).expect_words(&["unknown foreign.bound"]);
        let accepted = collection.verify("model.bin", &token, &["--metadata", "7.json", "--accept-unbound"]).expect_code(0);
        accepted.expect_words(&["nothing binds the metadata to the token"]);
    }
}

#[test]
fn an_arweave_item_is_held_against_the_id() {
    let collection = Collection::new();
    let environment = &collection.environment;
    environment.write("model.bin", weights());
    let sha256 = vector("shapes.json")["digests"]["sha256"].as_str().unwrap().to_owned();
    let document = format!("{{\"provenance\":{{\"weightsHash\":\"0x{sha256}\"}}}}");
    let wallet = std::fs::read_to_string(tools::workspace().join("vectors/arweave/keys/arweave.json")).unwrap();
    let wallet = ArweaveKey::from_jwk(&wallet).unwrap();
    let signed = |data: &[u8]| Draft::new(vec![Tag::new("Content-Type", "application/json")]).item(data, &wallet).unwrap();
    let (item, other) = (signed(document.as_bytes()), signed(document.as_bytes()));
    let mut changed = item.bytes().to_vec();
    *changed.last_mut().unwrap() = b' ';
    environment.write("7.item", item.bytes());
    environment.write("other.item", other.bytes());
    environment.write("changed.item", changed);
    environment.write("7.json", &document);
    let token = collection.mint(1, &format!("ar://{}", item.id()));
    let verify = |file: &str, more: &[&str]| collection.verify("model.bin", &token, &[&["--metadata", file][..], more].concat());
    verify("7.item", &[]).expect_code(0).expect_words(&["pass foreign.bound", &item.id().to_string(), "pass foreign.weights"]);
    // Another item with the very same data, and one whose data nobody signed, whatever is accepted.
    for more in [&[][..], &["--accept-unbound"]] {
        verify("other.item", more).expect_code(1).expect_words(&["FAIL foreign.bound", &other.id().to_string()]);
        verify("changed.item", more).expect_code(1).expect_words(&["FAIL foreign.bound", "signature"]);
    }
    // The data alone are not bound to an id.
    verify("7.json", &[]).expect_code(3).expect_words(&["unknown foreign.bound", "the whole item"]);
    // Nor is what lies inside of an item that is a folder.
    let inside = collection.mint(2, &format!("ar://{}/7.json", item.id()));
    collection.verify("model.bin", &inside, &["--metadata", "7.json"]).expect_code(3).expect_words(&["unknown foreign.bound"]);
}

#[test]
fn metadata_on_the_web_is_fetched_from_public_addresses_only_and_if_the_policy_says_so() {
    let collection = Collection::new();
    collection.environment.write("model.bin", weights());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let inside = [
        format!("https://127.0.0.1:{port}/7.json"),
        format!("http://localhost:{port}/7.json"),
        "https://localhost/7.json".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://[::ffff:10.0.0.1]/7.json".to_owned(),
    ];
    for (id, uri) in inside.iter().enumerate() {
        let token = collection.mint(id as u64, uri);
        collection.verify("model.bin", &token, &[]).expect_code(3).expect_words(&["not fetched from a web server"]);
        let asked = collection.verify("model.bin", &token, &["--accept-mutable-uri"]).expect_code(3);
        asked.expect_words(&["unknown foreign.metadata", "is not fetched from"]);
    }
    assert!(listener.accept().is_err(), "nobody connected");
    collection.environment.run(&["verify", "model.bin", "--accept-mutable-uri"]).expect_error(2, &["--token"]);
}

#[test]
fn hostile_metadata_and_uris_are_refused_by_code() {
    let collection = Collection::new();
    collection.environment.write("model.bin", weights());
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(tools::workspace().join("attacks/foreign").join(name)).unwrap()).unwrap()
    };
    let documents = read("documents.json");
    // Every kind of refusal once: each of them is held against the parser in its own crate.
    let mut seen = Vec::new();
    let mut id = 0;
    for case in documents.as_array().unwrap() {
        let code = case["code"].as_str().unwrap();
        if seen.contains(&code) {
            continue;
        }
        seen.push(code);
        id += 1;
        let token = collection.mint(id, &data(case["document"].as_str().unwrap()));
        collection.verify("model.bin", &token, &[]).expect_code(1).expect_words(&["DOES NOT VERIFY", &format!("{code}: ")]);
    }
    for case in read("uris.json").as_array().unwrap().iter().take(4) {
        id += 1;
        let token = collection.mint(id, case["uri"].as_str().unwrap());
        collection.verify("model.bin", &token, &[]).expect_code(1).expect_words(&["FAIL foreign.metadata", "uri: "]);
    }
    collection.environment.write("large.json", vec![b' '; (1 << 20) + 1]);
    let token = collection.mint(100, "https://example.org/7.json");
    let more = ["--metadata", "large.json", "--accept-unbound"];
    collection.verify("model.bin", &token, &more).expect_code(1).expect_words(&["too-large: "]);
}

#[test]
fn a_model_that_was_only_signed_verifies_by_its_signature() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let key = |name: &str| tools::workspace().join(format!("vectors/oms/keys/{name}.pem")).to_str().unwrap().to_owned();
    let args = ["oms", "sign", "key", "tiny", "--private-key", &key("p256"), "--signature", "tiny/model.sig"];
    environment.ok(&args);
    environment.run(&["verify", "tiny"]).expect_code(1).expect_words(&["FAIL token.exists", "--oms-key"]);
    let by_key = ["verify", "tiny", "--oms-key", &key("p256.pub")];
    environment.ok(&by_key).expect_words(&["pass oms.signature", "VERIFIED, BUT WITHOUT A RECORD"]);
    environment.run(&[&by_key[..], &["--creator", CREATOR]].concat()).expect_code(4);
    environment.run(&["verify", "tiny", "--oms-key", &key("p384.pub")]).expect_code(1).expect_words(&["FAIL oms.signature"]);
    environment.run(&["verify", "tiny", "--oms-signature", "tiny/model.sig"]).expect_code(2).expect_words(&["--oms-key"]);
    // A token that is found still has to verify, and so does the signature.
    environment.publish("tiny");
    environment.ok(&by_key).expect_words(&["pass oms.signature", "pass record.valid"]);
    environment.write("tiny/run.py", "print()");
    environment.run(&by_key).expect_code(1).expect_words(&["FAIL oms.signature", "file-extra", "FAIL model.extra"]);
    std::fs::remove_file(environment.path("tiny/model.sig")).unwrap();
    environment.run(&by_key).expect_code(1).expect_words(&["there is no signature"]);
}

#[test]
fn a_token_of_others_is_taken_over_with_its_name_licence_and_maker() {
    let collection = Collection::new();
    let environment = &collection.environment;
    environment.write("model.bin", weights());
    let digest = modelmark_digest::Sha256Digest::of(&weights());
    let metadata = json!({
        "name": "Tiny", "description": "A small one.", "external_url": "https://example.com/tiny",
        "attributes": [
            {"trait_type": "Creator", "value": "Alice"}, {"trait_type": "License", "value": "Apache-2.0"},
            {"trait_type": "Weights Hash", "value": digest.to_string()},
        ],
    });
    let token = collection.mint(1, &data(&metadata.to_string()));
    let record = environment.ok(&["record", "model.bin", "--from-token", &token]);
    let text = record.json();
    assert_eq!((text["name"].as_str(), text["description"].as_str()), (Some("Tiny"), Some("A small one.")));
    let provenance = &text["provenance"];
    assert_eq!(provenance["license"]["spdx"], "Apache-2.0");
    assert_eq!(provenance["creator"]["account"].as_str().unwrap(), format!("eip155:1:{CREATOR}"), "who signs, and not who it says");
    let parent = json!({"relation": "version", "parent": {"name": "Tiny by Alice", "token": checksummed(&token)}});
    assert_eq!(provenance["lineage"], json!([parent]));
    assert!(provenance["sources"].to_string().contains("../token-metadata.json"), "{provenance}");
    // It is a record like any other.
    environment.write("record.json", &record.stdout);
    environment.write("record.sig.json", environment.ok(&["sign", "record.json"]).stdout);
    environment.ok(&["store", "record.json", "--signature", "record.sig.json", "--model", "model.bin"]);
    environment.ok(&["mint", "record.json", "--signature", "record.sig.json"]);
    environment.ok(&["verify", "model.bin"]).expect_words(&["VERIFIED"]);
    // What is stated wins, and what the metadata does not speak of is refused.
    let named = environment.ok(&["record", "model.bin", "--from-token", &token, "--name", "Mine", "--license", "mit"]).json();
    assert_eq!((named["name"].as_str(), named["provenance"]["license"]["spdx"].as_str()), (Some("Mine"), Some("MIT")));
    environment.write("other.bin", "other weights");
    environment.run(&["record", "other.bin", "--from-token", &token]).expect_error(1, &["nothing is taken over"]);
    let bare = collection.mint(2, &data(r#"{"name":"No digest","license":"MIT"}"#));
    environment.run(&["record", "model.bin", "--from-token", &bare]).expect_error(1, &["no-digest"]);
}

#[test]
fn metadata_that_nothing_binds_is_taken_over_on_request_only() {
    let collection = Collection::new();
    let environment = &collection.environment;
    environment.write("model.bin", weights());
    let digest = modelmark_digest::Sha256Digest::of(&weights()).to_string();
    environment.write("7.json", json!({"name": "Far", "license": "MIT", "modelCommitment": {"modelHash": digest}}).to_string());
    let token = collection.mint(7, "https://example.com/7.json");
    let record = |more: &[&str]| environment.run(&[&["record", "model.bin", "--from-token", &token], more].concat());
    record(&[]).expect_error(3, &["--metadata"]);
    record(&["--metadata", "7.json"]).expect_error(3, &["nothing binds"]);
    let taken = record(&["--metadata", "7.json", "--accept-unbound"]).expect_code(0).json();
    let parent = &taken["provenance"]["lineage"][0]["parent"];
    assert_eq!((parent["uri"].as_str(), parent["name"].as_str()), (Some("https://example.com/7.json"), Some("Far")));
    let own = environment.ok(&["publish", "model.bin", "--license", "mit", "--json"]).json();
    environment.run(&["record", "model.bin", "--from-token", own["token"].as_str().unwrap()]).expect_error(2, &["has a record of its own"]);
}

fn checksummed(token: &str) -> String {
    token.parse::<modelmark_chain::TokenRef>().unwrap().to_string()
}
