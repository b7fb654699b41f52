//! `modelmark verify --save-evidence` and `modelmark policy try`: the same checks from a file, and never the exit code of a verification.

use serde_json::Value;

use crate::environment::{CREATOR, OTHER, Outcome, TestEnvironment};

fn read(environment: &TestEnvironment, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(environment.path(name)).unwrap()).unwrap()
}

/// The checks as they are printed.
fn checks(outcome: &Outcome) -> String {
    outcome.json()["checks"].to_string()
}

#[test]
fn a_file_of_evidence_gives_the_checks_of_the_verification() {
    let environment = TestEnvironment::with_a_token();
    environment
        .write("gate.toml", format!("version = 1\n[signers]\ncreators = [\"{CREATOR}\"]\n[claim]\nfirst = true\n[code]\ndeny = true\n"));
    environment.write("other.toml", format!("version = 1\n[signers]\ncreators = [\"{OTHER}\"]\n"));
    for (policy, verified, tried) in
        [(&["--policy", "gate.toml"][..], 0, 5), (&["--policy", "other.toml"], 4, 4), (&["--license", "Apache-2.0"], 0, 5)]
    {
        let save = [&["verify", "kept", "--json", "--save-evidence", "evidence.json"][..], policy].concat();
        let report = environment.run(&save).expect_code(verified);
        let trial = environment.run(&[&["policy", "try", "evidence.json", "--json"][..], policy].concat()).expect_code(tried);
        assert_eq!(checks(&trial), checks(&report), "{policy:?}");
        assert_eq!((&trial.json()["wouldBe"], &trial.json()["verdict"]), (&report.json()["verdict"], &Value::Null));
        assert_eq!(trial.json()["assurance"]["chain"], "evidence");
    }
    // By another policy, without the model, the store or the chain.
    std::fs::remove_dir_all(environment.path("kept")).unwrap();
    let alone = TestEnvironment::new();
    std::fs::copy(environment.path("evidence.json"), alone.path("evidence.json")).unwrap();
    alone.run(&["policy", "try", "evidence.json", "--creator", CREATOR]).expect_code(5).expect_words(&[
        "NOT VERIFIED, ONLY TRIED",
        "would be VERIFIED",
        "by nobody",
    ]);
    alone.run(&["policy", "try", "evidence.json", "--creator", OTHER]).expect_code(4).expect_words(&["would be REFUSED BY POLICY"]);
    // What that policy wants to know was not looked at.
    let wanted = alone.run(&["policy", "try", "evidence.json", "--first-claim", "--curator", OTHER, "--json"]);
    assert_eq!(wanted.expect_code(3).json()["wouldBe"], "could-not-look");
}

/// Whoever writes the file writes what is in it: no file makes it a verification.
#[test]
fn no_file_exits_as_a_verification_does() {
    let environment = TestEnvironment::with_a_token();
    environment.ok(&["verify", "kept", "--save-evidence", "evidence.json"]);
    let good = read(&environment, "evidence.json");
    let tampered = |pointer: &str, value: Value, code: i32| {
        let mut evidence = good.clone();
        *evidence.pointer_mut(pointer).unwrap() = value;
        environment.write("tampered.json", evidence.to_string());
        environment.run(&["policy", "try", "tampered.json"]).expect_code(code);
    };
    tampered("/evidence/token/found/creator", OTHER.into(), 1);
    tampered("/evidence/token/found/standing/creator", "recalled".into(), 4);
    tampered("/evidence/model", serde_json::json!({"unreachable": "gone"}), 3);
    tampered("/evidence/seen/level", "proof".into(), 5);
    tampered("/evidence/token/found/standing/creator", "fine".into(), 2);
    tampered("/version", 2.into(), 2);
    environment.write("long.json", vec![b' '; (32 << 20) + 1]);
    for (file, words) in [("long.json", "than the 33554432"), ("nowhere.json", "nowhere.json"), ("kept/config.json", "no evidence")] {
        environment.run(&["policy", "try", file]).expect_error(2, &[words]);
    }
    // What failed, and what nobody could see, is evidence too.
    environment.run(&["verify", "kept", "--rpc-url", "http://127.0.0.1:1", "--save-evidence", "evidence.json"]).expect_code(3);
    environment.run(&["policy", "try", "evidence.json"]).expect_code(3);
    environment.write("kept/config.json", "{}");
    environment.run(&["verify", "kept", "--save-evidence", "evidence.json"]).expect_code(1);
    environment.run(&["policy", "try", "evidence.json"]).expect_code(1).expect_words(&["would be DOES NOT VERIFY"]);
}

#[test]
fn evidence_is_of_one_whole_model_and_never_in_it() {
    let environment = TestEnvironment::with_a_token();
    let verify = |more: &[&str]| environment.run(&[&["verify", "kept"][..], more].concat());
    verify(&["--save-evidence", "kept/evidence.json"]).expect_error(2, &["evidence.json"]);
    verify(&["--partial", "--save-evidence", "e.json"]).expect_error(2, &["cannot be used with"]);
    verify(&["kept", "--save-evidence", "e.json"]).expect_error(2, &["one model"]);
    assert!(!environment.path("e.json").exists());
}
