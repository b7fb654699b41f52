//! What speaks against a token or its ancestors is told, refuses unless the policy accepts it, and is never passed when it could not be seen.

use alloy::primitives::{Address, B256, U256};
use modelmark_chain::{ChainId, Judgement, Relation, Status as Word, TokenRef};
use modelmark_verify::{Ancestor, Ancestry, Code, Descent, Evidence, Look, Policy, Report, Standing, Status, Verdict, judge};

use crate::fixture::{other_digest, publish};

const CURATOR: Address = Address::repeat_byte(0xcc);

fn judged(policy: &Policy, change: impl FnOnce(&mut Evidence)) -> Report {
    let mut evidence = publish("standing", 0).evidence();
    change(&mut evidence);
    judge(&evidence, policy)
}

fn token(n: u64) -> TokenRef {
    TokenRef::new(ChainId::DEVELOPMENT, Address::repeat_byte(1), U256::from(n).into())
}

fn says(creator: Word) -> Standing {
    Standing { creator, curators: Look::NotAsked }
}

fn curated(status: Word) -> Standing {
    let judgement = Judgement { curator: CURATOR, status, until: None, evidence: B256::repeat_byte(7) };
    Standing { creator: Word::Active, curators: Look::Found(vec![judgement]) }
}

/// A token whose parent is 1 and whose parent's parent, 2, stands so.
fn ancestry(grandparent: Standing) -> Ancestry {
    let parent = Descent::default().then(Relation::Merge, token(1));
    let above = parent.then(Relation::FineTune, token(2));
    let ancestors = vec![
        Ancestor { descent: parent, weights: other_digest(), record: other_digest(), standing: says(Word::Active) },
        Ancestor { descent: above, weights: other_digest(), record: other_digest(), standing: grandparent },
    ];
    Ancestry { ancestors, ..Ancestry::default() }
}

fn own(standing: Standing) -> Report {
    judged(&Policy::default(), |evidence| {
        let Look::Found(token) = &mut evidence.token else { return };
        token.standing = standing;
    })
}

fn of(ancestry: Ancestry) -> Report {
    judged(&Policy::default(), |evidence| evidence.ancestry = Look::Found(ancestry))
}

#[track_caller]
fn assert_check(report: &Report, verdict: Verdict, code: Code, status: Status, words: &str) {
    let check = report.check(code).unwrap();
    let said = format!("{} {}", check.message, check.details.join("\n"));
    assert!((report.verdict, check.status) == (verdict, status) && said.contains(words), "no {words:?} in {report:#?}");
}

#[test]
fn the_token_s_own_status() {
    for word in [Word::Active, Word::Deprecated, Word::Superseded] {
        assert_check(&own(says(word)), Verdict::Verified, Code::StatusToken, Status::Pass, word.word());
    }
    assert_check(&own(says(Word::Recalled)), Verdict::PolicyRefused, Code::StatusToken, Status::Fail, "recalled, says its creator");
    for word in [Word::Disputed, Word::Revoked] {
        let said = format!("{word}, says {CURATOR}, evidence 0x0707");
        assert_check(&own(curated(word)), Verdict::PolicyRefused, Code::StatusToken, Status::Fail, &said);
    }
    assert_check(&own(curated(Word::Active)), Verdict::Verified, Code::StatusToken, Status::Pass, "active");
    let blind = Standing { creator: Word::Active, curators: Look::Unreachable("down".to_owned()) };
    assert_check(&own(blind), Verdict::CouldNotLook, Code::StatusToken, Status::Unknown, "down");
}

#[test]
fn an_ancestor_s_status_is_told_with_the_way_to_it() {
    let way = format!("merge of {}, finetune of {}: ", token(1), token(2));
    let code = Code::StatusLineage;
    assert_check(&of(ancestry(says(Word::Active))), Verdict::Verified, code, Status::Pass, "any of 2 ancestors");
    assert_check(&of(ancestry(says(Word::Deprecated))), Verdict::Verified, code, Status::Pass, &format!("{way}deprecated"));
    assert_check(&of(ancestry(says(Word::Recalled))), Verdict::PolicyRefused, code, Status::Fail, &format!("{way}recalled"));
    assert_check(
        &of(ancestry(curated(Word::Revoked))),
        Verdict::PolicyRefused,
        code,
        Status::Fail,
        &format!("{way}revoked, says {CURATOR}"),
    );
    let blind = Standing { creator: Word::Active, curators: Look::Unreachable("down".to_owned()) };
    assert_check(&of(ancestry(blind)), Verdict::CouldNotLook, code, Status::Unknown, "down");
    assert_check(&of(Ancestry::default()), Verdict::Verified, code, Status::Skipped, "no parents");
}

#[test]
fn what_was_not_looked_at_is_told() {
    let beyond = |standing| Ancestry {
        beyond: vec![(Descent::default().then(Relation::Adapter, token(9)), "it is in another registry".to_owned())],
        ..ancestry(standing)
    };
    let said = format!("not looked at: adapter of {}: it is in another registry", token(9));
    assert_check(&of(beyond(says(Word::Active))), Verdict::Verified, Code::StatusLineage, Status::Pass, &said);
    assert_check(&of(beyond(says(Word::Recalled))), Verdict::PolicyRefused, Code::StatusLineage, Status::Fail, &said);
    let only = Ancestry { ancestors: Vec::new(), ..beyond(says(Word::Active)) };
    assert_check(&of(only), Verdict::Verified, Code::StatusLineage, Status::Skipped, &said);
    let cut = |standing| Ancestry { cut_short: Some("more than 256 ancestors".to_owned()), ..ancestry(standing) };
    assert_check(&of(cut(says(Word::Active))), Verdict::CouldNotLook, Code::StatusLineage, Status::Unknown, "more than 256");
    // What was seen outweighs what was not.
    assert_check(&of(cut(says(Word::Recalled))), Verdict::PolicyRefused, Code::StatusLineage, Status::Fail, "recalled");
}

#[test]
fn a_policy_may_accept_what_was_recalled_but_not_blindness() {
    let policy = Policy { accept_recalled: true, ..Policy::default() };
    let accepted = judged(&policy, |evidence| evidence.ancestry = Look::Found(ancestry(says(Word::Recalled))));
    assert_check(&accepted, Verdict::Verified, Code::StatusLineage, Status::Skipped, "recalled");
    let cut = Ancestry { cut_short: Some("down".to_owned()), ..ancestry(says(Word::Active)) };
    let blind = judged(&policy, |evidence| evidence.ancestry = Look::Found(cut));
    assert_eq!(blind.verdict, Verdict::CouldNotLook);
}
