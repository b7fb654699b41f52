//! `modelmark proof-key`.

use alloy::primitives::{Bytes, hex, keccak256};
use serde_json::json;

use crate::chains::Elsewhere;
use crate::environment::{CREATOR, TestEnvironment};

/// Init code of a verifier that accepts every proof: it answers with the selector of the function that it was asked.
fn gullible() -> Bytes {
    let signature = "verifyProof(bytes32,bytes32,bytes32,bytes,bytes)";
    let answer = [&[0x63][..], &keccak256(signature)[..4], &hex!("60e01b5f5260205ff3")].concat();
    let length = u8::try_from(answer.len()).unwrap();
    // codecopy(0, 10, length); return.
    [&[0x60, length, 0x60, 10, 0x5f, 0x39, 0x60, length, 0x5f, 0xf3][..], &answer].concat().into()
}

#[test]
fn a_key_is_added_shown_used_and_taken_out_of_use() {
    let (environment, chain) = (TestEnvironment::new(), Elsewhere::start(31337));
    environment.model("tiny");
    let run = |args: &[&str]| environment.run(&[args, &["--rpc-url", &chain.url]].concat());
    run(&["deploy"]).expect_code(0);
    let token = run(&["publish", "tiny", "--json"]).expect_code(0).json()["token"].as_str().unwrap().to_owned();
    let hash = chain.ask("eth_sendTransaction", json!([{"from": CREATOR, "data": gullible()}]));
    let verifier = chain.ask("eth_getTransactionReceipt", json!([hash]))["contractAddress"].as_str().unwrap().to_owned();
    run(&["proof-key", "show", &token]).expect_code(0).expect_words(&["no keys"]);
    environment.write("circuit.bin", "a circuit");
    let digest = format!("0x{}", "07".repeat(32));
    let add = |verifier: &str, more: &[&str]| {
        let fixed = ["proof-key", "add", &token, "--circuit", "circuit.bin", "--verifying-key", &digest, "--system", "groth16-bn254-v1"];
        run(&[&fixed[..], &["--verifier", verifier, "--uri", "ipfs://x"], more].concat())
    };
    add(&verifier, &["--dry-run"]).expect_code(0).expect_words(&["ProofKeys at", "register(", "would cost"]);
    add(&verifier, &["--dev-account", "1"]).expect_error(1, &["only the creator", "NotModelOwner"]);
    add(CREATOR, &[]).expect_error(1, &["no contract at the verifier's address", "ProofKeysInvalid"]);
    let key = add(&verifier, &[]).expect_code(0).stdout.trim().to_owned();
    add(&verifier, &[]).expect_error(1, &["has this key", "ProofKeysAlreadyAdded"]);
    // The id that was printed is the contract's.
    run(&["proof-key", "show", &token]).expect_code(0).expect_words(&[&key, "in use", "ipfs://x"]);

    environment.write("answer.bin", "42");
    let check = |key: &str| run(&["proof-key", "check", key, "--input", &digest, "--output", "answer.bin", "--proof", "answer.bin"]);
    check(&key).expect_code(0).expect_words(&["HOLDS"]);
    check("7").expect_error(1, &["there is no such key", "ModelNotFound"]);
    let strict = modelmark_chain::Contract::LicenseBook.address().to_checksum(None);
    let refused = add(&strict, &[]).expect_code(0).stdout.trim().to_owned();
    check(&refused).expect_code(1).expect_words(&["DOES NOT HOLD", "InvalidProof"]);

    run(&["proof-key", "deprecate", &key, "--dev-account", "1"]).expect_error(1, &["NotModelOwner"]);
    run(&["proof-key", "deprecate", &key, "--dry-run"]).expect_code(0).expect_words(&["deprecateModel(uint256)", "would cost"]);
    run(&["proof-key", "deprecate", &key]).expect_code(0).expect_words(&["out of use"]);
    run(&["proof-key", "show", &token]).expect_code(0).expect_words(&["OUT OF USE"]);
    check(&key).expect_code(1).expect_words(&["DOES NOT HOLD", "took the key out of use"]);
}
