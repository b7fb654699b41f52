//! From evidence and policy to the report. Pure and total: no clock, no file, no network, and an answer for every input.

mod claims;
mod demands;
mod files;
mod foreign;
mod license;
mod parents;
mod part;
mod signatures;
mod standing;
mod storage;
mod summary;

pub(crate) use self::demands::{bounds, measured};
pub(crate) use self::license::{license, read as read_license};
pub(crate) use self::parents::told;
pub use self::signatures::judge_signatures;

use self::signatures::Signed;

use std::borrow::Cow;
use std::sync::Arc;

use modelmark_chain::Authenticity;
use modelmark_digest::Sha256Digest;
use modelmark_record::{Account, CanonicalRecord};
use spdx::Expression;

use crate::evidence::{Evidence, Look, TokenEvidence};
use crate::{Assurance, Check, Code, Named, Policy, Report, Status, Verdict};

/// Longest list of details in one check.
const MAX_DETAILS: usize = 100;

/// Judges the evidence.
#[must_use]
pub fn judge(evidence: &Evidence, policy: &Policy) -> Report {
    ReadEvidence::of(evidence).judge(policy)
}

/// Evidence whose record is read and whose signatures are checked: what takes most of the time, and is the same under every policy.
#[derive(Debug)]
pub struct ReadEvidence<'e> {
    evidence: &'e Evidence,
    facts: RecordFacts,
}

/// What the record and the signatures of some evidence come to.
#[derive(Debug)]
pub(crate) struct RecordFacts {
    record: Option<ReadRecord>,
    signed: Option<Signed>,
    /// The token that was found or named, as reports spell it.
    token: Option<String>,
}

/// A record's bytes, read.
#[derive(Debug)]
struct ReadRecord {
    /// SHA-256 of the bytes, whatever they are.
    id: Sha256Digest,
    record: Result<Arc<CanonicalRecord>, String>,
    /// Its licence; nothing when that cannot be evaluated.
    license: Option<Expression>,
}

impl<'e> ReadEvidence<'e> {
    /// Reads the record, and checks the signatures over it.
    #[must_use]
    pub fn of(evidence: &'e Evidence) -> Self {
        Self { evidence, facts: RecordFacts::of(evidence) }
    }

    /// Judges it by a policy.
    #[must_use]
    pub fn judge(&self, policy: &Policy) -> Report {
        self.facts.judge(self.evidence, policy)
    }
}

impl RecordFacts {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let record = evidence.record.found().map(|found| match CanonicalRecord::parse(&found.bytes) {
            Ok(record) => ReadRecord {
                id: record.id().digest(),
                license: license::read(&record.record().provenance.license.spdx),
                record: Ok(Arc::new(record)),
            },
            Err(error) => ReadRecord { id: Sha256Digest::of(&found.bytes), license: None, record: Err(error.to_string()) },
        });
        let valid = record.as_ref().and_then(|read| read.record.as_ref().ok());
        let signed =
            valid.map(|record| Signed::of(&evidence.signatures, &evidence.wallets, record).unread(evidence.unread_signatures.as_deref()));
        let token = evidence.token.found().map(|token| token.token).or(evidence.named).map(|token| token.to_string());
        Self { record, signed, token }
    }

    /// Judges the evidence that these are of: with the same token, record and signatures, whatever else was found since.
    pub(crate) fn judge(&self, evidence: &Evidence, policy: &Policy) -> Report {
        report(evidence, self, policy)
    }
}

fn report(evidence: &Evidence, facts: &RecordFacts, policy: &Policy) -> Report {
    let RecordFacts { record, signed, token: named } = facts;
    let valid = record.as_ref().and_then(|read| read.record.as_deref().ok());
    let stated = valid.map(|record| &record.record().provenance.license.spdx);
    let mut checks = Vec::with_capacity(Code::ALL.len());
    checks.push(bundle(&evidence.bundle));
    checks.extend(token_checks(evidence));
    checks.extend(record_checks(evidence, record.as_ref()));
    checks.extend(signatures::checks(evidence, signed.as_ref()));
    checks.extend(files::checks(evidence, valid));
    checks.extend(part::checks(&evidence.scope, &evidence.part));
    checks.extend(summary::checks(evidence, policy, valid));
    checks.push(code(&evidence.code, policy));
    checks.extend(standing::checks(evidence, policy));
    checks.push(claims::first(evidence, policy));
    checks.push(storage::receipts(&evidence.receipts));
    checks.extend(foreign::checks(evidence, policy));
    checks.push(creator(policy, valid));
    checks.push(license::license(policy, stated.zip(record.as_ref().map(|read| read.license.as_ref()))));
    checks.push(signatures::policy(policy, signed.as_ref(), &evidence.signed));
    checks.extend(demands::checks(policy, evidence, valid));
    let token = evidence.token.found();
    Report {
        version: 1,
        verdict: Verdict::of(&checks),
        path: evidence.path.clone(),
        cid: evidence.model.found().filter(|_| evidence.unread.is_none()).map(|manifest| manifest.cid.to_string()),
        token: named.clone(),
        record: valid.map(|record| record.id().to_string()),
        creator: valid.map(|record| record.record().provenance.creator.account.to_string()),
        block: token.map(|token| token.block).or(evidence.foreign.as_ref().map(|token| token.block)),
        assurance: assurance(evidence),
        checks,
        rivals: claims::rivals_of(evidence),
        parts: part::parts(&evidence.part),
        notes: notes(evidence, policy),
    }
}

