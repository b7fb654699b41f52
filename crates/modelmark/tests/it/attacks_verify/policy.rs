//! Attacks on what a gate demands: keys that no longer count, policies that read others, and tokens that their creators or curators warn of.

use crate::environment::{CREATOR, OTHER, TestEnvironment};
use crate::storage::{cid, damage};

fn gate(environment: &TestEnvironment, rules: &str) -> &'static str {
    environment.write("gate.toml", format!("version = 1\n{rules}\n"));
    "gate.toml"
}

/// A key that leaked is taken out of the policy; what it signed, also before, is refused from then on.
#[test]
fn a_key_that_was_removed_signs_nothing() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.publish("tiny");
    environment.ok(&["verify", "tiny", "--policy", gate(&environment, &format!("[signers]\ncreators = [\"{CREATOR}\", \"{OTHER}\"]"))]);
    let removed =
        gate(&environment, &format!("[signers]\ncreators = [\"{OTHER}\"]\n[[signers.thresholds]]\nminimum = 1\nof = [\"{OTHER}\"]"));
    let report = environment.run(&["verify", "tiny", "--policy", removed, "--json"]).expect_code(4);
    assert_eq!((report.status("policy.creator").as_str(), report.status("policy.signatures").as_str()), ("fail", "fail"));
}

/// There is nothing that reads another file, so nothing that could read itself for ever, or be made to read another than the gate's.
#[test]
fn a_policy_reads_no_other_file() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    for (name, text, words) in [
        ("self.toml", "version = 1\ninclude = \"self.toml\"\n", "unknown key \"include\""),
        ("extends.yaml", "version: 1\nextends: extends.yaml\n", "unknown key \"extends\""),
        ("tag.yaml", "version: 1\nlicenses: !include tag.yaml\n", "tag.yaml"),
        ("merge.yaml", "version: 1\nx: &x {deny: true}\ncode: {<<: *x}\n", "merge.yaml"),
    ] {
        environment.write(name, text);
        environment.run(&["policy", "check", name]).expect_error(2, &[name, words]);
        environment.run(&["verify", "tiny", "--policy", name]).expect_error(2, &[name, words]);
    }
}

#[test]
fn a_superseded_token_is_refused_by_who_wants_the_newest() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.model("next");
    let (token, next) = (environment.publish("tiny"), environment.publish("next"));
    environment.ok(&["status", "set", &token, "superseded", "--by", &next]);
    environment.ok(&["verify", "tiny", "--policy", gate(&environment, "[code]\ndeny = true")]);
    environment
        .ok(&["verify", "tiny", "--policy", gate(&environment, "[status]\nsuperseded = \"warn\"")])
        .expect_words(&["superseded, says its creator"]);
    let report =
        environment.run(&["verify", "tiny", "--policy", gate(&environment, "[status]\nsuperseded = \"deny\""), "--json"]).expect_code(4);
    assert_eq!(report.status("status.token"), "fail");
    environment.ok(&["verify", "next", "--policy", gate(&environment, "[status]\nsuperseded = \"deny\"")]);
}

#[test]
fn a_revoked_token_and_what_comes_from_it_are_refused_by_who_follows_the_curator() {
    let environment = TestEnvironment::new();
    environment.model("base");
    environment.model("tune");
    let base = environment.publish("base");
    environment.ok(&["derive", "tune", "--from", &base]);
    environment.write("findings.md", "it repeats other people's letters");
    for status in ["disputed", "revoked"] {
        environment.ok(&["status", "set", &base, status, "--reason", "findings.md", "--dev-account", "1"]);
    }
    let follow = |more: &str| gate(&environment, &format!("[status]\ncurators = [\"{OTHER}\"]\n{more}"));
    let own = environment.run(&["verify", "base", "--policy", follow(""), "--json"]).expect_code(4);
    assert_eq!(own.status("status.token"), "fail");
    let child = environment.run(&["verify", "tune", "--policy", follow(""), "--json"]).expect_code(4);
    assert_eq!((child.status("status.token").as_str(), child.status("status.lineage").as_str()), ("pass", "fail"));
    // Nobody's word counts by itself, and accepting a dispute accepts no revocation.
    environment.ok(&["verify", "tune", "--policy", gate(&environment, "[code]\ndeny = true")]);
    environment.run(&["verify", "tune", "--policy", follow("disputed = \"allow\"")]).expect_code(4);
    environment.ok(&["verify", "tune", "--policy", follow("revoked = \"allow\"")]);
    // Its creator's own recall counts for everybody.
    environment.ok(&["status", "set", &base, "recalled", "--reason", "findings.md"]);
    let recalled = environment.run(&["verify", "tune", "--policy", follow("revoked = \"allow\""), "--json"]).expect_code(4);
    assert_eq!(recalled.status("status.lineage"), "fail");
}

#[test]
fn a_parent_that_is_forbidden_hides_behind_no_generation() {
    let environment = TestEnvironment::new();
    for model in ["base", "middle", "tune"] {
        environment.model(model);
    }
    let base = environment.publish("base");
    let derive =
        |model: &str, from: &str| environment.ok(&["derive", model, "--from", from, "--json"]).json()["token"].as_str().unwrap().to_owned();
    let middle = derive("middle", &base);
    derive("tune", &middle);
    let forbid = gate(&environment, &format!("[parents]\nforbid = [{{ token = \"{base}\" }}]"));
    let report = environment.run(&["verify", "tune", "--policy", forbid, "--json"]).expect_code(4);
    assert_eq!(report.status("policy.parents"), "fail");
    environment.ok(&["verify", "base", "--policy", forbid]);
    let demand = gate(&environment, &format!("[parents]\nrequire = [{{ token = \"{base}\", depth = 1 }}]"));
    environment.ok(&["verify", "middle", "--policy", demand]);
    environment.run(&["verify", "tune", "--policy", demand]).expect_code(4);
}

/// Who lets a signature vanish must not make it look as if nobody signed: that nobody can tell is another answer.
#[test]
fn a_signature_document_that_cannot_be_read_is_no_missing_signature() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    let demands = gate(&environment, "[signers]\nrequired = [\"creator\"]\nminimum = 1");
    let verify = ["verify", "tiny", "--policy", demands, "--json"];
    environment.ok(&verify);
    damage(&environment, cid(&published, "signatures"));
    let report = environment.run(&verify).expect_code(3);
    assert_eq!((report.status("policy.signatures").as_str(), report.json()["verdict"].as_str()), ("unknown", Some("could-not-look")));
    report.expect_words(&["signature document that could not be read"]);
    // Who does not need it is told, and verifies.
    environment.ok(&["verify", "tiny", "--json"]).expect_words(&["not every signature document"]);
    // One that never was is missing.
    let other = TestEnvironment::new();
    other.model("tiny");
    other.publish("tiny");
    let strict = format!("[[signers.thresholds]]\nminimum = 1\nof = [\"{OTHER}\"]");
    other.run(&["verify", "tiny", "--policy", gate(&other, &strict)]).expect_code(4);
}
