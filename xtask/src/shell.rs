//! Running other programs: each command is shown, and a failure names it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Runs `program` in `dir` with its output passed through.
pub(crate) fn run<S: AsRef<OsStr>>(dir: &Path, program: &str, args: &[S], env: &[(&str, &OsStr)]) -> Result<()> {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).envs(env.iter().copied());
    // What cargo tells this program about its own package; a build script that watches these would have its crate, and all above it, built anew.
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_package(name)) {
        command.env_remove(name);
    }
    announce(program, args);
    let status = command.status().with_context(|| format!("cannot start `{program}`; is it installed?"))?;
    if !status.success() {
        bail!("`{program}` failed with {status}");
    }
    Ok(())
}

/// Tells whether cargo sets this variable for the package that it runs.
fn is_of_package(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
}

/// Runs `program` in `dir` and returns what it printed on stdout.
pub(crate) fn capture(dir: &Path, program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(dir)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{program}`; is it installed?"))?;
    if !output.status.success() {
        bail!("`{program} {}` failed with {}", args.join(" "), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{program}` did not print UTF-8"))
}

/// Tells whether `program` with `args` can be run at all.
pub(crate) fn works(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[expect(clippy::print_stderr, reason = "a task runner says what it runs")]
fn announce<S: AsRef<OsStr>>(program: &str, args: &[S]) {
    let line: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy().into_owned()).collect();
    eprintln!("$ {program} {}", line.join(" "));
}
