//! Each check fails when, and only when, what it looks at is wrong; and nothing that could not be seen passes.

use modelmark_chain::Authenticity;
use modelmark_digest::partial::Held;
use modelmark_digest::{ContentId, FileEntry, Sha256Digest};
use modelmark_verify::{
    Code, Evidence, FilePart, FileRange, Look, PartEvidence, Policy, RecordBytes, Report, SampleSize, Scope, Status, Verdict, judge,
};

use crate::fixture::{Published, brought, lying, other_digest, publish};

fn judged(change: impl FnOnce(&mut Evidence)) -> Report {
    let mut evidence = publish("judge", 0).evidence();
    change(&mut evidence);
    judge(&evidence, &Policy::default())
}

/// Asserts the verdict and that exactly these checks did not pass or were skipped.
#[track_caller]
fn assert_only(report: &Report, verdict: Verdict, status: Status, codes: &[Code]) {
    let found: Vec<_> = report.checks.iter().filter(|check| check.status == status).map(|check| check.code).collect();
    assert_eq!((report.verdict, found.as_slice()), (verdict, codes), "{report:#?}");
}

fn token(evidence: &mut Evidence) -> &mut modelmark_verify::TokenEvidence {
    match &mut evidence.token {
        Look::Found(token) => token,
        other => panic_on(other),
    }
}

fn manifest(evidence: &mut Evidence) -> &mut modelmark_digest::Manifest {
    match &mut evidence.model {
        Look::Found(manifest) => manifest,
        other => panic_on(other),
    }
}

#[expect(clippy::panic, reason = "the fixture is wrong")]
fn panic_on<T: std::fmt::Debug, U>(value: T) -> U {
    panic!("{value:?}")
}

#[test]
fn honest_evidence_is_verified_and_lists_every_check_once() {
    let report = judged(|_| {});
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    let codes: Vec<_> = report.checks.iter().map(|check| check.code).collect();
    assert_eq!(codes, Code::ALL);
    assert!(report.checks.iter().filter(|check| check.status != Status::Pass).all(|check| check.code == Code::BundleValid
        || check.code.is_policy()
        || check.code.is_of_a_part()
        || check.code.is_of_a_summary()
        || check.code.is_foreign()));
}

#[test]
fn the_chain_s_side() {
    let missing = judged(|e| e.token = Look::Absent("no token".to_owned()));
    assert_eq!(missing.verdict, Verdict::DoesNotVerify);
    let unreachable = judged(|e| e.token = Look::Unreachable("down".to_owned()));
    assert_eq!(unreachable.verdict, Verdict::CouldNotLook);
    let lied = judged(|e| token(e).id_matches = false);
    assert_only(&lied, Verdict::DoesNotVerify, Status::Fail, &[Code::TokenId]);
    for authenticity in [Authenticity::Foreign, Authenticity::NoCode, Authenticity::Proxy { target: Default::default() }] {
        let foreign = judged(|e| token(e).authenticity = authenticity);
        assert_only(&foreign, Verdict::DoesNotVerify, Status::Fail, &[Code::ContractAuthentic]);
    }
}

#[test]
fn the_record_s_side() {
    let lost = judged(|e| e.record = Look::Absent("not in the store".to_owned()));
    assert_eq!(lost.verdict, Verdict::CouldNotLook, "{lost:#?}");
    let other = judged(|e| token(e).record = other_digest());
    assert_only(&other, Verdict::DoesNotVerify, Status::Fail, &[Code::RecordDigest]);
    let garbage = judged(|e| {
        let bytes = b"{}".to_vec();
        token(e).record = Sha256Digest::of(&bytes);
        e.record = Look::Found(RecordBytes { bytes, source: "memory".to_owned() });
    });
    assert_only(&garbage, Verdict::DoesNotVerify, Status::Fail, &[Code::RecordValid]);
    // Nothing about the files may pass when there is no record to compare them with.
    assert_eq!(garbage.check(Code::ModelFiles).map(|check| check.status), Some(Status::Unknown));
}

#[test]
fn token_and_record_have_to_agree() {
    for change in [
        |e: &mut Evidence| token(e).weights = other_digest(),
        |e: &mut Evidence| token(e).license = "MIT".to_owned(),
        |e: &mut Evidence| token(e).royalty_bps = 501,
        |e: &mut Evidence| token(e).creator = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8".to_owned(),
    ] {
        let report = judged(change);
        assert_only(&report, Verdict::DoesNotVerify, Status::Fail, &[Code::RecordToken]);
        assert_eq!(report.check(Code::RecordToken).unwrap().details.len(), 1);
    }
    // A creator may lower a royalty after the mint.
    assert_eq!(judged(|e| token(e).royalty_bps = 0).verdict, Verdict::Verified);
}

