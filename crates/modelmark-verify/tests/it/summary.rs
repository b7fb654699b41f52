//! Verification summaries: what they say, and when there is none.

use std::path::PathBuf;

use modelmark_record::{CanonicalRecord, Spdx, Timestamp, Uri};
use modelmark_verify::{Code, Policy, RequiredSigner, Status, SummaryError, Verdict, judge, summary};
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
