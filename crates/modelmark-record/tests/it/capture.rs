//! Facts from the files beside a model.

use modelmark_digest::Sha256Digest;
use modelmark_record::{
    Beside, Capture, CaptureError, Claims, Document, Facts, FindingCode, PersonalData, Record, Relation, Scalar, TrainingMining, gather,
};

use crate::sample::{claims, manifest};

const PROJECT: &str = r#"
[model]
name = "digits"
version = "1.0.0"
license = "mit"
task = "image-classification"
external-url = "https://example.org/digits"

[creator]
name = "Ada"

[royalty]
percent = 2.5

[training]
learning-rate = 1e-5
epochs = 3
fp16 = true
optimizer = "adamw"
hub_token = "hf_abcdefghijklmnopqrstuvwxyz012345"
output_dir = "/home/ada/out"

[[dataset]]
name = "optdigits"
cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
license = "cc-by-4.0"

[[parent]]
name = "org/base"
weights-hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
share = "10%"

[[evaluation]]
metric = "accuracy"
value = 0.9190

[chain]
rpc-url = "http://127.0.0.1:8545"
confirmations = 2

[storage]
places = ["ipfs+http://127.0.0.1:5001"]
keep = "1 of {ipfs, s3}"
"#;

const CARD: &str = "---
license: apache-2.0
library_name: transformers
pipeline_tag: image-classification
language: no
tags: [digits, 'jane@example.org']
datasets:
- optdigits
- mnist
base_model:
- org/base
- org/base
- org/other
base_model_relation: quantized
model-index:
- name: digits-mlp
  results:
  - task: {type: image-classification, name: Image Classification}
    dataset: {type: optdigits, name: Optical Digits}
    metrics:
    - {type: accuracy, value: 0.10}
    - {type: loss, value: 1e-5}
    - {type: huge, value: 9007199254740993}
    - {type: odd, value: 93 %}
---

# digits

<img src=x>

A perceptron that names digits.
Write to jane@example.org.

More.
";

const CONFIG: &str = r#"{"model_type":"mlp","architectures":["DigitsMLP"],"torch_dtype":"float32","transformers_version":"4.57.0",
 "_name_or_path":"org/started-here","layer_norm_eps":1e-12,"secret":"hf_abcdefghijklmnopqrstuvwxyz012345"}"#;

fn document<'a>(file: &'a str, text: &'a str) -> Option<Document<'a>> {
    Some(Document { file, bytes: text.as_bytes() })
}

fn all(given: Claims) -> Capture {
    let beside = Beside {
        project: document("modelmark.toml", PROJECT),
        card: document("README.md", CARD),
        config: document("config.json", CONFIG),
        name: Some("folder"),
        ..Beside::default()
    };
    gather(given, &beside).unwrap()
}

fn card(text: &str) -> Capture {
    gather(Claims::default(), &Beside { card: document("README.md", text), ..Beside::default() }).unwrap()
}

fn project(text: &str) -> Result<Capture, CaptureError> {
    gather(Claims::default(), &Beside { project: document("modelmark.toml", text), ..Beside::default() })
}

fn codes(capture: &Capture) -> Vec<(FindingCode, &str)> {
    capture.findings.iter().map(|finding| (finding.code, finding.field.as_str())).collect()
}

#[test]
fn the_more_explicit_source_wins() {
    let given = Claims { version: Some("2.0.0".parse().unwrap()), ..Claims::default() };
    let facts = all(given).facts.claims;
    assert_eq!(facts.version.unwrap().as_str(), "2.0.0");
    assert_eq!(facts.name.unwrap().as_str(), "digits");
    assert_eq!(facts.license.unwrap().spdx.as_str(), "MIT");
    assert_eq!(facts.royalty.unwrap().get(), 250);
    assert_eq!(facts.description.unwrap().as_str(), "A perceptron that names digits. Write to [left out]");
    let framework = facts.framework.unwrap();
    assert_eq!((framework.name.as_str(), framework.version.unwrap().as_str()), ("transformers", "4.57.0"));
    let architecture = facts.architecture.unwrap();
    assert_eq!((architecture.family.as_str(), architecture.config_sha256), ("mlp", Some(Sha256Digest::of(CONFIG.as_bytes()))));
    assert_eq!(
        gather(Claims::default(), &Beside { name: Some("folder"), ..Beside::default() }).unwrap().facts.claims.name.unwrap().as_str(),
        "folder"
    );
}

