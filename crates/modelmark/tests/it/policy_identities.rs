//! Policy files that name who has to have signed the files: the file alone makes the verifier look.

use std::fs;

use serde_json::Value;

use crate::environment::{CREATOR, TestEnvironment};
use crate::oms::{certificate, key, vector};

/// Signs the model with a key, and gives the signature a name in the model's folder.
fn sign(environment: &TestEnvironment, by: &str, name: &str) {
    environment.ok(&[
        "oms",
        "sign",
        "key",
        "tiny",
        "--private-key",
        &key(by),
        "--signature",
        "out.sig",
        "--ignore-paths",
        "tiny/model.sig",
    ]);
    fs::rename(environment.path("out.sig"), environment.path("tiny").join(name)).unwrap();
}

/// A model that nobody registered, signed with the key `p256`.
fn signed() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.ok(&["oms", "sign", "key", "tiny", "--private-key", &key("p256"), "--signature", "tiny/model.sig"]);
    environment
}

fn hint(name: &str) -> String {
    format!("0x{}", modelmark_digest::Sha256Digest::of(&fs::read(key(name)).unwrap()))
}

fn policy(environment: &TestEnvironment, name: &str, rules: &str) {
    environment.write(name, format!("version = 1\n{rules}\n"));
}

fn inline(path: &str) -> String {
    format!("'''{}'''", fs::read_to_string(path).unwrap())
}

/// A fingerprint, the key, a file with it beside the policy: the same policy each time, and it looks by itself.
#[test]
fn a_key_is_named_in_any_form() {
    let environment = signed();
    fs::create_dir(environment.path("gate")).unwrap();
    fs::create_dir(environment.path("gate/keys")).unwrap();
    fs::copy(key("p256.pub"), environment.path("gate/keys/a.pem")).unwrap();
    policy(&environment, "gate/print.toml", &format!("[[identities]]\nkey = \"{}\"", hint("p256.pub")));
    policy(&environment, "gate/file.toml", "[[identities]]\nfile = \"keys/a.pem\"");
    policy(&environment, "gate/pem.toml", &format!("[[identities]]\npem = {}", inline(&key("p256.pub"))));
    policy(&environment, "gate/other.toml", &format!("[[identities]]\nkey = \"{}\"", hint("p384.pub")));
    let digest = |file: &str| environment.ok(&["policy", "check", file, "--json"]).json()["digest"].clone();
    for file in ["gate/print.toml", "gate/file.toml", "gate/pem.toml"] {
        assert_eq!(digest(file), digest("gate/print.toml"), "{file}");
        let report = environment.run(&["verify", "tiny", "--policy", file, "--json"]).expect_code(0);
        assert_eq!((report.status("policy.identity").as_str(), report.status("oms.signature").as_str()), ("pass", "pass"));
        assert_eq!(report.json()["verdict"], "verified-without-record");
    }
    environment.ok(&["policy", "explain", "gate/file.toml"]).expect_words(&["the holder of the key 0x"]);
    // Whoever else signed, nothing speaks for the model.
    let report = environment.run(&["verify", "tiny", "--policy", "gate/other.toml", "--json"]).expect_code(1);
    assert_eq!((report.status("policy.identity").as_str(), report.status("oms.signature").as_str()), ("fail", "skipped"));
    environment.write("tiny/run.py", "print()");
    environment.run(&["verify", "tiny", "--policy", "gate/print.toml"]).expect_code(1).expect_words(&["file-extra"]);
    fs::remove_file(environment.path("tiny/run.py")).unwrap();
    fs::rename(environment.path("tiny/model.sig"), environment.path("elsewhere.sig")).unwrap();
    environment.run(&["verify", "tiny", "--policy", "gate/print.toml"]).expect_code(1).expect_words(&["there is no signature"]);
    environment.run(&["verify", "tiny", "--policy", "gate/print.toml", "--oms-signature", "elsewhere.sig"]).expect_code(0);
}

#[test]
fn a_registered_model_needs_both() {
    let environment = signed();
    environment.publish("tiny");
    let gate = |by: &str| format!("[signers]\ncreators = [\"{CREATOR}\"]\n[[identities]]\nkey = \"{}\"", hint(by));
    policy(&environment, "both.toml", &gate("p256.pub"));
    policy(&environment, "other.toml", &gate("p384.pub"));
    let report = environment.run(&["verify", "tiny", "--policy", "both.toml", "--json"]).expect_code(0);
    assert_eq!(report.json()["verdict"], "verified");
    environment.run(&["verify", "tiny", "--policy", "other.toml"]).expect_code(4).expect_checks(&["FAIL policy.identity"]);
    let run = |file: &str| environment.run(&["run", "--model", "tiny", "--seal", "copy", "--policy", file, "--", "true"]);
    run("both.toml").expect_code(0);
    run("other.toml").expect_code(4);
    // A token without its files shows nothing of who signed them.
    let token = environment.ok(&["verify", "tiny", "--json"]).json()["token"].as_str().unwrap().to_owned();
    environment.run(&["verify", &token, "--policy", "both.toml"]).expect_code(4).expect_checks(&["unknown policy.identity"]);
}

