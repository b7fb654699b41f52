//! Commit and state of the git repository that a model lies in, asked of `git` itself.
//!
//! A repository can make `git` run programs through its own configuration. A model may come from anybody, so `git` looks for changes only where that
//! configuration holds nothing but what `git clone` writes; elsewhere the commit is told and the rest stays unknown.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use modelmark_record::{Code, Commit, repository};

use crate::output::printable;
use crate::session::Session;

/// Longest that one question may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// Longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// Keys of a repository's own configuration that run nothing: with them `git` may look at files.
const PLAIN_KEYS: [&str; 11] = [
    "core.repositoryformatversion",
    "core.filemode",
    "core.bare",
    "core.logallrefupdates",
    "core.ignorecase",
    "core.precomposeunicode",
    "core.symlinks",
    "core.autocrlf",
    "user.name",
    "user.email",
    "init.defaultbranch",
];

/// Returns what git says of a folder; nothing, with a remark, when there is no git, no repository or no commit.
pub(crate) fn code(session: &Session<'_>, folder: &Path) -> Option<Code> {
    let Some(commit) = ask(folder, &["rev-parse", "--verify", "HEAD"]).and_then(|text| text.trim().parse::<Commit>().ok()) else {
        session.output.note("--git: git knows no commit here, so that none is stated");
        return None;
    };
    // A list that was cut short could hide the one key that matters.
    let whole = |names: &String| (names.len() as u64) < MAX_ANSWER;
    let names = ask(folder, &["config", "--local", "--includes", "--list", "--name-only"]).filter(whole);
    let strange = names.as_ref().and_then(|names| names.lines().find(|name| !is_plain(name)));
    let dirty = match (&names, strange) {
        (Some(_), None) => ask(folder, &["status", "--porcelain", "--ignore-submodules=all"]).map(|changes| !changes.trim().is_empty()),
        (_, strange) => {
            let strange = strange.unwrap_or("cannot be read");
            session.output.note(format!(
                "--git: the repository's own configuration ({}) could run programs, so that nobody looks for changed files",
                printable(strange)
            ));
            None
        }
    };
    Some(Code {
        uri: ask(folder, &["config", "--local", "--get", "remote.origin.url"]).and_then(|url| repository(&url)),
        commit: Some(commit),
        dirty,
    })
}

fn is_plain(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let section = |prefix: &str, keys: &[&str]| name.starts_with(prefix) && keys.contains(&last);
    PLAIN_KEYS.contains(&name) || section("remote.", &["url", "fetch", "pushurl"]) || section("branch.", &["remote", "merge", "rebase"])
}

/// Asks git and returns its answer; nothing when it refuses, is not there or does not end.
fn ask(folder: &Path, question: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]);
    command.args(question).env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut stdout = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut answer = Vec::new();
        stdout.by_ref().take(MAX_ANSWER).read_to_end(&mut answer).ok()?;
        // What is beyond the bound is let go, so that git can end.
        std::io::copy(&mut stdout, &mut std::io::sink()).ok()?;
        Some(answer)
    });
    let succeeded = wait(&mut child);
    let answer = reader.join().ok().flatten().filter(|_| succeeded)?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// Waits for the end of a program, and ends it when its time is over; tells whether it succeeded.
fn wait(child: &mut Child) -> bool {
    let start = Instant::now();
    while start.elapsed() < DEADLINE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => break,
        }
    }
    // It is gone already when this fails.
    let _ = child.kill();
    let _ = child.wait();
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_clone_writes_is_plain() {
        for plain in ["core.bare", "remote.origin.url", "branch.main.merge"] {
            assert!(is_plain(plain), "{plain}");
        }
        for strange in [
            "core.fsmonitor",
            "core.hookspath",
            "filter.x.clean",
            "include.path",
            "remote.origin.uploadpack",
            "core.worktree",
            "diff.external",
        ] {
            assert!(!is_plain(strange), "{strange}");
        }
    }
}
