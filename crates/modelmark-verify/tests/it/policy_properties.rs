//! Properties of policies: they can be written and read back, and a rule that is added never makes a gate let more through.

use std::sync::LazyLock;

use modelmark_chain::Status as Word;
use modelmark_formats::FindingCode;
use modelmark_verify::{Claims, Evidence, Form, Licenses, Look, Noticed, Policy, Reaction, Rules, Surveyed, judge};
use proptest::prelude::*;

use crate::fixture::{Published, publish};

const ALICE: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const BOB: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
/// How many rules there are below.
const RULES: u8 = 24;

/// Puts one rule in force; each touches what no other touches.
fn demand(rules: &mut Rules, which: u8, strict: bool) {
    fn part<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> T {
        serde_json::from_value(json).unwrap()
    }
    use serde_json::json;
    let who = if strict { BOB } else { ALICE };
    let bad = if strict { Reaction::Deny } else { Reaction::Warn };
    match which {
        0 => rules.signers.creators = part(json!([who])),
        1 => rules.signers.required = part(json!([if strict { BOB } else { "creator" }])),
        2 => rules.signers.minimum = 1 + u32::from(strict),
        3 => rules.signers.thresholds = part(json!([{"minimum": 1, "of": [who], "identities": [{"roots-file": "b.pem"}]}])),
        4 => rules.licenses.allow = part(json!([if strict { "MIT" } else { "Apache-2.0" }])),
        5 => rules.licenses.deny = part(json!([if strict { "Apache-2.0" } else { "MIT" }])),
        6 => rules.contract.collections = part(json!([who])),
        7 => rules.contract.assurance = part(json!(if strict { "canonical" } else { "listed" })),
        8 => rules.chain.allow = part(json!([if strict { "eip155:1" } else { "eip155:31337" }])),
        9 => rules.chain.assurance = part(json!(if strict { "agreement" } else { "endpoint" })),
        10 => rules.chain.finality = part(json!(if strict { "finalized" } else { "latest" })),
        11 => rules.parents.require = part(json!([{"relation": "merge"}])),
        12 => rules.parents.forbid = part(json!([{"relation": "merge"}])),
        13 => rules.metrics = part(json!([{"metric": "accuracy", "min": 0.5}])),
        14 => rules.formats.allow = part(json!([if strict { "gguf" } else { "safetensors" }])),
        15 => rules.code.deny = true,
        16 => rules.code.deny_findings = part(json!([if strict { "pickle.beside" } else { "code.beside" }])),
        17 => rules.code.allow_findings = part(json!([if strict { "code.beside" } else { "pickle.beside" }])),
        18 => rules.age.max_days = part(json!(30)),
        19 => rules.storage.keep = part(json!("1 of {ipfs}")),
        20 => {
            rules.identities = part(json!([
                {"identity": "a", "issuer": "b"},
                {"identity-pattern": "*@a", "issuer": "b", "trust-root": "{}"},
                {"roots": "PEM\n", "subject": "CN=a"},
                {"file": "keys/a.pem"},
                {"did": "did:key:z1"},
            ]));
        }
        21 => rules.claim.first = strict,
        22 => rules.status.deprecated = bad,
        _ => rules.status.elsewhere = bad,
    }
}

fn rules() -> impl Strategy<Value = Vec<(u8, bool)>> {
    proptest::collection::btree_map(0..RULES, any::<bool>(), 0..6).prop_map(|rules| rules.into_iter().collect())
}

fn all(chosen: &[(u8, bool)]) -> Rules {
    let mut rules = Rules::default();
    chosen.iter().for_each(|(which, strict)| demand(&mut rules, *which, *strict));
    rules
}

fn policy(rules: Rules) -> Policy {
    Policy { file: Some(Box::new(rules)), ..Policy::default() }
}