#[test]
fn numbers_keep_the_spelling_of_their_author() {
    let facts = all(Claims::default()).facts.claims;
    let values: Vec<&str> = facts.evaluations.iter().map(|evaluation| evaluation.value.as_str()).collect();
    assert_eq!(values, ["0.9190", "0.10", "1e-5", "9007199254740993"]);
    let training: Vec<String> = facts.training.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(training, ["epochs=3", "fp16=true", "learning-rate=1e-5", "optimizer=adamw"]);
    assert_eq!(facts.training.get(&"epochs".parse().unwrap()), Some(&Scalar::Integer(3)));
}

#[test]
fn lists_are_united_and_parents_bound() {
    let facts = all(Claims::default()).facts.claims;
    let datasets: Vec<_> = facts.datasets.iter().map(|dataset| (dataset.name.as_str(), dataset.cid.is_some())).collect();
    assert_eq!(datasets, [("optdigits", true), ("mnist", false)]);
    let edges: Vec<_> = facts.parents.iter().map(modelmark_record::ParentClaim::edge).collect();
    let [edge] = edges.as_slice() else { panic!("{edges:?}") };
    assert_eq!((edge.relation, edge.share_bps.unwrap().get()), (Relation::Quantized, 1000));
    assert_eq!(edge.parent.uri.as_ref().unwrap().as_str(), "https://huggingface.co/org/base");
}

#[test]
fn contradictions_and_gaps_are_told() {
    let capture = all(Claims::default());
    assert_eq!(
        codes(&capture),
        [
            (FindingCode::Unusable, "evaluations"),
            (FindingCode::Conflict, "license"),
            (FindingCode::UnboundParent, "lineage"),
            (FindingCode::UndeclaredParent, "lineage"),
        ]
    );
    assert!(
        capture.findings.iter().any(|finding| finding.message.contains("modelmark.toml says MIT, README.md says Apache-2.0; MIT is taken"))
    );
}

#[test]
fn what_is_private_is_left_out_and_told() {
    let capture = all(claims());
    let left: Vec<_> = capture.left_out.iter().map(|left| (left.field.as_str(), left.file.as_str())).collect();
    assert_eq!(
        left,
        [
            ("training.hub_token", "modelmark.toml"),
            ("training.output_dir", "modelmark.toml"),
            ("description", "README.md"),
            ("tags", "README.md")
        ]
    );
    let record = Record::compose(&manifest(), capture.facts).unwrap().canonical().unwrap();
    let text = std::str::from_utf8(record.bytes()).unwrap();
    for private in ["hf_", "jane", "/home", "secret"] {
        assert!(!text.contains(private), "{private}");
    }
}

#[test]
fn every_captured_field_names_its_file() {
    let sources = all(Claims::default()).facts.sources;
    let of =
        |field: &str| sources.iter().filter(|source| source.field.as_str() == field).map(|source| source.file.as_str()).collect::<Vec<_>>();
    assert_eq!(of("license"), ["modelmark.toml"]);
    assert_eq!(of("framework"), ["README.md", "config.json"]);
    assert_eq!(of("evaluations"), ["README.md", "modelmark.toml"]);
    assert_eq!(of("architecture"), ["config.json"]);
    assert!(sources.iter().all(|source| source.file.as_str() != "README.md" || source.sha256 == Sha256Digest::of(CARD.as_bytes())));
}

