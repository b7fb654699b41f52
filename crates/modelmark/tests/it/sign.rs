//! `modelmark sign` by several accounts, and `modelmark verify-signature`: who signed, from files alone.

use alloy::dyn_abi::TypedData;
use alloy::primitives::{Address, Bytes, keccak256};
use alloy::sol_types::SolValue as _;
use modelmark_chain::{CREATE2_FACTORY, ChainId, Wallet};
use serde_json::{Value, json};

use crate::environment::{CREATOR, OTHER, TestEnvironment};

/// A record of account 0 with accounts 0 and 1 as contributors.
fn shared() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let shares = format!(
        "[[contributor]]\naccount = \"eip155:1:{CREATOR}\"\nshare = \"75%\"\n\n[[contributor]]\naccount = \"eip155:1:{OTHER}\"\nshare = \"25%\"\n"
    );
    environment.write("tiny/modelmark.toml", shares);
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment
}

fn sign(environment: &TestEnvironment, account: &str, name: &str) {
    environment.ok(&["sign", "record.json", "--dev-account", account, "--output", name]);
}

fn signers(document: &Value) -> Vec<&str> {
    document["signatures"].as_array().unwrap().iter().map(|signature| signature["signer"].as_str().unwrap()).collect()
}

#[test]
fn contributors_sign_beside_the_creator_and_documents_go_together() {
    let environment = shared();
    sign(&environment, "0", "creator.json");
    sign(&environment, "1", "other.json");
    let added = environment.ok(&["sign", "record.json", "--dev-account", "1", "--add", "creator.json"]).stdout;
    let merged =
        environment.ok(&["sign", "record.json", "--merge", "--add", "creator.json", "--add", "other.json", "--add", "creator.json"]).stdout;
    assert_eq!(added, merged);
    let document: Value = serde_json::from_str(&added).unwrap();
    assert_eq!(signers(&document), [format!("eip155:1:{CREATOR}"), format!("eip155:1:{OTHER}")]);
    environment.write("both.json", &added);

    let verify = |args: &[&str]| environment.run(&[&["verify-signature", "record.json"], args].concat());
    verify(&["both.json", "--require-signatures", "2", "--require-signature", "contributors"]).expect_code(0);
    verify(&["creator.json", "other.json", "--require-signatures", "2", "--require-signature", "creator"]).expect_code(0);
    let refused = verify(&["creator.json", "--require-signature", OTHER, "--json"]).expect_code(4).json();
    assert_eq!((&refused["verdict"], &refused["checks"][1]["code"]), (&json!("policy-refused"), &json!("policy.signatures")));
    assert!(refused["checks"][1]["details"][0].as_str().unwrap().contains(OTHER));

    environment.ok(&["store", "record.json", "--signature", "both.json", "--model", "tiny"]);
    environment.ok(&["mint", "record.json"]);
    let told = environment.ok(&["verify", "tiny", "--require-signatures", "2", "--json"]);
    assert_eq!((told.status("record.signatures"), told.status("policy.signatures")), ("pass".to_owned(), "pass".to_owned()));
    environment.run(&["verify", "tiny", "--require-signatures", "3"]).expect_code(4);
    environment.run(&["verify", "tiny", "--require-signature", "nobody"]).expect_error(2, &["creator", "contributors"]);
}

