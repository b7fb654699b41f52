//! `modelmark run`: a command that never sees other files than those that were verified.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_verify::exit_codes;

use super::verify::shown::text;
use crate::error::{CommandError, Result};
use crate::options::GateArgs;
use crate::output::printable;
use crate::sealing::{Level, Sealed};
use crate::session::Session;

/// The variable in which the command finds the path of the sealed model.
const VARIABLE: &str = "MODELMARK_MODEL";
/// What stands for that path in the arguments.
const PLACEHOLDER: &[u8] = b"{}";
/// The folder in the data directory that sealed models are mounted on.
const POINT: &str = "sealed";

/// Verify a model, seal its files, and become a command that uses it
///
/// The files are sealed first, as well as the system allows, and then verified as they are sealed: what the command loads is what was verified. If they do not
/// verify, the command does not start. If they do, modelmark is replaced by the command: its exit code, its signals, its input and output, the environment as
/// it was. Nothing is run through a shell.
///
/// The sealed model is at `{}` in the arguments, and at `$MODELMARK_MODEL`. Where it can be, it is mounted over DIR too, for a command that has its own idea of
/// where the model is; who may rename DIR can get around that, so prefer the former. What each level of sealing keeps off, and what it does not:
/// docs/reference/run.md.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of the command; if it did not start, 1 does not verify, 2 usage, 3 could not look or could not seal, 4 refused \
                        by policy.\n\nExamples:\n  modelmark run --model ./my-model -- python serve.py --model {}\n  \
                        modelmark run --seal copy --creator 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 --deny-code --model ./my-model -- ./server {}"
)]
pub(crate) struct RunArgs {
    /// Model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Seal the model this way, or do not start [default: the strongest that is to be had, as it is told on stderr; a copy only if it takes no more than half
    /// of the memory that is available]
    #[arg(long, value_name = "LEVEL")]
    seal: Option<Level>,
    #[command(flatten)]
    gate: GateArgs,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Returns only when the command does not start. The session is taken, so that all that it holds is closed before.
pub(crate) fn run(session: Session<'_>, args: &RunArgs) -> Result<u8> {
    let gate = args.gate.read()?;
    let path = args.gate.find.locate(&session, &args.model)?;
    let sealed = Sealed::new(&path, &session.data_dir()?.join(POINT), args.seal)?;
    session.output.step("sealed", sealed.told());
    let report = gate.verify(&session, sealed.path(), &path)?;
    let code = report.verdict.exit_code();
    if code != exit_codes::VERIFIED {
        session.output.aside(&report, || text(&report, false));
        return Ok(code);
    }
    session.output.step("verified", printable(&path.display().to_string()));
    drop(session);
    sealed.check()?;
    become_command(&args.command, sealed.path())
}

/// Replaces this process. Every descriptor that was opened here closes itself.
fn become_command(command: &[OsString], model: &Path) -> Result<u8> {
    let Some((program, arguments)) = command.split_first() else { return Err(CommandError::usage("there is no command")) };
    let arguments = arguments.iter().map(|argument| filled(argument, model.as_os_str()));
    let error = std::process::Command::new(program).args(arguments).env(VARIABLE, model).exec();
    Err(CommandError::usage(format!("cannot start `{}`: {error}", program.display())).hint("check the command after `--`"))
}

/// Returns an argument with the path in place of each placeholder.
fn filled(argument: &OsStr, model: &OsStr) -> OsString {
    let (mut rest, mut filled) = (argument.as_bytes(), Vec::new());
    while let Some(at) = rest.windows(PLACEHOLDER.len()).position(|window| window == PLACEHOLDER) {
        let (before, after) = rest.split_at(at);
        filled.extend_from_slice(before);
        filled.extend_from_slice(model.as_bytes());
        rest = after.strip_prefix(PLACEHOLDER).unwrap_or_default();
    }
    filled.extend_from_slice(rest);
    OsString::from_vec(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_takes_the_place_of_braces() {
        let cases =
            [("{}", "/m"), ("--model={}", "--model=/m"), ("a{}b{}", "a/mb/m"), ("{ }", "{ }"), ("", ""), ("{", "{"), ("{{}}", "{/m}")];
        for (argument, expected) in cases {
            assert_eq!(filled(OsStr::new(argument), OsStr::new("/m")), expected, "{argument}");
        }
        assert_eq!(filled(OsStr::from_bytes(b"\xff{}"), OsStr::new("{}")), OsStr::from_bytes(b"\xff{}"));
    }
}
