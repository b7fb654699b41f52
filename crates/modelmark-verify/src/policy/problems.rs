//! What is wrong with a policy although it can be read: rules that no model can meet, and rules that do not do what they seem to.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use modelmark_chain::{ChainId, Collection as OurRegistry};
use modelmark_record::MAX_SIGNATURES;
use serde::Serialize;

use super::demands::{MetricRule, ParentRule};
use super::identities::{Identity, Who};
use super::rules::{Reaction, Rules, StatusRules};
use super::{Named, Policy};
use crate::{ContractLevel, Status};

/// Something wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The key that it is about.
    pub key: &'static str,
    /// Whether no model can meet the policy because of it.
    pub never_passes: bool,
    /// What is wrong, in a sentence.
    pub message: String,
}

fn never(key: &'static str, message: impl Into<String>) -> Problem {
    Problem { key, never_passes: true, message: message.into() }
}

fn doubtful(key: &'static str, message: impl Into<String>) -> Problem {
    Problem { key, never_passes: false, message: message.into() }
}

impl Rules {
    /// Returns what is wrong with the policy; first what no model can meet.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = self.signer_problems();
        found.extend(self.license_problems());
        found.extend(self.place_problems());
        found.extend(self.parent_problems());
        found.extend(metric_problems(&self.metrics));
        found.extend(self.file_problems());
        found.extend(self.status_problems());
        if self == &(Self { title: self.title.clone(), ..Self::default() }) {
            found.push(doubtful("version", "the policy demands nothing that is not demanded without it"));
        }
        found.sort_by_key(|problem| !problem.never_passes);
        found
    }

    fn signer_problems(&self) -> Vec<Problem> {
        let rules = &self.signers;
        let mut found = Vec::new();
        if !rules.creators.is_empty() && rules.creators.iter().all(|named| named.account().is_none()) {
            found.push(never("signers.creators", "creators are accounts of eip155:1, whatever chain they mint on, and none of these is"));
        }
        if usize::try_from(rules.minimum).unwrap_or(usize::MAX) > MAX_SIGNATURES {
            found.push(never("signers.minimum", format!("a record has at most {MAX_SIGNATURES} signatures")));
        }
        for threshold in &rules.thresholds {
            let accounts: BTreeSet<_> = threshold.of.iter().map(Named::signer).collect();
            let identities = &threshold.identities;
            let different = identities.iter().enumerate().filter(|(n, one)| identities.iter().position(|other| other == *one) == Some(*n));
            let most = accounts.len() + different.count();
            let several = identities.iter().any(Identity::means_several);
            if !several && usize::try_from(threshold.minimum.get()).unwrap_or(usize::MAX) > most {
                let message = format!("{} signatures of {most} different accounts and signers of files", threshold.minimum);
                found.push(never("signers.thresholds", message));
            } else if accounts.len() < threshold.of.len() {
                found.push(doubtful("signers.thresholds", "an account stands in it twice, and counts once"));
            }
        }
        found
    }

    fn license_problems(&self) -> Vec<Problem> {
        let alone = Policy { file: Some(Box::new(Self { licenses: self.licenses.clone(), ..Self::default() })), ..Policy::default() };
        let passes = |license: &modelmark_record::Spdx| {
            let read = crate::judge::read_license(license);
            crate::judge::license(&alone, Some((license, read.as_ref()))).status == Status::Pass
        };
        let barred: Vec<_> = self.licenses.allow.iter().filter(|license| !passes(license)).map(ToString::to_string).collect();
        match barred.len() {
            0 => Vec::new(),
            all if all == self.licenses.allow.len() => vec![never("licenses", "every licence that is allowed is denied too")],
            _ => vec![doubtful("licenses", format!("allowed and denied: {}", barred.join(", ")))],
        }
    }

    fn place_problems(&self) -> Vec<Problem> {
        let (contract, chain) = (&self.contract, &self.chain);
        let mut found = Vec::new();
        let elsewhere = |wanted: Option<ChainId>| wanted.is_some_and(|wanted| !chain.allow.is_empty() && !chain.allow.contains(&wanted));
        if !contract.collections.is_empty() && contract.collections.iter().all(|one| elsewhere(one.get().0)) {
            found.push(never("contract.collections", "none of them is on a chain that `chain.allow` names"));
        }
        let ours = OurRegistry::canonical().address();
        let canonical = contract.collections.is_empty() || contract.collections.iter().any(|one| one.get().1 == ours);
        if contract.assurance == Some(ContractLevel::Canonical) && !canonical {
            let message = format!("the canonical registry is {}, which `contract.collections` does not name", ours.to_checksum(None));
            found.push(never("contract.assurance", message));
        }
        if contract.assurance.is_some_and(|level| level < ContractLevel::Listed) {
            found.push(doubtful(
                "contract.assurance",
                "a level below `listed` demands nothing of tokens with a record: `contract.authentic` refuses their contracts",
            ));
        }
        if chain.allow.iter().any(|chain| chain.is_development()) {
            found.push(doubtful("chain.allow", "eip155:31337 is that of development chains: everybody knows the keys of its accounts"));
        }
        found
    }

    fn parent_problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        for forbidden in &self.parents.forbid {
            if self.parents.require.iter().any(|required| covers(forbidden, required)) {
                found.push(never("parents", "an ancestor that is demanded is forbidden too"));
            }
        }
        found
    }

    fn file_problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.identities().any(|identity| matches!(identity, Identity::Keyless { who: Who::Like(pattern), .. } if pattern.is_wide())) {
            found.push(doubtful(
                "identities",
                "an identity-pattern leaves open whose workflow or mail domain it is: anybody who can log in there may sign",
            ));
        }
        let known: Vec<&str> = modelmark_formats::format_names().collect();
        let strange: Vec<_> =
            self.formats.allow.iter().filter(|format| !known.contains(&format.as_str())).map(ToString::to_string).collect();
        if !strange.is_empty() {
            let message = format!("{}: no format that is read; there are {}", strange.join(", "), known.join(", "));
            let all = strange.len() == self.formats.allow.len();
            found.push(if all { never("formats.allow", message) } else { doubtful("formats.allow", message) });
        }
        let code = &self.code;
        if let Some(both) = code.allow_findings.iter().find(|one| code.deny_findings.contains(one)) {
            found.push(doubtful("code", format!("{} is both accepted and denied, and so denied", both.code().as_str())));
        }
        if code.deny && code.allow_findings.iter().any(|one| one.code().runs_code()) {
            found.push(doubtful("code", "what runs code is among the findings that are accepted, and denied by `code.deny`"));
        }
        found
    }

    fn status_problems(&self) -> Vec<Problem> {
        let (rules, usual) = (&self.status, StatusRules::default());
        let mut found = Vec::new();
        if rules.curators.is_empty() && (rules.disputed != usual.disputed || rules.revoked != usual.revoked) {
            found.push(doubtful("status.curators", "without a curator to follow, nobody disputes or revokes"));
        }
        if rules.recalled != Reaction::Deny {
            found.push(doubtful("status.recalled", "models are accepted that their creators say must not be used"));
        }
        found
    }
}

