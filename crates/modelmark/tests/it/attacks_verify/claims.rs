//! Strangers who claim a model that others made public.

use serde_json::json;

use crate::environment::{CREATOR, OTHER, Outcome, TestEnvironment};

/// A model that a stranger registered before its creator did; the stranger's token and the creator's. The creator's secret is in `tiny.secret`.
fn copied() -> (TestEnvironment, String, String) {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment.ok(&["anchor", "commit", "record.json", "--secret", "tiny.secret"]);
    let stranger = environment.ok(&["publish", "tiny", "--dev-account", "1", "--json"]).json()["token"].as_str().unwrap().to_owned();
    let creator = environment.publish("tiny");
    assert_ne!(stranger, creator);
    (environment, stranger, creator)
}

fn notes(outcome: &Outcome) -> String {
    outcome.json()["notes"].to_string()
}

#[test]
fn a_stranger_s_claim_to_a_public_model_is_told_wherever_a_report_is_read() {
    let (environment, stranger, creator) = copied();
    let open = environment.run(&["verify", "tiny", "--json"]).expect_code(0);
    assert_eq!(open.json()["token"], stranger.as_str(), "whoever said it first is looked at first");
    assert!(notes(&open).contains("claim.first: 2 tokens of 2 creators") && notes(&open).contains("pin the creator"), "{open:#?}");
    let told = open.check("claim.first")["details"][0].as_str().unwrap().to_owned();
    assert!(told.starts_with(&format!("later: {creator} by {CREATOR}")), "{told}");
    let later =
        json!({"token": creator, "creator": CREATOR, "earlier": false, "by": "mint", "block": open.json()["rivals"]["claims"][0]["block"]});
    assert_eq!(open.json()["rivals"], json!({"earlier": 0, "later": 1, "complete": true, "claims": [later]}));
    environment.run(&["verify", "tiny", "--report", "report.html"]).expect_code(0).expect_words(&["claim.first", "2 creators"]);
    let html = std::fs::read_to_string(environment.path("report.html")).unwrap();
    assert!(html.contains("claim.first: 2 tokens of 2 creators") && html.contains(CREATOR), "{html}");

    // The creator pinned: theirs is found behind it, and that somebody else was earlier stands in the check.
    let pinned = environment.run(&["verify", "tiny", "--creator", CREATOR, "--json"]).expect_code(0);
    assert_eq!((pinned.json()["token"].as_str(), pinned.status("claim.first").as_str()), (Some(creator.as_str()), "skipped"));
    assert_eq!((&pinned.json()["rivals"]["earlier"], &pinned.json()["rivals"]["claims"][0]["token"]), (&json!(1), &json!(stranger)));
    assert!(pinned.check("claim.first")["details"][0].as_str().unwrap().starts_with(&format!("earlier: {stranger} by {OTHER}")));
    // Whoever wants the first claim gets nobody's second, also when the token is named.
    environment.write("first.toml", "version = 1\n[claim]\nfirst = true\n");
    for wanted in [&["--first-claim"][..], &["--policy", "first.toml"]] {
        for named in [&["--creator", CREATOR][..], &["--token", &creator]] {
            let refused = environment.run(&[&["verify", "tiny", "--json"], wanted, named].concat()).expect_code(4);
            assert_eq!(refused.status("claim.first"), "fail");
        }
    }
    // So do the other gates, and the stranger's own token is the first.
    environment
        .run(&["run", "--policy", "first.toml", "--creator", CREATOR, "--model", "tiny", "--", "true"])
        .expect_error(4, &["claim.first"]);
    environment.run(&["verify", &creator, "--policy", "first.toml"]).expect_code(4).expect_words(&["claimed these weights before"]);
    environment.run(&["verify", &stranger, "--policy", "first.toml"]).expect_code(0);
}

#[test]
fn the_creator_who_committed_before_the_stranger_minted_is_the_first() {
    let (environment, stranger, creator) = copied();
    environment.ok(&["anchor", "reveal", &creator, "--secret", "tiny.secret"]);
    let open = environment.run(&["verify", "tiny", "--first-claim", "--json"]).expect_code(0);
    assert_eq!((open.json()["token"].as_str(), open.status("claim.first").as_str()), (Some(creator.as_str()), "pass"));
    assert!(notes(&open).contains("this token's creator") && !notes(&open).contains("NOT the first"), "{open:#?}");
    // The stranger's own token says what it is.
    let theirs = environment.run(&["verify", "tiny", "--creator", OTHER, "--json"]).expect_code(0);
    assert_eq!(theirs.json()["token"], stranger.as_str());
    let rival = &theirs.json()["rivals"]["claims"][0];
    assert!(rival["by"] == "commitment" && rival["earlier"] == true && rival["committed"].is_u64(), "{rival:#}");
    let earlier = theirs.check("claim.first")["details"][0].as_str().unwrap().to_owned();
    assert!(earlier.starts_with("earlier: ") && earlier.contains("committed to at Unix time"), "{earlier}");
    environment.run(&["verify", "tiny", "--token", &stranger, "--first-claim"]).expect_code(4);
}
