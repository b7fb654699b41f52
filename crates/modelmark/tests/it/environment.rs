//! Surroundings of one test: a home, a data directory and a working directory of its own, and the binary run in them with nothing inherited.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use modelmark_testkit::model;
use serde_json::Value;
use tempfile::TempDir;

/// Development account 0: who signs when nobody is named.
pub(crate) const CREATOR: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
/// Development account 1.
pub(crate) const OTHER: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/// The styles that the binary writes on a terminal, and nothing else that steers one.
const STYLES: [&str; 7] = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[4m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"];

/// A place of its own for one test; gone with the value.
pub(crate) struct TestEnvironment {
    root: TempDir,
}

impl TestEnvironment {
    pub(crate) fn new() -> Self {
        let root = TempDir::with_prefix("modelmark-cli-").unwrap();
        for folder in ["home", "data", "config", "cache", "tmp", "work"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    /// Returns a path in the working directory.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join("work").join(name)
    }

    /// Returns the data directory that the binary uses by itself.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.root.path().join("data/modelmark")
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Writes bytes into a file in the working directory.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Writes a small model directory, whose weights depend on its name.
    pub(crate) fn model(&self, name: &str) {
        model::write(&self.path(name), name).unwrap();
    }

    /// Writes a model of two shards in nested folders.
    pub(crate) fn sharded(&self, name: &str) {
        model::write_sharded(&self.path(name), name).unwrap();
    }

    /// Returns the binary, to be run in these surroundings.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelmark"));
        command.env_clear().current_dir(self.root.path().join("work")).args(args).stdin(Stdio::null());
        for (variable, folder) in
            [("HOME", "home"), ("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache"), ("TMPDIR", "tmp")]
        {
            command.env(variable, self.root.path().join(folder));
        }
        command.env("NO_COLOR", "1");
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Outcome {
        self.finish(self.command(args))
    }

    /// Runs the binary with `input` on its stdin.
    pub(crate) fn pipe<S: AsRef<OsStr>>(&self, input: impl AsRef<[u8]>, args: &[S]) -> Outcome {
        let file = self.root.path().join("tmp/stdin");
        fs::write(&file, input).unwrap();
        let mut command = self.command(args);
        command.stdin(fs::File::open(file).unwrap());
        self.finish(command)
    }

    /// Runs a prepared command to its end. It writes as it does on a terminal, with colours: what is written for pipes has all that steers a terminal taken
    /// out by the stream, and would tell nothing about it.
    pub(crate) fn finish(&self, mut command: Command) -> Outcome {
        let output = command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1").output().unwrap();
        Outcome::new(self, &command, &output)
    }

    /// Runs the binary and expects success.
    pub(crate) fn ok<S: AsRef<OsStr>>(&self, args: &[S]) -> Outcome {
        self.run(args).expect_code(0)
    }

    /// Returns the files of the block store: whatever was refused must not add to them.
    pub(crate) fn stored(&self) -> BTreeSet<PathBuf> {
        let (mut folders, mut files) = (vec![self.data_dir().join("store")], BTreeSet::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(entry.path()),
                    false => files.extend([entry.path()]),
                }
            }
        }
        files
    }

    /// Publishes what is at `path` and returns the token.
    pub(crate) fn publish(&self, path: &str) -> String {
        self.ok(&["publish", path, "--json"]).json()["token"].as_str().unwrap().to_owned()
    }

    /// Returns surroundings in which the model `kept` is published already: whatever goes wrong later, it has to verify still.
    pub(crate) fn with_a_token() -> Self {
        let environment = Self::new();
        environment.model("kept");
        environment.publish("kept");
        environment
    }

    /// Checks that nothing was lost: the model published by [`Self::with_a_token`] verifies with everything read.
    pub(crate) fn assert_kept(&self) {
        self.ok(&["verify", "kept", "--full"]);
    }
}

/// What the binary did. The name of the field that only a failed test prints begins with an underscore.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    _told: String,
    root: String,
}

