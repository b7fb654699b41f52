//! `modelmark watch`: verifies a model again whenever it may have changed.

mod changes;
mod hook;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::Args;
use modelmark_verify::{Check, Report, Status, exit_codes};
use serde::Serialize;

use self::changes::{Cause, Changes};
use crate::error::{CommandError, Result};
use crate::options::GateArgs;
use crate::output::printable;
use crate::session::Session;

/// Verify a model again and again, and tell when the verdict changes
///
/// Verifies, then verifies anew when files changed, and at least once in every interval: that also notices a token that was recalled or revoked, and changes
/// that the system does not report. Each time every byte is read. A line is printed for the first verdict and for each other one that follows.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: it ends with --fail only, with the code of the verdict: 1 does not verify, 3 could not look, 4 refused by policy; 2 usage.\n\n\
                        Examples:\n  modelmark watch ./my-model --exec ./stop-serving\n  \
                        modelmark watch ./my-model --creator 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 --interval 60 --fail --json"
)]
pub(crate) struct WatchArgs {
    /// Model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache
    path: PathBuf,
    /// Verify at least this often, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: u64,
    /// How long nothing has to change before a change is looked at, in milliseconds; who never stops is looked at after ten times that
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..=60_000))]
    settle: u64,
    /// Run this program when the model does not verify any more, or for another reason than before: with the model's path as its argument, the line that
    /// `--json` prints on its stdin, `MODELMARK_MODEL` and `MODELMARK_VERDICT` in its environment, and no shell. Watching goes on when it has ended
    #[arg(long, value_name = "PROGRAM")]
    exec: Option<PathBuf>,
    /// End with the first verdict that is not good
    #[arg(long)]
    fail: bool,
    #[command(flatten)]
    gate: GateArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &WatchArgs) -> Result<u8> {
    let gate = args.gate.read()?;
    let find = &args.gate.find;
    let named = find.named(session, &args.path)?;
    let mut path = find.within(&named)?;
    if !path.exists() {
        return Err(CommandError::usage(format!("there is nothing at `{}`", path.display())).hint("check the path"));
    }
    let (mut last, mut cause) = (None, Cause::Start);
    loop {
        // A link in a container may lead elsewhere by now; where one leads nowhere, the place where the model was is watched on.
        let located = find.within(&named);
        if let Ok(found) = &located {
            path.clone_from(found);
        }
        // Changes during the verification count for the next one.
        let changes = Changes::of(&path);
        if let Some(why) = changes.blind().filter(|_| cause == Cause::Start) {
            session.output.note(format!("changes are not reported ({why}); the model is verified every {} seconds", args.interval));
        }
        let word = Word::of(located.and_then(|path| gate.verify(session, &path, &path)), &path, cause);
        if last.as_ref() != Some(&word.sense()) {
            session.output.one_of_many(&word, || word.line())?;
            if let Some(program) = args.exec.as_deref().filter(|_| word.exit_code != exit_codes::VERIFIED) {
                hook::run(session, program, &path, &word);
            }
            last = Some(word.sense());
        }
        if args.fail && word.exit_code != exit_codes::VERIFIED {
            return Ok(word.exit_code);
        }
        cause = changes.wait(Duration::from_secs(args.interval), Duration::from_millis(args.settle));
    }
}

/// What one verification came to, as a line of JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Word {
    time: String,
    path: String,
    cause: Cause,
    /// In the words of the report, `could-not-look` when there is none.
    verdict: String,
    exit_code: u8,
    /// Why there is no report.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
}

impl Word {
    /// Says what came of it. A model that cannot be looked at now may be there again later, so that this is a verdict too.
    fn of(verified: Result<Report>, path: &Path, cause: Cause) -> Self {
        let (exit_code, error, report) = match verified {
            Ok(report) => (report.verdict.exit_code(), None, Some(report)),
            Err(error) => (exit_codes::COULD_NOT_LOOK, Some(error.to_string()), None),
        };
        let word = report.as_ref().and_then(|report| serde_json::to_value(report.verdict).ok());
        Self {
            time: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            path: path.display().to_string(),
            cause,
            verdict: word.as_ref().and_then(serde_json::Value::as_str).unwrap_or("could-not-look").to_owned(),
            exit_code,
            error,
            report,
        }
    }

    /// The checks that are not as they should be.
    fn wrong(&self) -> impl Iterator<Item = &Check> {
        let checks = self.report.iter().flat_map(|report| &report.checks);
        checks.filter(|check| matches!(check.status, Status::Fail | Status::Unknown))
    }

    /// What makes one verdict another than the last: the verdict, and the checks that led to it.
    fn sense(&self) -> (String, Vec<(String, bool)>) {
        (self.verdict.clone(), self.wrong().map(|check| (check.code.to_string(), check.status == Status::Fail)).collect())
    }

    fn line(&self) -> String {
        let verdict = self.report.as_ref().map_or_else(|| "COULD NOT LOOK".to_owned(), |report| report.verdict.to_string());
        let why = self.wrong().map(|check| format!("{}: {}", check.code, check.message));
        let why: Vec<String> = why.chain(self.error.clone()).collect();
        let why = if why.is_empty() { String::new() } else { format!("  ({})", why.join("; ")) };
        printable(&format!("{}  {verdict}  {}{why}", self.time, self.path))
    }
}
