//! Judging what others made: only what is bound, clear and true passes, and never as a record of ours.

use modelmark_chain::{Address, Authenticity, ChainId, TokenId, TokenRef};
use modelmark_digest::{CidProfile, ContentId, Request, digest};
use modelmark_record::Account;
use modelmark_verify::{
    Binding, Code, Evidence, ForeignToken, Look, MetadataBytes, OmsEvidence, Policy, Report, Scope, Status, Verdict, judge,
};

use crate::fixture::publish;

/// Evidence of a token whose metadata states `value` under `provenance.weightsHash`, and of the folder at `path`.
fn evidence(path: &std::path::Path, metadata: &str) -> Evidence {
    let models = CidProfile::ALL.map(|profile| digest(path, &Request { profile, blake3: true, ..Request::default() }, &()).unwrap());
    let cid = ContentId::raw(metadata.as_bytes());
    let metadata = MetadataBytes { bytes: metadata.as_bytes().to_vec(), source: "memory".to_owned(), binding: Binding::Cid(cid) };
    let token = TokenRef::new(ChainId::DEVELOPMENT, Address::repeat_byte(5), TokenId::from(alloy::primitives::U256::from(7)));
    let foreign = ForeignToken {
        token,
        contract: Authenticity::Foreign,
        owner: Address::repeat_byte(6),
        block: 9,
        metadata: Look::Found(metadata),
        models: models.to_vec(),
        version_0: None,
    };
    Evidence {
        model: Look::Found(models[0].clone()),
        named: Some(token),
        token: Look::NotAsked,
        foreign: Some(foreign),
        ancestry: Look::NotAsked,
        record: Look::NotAsked,
        signatures: Vec::new(),
        ..publish("foreign", 0).evidence()
    }
}

fn stated(value: impl std::fmt::Display) -> String {
    format!("{{\"provenance\":{{\"weightsHash\":\"{value}\"}}}}")
}

fn judged(evidence: &Evidence) -> Report {
    judge(evidence, &Policy::default())
}

fn status(report: &Report, code: Code) -> Status {
    report.check(code).unwrap().status
}

/// A folder, and the SHA-256 of its one weights file.
fn world() -> (tempfile::TempDir, String) {
    let model = modelmark_testkit::model::small("foreign").unwrap();
    let sha256 = digest(model.path(), &Request::default(), &()).unwrap().weights.sha256.unwrap().to_string();
    (model, sha256)
}

#[test]
fn a_right_digest_verifies_without_a_record_and_says_what_it_leaves_out() {
    let (model, sha256) = world();
    let report = judged(&evidence(model.path(), &stated(&sha256)));
    assert_eq!(report.verdict, Verdict::VerifiedWithoutRecord, "{report:#?}");
    assert_eq!(report.verdict.exit_code(), 0);
    for code in [Code::TokenExists, Code::ForeignMetadata, Code::ForeignBound, Code::ForeignDigest, Code::ForeignWeights] {
        assert_eq!(status(&report, code), Status::Pass, "{code}");
    }
    for code in [Code::ContractAuthentic, Code::RecordValid, Code::CreatorSignature, Code::ModelFiles, Code::StatusLineage] {
        assert_eq!(status(&report, code), Status::Skipped, "{code}");
    }
    assert!(report.check(Code::ForeignWeights).unwrap().message.contains("of the 2 other files nothing is known"), "{report:#?}");
    assert_eq!((report.record, report.creator, report.block), (None, None, Some(9)));
}

#[test]
fn a_wrong_digest_does_not_verify() {
    let (model, sha256) = world();
    for value in ["0".repeat(64), format!("keccak256:{sha256}"), format!("blake3:{sha256}"), ContentId::raw(b"other").to_string()] {
        let report = judged(&evidence(model.path(), &stated(&value)));
        assert_eq!((report.verdict, status(&report, Code::ForeignWeights)), (Verdict::DoesNotVerify, Status::Fail), "{value}");
    }
    // All that is stated has to be right.
    let both = format!("{{\"weightsHash\":\"{sha256}\",\"modelCid\":\"{}\"}}", ContentId::raw(b"other"));
    assert_eq!(judged(&evidence(model.path(), &both)).verdict, Verdict::DoesNotVerify);
}

