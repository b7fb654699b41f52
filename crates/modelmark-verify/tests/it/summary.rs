//! Verification summaries: what they say, and when there is none.

use std::path::PathBuf;

use modelmark_record::{CanonicalRecord, Spdx, Timestamp, Uri};
use modelmark_verify::{
    BroughtSummary, Code, Evidence, Look, PartEvidence, Policy, RequiredSigner, Scope, Status, SummaryError, Verdict, VerificationSummary,
    judge, summary,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::{Published, publish};

fn by(verifier: &str) -> (Uri, Timestamp) {
    (verifier.parse().unwrap(), "2026-11-23T10:00:00Z".parse().unwrap())
}

fn told(published: &Published, policy: &Policy, full: bool) -> Result<Value, SummaryError> {
    let mut evidence = published.evidence();
    evidence.sha256 = full;
    let report = judge(&evidence, policy);
    let (verifier, time) = by("https://example.org/gate");
    let record = evidence.record.found().unwrap();
    summary(&report, &CanonicalRecord::parse(&record.bytes).unwrap(), policy, &verifier, &time)
}

#[test]
fn what_verified_passed_and_what_the_policy_refuses_failed() {
    let published = publish("summary", 0);
    let passed = told(&published, &Policy::default(), true).unwrap();
    let predicate = &passed["predicate"];
    assert_eq!((&predicate["verificationResult"], &predicate["verifiedLevels"]), (&"PASSED".into(), &json!(["MODELMARK_VERIFIED"])));
    assert!(predicate["resourceUri"].as_str().unwrap().starts_with("eip155:"), "the token");
    let refusing = Policy { licenses: vec!["GPL-2.0-only".parse::<Spdx>().unwrap()], ..Policy::default() };
    let failed = told(&published, &refusing, true).unwrap();
    assert_eq!(
        (&failed["predicate"]["verificationResult"], &failed["predicate"]["verifiedLevels"]),
        (&"FAILED".into(), &json!(["FAILED"]))
    );
    assert_eq!(passed["subject"], failed["subject"]);
    assert_ne!(passed["predicate"]["policy"], failed["predicate"]["policy"], "which policy it was can be told");
}

#[test]
fn of_other_files_and_records_there_is_none() {
    let (published, other) = (publish("summary", 0), publish("another", 0));
    assert_eq!(told(&published, &Policy::default(), false), Err(SummaryError::NotHashed));
    let mut altered = published.evidence();
    altered.model = other.evidence().model;
    altered.sha256 = true;
    let report = judge(&altered, &Policy::default());
    let (verifier, time) = by("https://example.org/gate");
    let of = |report, evidence: &modelmark_verify::Evidence| {
        let record = evidence.record.found().unwrap();
        summary(report, &CanonicalRecord::parse(&record.bytes).unwrap(), &Policy::default(), &verifier, &time)
    };
    assert_eq!(of(&report, &altered), Err(SummaryError::NotThoseFiles(Verdict::DoesNotVerify)));
    let mut evidence = published.evidence();
    evidence.sha256 = true;
    let report = judge(&evidence, &Policy::default());
    assert_eq!(report.check(Code::ModelSha256).map(|check| check.status), Some(Status::Pass));
    assert!(matches!(of(&report, &other.evidence()), Err(SummaryError::OtherRecord(_))));
}

/// What is committed is what we write; `vectors/export/check.py` has SLSA's own types read it.
#[test]
fn the_committed_summary_is_fresh() {
    let vectors = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/export/written");
    let record = CanonicalRecord::parse(&std::fs::read(vectors.join("record.json")).unwrap()).unwrap();
    let report = serde_json::from_value(json!({
        "version": 1, "verdict": "verified", "record": record.id().to_string(),
        "checks": [{"code": "model.sha256", "severity": "error", "status": "pass", "page": "reference/checks.md#model.sha256", "message": "equal"}],
    }))
    .unwrap();
    let policy = Policy { signatures: 2, signers: vec![RequiredSigner::Creator], deny_code: true, ..Policy::default() };
    let (verifier, time) = by("https://example.org/gate?a=b&c");
    let bytes = format!("{:#}\n", summary(&report, &record, &policy, &verifier, &time).unwrap());
    let path = vectors.join("vsa.json");
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        std::fs::write(&path, &bytes).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == bytes,
        "vectors/export/written/vsa.json is stale: bless it, then run check.py"
    );
}

