//! Every rule of a policy file, through the binary: a model that meets it, and the same model refused by the rule's own check when the rule asks for more.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

/// A family with all that a record can state: `tune` comes from `base` by fine-tuning, `grandchild` from `tune` by pruning.
fn family() -> (TestEnvironment, String) {
    let environment = TestEnvironment::new();
    for model in ["base", "tune", "grandchild"] {
        environment.model(model);
    }
    let base = environment.publish("base");
    let stated = ["--license", "apache-2.0", "--metric", "accuracy=0.91", "--created-at", "2026-01-01T00:00:00Z"];
    let derive = [&["derive", "tune", "--from", &base, "--json"][..], &stated].concat();
    let tune = environment.ok(&derive).json()["token"].as_str().unwrap().to_owned();
    environment.ok(&["derive", "grandchild", "--relation", "pruned", "--from", &tune, "--license", "apache-2.0"]);
    (environment, base)
}

/// Asserts that the model meets the first rule, and that the check `code` alone refuses it by the second.
fn holds(environment: &TestEnvironment, model: &str, code: &str, met: &str, refused: &str) {
    let verify = |rules: &str| {
        environment.write("rule.toml", format!("version = 1\n{rules}\n"));
        environment.run(&["verify", model, "--policy", "rule.toml", "--json"])
    };
    let report = verify(met).expect_code(0);
    assert_eq!(report.status(code), "pass", "{met}");
    let report = verify(refused).expect_code(4).json();
    let bad = |check: &&serde_json::Value| matches!(check["status"].as_str(), Some("fail" | "unknown"));
    let bad: Vec<_> = report["checks"].as_array().unwrap().iter().filter(bad).map(|check| check["code"].as_str().unwrap()).collect();
    assert_eq!(bad, [code], "{refused}");
}

#[test]
fn rules_about_who_and_under_what_licence() {
    let (environment, _) = family();
    let holds = |code: &str, met: &str, refused: &str| holds(&environment, "tune", code, met, refused);
    holds("policy.creator", &format!("[signers]\ncreators = [\"{CREATOR}\"]"), &format!("[signers]\ncreators = [\"{OTHER}\"]"));
    // The same account by its DIDs: its address, and its key.
    for did in [format!("did:pkh:eip155:1:{CREATOR}"), "did:key:zQ3shoTr3pToxjQqfp58mLTBt3GqPvdQSZpm4eGXFZbTVwpyz".to_owned()] {
        holds("policy.creator", &format!("[signers]\ncreators = [\"{did}\"]"), &format!("[signers]\ncreators = [\"{OTHER}\"]"));
    }
    holds("policy.signatures", "[signers]\nrequired = [\"creator\"]", &format!("[signers]\nrequired = [\"{OTHER}\"]"));
    holds("policy.signatures", "[signers]\nminimum = 1", "[signers]\nminimum = 2");
    let of = |minimum: u32| format!("[[signers.thresholds]]\nminimum = {minimum}\nof = [\"{CREATOR}\", \"{OTHER}\"]");
    holds("policy.signatures", &of(1), &of(2));
    holds("policy.license", "[licenses]\nallow = [\"Apache-2.0\"]", "[licenses]\nallow = [\"MIT\"]");
    holds("policy.license", "[licenses]\ndeny = [\"MIT\"]", "[licenses]\ndeny = [\"Apache-2.0\"]");
}

#[test]
fn rules_about_chain_and_parents() {
    let (environment, base) = family();
    let holds = |code: &str, met: &str, refused: &str| holds(&environment, "grandchild", code, met, refused);
    let contract = base.split([':', '/']).nth(3).unwrap();
    holds("policy.contract", &format!("[contract]\ncollections = [\"{contract}\"]"), &format!("[contract]\ncollections = [\"{OTHER}\"]"));
    holds("policy.chain", "[chain]\nallow = [\"eip155:31337\"]", "[chain]\nallow = [\"eip155:1\"]");
    holds("policy.assurance", "[chain]\nassurance = \"endpoint\"", "[chain]\nassurance = \"agreement\"");
    holds("policy.assurance", "[chain]\nfinality = \"latest\"", "[chain]\nfinality = \"finalized\"");
    let require = |rule: &str| format!("[parents]\nrequire = [{{ {rule} }}]");
    let forbid = |rule: &str| format!("[parents]\nforbid = [{{ {rule} }}]");
    holds("policy.parents", &require("relation = \"pruned\""), &require("relation = \"merge\""));
    holds("policy.parents", &require(&format!("token = \"{base}\"")), &require(&format!("token = \"{base}\", depth = 1")));
    holds(
        "policy.parents",
        &require(&format!("token = \"{base}\", relation = \"finetune\"")),
        &require("relation = \"finetune\", depth = 1"),
    );
    holds("policy.parents", &forbid(&format!("token = \"{base}\", depth = 1")), &forbid(&format!("token = \"{base}\"")));
    holds("policy.parents", &forbid("relation = \"merge\""), &forbid("relation = \"pruned\""));
}