#[test]
fn what_is_not_clear_is_refused_though_the_right_digest_stands_there() {
    let (model, sha256) = world();
    let disagreeing = format!("{{\"weightsHash\":\"{sha256}\",\"weights_hash\":\"{}\"}}", "0".repeat(64));
    for (metadata, failed, reason) in [
        (disagreeing, Code::ForeignDigest, "disagreement"),
        (stated(format_args!("sha512:{sha256}")), Code::ForeignDigest, "algorithm"),
        ("{}".to_owned(), Code::ForeignDigest, "no-digest"),
        (format!("{{\"weightsHash\":\"{sha256}\",\"weightsHash\":\"{sha256}\"}}"), Code::ForeignMetadata, "json"),
    ] {
        let report = judged(&evidence(model.path(), &metadata));
        assert_eq!((report.verdict, status(&report, failed)), (Verdict::DoesNotVerify, Status::Fail), "{metadata}");
        let check = report.check(failed).unwrap();
        assert!(check.message.starts_with(reason) || check.details.iter().any(|detail| detail.starts_with(reason)), "{check:?}");
        assert_eq!(status(&report, Code::ForeignWeights), Status::Skipped);
    }
}

#[test]
fn metadata_has_to_be_bound_to_the_token() {
    let (model, sha256) = world();
    let bound = |binding: Binding, accept_unbound: bool| {
        let mut evidence = evidence(model.path(), &stated(&sha256));
        if let Some(ForeignToken { metadata: Look::Found(metadata), .. }) = &mut evidence.foreign {
            metadata.binding = binding;
        }
        let report = judge(&evidence, &Policy { accept_unbound, ..Policy::default() });
        (report.verdict, status(&report, Code::ForeignBound))
    };
    let cid = ContentId::raw(b"");
    assert_eq!(bound(Binding::InUri, false), (Verdict::VerifiedWithoutRecord, Status::Pass));
    assert_eq!(bound(Binding::Folder(cid), false), (Verdict::VerifiedWithoutRecord, Status::Pass));
    assert_eq!(bound(Binding::Nothing("a web server".to_owned()), false), (Verdict::CouldNotLook, Status::Unknown));
    assert_eq!(bound(Binding::Nothing("a web server".to_owned()), true), (Verdict::VerifiedWithoutRecord, Status::Skipped));
    assert_eq!(bound(Binding::Other(cid), true), (Verdict::DoesNotVerify, Status::Fail));
    let mutable = || Binding::Mutable("https://example.org/7.json".to_owned());
    assert_eq!(bound(mutable(), true), (Verdict::CouldNotLook, Status::Unknown), "what nothing binds is another policy");
    let mut evidence = evidence(model.path(), &stated(&sha256));
    if let Some(ForeignToken { metadata: Look::Found(metadata), .. }) = &mut evidence.foreign {
        metadata.binding = mutable();
    }
    let report = judge(&evidence, &Policy { accept_mutable: true, ..Policy::default() });
    assert_eq!((report.verdict, status(&report, Code::ForeignBound)), (Verdict::VerifiedWithoutRecord, Status::Skipped));
    assert!(report.check(Code::ForeignBound).unwrap().message.contains("MUTABLE"));
}

#[test]
fn metadata_that_is_not_at_hand_is_no_pass() {
    let (model, sha256) = world();
    for (look, verdict) in [
        (Look::Absent("reverted".to_owned()), Verdict::DoesNotVerify),
        (Look::Unreachable("a web server".to_owned()), Verdict::CouldNotLook),
        (Look::NotAsked, Verdict::CouldNotLook),
    ] {
        let mut evidence = evidence(model.path(), &stated(&sha256));
        if let Some(foreign) = &mut evidence.foreign {
            foreign.metadata = look;
        }
        assert_eq!(judged(&evidence).verdict, verdict);
    }
}

#[test]
fn files_that_were_not_looked_at_whole_are_no_pass() {
    let (model, sha256) = world();
    for (look, verdict) in [
        (Look::Absent("a link".to_owned()), Verdict::DoesNotVerify),
        (Look::Unreachable("no right to read".to_owned()), Verdict::CouldNotLook),
    ] {
        let mut evidence = evidence(model.path(), &stated(&sha256));
        evidence.model = look;
        evidence.foreign.as_mut().unwrap().models.clear();
        assert_eq!(judged(&evidence).verdict, verdict);
    }
    let mut part = evidence(model.path(), &stated(&sha256));
    (part.scope, part.model) = (Scope::Partial, Look::NotAsked);
    part.foreign.as_mut().unwrap().models.clear();
    assert_eq!(judged(&part).verdict, Verdict::CouldNotLook);
}

