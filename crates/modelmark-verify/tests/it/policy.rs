//! What a policy file demands: each rule refuses what it is there to refuse, and nothing that could not be seen passes.

use modelmark_chain::Status as Word;
use modelmark_verify::{Code, Evidence, Form, Look, Policy, Report, Rules, Status, Verdict, judge};

use crate::fixture::{lying, publish};

/// The account that signs the fixture, and another.
const ALICE: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const BOB: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

fn policy(rules: &str) -> Policy {
    let rules = Rules::read(format!("version = 1\n{rules}").as_bytes(), Form::Toml).unwrap();
    Policy { file: Some(Box::new(rules)), ..Policy::default() }
}

fn judged(rules: &str, change: impl FnOnce(&mut Evidence)) -> Report {
    let mut evidence = publish("judge", 0).evidence();
    change(&mut evidence);
    judge(&evidence, &policy(rules))
}

/// Asserts that a rule finds this, and that the verdict follows.
#[track_caller]
fn assert_finds(report: &Report, code: Code, status: Status) {
    let check = report.check(code).unwrap();
    assert_eq!(check.status, status, "{report:#?}");
    let verdict = if matches!(status, Status::Fail | Status::Unknown) { Verdict::PolicyRefused } else { Verdict::Verified };
    assert_eq!(report.verdict, verdict, "{report:#?}");
}

fn no_record(evidence: &mut Evidence) {
    evidence.record = Look::NotAsked;
}

fn stands(evidence: &mut Evidence, word: Word) {
    if let Look::Found(token) = &mut evidence.token {
        token.standing.creator = word;
    }
}

#[test]
fn an_empty_policy_is_the_default() {
    let evidence = publish("judge", 0).evidence();
    assert_eq!(judge(&evidence, &policy("")), judge(&evidence, &Policy::default()));
}

#[test]
fn creators_of_file_and_options_both_have_to_hold() {
    let of = |names: &str| format!("[signers]\ncreators = [{names}]");
    assert_finds(&judged(&of(&format!("\"{BOB}\", \"{ALICE}\"")), |_| ()), Code::PolicyCreator, Status::Pass);
    assert_finds(&judged(&of(&format!("\"{BOB}\"")), |_| ()), Code::PolicyCreator, Status::Fail);
    let unknown = judged(&of(&format!("\"{ALICE}\"")), no_record);
    assert_eq!(unknown.check(Code::PolicyCreator).unwrap().status, Status::Unknown);
    let other = Policy { creators: vec![format!("eip155:1:{BOB}").parse().unwrap()], ..policy(&of(&format!("\"{ALICE}\""))) };
    assert_finds(&judge(&publish("judge", 0).evidence(), &other), Code::PolicyCreator, Status::Fail);
}

#[test]
fn a_key_that_the_policy_no_longer_names_signs_nothing() {
    let with = |names: &str| format!("[[signers.thresholds]]\nminimum = 1\nof = [{names}]");
    assert_finds(&judged(&with(&format!("\"{ALICE}\", \"{BOB}\"")), |_| ()), Code::PolicySignatures, Status::Pass);
    assert_finds(&judged(&with(&format!("\"{BOB}\"")), |_| ()), Code::PolicySignatures, Status::Fail);
}

#[test]
fn thresholds_count_each_account_once() {
    let two = format!("[[signers.thresholds]]\nminimum = 2\nof = [\"{ALICE}\", \"{ALICE}\", \"did:pkh:eip155:1:{ALICE}\", \"{BOB}\"]");
    let twice = |evidence: &mut Evidence| evidence.signatures.push(lying(evidence.signatures[0].bytes.clone()));
    let report = judged(&two, twice);
    assert_finds(&report, Code::PolicySignatures, Status::Fail);
    assert_eq!(report.check(Code::PolicySignatures).unwrap().details, ["1 of the 2 signatures demanded of 2 accounts"]);
    assert_finds(&judged("[signers]\nminimum = 1\nrequired = [\"creator\"]", |_| ()), Code::PolicySignatures, Status::Pass);
    assert_finds(&judged("[signers]\nminimum = 2", |_| ()), Code::PolicySignatures, Status::Fail);
}

#[test]
fn licenses() {
    assert_finds(&judged("[licenses]\nallow = [\"MIT\", \"Apache-2.0\"]", |_| ()), Code::PolicyLicense, Status::Pass);
    assert_finds(&judged("[licenses]\nallow = [\"MIT\"]", |_| ()), Code::PolicyLicense, Status::Fail);
    assert_finds(&judged("[licenses]\ndeny = [\"Apache-2.0\"]", |_| ()), Code::PolicyLicense, Status::Fail);
    let unknown = judged("[licenses]\ndeny = [\"MIT\"]", no_record);
    assert_eq!(unknown.check(Code::PolicyLicense).unwrap().status, Status::Unknown);
}

#[test]
fn code_is_denied_and_so_is_not_having_looked() {
    let found = |evidence: &mut Evidence| evidence.code = Look::Found(vec!["a.bin: a pickle (code-pickle)".to_owned()]);
    assert_finds(&judged("", found), Code::CodeNone, Status::Skipped);
    assert_finds(&judged("[code]\ndeny = true", found), Code::CodeNone, Status::Fail);
    assert_finds(&judged("[code]\ndeny = true", |evidence| evidence.code = Look::NotAsked), Code::CodeNone, Status::Unknown);
}

#[test]
fn each_word_against_a_token_has_its_reaction() {
    for (word, key) in [(Word::Recalled, "recalled"), (Word::Deprecated, "deprecated"), (Word::Superseded, "superseded")] {
        let denied = judged(&format!("[status]\n{key} = \"deny\""), |evidence| stands(evidence, word));
        assert_finds(&denied, Code::StatusToken, Status::Fail);
        let usual = judged("", |evidence| stands(evidence, word));
        assert_finds(&usual, Code::StatusToken, if word == Word::Recalled { Status::Fail } else { Status::Pass });
        let warned = judged(&format!("[status]\n{key} = \"warn\""), |evidence| stands(evidence, word));
        assert_eq!(warned.verdict, Verdict::Verified);
        assert_eq!(warned.notes, [format!("warning: the token is {word}, says its creator")]);
        let allowed = judged(&format!("[status]\n{key} = \"allow\""), |evidence| stands(evidence, word));
        assert_eq!((allowed.verdict, allowed.notes.len()), (Verdict::Verified, 0));
    }
}

#[test]
fn accepting_a_recall_accepts_nothing_else() {
    let blind = |evidence: &mut Evidence| {
        stands(evidence, Word::Recalled);
        if let Look::Found(token) = &mut evidence.token {
            token.standing.curators = Look::Unreachable("down".to_owned());
        }
    };
    let report = judged(&format!("[status]\nrecalled = \"allow\"\ncurators = [\"{BOB}\"]"), blind);
    assert_eq!((report.verdict, report.check(Code::StatusToken).unwrap().status), (Verdict::CouldNotLook, Status::Unknown));
}
