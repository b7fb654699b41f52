//! `modelmark policy try`: what a policy would make of evidence that was gathered before. Nothing is looked at, so that nothing is verified.

use std::path::PathBuf;

use clap::Args;
use modelmark_verify::{Evidence, MAX_EVIDENCE_BYTES, Policy, Status, Trial};

use crate::commands::verify::line;
use crate::error::{OrKind as _, Result};
use crate::options::PolicyArgs;
use crate::output::{Tone, paint, printable};
use crate::session::{Session, read_head};

/// Say what a policy would make of evidence that `verify --save-evidence` wrote
///
/// Nothing is looked at and nobody is asked: the evidence is what somebody stated, and whoever can write the file can say anything in it. So this verifies
/// nothing, and the exit code is never 0. With the policy of the verification the checks are the same, byte for byte; what another policy wants to know and the
/// verification did not look at is unknown.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 5 this evidence would verify by the policy, 1 it would not verify, 2 usage, 3 it does not tell, 4 the policy would refuse it.\n\n\
                        Examples:\n  modelmark verify ./my-model --save-evidence evidence.json\n  \
                        modelmark policy try evidence.json --policy stricter.toml"
)]
pub(crate) struct TryArgs {
    /// Evidence file (`-`: stdin)
    file: PathBuf,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Policy: refuse a model that runs code when it is loaded, or may for all that can be seen
    #[arg(long, help_heading = "Policy")]
    deny_code: bool,
    /// Policy: accept metadata although nothing binds it to the token
    #[arg(long, conflicts_with = "policy_file", help_heading = "Policy")]
    accept_unbound: bool,
    /// Policy: accept metadata that a web server sent, which may answer differently tomorrow
    #[arg(long, conflicts_with = "policy_file", help_heading = "Policy")]
    accept_mutable_uri: bool,
    /// List the skipped checks too
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(session: &Session<'_>, args: &TryArgs) -> Result<u8> {
    let policy = Policy {
        deny_code: args.deny_code,
        accept_unbound: args.accept_unbound,
        accept_mutable: args.accept_mutable_uri,
        ..args.policy.policy()?
    };
    let evidence = Evidence::from_bytes(&read_head(&args.file, MAX_EVIDENCE_BYTES as u64 + 1)?).or_usage()?;
    let trial = Trial::of(&evidence, &policy);
    session.output.result(&trial, || text(&trial, args.verbose))?;
    Ok(trial.exit_code())
}

/// The checks as in a report, and at the end that it is none.
fn text(trial: &Trial, verbose: bool) -> String {
    let mut text = String::new();
    for check in trial.checks.iter().filter(|check| verbose || check.status != Status::Skipped) {
        line(&mut text, check);
    }
    let mut lines: Vec<String> = trial.notes.iter().map(|note| format!("{} {}", paint(Tone::Doubt, "   note"), printable(note))).collect();
    lines.push(String::new());
    lines.extend(trial.token.iter().map(|token| format!("token    {}", printable(token))));
    lines.extend(trial.path.iter().map(|path| format!("path     {}", printable(path))));
    lines.push("assured  by nobody: chain by evidence that somebody stated".to_owned());
    lines.push(paint(Tone::Doubt, &format!("NOT VERIFIED, ONLY TRIED: the verdict would be {}", trial.would_be)));
    text + &lines.join("\n")
}
