//! Who has to have signed the files, and thresholds of them and of accounts together.

use modelmark_digest::Sha256Digest;
use modelmark_verify::{
    Code, Evidence, Form, FoundSignature, Identity, Key, Look, OmsEvidence, OmsSigner, Policy, Report, Rules, Status, Verdict, Vouching,
    judge,
};

use crate::fixture::publish;

const ALICE: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const BOB: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

fn read(rules: &str) -> Rules {
    Rules::read(format!("version = 1\n{rules}").as_bytes(), Form::Toml).unwrap()
}

fn judged(rules: &str, signed: Look<Vec<FoundSignature>>) -> Report {
    let evidence = Evidence { signed, ..publish("identities", 0).evidence() };
    judge(&evidence, &Policy { file: Some(Box::new(read(rules))), ..Policy::default() })
}

#[track_caller]
fn finds(code: Code, status: Status, rules: &str, signed: Look<Vec<FoundSignature>>) {
    let report = judged(rules, signed);
    assert_eq!(report.check(code).unwrap().status, status, "{report:#?}");
    let verdict = match status {
        Status::Pass => Verdict::Verified,
        // Signatures that are demanded and may be where nobody could look.
        Status::Unknown if code == Code::PolicySignatures => Verdict::CouldNotLook,
        _ => Verdict::PolicyRefused,
    };
    assert_eq!(report.verdict, verdict, "{report:#?}");
}

fn digest(n: u64) -> Sha256Digest {
    Sha256Digest::of(&n.to_be_bytes())
}

fn by(signer: OmsSigner) -> FoundSignature {
    let found =
        OmsEvidence { signer: Some("somebody".to_owned()), identity: Some(signer), files: 3, refused: Vec::new(), notes: Vec::new() };
    FoundSignature { source: "model.sig".to_owned(), vouched: None, found }
}

fn key(n: u64) -> FoundSignature {
    by(OmsSigner::Key(digest(n)))
}

fn login(who: &str) -> FoundSignature {
    by(OmsSigner::Keyless { identity: who.to_owned(), issuer: "https://issuer.example".to_owned() })
}

fn certificate(subject: &str, roots: &str) -> FoundSignature {
    let signer = OmsSigner::Certificate { subject: subject.to_owned(), key: digest(7) };
    FoundSignature { vouched: Some(Sha256Digest::of(roots.as_bytes())), ..by(signer) }
}

fn found(found: &[FoundSignature]) -> Look<Vec<FoundSignature>> {
    Look::Found(found.to_vec())
}

#[test]
fn one_of_those_who_are_named_signed_the_files() {
    const CODE: Code = Code::PolicyIdentity;
    let named = "[[identities]]\nidentity = \"me@example.com\"\nissuer = \"https://issuer.example\"\n";
    finds(CODE, Status::Pass, named, found(&[login("me@example.com")]));
    finds(CODE, Status::Pass, named, found(&[key(1), login("me@example.com")]));
    finds(CODE, Status::Fail, named, found(&[login("you@example.com")]));
    finds(CODE, Status::Fail, &named.replace("issuer.", "other."), found(&[login("me@example.com")]));
    finds(CODE, Status::Fail, named, Look::Absent("there is none".to_owned()));
    finds(CODE, Status::Unknown, named, Look::Unreachable("unreadable".to_owned()));
    finds(CODE, Status::Unknown, named, Look::NotAsked);
    // Whoever runs an instance of Sigstore says who is logged in there: not every instance may.
    let mut elsewhere = login("me@example.com");
    elsewhere.vouched = Some(digest(1));
    finds(CODE, Status::Fail, named, found(&[elsewhere.clone()]));
    finds(CODE, Status::Fail, &format!("{named}trust-root = '{{}}'"), found(&[elsewhere.clone()]));
    elsewhere.vouched = Some(Sha256Digest::of(b"{}"));
    finds(CODE, Status::Pass, &format!("{named}trust-root = '{{}}'"), found(&[elsewhere]));
    finds(CODE, Status::Fail, &format!("{named}trust-root = '{{}}'"), found(&[login("me@example.com")]));

    let pattern = named.replace("identity = \"me@", "identity-pattern = \"*@");
    finds(CODE, Status::Pass, &pattern, found(&[login("you@example.com")]));
    finds(CODE, Status::Fail, &pattern, found(&[login("you@example.com.evil.org")]));

    let by_key = format!("[[identities]]\nkey = \"{}\"", digest(1).to_0x());
    finds(CODE, Status::Pass, &by_key, found(&[key(1)]));
    finds(CODE, Status::Fail, &by_key, found(&[key(2)]));
    let mut broken = key(1);
    broken.found.refused.push("file-mismatch: a".to_owned());
    finds(CODE, Status::Fail, &by_key, found(&[broken]));
    let mut empty = key(1);
    empty.found.files = 0;
    finds(CODE, Status::Fail, &by_key, found(&[empty]));

    let vouched = "[[identities]]\nroots = \"PEM\"\n";
    finds(CODE, Status::Pass, vouched, found(&[certificate("CN=a", "PEM")]));
    finds(CODE, Status::Fail, vouched, found(&[certificate("CN=a", "OTHER")]));
    finds(CODE, Status::Pass, &format!("{vouched}subject = \"CN=a\""), found(&[certificate("CN=a", "PEM")]));
    finds(CODE, Status::Fail, &format!("{vouched}subject = \"CN=b\""), found(&[certificate("CN=a", "PEM")]));
}