fn notes(evidence: &Evidence, policy: &Policy) -> Vec<String> {
    let judged = claims::notes(evidence, policy).into_iter().chain(standing::warnings(evidence, policy));
    evidence.notes.iter().cloned().chain(judged).collect()
}

/// Tells whether whoever wrote the policy knows this creator: an account, as an address in EIP-55 spelling.
fn is_known(policy: &Policy, creator: &str) -> bool {
    let filed = policy.file.iter().flat_map(|rules| &rules.signers.creators).filter_map(Named::account);
    policy.creators.iter().cloned().chain(filed).any(|account| account.address().to_checksum(None) == creator)
}

/// An endpoint that was asked and had nothing to say of a token gave its word for that too.
fn assurance(evidence: &Evidence) -> Option<Assurance> {
    let contract = evidence.token.found().map(|token| &token.authenticity);
    let contract = contract.or(evidence.foreign.as_ref().map(|token| &token.contract));
    Some(evidence.seen?.assurance(contract))
}

pub(crate) fn check(code: Code, status: Status, message: impl Into<Cow<'static, str>>) -> Check {
    Check { code, severity: code.severity(), status, page: code.page().into(), message: message.into(), details: Vec::new() }
}

/// A check that says what somebody else found.
pub(crate) fn relayed(code: Code, status: Status, why: &str) -> Check {
    check(code, status, why.to_owned())
}

pub(crate) fn listed(code: Code, message: String, details: Vec<String>) -> Check {
    let more = details.len().saturating_sub(MAX_DETAILS);
    let mut details: Vec<_> = details.into_iter().take(MAX_DETAILS).collect();
    if more > 0 {
        details.push(format!("and {more} more"));
    }
    Check { details, ..check(code, Status::Fail, message) }
}

/// Pass with one sentence or fail with another; only the one that is wanted is made.
fn holds<P: Into<Cow<'static, str>>, F: Into<Cow<'static, str>>>(
    code: Code,
    truth: bool,
    pass: impl FnOnce() -> P,
    fail: impl FnOnce() -> F,
) -> Check {
    if truth { check(code, Status::Pass, pass()) } else { check(code, Status::Fail, fail()) }
}

fn bundle(found: &Look<String>) -> Check {
    match found {
        Look::Found(proven) => relayed(Code::BundleValid, Status::Pass, proven),
        Look::Absent(why) => check(Code::BundleValid, Status::Fail, format!("the bundle is refused: {why}")),
        Look::Unreachable(why) => relayed(Code::BundleValid, Status::Unknown, why),
        Look::NotAsked => check(Code::BundleValid, Status::Skipped, "no bundle was brought"),
    }
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
            || "the token id is the hash of what the contract says about the token",
            || "the token id is not the hash of what the endpoint says about the token: the endpoint lies, or the contract is not ours",
        ),
        authenticity(token),
    ]
}

