//! What the reference client of OpenSSF model signing lets pass: each is refused by `oms verify` and by `verify` with a trusted key, with its code.

use std::fs;
use std::os::unix::fs::symlink;

use modelmark_testkit::tools::workspace;
use serde_json::Value;

use crate::environment::{Outcome, TestEnvironment};
use crate::oms::{certificate, key};

/// All that `oms verify` may be told to accept.
const LENIENT: [&str; 3] = ["--ignore-unsigned-files", "--allow-symlinks", "--accept-uncovered"];

/// The model that the hostile bundles are about.
fn world() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.write("model/weights.bin", "weights");
    environment.write("model/code/run.py", "print()");
    environment.write("outside", "");
    environment
}

fn json(path: &str) -> Value {
    serde_json::from_slice(&fs::read(workspace().join(path)).unwrap()).unwrap()
}

fn by_key(environment: &TestEnvironment, more: &[&str]) -> Outcome {
    let verify = ["oms", "verify", "key", "model", "--signature", "model.sig", "--public-key", &key("p256.pub"), "--json"];
    environment.run(&[&verify[..], more].concat())
}

fn by_gate(environment: &TestEnvironment) -> Outcome {
    environment.run(&["verify", "model", "--oms-key", &key("p256.pub"), "--oms-signature", "model.sig", "--json"])
}

/// Refused by every way to verify, whatever is accepted if that is asked for.
fn refused(environment: &TestEnvironment, code: &str, lenient: bool) {
    let ways = if lenient { &[&[][..], &LENIENT][..] } else { &[&[][..]] };
    for more in ways {
        let report = by_key(environment, more).expect_code(1).json();
        let codes: Vec<&str> = report["refused"].as_array().unwrap().iter().map(|refused| refused["code"].as_str().unwrap()).collect();
        assert_eq!(codes, [code], "{report:#}");
    }
    let report = by_gate(environment).expect_code(1);
    assert_eq!(report.status("oms.signature"), "fail", "{report:#?}");
    report.expect_words(&[code]);
}

#[test]
fn bundles_that_the_reference_client_believes_are_refused() {
    let environment = world();
    let cases = json("attacks/oms/bundles.json");
    let case = |name: &str| cases.as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
    environment.write("model.sig", case("good")["bundle"].as_str().unwrap());
    by_key(&environment, &[]).expect_code(0);
    by_gate(&environment).expect_code(0);
    for name in [
        "name twice, the good one last",
        "name twice, equal",
        "name '../outside'",
        "name 'code/../../outside'",
        "nothing and everything ignored",
        "ignored '.'",
        "no resources",
        "signature second wrong",
        "signature second of another key",
    ] {
        let case = case(name);
        environment.write("model.sig", case["bundle"].as_str().unwrap());
        refused(&environment, case["code"].as_str().unwrap(), true);
    }
}

#[test]
fn files_where_the_reference_client_does_not_look_are_refused() {
    let good = || {
        let environment = world();
        let sign = ["oms", "sign", "key", "model", "--private-key", &key("p256"), "--signature", "model.sig"];
        environment.ok(&sign);
        by_gate(&environment).expect_code(0);
        environment
    };
    for name in ["model/.git/hooks/post-checkout", "model/.github/x.py", "model/model.sig/__init__.py"] {
        let environment = good();
        environment.write(name, "import os");
        // By its name, a signature in the model is another than the one that is named here.
        refused(&environment, if name.contains("model.sig") { "file-extra" } else { "file-uncovered" }, false);
    }
    // Code behind a link to a folder: with the link in the place of a signed folder, and beside it.
    for name in ["model/code", "model/more"] {
        let environment = good();
        let _ = fs::rename(environment.path(name), environment.path("moved"));
        environment.write("moved/run.py", "print()");
        symlink("../moved", environment.path(name)).unwrap();
        // Who says that unsigned files do not matter has said so of the second.
        refused(&environment, "link-folder", name == "model/code");
    }
}

#[test]
fn a_leaf_certificate_that_expired_vouches_for_nobody() {
    let environment = TestEnvironment::new();
    let vectors = json("vectors/oms/bundles.json");
    for name in ["expired", "not valid yet"] {
        let case = vectors["bundles"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
        for (file, text) in vectors["models"][case["model"].as_str().unwrap()].as_object().unwrap() {
            environment.write(&format!("{name}/{file}"), text.as_str().unwrap());
        }
        environment.write("model.sig", case["bundle"].as_str().unwrap());
        let verify = ["oms", "verify", "certificate", name, "--signature", "model.sig", "--trust-roots", &certificate("root"), "--json"];
        environment.run(&verify).expect_code(1).expect_words(&["certificate-time"]);
    }
}
