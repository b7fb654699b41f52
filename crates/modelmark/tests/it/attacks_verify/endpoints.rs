//! Endpoints that lie about the chain, or tell of another time.

use modelmark_devnet::{Config, Devnet};
use serde_json::{Value, json};

use super::lying::Endpoint;
use crate::double;
use crate::environment::{CREATOR, Outcome, TestEnvironment};

/// A published model, and the chain it is on.
fn world() -> (TestEnvironment, Devnet, String) {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    let devnet = Devnet::open(&environment.data_dir().join("devnet"), Config::default()).unwrap();
    (environment, devnet, token)
}

fn verify(environment: &TestEnvironment, endpoints: &[&str], more: &[&str]) -> Outcome {
    let mut args = vec!["verify", "kept", "--json"];
    endpoints.iter().for_each(|url| args.extend(["--rpc-url", url]));
    args.extend(more);
    environment.run(&args)
}

/// An endpoint whose blocks are `seconds` later, or earlier, than they are.
fn shifted(devnet: &Devnet, seconds: i64) -> Endpoint {
    Endpoint::start(devnet, move |method, params, ask| {
        let mut answer = ask(params);
        if method == "eth_getBlockByNumber" {
            let time = u64::from_str_radix(answer["timestamp"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
            answer["timestamp"] = json!(format!("{:#x}", time.checked_add_signed(seconds).unwrap()));
        }
        answer
    })
}

/// Says that nobody ever minted anything, and that every call returns zeros.
fn denier(devnet: &Devnet) -> Endpoint {
    Endpoint::start(devnet, |method, params, ask| match method {
        "eth_getLogs" => json!([]),
        "eth_call" => json!(format!("0x{}", "00".repeat(512))),
        _ => ask(params),
    })
}

#[test]
fn an_endpoint_that_hides_the_token_is_outvoted_and_named() {
    let (environment, devnet, token) = world();
    let (liar, one, another) = (denier(&devnet), Endpoint::honest(&devnet), Endpoint::honest(&devnet));
    verify(&environment, &[&liar.url], &[]).expect_code(1);
    for more in [&[][..], &["--token", &token]] {
        let report = verify(&environment, &[&liar.url, &one.url, &another.url], more).expect_code(0);
        assert_eq!(report.json()["assurance"]["chain"], "agreement");
        assert_eq!(report.json()["assurance"]["agreement"], json!({"needed": 2, "of": 3}));
        let notes = report.json()["notes"].to_string();
        assert!(notes.contains(&liar.url) && notes.contains("CONTRADICTS") && !notes.contains(&one.url), "{notes}");
        // Half of the endpoints is no majority, and all of three are more than told the truth.
        let parted = verify(&environment, &[&liar.url, &one.url], more).expect_code(3);
        assert_eq!(parted.json()["verdict"], "could-not-look");
        let all = [&["--rpc-agree", "3"][..], more].concat();
        verify(&environment, &[&liar.url, &one.url, &another.url], &all).expect_code(3).expect_words(&["an agreement of 3 of 3 endpoints"]);
        // With commas between, as in the environment; a dead one is counted out.
        let (dead, mut command) = (double::nobody(), environment.command(&[&["verify", "kept", "--json"][..], more].concat()));
        command.env("MODELMARK_RPC_URL", format!("{dead},{},{}", one.url, another.url));
        let report = environment.finish(command).expect_code(0);
        assert!(report.json()["notes"].to_string().contains(&dead), "{report:#?}");
    }
}

#[test]
fn what_is_no_agreement_is_refused_before_anybody_is_asked() {
    let (environment, devnet, _) = world();
    let (one, another) = (Endpoint::honest(&devnet), Endpoint::honest(&devnet));
    verify(&environment, &[&one.url, &another.url], &["--rpc-agree", "1"]).expect_error(2, &["no agreement", "more than half"]);
    verify(&environment, &[&one.url, &another.url], &["--rpc-agree", "3"]).expect_error(2, &["3 of 2"]);
    verify(&environment, &[&one.url, &format!("{}/", one.url)], &[]).expect_error(2, &["named twice"]);
    verify(&environment, &[], &["--rpc-agree", "2"]).expect_error(2, &["--rpc-url"]);
    verify(&environment, &[&one.url], &["--block", "newest"]).expect_error(2, &["latest"]);
    assert_eq!((one.asked(), another.asked()), (0, 0));
}

#[test]
fn an_endpoint_that_answers_an_old_block_is_refused() {
    let (environment, devnet, _) = world();
    let old = shifted(&devnet, -86_400);
    let refused = verify(&environment, &[&old.url], &["--max-block-age", "3600"]).expect_code(3).expect_words(&["answers an old block"]);
    assert_eq!((refused.status("token.exists").as_str(), &refused.json()["assurance"]), ("unknown", &Value::Null));
    // Where blocks are made on demand there is no bound, and whoever reads it sees the time.
    let report = verify(&environment, &[&old.url], &[]).expect_code(0);
    assert!(report.json()["assurance"]["block"]["time"].as_u64().is_some());
    verify(&environment, &[&Endpoint::honest(&devnet).url], &["--max-block-age", "3600"]).expect_code(0);
}

/// Who shows an old state hides what was said since, however well that state is proven; and endpoints that agree on a block are no user who knows it.
#[test]
fn a_proof_makes_no_block_newer_and_nobody_know_it() {
    let (environment, devnet, token) = world();
    let (old, one, another) = (shifted(&devnet, -86_400), Endpoint::honest(&devnet), Endpoint::honest(&devnet));
    let prove = ["--token", &token, "--prove", "--max-block-age", "3600"];
    verify(&environment, &[&old.url], &prove).expect_error(3, &["answers an old block"]);
    let bundle = ["bundle", &token, "-o", "bundle.json", "--max-block-age", "3600", "--rpc-url"];
    environment.run(&[&bundle[..], &[&old.url]].concat()).expect_error(3, &["answers an old block"]);
    environment.run(&[&bundle[..], &[&one.url]].concat()).expect_code(0);

    let agreed = verify(&environment, &[&one.url, &another.url], &prove).expect_code(0).json();
    assert_eq!(agreed["assurance"]["chain"], "agreement");
    assert!(agreed["notes"].to_string().contains("the endpoints, which agree"), "{agreed:#}");
    environment.write("proof.toml", "version = 1\n[chain]\nassurance = \"proof\"\n");
    let demanding = [&prove[..], &["--policy", "proof.toml"]].concat();
    verify(&environment, &[&one.url, &another.url], &demanding).expect_code(4);
    let hash = agreed["assurance"]["block"]["hash"].as_str().unwrap();
    let named = verify(&environment, &[&one.url, &another.url], &[&demanding[..], &["--block-hash", hash]].concat()).expect_code(0);
    assert_eq!(named.json()["assurance"]["chain"], "proof");
}

/// A clock that was set back lets an old block pass for a new one; then honest blocks are of the future.
#[test]
fn a_clock_that_was_set_back_is_noticed() {
    let (environment, devnet, _) = world();
    let ahead = shifted(&devnet, 86_400);
    verify(&environment, &[&ahead.url], &["--max-block-age", "3600"])
        .expect_code(3)
        .expect_words(&["a block of the future", "set the clock"]);
}

#[test]
fn a_token_that_is_not_final_yet_is_told_from_one_that_is_not_there() {
    let (environment, devnet, token) = world();
    let lagging = Endpoint::start(&devnet, |_, params, ask| {
        if params[0] == "finalized" {
            params[0] = json!("0x0");
        }
        ask(params)
    });
    for more in [&["--block", "finalized"][..], &["--block", "finalized", "--token", &token]] {
        verify(&environment, &[&lagging.url], more).expect_code(1).expect_words(&["not final yet", "--block latest"]);
    }
    for (block, finality) in [("latest", "latest"), ("safe", "safe")] {
        let report = verify(&environment, &[&lagging.url], &["--block", block]).expect_code(0);
        assert_eq!(report.json()["assurance"]["block"]["finality"], finality);
    }
    // A number says nothing of finality by itself: it is final when a later block is.
    let head = devnet.request("eth_blockNumber", json!([])).unwrap();
    let head = u64::from_str_radix(head.as_str().unwrap().trim_start_matches("0x"), 16).unwrap().to_string();
    for (endpoint, finality) in [(Endpoint::honest(&devnet), "finalized"), (lagging, "safe")] {
        let report = verify(&environment, &[&endpoint.url], &["--block", &head]).expect_code(0);
        assert_eq!(report.json()["assurance"]["block"]["finality"], finality);
    }
}

/// Ten thousand strangers claimed the weights before the creator did. Nobody can tell from the chain who made them, but it costs a bounded number of
/// questions, and a creator who is pinned is found.
#[test]
fn ten_thousand_claims_cost_little_and_hide_no_creator_who_is_pinned() {
    let (environment, devnet, _) = world();
    let flood = || {
        Endpoint::start(&devnet, |method, params, ask| {
            let mut logs = ask(params);
            // Neither claims of one creator alone nor the mint of one token are the strangers'.
            let of_all = || [1, 2].iter().all(|place: &usize| params[0]["topics"][place].is_null());
            if method == "eth_getLogs" && of_all() && logs.as_array().is_some_and(|logs| logs.len() == 1) {
                let claim = logs[0].clone();
                let strangers = (0..10_000_u32).map(|stranger| {
                    let mut copy = claim.clone();
                    copy["blockNumber"] = json!("0x1");
                    copy["logIndex"] = json!(format!("{stranger:#x}"));
                    copy["topics"][1] = json!(format!("0x{stranger:064x}"));
                    copy["topics"][2] = json!(format!("0x{:064x}", 0x1_0000 + stranger));
                    copy
                });
                logs = strangers.chain([claim.clone()]).collect();
            }
            logs
        })
    };
    let (drowned, pinned, brought) = (flood(), flood(), flood());
    let report = verify(&environment, &[&drowned.url], &[]).expect_code(1);
    assert!(report.json()["notes"].to_string().contains("pin the creator"), "{report:#?}");
    assert!(drowned.asked() < 200, "{} questions", drowned.asked());
    verify(&environment, &[&pinned.url], &["--creator", CREATOR]).expect_code(0);
    // Whoever has the record knows whose claim to look for.
    environment.write("record.json", environment.ok(&["record", "kept"]).stdout);
    verify(&environment, &[&brought.url], &["--record", "record.json"]).expect_code(0);
    assert!(pinned.asked() < 100 && brought.asked() < 100, "{} and {} questions", pinned.asked(), brought.asked());
}
