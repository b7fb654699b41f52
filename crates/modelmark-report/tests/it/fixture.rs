//! A report with every status.

use modelmark_verify::{Assurance, ChainLevel, Check, Code, ContractLevel, Finality, Report, SeenBlock, Status, Verdict};

pub(crate) fn check(code: Code, status: Status, message: &str, details: &[&str]) -> Check {
    Check {
        code,
        severity: code.severity(),
        status,
        page: code.page().into(),
        message: message.to_owned().into(),
        details: details.iter().map(|detail| (*detail).to_owned()).collect(),
    }
}

pub(crate) fn report(path: &str, text: &str) -> Report {
    Report {
        version: 1,
        verdict: Verdict::DoesNotVerify,
        path: Some(path.to_owned()),
        cid: None,
        token: Some("eip155:1/erc721:0x0000000000000000000000000000000000000001/7".to_owned()),
        record: None,
        creator: None,
        block: Some(9),
        assurance: Some(Assurance {
            contract: Some(ContractLevel::Canonical),
            chain: ChainLevel::Endpoint,
            agreement: None,
            block: SeenBlock { number: 9, hash: format!("0x{:064}", 9), time: 1_800_000_000, finality: Finality::Latest },
        }),
        checks: vec![
            check(Code::TokenExists, Status::Pass, text, &[]),
            check(Code::RecordFound, Status::Unknown, text, &[]),
            check(Code::ModelFiles, Status::Fail, text, &[text, "second"]),
            check(Code::ModelSample, Status::Sampled, text, &[]),
            check(Code::PolicyLicense, Status::Fail, text, &[]),
            check(Code::PolicyCreator, Status::Skipped, text, &[]),
        ],
        parts: Vec::new(),
        rivals: None,
        notes: vec![text.to_owned()],
    }
}