/// Tells whether every ancestor that `narrow` means is one that `wide` means.
fn covers(wide: &ParentRule, narrow: &ParentRule) -> bool {
    fn same<T: PartialEq>(wide: Option<&T>, narrow: Option<&T>) -> bool {
        wide.is_none() || wide == narrow
    }
    same(wide.token.as_ref(), narrow.token.as_ref())
        && same(wide.record.as_ref(), narrow.record.as_ref())
        && same(wide.weights.as_ref(), narrow.weights.as_ref())
        && same(wide.relation.as_ref(), narrow.relation.as_ref())
        && wide.depth.is_none_or(|wide| narrow.depth.is_some_and(|narrow| narrow <= wide))
}

fn metric_problems(rules: &[MetricRule]) -> Vec<Problem> {
    let mut found = Vec::new();
    for (n, rule) in rules.iter().enumerate() {
        let about = |other: &&MetricRule| (&other.metric, &other.task, &other.dataset) == (&rule.metric, &rule.task, &rule.dataset);
        let greatest = rules.iter().skip(n).filter(about).filter_map(|other| other.max.as_ref());
        let least = rules.iter().skip(n).filter(about).filter_map(|other| other.min.as_ref());
        let (greatest, least): (Vec<_>, Vec<_>) = (greatest.collect(), least.collect());
        if least.iter().any(|min| greatest.iter().any(|max| min.get().compare(max.get()) == Ordering::Greater)) {
            found.push(never("metrics", format!("no {} is both as great and as small as is demanded", crate::judge::measured(rule))));
        }
    }
    found
}
