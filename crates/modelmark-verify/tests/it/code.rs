//! The check that no code runs on load.

use modelmark_verify::{Code, Look, Policy, Status, Verdict, judge};

use crate::fixture::publish;

#[test]
fn code_decides_only_when_the_policy_denies_it() {
    let deny = Policy { deny_code: true, ..Policy::default() };
    let found = |lines: &[&str]| Look::Found(lines.iter().map(|line| (*line).to_owned()).collect());
    for (code, told, denied, verdict) in [
        (found(&[]), Status::Pass, Status::Pass, Verdict::Verified),
        (found(&["x.pkl: code"]), Status::Skipped, Status::Fail, Verdict::PolicyRefused),
        (Look::Unreachable("gone".to_owned()), Status::Skipped, Status::Unknown, Verdict::PolicyRefused),
        (Look::NotAsked, Status::Skipped, Status::Unknown, Verdict::PolicyRefused),
    ] {
        let mut evidence = publish("code", 0).evidence();
        evidence.code = code;
        let report = judge(&evidence, &Policy::default());
        assert_eq!((report.verdict, report.check(Code::CodeNone).unwrap().status), (Verdict::Verified, told));
        let report = judge(&evidence, &deny);
        assert_eq!((report.verdict, report.check(Code::CodeNone).unwrap().status), (verdict, denied));
    }
}

#[test]
fn a_long_list_is_cut() {
    let mut evidence = publish("code", 0).evidence();
    evidence.code = Look::Found((0..1000).map(|n| n.to_string()).collect());
    let report = judge(&evidence, &Policy::default());
    assert_eq!(report.check(Code::CodeNone).unwrap().details.len(), 101);
}
