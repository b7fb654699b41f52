//! Who else claims the same weights, and what the judge makes of it.

use modelmark_chain::{Address, TokenId, TokenRef};
use modelmark_record::Account;
use modelmark_verify::{
    ClaimRules, ClaimedBy, Claims, Code, Evidence, Look, OmsEvidence, Policy, Report, RivalClaim, Rules, Status, Verdict, WeightsClaim,
    judge,
};

use crate::fixture::publish;

/// Evidence with claims of these accounts in this order; 0 is the token's creator.
fn claimed(creators: &[u8]) -> Evidence {
    let published = publish("claims", 0);
    let mut evidence = published.evidence();
    let token = published.token();
    let claim = |(number, creator): (usize, &u8)| WeightsClaim {
        token: match creator {
            0 => token.token,
            _ => TokenRef::new(token.token.chain(), token.token.contract(), TokenId::from(alloy::primitives::U256::from(1000 + number))),
        },
        creator: if *creator == 0 { token.creator.clone() } else { Address::repeat_byte(*creator).to_checksum(None) },
        block: number as u64,
        committed: (*creator == 9).then_some(7),
    };
    evidence.claims = Look::Found(Claims { claims: creators.iter().enumerate().map(claim).collect(), unranked: None });
    evidence
}

fn found(report: &Report) -> (Verdict, Status, usize) {
    let check = report.check(Code::ClaimFirst).unwrap();
    (report.verdict, check.status, check.details.len())
}

#[test]
fn an_earlier_claim_is_told_and_refuses_only_who_wants_the_first() {
    let wanted = Policy { first_claim: true, ..Policy::default() };
    let rules = Rules { claim: ClaimRules { first: true }, ..Rules::default() };
    let filed = Policy { file: Some(Box::new(rules)), ..Policy::default() };
    for (creators, told, refused) in [
        (&[0][..], (Verdict::Verified, Status::Pass, 0), (Verdict::Verified, Status::Pass, 0)),
        (&[0, 1, 2], (Verdict::Verified, Status::Pass, 2), (Verdict::Verified, Status::Pass, 2)),
        (&[9, 0, 2], (Verdict::Verified, Status::Skipped, 2), (Verdict::PolicyRefused, Status::Fail, 2)),
        // An older version of the creator's own is theirs too, and without the token nothing can be said of it.
        (&[1, 2], (Verdict::Verified, Status::Skipped, 0), (Verdict::PolicyRefused, Status::Unknown, 0)),
    ] {
        let evidence = claimed(creators);
        assert_eq!(found(&judge(&evidence, &Policy::default())), told, "{creators:?}");
        for wanted in [&wanted, &filed] {
            assert_eq!(found(&judge(&evidence, wanted)), refused, "{creators:?}");
        }
    }
    let report = judge(&claimed(&[9, 0]), &Policy::default());
    let detail = &report.check(Code::ClaimFirst).unwrap().details[0];
    assert!(detail.starts_with("earlier: eip155:") && detail.ends_with("committed to at Unix time 7"), "{detail}");
    assert!(report.notes.iter().any(|note| note.starts_with("claim.first: 2 tokens of 2 creators") && note.contains("NOT the first")));
}

/// What the sentence says is there for programs, and a flood stays a short list.
#[test]
fn rivals_are_listed_for_programs() {
    let report = judge(&claimed(&[9, 0, 2, 0, 1]), &Policy::default());
    let rivals = report.rivals.as_ref().unwrap();
    let listed =
        |claims: &[RivalClaim]| claims.iter().map(|claim| (claim.earlier, claim.by, claim.committed, claim.block)).collect::<Vec<_>>();
    let expected = [(true, ClaimedBy::Commitment, Some(7), 0), (false, ClaimedBy::Mint, None, 2), (false, ClaimedBy::Mint, None, 4)];
    assert_eq!((rivals.earlier, rivals.later, rivals.complete, listed(&rivals.claims)), (1, 2, true, expected.to_vec()));
    assert_eq!(rivals.claims[0].token.parse::<TokenRef>().unwrap().id(), TokenId::from(alloy::primitives::U256::from(1000)));
    assert_eq!(rivals.claims[0].creator, Address::repeat_byte(9).to_checksum(None));
    assert_eq!(judge(&claimed(&[0, 0]), &Policy::default()).rivals, None);
    assert_eq!(judge(&claimed(&[1, 2]), &Policy::default()).rivals, None, "without the token's own claim there is no order");
    let flood: Vec<u8> = std::iter::repeat_n(1, 10_000).chain([0]).chain(std::iter::repeat_n(2, 10_000)).collect();
    let report = judge(&claimed(&flood), &Policy::default());
    let rivals = report.rivals.as_ref().unwrap();
    assert_eq!((rivals.earlier, rivals.later, rivals.complete, rivals.claims.len()), (10_000, 10_000, false, 100));
    assert!(serde_json::to_string(&report).unwrap().len() < 100_000);
}

#[test]
fn whoever_pins_the_creator_is_not_warned_but_told() {
    let mut evidence = claimed(&[1, 0]);
    let creator = publish("claims", 0).wallet.address();
    let pinned = Policy { creators: vec![Account::from(creator)], ..Policy::default() };
    let report = judge(&evidence, &pinned);
    assert_eq!((found(&report), report.notes.len()), ((Verdict::Verified, Status::Skipped, 1), 0));
    // Both demands hold at once.
    assert_eq!(judge(&evidence, &Policy { first_claim: true, ..pinned }).verdict, Verdict::PolicyRefused);
    // An order without commitments does not prove who was first.
    evidence = claimed(&[0, 1]);
    let Look::Found(claims) = &mut evidence.claims else { unreachable!() };
    claims.unranked = Some("gone".to_owned());
    let report = judge(&evidence, &Policy { first_claim: true, ..Policy::default() });
    assert_eq!(found(&report), (Verdict::PolicyRefused, Status::Unknown, 1));
    assert!(report.notes[0].contains("by the mints alone"));
}

#[test]
fn what_was_not_looked_at_is_no_first_claim() {
    for claims in [Look::NotAsked, Look::Unreachable("gone".to_owned())] {
        let evidence = Evidence { claims, ..publish("claims", 0).evidence() };
        assert_eq!(found(&judge(&evidence, &Policy::default())), (Verdict::Verified, Status::Skipped, 0));
        let wanted = Policy { first_claim: true, ..Policy::default() };
        assert_eq!(found(&judge(&evidence, &wanted)), (Verdict::PolicyRefused, Status::Unknown, 0));
    }
}

#[test]
fn a_signature_of_the_files_by_somebody_is_not_taken_for_the_creator_s() {
    let mut evidence = claimed(&[0]);
    evidence.oms = Look::Found(OmsEvidence {
        signer: Some("the key of Ada".to_owned()),
        identity: None,
        files: 3,
        refused: Vec::new(),
        notes: Vec::new(),
    });
    let said = |policy: &Policy| judge(&evidence, policy).notes.iter().any(|note| note.contains("the key of Ada"));
    assert!(said(&Policy::default()));
    let creator = publish("claims", 0).wallet.address();
    assert!(!said(&Policy { creators: vec![Account::from(creator)], ..Policy::default() }));
}
