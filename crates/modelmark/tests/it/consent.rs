//! `modelmark consent`.

use serde_json::{Value, json};

use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn a_mint_is_signed_by_one_and_submitted_by_another() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny", "--license", "mit", "--royalty", "5%"]).stdout);
    environment.run(&["consent", "sign", "record.json", "--dev-account", "1"]).expect_error(2, &[OTHER]);
    environment.write("consent.json", environment.ok(&["consent", "sign", "record.json", "--to", OTHER, "--days", "1"]).stdout);
    let submit = |consent: &str, more: &[&str]| {
        environment.run(&[&["consent", "submit", consent, "record.json", "--dev-account", "2"], more].concat())
    };

    // Whatever is changed afterwards was not signed, and nothing of what was refused is kept.
    let signed: Value = serde_json::from_str(&std::fs::read_to_string(environment.path("consent.json")).unwrap()).unwrap();
    for (field, value) in [("to", json!(CREATOR)), ("deadline", json!(99_999_999_999_u64))] {
        let mut forged = signed.clone();
        forged[field] = value;
        environment.write("forged.json", forged.to_string());
        submit("forged.json", &[]).expect_error(1, &["the signature is not that of the creator"]);
    }
    let mut other = signed.clone();
    other["token"] = json!("7");
    environment.write("other.json", other.to_string());
    submit("other.json", &[]).expect_error(1, &["not about this record", "nothing was sent"]);
    let mut late = signed.clone();
    late["deadline"] = json!(1);
    environment.write("late.json", late.to_string());
    submit("late.json", &[]).expect_error(1, &["which has passed"]);
    let mut elsewhere = signed;
    elsewhere["chain"] = json!("eip155:1");
    environment.write("elsewhere.json", elsewhere.to_string());
    submit("elsewhere.json", &[]).expect_error(2, &["signed for eip155:1"]);
    environment.write("nonsense.json", "{}");
    submit("nonsense.json", &[]).expect_error(2, &["nonsense.json", "no creator's consent"]);
    submit("consent.json", &["--dry-run"]).expect_code(0).expect_words(&["mintProvenanceNFT(", "would cost at most"]);
    assert!(environment.stored().is_empty(), "what was refused or only shown is in the store");

    let minted = submit("consent.json", &["--json"]).expect_code(0).json();
    assert_eq!((&minted["minted"], &minted["owner"]), (&json!(true), &json!(OTHER)));
    let token = minted["token"].as_str().unwrap();
    environment.ok(&["token", "show", token]).expect_words(&[OTHER]);
    environment.ok(&["verify", "tiny", "--token", token, "--creator", CREATOR]);
    assert_eq!(submit("consent.json", &["--json"]).expect_code(0).json()["minted"], false);
    environment.run(&["consent", "sign", "record.json"]).expect_error(1, &["minted already", "nothing was signed"]);
}