impl Outcome {
    fn new(environment: &TestEnvironment, command: &Command, output: &Output) -> Self {
        let plain = |text: String, style: &&str| text.replace(style, "");
        let text = |bytes: &[u8]| STYLES.iter().fold(String::from_utf8(bytes.to_vec()).unwrap(), plain);
        let outcome = Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            _told: format!("{:?}", command.get_args().collect::<Vec<_>>()),
            root: environment.root().display().to_string(),
        };
        outcome.assert_mannered();
        outcome
    }

    /// What holds for every run, whatever it was asked.
    fn assert_mannered(&self) {
        for text in [&self.stdout, &self.stderr] {
            assert!(!text.contains("panicked at") && !text.contains("RUST_BACKTRACE"), "it panicked: {self:#?}");
            let hostile = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            assert!(!text.contains(hostile), "control characters reach the terminal: {self:#?}");
        }
    }

    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Expects that it failed with `code`, with nothing on stdout, and that the reason on stderr has all of `words`.
    #[track_caller]
    pub(crate) fn expect_error(self, code: i32, words: &[&str]) -> Self {
        let failed = self.expect_code(code);
        assert_eq!(failed.stdout, "", "an error belongs on stderr: {failed:#?}");
        failed.expect_words(words)
    }

    /// Expects that stdout and stderr together have all of `words`.
    #[track_caller]
    pub(crate) fn expect_words(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word) || self.stdout.contains(word), "nothing about {word:?}: {self:#?}");
        }
        self
    }

    /// Expects that the report for people has these checks, each as its line begins, such as `FAIL record.digest`: every report names every code.
    #[track_caller]
    pub(crate) fn expect_checks(self, checks: &[&str]) -> Self {
        let told =
            |check: &&str| self.stdout.lines().chain(self.stderr.lines()).any(|line| line.split_whitespace().take(2).eq(check.split(' ')));
        assert_eq!(checks.iter().copied().filter(|check| !told(check)).collect::<Vec<_>>(), [""; 0], "{self:#?}");
        self
    }

    /// Returns stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("stdout is not JSON ({error}): {self:#?}"))
    }

    /// Expects that these fields of the JSON on stdout are those of `other`.
    #[track_caller]
    pub(crate) fn expect_fields(&self, names: &[&str], other: &Value) {
        for name in names {
            assert_eq!(self.json()[name], other[name], "{name}: {self:#?}");
        }
    }

    /// Returns the status of a check in the JSON report on stdout.
    #[track_caller]
    pub(crate) fn status(&self, code: &str) -> String {
        self.check(code)["status"].as_str().unwrap().to_owned()
    }

    /// Returns a check in the JSON report on stdout.
    #[track_caller]
    pub(crate) fn check(&self, code: &str) -> Value {
        let report = self.json();
        let check = report["checks"].as_array().unwrap().iter().find(|check| check["code"] == code);
        check.unwrap_or_else(|| panic!("no check {code}: {self:#?}")).clone()
    }

    /// Returns everything for a snapshot, with what differs from run to run or says nothing to a reader replaced by its kind.
    pub(crate) fn shown(&self) -> String {
        let code = self.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        let text = format!("code: {code}\n--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr);
        redact(&text.replace(&self.root, "[ROOT]"))
    }
}

/// Replaces hashes, CIDs, addresses, token ids, prices and block numbers by names of their kinds.
fn redact(text: &str) -> String {
    let mut shown = String::new();
    let mut after_block = false;
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let (word, end) = match word.char_indices().last() {
            Some((at, last)) if !last.is_ascii_alphanumeric() => word.split_at(at),
            _ => (word, ""),
        };
        // How many blocks the contracts took says nothing.
        let height = after_block && word.parse::<u64>().is_ok();
        shown.push_str(if height { "[N]" } else { kind(word).unwrap_or(word) });
        shown.push_str(end);
        after_block = word == "block" && end == " ";
    }
    shown
}

fn kind(word: &str) -> Option<&'static str> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match word.len() {
        66 if word.starts_with("0x") && hex(&word[2..]) => Some("[HASH]"),
        42 if word.starts_with("0x") && hex(&word[2..]) => Some("[ADDRESS]"),
        64 if hex(word) => Some("[SHA256]"),
        59 if word.starts_with("baf") => Some("[CID]"),
        60..=78 if digits(word) => Some("[ID]"),
        12..=20 if digits(word) => Some("[COINS]"),
        _ => None,
    }
}
