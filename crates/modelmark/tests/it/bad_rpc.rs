//! Endpoints that are down, broken, slow, or serve another chain than was asked for.

use std::time::{Duration, Instant};

use crate::chains::Elsewhere;
use crate::double::{self, Answer};
use crate::environment::TestEnvironment;

/// Every verb that asks the chain says that it could not look, and names the endpoint.
fn assert_out_of_reach(environment: &TestEnvironment, url: &str, words: &[&str]) {
    let token = environment.publish("kept");
    environment.write("record.json", environment.ok(&["record", "kept"]).stdout);
    let host = url.strip_prefix("http://").unwrap();
    let words: Vec<_> = words.iter().copied().chain([host]).collect();
    for args in [&["publish", "kept"][..], &["mint", "record.json"], &["show", &token], &["deploy"]] {
        let args: Vec<_> = args.iter().copied().chain(["--rpc-url", url]).collect();
        environment.run(&args).expect_error(3, &words);
    }
    for args in [&["verify", "kept"][..], &["verify", "kept", "--token", &token]] {
        let args: Vec<_> = args.iter().copied().chain(["--rpc-url", url]).collect();
        environment.run(&args).expect_code(3).expect_words(&words).expect_words(&["COULD NOT LOOK"]);
    }
    environment.assert_kept();
}

#[test]
fn nobody_listens() {
    assert_out_of_reach(&TestEnvironment::with_a_token(), &double::nobody(), &["cannot be reached"]);
}

#[test]
fn the_answer_is_garbage() {
    assert_out_of_reach(&TestEnvironment::with_a_token(), &double::start(Answer::Body(200, "\u{1b}[2J\0garbage")), &["something else"]);
}

#[test]
fn the_answer_is_a_web_page() {
    let page = "<!doctype html><html><body>Sign in</body></html>";
    assert_out_of_reach(&TestEnvironment::with_a_token(), &double::start(Answer::Body(200, page)), &["something else"]);
}

#[test]
fn the_answer_is_json_of_another_kind() {
    let environment = TestEnvironment::with_a_token();
    for body in
        ["{}", "[]", "null", "\"0x1\"", r#"{"jsonrpc":"2.0","id":0,"result":"not a number"}"#, r#"{"jsonrpc":"2.0","id":0,"result":null}"#]
    {
        let url = double::start(Answer::Body(200, body));
        environment.run(&["verify", "kept", "--rpc-url", &url]).expect_code(3).expect_words(&["COULD NOT LOOK"]);
        environment.run(&["publish", "kept", "--rpc-url", &url]).expect_error(3, &["http://127.0.0.1"]);
    }
    environment.assert_kept();
}

#[test]
fn the_endpoint_refuses_with_words_of_its_own() {
    let body = r#"{"jsonrpc":"2.0","id":0,"error":{"code":-32005,"message":"quota \u001b[31mused up\u202e"}}"#;
    let environment = TestEnvironment::with_a_token();
    let url = double::start(Answer::Body(200, body));
    environment.run(&["publish", "kept", "--rpc-url", &url]).expect_error(3, &["used up"]);
    environment.run(&["verify", "kept", "--rpc-url", &url]).expect_code(3).expect_words(&["used up"]);
}

#[test]
fn the_gateway_is_broken() {
    assert_out_of_reach(&TestEnvironment::with_a_token(), &double::start(Answer::Body(403, "no")), &["403"]);
}

#[test]
fn the_connection_breaks() {
    let environment = TestEnvironment::with_a_token();
    for answer in [Answer::Close, Answer::Truncated] {
        environment.run(&["verify", "kept", "--rpc-url", &double::start(answer)]).expect_code(3).expect_words(&["COULD NOT LOOK"]);
    }
}

#[test]
fn the_answer_never_ends() {
    let environment = TestEnvironment::with_a_token();
    environment
        .run(&["verify", "kept", "--rpc-url", &double::start(Answer::Flood)])
        .expect_code(3)
        .expect_words(&["more than 33554432 bytes"]);
}

#[test]
fn the_answer_never_comes() {
    let environment = TestEnvironment::with_a_token();
    let url = double::start(Answer::Hang);
    let started = Instant::now();
    environment.run(&["verify", "kept", "--rpc-url", &url, "--rpc-timeout", "1"]).expect_code(3).expect_words(&["no answer within 1s"]);
    environment.run(&["publish", "kept", "--rpc-url", &url, "--rpc-timeout", "1"]).expect_error(3, &["no answer within 1s"]);
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    environment.assert_kept();
}

#[test]
fn another_chain_answers() {
    let environment = TestEnvironment::with_a_token();
    let base = Elsewhere::start(8453);
    let pinned = ["--rpc-url", &base.url, "--chain", "eip155:1"];
    environment.run(&[&["publish", "kept"], &pinned[..]].concat()).expect_error(3, &["eip155:8453", "eip155:1"]);
    environment.run(&[&["verify", "kept"], &pinned[..]].concat()).expect_code(3).expect_words(&[
        "eip155:8453",
        "eip155:1",
        "COULD NOT LOOK",
    ]);
    let token = environment.publish("kept");
    environment.run(&["show", &token, "--rpc-url", &base.url]).expect_error(3, &["eip155:8453", "eip155:31337"]);
    environment.run(&["verify", "kept", "--token", &token, "--rpc-url", &base.url]).expect_code(3).expect_words(&["eip155:8453"]);
    environment.run(&["verify", "kept", "--chain", "basement"]).expect_error(2, &["basement", "eip155"]);
    environment.run(&["verify", "kept", "--chain", "goerli"]).expect_error(2, &["goerli is gone", "sepolia"]);
    environment.run(&["publish", "kept", "--chain", "eip155:1"]).expect_error(3, &["eip155:31337", "eip155:1"]);
    environment.assert_kept();
}

#[test]
fn the_address_is_none() {
    let environment = TestEnvironment::with_a_token();
    for bad in ["", "localhost:8545", "ftp://localhost", "ws://localhost:8545", "http://", "not a url", "http://[::1"] {
        environment.run(&["publish", "kept", "--rpc-url", bad]).expect_error(2, &["RPC address"]);
        environment.run(&["verify", "kept", "--rpc-url", bad]).expect_error(2, &["RPC address"]);
    }
}

/// Paths, queries and passwords of endpoints are access keys.
#[test]
fn an_access_key_is_never_shown() {
    let environment = TestEnvironment::with_a_token();
    let host = double::nobody().strip_prefix("http://").unwrap().to_owned();
    for url in [
        format!("http://{host}/v3/sEcReT"),
        format!("http://user:sEcReT@{host}/"),
        format!("http://{host}/?key=sEcReT"),
        "sEcReT://x".to_owned(),
    ] {
        for args in [["publish", "kept"], ["verify", "kept"]] {
            let failed = environment.run(&[&args[..], &["--rpc-url", &url]].concat());
            assert!(matches!(failed.code, Some(2 | 3)), "{failed:#?}");
            let url_itself_is_wrong = url.starts_with("sEcReT");
            assert!(url_itself_is_wrong || !(failed.stdout + &failed.stderr).contains("sEcReT"), "{url}");
        }
    }
    let help = environment.command(&["publish", "--help"]).env("MODELMARK_RPC_URL", "http://x/sEcReT").output().unwrap();
    assert!(!String::from_utf8(help.stdout).unwrap().contains("sEcReT"));
}
