//! `modelmark admission review`: what the webhook would answer.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use modelmark_service::{Admission, AdmissionCode, Decision, Settings};
use modelmark_verify::exit_codes;

use super::desk::{Desk, PATIENCE};
use super::health::Health;
use super::in_force::InForce;
use super::rules::RuleArgs;
use crate::error::{CommandError, Result};
use crate::output::printable;
use crate::session::{Session, read_input};

/// Answer a recorded AdmissionReview from a file
///
/// Decides as the webhook does, for tests of policies and manifests. With --json the AdmissionReview that the API server would get.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 admitted, 1 refused, 2 usage, 3 could not look.\n\n\
                        Example:\n  modelmark admission review review.json --image registry.example.org/modelmark@sha256:… --policy policy.toml -- --policy /etc/modelmark/policy.toml")]
pub(crate) struct ReviewArgs {
    /// AdmissionReview, as JSON (`-`: stdin)
    file: PathBuf,
    #[command(flatten)]
    rules: RuleArgs,
}

pub(super) fn run(session: &Session<'_>, args: &ReviewArgs) -> Result<u8> {
    let body = read_input(&args.file, Settings::default().body as u64)?;
    let rules = args.rules.rules(session)?;
    let health = Arc::<Health>::default();
    let policy = InForce::read(&args.rules.policy, Arc::clone(&health))?;
    let (desk, work) = Desk::new(health);
    let admission = Admission::new(rules, Arc::new(desk));
    let decision = session.block_on(async {
        tokio::select! {
            decided = admission.decide(&body) => decided.map_err(|problem| CommandError::usage(problem.detail())),
            ended = work.run(session, &args.rules, policy, PATIENCE) => Err(ended.err().unwrap_or_else(|| CommandError::unreachable("nobody answers"))),
        }
    })?;
    session.output.result(&decision.answer, || text(&decision))?;
    Ok(match decision.codes.as_slice() {
        [] => exit_codes::VERIFIED,
        [only] if *only == AdmissionCode::ModelUnknown.as_str() => exit_codes::COULD_NOT_LOOK,
        _ => exit_codes::DOES_NOT_VERIFY,
    })
}

fn text(decision: &Decision) -> String {
    let reasons = decision.reasons.iter().map(|reason| format!("\n  {}", printable(reason)));
    format!("{}{}", line(decision), reasons.collect::<String>())
}

/// One line about a decision.
pub(super) fn line(decision: &Decision) -> String {
    let word = if decision.allowed { "admitted" } else { "refused" };
    let codes = decision.codes.iter().map(|code| format!("  {code}"));
    let dry = if decision.dry_run { "  (dry run)" } else { "" };
    let Decision { operation, kind, namespace, name, .. } = decision;
    printable(&format!("{word:>9}  {operation} {kind} {namespace}/{name}{dry}{}", codes.collect::<String>()))
}
