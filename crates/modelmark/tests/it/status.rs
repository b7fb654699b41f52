//! `modelmark status`.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn a_creator_moves_a_status_forward_only() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.model("next");
    let (token, next) = (environment.publish("tiny"), environment.publish("next"));
    environment.ok(&["status", "show", &token]).expect_words(&["active"]);
    environment.ok(&["status", "set", &token, "superseded", "--by", &next]).expect_words(&["sent", "is superseded"]);
    environment.ok(&["status", "show", &token]).expect_words(&["superseded, says the creator"]);
    environment.run(&["status", "set", &token, "deprecated"]).expect_error(1, &["forward only"]);
    environment.run(&["status", "set", &token, "recalled", "--dev-account", "1"]).expect_error(1, &["only the creator", OTHER]);
    environment.write("why.md", "it learned from the wrong data");
    let set = environment.ok(&["status", "set", &token, "recalled", "--reason", "why.md", "--json"]).json();
    assert_eq!((&set["status"], &set["by"]), (&"recalled".into(), &CREATOR.into()));
    assert!(set["transactions"][0]["transaction"].is_string(), "{set}");
    assert_eq!(environment.ok(&["show", &token, "--json"]).json()["chain"]["status"], "recalled");
}

#[test]
fn a_curator_counts_for_those_who_follow() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.write("findings.md", "it repeats other people's letters");
    let say = |status: &str, account: &str| {
        environment.run(&["status", "set", &token, status, "--reason", "findings.md", "--dev-account", account, "--json"])
    };
    say("revoked", "1").expect_error(1, &["your own judgement", "active"]);
    say("disputed", "1").expect_code(0);
    say("disputed", "1").expect_error(1, &["your own judgement", "disputed"]);
    assert_eq!(environment.ok(&["status", "show", &token, "--json"]).json()["status"], "active");
    let followed = environment.ok(&["status", "show", &token, "--curator", OTHER, "--json"]).json();
    assert_eq!((&followed["status"], &followed["creator"]), (&"disputed".into(), &"active".into()));
    assert!(followed["curators"][0]["until"].is_u64(), "{followed}");
    say("revoked", "1").expect_code(0);
    environment.ok(&["status", "show", &token, "--curator", OTHER]).expect_words(&["revoked", OTHER]);
    say("active", "1").expect_code(0);
    environment.ok(&["status", "show", &token, "--curator", OTHER]).expect_words(&["active"]);
    environment.run(&["status", "set", &token, "disputed"]).expect_error(2, &["evidence", "--reason"]);
    say("disputed", "1").expect_code(0);
    environment.ok(&["status", "set", &token, "recalled", "--reason", "findings.md"]);
    let both = environment.ok(&["status", "show", &token, "--curator", OTHER, "--json"]).json();
    assert_eq!((&both["status"], &both["curators"][0]["status"]), (&"recalled".into(), &"disputed".into()), "a dispute hides no recall");
}

#[test]
fn a_dry_run_shows_the_call_and_sends_nothing() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let evidence = format!("0x{}", "07".repeat(32));
    let dry = ["status", "set", &token, "disputed", "--reason", &evidence, "--dry-run"];
    let words = [
        "would dispute the token",
        "StatusBoard at",
        "dispute(address,uint256,bytes32)",
        "evidence",
        &evidence,
        "would cost at most",
        "nothing was sent",
    ];
    environment.ok(&dry).expect_words(&words);
    let shown = environment.ok(&[&dry[..], &["--json"]].concat()).json();
    assert_eq!(shown["dryRun"], true);
    let call = &shown["calls"][0];
    assert_eq!((&call["contract"], &call["arguments"][2]["value"]), (&"StatusBoard".into(), &evidence.as_str().into()));
    assert_eq!(call["arguments"][1]["value"], token.rsplit('/').next().unwrap());
    assert_eq!(shown["costs"]["steps"].as_array().unwrap().len(), 1);
    environment.ok(&["status", "show", &token, "--curator", CREATOR]).expect_words(&["active"]);
    // What would be refused is refused in a dry run too.
    environment.run(&["status", "set", &token, "revoked", "--reason", &evidence, "--dry-run"]).expect_error(1, &["your own judgement"]);
}

