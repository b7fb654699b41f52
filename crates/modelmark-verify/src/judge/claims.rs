//! Judges who else claims the same weights.

use std::collections::BTreeSet;

use modelmark_chain::MAX_CLAIMS;

use super::{MAX_DETAILS, check, is_known, listed, relayed};
use crate::evidence::{Claims, Evidence, Look, TokenEvidence, WeightsClaim};
use crate::{Check, ClaimedBy, Code, Policy, RivalClaim, Rivals, Status};

const CODE: Code = Code::ClaimFirst;

/// Whether the token's creator was the first. Without a policy that wants it, what was found is told and refuses nothing.
pub(super) fn first(evidence: &Evidence, policy: &Policy) -> Check {
    let (refusal, blindness) =
        if policy.wants_first_claim() { (Status::Fail, Status::Unknown) } else { (Status::Skipped, Status::Skipped) };
    let Some(token) = evidence.token.found() else { return check(CODE, blindness, "there is no token to look at") };
    let claims = match &evidence.claims {
        Look::Found(claims) => claims,
        Look::Absent(why) | Look::Unreachable(why) => return relayed(CODE, blindness, why),
        Look::NotAsked => return check(CODE, blindness, "who else claims these weights was not looked at"),
    };
    let Some(others) = Others::of(claims, token) else {
        return check(CODE, blindness, "the token is not among those that were found to claim these weights");
    };
    let details = || others.told().collect::<Vec<_>>();
    if let Some(first) = others.earlier.first() {
        let message = format!("{} claimed these weights before {} did{}", first.creator, token.creator, by_mints(claims));
        return Check { status: refusal, ..listed(CODE, message, details()) };
    }
    if claims.unranked.is_some() && !others.later.is_empty() {
        let message = format!("the token's creator is the first who minted these weights{}", by_mints(claims));
        return Check { status: blindness, ..listed(CODE, message, details()) };
    }
    let message = if others.later.is_empty() {
        "nobody else claims these weights"
    } else {
        "the token's creator is the first who claimed these weights"
    };
    Check { status: Status::Pass, ..listed(CODE, message.to_owned(), details()) }
}

/// The same for programs.
pub(super) fn rivals_of(evidence: &Evidence) -> Option<Rivals> {
    let (claims, token) = (evidence.claims.found()?, evidence.token.found()?);
    let others = Others::of(claims, token)?;
    let earlier = others.earlier.iter().map(|claim| rival(claim, true));
    let listed: Vec<_> = earlier.chain(others.later.iter().map(|claim| rival(claim, false))).take(MAX_DETAILS).collect();
    (!listed.is_empty()).then(|| Rivals {
        earlier: others.earlier.len(),
        later: others.later.len(),
        complete: claims.claims.len() < MAX_CLAIMS,
        unranked: claims.unranked.clone(),
        claims: listed,
    })
}

fn rival(claim: &WeightsClaim, earlier: bool) -> RivalClaim {
    RivalClaim {
        token: claim.token.to_string(),
        creator: claim.creator.clone(),
        earlier,
        by: if claim.committed.is_some() { ClaimedBy::Commitment } else { ClaimedBy::Mint },
        committed: claim.committed,
        block: claim.block,
    }
}

/// Says that the same weights were registered more than once: the reader has to know that a claim is not a proof of authorship. Whoever pinned the creator
/// knows whose claim it is.
pub(super) fn notes(evidence: &Evidence, policy: &Policy) -> Vec<String> {
    let Some(claims) = evidence.claims.found() else { return Vec::new() };
    let token = evidence.token.found().filter(|token| !is_known(policy, &token.creator));
    if token.is_none() && evidence.token.found().is_some() {
        return Vec::new();
    }
    rivals(claims, token).into_iter().chain(token.and_then(|token| signed_by_another(evidence, token))).collect()
}

fn rivals(claims: &Claims, token: Option<&TokenEvidence>) -> Option<String> {
    let [earliest, _, ..] = claims.claims.as_slice() else { return None };
    let creators = claims.claims.iter().map(|claim| claim.creator.as_str()).collect::<BTreeSet<_>>().len();
    let least = if claims.claims.len() >= MAX_CLAIMS { "at least " } else { "" };
    let count = claims.claims.len();
    if creators == 1 {
        return Some(format!("{least}{count} tokens of the same creator name these weights"));
    }
    let many = format!("{CODE}: {least}{count} tokens of {creators} creators name these weights");
    let mints = by_mints(claims);
    Some(match token {
        Some(token) if token.creator == earliest.creator => format!(
            "{many}; this token's creator {} was the first{mints}, which does not prove that they made them: pin the creator that you mean",
            token.creator
        ),
        Some(token) => format!(
            "{many}, and this token's creator {} was NOT the first: {} was{mints}. Anybody can claim a public model: pin the creator that you mean",
            token.creator, earliest.creator
        ),
        None => format!("{many}; the earliest is by {}{mints}: pin the creator that you mean", earliest.creator),
    })
}

/// Nothing ties a key of OpenSSF model signing to an account.
fn signed_by_another(evidence: &Evidence, token: &TokenEvidence) -> Option<String> {
    let oms = evidence.oms.found().filter(|oms| oms.refused.is_empty())?;
    let signer = oms.signer.as_ref()?;
    Some(format!(
        "{CODE}: the files are signed by {signer} ({}), and the token's creator is {}: nothing here shows that the one is the other; pin the creator with --creator",
        Code::OmsSignature,
        token.creator
    ))
}

fn by_mints(claims: &Claims) -> String {
    claims
        .unranked
        .as_ref()
        .map(|why| format!(" (by the mints alone, because commitments could not be looked at: {why})"))
        .unwrap_or_default()
}

/// Claims of others than the token's creator.
struct Others<'c> {
    earlier: Vec<&'c WeightsClaim>,
    later: Vec<&'c WeightsClaim>,
}

impl<'c> Others<'c> {
    /// Of several claims of one creator the earliest counts.
    fn of(claims: &'c Claims, token: &TokenEvidence) -> Option<Self> {
        let claims = &claims.claims;
        claims.iter().find(|claim| claim.token == token.token)?;
        let own = claims.iter().position(|claim| claim.creator == token.creator)?;
        let (earlier, later) = claims.split_at_checked(own)?;
        Some(Self { earlier: earlier.iter().collect(), later: later.iter().filter(|claim| claim.creator != token.creator).collect() })
    }

    fn told(&self) -> impl Iterator<Item = String> {
        self.earlier.iter().map(|claim| told("earlier", claim)).chain(self.later.iter().map(|claim| told("later", claim)))
    }
}

fn told(when: &str, claim: &WeightsClaim) -> String {
    let committed = claim.committed.map(|time| format!(", committed to at Unix time {time}")).unwrap_or_default();
    format!("{when}: {} by {}, minted in block {}{committed}", claim.token, claim.creator, claim.block)
}
