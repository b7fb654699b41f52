//! The guide's examples are policies, and do what the guide says of them.

use alloy::primitives::B256;
use modelmark_chain::{Block, ChainId, Status as Word, TokenRef};
use modelmark_digest::ContentId;
use modelmark_formats::FindingCode;
use modelmark_remote::Receipt;
use modelmark_verify::{
    ChainLevel, ChainView, Code, Evidence, Finality, Form, Look, Noticed, Policy, RecordBytes, Rules, SeenWeights, Status, Verdict, judge,
};

use crate::fixture::{publish, publish_claiming};

/// Returns the example below a heading of the guide.
fn example(heading: &str) -> Policy {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/policy.md")).unwrap();
    let section = guide.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let (form, text) = section.split_once("\n```").unwrap().1.split_once('\n').unwrap();
    let form = if form == "toml" { Form::Toml } else { Form::Yaml };
    let rules = Rules::read(text.split_once("\n```").unwrap().0.as_bytes(), form).unwrap();
    assert_eq!(rules.problems(), [], "{heading}");
    Policy { file: Some(Box::new(rules)), ..Policy::default() }
}

#[track_caller]
fn refuses(policy: &Policy, code: Code, evidence: &Evidence, change: impl FnOnce(&mut Evidence)) {
    let mut evidence = evidence.clone();
    change(&mut evidence);
    let report = judge(&evidence, policy);
    assert_eq!((report.verdict, report.check(code).unwrap().status), (Verdict::PolicyRefused, Status::Fail), "{report:#?}");
}

#[track_caller]
fn accepts(policy: &Policy, evidence: &Evidence) {
    let report = judge(evidence, policy);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

fn a_pickle(evidence: &mut Evidence) {
    if let Look::Found(surveyed) = &mut evidence.surveyed {
        surveyed.weights.push(SeenWeights { path: "pytorch_model.bin".to_owned(), format: Some("pytorch".to_owned()) });
        surveyed.findings.push(Noticed { code: FindingCode::PickleBeside, line: "pytorch_model.bin: a pickle".to_owned() });
    }
}

#[test]
fn a_company_s_gate() {
    let policy = example("A company's gate");
    let evidence = publish("guide", 0).evidence();
    accepts(&policy, &evidence);
    accepts(&policy, &publish("guide", 1).evidence());
    refuses(&policy, Code::PolicyCreator, &publish("guide", 2).evidence(), |_| ());
    refuses(&policy, Code::PolicySignatures, &evidence, |evidence| evidence.signatures.clear());
    refuses(&policy, Code::PolicyFormats, &evidence, a_pickle);
    refuses(&policy, Code::CodeNone, &evidence, |evidence| evidence.code = Look::Found(vec!["a.bin: a pickle".to_owned()]));
}

#[test]
fn a_threshold_of_accounts_and_signers_of_files() {
    let policy = example("Keys");
    refuses(&policy, Code::PolicySignatures, &publish("guide", 0).evidence(), |evidence| evidence.signed = Look::Absent("none".to_owned()));
}

#[test]
fn a_research_group() {
    let policy = example("A research group");
    let (accuracy, dataset) = ("accuracy", Some("glue/sst2"));
    accepts(&policy, &publish_claiming("guide", &[(accuracy, dataset, "0.851")]).evidence());
    let bad = [(accuracy, dataset, "0.851"), (accuracy, dataset, "8.49e-1")];
    refuses(&policy, Code::PolicyMetrics, &publish_claiming("guide", &bad).evidence(), |_| ());
    refuses(&policy, Code::PolicyMetrics, &publish_claiming("guide", &[(accuracy, None, "0.99")]).evidence(), |_| ());
    let mut deprecated = publish_claiming("guide", &[(accuracy, dataset, "0.9")]).evidence();
    if let Look::Found(token) = &mut deprecated.token {
        token.standing.creator = Word::Deprecated;
    }
    let report = judge(&deprecated, &policy);
    assert_eq!((report.verdict, report.notes.len()), (Verdict::Verified, 1), "{report:#?}");
}

#[test]
fn a_strict_gate_to_production() {
    let policy = example("A strict gate to production");
    let published = publish_claiming("guide", &[]);
    let mut evidence = published.evidence();
    let on = |chain: u64, level, finality| {
        move |evidence: &mut Evidence| {
            if let Look::Found(token) = &mut evidence.token {
                token.token = TokenRef::new(ChainId::try_from(chain).unwrap(), token.token.contract(), token.token.id());
            }
            evidence.seen = Some(ChainView { level, agreement: None, block: Block { number: 9, hash: B256::ZERO, time: 1 }, finality });
        }
    };
    on(1, ChainLevel::Agreement, Finality::Finalized)(&mut evidence);
    let receipt = |place: &str| Receipt::now(ContentId::raw(b"model"), place, 1);
    evidence.receipts = Look::Found(vec![receipt("s3://models"), receipt("pinning+https://pins.example/")]);
    accepts(&policy, &evidence);
    refuses(&policy, Code::PolicyChain, &evidence, on(31337, ChainLevel::Agreement, Finality::Finalized));
    refuses(&policy, Code::PolicyAssurance, &evidence, on(1, ChainLevel::Endpoint, Finality::Finalized));
    refuses(&policy, Code::PolicyAssurance, &evidence, on(1, ChainLevel::Agreement, Finality::Safe));
    refuses(&policy, Code::PolicyStorage, &evidence, |evidence| evidence.receipts = Look::Found(vec![receipt("s3://models")]));
    refuses(&policy, Code::PolicyFindings, &evidence, a_pickle);
    // A day more than half a year after, and an hour before, what the record says of when it was made.
    let stated = published.record.record().provenance.created_at.clone().unwrap().unix_seconds().unsigned_abs();
    refuses(&policy, Code::PolicyAge, &evidence, |evidence| evidence.looked_at = Some(stated + 181 * 86_400));
    refuses(&policy, Code::PolicyAge, &evidence, |evidence| evidence.looked_at = Some(stated - 3600));
    let blind = judge(&Evidence { looked_at: None, ..evidence.clone() }, &policy);
    assert_eq!(blind.check(Code::PolicyAge).unwrap().status, Status::Unknown);
    // The creator's consent at the mint is no signature over the record.
    refuses(&policy, Code::PolicySignatures, &evidence, |evidence| evidence.signatures.clear());
    let other = publish_claiming("another", &[]);
    evidence.record = Look::Found(RecordBytes { bytes: other.record.bytes().to_vec(), source: "memory".to_owned() });
    assert_eq!(judge(&evidence, &policy).verdict, Verdict::DoesNotVerify, "no policy makes good what is not so");
}
