//! `modelmark encrypt` and `modelmark decrypt`: wiring, exit codes, and that no key is shown.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::environment::TestEnvironment;

/// An environment with the model `tiny`, encrypted for `ada.key` into `sealed`.
fn sealed() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let recipient = new_identity(&environment, "ada.key");
    environment.ok(&["encrypt", "tiny", "sealed", "--recipient", &recipient]);
    environment
}

fn new_identity(environment: &TestEnvironment, file: &str) -> String {
    let made = environment.ok(&["encrypt", "--new-identity", file, "--json"]).json();
    assert_eq!(fs::metadata(environment.path(file)).unwrap().permissions().mode() & 0o777, 0o600);
    made["recipient"].as_str().unwrap().to_owned()
}

fn secret(environment: &TestEnvironment, file: &str) -> String {
    let text = fs::read_to_string(environment.path(file)).unwrap();
    text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap().to_owned()
}

#[test]
fn a_holder_gets_the_model_of_the_record_back() {
    let environment = sealed();
    environment.write("record.json", environment.ok(&["record", "tiny", "--license", "mit"]).stdout.trim_end());
    let back = environment.ok(&["decrypt", "sealed", "back", "--identity", "ada.key", "--record", "record.json", "--json"]).json();
    assert_eq!(back["model"], environment.ok(&["digest", "tiny", "--json"]).json()["cid"]);
    environment.ok(&["diff", "tiny", "back", "--exit-code"]);

    let mut with_variable = environment.command(&["decrypt", "sealed", "again"]);
    with_variable.env("MODELMARK_IDENTITY", secret(&environment, "ada.key"));
    environment.finish(with_variable).expect_code(0).expect_words(&["nothing says that this is the model you want"]);

    environment.model("other");
    environment.write("other.json", environment.ok(&["record", "other", "--license", "mit"]).stdout.trim_end());
    environment
        .run(&["decrypt", "sealed", "wrong", "--identity", "ada.key", "--record", "other.json"])
        .expect_error(1, &["what is encrypted is", "not"]);
    environment.run(&["decrypt", "sealed", "back", "--identity", "ada.key"]).expect_error(2, &["already"]);
    assert!(!environment.path("wrong").exists());
}

#[test]
fn a_holder_is_added_by_another() {
    let environment = sealed();
    let recipient = new_identity(&environment, "bob.key");
    environment
        .run(&["decrypt", "sealed", "back", "--identity", "bob.key"])
        .expect_error(1, &["none of the identities", "--add-recipient"]);
    environment.ok(&["encrypt", "sealed", "--add-recipient", &recipient, "--identity", "ada.key"]).expect_words(&["sealed/key-2.age"]);
    environment.ok(&["decrypt", "sealed", "back", "--identity", "bob.key"]);
}

#[test]
fn a_tensor_is_decrypted_alone() {
    let environment = sealed();
    let whole = fs::read(environment.path("tiny/model.safetensors")).unwrap();
    let header = 8 + usize::try_from(u64::from_le_bytes(whole[..8].try_into().unwrap())).unwrap();
    environment.ok(&["decrypt", "sealed", "bias.raw", "--tensor", "bias", "--identity", "ada.key"]);
    assert_eq!(fs::read(environment.path("bias.raw")).unwrap(), whole[header..header + 16]);

    environment.ok(&["decrypt", "sealed", "both.safetensors", "--tensor", "weight", "--tensor", "bias", "--identity", "ada.key"]);
    let tensors = |path: &str| environment.ok(&["digest", path, "--json"]).json()["weights"]["tensors"]["root"].clone();
    assert_eq!(tensors("both.safetensors"), tensors("tiny"));

    environment
        .run(&["decrypt", "sealed", "x.raw", "--tensor", "nobody", "--identity", "ada.key"])
        .expect_error(2, &["no tensor", "nobody"]);
    environment
        .run(&["decrypt", "sealed", "x.raw", "--tensor", "bias", "--tensor", "weight", "--identity", "ada.key"])
        .expect_error(2, &["several tensors"]);
    assert!(!environment.path("x.raw").exists());
}

#[test]
fn damage_is_found_before_anything_is_there() {
    let environment = sealed();
    let file = environment.path("sealed/3.age");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    environment.run(&["decrypt", "sealed", "back", "--identity", "ada.key"]).expect_error(1, &["3.age", "damaged"]);
    assert!(!environment.path("back").exists());
    environment.run(&["decrypt", "sealed", "x.raw", "--tensor", "bias", "--identity", "ada.key"]).expect_code(3);
    environment.run(&["decrypt", "nowhere", "back", "--identity", "ada.key"]).expect_error(2, &["nowhere"]);
}

#[test]
fn secrets_in_the_wrong_place_are_not_shown() {
    let environment = sealed();
    let secret = secret(&environment, "ada.key");
    let told = environment.run(&["encrypt", "tiny", "again", "--recipient", &secret]).expect_error(2, &["secret key"]);
    assert!(!told.stderr.contains(&secret));
    environment.write("cut.key", &secret[..40]);
    let told = environment.run(&["decrypt", "sealed", "back", "--identity", "cut.key"]).expect_error(2, &["line 1"]);
    assert!(!told.stderr.contains(&secret[..40]));
    environment.run(&["decrypt", "sealed", "back"]).expect_error(2, &["MODELMARK_IDENTITY"]);
    environment.run(&["encrypt", "tiny", "again"]).expect_error(2, &["no recipient"]);
    environment.run(&["encrypt", "--new-identity", "ada.key"]).expect_error(2, &["already"]);
    environment.run(&["encrypt", "tiny", "tiny/inside", "--recipient", "age1"]).expect_code(2);
}
