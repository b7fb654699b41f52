//! What a report is followed by: what to do next, and what it does not prove.

use std::path::Path;

use modelmark_verify::{Check, Code, Policy, Report, Status, Verdict};

use super::VerifyArgs;
use crate::commands::oms::beside;
use crate::hub;

/// Adds what to do next.
pub(super) fn advise(args: &VerifyArgs, policy: &Policy, path: &Path, report: &mut Report) {
    let failed = |code: Code| report.checks.iter().any(|check| check.code == code && check.status == Status::Fail);
    if args.token.is_none() && report.token.is_none() && failed(Code::TokenExists) {
        report.notes.push("if the model was published and files changed since, `--token` shows which ones differ".to_owned());
    }
    let code = report.check(Code::CodeNone).filter(|check| check.status == Status::Skipped).map_or(&[][..], |check| &check.details);
    if let [first, others @ ..] = code {
        let more = if others.is_empty() { String::new() } else { format!("; and {} more, see `--verbose`", others.len()) };
        report.notes.push(format!("loading the model runs code, or may: {first}{more}; `--deny-code` refuses such a model"));
    }
    advise_without_record(args, path, report);
    if policy.accept_recalled {
        let skipped = |check: &&Check| check.code.is_of_standing() && check.status == Status::Skipped;
        let accepted = report.checks.iter().filter(skipped);
        let notes: Vec<_> = accepted.filter_map(|check| Some(format!("{}: {}", check.message, check.details.first()?))).collect();
        report.notes.extend(notes);
    }
    if matches!(report.verdict, Verdict::DoesNotVerify | Verdict::CouldNotLook)
        && modelmark_digest::hub::origin(path).is_none()
        && is_like_hub_cache(path)
    {
        report.notes.push(hub::COPY.to_owned());
    }
}

/// Says what a verdict without a record does not prove, and what would be needed for one.
fn advise_without_record(args: &VerifyArgs, path: &Path, report: &mut Report) {
    let message =
        |code: Code, status: Status| report.check(code).filter(|check| check.status == status).map(|check| check.message.to_string());
    let mut notes = Vec::new();
    if report.verdict == Verdict::VerifiedWithoutRecord && message(Code::ForeignWeights, Status::Pass).is_some() {
        notes.extend(message(Code::ContractAuthentic, Status::Skipped));
        notes.extend(message(Code::ForeignBound, Status::Skipped));
        notes.push("this proves no author, data, lineage or licence: the metadata is nobody's signed record".to_owned());
    }
    if args.metadata.is_none() && message(Code::ForeignMetadata, Status::Unknown).is_some() {
        notes.push("`--metadata FILE` brings the metadata along".to_owned());
    }
    if !args.oms.asked()
        && report.check(Code::PolicyIdentity).is_none_or(|check| check.status == Status::Skipped)
        && beside::in_model(path).is_file()
    {
        notes.push(
            "there is a model.sig: `--oms-key`, `--oms-certificate-roots` or `--oms-identity` looks whose signature it is".to_owned(),
        );
    }
    report.notes.extend(notes);
}

/// Tells whether the folder's files are links as in the Hugging Face cache.
fn is_like_hub_cache(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.path().read_link().ok()).any(|target| target.to_str().is_some_and(hub::is_of_a_cache))
}