#[test]
fn certificates_and_logins_are_held_against_the_policy_s_own_roots() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let args = ["oms", "sign", "certificate", "tiny", "--private-key", &key("p256"), "--certificate", &certificate("leaf-p256")];
    environment.ok(&[&args[..], &["--chain", &certificate("intermediate"), "--signature", "tiny/model.sig"]].concat());
    fs::copy(certificate("root"), environment.path("ca.pem")).unwrap();
    let verify = |rules: &str| {
        policy(&environment, "gate.toml", rules);
        environment.run(&["verify", "tiny", "--policy", "gate.toml"])
    };
    verify("[[identities]]\nroots-file = \"ca.pem\"").expect_code(0);
    verify("[[identities]]\nroots-file = \"ca.pem\"\nsubject = \"CN=leaf-p256\"").expect_code(0);
    verify("[[identities]]\nroots-file = \"ca.pem\"\nsubject = \"CN=leaf\"").expect_code(1).expect_words(&["by CN=leaf-p256"]);
    verify(&format!("[[identities]]\nroots = {}", inline(&certificate("root-other"))))
        .expect_code(1)
        .expect_words(&["certificate-untrusted"]);

    let cases: Vec<Value> = serde_json::from_slice(&fs::read(vector("keyless/bundles.json")).unwrap()).unwrap();
    environment.write("model/weights.bin", "weights");
    environment.write("model/code/run.py", "print()");
    environment.write("model/model.sig", cases[0]["bundle"].as_str().unwrap());
    fs::copy(vector("keyless/trusted_root.json"), environment.path("root.json")).unwrap();
    let verify = |who: &str, root: &str| {
        policy(&environment, "login.toml", &format!("[[identities]]\n{who}\nissuer = \"https://login.example.com\"\n{root}"));
        environment.run(&["verify", "model", "--policy", "login.toml"])
    };
    let root = "trust-root-file = \"root.json\"";
    verify("identity = \"signer@example.com\"", root).expect_code(0).expect_words(&["WITHOUT A RECORD", "signer@example.com"]);
    verify("identity-pattern = \"*@example.com\"", root).expect_code(0);
    verify("identity-pattern = \"*@example.co\"", root).expect_code(1).expect_words(&["nobody whom the policy names"]);
    verify("identity = \"other@example.com\"", root).expect_code(1);
    verify("identity = \"signer@example.com\"", "").expect_code(1).expect_words(&["log-untrusted"]);
}

#[test]
fn thresholds_count_those_who_sign_files_and_records() {
    let environment = signed();
    sign(&environment, "p384", "model.second.sig");
    let threshold = |minimum: u32, keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|name| format!("{{ key = \"{}\" }}", hint(name))).collect();
        format!("[[signers.thresholds]]\nminimum = {minimum}\nof = [\"{CREATOR}\"]\nidentities = [{}]", keys.join(", "))
    };
    environment.publish("tiny");
    for (minimum, keys, code) in [
        (3, &["p256.pub", "p384.pub"][..], 0),
        (3, &["p256.pub", "p521.pub"], 4),
        (2, &["p256.pub", "p521.pub"], 0),
        (2, &["p521.pub", "other.pub"], 4),
        (1, &["p521.pub"], 0),
    ] {
        policy(&environment, "gate.toml", &threshold(minimum, keys));
        let report = environment.run(&["verify", "tiny", "--policy", "gate.toml", "--json"]).expect_code(code);
        assert_eq!(report.status("policy.signatures"), if code == 0 { "pass" } else { "fail" }, "{minimum} {keys:?}");
    }
    policy(&environment, "gate.toml", &threshold(4, &["p256.pub", "p384.pub"]));
    environment.run(&["policy", "check", "gate.toml"]).expect_code(1).expect_words(&["never passes"]);
}

/// What a policy names beside it stays below its folder, is what it is said to be, and is bounded.
#[test]
fn files_beside_a_policy_are_held_to_their_place() {
    let environment = TestEnvironment::new();
    fs::create_dir(environment.path("gate")).unwrap();
    fs::copy(key("p256.pub"), environment.path("outside.pem")).unwrap();
    std::os::unix::fs::symlink(environment.path("outside.pem"), environment.path("gate/link.pem")).unwrap();
    fs::create_dir(environment.path("gate/folder")).unwrap();
    environment.write("gate/no.pem", "no key");
    environment.write("gate/long.pem", "#".repeat(70_000));
    for (rules, words) in [
        ("file = \"../outside.pem\"", "no path below the folder"),
        ("file = \"link.pem\"", "leads out of the folder"),
        ("file = \"folder\"", "no plain file"),
        ("file = \"nowhere.pem\"", "cannot be read"),
        ("file = \"no.pem\"", "no public key in PEM form"),
        ("roots-file = \"no.pem\"", "no certificate in PEM form"),
        ("identity = \"a\"\nissuer = \"b\"\ntrust-root-file = \"no.pem\"", "not a trusted root"),
        ("pem = \"nothing\"", "no public key in PEM form"),
        ("did = \"did:web:example.com\"", "only did:key says"),
        ("did = \"did:key:zQ3shoTr3pToxjQqfp58mLTBt3GqPvdQSZpm4eGXFZbTVwpyz\"", "secp256k1"),
    ] {
        policy(&environment, "gate/gate.toml", &format!("[[identities]]\n{rules}"));
        environment.run(&["policy", "check", "gate/gate.toml"]).expect_error(2, &[words]);
    }
    policy(&environment, "gate/gate.toml", "[[identities]]\nfile = \"long.pem\"");
    environment.run(&["policy", "check", "gate/gate.toml"]).expect_code(1);
}
