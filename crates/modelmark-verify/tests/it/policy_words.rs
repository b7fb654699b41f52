//! A policy in words: what is contradictory, what every rule says, and the file to begin with.

use modelmark_verify::{Example, Form, Rules, template};

use crate::fixture::publish;

fn read(rules: &str) -> Rules {
    Rules::read(format!("version = 1\n{rules}").as_bytes(), Form::Toml).unwrap()
}

const ALICE: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const BOB: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

#[test]
fn what_no_model_can_meet_is_told() {
    for (rules, key) in [
        (format!("[signers]\ncreators = [\"eip155:8453:{ALICE}\"]"), "signers.creators"),
        ("[signers]\nminimum = 1000".to_owned(), "signers.minimum"),
        (format!("[[signers.thresholds]]\nminimum = 2\nof = [\"{ALICE}\", \"eip155:1:{ALICE}\"]"), "signers.thresholds"),
        ("[licenses]\nallow = [\"MIT\", \"GPL-3.0-or-later\"]\ndeny = [\"MIT\", \"GPL-3.0-only\"]".to_owned(), "licenses"),
        (format!("[contract]\ncollections = [\"eip155:1:{BOB}\"]\n[chain]\nallow = [\"eip155:8453\"]"), "contract.collections"),
        (format!("[contract]\ncollections = [\"{BOB}\"]\nassurance = \"canonical\""), "contract.assurance"),
        ("[parents]\nrequire = [{ relation = \"merge\", depth = 1 }]\nforbid = [{ relation = \"merge\" }]".to_owned(), "parents"),
        ("[[metrics]]\nmetric = \"f1\"\nmin = 0.9\n[[metrics]]\nmetric = \"f1\"\nmax = \"0.89\"".to_owned(), "metrics"),
        ("[[metrics]]\nmetric = \"f1\"\nmin = 2\nmax = 1".to_owned(), "metrics"),
        ("[formats]\nallow = [\"tensors\"]".to_owned(), "formats.allow"),
    ] {
        let problems = read(&rules).problems();
        assert!(problems.first().is_some_and(|problem| problem.key == key && problem.never_passes), "{rules}: {problems:?}");
    }
}

#[test]
fn what_does_not_do_what_it_seems_to_is_told() {
    for (rules, key) in [
        ("", "version"),
        ("[licenses]\nallow = [\"MIT\", \"ISC\"]\ndeny = [\"MIT\"]", "licenses"),
        ("[chain]\nallow = [\"eip155:31337\"]", "chain.allow"),
        ("[contract]\nassurance = \"foreign\"", "contract.assurance"),
        ("[formats]\nallow = [\"gguf\", \"ggml\"]", "formats.allow"),
        ("[code]\ndeny = true\nallow-findings = [\"code.bearing\"]", "code"),
        ("[code]\ndeny-findings = [\"code.beside\"]\nallow-findings = [\"code.beside\"]", "code"),
        ("[status]\nrevoked = \"warn\"", "status.curators"),
        ("[status]\nrecalled = \"allow\"", "status.recalled"),
    ] {
        let problems = read(rules).problems();
        assert!(problems.len() == 1 && problems[0].key == key && !problems[0].never_passes, "{rules}: {problems:?}");
    }
    assert_eq!(read("[code]\ndeny = true").problems(), []);
}

/// Every key of the schema changes what is said, so that no rule is left unexplained.
#[test]
fn every_rule_is_explained() {
    let plain = read("").explain();
    for rules in [
        format!("[signers]\ncreators = [\"{ALICE}\"]"),
        "[signers]\nrequired = [\"creator\"]".to_owned(),
        "[signers]\nrequired = [\"contributors\"]".to_owned(),
        "[signers]\nminimum = 2".to_owned(),
        format!("[[signers.thresholds]]\nminimum = 1\nof = [\"{ALICE}\"]"),
        "[licenses]\nallow = [\"MIT\"]".to_owned(),
        "[licenses]\ndeny = [\"MIT\"]".to_owned(),
        "[claim]\nfirst = true".to_owned(),
        format!("[contract]\ncollections = [\"{ALICE}\"]"),
        "[contract]\nassurance = \"canonical\"".to_owned(),
        "[chain]\nallow = [\"eip155:1\"]".to_owned(),
        "[chain]\nassurance = \"agreement\"".to_owned(),
        "[chain]\nfinality = \"safe\"".to_owned(),
        "[parents]\nrequire = [{ relation = \"merge\" }]".to_owned(),
        "[parents]\nforbid = [{ depth = 2 }]".to_owned(),
        "[[metrics]]\nmetric = \"accuracy\"\nmin = 0.9".to_owned(),
        "[formats]\nallow = [\"gguf\"]".to_owned(),
        "[code]\ndeny = true".to_owned(),
        "[code]\ndeny-findings = [\"code.beside\"]".to_owned(),
        "[code]\nallow-findings = [\"code.beside\"]".to_owned(),
        "[age]\nmax-days = 30".to_owned(),
        "[storage]\nkeep = \"2 of {ipfs, s3}\"".to_owned(),
        "[[identities]]\nidentity = \"me@example.com\"\nissuer = \"https://issuer.example\"".to_owned(),
        "[status]\nrecalled = \"warn\"".to_owned(),
        "[status]\ndeprecated = \"deny\"".to_owned(),
        "[status]\nelsewhere = \"deny\"".to_owned(),
        "[status]\ngenerations = 3".to_owned(),
        format!("[status]\ncurators = [\"{ALICE}\"]"),
    ] {
        let said = read(&rules).explain();
        assert!(said != plain && said.iter().all(|sentence| sentence.ends_with('.')), "{rules}: {said:?}");
    }
}

#[test]
fn the_template_is_a_policy_and_accepts_the_model_that_it_is_for() {
    let plain = Rules::read(template(&Example::default()).as_bytes(), Form::Toml).unwrap();
    assert_eq!(plain, Rules::default());
    let published = publish("template", 0);
    let text = template(&Example { record: Some(&published.record), token: Some(published.token().token) });
    let rules = Rules::read(text.as_bytes(), Form::Toml).unwrap();
    assert_eq!(
        (rules.signers.creators.len(), rules.licenses.allow.len(), rules.contract.collections.len(), rules.chain.allow.len()),
        (1, 1, 1, 1)
    );
    let policy = modelmark_verify::Policy { file: Some(Box::new(rules)), ..Default::default() };
    let report = modelmark_verify::judge(&published.evidence(), &policy);
    assert_eq!(report.verdict, modelmark_verify::Verdict::Verified, "{report:#?}");
    // Every line that is commented out can be put in force: what stands in it is a key that there is.
    for line in text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')))
    {
        let key = line.split(" = ").next().unwrap();
        assert!(Rules::schema().to_string().contains(&format!("\"{key}\"")), "{line}");
    }
}