fn without_token(status: Status, why: &str) -> Vec<Check> {
    let mut checks = vec![relayed(Code::TokenExists, status, why)];
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

fn record_checks(evidence: &Evidence, read: Option<&ReadRecord>) -> Vec<Check> {
    let found = match &evidence.record {
        Look::Found(found) => found,
        Look::Absent(why) | Look::Unreachable(why) => return without_record(Status::Unknown, why),
        // Without a token there is nothing that could name a record; the token's own check says what is wrong.
        Look::NotAsked => return without_record(Status::Skipped, "nothing names a record to look for"),
    };
    let record = read.map(|read| &read.record);
    let digest = match evidence.token.found().zip(read.map(|read| read.id)) {
        None => check(Code::RecordDigest, Status::Skipped, "there is no token whose digest could be compared"),
        Some((token, id)) => holds(
            Code::RecordDigest,
            token.record == id,
            || format!("the record's bytes are the ones on chain (SHA-256 {})", id.to_0x()),
            || format!("the record's bytes hash to {}, the token says {}", id.to_0x(), token.record.to_0x()),
        ),
    };
    let valid = match record {
        Some(Ok(_)) => check(Code::RecordValid, Status::Pass, "the record is well formed and canonical"),
        Some(Err(why)) => check(Code::RecordValid, Status::Fail, format!("not a valid record: {why}")),
        None => check(Code::RecordValid, Status::Skipped, "there is no record"),
    };
    let agrees = agreement(evidence.token.found(), record.and_then(|parsed| parsed.as_deref().ok()));
    vec![check(Code::RecordFound, Status::Pass, format!("record found: {}", found.source)), digest, valid, agrees]
}

fn without_record(status: Status, why: &str) -> Vec<Check> {
    let mut checks = vec![relayed(Code::RecordFound, status, why)];
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
    // Most tokens agree: only what differs is spelled out.
    let mut compare = |what: &str, same: bool, told: &dyn Fn() -> (String, String)| {
        if !same {
            let (on_chain, in_record) = told();
            differences.push(format!("{what}: the token says {on_chain}, the record says {in_record}"));
        }
    };
    let weights = provenance.weights.cid.digest();
    compare("weights", token.weights == weights, &|| (token.weights.to_0x(), weights.to_0x()));
    let license = provenance.license.spdx.as_str();
    compare("licence", token.license == license, &|| (token.license.clone(), license.to_owned()));
    // An account is its address in EIP-55 spelling, and a chain before it.
    let creator = account_address(&provenance.creator.account);
    compare("creator", token.creator == creator, &|| (token.creator.clone(), creator.to_owned()));
    // A creator may lower a royalty after the mint, never raise it.
    compare("royalty", token.royalty_bps <= royalty, &|| (format!("{} bps", token.royalty_bps), format!("{royalty} bps")));
    if differences.is_empty() {
        check(Code::RecordToken, Status::Pass, "weights, licence, creator and royalty of token and record agree")
    } else {
        listed(Code::RecordToken, "token and record disagree".to_owned(), differences)
    }
}

/// Returns the address of an account, in EIP-55 spelling.
fn account_address(account: &Account) -> &str {
    account.as_str().rsplit(':').next().unwrap_or_default()
}

/// Without a policy that denies code, what was found is told and refuses nothing.
fn code(found: &Look<Vec<String>>, policy: &Policy) -> Check {
    let (refusal, blindness) = if policy.denies_code() { (Status::Fail, Status::Unknown) } else { (Status::Skipped, Status::Skipped) };
    match found {
        Look::Found(found) if found.is_empty() => check(Code::CodeNone, Status::Pass, "nothing was found that runs code when it is loaded"),
        Look::Found(found) => {
            let what = if policy.denies_code() { "the policy denies code" } else { "no policy denies code" };
            let message = format!("loading the model runs code, or may: {what}");
            Check { status: refusal, ..listed(Code::CodeNone, message, found.clone()) }
        }
        Look::Absent(why) | Look::Unreachable(why) => relayed(Code::CodeNone, blindness, why),
        Look::NotAsked => check(Code::CodeNone, blindness, "the files were not looked over"),
    }
}

fn creator(policy: &Policy, record: Option<&CanonicalRecord>) -> Check {
    const CODE: Code = Code::PolicyCreator;
    let listed: Vec<&Named> = policy.file.iter().flat_map(|rules| &rules.signers.creators).collect();
    if policy.creators.is_empty() && listed.is_empty() {
        return check(CODE, Status::Skipped, "the policy names no creator");
    }
    let Some(record) = record else { return check(CODE, Status::Unknown, "there is no valid record to read the creator from") };
    let creator = &record.record().provenance.creator.account;
    let optioned = policy.creators.is_empty() || policy.creators.contains(creator);
    let filed = listed.is_empty() || listed.iter().any(|named| named.account().as_ref() == Some(creator));
    let names = || {
        let names = policy.creators.iter().map(ToString::to_string).filter(|_| !optioned);
        names.chain(listed.iter().map(ToString::to_string).filter(|_| !filed)).take(MAX_DETAILS).collect::<Vec<_>>().join(", ")
    };
    holds(
        CODE,
        optioned && filed,
        || format!("creator {creator} is accepted"),
        || format!("creator {creator} is not among the accepted: {}", names()),
    )
}