/// Evidence of a gate that did not read the files, and accepts `statement` instead.
fn accepting(published: &Published, statement: &Value) -> Evidence {
    let brought = BroughtSummary {
        source: "vsa.json".to_owned(),
        signed: Ok(statement.to_string().into_bytes()),
        signer: "the key of the gate".to_owned(),
        verifier: "https://example.org/gate".parse().unwrap(),
        oldest: "2026-11-20T00:00:00Z".parse().unwrap(),
        latest: "2026-11-23T10:05:00Z".parse().unwrap(),
        sample: None,
    };
    let scope = Scope::Summary(Box::new(brought));
    let part = PartEvidence { scope: scope.clone(), leaves: 0, files: Vec::new(), faults: Vec::new() };
    Evidence { scope, part: Look::Found(part), model: Look::NotAsked, ..published.evidence() }
}

fn brought(evidence: &mut Evidence) -> &mut BroughtSummary {
    let Scope::Summary(brought) = &mut evidence.scope else { unreachable!("the scope is that of a summary") };
    brought
}

/// The checks that fail, and what it comes to.
fn outcome(evidence: &Evidence) -> (Verdict, Vec<Code>) {
    let report = judge(evidence, &Policy::default());
    (report.verdict, report.checks.iter().filter(|check| check.status == Status::Fail).map(|check| check.code).collect())
}

#[test]
fn an_accepted_summary_is_a_verdict_of_its_own_and_everything_in_it_has_to_fit() {
    let published = publish("summary", 0);
    let statement = told(&published, &Policy::default(), true).unwrap();
    assert_eq!(outcome(&accepting(&published, &statement)), (Verdict::VerifiedBySummary, vec![]));

    let refused = |pointer: &str, value: Value, code: Code| {
        let mut changed = statement.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert_eq!(outcome(&accepting(&published, &changed)), (Verdict::DoesNotVerify, vec![code]), "{pointer}");
    };
    let other = json!("0".repeat(64));
    refused("/_type", json!("https://in-toto.io/Statement/v0.1"), Code::SummarySignature);
    refused("/predicateType", json!("https://slsa.dev/provenance/v1"), Code::SummarySignature);
    refused("/predicate/verificationResult", json!("FAILED"), Code::SummaryResult);
    refused("/predicate/verifiedLevels", json!(["SLSA_BUILD_LEVEL_3"]), Code::SummaryResult);
    refused("/predicate/verifier/id", json!("https://example.org/gate/"), Code::SummaryVerifier);
    refused("/predicate/timeVerified", json!("2026-11-19T23:59:59Z"), Code::SummaryTime);
    refused("/predicate/timeVerified", json!("2026-11-23T10:05:01Z"), Code::SummaryTime);
    refused("/predicate/timeVerified", json!("yesterday"), Code::SummarySignature);
    refused("/predicate/policy/digest/sha256", other.clone(), Code::SummaryPolicy);
    refused("/predicate/resourceUri", json!("eip155:31337/erc721:0x0000000000000000000000000000000000000001/7"), Code::SummarySubject);
    refused("/predicate/inputAttestations/0/digest/sha256", other.clone(), Code::SummarySubject);
    refused("/subject/0/digest/sha256", other, Code::SummaryFiles);
    refused("/subject/0/name", json!("other"), Code::SummaryFiles);
    refused("/subject", json!([]), Code::SummaryFiles);
    let twice = vec![statement["subject"][0].clone(); 2];
    refused("/subject", json!(twice), Code::SummarySignature);
}

#[test]
fn without_signature_record_or_files_nothing_is_accepted() {
    let published = publish("summary", 0);
    let statement = told(&published, &Policy::default(), true).unwrap();
    let judged = |change: &dyn Fn(&mut Evidence)| {
        let mut evidence = accepting(&published, &statement);
        change(&mut evidence);
        outcome(&evidence)
    };
    let unsigned = |evidence: &mut Evidence| brought(evidence).signed = Err("[signature] it is not that of the key".to_owned());
    assert_eq!(judged(&unsigned), (Verdict::DoesNotVerify, vec![Code::SummarySignature]));
    assert_eq!(judged(&|it| it.record = Look::Absent("nowhere".to_owned())).0, Verdict::CouldNotLook);
    assert_eq!(judged(&|it| it.part = Look::NotAsked).0, Verdict::CouldNotLook);
    assert_eq!(judged(&|it| it.part = Look::Absent("a link".to_owned())), (Verdict::DoesNotVerify, vec![Code::SummaryFiles]));
    assert_eq!(judged(&|it| it.token = Look::Unreachable("nobody answers".to_owned())).0, Verdict::CouldNotLook);
    // What was recalled since is refused, whatever the summary says.
    let recalled = |it: &mut Evidence| match &mut it.token {
        Look::Found(token) => token.standing.creator = modelmark_chain::Status::Recalled,
        other => unreachable!("{other:?}"),
    };
    assert_eq!(judged(&recalled), (Verdict::PolicyRefused, vec![Code::StatusToken]));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, text in r#"[{}\[\]",:a-z0-9_]{0,200}"#) {
        let _ = VerificationSummary::read(&bytes);
        let _ = VerificationSummary::read(text.as_bytes());
    }
}
