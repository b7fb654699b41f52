//! `modelmark watch`: a line for each other verdict, whatever happens to the files, and a program that is told.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::os::unix::fs::symlink;
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;

use crate::environment::{OTHER, TestEnvironment};

/// `modelmark watch --json`, killed when dropped.
struct Watch {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn start(environment: &TestEnvironment, options: &[&str]) -> Self {
        let mut command = environment.command(&[&["watch", "--json", "--settle", "50"], options].concat());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// Waits for the next line.
    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().expect("it ended").unwrap()).unwrap()
    }

    #[track_caller]
    fn expect(&mut self, verdict: &str, cause: &str) -> Value {
        let word = self.next();
        assert_eq!((&word["verdict"], &word["cause"]), (&verdict.into(), &cause.into()), "{word:#}");
        word
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn every_change_of_the_verdict_is_told_once() {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    let mut watch = Watch::start(&environment, &["kept", "--token", &token]);
    let first = watch.expect("verified", "start");
    assert_eq!((&first["path"], &first["exitCode"], &first["report"]["token"]), (&"kept".into(), &0.into(), &token.clone().into()));
    let genuine = fs::read(environment.path("kept/config.json")).unwrap();
    environment.write("kept/config.json", "{}");
    let changed = watch.expect("does-not-verify", "change");
    assert_eq!(changed["exitCode"], 1);
    environment.write("kept/config.json", &genuine);
    watch.expect("verified", "change");
    // A file beside them, and a folder of them.
    environment.write("kept/sub/extra.py", "import os");
    let extra = watch.expect("does-not-verify", "change");
    let check = |word: &Value, code: &str| {
        word["report"]["checks"].as_array().unwrap().iter().find(|check| check["code"] == code).unwrap()["status"].clone()
    };
    assert_eq!(check(&extra, "model.extra"), "fail");
    fs::remove_dir_all(environment.path("kept/sub")).unwrap();
    watch.expect("verified", "change");
    // The directory goes, another comes in its place, and that one is watched.
    fs::rename(environment.path("kept"), environment.path("old")).unwrap();
    watch.expect("could-not-look", "change");
    environment.model("kept");
    watch.expect("verified", "change");
    fs::remove_file(environment.path("kept/README.md")).unwrap();
    watch.expect("does-not-verify", "change");
    // The chain is free for others between two verifications.
    fs::rename(environment.path("old"), environment.path("elsewhere")).unwrap();
    environment.ok(&["verify", "elsewhere"]);
}

#[test]
fn what_happens_on_the_chain_is_noticed_too() {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    let mut watch = Watch::start(&environment, &["kept", "--interval", "1"]);
    watch.expect("verified", "start");
    environment.write("why.md", "The data was not ours.");
    environment.ok(&["status", "set", &token, "recalled", "--reason", "why.md"]);
    watch.expect("policy-refused", "interval");
}

/// A link of a container leads to what is in it, whenever it is looked at.
#[test]
fn a_link_in_a_container_that_is_made_to_lead_elsewhere_is_noticed() {
    let environment = TestEnvironment::with_a_token();
    let within = |path: &str| environment.path("merged").join(path);
    fs::create_dir_all(within("models")).unwrap();
    fs::rename(environment.path("kept"), within("models/kept")).unwrap();
    environment.write("merged/elsewhere/bad/model.safetensors", "not the model");
    symlink("/models/kept", within("current")).unwrap();
    environment.run(&["watch", "--root", "merged", "/nowhere", "--fail"]).expect_error(2, &["there is nothing at"]);
    environment.run(&["watch", "--root", "nowhere", "/current"]).expect_error(2, &["no directory"]);
    let mut watch = Watch::start(&environment, &["--root", "merged", "/current", "--interval", "1"]);
    assert_eq!(watch.expect("verified", "start")["path"], "merged/models/kept");
    for (target, verdict, path) in [
        ("/elsewhere/bad", "does-not-verify", "merged/elsewhere/bad"),
        ("../models/kept", "verified", "merged/models/kept"),
        ("/current", "could-not-look", "merged/models/kept"),
    ] {
        symlink(target, within("next")).unwrap();
        fs::rename(within("next"), within("current")).unwrap();
        assert_eq!(watch.expect(verdict, "interval")["path"], path, "{target}");
    }
}

#[test]
fn a_program_is_told_what_is_wrong() {
    let environment = TestEnvironment::with_a_token();
    environment.write("told.sh", "#!/bin/sh\ncat > told.json\necho \"$1 $MODELMARK_MODEL $MODELMARK_VERDICT\" > told.txt\necho noise\n");
    let program = environment.path("told.sh");
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    environment.write("kept/more.txt", "more");
    let failed = environment.run(&["watch", "kept", "--exec", "./told.sh", "--fail", "--json"]).expect_code(1);
    assert_eq!(fs::read_to_string(environment.path("told.txt")).unwrap(), "kept kept does-not-verify\n");
    let line: Value = serde_json::from_str(failed.stdout.trim()).unwrap();
    let told: Value = serde_json::from_slice(&fs::read(environment.path("told.json")).unwrap()).unwrap();
    assert_eq!((told, failed.stdout.lines().count()), (line, 1), "what the program prints does not come between");
    assert!(failed.stderr.contains("noise"));
    environment.run(&["watch", "kept", "--exec", "./absent; echo", "--fail"]).expect_code(1).expect_words(&["cannot run `./absent; echo`"]);
}

#[test]
fn it_ends_with_the_code_of_the_first_failure() {
    let environment = TestEnvironment::with_a_token();
    environment.run(&["watch", "absent", "--fail"]).expect_error(2, &["absent"]);
    environment.run(&["watch", "kept", "--fail", "--creator", OTHER]).expect_code(4).expect_words(&["REFUSED", "policy.creator"]);
    environment.run(&["watch", "kept", "--fail", "--rpc-url", "http://127.0.0.1:1"]).expect_code(3).expect_words(&["COULD NOT LOOK"]);
    environment.run(&["watch", "kept", "--fail", "--rpc-url", "nonsense"]).expect_code(3);
    let mut watch = Watch::start(&environment, &["kept", "--fail"]);
    watch.expect("verified", "start");
    environment.write("kept/more.txt", "more");
    watch.expect("does-not-verify", "change");
    assert_eq!(watch.process.wait().unwrap().code(), Some(1));
}
