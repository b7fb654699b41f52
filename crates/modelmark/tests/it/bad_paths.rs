//! Paths that lead nowhere, or to what is no model.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::environment::TestEnvironment;

/// Every verb that reads a model says the same of a bad one.
fn assert_refused(environment: &TestEnvironment, path: &str, code: i32, words: &[&str]) {
    for verb in ["digest", "record", "publish"] {
        environment.run(&[verb, path]).expect_error(code, words);
    }
    environment.run(&["publish", path, "--copy"]).expect_error(code, words);
    environment.run(&["record", "kept", "--dataset", path]).expect_error(code, words);
    environment.assert_kept();
}

#[test]
fn nothing_is_there() {
    let environment = TestEnvironment::with_a_token();
    assert_refused(&environment, "nowhere/at-all", 2, &["nowhere/at-all"]);
    environment.run(&["verify", "nowhere"]).expect_error(2, &["nowhere"]);
    environment.write("record.json", environment.ok(&["record", "kept"]).stdout);
    environment.run(&["store", "record.json", "--model", "nowhere"]).expect_error(2, &["nowhere"]);
    for verb in ["sign", "store", "mint"] {
        environment.run(&[verb, "nowhere.json"]).expect_error(2, &["nowhere.json"]);
    }
    environment.run(&["digest", ""]).expect_code(2);
    symlink("nowhere", environment.path("dangling")).unwrap();
    let dangling = environment.run(&["digest", "dangling"]);
    assert!(matches!(dangling.code, Some(1 | 2)) && dangling.stderr.contains("dangling"), "{dangling:#?}");
}

#[test]
fn a_directory_is_empty() {
    let environment = TestEnvironment::with_a_token();
    fs::create_dir_all(environment.path("hollow/inner")).unwrap();
    assert_refused(&environment, "hollow", 1, &["hollow", "holds no file"]);
    environment.run(&["verify", "hollow"]).expect_code(1).expect_words(&["holds no file"]);
}

#[test]
fn a_link_is_no_file() {
    for (target, name) in
        [("README.md", "inside"), ("/etc/hostname", "outside"), ("../kept/config.json", "beside"), (".", "circle"), ("gone", "dangling")]
    {
        let environment = TestEnvironment::with_a_token();
        environment.model("tiny");
        symlink(target, environment.path("tiny").join(name)).unwrap();
        environment.run(&["digest", "tiny"]).expect_error(1, &["symbolic link", name, target]);
        environment.run(&["publish", "tiny"]).expect_error(1, &["symbolic link", name, target]);
        environment.run(&["verify", "tiny"]).expect_code(1).expect_words(&["symbolic link", name]);
        environment.assert_kept();
    }
}

#[test]
fn links_as_in_the_hub_cache_are_refused_with_advice() {
    let environment = TestEnvironment::with_a_token();
    environment.write("cache/blobs/abc", "{}");
    std::fs::create_dir_all(environment.path("cache/snapshots/main")).unwrap();
    symlink("../../blobs/abc", environment.path("cache/snapshots/main/config.json")).unwrap();
    let advice = ["Hugging Face cache", "cp -rL", "hf download ORG/NAME --local-dir"];
    for verb in ["digest", "publish", "record", "inspect"] {
        environment.run(&[verb, "cache/snapshots/main"]).expect_error(1, &advice);
    }
    environment.run(&["verify", "cache/snapshots/main"]).expect_code(1).expect_words(&advice);
    environment.assert_kept();
}

#[test]
fn a_pipe_or_socket_is_no_file_and_nobody_waits_for_it() {
    let environment = TestEnvironment::with_a_token();
    environment.model("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, environment.path("pipe/weights.bin"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    assert_refused(&environment, "pipe", 1, &["weights.bin"]);
    environment.model("facts");
    let toml = environment.path("facts/modelmark.toml");
    rustix::fs::mknodat(rustix::fs::CWD, &toml, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert_refused(&environment, "facts", 1, &["modelmark.toml"]);
    environment.model("socket");
    let _socket = UnixListener::bind(environment.path("socket/s")).unwrap();
    environment.run(&["digest", "socket"]).expect_error(1, &["socket"]);
    environment.run(&["digest", "/dev/zero"]).expect_error(1, &["/dev/zero"]);
}

#[test]
fn a_name_is_no_text() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    fs::write(environment.path("tiny").join(std::ffi::OsStr::from_bytes(b"b\xffd.bin")), "x").unwrap();
    assert_refused(&environment, "tiny", 1, &["tiny"]);
}

/// Runs as somebody who may not do everything: root is let into every file.
#[test]
fn a_file_may_not_be_read() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    let secret = environment.path("tiny/model.safetensors");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    let Some(user) = unprivileged(&environment) else { return };
    for verb in ["digest", "publish", "record"] {
        let mut command = environment.command(&[verb, "tiny"]);
        user.run_as(&mut command);
        environment.finish(command).expect_error(3, &["model.safetensors", "ermission denied"]);
    }
    let mut command = environment.command(&["verify", "tiny"]);
    user.run_as(&mut command);
    environment.finish(command).expect_code(3).expect_words(&["model.safetensors", "COULD NOT LOOK"]);
    let mut kept = environment.command(&["verify", "kept", "--full"]);
    user.run_as(&mut kept);
    environment.finish(kept).expect_code(0);
}

#[test]
fn a_file_changes_while_it_is_read() {
    let environment = TestEnvironment::with_a_token();
    environment.model("busy");
    let log = environment.path("busy/training.log");
    fs::File::create(&log).unwrap().set_len(64 << 20).unwrap();
    for verb in ["digest", "publish"] {
        let done = AtomicBool::new(false);
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| keep_changing(&log, &done));
            let outcome = environment.run(&[verb, "busy"]);
            done.store(true, Ordering::Relaxed);
            outcome
        });
        outcome.expect_error(3, &["training.log", "changed while it was read"]);
    }
    environment.assert_kept();
}

fn keep_changing(path: &Path, done: &AtomicBool) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    let mut length = 64 << 20;
    while !done.load(Ordering::Relaxed) {
        length += 1;
        file.set_len(length).unwrap();
        std::thread::sleep(std::time::Duration::from_micros(200));
    }
}

/// An account that is not root.
pub(crate) struct Unprivileged(Option<u32>);

impl Unprivileged {
    pub(crate) fn run_as(&self, command: &mut std::process::Command) {
        if let Some(id) = self.0 {
            command.uid(id).gid(id);
        }
    }
}

/// Returns the account to run as so that permissions count, and hands it the surroundings; `None` when it cannot be had.
pub(crate) fn unprivileged(environment: &TestEnvironment) -> Option<Unprivileged> {
    const NOBODY: u32 = 65534;
    if !rustix::process::geteuid().is_root() {
        return Some(Unprivileged(None));
    }
    hand_over(environment.root(), NOBODY);
    let user = Unprivileged(Some(NOBODY));
    let mut command = environment.command(&["--version"]);
    user.run_as(&mut command);
    if command.output().is_ok_and(|output| output.status.success()) {
        return Some(user);
    }
    eprintln!("skipped: running as root, and an account without privileges cannot run the binary");
    None
}

fn hand_over(path: &Path, id: u32) {
    std::os::unix::fs::lchown(path, Some(id), Some(id)).unwrap();
    if fs::symlink_metadata(path).unwrap().is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            hand_over(&entry.unwrap().path(), id);
        }
    }
    debug_assert_eq!(fs::symlink_metadata(path).unwrap().uid(), id);
}
