//! Judges a summary that another verifier signed. It speaks for bytes that nobody here read, so everything that it says has to fit what is known.

use std::collections::BTreeMap;

use modelmark_digest::{ManifestKind, Sha256Digest};
use modelmark_record::CanonicalRecord;

use super::{check, holds, listed, relayed};
use crate::evidence::{Evidence, Look};
use crate::summary::policy_digest;
use crate::{BroughtSummary, Check, Code, Policy, Scope, Status, VERIFIED_LEVEL, VerificationSummary};

const CODES: [Code; 7] = [
    Code::SummarySignature,
    Code::SummaryVerifier,
    Code::SummaryResult,
    Code::SummaryTime,
    Code::SummaryPolicy,
    Code::SummarySubject,
    Code::SummaryFiles,
];

pub(super) fn checks(evidence: &Evidence, policy: &Policy, record: Option<&CanonicalRecord>) -> Vec<Check> {
    let Scope::Summary(brought) = &evidence.scope else {
        return CODES.map(|code| check(code, Status::Skipped, "no summary was brought")).into();
    };
    let signed = brought.signed.as_ref().map_err(|why| format!("{}: {why}", brought.source));
    let summary = match signed
        .and_then(|statement| VerificationSummary::read(statement).map_err(|why| format!("it is signed, but no summary: {why}")))
    {
        Ok(summary) => summary,
        Err(why) => {
            let rest = CODES.into_iter().skip(1).map(|code| check(code, Status::Skipped, "the summary is not believed"));
            return std::iter::once(check(Code::SummarySignature, Status::Fail, why)).chain(rest).collect();
        }
    };
    vec![
        check(Code::SummarySignature, Status::Pass, format!("{} is signed with {}", brought.source, brought.signer)),
        verifier(&summary, brought),
        result(&summary),
        time(&summary, brought),
        holds(
            Code::SummaryPolicy,
            summary.policy == policy_digest(policy),
            || "the verifier demanded what is demanded here",
            || {
                format!(
                    "the verifier demanded something else: its policy has SHA-256 {}, this one {}",
                    summary.policy,
                    policy_digest(policy)
                )
            },
        ),
        subject(&summary, evidence, record),
        files(&summary, brought, evidence, record),
    ]
}

fn verifier(summary: &VerificationSummary, brought: &BroughtSummary) -> Check {
    holds(
        Code::SummaryVerifier,
        summary.verifier == brought.verifier.to_string(),
        || format!("{} verified", brought.verifier),
        || format!("{:.200?} verified, not {}", summary.verifier, brought.verifier),
    )
}

fn result(summary: &VerificationSummary) -> Check {
    let verified = summary.levels.iter().any(|level| level == VERIFIED_LEVEL);
    holds(
        Code::SummaryResult,
        summary.passed && verified,
        || format!("the verification passed, at level {VERIFIED_LEVEL}"),
        || format!("the verification did not pass at level {VERIFIED_LEVEL}"),
    )
}

fn time(summary: &VerificationSummary, brought: &BroughtSummary) -> Check {
    let time = &summary.time;
    if time.is_before(&brought.oldest) {
        return check(
            Code::SummaryTime,
            Status::Fail,
            format!("the verification was at {time}, which is too long ago: before {}", brought.oldest),
        );
    }
    holds(
        Code::SummaryTime,
        !brought.latest.is_before(time),
        || format!("the verification was at {time}"),
        || format!("the verification claims to be of {time}, which is yet to come"),
    )
}

/// The summary has to speak of the token and the record at hand.
fn subject(summary: &VerificationSummary, evidence: &Evidence, record: Option<&CanonicalRecord>) -> Check {
    let Some(record) = record else {
        return check(Code::SummarySubject, Status::Unknown, "there is no valid record that the summary could speak of");
    };
    let token = evidence.token.found().map(|token| token.token).or(evidence.named).map(|token| token.to_string());
    let wanted = match (token, &evidence.token) {
        (Some(token), _) => token,
        (None, Look::NotAsked) => record.id().token_uri(),
        (None, _) => return check(Code::SummarySubject, Status::Unknown, "there is no token that the summary could speak of"),
    };
    if summary.resource != wanted {
        let message = format!("the summary speaks of {:.200?}, not of {wanted}", summary.resource);
        return check(Code::SummarySubject, Status::Fail, message);
    }
    holds(
        Code::SummarySubject,
        summary.inputs.contains(&record.id().digest()),
        || "the summary speaks of this token and record",
        || format!("the summary rests on another record than {}", record.id()),
    )
}

fn files(summary: &VerificationSummary, brought: &BroughtSummary, evidence: &Evidence, record: Option<&CanonicalRecord>) -> Check {
    let Some(record) = record else {
        return check(Code::SummaryFiles, Status::Unknown, "there is no valid record to take the sizes of the files from");
    };
    let model = &record.record().provenance.model;
    let recorded: BTreeMap<String, Sha256Digest> = model.files.iter().map(|file| (file.path.to_string(), file.sha256)).collect();
    if summary.files != recorded {
        return check(Code::SummaryFiles, Status::Fail, "the files of the summary are not those of the record");
    }
    let faults = match &evidence.part {
        Look::Found(part) => part.faults.clone(),
        Look::Absent(why) => return relayed(Code::SummaryFiles, Status::Fail, why),
        Look::Unreachable(why) => return relayed(Code::SummaryFiles, Status::Unknown, why),
        Look::NotAsked => return check(Code::SummaryFiles, Status::Unknown, "no local files were looked at"),
    };
    if !faults.is_empty() {
        return listed(Code::SummaryFiles, "the files here are not those of the summary".to_owned(), faults);
    }
    let names = if model.kind == ManifestKind::File { "size" } else { "names and sizes" };
    let message = format!(
        "{names} are as recorded; that the bytes are is the word of {}, of {}: they were not read here",
        brought.verifier, summary.time
    );
    check(Code::SummaryFiles, Status::Pass, message)
}
