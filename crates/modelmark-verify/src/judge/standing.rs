//! Judges how the token and what it comes from stand.

use super::{check, listed, relayed};
use crate::evidence::{Evidence, Look};
use crate::standing::{Ancestry, Descent, Standing};
use crate::{Check, Code, Policy, Reaction, Status};

pub(super) fn checks(evidence: &Evidence, policy: &Policy) -> [Check; 2] {
    let Some(token) = evidence.token.found() else {
        if evidence.foreign.is_some() && !policy.curators().is_empty() {
            let why = "what curators say of tokens of contracts that are not ours is not looked at";
            return [check(Code::StatusToken, Status::Unknown, why), check(Code::StatusLineage, Status::Skipped, why)];
        }
        return [Code::StatusToken, Code::StatusLineage].map(|code| check(code, Status::Skipped, "there is no token to look at"));
    };
    [own(&token.standing, policy), lineage(&evidence.ancestry, policy)]
}

/// Returns what the policy wants to be warned of.
pub(super) fn warnings(evidence: &Evidence, policy: &Policy) -> Vec<String> {
    let token = evidence.token.found().map(|token| Heard::of(&token.standing, policy).warned);
    let token = token.into_iter().flatten().map(|word| format!("warning: the token is {word}"));
    let ancestors = evidence.ancestry.found().map(|ancestry| heard(ancestry, policy).warned);
    token.chain(ancestors.into_iter().flatten().map(|word| format!("warning: the token comes from another: {word}"))).collect()
}

/// What was said, by what the policy makes of it.
#[derive(Default)]
struct Heard {
    denied: Vec<String>,
    warned: Vec<String>,
    /// What would refuse the model if the policy did not say otherwise.
    accepted: Vec<String>,
    told: Vec<String>,
}

impl Heard {
    fn of(standing: &Standing, policy: &Policy) -> Self {
        let mut heard = Self::default();
        for (status, word) in standing.voices() {
            let usually = Policy::default().reaction(status);
            match policy.reaction(status) {
                Reaction::Deny => heard.denied.push(word),
                reaction => {
                    if reaction == Reaction::Warn {
                        heard.warned.push(word.clone());
                    }
                    if usually == Reaction::Deny { heard.accepted.push(word) } else { heard.told.push(word) }
                }
            }
        }
        heard
    }
}

fn heard(ancestry: &Ancestry, policy: &Policy) -> Heard {
    let mut all = Heard::default();
    for ancestor in ancestry.ancestors.iter().filter(|ancestor| counts(&ancestor.descent, policy)) {
        let heard = Heard::of(&ancestor.standing, policy);
        let named = |words: Vec<String>| words.into_iter().map(|word| format!("{}: {word}", ancestor.descent)).collect::<Vec<_>>();
        all.denied.extend(named(heard.denied));
        all.warned.extend(named(heard.warned));
        all.accepted.extend(named(heard.accepted));
        all.told.extend(named(heard.told));
    }
    for (descent, why) in ancestry.beyond.iter().filter(|(descent, _)| counts(descent, policy)) {
        match policy.file.as_ref().map_or(Reaction::Allow, |rules| rules.status.elsewhere) {
            Reaction::Allow => {}
            Reaction::Warn => all.warned.push(format!("{descent}: not looked at: {why}")),
            Reaction::Deny => all.denied.push(format!("{descent}: not looked at: {why}")),
        }
    }
    all
}

/// Tells whether the policy counts an ancestor that is so far away.
fn counts(descent: &Descent, policy: &Policy) -> bool {
    descent.0.len() <= generations(policy)
}

fn generations(policy: &Policy) -> usize {
    let generations = policy.file.as_ref().and_then(|rules| rules.status.generations);
    generations.map_or(usize::MAX, |generations| usize::try_from(generations.get()).unwrap_or(usize::MAX))
}

fn own(standing: &Standing, policy: &Policy) -> Check {
    const CODE: Code = Code::StatusToken;
    let heard = Heard::of(standing, policy);
    if !heard.denied.is_empty() {
        return listed(CODE, "the token does not stand".to_owned(), heard.denied);
    }
    match &standing.curators {
        Look::Unreachable(why) | Look::Absent(why) => check(CODE, Status::Unknown, format!("the curators could not be asked: {why}")),
        // Whoever accepts what was recalled is told of it all the same.
        _ if !heard.accepted.is_empty() => accepted(CODE, "the token does not stand", heard.accepted),
        Look::Found(_) | Look::NotAsked => {
            let curators = if policy.curators().is_empty() { "" } else { "; no followed curator says anything against it" };
            check(CODE, Status::Pass, format!("the token is {}, says its creator{curators}", standing.creator))
        }
    }
}

fn lineage(ancestry: &Look<Ancestry>, policy: &Policy) -> Check {
    const CODE: Code = Code::StatusLineage;
    let ancestry = match ancestry {
        Look::Found(ancestry) => ancestry,
        Look::Absent(why) | Look::Unreachable(why) => return relayed(CODE, Status::Unknown, why),
        Look::NotAsked => {
            let why = "ancestors are looked at when the model itself is as recorded";
            return check(CODE, Status::Skipped, why);
        }
    };
    let heard = heard(ancestry, policy);
    let counted = || ancestry.ancestors.iter().filter(|ancestor| counts(&ancestor.descent, policy));
    let blind = counted().find_map(|ancestor| match &ancestor.standing.curators {
        Look::Unreachable(why) | Look::Absent(why) => Some(format!("the curators could not be asked: {why}")),
        Look::Found(_) | Look::NotAsked => None,
    });
    let beyond = ancestry.beyond.iter().map(|(descent, why)| format!("not looked at: {descent}: {why}"));
    if !heard.denied.is_empty() {
        return listed(CODE, "the token comes from what does not stand".to_owned(), heard.denied.into_iter().chain(beyond).collect());
    }
    // Nearest first: an ancestor beyond those that count shows that all of these were looked at.
    let cut = ancestry.cut_short.clone().filter(|_| counted().count() == ancestry.ancestors.len());
    if let Some(why) = cut.or(blind) {
        return check(CODE, Status::Unknown, format!("not every ancestor could be looked at: {why}"));
    }
    if !heard.accepted.is_empty() {
        return accepted(CODE, "the token comes from what does not stand", heard.accepted.into_iter().chain(beyond).collect());
    }
    let details: Vec<_> = heard.told.into_iter().chain(beyond).collect();
    let (status, message) = match (counted().count(), ancestry.ancestors.len() + ancestry.beyond.len()) {
        (0, 0) => (Status::Skipped, "the token names no parents".to_owned()),
        (0, _) => (Status::Skipped, "the token names no parents that can be looked at from here".to_owned()),
        (1, _) => (Status::Pass, "nothing speaks against the one ancestor".to_owned()),
        (looked_at, _) => (Status::Pass, format!("nothing speaks against any of {looked_at} ancestors")),
    };
    Check { status, ..listed(CODE, message, details) }
}

fn accepted(code: Code, message: &str, details: Vec<String>) -> Check {
    Check { status: Status::Skipped, ..listed(code, format!("{message}: the policy accepts that"), details) }
}
