//! `modelmark wallet` and the ways to name a key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::environment::{CREATOR, OTHER, TestEnvironment};

/// The published key of development account 1.
const OTHER_KEY: &str = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

#[test]
fn a_key_is_made_and_signs() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("password", "correct horse\n");
    let address = environment.ok(&["wallet", "new", "key.json", "--password-file", "password"]).stdout.trim().to_owned();
    let mode = fs::metadata(environment.path("key.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "a keystore is its owner's alone");

    let signed_with = ["--keystore", "key.json"];
    environment.ok(&[&["wallet", "address", "--password-file", "password"], &signed_with[..]].concat()).expect_words(&[&address]);
    let record = environment.ok(&[&["record", "tiny", "--password-file", "password"], &signed_with[..]].concat()).stdout;
    environment.write("record.json", record);
    let mut sign = environment.command(&[&["sign", "record.json", "--json"], &signed_with[..]].concat());
    sign.env("MODELMARK_PASSWORD", "correct horse");
    let signature = environment.finish(sign).expect_code(0);
    assert_eq!(signature.json()["signatures"][0]["signer"], format!("eip155:1:{address}"));
    assert_eq!(signature.stderr, "", "nothing to warn of: this key is nobody else's");
    environment.write("record.sig.json", signature.stdout);
    environment.ok(&["store", "record.json", "--signature", "record.sig.json"]);
}

#[test]
fn an_existing_keystore_is_never_overwritten() {
    let environment = TestEnvironment::new();
    environment.write("password", "correct horse");
    environment.write("key.json", "precious");
    environment.run(&["wallet", "new", "key.json", "--password-file", "password"]).expect_error(2, &["key.json", "--keystore"]);
    assert_eq!(fs::read(environment.path("key.json")).unwrap(), b"precious");
}

#[test]
fn bad_passwords_and_keystores_are_refused() {
    let environment = TestEnvironment::new();
    environment.write("password", "correct horse");
    environment.write("wrong", "battery staple");
    environment.write("empty", "\n");
    environment.write("latin1", b"p\xe4ssword");
    environment.write("other.json", "{\"version\":3}");
    environment.write("deep.json", "[".repeat(10_000));
    environment.ok(&["wallet", "new", "key.json", "--password-file", "password"]);
    let address =
        |keystore: &str, password: &str| environment.run(&["wallet", "address", "--keystore", keystore, "--password-file", password]);
    address("key.json", "wrong").expect_error(2, &["key.json", "password"]);
    address("key.json", "latin1").expect_error(2, &["latin1", "UTF-8"]);
    address("key.json", "nowhere").expect_error(2, &["nowhere"]);
    address("nowhere.json", "password").expect_error(2, &["nowhere.json"]);
    address("other.json", "password").expect_error(2, &["other.json"]);
    address("deep.json", "password").expect_error(2, &["deep.json"]);
    environment.run(&["wallet", "new", "new.json", "--password-file", "empty"]).expect_error(2, &["empty password"]);
    assert!(!environment.path("new.json").exists());
    // No terminal, so nobody to ask.
    environment.run(&["wallet", "address", "--keystore", "key.json"]).expect_error(2, &["MODELMARK_PASSWORD", "--password-file"]);
}

#[test]
fn the_environment_can_name_the_key() {
    let environment = TestEnvironment::new();
    environment.ok(&["wallet", "address"]).expect_words(&[CREATOR]);
    let with = |key: &str| {
        let mut command = environment.command(&["wallet", "address"]);
        command.env("MODELMARK_PRIVATE_KEY", key);
        environment.finish(command)
    };
    with(OTHER_KEY).expect_code(0).expect_words(&[OTHER]);
    with("").expect_code(0).expect_words(&[CREATOR]);
    for bad in ["0x1234", &"0".repeat(64), &format!("{OTHER_KEY}00"), "secret-text-nobody-may-see"] {
        let refused = with(bad).expect_error(2, &["not a private key"]);
        assert!(!refused.stderr.contains(bad), "a key, even a wrong one, is never shown: {refused:#?}");
    }
}

#[test]
fn a_key_in_kms_is_named_whole_and_alone() {
    let environment = TestEnvironment::new();
    environment.run(&["wallet", "address", "--aws"]).expect_error(2, &["--aws-key-id", "AWS_KMS_KEY_ID"]);
    for more in [&["--aws-key-id", "alias/creator"][..], &["--aws", "--dev-account", "1"], &["--aws", "--keystore", "key.json"]] {
        environment.run(&[&["wallet", "address"], more].concat()).expect_code(2);
    }
    environment.run(&["sign", "record.json", "--aws", "--account", CREATOR]).expect_code(2);
}

#[cfg(not(feature = "aws-kms"))]
#[test]
fn a_build_without_kms_says_so() {
    let environment = TestEnvironment::new();
    let address = environment.run(&["wallet", "address", "--aws", "--aws-key-id", "alias/creator"]);
    address.expect_error(2, &["alias/creator", "this build has no AWS KMS", "--features aws-kms"]);
}
