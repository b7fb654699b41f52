//! `judge` has an answer for every evidence, the same each time, and no failure makes a verdict better.

use std::sync::LazyLock;

use modelmark_chain::{Authenticity, Status as Word};
use modelmark_verify::{
    Ancestry, Check, Code, Evidence, FileRange, Look, OmsEvidence, Policy, RecordBytes, RequiredSigner, SampleSize, Scope, Status, Verdict,
    judge,
};
use proptest::prelude::*;

use crate::fixture::{Published, brought, lying, other_digest, publish};

/// Makes the evidence another one; any number of these in any order is evidence too.
pub(crate) fn change(evidence: &mut Evidence, published: &Published, which: u8, text: &str) {
    fn none<T>(which: u8, text: &str) -> Look<T> {
        match which % 3 {
            0 => Look::Absent(text.to_owned()),
            1 => Look::Unreachable(text.to_owned()),
            _ => Look::NotAsked,
        }
    }
    match which {
        0..3 => evidence.model = none(which, text),
        3..6 => evidence.token = none(which, text),
        6..9 => evidence.record = none(which, text),
        9..12 => evidence.code = none(which, text),
        12..15 => evidence.ancestry = none(which, text),
        15..18 => evidence.oms = none(which, text),
        18 => evidence.record = Look::Found(RecordBytes { bytes: text.as_bytes().to_vec(), source: text.to_owned() }),
        19 => evidence.signatures = vec![brought(text.as_bytes().to_vec()), lying(published.document.clone())],
        20 => evidence.signatures.clear(),
        21 => evidence.code = Look::Found(vec![text.to_owned()]),
        22 => evidence.scope = Scope::Partial,
        23 => evidence.scope = Scope::Sample(SampleSize::Leaves(text.len() as u64)),
        24 => evidence.scope = Scope::Ranges(vec![FileRange { path: text.to_owned(), range: std::ops::Range { start: 7, end: 3 } }]),
        25 => evidence.ancestry = Look::Found(Ancestry { cut_short: Some(text.to_owned()), ..Ancestry::default() }),
        26..33 => {
            let Look::Found(token) = &mut evidence.token else { return };
            match which {
                26 => token.id_matches = false,
                27 => token.weights = other_digest(),
                28 => token.record = other_digest(),
                29 => token.license = text.to_owned(),
                30 => token.creator = text.to_owned(),
                31 => token.authenticity = Authenticity::Listed { name: text.to_owned() },
                _ => token.standing.creator = Word::Revoked,
            }
        }
        33..37 => {
            let Look::Found(manifest) = &mut evidence.model else { return };
            match which {
                33 => manifest.files.clear(),
                34 => manifest.weights.tensors = None,
                35 => manifest.files.truncate(1),
                _ => manifest.files.iter_mut().for_each(|file| file.sha256 = Some(other_digest())),
            }
        }
        37 => evidence.sha256 = !evidence.sha256,
        38 => evidence.tensors = !evidence.tensors,
        _ => {
            let oms = OmsEvidence {
                signer: Some(text.to_owned()),
                identity: None,
                files: text.len(),
                refused: Vec::new(),
                notes: vec![text.to_owned()],
            };
            evidence.oms = Look::Found(oms);
        }
    }
}

pub(crate) fn policy(rules: u8) -> Policy {
    Policy {
        deny_code: rules & 1 != 0,
        signatures: usize::from(rules & 2),
        signers: if rules & 4 != 0 { vec![RequiredSigner::Creator] } else { Vec::new() },
        licenses: if rules & 8 != 0 { vec!["MIT".parse().unwrap()] } else { Vec::new() },
        accept_recalled: rules & 16 != 0,
        ..Policy::default()
    }
}

/// From good to bad; the two kinds of refusal that say nothing of what is true are one.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Verified => 0,
        Verdict::VerifiedWithoutRecord
        | Verdict::RecordVerified
        | Verdict::PartVerified
        | Verdict::Sampled
        | Verdict::VerifiedBySummary => 1,
        Verdict::PolicyRefused | Verdict::CouldNotLook => 2,
        Verdict::DoesNotVerify => 3,
    }
}

fn statuses() -> impl Strategy<Value = Vec<Status>> {
    let status = prop_oneof![Just(Status::Pass), Just(Status::Fail), Just(Status::Sampled), Just(Status::Unknown), Just(Status::Skipped)];
    proptest::collection::vec(status, Code::ALL.len())
}

fn checks(statuses: &[Status]) -> Vec<Check> {
    let check = |(code, status): (&Code, &Status)| Check {
        code: *code,
        severity: code.severity(),
        status: *status,
        page: code.page().into(),
        message: String::new().into(),
        details: Vec::new(),
    };
    Code::ALL.iter().zip(statuses).map(check).collect()
}

proptest! {
    #[test]
    fn every_evidence_has_a_report_with_every_check(changes in proptest::collection::vec((0_u8..40, ".{0,40}"), 0..6), rules in 0_u8..32) {
        static PUBLISHED: LazyLock<Published> = LazyLock::new(|| publish("total", 0));
        let published = &*PUBLISHED;
        let mut evidence = published.evidence();
        for (which, text) in &changes {
            change(&mut evidence, published, *which, text);
        }
        let policy = policy(rules);
        let report = judge(&evidence, &policy);
        prop_assert_eq!(report.checks.iter().map(|check| check.code).collect::<Vec<_>>(), Code::ALL);
        prop_assert_eq!(report.verdict, Verdict::of(&report.checks));
        prop_assert!(report.checks.iter().all(|check| !check.message.is_empty() || changes.iter().any(|(_, text)| text.is_empty())));
        // On another thread, of a copy: nothing but evidence and policy counts.
        let (copy, rules) = (evidence.clone(), policy.clone());
        let again = std::thread::spawn(move || judge(&copy, &rules)).join().unwrap();
        prop_assert_eq!(report, again);
        // What was said of a model is said of its files only when they were seen.
        if !matches!(evidence.model, Look::Found(_)) {
            prop_assert!(judge(&evidence, &policy).verdict != Verdict::Verified);
        }
    }

    #[test]
    fn a_failure_makes_no_verdict_better(statuses in statuses(), which in 0..Code::ALL.len()) {
        let before = Verdict::of(&checks(&statuses));
        let mut failed = statuses;
        failed[which] = Status::Fail;
        let after = Verdict::of(&checks(&failed));
        prop_assert!(badness(after) >= badness(before).max(2), "{before:?} became {after:?}");
    }
}

#[test]
fn nothing_seen_is_nothing_verified() {
    assert_eq!(judge(&Evidence::default(), &Policy::default()).verdict, Verdict::CouldNotLook);
}
