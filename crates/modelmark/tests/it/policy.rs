//! `--policy FILE`: what a policy file demands of every verb that verifies.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

fn published() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.publish("tiny");
    environment
}

#[test]
fn a_file_and_the_options_both_have_to_hold() {
    let environment = published();
    environment.write("gate.toml", format!("version = 1\n[signers]\ncreators = [\"{CREATOR}\"]\n"));
    environment.write("other.yaml", format!("version: 1\nsigners: {{creators: ['{OTHER}']}}\n"));
    let verify = |more: &[&str]| environment.run(&[&["verify", "tiny"][..], more].concat());
    verify(&["--policy", "gate.toml"]).expect_code(0);
    verify(&["--policy", "other.yaml"]).expect_code(4).expect_words(&["is not among the accepted"]);
    verify(&["--policy", "gate.toml", "--creator", OTHER]).expect_code(4);
    verify(&["--policy", "other.yaml", "--creator", CREATOR]).expect_code(4);
    verify(&["--policy", "gate.toml", "--policy", "gate.toml"]).expect_error(2, &["--policy"]);
    verify(&["--policy", "gate.toml", "--accept-recalled"]).expect_error(2, &["--accept-recalled"]);
    for widening in [&["--metadata", "m.json", "--accept-unbound"][..], &["--accept-mutable-uri"]] {
        let named =
            [&["--policy", "gate.toml", "--token", "eip155:1/erc721:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed/7"], widening].concat();
        verify(&named).expect_error(2, &["cannot be used with"]);
    }
}

#[test]
fn what_is_no_policy_is_a_usage_error() {
    let environment = published();
    let refuse = |name: &str, text: &str, words: &[&str]| {
        environment.write(name, text);
        environment.run(&["verify", "tiny", "--policy", name]).expect_error(2, words);
    };
    refuse("self.toml", "version = 1\ninclude = \"self.toml\"\n", &["self.toml", "unknown key \"include\""]);
    refuse("self.yaml", "version: 1\nlicenses: !include self.yaml\n", &["self.yaml"]);
    refuse("policy.txt", "version = 1\n", &[".toml"]);
    refuse("long.toml", &"#".repeat(70_000), &["longer than"]);
    environment.run(&["verify", "tiny", "--policy", "nowhere.toml"]).expect_code(2);
}

#[test]
fn check_tells_what_can_never_pass() {
    let environment = TestEnvironment::new();
    environment.write("good.toml", "version = 1\n[code]\ndeny = true\n");
    let good = environment.ok(&["policy", "check", "good.toml", "--json"]).json();
    assert_eq!((&good["canPass"], good["problems"].as_array().unwrap().len()), (&true.into(), 0));
    environment.write("same.yaml", "code: {deny: true}\nversion: 1 # the same\n");
    assert_eq!(environment.ok(&["policy", "check", "same.yaml", "--json"]).json()["digest"], good["digest"]);
    environment.write("never.yaml", "version: 1\nlicenses: {allow: [MIT], deny: [MIT]}\n");
    environment.run(&["policy", "check", "never.yaml"]).expect_code(1).expect_words(&["no model can meet", "never passes", "licenses:"]);
    environment.write("typo.toml", "version = 1\n[licences]\n");
    environment.run(&["policy", "check", "typo.toml"]).expect_error(2, &["did you mean `licenses`?"]);
}

#[test]
fn explain_says_every_rule_and_init_begins_a_file() {
    let environment = published();
    environment.write("gate.yaml", "version: 1\ntitle: Gate\nlicenses: {allow: [MIT]}\nage: {max-days: 30}\n");
    let said = environment
        .ok(&["policy", "explain", "gate.yaml"])
        .expect_words(&["- The licence can be taken as MIT", "no more than 30 days ago"]);
    assert!(said.stdout.starts_with("Gate\n"), "{:?}", said.stdout);
    environment.write("red.yaml", "version: 1\ntitle: \"Gate\\e[31m\"\n");
    environment.run(&["policy", "explain", "red.yaml"]).expect_error(2, &["U+001B"]);
    let json = environment.ok(&["policy", "explain", "gate.yaml", "--json"]).json();
    assert_eq!(json["policy"]["age"]["max-days"], 30);
    environment.write("plain.toml", environment.ok(&["policy", "init"]).stdout);
    environment.ok(&["policy", "check", "plain.toml"]).expect_words(&["demands nothing"]);
    let first = environment.ok(&["policy", "init"]).stdout.replace("# first = true", "first = true");
    environment.write("first.toml", first);
    environment.ok(&["policy", "check", "first.toml"]).expect_words(&["a policy that models can meet"]);
    environment.ok(&["policy", "explain", "first.toml"]).expect_words(&["- Nobody else claimed these weights"]);
    environment.write("typo.toml", "version = 1\n[claim]\nfirts = true\n");
    environment.run(&["policy", "check", "typo.toml"]).expect_error(2, &["claim.firts", "did you mean `first`?"]);
    // For a model that is there, by its token and by its record.
    let token = environment.ok(&["verify", "tiny", "--json"]).json()["token"].as_str().unwrap().to_owned();
    environment.write("token.toml", environment.ok(&["policy", "init", "--for", &token]).stdout);
    environment.ok(&["policy", "explain", "token.toml"]).expect_words(&[CREATOR, "eip155:31337"]);
    environment.ok(&["verify", "tiny", "--policy", "token.toml"]);
    environment.model("other");
    environment.ok(&["publish", "other", "--license", "mit", "--dev-account", "1"]);
    environment.run(&["verify", "other", "--policy", "token.toml"]).expect_code(4);
    environment.write("record.json", environment.ok(&["record", "tiny", "--license", "apache-2.0"]).stdout);
    environment.ok(&["policy", "init", "--for", "record.json"]).expect_words(&["creators = [\"0x", "allow = [\"Apache-2.0\"]"]);
}

/// What rules about files need is looked at whenever there are files.
#[test]
fn rules_about_files_look_at_them() {
    let environment = published();
    environment
        .write("safe.toml", "version = 1\n[formats]\nallow = [\"safetensors\"]\n[code]\ndeny = true\ndeny-findings = [\"code.beside\"]\n");
    let report = environment.run(&["verify", "tiny", "--policy", "safe.toml", "--json"]).expect_code(0);
    assert_eq!((report.status("policy.formats").as_str(), report.status("policy.findings").as_str()), ("pass", "pass"));
    environment.write("gguf.toml", "version = 1\n[formats]\nallow = [\"gguf\"]\n");
    environment.run(&["verify", "tiny", "--policy", "gguf.toml"]).expect_code(4);
    environment.write("kept.toml", "version = 1\n[storage]\nkeep = \"1 of {file}\"\n");
    environment.run(&["verify", "tiny", "--policy", "kept.toml"]).expect_code(4);
    environment.write("old.toml", "version = 1\n[age]\nmax-days = 30\n");
    let report = environment.run(&["verify", "tiny", "--policy", "old.toml", "--json"]).expect_code(4);
    assert_eq!(report.status("policy.age"), "unknown", "the record states no time");
}
