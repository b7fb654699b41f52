//! Holds the evidence against what a policy file demands: contract and chain, measurements, files, age, copies, and who signed the files.

use std::cmp::Ordering;

use modelmark_chain::TokenRef;
use modelmark_record::{CanonicalRecord, Evaluation, Label, Timestamp};
use modelmark_remote::{Address, Receipt};

use super::{check, holds, listed, relayed};
use crate::evidence::{Evidence, Look};
use crate::{Check, Code, ContractLevel, Identity, MetricRule, Policy, Rules, Status};

/// How far two clocks may be apart, in seconds.
const SKEW: i64 = 300;
const DAY: i64 = 86_400;

pub(super) fn checks(policy: &Policy, evidence: &Evidence, record: Option<&CanonicalRecord>) -> Vec<Check> {
    let nothing = Rules::default();
    let rules = policy.file.as_deref().unwrap_or(&nothing);
    vec![
        identity(&rules.identities, evidence),
        contract(rules, evidence),
        chain(rules, evidence),
        assurance(rules, evidence),
        super::parents::check_parents(policy, evidence),
        metrics(&rules.metrics, record),
        formats(&rules.formats.allow, evidence),
        findings(rules, evidence),
        age(rules, evidence, record),
        storage(rules, evidence),
    ]
}

fn identity(accepted: &[Identity], evidence: &Evidence) -> Check {
    const CODE: Code = Code::PolicyIdentity;
    if accepted.is_empty() {
        return check(CODE, Status::Skipped, "the policy names nobody who has to have signed the files");
    }
    let found = match &evidence.signed {
        Look::Found(found) => found,
        Look::Absent(why) => return relayed(CODE, Status::Fail, why),
        Look::Unreachable(why) => return relayed(CODE, Status::Unknown, why),
        Look::NotAsked => {
            return check(CODE, Status::Unknown, "no whole model was looked at, whose signatures of OpenSSF model signing could count");
        }
    };
    if let Some(one) = found.iter().find(|one| accepted.iter().any(|identity| identity.is(one))) {
        let who = one.found.signer.as_deref().unwrap_or("somebody");
        return check(CODE, Status::Pass, format!("{who} signed the files ({}), whom the policy names", one.source));
    }
    let told = found.iter().flat_map(|one| match one.signer() {
        Some(_) => vec![format!("{}: by {}", one.source, one.found.signer.as_deref().unwrap_or("somebody"))],
        None => one.found.refused.iter().map(|why| format!("{}: {why}", one.source)).collect(),
    });
    listed(CODE, "nobody whom the policy names signed the files".to_owned(), told.collect())
}

fn token(evidence: &Evidence) -> Option<TokenRef> {
    evidence.token.found().map(|token| token.token).or(evidence.foreign.as_ref().map(|token| token.token))
}

fn contract(rules: &Rules, evidence: &Evidence) -> Check {
    const CODE: Code = Code::PolicyContract;
    let rules = &rules.contract;
    if rules.collections.is_empty() && rules.assurance.is_none() {
        return check(CODE, Status::Skipped, "the policy takes any contract that is authentic");
    }
    let Some(token) = token(evidence) else { return check(CODE, Status::Unknown, "there is no token whose contract could be looked at") };
    let mut wrong = Vec::new();
    if !rules.collections.is_empty() && !rules.collections.iter().any(|collection| collection.holds(&token)) {
        let names: Vec<_> = rules.collections.iter().map(ToString::to_string).collect();
        wrong.push(format!("the contract {} is none of {}", token.contract(), names.join(", ")));
    }
    let known = evidence.token.found().map(|token| &token.authenticity).or(evidence.foreign.as_ref().map(|token| &token.contract));
    let level = known.and_then(ContractLevel::of);
    if let Some(wanted) = rules.assurance.filter(|wanted| level.is_none_or(|level| level < *wanted)) {
        let level = level.map_or("no contract", ContractLevel::as_str);
        wrong.push(format!("what is known of the contract is `{level}`, and the policy demands `{wanted}`"));
    }
    if wrong.is_empty() {
        return check(CODE, Status::Pass, "the contract is as the policy demands");
    }
    listed(CODE, "the contract is not as the policy demands".to_owned(), wrong)
}

fn chain(rules: &Rules, evidence: &Evidence) -> Check {
    const CODE: Code = Code::PolicyChain;
    let chains = &rules.chain.allow;
    if chains.is_empty() {
        return check(CODE, Status::Skipped, "the policy names no chain");
    }
    let Some(token) = token(evidence) else { return check(CODE, Status::Unknown, "there is no token whose chain could be looked at") };
    let names: Vec<_> = chains.iter().map(ToString::to_string).collect();
    let chain = token.chain();
    holds(
        CODE,
        chains.contains(&chain),
        || format!("the chain {chain} is accepted"),
        || format!("the chain {chain} is none of {}", names.join(", ")),
    )
}