/// What nobody put in the place of a file demands what nobody can meet.
#[test]
fn what_still_stands_in_a_file_is_met_by_nobody() {
    for rules in ["[[identities]]\nfile = \"a.pem\"", "[[identities]]\ndid = \"did:key:z1\"", "[[identities]]\npem = \"x\""] {
        finds(Code::PolicyIdentity, Status::Fail, rules, found(&[key(1)]));
    }
    finds(Code::PolicyIdentity, Status::Fail, "[[identities]]\nroots-file = \"a.pem\"", found(&[certificate("CN=a", "")]));
    let rooted = "[[identities]]\nidentity = \"me@example.com\"\nissuer = \"https://issuer.example\"\ntrust-root-file = \"root.json\"";
    finds(Code::PolicyIdentity, Status::Fail, rooted, found(&[login("me@example.com")]));
    let mut rules =
        read("[[identities]]\nfile = \"a.pem\"\n[[signers.thresholds]]\nminimum = 1\nidentities = [{ roots-file = \"b.pem\" }]");
    assert_eq!(rules.identities_mut().count(), 2);
    for identity in rules.identities_mut() {
        *identity = match identity {
            Identity::Key(_) => Identity::Key(Key::Fingerprint(digest(1).into())),
            _ => Identity::Certificate { vouching: Vouching::Text("PEM".to_owned()), subject: None },
        };
    }
    let same = read(&format!(
        "[[identities]]\nkey = \"{}\"\n[[signers.thresholds]]\nminimum = 1\nidentities = [{{ roots = \"PEM\" }}]",
        digest(1).to_0x()
    ));
    assert_eq!(rules.digest(), same.digest());
}

#[test]
fn thresholds_count_accounts_and_signers_of_files() {
    const CODE: Code = Code::PolicySignatures;
    // Alice signed the record.
    let (one, two) = (digest(1).to_0x(), digest(2).to_0x());
    let of = |minimum: u32, accounts: &str, identities: &str| {
        format!("[[signers.thresholds]]\nminimum = {minimum}\nof = [{accounts}]\nidentities = [{identities}]")
    };
    let alice = format!("\"{ALICE}\"");
    let keys = format!("{{ key = \"{one}\" }}, {{ key = \"{two}\" }}");
    finds(CODE, Status::Pass, &of(1, &alice, &keys), Look::Absent("none".to_owned()));
    finds(CODE, Status::Fail, &of(2, &alice, &keys), Look::Absent("none".to_owned()));
    finds(CODE, Status::Unknown, &of(2, &alice, &keys), Look::Unreachable("unreadable".to_owned()));
    finds(CODE, Status::Unknown, &of(2, &alice, &keys), Look::NotAsked);
    finds(CODE, Status::Pass, &of(2, &alice, &keys), found(&[key(1)]));
    finds(CODE, Status::Fail, &of(2, &format!("\"{BOB}\""), &keys), found(&[key(1)]));
    finds(CODE, Status::Pass, &of(3, &alice, &keys), found(&[key(1), key(2)]));
    // Twice the same signer is one, whether by two signatures, two names in the policy, or as key and certificate.
    finds(CODE, Status::Fail, &of(3, &alice, &keys), found(&[key(1), key(1)]));
    let named_twice = "{ identity = \"me@example.com\", issuer = \"https://issuer.example\" }, { identity-pattern = \"*@example.com\", issuer = \"https://issuer.example\" }";
    finds(CODE, Status::Fail, &of(3, &alice, named_twice), found(&[login("me@example.com"), login("me@example.com")]));
    finds(CODE, Status::Pass, &of(3, &alice, named_twice), found(&[login("me@example.com"), login("you@example.com")]));
    let both = format!("{{ key = \"{}\" }}, {{ roots = \"PEM\" }}", digest(7).to_0x());
    finds(CODE, Status::Fail, &of(3, &alice, &both), found(&[key(7), certificate("CN=a", "PEM")]));
    finds(CODE, Status::Fail, &of(3, &alice, "{ roots = \"PEM\" }"), found(&[certificate("CN=a", "PEM"), certificate("CN=a", "PEM")]));
    // Who is named in a threshold alone has not to have signed.
    let report = judged(&of(1, &alice, &keys), Look::Absent("none".to_owned()));
    assert_eq!(report.check(Code::PolicyIdentity).unwrap().status, Status::Skipped);
}

