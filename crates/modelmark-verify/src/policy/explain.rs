//! A policy in plain sentences, every rule of it, and what nothing has to be.

use super::RequiredSigner;
use super::rules::{Reaction, Rules, Signers};
use crate::judge::{bounds, measured, told};

impl Rules {
    /// Returns the policy in sentences for people, one a rule, in the order of the file's sections.
    #[must_use]
    pub fn explain(&self) -> Vec<String> {
        let mut said = signers(&self.signers);
        said.extend(self.licenses());
        if self.claim.first {
            said.push(
                "Nobody else claimed these weights before the token's creator did, by a commitment that was shown or by a mint.".to_owned(),
            );
        }
        said.extend(self.places());
        said.extend(self.parents());
        said.extend(
            self.metrics
                .iter()
                .map(|rule| format!("The record states {}, by the creator's word, and it {}.", measured(rule), bounds(rule))),
        );
        said.extend(self.files());
        said.extend(self.age.max_days.map(|days| format!("The record says that it was made no more than {days} days ago.")));
        said.extend(self.storage.keep.as_ref().map(|keep| format!("Places that said that they took the model are `{keep}`.")));
        said.extend(self.status());
        said
    }

    fn licenses(&self) -> Vec<String> {
        let allow = (!self.licenses.allow.is_empty()).then(|| {
            format!(
                "The licence can be taken as {}; of licences joined by OR one has to do, of those joined by AND each.",
                or(&self.licenses.allow)
            )
        });
        let deny = (!self.licenses.deny.is_empty())
            .then(|| format!("It can be taken without {}, in any version of that licence.", or(&self.licenses.deny)));
        allow.into_iter().chain(deny).collect()
    }

    fn places(&self) -> Vec<String> {
        let (contract, chain) = (&self.contract, &self.chain);
        let mut said = Vec::new();
        if !contract.collections.is_empty() {
            said.push(format!("The token is of the contract {}.", or(&contract.collections)));
        }
        said.extend(contract.assurance.map(|level| format!("What is known of the contract's code is `{level}` or better.")));
        if !chain.allow.is_empty() {
            said.push(format!("The token is on the chain {}.", or(&chain.allow)));
        }
        said.extend(chain.assurance.map(|level| format!("The state of the chain is known by `{level}` or better.")));
        said.extend(chain.finality.map(|finality| format!("The block that was looked at is `{finality}` or better.")));
        said
    }

    fn parents(&self) -> Vec<String> {
        let require =
            self.parents.require.iter().map(|rule| format!("The token comes from this, by its lineage on chain: {}.", told(rule)));
        let forbid = self.parents.forbid.iter().map(|rule| format!("The token does not come from this: {}.", told(rule)));
        require.chain(forbid).collect()
    }

    fn files(&self) -> Vec<String> {
        let mut said = Vec::new();
        if !self.formats.allow.is_empty() {
            said.push(format!("Every weights file is, by its content, of the format {}.", or(&self.formats.allow)));
        }
        if self.code.deny {
            said.push("No file runs code when the model is loaded as usual, or may for all that can be seen.".to_owned());
        }
        let codes = |list: &[super::Finding]| or(&list.iter().map(|one| one.code().as_str()).collect::<Vec<_>>());
        if !self.code.deny_findings.is_empty() {
            said.push(format!("Nothing is noticed about the files that is {}.", codes(&self.code.deny_findings)));
        }
        if !self.code.allow_findings.is_empty() {
            said.push(format!("Whatever is noticed about the files is {}.", codes(&self.code.allow_findings)));
        }
        if !self.identities.is_empty() {
            said.push(format!("The files are signed with OpenSSF model signing by {}.", or(&self.identities)));
        }
        said
    }

    fn status(&self) -> Vec<String> {
        let rules = &self.status;
        let words = [
            (rules.recalled, "was recalled by its creator"),
            (rules.disputed, "is disputed by a curator who is followed"),
            (rules.revoked, "was revoked by a curator who is followed"),
            (rules.deprecated, "is deprecated by its creator"),
            (rules.superseded, "was superseded by its creator"),
        ];
        let of =
            |wanted: Reaction| or(&words.iter().filter(|(reaction, _)| *reaction == wanted).map(|(_, word)| *word).collect::<Vec<_>>());
        let mut said = Vec::new();
        for (reaction, end) in
            [(Reaction::Deny, "is refused"), (Reaction::Warn, "is accepted with a warning"), (Reaction::Allow, "is accepted")]
        {
            let which = of(reaction);
            if !which.is_empty() {
                said.push(format!("A model that {which} {end}, and so is what comes from it."));
            }
        }
        said.extend(rules.generations.map(|generations| format!("Of what it comes from, {generations} generations count.")));
        match rules.elsewhere {
            Reaction::Allow => {}
            Reaction::Warn => said.push("A model that comes from a token in another registry is accepted with a warning.".to_owned()),
            Reaction::Deny => said.push("A model that comes from a token in another registry is refused.".to_owned()),
        }
        said.push(match rules.curators.as_slice() {
            [] => "No curator is followed, so that nobody's disputes and revocations count.".to_owned(),
            curators => format!("Followed are the curators {}.", and(curators)),
        });
        said
    }
}

fn signers(rules: &Signers) -> Vec<String> {
    let mut said = Vec::new();
    if !rules.creators.is_empty() {
        said.push(format!("The record's creator is {}.", or(&rules.creators)));
    }
    said.extend(rules.required.iter().map(|signer| match signer {
        RequiredSigner::Creator => "The creator signed the record.".to_owned(),
        RequiredSigner::Contributors => "Every contributor whom the record names signed it.".to_owned(),
        RequiredSigner::Account(account) => format!("{account} signed the record."),
    }));
    if rules.minimum > 0 {
        said.push(format!("At least {} of the accounts that the record names signed it.", rules.minimum));
    }
    said.extend(rules.thresholds.iter().map(|threshold| match (threshold.of.as_slice(), threshold.identities.as_slice()) {
        (accounts, []) => format!("At least {} of these signed the record: {}.", threshold.minimum, and(accounts)),
        ([], others) => format!("At least {} of these signed the files with OpenSSF model signing: {}.", threshold.minimum, and(others)),
        (accounts, others) => format!(
            "At least {} of these signed, accounts the record and others the files with OpenSSF model signing: {}; {}.",
            threshold.minimum,
            and(accounts),
            and(others)
        ),
    }));
    said
}

fn or<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn and<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