fn assurance(rules: &Rules, evidence: &Evidence) -> Check {
    const CODE: Code = Code::PolicyAssurance;
    let (level, finality) = (rules.chain.assurance, rules.chain.finality);
    if level.is_none() && finality.is_none() {
        return check(CODE, Status::Skipped, "the policy takes any word for the state of the chain");
    }
    let Some(seen) = &evidence.seen else { return check(CODE, Status::Unknown, "nothing was read from a chain") };
    let mut wrong = Vec::new();
    if let Some(wanted) = level.filter(|wanted| seen.level < *wanted) {
        wrong.push(format!("the state of the chain rests on `{}`, and the policy demands `{wanted}`", seen.level));
    }
    if let Some(wanted) = finality.filter(|wanted| seen.finality < *wanted) {
        wrong.push(format!("the block {} is `{}`, and the policy demands `{wanted}`", seen.block.number, seen.finality));
    }
    if wrong.is_empty() {
        return check(
            CODE,
            Status::Pass,
            format!("chain by {}, block {} ({}), as the policy demands", seen.level, seen.block.number, seen.finality),
        );
    }
    listed(CODE, "the state of the chain is not as well known as the policy demands".to_owned(), wrong)
}

fn metrics(rules: &[MetricRule], record: Option<&CanonicalRecord>) -> Check {
    const CODE: Code = Code::PolicyMetrics;
    if rules.is_empty() {
        return check(CODE, Status::Skipped, "the policy demands no measurements");
    }
    let Some(record) = record else { return check(CODE, Status::Unknown, "there is no valid record to read measurements from") };
    let wrong: Vec<_> = rules.iter().flat_map(|rule| unmet(rule, &record.record().provenance.evaluations)).collect();
    if wrong.is_empty() {
        return check(
            CODE,
            Status::Pass,
            "every measurement that the policy demands is on the record, and within its bounds, by the creator's word",
        );
    }
    listed(CODE, "the measurements on the record are not what the policy demands".to_owned(), wrong)
}

/// Says what is missing or out of bounds; one measurement that is good hides none that is bad.
fn unmet(rule: &MetricRule, stated: &[Evaluation]) -> Vec<String> {
    let same = |wanted: Option<&Label>, found: Option<&Label>| wanted.is_none_or(|wanted| found == Some(wanted));
    let meant = stated.iter().filter(|one| {
        one.metric == rule.metric && same(rule.task.as_ref(), one.task.as_ref()) && same(rule.dataset.as_ref(), one.dataset.as_ref())
    });
    let meant: Vec<_> = meant.collect();
    if meant.is_empty() {
        return vec![format!("the record states no {}", measured(rule))];
    }
    let low = |one: &Evaluation| rule.min.as_ref().is_some_and(|min| one.value.compare(min.get()) == Ordering::Less);
    let high = |one: &Evaluation| rule.max.as_ref().is_some_and(|max| one.value.compare(max.get()) == Ordering::Greater);
    meant
        .into_iter()
        .filter(|one| low(one) || high(one))
        .map(|one| format!("{} is {}, and {}", measured(rule), one.value, bounds(rule)))
        .collect()
}

/// A measurement in words.
pub(crate) fn measured(rule: &MetricRule) -> String {
    let dataset = rule.dataset.as_ref().map(|dataset| format!(" on {dataset}")).unwrap_or_default();
    let task = rule.task.as_ref().map(|task| format!(" ({task})")).unwrap_or_default();
    format!("{}{dataset}{task}", rule.metric)
}

/// Its bounds in words.
pub(crate) fn bounds(rule: &MetricRule) -> String {
    match (&rule.min, &rule.max) {
        (Some(min), Some(max)) => format!("has to be from {min} to {max}"),
        (Some(min), None) => format!("has to be at least {min}"),
        (None, Some(max)) => format!("has to be at most {max}"),
        (None, None) => "has to be stated".to_owned(),
    }
}

fn formats(allowed: &[Label], evidence: &Evidence) -> Check {
    const CODE: Code = Code::PolicyFormats;
    if allowed.is_empty() {
        return check(CODE, Status::Skipped, "the policy takes any format");
    }
    let weights = match &evidence.surveyed {
        Look::Found(surveyed) => &surveyed.weights,
        Look::Absent(why) | Look::Unreachable(why) => return relayed(CODE, Status::Unknown, why),
        Look::NotAsked => return check(CODE, Status::Unknown, "the files were not looked over"),
    };
    if weights.is_empty() {
        return check(CODE, Status::Fail, "no file was recognised as weights, of whatever format");
    }
    let accepted = |format: &String| allowed.iter().any(|allowed| allowed.as_str() == format);
    let names = allowed.iter().map(Label::as_str).collect::<Vec<_>>().join(" or ");
    let other = weights.iter().filter(|file| !file.format.as_ref().is_some_and(accepted));
    let wrong: Vec<_> =
        other.map(|file| format!("{}: {}", file.path, file.format.as_deref().unwrap_or("of no format that is read"))).collect();
    if wrong.is_empty() {
        return check(CODE, Status::Pass, format!("every weights file is {names}"));
    }
    listed(CODE, format!("weights files are not {names}"), wrong)
}

