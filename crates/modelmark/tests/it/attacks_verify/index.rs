//! An index of tokens that hides, lies, hangs or floods, and what an honest one is good for.

use serde_json::{Value, json};

use crate::double::{self, Answer};
use crate::environment::{OTHER, Outcome, TestEnvironment};

/// Starts an index that answers every question so.
fn answering(body: &Value) -> String {
    double::start(Answer::Body(200, Box::leak(body.to_string().into_boxed_str())))
}

fn verify(environment: &TestEnvironment, index: &str) -> Outcome {
    environment.run(&["verify", "kept", "--index", index, "--json"])
}

fn notes(outcome: &Outcome) -> String {
    outcome.json()["notes"].to_string()
}

/// The digest that an index is asked for, with the name of the hash before it.
fn digest(environment: &TestEnvironment, model: &str) -> String {
    let manifest = environment.ok(&["digest", model, "--json"]).json();
    let cid: modelmark_digest::ContentId = manifest["weights"]["cid"].as_str().unwrap().parse().unwrap();
    format!("sha256:{}", cid.digest())
}

#[test]
fn a_token_of_a_collection_is_found_through_an_index_and_confirmed() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let made = environment.ok(&["collection", "create", "Ada's models", "--symbol", "ADA", "--json"]).json();
    let published = environment.ok(&["publish", "tiny", "--registry", made["collection"].as_str().unwrap(), "--json"]).json();
    let token = published["token"].as_str().unwrap();
    environment.run(&["verify", "tiny"]).expect_code(1);
    let over_http = answering(&json!({"tokens": [token]}));
    let file = json!({"digests": {digest(&environment, "tiny"): [token]}}).to_string();
    environment.write("index.json", file);
    for index in [over_http.as_str(), "index.json"] {
        let found = environment.run(&["verify", "tiny", "--index", index, "--json"]).expect_code(0);
        assert_eq!((found.json()["token"].as_str(), found.status("contract.authentic").as_str()), (Some(token), "pass"));
        assert_eq!(found.status("claim.first"), "pass");
    }
    // Whoever runs it or watches it finds it by the same index.
    let run = |more: &[&str]| environment.run(&[&["run", "--model", "tiny"], more, &["--", "true"]].concat());
    run(&[]).expect_code(1);
    run(&["--index", "index.json"]).expect_code(0);
    run(&["--index", "nowhere.json"]).expect_error(2, &["nowhere.json"]);
    run(&["--index", "index.json", "--token", token]).expect_error(2, &["cannot be used with"]);
    environment.run(&["watch", "tiny", "--fail"]).expect_code(1);
    environment
        .run(&["watch", "tiny", "--fail", "--index", "index.json", "--creator", OTHER])
        .expect_code(4)
        .expect_words(&["REFUSED BY POLICY  tiny  (policy.creator: "]);
    // What is published later in the canonical registry is a claim beside it, of the same creator.
    environment.publish("tiny");
    let both = environment.run(&["verify", "tiny", "--index", "index.json", "--json"]).expect_code(0);
    assert!(notes(&both).contains("2 tokens of the same creator"), "{both:#?}");
}

#[test]
fn an_index_that_lies_or_floods_costs_a_note() {
    let environment = TestEnvironment::with_a_token();
    environment.model("other");
    let other = environment.publish("other");
    let market = modelmark_chain::Contract::ModelMarket.address().to_checksum(None);
    let absent = format!("{}/1", other.rsplit_once('/').unwrap().0);
    let lies = [
        (other.clone(), "it is of other weights"),
        (absent, "there is no such token"),
        (other.replacen("31337", "1", 1), "another chain"),
        (format!("eip155:31337/erc721:{market}/7"), "no modelmark registry"),
        (format!("eip155:31337/erc721:0x{}/7", "ab".repeat(20)), "no modelmark registry"),
        ("https://evil.example/\u{202e}".to_owned(), "no name of a token"),
    ];
    for (lie, why) in &lies {
        let report = verify(&environment, &answering(&json!({"tokens": [lie]}))).expect_code(0);
        assert!(notes(&report).contains(why) && notes(&report).contains("1 tokens that were passed over"), "{lie}: {report:#?}");
    }
    // All of them, again and again.
    let flood: Vec<_> = lies.iter().map(|(lie, _)| lie).cycle().take(300).collect();
    let report = verify(&environment, &answering(&json!({"tokens": flood}))).expect_code(0);
    assert!(notes(&report).contains("236 more tokens"), "{report:#?}");
    // A model without a token has none for all that an index says.
    environment.model("unpublished");
    let report = environment.run(&["verify", "unpublished", "--index", &answering(&json!({"tokens": [other]})), "--json"]).expect_code(1);
    assert!(report.status("token.exists") == "fail" && notes(&report).contains("it is of other weights"), "{report:#?}");
}

#[test]
fn an_index_that_hides_the_token_or_gives_no_answer_hides_nothing() {
    let environment = TestEnvironment::with_a_token();
    for (answer, noted) in [
        (Answer::Body(200, r#"{"tokens":[]}"#), false),
        (Answer::Body(404, "unknown"), false),
        (Answer::Body(500, "\u{1b}[31mboom"), true),
        (Answer::Body(200, "not JSON"), true),
        (Answer::Truncated, true),
        (Answer::Flood, true),
        (Answer::Close, true),
        // Five seconds are what it may take.
        (Answer::Hang, true),
    ] {
        let report = verify(&environment, &double::start(answer)).expect_code(0);
        assert_eq!(notes(&report).contains("the index was no help"), noted, "{report:#?}");
    }
    verify(&environment, &double::nobody()).expect_code(0);
    for wrong in ["ftp://index.example", "http://ada:secret@127.0.0.1:1", "nowhere.json"] {
        verify(&environment, wrong).expect_error(2, &[]);
    }
    environment.write("index.json", "{\"digests\":{\"sha256:12\":[]}}");
    verify(&environment, "index.json").expect_error(2, &["--index", "index.json"]);
}
