//! From evidence and policy to the report. Pure and total: no clock, no file, no network, and an answer for every input.

mod files;
mod foreign;
mod part;
mod signatures;
mod standing;

pub use self::signatures::judge_signatures;

use modelmark_chain::Authenticity;
use modelmark_digest::Sha256Digest;
use modelmark_record::CanonicalRecord;

use crate::evidence::{Evidence, Look, TokenEvidence};
use crate::{Check, Code, Policy, Report, Status, Verdict};

/// Longest list of details in one check.
const MAX_DETAILS: usize = 100;

/// Judges the evidence.
#[must_use]
pub fn judge(evidence: &Evidence, policy: &Policy) -> Report {
    let record = evidence.record.found().map(|found| CanonicalRecord::parse(&found.bytes).map_err(|error| error.to_string()));
    let valid = record.as_ref().and_then(|parsed| parsed.as_ref().ok());
    let mut checks = token_checks(evidence);
    checks.extend(record_checks(evidence, record.as_ref()));
    let signed = valid.map(|record| signatures::Signed::of(&evidence.signatures, &evidence.wallets, record));
    checks.extend(signatures::checks(evidence, signed.as_ref()));
    checks.extend(files::checks(evidence, valid));
    checks.extend(part::checks(&evidence.scope, &evidence.part));
    checks.push(code(&evidence.code, policy));
    checks.extend(standing::checks(evidence, policy));
    checks.extend(foreign::checks(evidence, policy));
    checks.extend(policy_checks(policy, valid));
    checks.push(signatures::policy(policy, signed.as_ref()));
    let token = evidence.token.found();
    Report {
        version: 1,
        verdict: Verdict::of(&checks),
        path: evidence.path.clone(),
        cid: evidence.model.found().map(|manifest| manifest.cid.to_string()),
        token: token.map(|token| token.token).or(evidence.named).map(|token| token.to_string()),
        record: valid.map(|record| record.id().to_string()),
        creator: valid.map(|record| record.record().provenance.creator.account.to_string()),
        block: token.map(|token| token.block).or(evidence.foreign.as_ref().map(|token| token.block)),
        checks,
        parts: part::parts(&evidence.part),
        notes: evidence.notes.clone(),
    }
}

pub(crate) fn check(code: Code, status: Status, message: impl Into<String>) -> Check {
    Check { code, severity: code.severity(), status, page: code.page(), message: message.into(), details: Vec::new() }
}

pub(crate) fn listed(code: Code, message: String, details: Vec<String>) -> Check {
    let more = details.len().saturating_sub(MAX_DETAILS);
    let mut details: Vec<_> = details.into_iter().take(MAX_DETAILS).collect();
    if more > 0 {
        details.push(format!("and {more} more"));
    }
    Check { details, ..check(code, Status::Fail, message) }
}

/// Pass with one sentence or fail with another.
fn holds(code: Code, truth: bool, pass: impl Into<String>, fail: impl Into<String>) -> Check {
    if truth { check(code, Status::Pass, pass) } else { check(code, Status::Fail, fail) }
}

fn token_checks(evidence: &Evidence) -> Vec<Check> {
    if let Some(foreign) = &evidence.foreign {
        return foreign::token_checks(foreign);
    }
    let token = match &evidence.token {
        Look::Found(token) => token,
        Look::Absent(why) => return without_token(Status::Fail, why),
        Look::Unreachable(why) => return without_token(Status::Unknown, why),
        Look::NotAsked => return without_token(Status::Skipped, "no chain was asked"),
    };
    vec![
        check(Code::TokenExists, Status::Pass, format!("the token exists (seen at block {})", token.block)),
        holds(
            Code::TokenId,
            token.id_matches,
            "the token id is the hash of what the contract says about the token",
            "the token id is not the hash of what the endpoint says about the token: the endpoint lies, or the contract is not ours",
        ),
        authenticity(token),
    ]
}

fn without_token(status: Status, why: &str) -> Vec<Check> {
    let mut checks = vec![check(Code::TokenExists, status, why)];
    checks.extend([Code::TokenId, Code::ContractAuthentic].map(|code| check(code, Status::Skipped, "there is no token to look at")));
    checks
}

fn authenticity(token: &TokenEvidence) -> Check {
    let (status, message) = match &token.authenticity {
        Authenticity::Canonical => (Status::Pass, "the contract is the canonical modelmark registry".to_owned()),
        Authenticity::Collection { collection, canonical_license_book: true } => {
            (Status::Pass, format!("the contract is the modelmark collection {:?}, our code", collection.name))
        }
        Authenticity::Collection { collection, .. } => {
            (Status::Fail, format!("the contract is the modelmark collection {:?}, but its licence book is not ours", collection.name))
        }
        Authenticity::FactoryCollection { terms } => {
            (Status::Pass, format!("the contract is the modelmark collection {:?}, made by the canonical factory of our code", terms.name))
        }
        Authenticity::Listed { name } => {
            (Status::Pass, format!("the contract is {name:?} of the address book; its code was not recognised"))
        }
        Authenticity::Proxy { target } => (Status::Fail, format!("the contract is a proxy to {target}, which its keeper may replace")),
        Authenticity::NoCode => (Status::Fail, "there is no contract at the token's address".to_owned()),
        _ => (Status::Fail, "the contract is not a modelmark registry: its address does not follow from our code".to_owned()),
    };
    check(Code::ContractAuthentic, status, message)
}

