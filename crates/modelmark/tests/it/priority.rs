//! `modelmark anchor commit` and `reveal`.

use std::os::unix::fs::PermissionsExt as _;

use crate::environment::{CREATOR, TestEnvironment};

const COMMIT: [&str; 5] = ["anchor", "commit", "record.json", "--secret", "tiny.secret"];

/// Writes a model and its record.
fn with_a_record() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment
}

#[test]
fn a_commitment_is_made_and_shown() {
    let environment = with_a_record();
    environment.ok(&[&COMMIT[..], &["--dry-run"]].concat()).expect_words(&["commit(bytes32)", "would cost", "thrown away"]);
    assert!(!environment.path("tiny.secret").exists());
    let made = environment.ok(&COMMIT).expect_words(&["is made", "who loses it"]);
    let secret = std::fs::read_to_string(environment.path("tiny.secret")).unwrap();
    let mode = std::fs::metadata(environment.path("tiny.secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let salt = serde_json::from_str::<serde_json::Value>(&secret).unwrap()["commitment"]["salt"].as_str().unwrap().to_owned();
    assert!(!made.stdout.contains(&salt) && !made.stderr.contains(&salt));
    environment.ok(&COMMIT).expect_words(&["was made before"]);
    assert_eq!(std::fs::read_to_string(environment.path("tiny.secret")).unwrap(), secret);

    let token = environment.publish("tiny");
    environment.ok(&["anchor", "priority", &token]).expect_words(&["no earlier commitment"]);
    let reveal = ["anchor", "reveal", &token, "--secret", "tiny.secret"];
    environment.ok(&[&reveal[..], &["--dry-run"]].concat()).expect_words(&["reveal(address,uint256,bytes32)", &salt, "would cost"]);
    let shown = environment.ok(&[&reveal[..], &["--json"]].concat()).json();
    assert!(shown["priority"].as_u64() < shown["minted"].as_u64(), "{shown}");
    environment.ok(&["anchor", "priority", &token]).expect_words(&[&format!("committed to at {}", shown["priority"])]);
    let again = environment.ok(&[&reveal[..], &["--json"]].concat()).json();
    assert_eq!(
        (&again["priority"], &again["shownBefore"], &again["transactions"]),
        (&shown["priority"], &true.into(), &serde_json::json!([]))
    );
    environment.ok(&reveal).expect_words(&["as was shown before"]);
}

#[test]
fn a_commitment_after_the_mint_proves_nothing() {
    let environment = with_a_record();
    let token = environment.publish("tiny");
    environment.ok(&COMMIT);
    environment.run(&["anchor", "reveal", &token, "--secret", "tiny.secret"]).expect_error(1, &["not earlier", "PriorityNotEarlier"]);
}

#[test]
fn a_commitment_in_an_anchored_list_is_shown() {
    let environment = with_a_record();
    let entry = environment.ok(&[&COMMIT[..], &["--entry"]].concat()).stdout;
    assert!(entry.starts_with("commit:"), "{entry}");
    environment.write("entries.txt", format!("{:064x}\n{entry}", 7));
    environment.ok(&["anchor", "build", "batch", "--list", "entries.txt", "--origin", "models.example/batch", "--key", "batch.pem"]);
    environment.write("proof", environment.ok(&["anchor", "prove", "batch", "--entry", entry.trim()]).stdout);
    environment.write("wrong", environment.ok(&["anchor", "prove", "batch", "--index", "0"]).stdout);
    let in_list = |token: &str, proof: &str| {
        environment.run(&["anchor", "reveal", token, "--secret", "tiny.secret", "--proof", proof, "--by", CREATOR])
    };
    environment.ok(&["anchor", "submit", "batch"]);
    let token = environment.publish("tiny");
    environment.run(&["anchor", "reveal", &token, "--secret", "tiny.secret"]).expect_error(1, &["nobody made the commitment", "--proof"]);
    in_list(&token, "wrong").expect_error(1, &["the proof is not of commit:"]);
    in_list(&token, "proof").expect_code(0).expect_words(&["committed to the weights at"]);
    environment.ok(&["anchor", "priority", &token]).expect_words(&["committed to at"]);
}

#[test]
fn secrets_are_of_one_model_and_are_not_overwritten() {
    let environment = with_a_record();
    environment.model("other");
    environment.ok(&[&COMMIT[..], &["--entry"]].concat());
    environment.write("record.json", environment.ok(&["record", "other"]).stdout);
    environment.run(&COMMIT).expect_error(2, &["another model's commitment", "a file of its own"]);
    let token = environment.publish("other");
    environment.run(&["anchor", "reveal", &token, "--secret", "tiny.secret"]).expect_error(1, &["not to the weights of"]);
    environment.write("tiny.secret", "{\"salt\": \"0x1234\"}");
    let refused = environment.run(&COMMIT).expect_error(2, &["tiny.secret", "not the secret of a commitment"]);
    assert!(!refused.stderr.contains("0x1234"));
    environment
        .run(&["anchor", "commit", "record.json", "--secret", "nowhere/secret"])
        .expect_error(2, &["nowhere/secret", "nothing was sent"]);
}
