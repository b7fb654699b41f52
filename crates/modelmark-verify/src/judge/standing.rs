//! Judges how the token and what it comes from stand.

use modelmark_chain::Status as Word;

use super::{check, listed};
use crate::evidence::{Evidence, Look};
use crate::standing::{Ancestor, Ancestry, Standing};
use crate::{Check, Code, Policy, Status};

pub(super) fn checks(evidence: &Evidence, policy: &Policy) -> [Check; 2] {
    let Some(token) = evidence.token.found() else {
        if evidence.foreign.is_some() && !policy.curators.is_empty() {
            let why = "what curators say of tokens of contracts that are not ours is not looked at";
            return [check(Code::StatusToken, Status::Unknown, why), check(Code::StatusLineage, Status::Skipped, why)];
        }
        return [Code::StatusToken, Code::StatusLineage].map(|code| check(code, Status::Skipped, "there is no token to look at"));
    };
    [own(&token.standing, policy), lineage(&evidence.ancestry, policy)]
}

fn own(standing: &Standing, policy: &Policy) -> Check {
    let against = standing.against();
    if !against.is_empty() {
        return refused(Code::StatusToken, "the token does not stand".to_owned(), against, policy);
    }
    match &standing.curators {
        Look::Unreachable(why) | Look::Absent(why) => {
            check(Code::StatusToken, Status::Unknown, format!("the curators could not be asked: {why}"))
        }
        Look::Found(_) | Look::NotAsked => {
            let curators = if policy.curators.is_empty() { "" } else { "; no followed curator says anything against it" };
            check(Code::StatusToken, Status::Pass, format!("the token is {}, says its creator{curators}", standing.creator))
        }
    }
}

fn lineage(ancestry: &Look<Ancestry>, policy: &Policy) -> Check {
    let ancestry = match ancestry {
        Look::Found(ancestry) => ancestry,
        Look::Absent(why) | Look::Unreachable(why) => return check(Code::StatusLineage, Status::Unknown, why),
        Look::NotAsked => {
            let why = "ancestors are looked at when the model itself is as recorded";
            return check(Code::StatusLineage, Status::Skipped, why);
        }
    };
    let against: Vec<_> = ancestry.ancestors.iter().flat_map(against).collect();
    let blind = ancestry.ancestors.iter().find_map(|ancestor| match &ancestor.standing.curators {
        Look::Unreachable(why) | Look::Absent(why) => Some(format!("the curators could not be asked: {why}")),
        Look::Found(_) | Look::NotAsked => None,
    });
    let beyond = ancestry.beyond.iter().map(|(descent, why)| format!("not looked at: {descent}: {why}"));
    if !against.is_empty() {
        let details = against.into_iter().chain(beyond).collect();
        return refused(Code::StatusLineage, "the token comes from what does not stand".to_owned(), details, policy);
    }
    if let Some(why) = ancestry.cut_short.clone().or(blind) {
        return check(Code::StatusLineage, Status::Unknown, format!("not every ancestor could be looked at: {why}"));
    }
    let advised = ancestry.ancestors.iter().filter(|ancestor| ancestor.standing.creator != Word::Active);
    let advised = advised.map(|ancestor| format!("{}: {}, says its creator", ancestor.descent, ancestor.standing.creator));
    let details: Vec<_> = advised.chain(beyond).collect();
    let (status, message) = match (ancestry.ancestors.len(), ancestry.beyond.len()) {
        (0, 0) => (Status::Skipped, "the token names no parents".to_owned()),
        (0, _) => (Status::Skipped, "the token names no parents that can be looked at from here".to_owned()),
        (1, _) => (Status::Pass, "nothing speaks against the one ancestor".to_owned()),
        (looked_at, _) => (Status::Pass, format!("nothing speaks against any of {looked_at} ancestors")),
    };
    Check { status, ..listed(Code::StatusLineage, message, details) }
}

fn against(ancestor: &Ancestor) -> Vec<String> {
    let Ancestor { descent, standing } = ancestor;
    standing.against().into_iter().map(|word| format!("{descent}: {word}")).collect()
}

/// Whoever accepts what was recalled is told of it all the same.
fn refused(code: Code, message: String, details: Vec<String>, policy: &Policy) -> Check {
    if policy.accept_recalled {
        return Check { status: Status::Skipped, ..listed(code, format!("{message}: the policy accepts that"), details) };
    }
    listed(code, message, details)
}