#[test]
fn one_shard_does_not_speak_for_the_others() {
    let model = tempfile::tempdir().unwrap();
    modelmark_testkit::model::write_sharded(model.path(), "foreign").unwrap();
    let manifest = digest(model.path(), &Request::default(), &()).unwrap();
    let shard = manifest.files.iter().find(|file| file.path == manifest.weights.files[0]).unwrap();
    let report = judged(&evidence(model.path(), &stated(shard.sha256.unwrap())));
    let check = report.check(Code::ForeignWeights).unwrap();
    assert_eq!((report.verdict, check.status), (Verdict::DoesNotVerify, Status::Fail));
    assert!(check.details[0].contains(&format!("{} alone, one of 2", shard.path)), "{check:?}");
    // Of several, BLAKE3 has no meaning; SHA-256 and CIDs of the list have.
    assert_eq!(judged(&evidence(model.path(), &stated(format_args!("blake3:{}", "0".repeat(64))))).verdict, Verdict::DoesNotVerify);
    for value in [manifest.weights.sha256.unwrap().to_string(), manifest.weights.cid.to_string()] {
        assert_eq!(judged(&evidence(model.path(), &stated(value))).verdict, Verdict::VerifiedWithoutRecord);
    }
    // Only of the model may it be that of the whole folder, which then binds every file.
    assert_eq!(judged(&evidence(model.path(), &stated(manifest.cid))).verdict, Verdict::DoesNotVerify);
    let whole = judged(&evidence(model.path(), &format!("{{\"modelCid\":\"{}\"}}", manifest.cid)));
    assert_eq!(whole.verdict, Verdict::VerifiedWithoutRecord);
    assert!(!whole.check(Code::ForeignWeights).unwrap().message.contains("nothing is known"), "{whole:#?}");
}

#[test]
fn policies_that_need_a_record_refuse() {
    let (model, sha256) = world();
    let evidence = evidence(model.path(), &stated(&sha256));
    let creators = vec![Account::from(Address::repeat_byte(6))];
    let licenses = vec!["Apache-2.0".parse().unwrap()];
    for policy in [Policy { creators, ..Policy::default() }, Policy { licenses, ..Policy::default() }] {
        assert_eq!(judge(&evidence, &policy).verdict, Verdict::PolicyRefused);
    }
    let curators = vec![Address::repeat_byte(8)];
    assert_eq!(judge(&evidence, &Policy { curators, ..Policy::default() }).verdict, Verdict::CouldNotLook);
}

#[test]
fn a_signature_of_openssf_model_signing_is_a_check_of_its_own() {
    let found = |signer: Option<&str>, files: usize, refused: &[&str]| {
        let refused = refused.iter().map(|reason| (*reason).to_owned()).collect();
        Look::Found(OmsEvidence { signer: signer.map(str::to_owned), identity: None, files, refused, notes: Vec::new() })
    };
    let good = found(Some("the P-256 key"), 3, &[]);
    for (oms, alone, beside) in [
        (good.clone(), Verdict::VerifiedWithoutRecord, Verdict::Verified),
        (found(None, 0, &["signature: wrong"]), Verdict::DoesNotVerify, Verdict::DoesNotVerify),
        (found(Some("the P-256 key"), 2, &["file-extra: x"]), Verdict::DoesNotVerify, Verdict::DoesNotVerify),
        (found(None, 0, &[]), Verdict::DoesNotVerify, Verdict::DoesNotVerify),
        (Look::Absent("there is none".to_owned()), Verdict::DoesNotVerify, Verdict::DoesNotVerify),
        (Look::Unreachable("unreadable".to_owned()), Verdict::CouldNotLook, Verdict::CouldNotLook),
    ] {
        let recorded = Evidence { oms: oms.clone(), ..publish("oms", 0).evidence() };
        assert_eq!(judged(&recorded).verdict, beside, "{oms:?}");
        let bare = Evidence { token: Look::NotAsked, record: Look::NotAsked, ancestry: Look::NotAsked, ..recorded };
        assert_eq!(judged(&bare).verdict, alone, "{oms:?}");
    }
    // A token that was named and is not there is missed all the same.
    let missed = Evidence { token: Look::Absent("gone".to_owned()), record: Look::NotAsked, oms: good, ..publish("oms", 0).evidence() };
    assert_eq!(judged(&missed).verdict, Verdict::DoesNotVerify);
}
