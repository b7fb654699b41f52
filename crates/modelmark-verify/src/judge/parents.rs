//! Holds what a token comes from against the parents that a policy demands and forbids.

use modelmark_chain::{Relation, TokenRef};
use modelmark_digest::Sha256Digest;

use super::{check, listed, relayed};
use crate::evidence::{Evidence, Look};
use crate::standing::{Ancestry, Descent};
use crate::{Check, Code, ParentRule, Policy, Status};

const CODE: Code = Code::PolicyParents;

/// What is known of an ancestor.
struct Known<'a> {
    descent: &'a Descent,
    /// Weights and record; absent when the ancestor cannot be looked at from here.
    seen: Option<(Sha256Digest, Sha256Digest)>,
}

pub(super) fn check_parents(policy: &Policy, evidence: &Evidence) -> Check {
    let Some(rules) =
        policy.file.as_ref().map(|rules| &rules.parents).filter(|rules| !rules.require.is_empty() || !rules.forbid.is_empty())
    else {
        return check(CODE, Status::Skipped, "the policy says nothing of parents");
    };
    let ancestry = match &evidence.ancestry {
        Look::Found(ancestry) => ancestry,
        Look::Absent(why) | Look::Unreachable(why) => return relayed(CODE, Status::Unknown, why),
        Look::NotAsked => return check(CODE, Status::Unknown, "there is no token whose ancestors were looked at"),
    };
    let known = known(ancestry);
    let mut wrong = Vec::new();
    let mut open = Vec::new();
    for rule in &rules.require {
        if !known.iter().any(|one| matches(rule, one) == Some(true)) {
            let hidden = unseen(rule, ancestry) || known.iter().any(|one| matches(rule, one).is_none());
            if hidden { &mut open } else { &mut wrong }.push(format!("demanded, and not among the ancestors: {}", told(rule)));
        }
    }
    for rule in &rules.forbid {
        match known.iter().find(|one| matches(rule, one) == Some(true)) {
            Some(one) => wrong.push(format!("forbidden: {}", one.descent)),
            None if unseen(rule, ancestry) || known.iter().any(|one| matches(rule, one).is_none()) => {
                open.push(format!("forbidden, and not every ancestor could be looked at: {}", told(rule)));
            }
            None => {}
        }
    }
    match (wrong.is_empty(), open.is_empty()) {
        (false, _) => {
            listed(CODE, "the token does not come from what the policy demands".to_owned(), wrong.into_iter().chain(open).collect())
        }
        (true, false) => {
            Check { status: Status::Unknown, ..listed(CODE, "ancestors could not be looked at that may decide".to_owned(), open) }
        }
        (true, true) => check(CODE, Status::Pass, "every ancestor that the policy demands is there, and none that it forbids"),
    }
}

fn known(ancestry: &Ancestry) -> Vec<Known<'_>> {
    let seen =
        ancestry.ancestors.iter().map(|ancestor| Known { descent: &ancestor.descent, seen: Some((ancestor.weights, ancestor.record)) });
    seen.chain(ancestry.beyond.iter().map(|(descent, _)| Known { descent, seen: None })).collect()
}

/// Tells whether a rule means this ancestor; nothing when that cannot be told of one that was not looked at.
fn matches(rule: &ParentRule, one: &Known<'_>) -> Option<bool> {
    let (relation, token): (Relation, TokenRef) = *one.descent.0.last()?;
    let near = rule.depth.is_none_or(|depth| one.descent.0.len() <= usize::try_from(depth.get()).unwrap_or(usize::MAX));
    let related = rule.relation.is_none_or(|wanted| word(wanted) == relation.word());
    if !near || !related || rule.token.is_some_and(|wanted| wanted != token) {
        return Some(false);
    }
    match one.seen {
        _ if !rule.needs_a_look() => Some(true),
        None => None,
        Some((weights, record)) => {
            let same = |wanted: &Option<crate::Digest>, found| wanted.as_ref().is_none_or(|wanted| *wanted.get() == found);
            Some(same(&rule.weights, weights) && same(&rule.record, record))
        }
    }
}

/// Tells whether an ancestor that the rule means may be among those that nobody saw: beyond the bounds of the walk, or above a token in another registry.
fn unseen(rule: &ParentRule, ancestry: &Ancestry) -> bool {
    let depth = rule.depth.map_or(usize::MAX, |depth| usize::try_from(depth.get()).unwrap_or(usize::MAX));
    // Nearest first: who was looked at at a greater depth shows that nothing is missing up to the one asked for.
    let deepest = ancestry.ancestors.last().map_or(0, |ancestor| ancestor.descent.0.len());
    let cut = ancestry.cut_short.is_some() && deepest <= depth;
    cut || ancestry.beyond.iter().any(|(descent, _)| descent.0.len() < depth)
}

const fn word(relation: modelmark_record::Relation) -> &'static str {
    use modelmark_record::Relation as Word;
    match relation {
        Word::Version => "version",
        Word::Finetune => "finetune",
        Word::Adapter => "adapter",
        Word::Merge => "merge",
        Word::Quantized => "quantized",
        Word::Pruned => "pruned",
        Word::Distilled => "distilled",
        Word::Converted => "converted",
    }
}

/// A rule in words.
pub(crate) fn told(rule: &ParentRule) -> String {
    let mut parts = Vec::new();
    parts.extend(rule.relation.map(|relation| format!("as {}", word(relation))));
    parts.extend(rule.token.map(|token| format!("the token {token}")));
    parts.extend(rule.record.as_ref().map(|record| format!("the record {record}")));
    parts.extend(rule.weights.as_ref().map(|weights| format!("the weights {weights}")));
    parts.extend(rule.depth.map(|depth| format!("at most {depth} {} away", if depth.get() == 1 { "step" } else { "steps" })));
    if parts.is_empty() { "any ancestor".to_owned() } else { parts.join(", ") }
}