/// A model without a record has signers of files at most.
#[test]
fn thresholds_of_signers_of_files_need_no_record() {
    let rules = format!("[[signers.thresholds]]\nminimum = 1\nidentities = [{{ key = \"{}\" }}]", digest(1).to_0x());
    let without = |rules: &str, signed| {
        let evidence = Evidence { signed, record: Look::NotAsked, token: Look::NotAsked, ..publish("identities", 0).evidence() };
        let policy = Policy { file: Some(Box::new(read(rules))), ..Policy::default() };
        judge(&evidence, &policy).check(Code::PolicySignatures).unwrap().status
    };
    assert_eq!(without(&rules, found(&[key(1)])), Status::Pass);
    assert_eq!(without(&rules, found(&[key(2)])), Status::Fail);
    assert_eq!(without(&rules, Look::NotAsked), Status::Unknown);
    let and_one = format!("{rules}\n[signers]\nminimum = 1");
    let (threshold, minimum) = and_one.split_once("[signers]").unwrap();
    assert_eq!(without(&format!("[signers]{minimum}\n{threshold}"), found(&[key(1)])), Status::Unknown);
}

#[test]
fn identities_have_one_form_and_unknown_keys_are_refused() {
    let refused = |rules: &str, words: &str| {
        let error = Rules::read(format!("version = 1\n{rules}").as_bytes(), Form::Toml).unwrap_err().to_string();
        assert!(error.contains(words), "{rules}: {error}");
    };
    for rules in [
        "[[identities]]",
        "[[identities]]\nidentity = \"a\"",
        "[[identities]]\nissuer = \"a\"",
        "[[identities]]\npem = \"a\"\nfile = \"b\"",
        "[[identities]]\nidentity = \"a\"\nidentity-pattern = \"*\"\nissuer = \"b\"",
        "[[identities]]\nfile = \"a\"\nissuer = \"b\"",
        "[[identities]]\nfile = \"a\"\nsubject = \"b\"",
        "[[identities]]\nroots = \"a\"\nissuer = \"b\"",
        "[[identities]]\nsubject = \"b\"",
    ] {
        refused(rules, "an identity is one of these");
    }
    refused("[[identities]]\nroots = \"a\"\nroots-file = \"b\"", "one is enough");
    refused("[[identities]]\nkeys = \"a\"", "did you mean `key`?");
    refused("[[identities]]\nfile = \"../a.pem\"", "no path below the folder");
    refused("[[identities]]\nroots-file = \"/etc/ca.pem\"", "no path below the folder");
    refused("[[identities]]\nidentity-pattern = \"a\"\nissuer = \"b\"", "has a `*`");
    refused("[[identities]]\nidentity-pattern = \"**\"\nissuer = \"b\"", "no more than");
    refused("[[identities]]\nidentity-pattern = \"*a*a*a*a*a*a*a*a*\"\nissuer = \"b\"", "at most 8");
    refused("[[signers.thresholds]]\nminimum = 1\nidentities = [{ key = \"x\" }]", "0x");
}

#[test]
fn problems_with_identities_are_told() {
    let problems = |rules: &str| read(rules).problems().into_iter().map(|problem| (problem.key, problem.never_passes)).collect::<Vec<_>>();
    let keyless = |who: &str| format!("[[identities]]\nidentity-pattern = \"{who}\"\nissuer = \"https://issuer.example\"");
    assert_eq!(problems(&keyless("https://github.com/*/*/.github/workflows/release.yml@refs/heads/main")), [("identities", false)]);
    assert_eq!(problems(&keyless("https://github.com/org/*/.github/workflows/release.yml@refs/heads/main")), []);
    let key = format!("{{ key = \"{}\" }}", digest(1).to_0x());
    let of = |minimum: u32, identities: &str| {
        format!("[[signers.thresholds]]\nminimum = {minimum}\nof = [\"{ALICE}\"]\nidentities = [{identities}]")
    };
    assert_eq!(problems(&of(2, &key)), []);
    assert_eq!(problems(&of(3, &key)), [("signers.thresholds", true)]);
    assert_eq!(problems(&of(3, &format!("{key}, {key}"))), [("signers.thresholds", true)]);
    assert_eq!(problems(&of(3, "{ roots = \"PEM\" }")), []);
    assert_eq!(problems("[[signers.thresholds]]\nminimum = 1"), [("signers.thresholds", true)]);
}