#[test]
fn a_wrong_signature_beside_a_right_one_is_named() {
    let environment = shared();
    environment.write("both.json", {
        sign(&environment, "0", "creator.json");
        environment.ok(&["sign", "record.json", "--dev-account", "1", "--add", "creator.json"]).stdout
    });
    let text = std::fs::read_to_string(environment.path("both.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let good = document["signatures"][1]["signature"].as_str().unwrap();
    let creator = document["signatures"][0]["signature"].as_str().unwrap();
    environment.write("wrong.json", text.replace(good, creator));
    let told = environment.run(&["verify-signature", "record.json", "wrong.json", "both.json", "--require-signatures", "2"]).expect_code(1);
    assert!(told.stdout.contains("wrong-signer") && told.stdout.contains(OTHER) && told.stdout.contains("(wrong.json)"), "{}", told.stdout);
    environment.run(&["store", "record.json", "--signature", "wrong.json"]).expect_error(1, &["wrong.json", "does not belong to"]);
    environment.run(&["sign", "record.json", "--merge", "--add", "wrong.json"]).expect_error(1, &["wrong.json"]);

    environment.ok(&["store", "record.json", "--model", "tiny"]);
    environment.ok(&["mint", "record.json"]);
    let told = environment.run(&["verify", "tiny", "--signature", "wrong.json", "--require-signatures", "1", "--json"]).expect_code(1);
    assert_eq!((told.status("creator.signature"), told.status("record.signatures")), ("pass".to_owned(), "fail".to_owned()));
    let told = environment.run(&["verify-signature", "record.json", "record.json"]).expect_code(1);
    assert!(told.stdout.contains("record.json: document: "), "{}", told.stdout);
}

#[test]
fn a_key_that_is_elsewhere_signs_what_is_printed() {
    let environment = shared();
    let typed = environment.ok(&["sign", "record.json", "--account", OTHER, "--typed-data"]).json();
    assert_eq!((&typed["primaryType"], &typed["message"]["shareBps"]), (&json!("Contribution"), &json!(2500)));
    assert_eq!(typed["domain"], json!({"name": "modelmark", "version": "1"}));
    sign(&environment, "1", "other.json");
    let made: Value = serde_json::from_slice(&std::fs::read(environment.path("other.json")).unwrap()).unwrap();
    let signature = made["signatures"][0]["signature"].as_str().unwrap();
    let given = environment.ok(&["sign", "record.json", "--account", OTHER, "--signed", signature]).json();
    assert_eq!(given, made);
    environment.run(&["sign", "record.json", "--account", CREATOR, "--signed", signature]).expect_error(1, &["does not belong to"]);
    environment.run(&["sign", "record.json", "--account", OTHER, "--signed", "0x00"]).expect_error(2, &["65 bytes"]);
    environment.run(&["sign", "record.json", "--account", OTHER]).expect_error(2, &["--typed-data"]);
    let stranger = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
    environment.run(&["sign", "record.json", "--account", stranger, "--typed-data"]).expect_error(2, &["neither"]);
    environment.run(&["sign", "record.json", "--dev-account", "2"]).expect_error(2, &["as its creator", "contributor's"]);

    let wallet = format!("eip155:8453:{OTHER}");
    let typed = environment.ok(&["sign", "record.json", "--account", &wallet, "--typed-data"]).json();
    assert_eq!(typed["domain"]["chainId"], json!(8453));
    environment.write("wallet.json", environment.ok(&["sign", "record.json", "--account", &wallet, "--signed", "0x01"]).stdout);
    let told = environment.run(&["verify-signature", "record.json", "wallet.json"]).expect_code(3);
    assert!(told.stdout.contains(&wallet), "{}", told.stdout);
}

/// A wallet of OpenZeppelin's code (see `vectors/wallets`) that nobody has deployed yet, and the call that would.
fn wallet_of(owner: &Wallet) -> (Address, Bytes) {
    let wallets: Value = serde_json::from_str(include_str!("../../../../vectors/wallets/wallets.json")).unwrap();
    let code: Bytes = wallets["OwnedWallet"].as_str().unwrap().parse().unwrap();
    let code = [code.to_vec(), owner.address().abi_encode()].concat();
    (CREATE2_FACTORY.create2([0; 32], keccak256(&code)), [vec![0; 32], code].concat().into())
}

#[test]
fn a_contract_wallet_is_asked_on_its_chain_and_nothing_signed_for_another_counts() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let key = |index| Wallet::development(ChainId::DEVELOPMENT, index).unwrap();
    let (wallet, creation) = wallet_of(&key(3));
    environment.write("record.json", environment.ok(&["record", "tiny", "--creator", &wallet.to_string()]).stdout);
    let account = |chain: u64| format!("eip155:{chain}:{wallet}");
    // Has the key sign for one chain, and says that it is for another.
    let signed = |index: usize, chain: u64, said: u64| {
        let typed = environment.ok(&["sign", "record.json", "--account", &account(chain), "--typed-data"]).stdout;
        let digest = serde_json::from_str::<TypedData>(&typed).unwrap().eip712_signing_hash().unwrap();
        let signature = Bytes::from(key(index).sign_digest(&digest.0).unwrap().to_vec());
        let wrapped = [(CREATE2_FACTORY, creation.clone(), signature).abi_encode_params(), [0x64, 0x92].repeat(16)].concat();
        let hex = alloy::hex::encode_prefixed(wrapped);
        environment
            .write("wallet.sig.json", environment.ok(&["sign", "record.json", "--account", &account(said), "--signed", &hex]).stdout);
        environment.run(&["verify-signature", "record.json", "wallet.sig.json", "--require-signature", "creator"])
    };
    signed(4, 31337, 31337).expect_code(1).expect_words(&["wallet-refuses"]);
    signed(3, 1, 31337).expect_code(1).expect_words(&["wallet-refuses"]);
    signed(3, 31337, 1).expect_code(3).expect_words(&["the wallet is on eip155:1, the endpoint serves eip155:31337"]);
    signed(3, 31337, 31337).expect_code(0).expect_words(&["signed by the creator"]);

    let told = environment.run(&["verify", "tiny", "--record", "record.json", "--signature", "wallet.sig.json", "--json"]);
    assert_eq!((told.status("creator.signature"), told.status("record.signatures")), ("pass".to_owned(), "pass".to_owned()));
    let nobody = ["verify-signature", "record.json", "wallet.sig.json", "--rpc-url", "http://127.0.0.1:9"];
    environment.run(&nobody).expect_code(3).expect_words(&["could not be asked"]);
}