#[test]
fn signatures() {
    let strangers = publish("another model", 0).document;
    let replayed = judged(|e| e.signatures = vec![lying(strangers.clone())]);
    assert_only(&replayed, Verdict::DoesNotVerify, Status::Fail, &[Code::CreatorSignature]);
    let by_another_account = publish("judge", 1).document;
    let forged = judged(|e| e.signatures = vec![lying(by_another_account), brought(b"garbage".to_vec())]);
    assert_only(&forged, Verdict::DoesNotVerify, Status::Fail, &[Code::CreatorSignature]);
    // One good signature is enough: junk beside it cannot make it invalid.
    assert_eq!(judged(|e| e.signatures.insert(0, brought(strangers))).verdict, Verdict::Verified);
    // Without a document the registry's own check of the creator's consent stands in, but only an authentic registry's.
    assert_eq!(judged(|e| e.signatures.clear()).verdict, Verdict::Verified);
    let listed = judged(|e| {
        e.signatures.clear();
        token(e).authenticity = Authenticity::Listed { name: "x".to_owned() };
    });
    assert_only(&listed, Verdict::CouldNotLook, Status::Unknown, &[Code::CreatorSignature]);
}

#[test]
fn altered_missing_and_added_files_are_named() {
    let other = ContentId::raw(b"other");
    let altered = judged(|e| manifest(e).files[2].cid = other);
    assert_only(&altered, Verdict::DoesNotVerify, Status::Fail, &[Code::ModelFiles]);
    assert!(altered.check(Code::ModelFiles).unwrap().details[0].starts_with("model.safetensors: "));
    let missing = judged(|e| drop(manifest(e).files.remove(0)));
    assert_only(&missing, Verdict::DoesNotVerify, Status::Fail, &[Code::ModelMissing]);
    let added = judged(|e| manifest(e).files.push(FileEntry::new("z.py".try_into().unwrap(), 1, other)));
    assert_only(&added, Verdict::DoesNotVerify, Status::Fail, &[Code::ModelExtra]);
    let renamed = judged(|e| manifest(e).files[1].path = "config2.json".try_into().unwrap());
    assert_only(&renamed, Verdict::DoesNotVerify, Status::Fail, &[Code::ModelMissing, Code::ModelExtra]);
    let whole = judged(|e| manifest(e).cid = other);
    assert_only(&whole, Verdict::DoesNotVerify, Status::Fail, &[Code::ModelCid]);
}

#[test]
fn a_record_whose_digests_contradict_each_other_is_caught_by_a_full_read() {
    let report = judged(|e| manifest(e).files[2].sha256 = Some(other_digest()));
    assert_only(&report, Verdict::DoesNotVerify, Status::Fail, &[Code::ModelSha256]);
    let unread = judged(|e| {
        e.sha256 = false;
        manifest(e).files.iter_mut().for_each(|file| file.sha256 = None);
    });
    assert_eq!(unread.verdict, Verdict::Verified);
    assert_eq!(unread.check(Code::ModelSha256).map(|check| check.status), Some(Status::Skipped));
}

#[test]
fn a_record_cannot_lend_its_token_s_weights_to_other_files() {
    let other = judged(|e| manifest(e).weights.cid = ContentId::raw(b"other"));
    assert_only(&other, Verdict::DoesNotVerify, Status::Fail, &[Code::WeightsCid]);
    let named = judged(|e| manifest(e).weights.files = vec!["config.json".try_into().unwrap()]);
    assert_only(&named, Verdict::DoesNotVerify, Status::Fail, &[Code::WeightsCid]);
}

#[test]
fn nothing_that_the_record_says_about_tensors_passes_unread() {
    for change in [
        |e: &mut Evidence| manifest(e).weights.tensors.as_mut().unwrap().root = other_digest(),
        |e: &mut Evidence| manifest(e).weights.tensors.as_mut().unwrap().content = other_digest(),
        |e: &mut Evidence| manifest(e).weights.tensors.as_mut().unwrap().value = other_digest(),
        |e: &mut Evidence| manifest(e).weights.tensors.as_mut().unwrap().count += 1,
        |e: &mut Evidence| manifest(e).weights.tensors.as_mut().unwrap().parameters += 1,
        |e: &mut Evidence| manifest(e).weights.tensors.as_mut().unwrap().dtypes.clear(),
        |e: &mut Evidence| manifest(e).weights.format = None,
        |e: &mut Evidence| manifest(e).weights.tensors = None,
    ] {
        assert_only(&judged(change), Verdict::DoesNotVerify, Status::Fail, &[Code::WeightsTensors]);
    }
    let unasked = judged(|e| {
        manifest(e).weights.tensors = None;
        e.tensors = false;
    });
    assert_eq!(unasked.verdict, Verdict::Verified);
}

#[test]
fn files_that_cannot_be_read_never_verify() {
    let unreadable = judged(|e| e.model = Look::Unreachable("cannot read model/x".to_owned()));
    assert_only(&unreadable, Verdict::CouldNotLook, Status::Unknown, &[Code::ModelFiles]);
    let linked = judged(|e| e.model = Look::Absent("model/x is a symbolic link".to_owned()));
    assert_only(&linked, Verdict::DoesNotVerify, Status::Fail, &[Code::ModelFiles]);
}