#[test]
fn a_recall_taints_the_token_and_its_descendants() {
    let environment = TestEnvironment::new();
    for model in ["base", "other", "tune", "merged"] {
        environment.model(model);
    }
    let derive = |model: &str, args: &[&str]| -> String {
        let args = [&["derive", model, "--dev-account", "1", "--json"], args].concat();
        environment.ok(&args).json()["token"].as_str().unwrap().to_owned()
    };
    let (base, other) = (environment.publish("base"), environment.publish("other"));
    let tune = derive("tune", &["--from", &base]);
    derive("merged", &["--from", &tune, "--from", &other, "--relation", "merge"]);
    environment.ok(&["verify", "merged"]).expect_words(&["pass status.lineage", "any of 3 ancestors"]);
    assert_eq!(environment.ok(&["verify", "base", "--json"]).status("status.lineage"), "skipped");

    environment.write("why.md", "it repeats other people's letters");
    environment.ok(&["status", "set", &tune, "disputed", "--reason", "why.md", "--dev-account", "3"]);
    environment.ok(&["verify", "merged"]);
    let curator = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
    let followed = ["verify", "merged", "--curator", curator];
    let words = [&format!("merge of {tune}: disputed, says {curator}, evidence 0x"), "FAIL status.lineage", "REFUSED BY POLICY"];
    environment.run(&followed).expect_code(4).expect_words(&words);
    environment.run(&["verify", "tune", "--curator", curator]).expect_code(4).expect_words(&["FAIL status.token"]);
    environment.run(&["verify", "tune", "--curator", "ada"]).expect_error(2, &["--curator", "ada"]);

    environment.ok(&["status", "set", &base, "recalled", "--reason", "why.md"]);
    environment.run(&["verify", "base"]).expect_code(4).expect_words(&["recalled, says its creator"]);
    let way = format!("merge of {tune}, finetune of {base}: recalled, says its creator");
    let report = environment.run(&["verify", "merged", "--json"]).expect_code(4);
    assert_eq!((report.status("status.token"), report.status("status.lineage")), ("pass".into(), "fail".into()));
    report.expect_words(&[&way]);
    environment.ok(&["verify", "merged", "--accept-recalled"]).expect_words(&[&way, "the policy accepts"]);
    // What was altered is worse than what was recalled.
    environment.write("merged/README.md", "changed");
    environment.run(&["verify", "merged"]).expect_code(1).expect_words(&["DOES NOT VERIFY"]);
}

#[test]
fn wrong_words_and_tokens_are_told() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.run(&["status", "set", &token, "gone"]).expect_error(2, &["status", "gone"]);
    environment.run(&["status", "set", "7", "recalled"]).expect_error(2, &["not a token reference"]);
    environment.run(&["status", "set", &token, "recalled", "--by", &token]).expect_error(2, &["--by"]);
    environment.run(&["status", "set", &token, "recalled", "--reason", "nowhere.md"]).expect_error(2, &["--reason", "nowhere.md"]);
    let elsewhere = token.replace("eip155:31337", "eip155:1");
    environment.run(&["status", "show", &elsewhere]).expect_error(3, &["eip155:1,", "--rpc-url"]);
    let unknown = format!("{}7", token.trim_end_matches(|c: char| c.is_ascii_digit()));
    environment.run(&["status", "show", &unknown]).expect_error(1, &["there is no token"]);
    for status in ["recalled", "disputed", "active"] {
        let reason = format!("0x{}", "07".repeat(32));
        let set = ["status", "set", &unknown, status, "--reason", &reason];
        environment.run(&set).expect_error(1, &["there is no token", "nothing was sent"]);
    }
}

#[test]
fn what_takes_a_tokens_place_is_another_token_of_its_collection() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let by = |next: &str| environment.run(&["status", "set", &token, "superseded", "--by", next]);
    let (collection, id) = token.rsplit_once('/').unwrap();
    by(&token).expect_error(2, &["own place"]);
    by(&format!("{collection}/7")).expect_error(1, &["there is no token"]);
    by(&format!("eip155:31337/erc721:{OTHER}/{id}")).expect_error(2, &["another collection"]);
    environment.run(&["status", "set", &token, "recalled", "--by", &token]).expect_error(2, &["does not mean"]);
    environment.ok(&["status", "show", &token]).expect_words(&["active"]);
}