#[test]
fn the_chain_and_storage_tables_are_the_callers() {
    let capture = all(Claims::default());
    assert_eq!(serde_json::to_string(&capture.chain).unwrap(), r#"{"confirmations":2,"rpc-url":"http://127.0.0.1:8545"}"#);
    let storage = serde_json::to_string(&capture.storage).unwrap();
    assert_eq!(storage, r#"{"keep":"1 of {ipfs, s3}","places":["ipfs+http://127.0.0.1:5001"]}"#);
}

#[test]
fn licences_of_the_hub_become_references() {
    let capture = card("---\nlicense: llama3.1\n---\n");
    assert_eq!(capture.facts.claims.license.as_ref().unwrap().spdx.as_str(), "LicenseRef-llama3.1");
    assert_eq!(codes(&capture), [(FindingCode::LicenseReference, "license")]);
    let other =
        card("---\nlicense: other\nlicense_name: acme v2\nlicense_link: https://example.org/l\n---\n").facts.claims.license.unwrap();
    assert_eq!((other.spdx.as_str(), other.uri.unwrap().as_str()), ("LicenseRef-acme-v2", "https://example.org/l"));
    for bad in ["---\nlicense: apache2\n---\n", "---\nlicense: [mit, apache-2.0]\n---\n"] {
        let capture = card(bad);
        assert!(capture.facts.claims.license.is_none());
        assert_eq!(codes(&capture), [(FindingCode::Unusable, "license")]);
    }
}

#[test]
fn a_card_that_cannot_be_read_is_a_finding() {
    let bomb: String = (0..40).map(|at| format!("a{at}: &a{at} [*a{0}, *a{0}, *a{0}]\n", at.max(1) - 1)).collect();
    for front in [format!("{}\n", "[".repeat(10_000)), bomb.replacen("*a0", "x", 3), "a: 1\na: 2\n".to_owned(), "a: [\n".to_owned()] {
        let capture = card(&format!("---\n{front}---\ntext\n"));
        assert_eq!(codes(&capture), [(FindingCode::Unreadable, "front matter")], "{front:.60}");
    }
    let not_text = Beside { card: Some(Document { file: "README.md", bytes: b"---\n\xff\n---\n" }), ..Beside::default() };
    assert_eq!(codes(&gather(Claims::default(), &not_text).unwrap()), [(FindingCode::Unreadable, "front matter")]);
    assert!(card("no front matter").findings.is_empty());
    assert!(card("---\nnever closed\n").findings.is_empty());
    assert!(card("").findings.is_empty());
    assert_eq!(card("\u{feff}---\r\nlicense: mit\r\n---\r\n").facts.claims.license.unwrap().spdx.as_str(), "MIT");
}

#[test]
fn a_configuration_that_names_a_path_says_nothing_of_it() {
    let config = |text: &str| gather(Claims::default(), &Beside { config: document("config.json", text), ..Beside::default() }).unwrap();
    let local = config(r#"{"_name_or_path":"/home/jane/checkpoint"}"#);
    assert!(local.findings.is_empty());
    assert_eq!(local.left_out.first().unwrap().field, "lineage");
    for odd in ["", "{", "[1]", "null", "{\"model_type\":", &"[".repeat(100_000)] {
        assert_eq!(codes(&config(odd)), [(FindingCode::Unreadable, "architecture")], "{odd:.20}");
    }
    assert!(config(r#"{"model_type":7,"architectures":[[]],"_name_or_path":null}"#).findings.is_empty());
}

#[test]
fn mistakes_in_the_owners_own_file_are_errors() {
    for (text, hint) in [
        ("[model]\nlicence = \"mit\"\n", "unknown field `licence`"),
        ("[model]\nlicense = \"apache2\"\n", "did you mean Apache-2.0?"),
        ("[royalty]\npercent = 11\n", "more than 10 %"),
        ("[[evaluation]]\nmetric = \"a\"\nvalue = inf\n", "is not a decimal"),
        ("[[dataset]]\nname = \"a\"\ncid = \"Qm\"\n", "CID"),
        ("[[contributor]]\naccount = \"0x0\"\nshare = \"5%\"\n", "account"),
        ("[model]\nname = \"a\"\nname = \"b\"\n", "duplicate key"),
        ("[training]\nseed = 9223372036854775807\n", "2^53"),
        ("[training]\nlayers = [1]\n", "a text or a number"),
        ("x = 1\n", "unknown field `x`"),
        ("[model", "TOML parse error"),
    ] {
        let error = project(text).unwrap_err().to_string();
        assert!(error.starts_with("modelmark.toml: ") && error.contains(hint), "{error}");
    }
    assert!(project(&"a=".repeat(1 << 18)).is_err());
    assert!(project(&format!("a = {}", "[".repeat(100_000))).is_err());
    assert!(project("").unwrap().facts.sources.is_empty());
}

#[test]
fn given_facts_need_no_file() {
    let record = Record::compose(&manifest(), Facts { claims: claims(), sources: vec![] }).unwrap();
    assert!(record.provenance.sources.is_empty());
}

#[test]
fn the_documented_project_file_is_one() {
    let page = include_str!("../../../../docs/spec/modelmark-toml.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let capture = project(example).unwrap();
    assert!(capture.findings.is_empty() && capture.left_out.is_empty(), "{:?} {:?}", capture.findings, capture.left_out);
    let facts = Facts { claims: Claims { creator: claims().creator, ..capture.facts.claims }, sources: vec![] };
    let provenance = Record::compose(&manifest(), facts).unwrap().canonical().unwrap().into_record().provenance;
    // The page shows every key, so that none of them can be forgotten on the way.
    let training = provenance.training.unwrap();
    assert_eq!(training.energy_kwh.unwrap().as_str(), "12.5");
    assert_eq!(training.code.unwrap().dirty, Some(false));
    assert_eq!(provenance.considerations.unwrap().personal_data, Some(PersonalData::No));
    assert_eq!(provenance.rights.unwrap().training_mining, Some(TrainingMining::Constrained));
    assert_eq!(provenance.attachments.len(), 1);
    assert_eq!(provenance.lineage.first().unwrap().evidence.len(), 1);
    assert_eq!(provenance.evaluations.first().unwrap().harness.as_ref().unwrap().as_str(), "scikit-learn 1.7");
    assert!(provenance.tokenizer.is_some());
}