#[test]
fn a_policy_refuses_only_what_is_true() {
    let evidence = publish("judge", 0).evidence();
    let accepted = "eip155:1:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266".parse().unwrap();
    let other = "eip155:1:0x70997970C51812dc3A010C7d01b50e0d17dc79C8".parse().unwrap();
    let good = Policy { creators: vec![accepted], licenses: vec!["apache-2.0".parse().unwrap()], deny_code: true, ..Policy::default() };
    assert_eq!(judge(&evidence, &good).verdict, Verdict::Verified);
    for policy in
        [Policy { creators: vec![other], ..Policy::default() }, Policy { licenses: vec!["MIT".parse().unwrap()], ..Policy::default() }]
    {
        let report = judge(&evidence, &policy);
        assert_eq!((report.verdict, report.verdict.exit_code()), (Verdict::PolicyRefused, 4));
        let mut altered = evidence.clone();
        token(&mut altered).id_matches = false;
        assert_eq!(judge(&altered, &policy).verdict, Verdict::DoesNotVerify, "what is false outweighs what is unwanted");
    }
}

#[test]
fn receipts_are_told_and_decide_nothing() {
    let told = |receipts| {
        let report = judged(|e| e.receipts = receipts);
        let check = report.check(Code::StorageReceipts).unwrap();
        (report.verdict, check.status, check.details.clone())
    };
    let honest = judged(|_| {});
    assert_eq!(honest.check(Code::StorageReceipts).unwrap().details, ["s3://bucket, since 2026-01-01T00:00:00Z"]);
    for none in [Look::NotAsked, Look::Found(Vec::new()), Look::Unreachable("locked".to_owned())] {
        assert_eq!(told(none), (Verdict::Verified, Status::Skipped, Vec::new()));
    }
}

#[test]
fn long_lists_are_cut() {
    let report = judged(|e| {
        let files = &mut manifest(e).files;
        for n in 0..1_000 {
            files.push(FileEntry::new(format!("x{n}").as_str().try_into().unwrap(), 1, ContentId::raw(b"x")));
        }
    });
    let details = &report.check(Code::ModelExtra).unwrap().details;
    assert_eq!((details.len(), details.last().map(String::as_str)), (101, Some("and 900 more")));
}

/// Evidence of a look at a part of the files only.
fn of_a_part(published: &Published, scope: Scope, part: Look<PartEvidence>) -> Evidence {
    Evidence { scope, part, model: Look::NotAsked, ..published.evidence() }
}

#[test]
fn a_part_is_never_the_whole_and_what_was_asked_for_never_passes_unseen() {
    let published = publish("part", 0);
    let all = || std::iter::once(0..10).collect::<Vec<_>>();
    let scopes = [
        (Scope::Ranges(vec![FileRange { path: "a".to_owned(), range: 0..1 }]), Code::ModelRange, Verdict::PartVerified),
        (Scope::Sample(SampleSize::Leaves(1)), Code::ModelSample, Verdict::Sampled),
        (Scope::Partial, Code::ModelPart, Verdict::PartVerified),
    ];
    for (scope, code, verdict) in scopes {
        let file = |held| FilePart { path: "a".to_owned(), found: Some("a".to_owned()), size: 10, present: 10, held };
        let part = |file, faults| Look::Found(PartEvidence { scope: scope.clone(), leaves: 100, files: vec![file], faults });
        let judged = |part| judge(&of_a_part(&published, scope.clone(), part), &Policy::default());
        let good = Held { leaves: 1, good: all(), ..Held::default() };
        assert_eq!(judged(part(file(good.clone()), Vec::new())).verdict, verdict);
        assert_eq!(judged(part(file(good.clone()), vec!["b is missing".to_owned()])).verdict, Verdict::DoesNotVerify);
        let bad = Held { bad: all(), leaves: 1, ..Held::default() };
        assert_eq!(judged(part(file(bad.clone()), Vec::new())).verdict, Verdict::DoesNotVerify);
        // A download that is not finished is not wrong, unless there is nothing of it.
        let partial = scope == Scope::Partial;
        let nothing = Held { absent: all(), leaves: 1, ..Held::default() };
        let expected = if partial { Verdict::CouldNotLook } else { Verdict::DoesNotVerify };
        assert_eq!(judged(part(file(nothing), Vec::new())).verdict, expected);
        let begun = Held { good: std::iter::once(0..5).collect(), absent: std::iter::once(5..10).collect(), leaves: 2, ..Held::default() };
        let expected = if partial { verdict } else { Verdict::DoesNotVerify };
        assert_eq!(judged(part(file(begun.clone()), Vec::new())).verdict, expected);
        assert_eq!(judged(part(file(Held { bad: begun.good.clone(), ..begun }), Vec::new())).verdict, Verdict::DoesNotVerify);
        for (look, status) in [
            (Look::NotAsked, Status::Unknown),
            (Look::Unreachable(String::new()), Status::Unknown),
            (Look::Absent(String::new()), Status::Fail),
        ] {
            assert_eq!(judged(look).check(code).map(|check| check.status), Some(status));
        }
        let strangers = Policy { licenses: vec!["MIT".parse().unwrap()], ..Policy::default() };
        let evidence = of_a_part(&published, scope.clone(), part(file(good), Vec::new()));
        assert_eq!(judge(&evidence, &strangers).verdict, Verdict::PolicyRefused);
    }
}
