//! Policy files: what is read, what is refused, and that a refusal says what to do.

use modelmark_verify::{Form, MAX_POLICY_BYTES, PolicyError, Reaction, Rules};

const ALICE: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const BOB: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

fn toml(text: &str) -> Result<Rules, PolicyError> {
    Rules::read(text.as_bytes(), Form::Toml)
}

fn yaml(text: &str) -> Result<Rules, PolicyError> {
    Rules::read(text.as_bytes(), Form::Yaml)
}

#[track_caller]
fn refused(result: Result<Rules, PolicyError>, words: &str) {
    let message = result.unwrap_err().to_string();
    assert!(message.contains(words), "{message:?} does not say {words:?}");
    assert!(!message.contains('\n'), "{message:?} is one line");
}

#[test]
fn both_forms_say_the_same() {
    let from_toml = toml(&format!(
        "version = 1\n[signers]\ncreators = [\"{ALICE}\", \"did:pkh:eip155:1:{BOB}\"]\nrequired = [\"creator\", \"eip155:8453:{BOB}\"]\nminimum = 2\n\
         [[signers.thresholds]]\nminimum = 1\nof = [\"{BOB}\"]\n[licenses]\nallow = [\"mit\", \"Apache-2.0\"]\n[code]\ndeny = true\n[status]\ndeprecated = \"warn\"\n"
    ))
    .unwrap();
    let from_yaml = yaml(&format!(
        "version: 1\nsigners:\n  creators: [\"{}\", eip155:1:{BOB}]\n  required: [creator, did:pkh:eip155:8453:{BOB}]\n  minimum: 2\n  thresholds:\n    \
         - {{minimum: 1, of: [{BOB}]}}\nlicenses:\n  allow: [MIT, apache-2.0]\ncode: {{deny: true}}\nstatus: {{deprecated: warn, recalled: deny}}\n",
        ALICE.to_lowercase()
    ))
    .unwrap();
    assert_eq!(from_toml, from_yaml);
    assert_eq!(from_toml.digest(), from_yaml.digest());
    assert_eq!(from_toml.status.deprecated, Reaction::Warn);
    assert_eq!(Rules::read(from_toml.canonical().to_string().as_bytes(), Form::Yaml).unwrap(), from_toml, "JSON is YAML");
    assert_eq!(toml("version = 1").unwrap(), Rules::default());
}

#[test]
fn unknown_keys_are_named_with_the_nearest_one() {
    refused(toml("version = 1\n[licences]\nallow = [\"MIT\"]"), "unknown key \"licences\"; did you mean `licenses`?");
    refused(toml("version = 1\n[licenses]\nalow = [\"MIT\"]"), "unknown key \"licenses.alow\"; did you mean `allow`?");
    refused(
        yaml("version: 1\nsigners: {thresholds: [{minimum: 1, off: [a]}]}"),
        "unknown key \"signers.thresholds[0].off\"; did you mean `of`?",
    );
    refused(yaml("version: 1\nCode: {deny: true}"), "did you mean `code`?");
    refused(yaml("version: 1\nzzzzzzzz: 1"), "unknown key \"zzzzzzzz\"; there are `");
    // There is nothing that reads another file.
    refused(toml("version = 1\ninclude = \"policy.toml\""), "unknown key \"include\"");
    refused(yaml("version: 1\ninclude: policy.yaml"), "unknown key \"include\"");
    refused(yaml("!include policy.yaml"), "include");
    refused(yaml("version: 1\nlicenses: !include policy.yaml"), "include");
}

#[test]
fn keys_stand_once() {
    refused(toml("version = 1\nversion = 1"), "duplicate key");
    refused(toml("version = 1\n[code]\ndeny = true\n[code]\ndeny = false"), "duplicate");
    refused(yaml("version: 1\ncode: {deny: true}\ncode: {deny: false}"), "duplicate");
    refused(yaml("version: 1\ncode: {deny: true, deny: false}"), "duplicate");
    refused(yaml("version: 1\n---\nversion: 1"), "document");
}

#[test]
fn values_that_mean_nothing_are_refused() {
    refused(toml("[code]\ndeny = true"), "version");
    refused(toml("version = 2"), "version 2 is not known");
    refused(toml("version = \"1\""), "expected u64");
    refused(toml("version = 1\n[licenses]\nallow = []"), "the list is empty");
    refused(toml("version = 1\n[licenses]\nallow = [\"MTI\"]"), "not on the SPDX licence list");
    refused(toml("version = 1\n[signers]\ncreators = [\"0x12\"]"), "is no account");
    refused(toml("version = 1\n[signers]\ncreators = [\"did:web:example.org\"]"), "of DIDs only did:pkh:eip155 and did:key");
    refused(toml("version = 1\n[[signers.thresholds]]\nminimum = 0\nof = [\"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"]"), "nonzero");
    refused(yaml("version: 1\ncode: {deny: yes}"), "bool");
    refused(yaml("version: 1\nstatus: {recalled: ignore}"), "ignore");
    refused(yaml(""), "");
    refused(yaml("- 1"), "");
}

#[test]
fn hostile_files_cost_little() {
    let long = format!("version = 1\n#{}", " ".repeat(MAX_POLICY_BYTES));
    assert_eq!(toml(&long), Err(PolicyError::TooLong));
    assert_eq!(Rules::read(b"version = 1 # \xff", Form::Toml), Err(PolicyError::NotText));
    // Ten lists of ten of the list before: ten billion.
    let mut bomb = "version: 1\na: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h", "i", "j"].iter().zip(["a", "b", "c", "d", "e", "f", "g", "h", "i"]) {
        bomb.push_str(&format!("{name}: &{name} [{}]\n", [format!("*{of}").as_str(); 10].join(",")));
    }
    assert!(yaml(&bomb).is_err());
    assert!(yaml("version: 1\ncode: &a {deny: *a}").is_err());
    refused(yaml("x: &x {deny: true}\nversion: 1\ncode:\n  <<: *x"), "erge");
    let deep = format!("version: 1\ncode: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(yaml(&deep).is_err());
    assert!(toml(&format!("version = 1\ncode = {}{}", "[".repeat(10_000), "]".repeat(10_000))).is_err());
    let keys: String = (0..4000).map(|n| format!("k{n} = 1\n")).collect();
    let message = toml(&format!("version = 1\n{keys}")).unwrap_err().to_string();
    assert!(message.len() < 8000, "{}", message.len());
}

#[test]
fn an_alias_may_stand_for_what_is_said_twice() {
    let rules =
        yaml(&format!("version: 1\nsigners:\n  creators: &us [{ALICE}, {BOB}]\n  thresholds: [{{minimum: 2, of: *us}}]\n")).unwrap();
    assert_eq!(rules.signers.creators, rules.signers.thresholds[0].of);
}
