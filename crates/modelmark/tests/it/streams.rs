//! Where the output goes: readers that leave early, disks that are full, terminals that are gone.

use std::fs;
use std::process::{Command, Stdio};

use crate::environment::TestEnvironment;

/// Returns the exit code and stderr of a command whose reader has left before it starts to write.
fn without_a_reader(mut command: Command) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    let token = published["token"].as_str().unwrap();
    let record = published["uri"].as_str().unwrap();
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    for args in [
        // Without the cache: that it was used is a remark on standard error.
        &["digest", "tiny", "--recheck"][..],
        &["digest", "tiny", "--json", "--recheck"],
        &["record", "tiny", "--recheck"],
        &["sign", "record.json", "--quiet"],
        &["verify", "tiny"],
        &["show", token],
        &["cat", record],
        &["mint", "record.json"],
        &["--help"],
        &["publish", "--help"],
    ] {
        let (code, stderr) = without_a_reader(environment.command(args));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_verdict_stays_a_verdict_when_nobody_reads() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.write("tiny/extra", "x");
    let (code, _) = without_a_reader(environment.command(&["verify", "tiny", "--token", &token]));
    assert_eq!(code, Some(1));
}

#[test]
fn a_full_disk_behind_a_redirect_is_told() {
    let environment = TestEnvironment::with_a_token();
    let published = environment.ok(&["publish", "kept", "--json"]).json();
    let token = published["token"].as_str().unwrap();
    let record = published["uri"].as_str().unwrap();
    for args in [&["digest", "kept"][..], &["record", "kept"], &["verify", "kept"], &["show", token, "--json"], &["cat", record]] {
        let mut command = environment.command(args);
        command.stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        let output = command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{args:?}: {stderr}");
        assert!(stderr.contains("No space left") && !stderr.contains("panicked"), "{args:?}: {stderr}");
    }
    environment.run(&["car", "export", record, "/dev/full/x.car"]).expect_error(2, &["/dev/full"]);
    environment.assert_kept();
}

#[test]
fn nobody_listening_on_stderr_changes_nothing() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let published = environment.command(&["publish", "tiny"]).stderr(writer).output().unwrap();
    assert_eq!(published.status.code(), Some(0));
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let failed = environment.command(&["digest", "nowhere"]).stderr(full).output().unwrap();
    assert_eq!(failed.status.code(), Some(2));
    environment.ok(&["verify", "tiny"]);
}

#[test]
fn colours_are_for_terminals() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let mut command = environment.command(&["publish", "tiny"]);
    command.env_remove("NO_COLOR").env("TERM", "xterm-256color");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(![output.stdout, output.stderr].concat().contains(&0x1b), "there is an escape sequence in the output of a pipe");
}