fn record_checks(evidence: &Evidence, record: Option<&Result<CanonicalRecord, String>>) -> Vec<Check> {
    let found = match &evidence.record {
        Look::Found(found) => found,
        Look::Absent(why) | Look::Unreachable(why) => return without_record(Status::Unknown, why),
        // Without a token there is nothing that could name a record; the token's own check says what is wrong.
        Look::NotAsked => return without_record(Status::Skipped, "nothing names a record to look for"),
    };
    let id = Sha256Digest::of(&found.bytes);
    let digest = match evidence.token.found() {
        None => check(Code::RecordDigest, Status::Skipped, "there is no token whose digest could be compared"),
        Some(token) => holds(
            Code::RecordDigest,
            token.record == id,
            format!("the record's bytes are the ones on chain (SHA-256 {})", id.to_0x()),
            format!("the record's bytes hash to {}, the token says {}", id.to_0x(), token.record.to_0x()),
        ),
    };
    let valid = match record {
        Some(Ok(_)) => check(Code::RecordValid, Status::Pass, "the record is well formed and canonical"),
        Some(Err(why)) => check(Code::RecordValid, Status::Fail, format!("not a valid record: {why}")),
        None => check(Code::RecordValid, Status::Skipped, "there is no record"),
    };
    let agrees = agreement(evidence.token.found(), record.and_then(|parsed| parsed.as_ref().ok()));
    vec![check(Code::RecordFound, Status::Pass, format!("record found: {}", found.source)), digest, valid, agrees]
}

fn without_record(status: Status, why: &str) -> Vec<Check> {
    let mut checks = vec![check(Code::RecordFound, status, why)];
    checks.extend(
        [Code::RecordDigest, Code::RecordValid, Code::RecordToken]
            .map(|code| check(code, Status::Skipped, "there is no record to look at")),
    );
    checks
}

fn agreement(token: Option<&TokenEvidence>, record: Option<&CanonicalRecord>) -> Check {
    let (Some(token), Some(record)) = (token, record) else {
        return check(Code::RecordToken, Status::Skipped, "it takes a token and a valid record to compare them");
    };
    let provenance = &record.record().provenance;
    let royalty = provenance.royalty.map_or(0, |royalty| royalty.bps.get());
    let mut differences = Vec::new();
    let mut compare = |what: &str, on_chain: String, in_record: String, same: bool| {
        if !same {
            differences.push(format!("{what}: the token says {on_chain}, the record says {in_record}"));
        }
    };
    let weights = provenance.weights.cid.digest();
    compare("weights", token.weights.to_0x(), weights.to_0x(), token.weights == weights);
    compare("licence", token.license.clone(), provenance.license.spdx.to_string(), token.license == provenance.license.spdx.to_string());
    let creator = provenance.creator.account.address().to_checksum(None);
    compare("creator", token.creator.clone(), creator.clone(), token.creator == creator);
    // A creator may lower a royalty after the mint, never raise it.
    compare("royalty", format!("{} bps", token.royalty_bps), format!("{royalty} bps"), token.royalty_bps <= royalty);
    if differences.is_empty() {
        check(Code::RecordToken, Status::Pass, "weights, licence, creator and royalty of token and record agree")
    } else {
        listed(Code::RecordToken, "token and record disagree".to_owned(), differences)
    }
}

/// Without a policy that denies code, what was found is told and refuses nothing.
fn code(found: &Look<Vec<String>>, policy: &Policy) -> Check {
    let (refusal, blindness) = if policy.deny_code { (Status::Fail, Status::Unknown) } else { (Status::Skipped, Status::Skipped) };
    match found {
        Look::Found(found) if found.is_empty() => check(Code::CodeNone, Status::Pass, "nothing was found that runs code when it is loaded"),
        Look::Found(found) => {
            let what = if policy.deny_code { "the policy denies code" } else { "no policy denies code" };
            let message = format!("loading the model runs code, or may: {what}");
            Check { status: refusal, ..listed(Code::CodeNone, message, found.clone()) }
        }
        Look::Absent(why) | Look::Unreachable(why) => check(Code::CodeNone, blindness, why),
        Look::NotAsked => check(Code::CodeNone, blindness, "the files were not looked over"),
    }
}

fn policy_checks(policy: &Policy, record: Option<&CanonicalRecord>) -> [Check; 2] {
    let provenance = record.map(|record| &record.record().provenance);
    let creator = provenance.map(|provenance| &provenance.creator.account);
    let license = provenance.map(|provenance| &provenance.license.spdx);
    [among(Code::PolicyCreator, "creator", creator, &policy.creators), among(Code::PolicyLicense, "licence", license, &policy.licenses)]
}

fn among<T: PartialEq + std::fmt::Display>(code: Code, what: &str, value: Option<&T>, accepted: &[T]) -> Check {
    if accepted.is_empty() {
        return check(code, Status::Skipped, format!("the policy names no {what}"));
    }
    let Some(value) = value else {
        return check(code, Status::Unknown, format!("there is no valid record to read the {what} from"));
    };
    let list: Vec<_> = accepted.iter().map(ToString::to_string).collect();
    holds(
        code,
        accepted.contains(value),
        format!("{what} {value} is accepted"),
        format!("{what} {value} is not among the accepted: {}", list.join(", ")),
    )
}