fn findings(rules: &Rules, evidence: &Evidence) -> Check {
    const CODE: Code = Code::PolicyFindings;
    let (denied, accepted) = (&rules.code.deny_findings, &rules.code.allow_findings);
    if denied.is_empty() && accepted.is_empty() {
        return check(CODE, Status::Skipped, "the policy says nothing of findings");
    }
    let found = match &evidence.surveyed {
        Look::Found(surveyed) => &surveyed.findings,
        Look::Absent(why) | Look::Unreachable(why) => return relayed(CODE, Status::Unknown, why),
        Look::NotAsked => return check(CODE, Status::Unknown, "the files were not looked over"),
    };
    let is = |list: &[crate::Finding], code| list.iter().any(|one| one.code() == code);
    let wrong = found.iter().filter(|noticed| is(denied, noticed.code) || !accepted.is_empty() && !is(accepted, noticed.code));
    let wrong: Vec<_> = wrong.map(|noticed| format!("{} ({})", noticed.line, noticed.code.as_str())).collect();
    if wrong.is_empty() {
        return check(CODE, Status::Pass, "nothing was noticed about the files that the policy does not accept");
    }
    listed(CODE, "the policy does not accept what was noticed about the files".to_owned(), wrong)
}

fn age(rules: &Rules, evidence: &Evidence, record: Option<&CanonicalRecord>) -> Check {
    const CODE: Code = Code::PolicyAge;
    let Some(days) = rules.age.max_days else { return check(CODE, Status::Skipped, "the policy takes any age") };
    let Some(record) = record else { return check(CODE, Status::Unknown, "there is no valid record whose time could be looked at") };
    let Some(stated) = &record.record().provenance.created_at else { return check(CODE, Status::Unknown, "the record states no time") };
    let Some(now) = evidence.looked_at.and_then(|now| i64::try_from(now).ok()) else {
        return check(CODE, Status::Unknown, "nobody knows what time it is");
    };
    let age = now.saturating_sub(stated.unix_seconds());
    if age < -SKEW {
        return check(CODE, Status::Fail, format!("the record says that it was made at {stated}, which is yet to come"));
    }
    let limit = i64::from(days.get()).saturating_mul(DAY);
    holds(
        CODE,
        age <= limit,
        || format!("the record was made at {stated} by its own word, no more than {days} days ago"),
        || format!("the record was made at {stated} by its own word, more than {days} days ago"),
    )
}

fn storage(rules: &Rules, evidence: &Evidence) -> Check {
    const CODE: Code = Code::PolicyStorage;
    let Some(keep) = &rules.storage.keep else {
        return check(CODE, Status::Skipped, "the policy does not say where the model has to be kept");
    };
    let receipts = match &evidence.receipts {
        Look::Found(receipts) => receipts,
        Look::Absent(why) | Look::Unreachable(why) => return relayed(CODE, Status::Unknown, why),
        Look::NotAsked => return check(CODE, Status::Unknown, "nobody looked for receipts"),
    };
    let place = |receipt: &&Receipt| receipt.place.parse::<Address>().ok();
    let named: Vec<Address> = receipts.iter().filter_map(|receipt| place(&receipt)).collect();
    let kept: Vec<Address> =
        receipts.iter().filter(|receipt| counts(receipt, evidence.looked_at)).filter_map(|receipt| place(&receipt)).collect();
    let missing = keep.get().missing(&named, &kept);
    match missing.is_empty() {
        true if kept.is_empty() => check(CODE, Status::Fail, "no place said that it took the model, or every such word has run out"),
        true => check(CODE, Status::Pass, format!("places that took the model are `{keep}`, by their word")),
        false => listed(CODE, format!("places that took the model are not `{keep}`"), missing),
    }
}

/// A place's word counts until the place said, and not at all when nobody can tell until when.
fn counts(receipt: &Receipt, now: Option<u64>) -> bool {
    receipt.expires.as_ref().is_none_or(|until| {
        let until = until.parse::<Timestamp>().ok().and_then(|until| u64::try_from(until.unix_seconds()).ok());
        until.zip(now).is_some_and(|(until, now)| now <= until)
    })
}
