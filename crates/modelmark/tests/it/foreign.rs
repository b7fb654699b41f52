//! Programs that know nothing of modelmark read what it wrote: cast, web3.py, ethers; and a real anvil serves as the chain.

use std::fs;
use std::process::{Command, Output};

use modelmark_testkit::tools;
use serde_json::Value;

use crate::chains::{Anvil, Served};
use crate::environment::{CREATOR, TestEnvironment};

/// A published model whose royalty is 5 %.
struct Published {
    contract: String,
    id: String,
    record: String,
    value: Value,
}

fn publish(environment: &TestEnvironment, more: &[&str]) -> Published {
    environment.model("tiny");
    let args = ["publish", "tiny", "--royalty", "5%", "--json"];
    let value = environment.ok(&[&args[..], more].concat()).json();
    let mut parts = value["token"].as_str().unwrap().split('/').skip(1);
    let contract = parts.next().unwrap().strip_prefix("erc721:").unwrap().to_owned();
    let id = parts.next().unwrap().to_owned();
    let record = environment.ok(&["cat", value["uri"].as_str().unwrap()]).stdout;
    environment.write("metadata.json", &record);
    Published { contract, id, record, value }
}

/// Checks the token with `cast` as somebody on the chain would.
fn assert_cast_reads(published: &Published, environment: &TestEnvironment, url: &str) {
    let Some(cast) = tools::cast() else { return };
    let call = |signature: &str, arguments: &[&str]| {
        let output = Command::new(&cast)
            .args(["call", "--rpc-url", url, &published.contract, signature])
            .args(arguments)
            .env("HOME", environment.root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{signature}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let id = published.id.as_str();
    assert_eq!(call("ownerOf(uint256)(address)", &[id]), CREATOR);
    assert_eq!(call("tokenURI(uint256)(string)", &[id]).trim_matches('"'), published.value["uri"].as_str().unwrap());
    let royalty = call("royaltyInfo(uint256,uint256)(address,uint256)", &[id, "10000"]);
    let token = published.value["token"].as_str().unwrap();
    let shown = environment.ok(&["royalty", "show", token, "--rpc-url", url, "--json"]).json();
    let receiver = shown["earnings"]["receiver"].as_str().unwrap().to_owned();
    let told: Vec<_> = royalty.lines().map(str::to_lowercase).collect();
    assert_eq!(told, [receiver.to_lowercase(), "500".to_owned()]);
    assert_eq!(call("supportsInterface(bytes4)(bool)", &["0x80ac58cd"]), "true");
    let data =
        call("getModelData(uint256)((bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,address,uint40,uint24,uint8,uint8,uint16))", &[id]);
    assert!(data.contains(published.value["record"].as_str().unwrap()), "{data}");
    assert!(data.contains(CREATOR), "{data}");
    assert!(call("viewLicense(uint256)(string,string)", &[id]).contains("Apache-2.0"));
}

/// Runs one of the naive verifiers of `tests/clients` on a weights file.
fn naive(mut command: Command, published: &Published, environment: &TestEnvironment, url: &str, weights: &str) -> Output {
    command.args(["--rpc", url, "--contract", &published.contract, "--token-id", &published.id]);
    command.arg("--weights").arg(environment.path(weights)).arg("--metadata").arg(environment.path("metadata.json"));
    command.output().unwrap()
}

/// The right file matches, an altered one does not, and altered metadata is found out.
fn assert_naive(client: impl Fn() -> Command, published: &Published, environment: &TestEnvironment, url: &str) {
    let run = |weights: &str| naive(client(), published, environment, url, weights);
    let right = run("tiny/model.safetensors");
    assert_eq!(right.status.code(), Some(0), "{right:?}");
    let mut bytes = fs::read(environment.path("tiny/model.safetensors")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    environment.write("altered.safetensors", bytes);
    let altered = run("altered.safetensors");
    assert_eq!(altered.status.code(), Some(1), "{altered:?}");
    environment.write("metadata.json", published.record.replace("tiny", "huge"));
    assert_eq!(run("tiny/model.safetensors").status.code(), Some(1));
    environment.write("metadata.json", &published.record);
}

fn assert_clients_agree(published: &Published, environment: &TestEnvironment, url: &str) {
    assert_cast_reads(published, environment, url);
    let clients = tools::workspace().join("tests/clients");
    if let Some(python) = tools::python() {
        let client = || {
            let mut command = Command::new(&python);
            command.arg(clients.join("naive_verify.py"));
            command
        };
        assert_naive(client, published, environment, url);
    }
    if tools::node_modules().is_some() {
        let client = || {
            let mut command = Command::new("node");
            command.arg(clients.join("naive_verify.mjs"));
            command
        };
        assert_naive(client, published, environment, url);
    }
}

#[test]
fn clients_read_the_embedded_chain() {
    let environment = TestEnvironment::new();
    let published = publish(&environment, &[]);
    let served = Served::start(&environment);
    assert_clients_agree(&published, &environment, &served.url);
}

#[test]
fn a_real_anvil_serves_as_well() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let environment = TestEnvironment::new();
    let at = ["--rpc-url", &anvil.url];
    environment.model("tiny");
    environment.run(&[&["publish", "tiny"], &at[..]].concat()).expect_error(3, &["modelmark deploy"]);
    environment.ok(&[&["deploy"], &at[..]].concat());
    let published = publish(&environment, &at);
    environment.ok(&[&["verify", "tiny", "--full"], &at[..]].concat());
    environment.ok(&[&["show", published.value["token"].as_str().unwrap()], &at[..]].concat());
    let again = environment.ok(&[&["publish", "tiny", "--royalty", "5%", "--json"], &at[..]].concat()).json();
    assert_eq!((&again["token"], &again["minted"]), (&published.value["token"], &false.into()));
    assert_clients_agree(&published, &environment, &anvil.url);

    // The token is the same as on the embedded chain: nothing in its id depends on where it is minted.
    assert_eq!(environment.ok(&["publish", "tiny", "--royalty", "5%", "--json"]).json()["token"], published.value["token"]);
}

#[test]
fn an_anvil_of_another_chain_is_treated_as_one_where_money_is_real() {
    let Some(anvil) = Anvil::start(&["--chain-id", "10"]) else { return };
    let environment = TestEnvironment::with_a_token();
    environment.run(&["deploy", "--rpc-url", &anvil.url, "--yes"]).expect_error(2, &["no key to sign with on eip155:10"]);
    environment.run(&["publish", "kept", "--rpc-url", &anvil.url, "--dev-account", "1", "--yes"]).expect_error(2, &["development account"]);
    environment.assert_kept();
}

#[test]
fn a_keystore_of_cast_opens_and_cast_opens_ours() {
    let Some(cast) = tools::cast() else { return };
    let environment = TestEnvironment::new();
    environment.write("password", "correct horse");
    let run = |args: &[&str]| {
        let output = Command::new(&cast).args(args).current_dir(environment.path("")).env("HOME", environment.root()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let ours = environment.ok(&["wallet", "new", "ours.json", "--password-file", "password"]).stdout;
    assert_eq!(run(&["wallet", "address", "--keystore", "ours.json", "--password", "correct horse"]), ours);
    run(&[
        "wallet",
        "import",
        "theirs",
        "--keystore-dir",
        ".",
        "--private-key",
        &format!("0x{}", "11".repeat(32)),
        "--unsafe-password",
        "correct horse",
    ]);
    let address = run(&["wallet", "address", "--keystore", "theirs", "--password", "correct horse"]);
    assert_eq!(environment.ok(&["wallet", "address", "--keystore", "theirs", "--password-file", "password"]).stdout, address);
}
