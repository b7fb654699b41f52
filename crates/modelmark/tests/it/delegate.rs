//! `modelmark delegate`.

use serde_json::{Value, json};

use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn a_delegate_acts_as_the_creator_until_revoked() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let deprecate = ["status", "set", &token, "deprecated", "--dev-account", "1"];
    environment.run(&deprecate).expect_error(1, &["only the creator"]);
    let show = ["delegate", "show", OTHER, "--creator", CREATOR];
    environment.ok(&show).expect_words(&["does not act for"]);
    let allow = ["delegate", "allow", OTHER];
    environment.ok(&[&allow[..], &["--dry-run"]].concat()).expect_words(&["setDelegate(address,bool)", OTHER, "would cost at most"]);
    assert_eq!(environment.ok(&[&allow[..], &["--json"]].concat()).json()["changed"], true);
    let again = environment.ok(&[&allow[..], &["--json"]].concat()).json();
    assert_eq!((&again["changed"], &again["transactions"]), (&json!(false), &json!([])));
    environment.ok(&show).expect_words(&[OTHER, "acts for", CREATOR]);
    environment.ok(&deprecate).expect_words(&["is deprecated"]);

    environment.ok(&["delegate", "revoke", OTHER]).expect_words(&["does not act for"]);
    environment.run(&["status", "set", &token, "recalled", "--dev-account", "1"]).expect_error(1, &["only the creator"]);
    environment.run(&["delegate", "allow", CREATOR]).expect_error(2, &["somebody else"]);
    environment.run(&["delegate", "allow", "nobody"]).expect_error(2, &["the delegate"]);
}

#[test]
fn a_signed_word_is_submitted_by_anybody_once() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.publish("tiny");
    let sign = ["delegate", "allow", OTHER, "--sign", "--days", "1"];
    environment.write("word.json", environment.ok(&sign).stdout);
    let submit = |file: &str| environment.run(&["delegate", "submit", file, "--dev-account", "2"]);
    environment.ok(&["delegate", "show", OTHER, "--creator", CREATOR]).expect_words(&["does not act for"]);

    // Whatever is changed afterwards was not signed.
    let word: Value = serde_json::from_str(&std::fs::read_to_string(environment.path("word.json")).unwrap()).unwrap();
    for (field, value) in [("delegate", json!(CREATOR)), ("allowed", json!(false)), ("deadline", json!(99_999_999_999_u64))] {
        let mut forged = word.clone();
        forged[field] = value;
        environment.write("forged.json", forged.to_string());
        submit("forged.json").expect_error(1, &["the signature is not that of the creator"]);
    }
    let mut late = word.clone();
    late["deadline"] = json!(1);
    environment.write("late.json", late.to_string());
    submit("late.json").expect_error(1, &["which has passed"]);

    environment.ok(&["delegate", "submit", "word.json", "--dry-run"]).expect_words(&["setDelegate(address,address,bool,uint256,bytes)"]);
    submit("word.json").expect_code(0).expect_words(&["acts for", CREATOR]);
    submit("word.json").expect_error(1, &["number 0", "waits for number 1", "nothing was sent"]);
    environment.ok(&["delegate", "show", OTHER, "--creator", CREATOR]).expect_words(&["acts for"]);

    let mut elsewhere = word;
    elsewhere["chain"] = json!("eip155:1");
    environment.write("word.json", elsewhere.to_string());
    submit("word.json").expect_error(2, &["signed for eip155:1"]);
    environment.write("word.json", "{}");
    submit("word.json").expect_error(2, &["word.json", "no creator's word"]);
}
