//! `modelmark verify` of several models, or of what has no files: one report each, and the worst exit code of all.

use std::path::{Path, PathBuf};
use std::time::Duration;

use modelmark_chain::TokenRef;
use modelmark_verify::{Policy, Report, Scope, SignatureFile, exit_codes};

use super::named::Named;
use super::{VerifyArgs, text};
use crate::error::{CommandError, Result};
use crate::session::Session;
use crate::verifier::{Subject, Verifier};

/// How many tokens are looked at together. Their reports come when all of them are there.
const MAX_TOGETHER: usize = 1000;

/// Verifies each; what only makes sense for one model with files is refused.
pub(super) fn run(
    session: &Session<'_>,
    args: &VerifyArgs,
    named: Vec<Named>,
    policy: &Policy,
    signatures: &[SignatureFile],
) -> Result<u8> {
    refuse_what_is_about_one(args, &named)?;
    let index = args.find.index()?;
    session.block_on(async {
        let deadline = Duration::from_secs(args.deadline);
        let verifier = Verifier::open(session, &args.chain, &args.places, policy.clone(), deadline).await?.with_index(index);
        let single = named.len() == 1 && args.list.is_none();
        let mut worst = exit_codes::VERIFIED;
        for run in runs(named) {
            for report in verify(session, &verifier, args, run, signatures).await? {
                if single {
                    session.output.result(&report, || text(&report, args.verbose))?;
                } else {
                    session.output.one_of_many(&report, || text(&report, args.verbose))?;
                }
                worst = worse(worst, report.verdict.exit_code());
            }
        }
        Ok(worst)
    })
}

/// What is verified together.
enum Run {
    /// Tokens that were named one after the other: the chain is asked about all of them at once.
    Tokens(Vec<TokenRef>),
    One(Named),
}

/// Puts tokens together that stand one after the other.
fn runs(named: Vec<Named>) -> Vec<Run> {
    let mut runs = Vec::new();
    for one in named {
        match (one, runs.last_mut()) {
            (Named::Token(token), Some(Run::Tokens(tokens))) if tokens.len() < MAX_TOGETHER => tokens.push(token),
            (Named::Token(token), _) => runs.push(Run::Tokens(vec![token])),
            (other, _) => runs.push(Run::One(other)),
        }
    }
    runs
}

async fn verify(
    session: &Session<'_>,
    verifier: &Verifier<'_>,
    args: &VerifyArgs,
    run: Run,
    signatures: &[SignatureFile],
) -> Result<Vec<Report>> {
    let own = signatures.to_vec();
    let report = match run {
        Run::Tokens(tokens) => return verifier.verify_tokens(&tokens, signatures).await,
        Run::One(Named::Token(token)) => return verifier.verify_tokens(&[token], signatures).await,
        Run::One(Named::Cid(cid)) => verifier.verify_cid(cid, own).await,
        Run::One(Named::Record(record)) => verifier.verify_record(record, own).await,
        Run::One(Named::Files(path)) => files(session, verifier, args, (path, None), own).await,
        Run::One(Named::Signed { model, signature }) => files(session, verifier, args, (model, Some(&signature)), own).await,
    };
    Ok(vec![report?])
}

async fn files(
    session: &Session<'_>,
    verifier: &Verifier<'_>,
    args: &VerifyArgs,
    (path, signature): (PathBuf, Option<&Path>),
    signatures: Vec<SignatureFile>,
) -> Result<Report> {
    let subject = Subject {
        path: Some(&path),
        scope: Scope::Whole,
        full: args.full,
        cached: args.cached,
        outboard: None,
        token: None,
        record: None,
        signatures,
        metadata: None,
        oms: args.oms.look(session, &path, signature, verifier.names_signers_of_files())?,
        oms_signatures: args.oms.brought(signature),
        fail_fast: args.fail_fast,
    };
    verifier.verify(subject).await
}

/// What does not verify is worse than what could not be looked at, which is worse than what a policy refuses.
const fn worse(one: u8, other: u8) -> u8 {
    const fn rank(code: u8) -> u8 {
        match code {
            exit_codes::VERIFIED => 0,
            exit_codes::POLICY_REFUSED => 1,
            exit_codes::COULD_NOT_LOOK => 2,
            _ => 3,
        }
    }
    if rank(other) > rank(one) { other } else { one }
}

fn refuse_what_is_about_one(args: &VerifyArgs, named: &[Named]) -> Result<()> {
    let part = !args.range.is_empty() || args.sample.is_some() || args.partial || args.proof.is_some() || args.outboard.is_some();
    let fileless = |named: &Named| !matches!(named, Named::Files(_) | Named::Signed { .. });
    let signed = args.oms.names_signature() || (args.oms.asked() && named.iter().any(fileless));
    let files = part
        || args.metadata.is_some()
        || signed
        || args.summary.verifier().is_some()
        || !args.report.is_empty()
        || args.save_evidence.is_some();
    // A record alone is what is verified; beside anything else nobody would look at it.
    let beside = args.record.is_some() && !(args.subjects.is_empty() && args.list.is_none());
    if files || args.token.is_some() || beside || (named.len() > 1 && !args.signature.is_empty()) {
        return Err(CommandError::usage("an option is about the files of one model, and not one model with files is named")
            .hint("verify that model alone"));
    }
    Ok(())
}
