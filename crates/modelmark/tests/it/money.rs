//! Chains where money is real: development keys are refused, and nothing is sent unasked.

use crate::chains::Elsewhere;
use crate::environment::{CREATOR, TestEnvironment};

/// The published key of development account 0, in an environment variable as somebody might be tempted to.
const DEVELOPMENT_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/// A key that is no development key.
const OWN_KEY: &str = "0x00000000000000000000000000000000000000000000000000000000000a11ce";
const OWN_ACCOUNT: &str = "0xe05fcC23807536bEe418f142D19fa0d21BB0cfF7";

#[test]
fn development_keys_are_refused() {
    let environment = TestEnvironment::with_a_token();
    let chain = Elsewhere::start(8453);
    for verb in [&["publish", "kept"][..], &["deploy"]] {
        let args: Vec<_> = verb.iter().copied().chain(["--rpc-url", &chain.url, "--yes"]).collect();
        environment.run(&args).expect_error(2, &["no key to sign with on eip155:8453", "--keystore", "MODELMARK_PRIVATE_KEY"]);
        let with_account: Vec<_> = args.iter().copied().chain(["--dev-account", "0"]).collect();
        environment.run(&with_account).expect_error(2, &["development account", "eip155:31337 only, not on eip155:8453"]);
        let mut with_key = environment.command(&args);
        with_key.env("MODELMARK_PRIVATE_KEY", DEVELOPMENT_KEY);
        environment.finish(with_key).expect_error(2, &[CREATOR, "development account"]);
    }
    assert_eq!(chain.sent_by(CREATOR), "0x0");
    environment.assert_kept();
}

#[test]
fn an_account_without_money_is_told_how_much_it_takes() {
    let environment = TestEnvironment::with_a_token();
    let chain = Elsewhere::start(8453);
    let mut command = environment.command(&["deploy", "--rpc-url", &chain.url, "--yes"]);
    command.env("MODELMARK_PRIVATE_KEY", OWN_KEY);
    environment.finish(command).expect_error(2, &[OWN_ACCOUNT, "eip155:8453", "may cost"]);
}

#[test]
fn play_money_is_had_for_the_asking() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    let mut command = environment.command(&["publish", "tiny"]);
    command.env("MODELMARK_PRIVATE_KEY", OWN_KEY);
    let words = ["modelmark devnet", "cast send", "--value 1ether", OWN_ACCOUNT];
    environment.finish(command).expect_error(2, &words);
    environment.assert_kept();
}

#[test]
fn nothing_is_sent_unless_somebody_agrees() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    environment.write("password", "correct horse");
    let account = environment.ok(&["wallet", "new", "key.json", "--password-file", "password"]).stdout.trim().to_owned();
    let chain = Elsewhere::start(8453);
    chain.fund(&account);
    let options = ["--rpc-url", &chain.url, "--keystore", "key.json", "--password-file", "password"];
    let run = |args: &[&str]| environment.run(&[args, &options].concat());

    run(&["deploy"]).expect_error(2, &["nothing was sent", "at most", "ETH", &account, "--yes"]);
    assert_eq!(chain.sent_by(&account), "0x0");
    run(&["deploy", "--yes"]).expect_code(0).expect_words(&["will", "cost", "deployed now"]);
    // What is there costs nothing, so nobody is asked.
    run(&["deploy"]).expect_code(0).expect_words(&["was there already"]);

    let sent = chain.sent_by(&account);
    run(&["publish", "tiny"]).expect_error(2, &["nothing was sent", "--yes"]);
    assert_eq!(chain.sent_by(&account), sent);
    let token = run(&["publish", "tiny", "--yes", "--json"]).expect_code(0).json();
    assert!(token["token"].as_str().unwrap().starts_with("eip155:8453/erc721:"), "{token}");
    let again = run(&["publish", "tiny", "--json"]).expect_code(0).json();
    assert_eq!((&again["token"], &again["minted"]), (&token["token"], &false.into()));
    environment.ok(&["verify", "tiny", "--rpc-url", &chain.url, "--creator", &account, "--full"]);
    environment.assert_kept();
}