#[test]
fn rules_about_measurements_age_and_files() {
    let (environment, _) = family();
    let holds = |code: &str, met: &str, refused: &str| holds(&environment, "tune", code, met, refused);
    let accuracy = |bound: &str| format!("[[metrics]]\nmetric = \"accuracy\"\n{bound}");
    holds("policy.metrics", &accuracy("min = 0.91"), &accuracy("min = 0.92"));
    holds("policy.metrics", &accuracy("max = 0.91"), &accuracy("max = 0.9"));
    holds("policy.metrics", &accuracy("min = 0.5"), "[[metrics]]\nmetric = \"f1\"\nmin = 0");
    // The time on the record is long past, and a century is not over.
    holds("policy.age", "[age]\nmax-days = 36500", "[age]\nmax-days = 1");
    holds("policy.formats", "[formats]\nallow = [\"safetensors\"]", "[formats]\nallow = [\"gguf\"]");
}

/// Code carriers are told by what they hold, whatever they are called.
#[test]
fn rules_about_code() {
    let environment = TestEnvironment::new();
    environment.model("plain");
    environment.publish("plain");
    environment.model("carrier");
    environment.write("carrier/modeling_own.py", "print()");
    environment.write("carrier/config.json", r#"{"auto_map": {"AutoModel": "modeling_own.Model"}}"#);
    environment.publish("carrier");
    let verify = |model: &str, rules: &str| {
        environment.write("rule.toml", format!("version = 1\n{rules}\n"));
        environment.run(&["verify", model, "--policy", "rule.toml", "--json"])
    };
    for (code, rules) in [
        ("code.none", "[code]\ndeny = true"),
        ("policy.findings", "[code]\ndeny-findings = [\"code.needed\", \"code.beside\"]"),
        ("policy.findings", "[code]\nallow-findings = [\"pickle.beside\"]"),
    ] {
        assert_eq!(verify("plain", rules).expect_code(0).status(code), "pass", "{rules}");
        assert_eq!(verify("carrier", rules).expect_code(4).status(code), "fail", "{rules}");
    }
}

#[test]
fn rules_about_copies() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    std::fs::create_dir(environment.path("backup")).unwrap();
    let place = format!("file://{}", environment.path("backup").display());
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment.write("record.sig.json", environment.ok(&["sign", "record.json"]).stdout);
    environment.ok(&["store", "record.json", "--signature", "record.sig.json", "--model", "tiny", "--place", &place]);
    environment.ok(&["mint", "record.json", "--signature", "record.sig.json"]);
    holds(&environment, "tiny", "policy.storage", "[storage]\nkeep = \"1 of {file}\"", "[storage]\nkeep = \"1 of {ipfs}\"");
    holds(&environment, "tiny", "policy.storage", "[storage]\nkeep = \"1 of {file, ipfs}\"", "[storage]\nkeep = \"2 of {file, ipfs}\"");
}

/// The same rule counts places, not receipts: one place that took the model twice is one, and a place that nobody named is none.
#[test]
fn copies_are_counted_by_place() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let places: Vec<String> = ["first", "second"]
        .map(|name| {
            std::fs::create_dir(environment.path(name)).unwrap();
            format!("file://{}", environment.path(name).display())
        })
        .to_vec();
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    let verify = |keep: &str| {
        environment.write("rule.toml", format!("version = 1\n[storage]\nkeep = \"{keep}\"\n"));
        environment.run(&["verify", "tiny", "--policy", "rule.toml", "--json"])
    };
    let of = |needed: u32| format!("{needed} of {{{}}}", places.join(", "));
    let (one, both) = (&of(1), &of(2));
    assert_eq!(verify(one).expect_code(4).status("policy.storage"), "fail", "nobody took it");
    environment.write("record.json", environment.ok(&["cat", published["uri"].as_str().unwrap()]).stdout);
    let store = |place: &str| environment.ok(&["store", "record.json", "--model", "tiny", "--place", place]);
    store(&places[0]);
    store(&places[0]);
    assert_eq!(verify(one).expect_code(0).status("policy.storage"), "pass");
    assert_eq!(verify(both).expect_code(4).status("policy.storage"), "fail", "one place twice is one place");
    store(&places[1]);
    assert_eq!(verify(both).expect_code(0).status("policy.storage"), "pass");
    // A kind is one member, however many places of it there are.
    assert_eq!(verify("1 of {file}").expect_code(0).status("policy.storage"), "pass");
    assert_eq!(verify("2 of {file, s3}").expect_code(4).status("policy.storage"), "fail");
    // What places said is their word: who wants to know whether it still is so asks them, and that is another verb's.
    std::fs::remove_dir_all(environment.path("second")).unwrap();
    assert_eq!(verify(both).expect_code(0).status("policy.storage"), "pass");
    environment.run(&["storage", "status", "record.json", "--keep", both]).expect_code(1).expect_words(&["policy not met"]);
}

#[test]
fn rules_about_standing() {
    let (environment, base) = family();
    let deprecated = |reaction: &str| format!("[status]\ndeprecated = \"{reaction}\"");
    environment.ok(&["status", "set", &base, "deprecated"]);
    holds(&environment, "base", "status.token", &deprecated("warn"), &deprecated("deny"));
    holds(&environment, "tune", "status.lineage", &deprecated("warn"), &deprecated("deny"));
    let near = |generations: u32| format!("{}\ngenerations = {generations}", deprecated("deny"));
    holds(&environment, "grandchild", "status.lineage", &near(1), &near(2));
}