fn change(evidence: &mut Evidence, which: u8) {
    match which {
        0 => evidence.record = Look::Absent("not in the store".to_owned()),
        1 => evidence.token = Look::NotAsked,
        2 => evidence.code = Look::Found(vec!["a.bin: a pickle".to_owned()]),
        3 => evidence.code = Look::NotAsked,
        4 => evidence.surveyed = Look::NotAsked,
        5 => {
            let findings = vec![Noticed { code: FindingCode::PickleBeside, line: "a.bin: a pickle".to_owned() }];
            evidence.surveyed = Look::Found(Surveyed { findings, weights: Vec::new() });
        }
        6 => evidence.signatures.clear(),
        10 => evidence.claims = Look::Found(Claims::default()),
        7 => evidence.ancestry = Look::Unreachable("down".to_owned()),
        _ => {
            if let Look::Found(token) = &mut evidence.token {
                token.standing.creator = if which == 8 { Word::Deprecated } else { Word::Recalled };
            }
        }
    }
}

proptest! {
    #[test]
    fn policies_are_read_back_as_they_were_written(chosen in rules(), title in proptest::option::of("[!-~äß][ -~äß]{0,39}")) {
        let rules = Rules { title: title.map(|title| title.parse().unwrap()), ..all(&chosen) };
        let json = rules.canonical().to_string();
        prop_assert_eq!(&Rules::read(json.as_bytes(), Form::Yaml).unwrap(), &rules);
        let toml = toml::to_string(&rules).unwrap();
        let read = Rules::read(toml.as_bytes(), Form::Toml).unwrap();
        prop_assert_eq!(read.digest(), rules.digest());
        prop_assert_eq!(read, rules);
    }

    #[test]
    fn the_schema_takes_every_policy(chosen in rules()) {
        static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| jsonschema::validator_for(&Rules::schema()).unwrap());
        let rules = all(&chosen).canonical();
        prop_assert!(SCHEMA.is_valid(&rules), "{rules}");
    }

    #[test]
    fn a_rule_more_lets_no_more_through(
        chosen in rules(), more in 0..RULES, strict in any::<bool>(), changes in proptest::collection::vec(0_u8..11, 0..3)
    ) {
        static PUBLISHED: LazyLock<Published> = LazyLock::new(|| publish("narrow", 0));
        let mut evidence = PUBLISHED.evidence();
        changes.iter().for_each(|which| change(&mut evidence, *which));
        let chosen: Vec<_> = chosen.into_iter().filter(|(which, _)| *which != more).collect();
        let before = judge(&evidence, &policy(all(&chosen)));
        let mut narrower = all(&chosen);
        demand(&mut narrower, more, strict);
        let after = judge(&evidence, &policy(narrower.clone()));
        prop_assert!(before.verdict.exit_code() == 0 || after.verdict.exit_code() != 0, "{before:#?} became {after:#?}");
        // A file beside the options lets no more through than the options alone, and the other way round.
        let options = Policy { licenses: vec!["MIT".parse().unwrap()], ..Policy::default() };
        let alone = judge(&evidence, &options).verdict.exit_code();
        let both = judge(&evidence, &Policy { licenses: options.licenses, ..policy(narrower) }).verdict.exit_code();
        prop_assert!(both != 0 || (alone == 0 && after.verdict.exit_code() == 0));
    }

    #[test]
    fn nothing_makes_the_reader_or_the_words_panic(text in "(version[:=] ?1\n)?[ -~\n]{0,200}") {
        for form in [Form::Toml, Form::Yaml] {
            if let Ok(rules) = Rules::read(text.as_bytes(), form) {
                drop(rules.problems());
                prop_assert!(!rules.explain().is_empty());
            }
        }
    }
}

#[test]
fn a_licence_list_is_a_demand_of_its_own() {
    let rules = Rules { licenses: Licenses { allow: vec!["Apache-2.0".parse().unwrap()], deny: Vec::new() }, ..Rules::default() };
    assert_eq!(judge(&publish("narrow", 0).evidence(), &policy(rules)).verdict.exit_code(), 0);
}
