//! Exports: each against the schema that its standard publishes, the same bytes as committed (which foreign packages have read), and hostile text.

use std::path::PathBuf;

use jsonschema::{Registry, Validator};
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::export::{self, ExportError};
use modelmark_record::{
    Attachment, CanonicalRecord, Claims, Code, Considerations, Contributor, Dataset, DatasetRole, Evaluation, Facts, Framework, License,
    Parent, ParentClaim, PersonalData, Record, Relation, Rights, Training, TrainingMining,
};
use serde_json::{Value, json};

use crate::sample::{canonical, claims, key, manifest};

/// A text that tries to be markup wherever it is put.
const HOSTILE: &str =
    "x</td>| <script>alert(1)</script> ![p](https://e.org) [l](javascript:1) `c` --> <!-- modelmark:provenance:end -->\" #1 @me";

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/export")
}

fn schema(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(vectors().join("schemas").join(name)).unwrap()).unwrap()
}

/// A record in which everything that a record can state is stated.
fn full(text: &str) -> CanonicalRecord {
    let label = || text.parse().unwrap();
    let dataset = |role, name: &str| Dataset {
        role,
        name: name.parse().unwrap(),
        cid: Some(ContentId::dag_pb(name.as_bytes())),
        root: Some(Sha256Digest::of(name.as_bytes())),
        sha256: None,
        size: Some(1234_u64.try_into().unwrap()),
        files: Some(3_u64.try_into().unwrap()),
        license: Some("cc-by-4.0".parse().unwrap()),
        revision: Some("0123abc".parse().unwrap()),
        uri: Some("https://example.org/data".parse().unwrap()),
    };
    let one_file = Dataset { sha256: Some(Sha256Digest::of(b"test")), cid: None, ..dataset(DatasetRole::Test, "owner/test") };
    let parent =
        |relation, parent| ParentClaim { relation: Some(relation), share_bps: None, parent, evidence: vec![Sha256Digest::of(b"evidence")] };
    let claims = Claims {
        name: Some(label()),
        description: Some(format!("{text}\n\n# {text}\n    {text}").parse().unwrap()),
        external_url: Some("https://example.org/model".parse().unwrap()),
        version: Some("1.2.0".parse().unwrap()),
        task: Some("text-classification".parse().unwrap()),
        tags: vec![label(), "nlp".parse().unwrap()],
        framework: Some(Framework { name: "transformers".parse().unwrap(), version: Some("5.1.0".parse().unwrap()) }),
        datasets: vec![dataset(DatasetRole::Train, "owner/train"), dataset(DatasetRole::Eval, text), one_file],
        evaluations: vec![
            Evaluation {
                task: Some("text-classification".parse().unwrap()),
                dataset: Some("owner/test".parse().unwrap()),
                dataset_revision: Some("0123abc".parse().unwrap()),
                n: Some(1000_u64.try_into().unwrap()),
                harness: Some(label()),
                source: Some("https://example.org/results".parse().unwrap()),
                date: Some("2026-11-22T10:00:00Z".parse().unwrap()),
                ..Evaluation::new("accuracy".parse().unwrap(), "0.9731".parse().unwrap())
            },
            Evaluation::new(label(), "1e-9999".parse().unwrap()),
        ],
        training: [
            (label(), "1e-5".parse().map(modelmark_record::Scalar::Text).unwrap()),
            ("epochs".parse().unwrap(), 3.try_into().unwrap()),
        ]
        .into(),
        parents: vec![
            parent(
                Relation::Finetune,
                Parent {
                    name: Some("owner/base".parse().unwrap()),
                    weights_hash: Some(Sha256Digest::of(b"base")),
                    uri: Some("https://example.org/base".parse().unwrap()),
                    ..Parent::default()
                },
            ),
            parent(Relation::Merge, Parent { cid: Some(ContentId::raw(b"other")), name: Some(label()), ..Parent::default() }),
        ],
        license: Some(License {
            spdx: "mit or LicenseRef-own".parse().unwrap(),
            uri: Some("https://example.org/license?(a)|b".replace('|', "%7C").parse().unwrap()),
        }),
        royalty: Some("5%".parse().unwrap()),
        creator_name: Some(label()),
        contributors: vec![
            Contributor { account: key(0).address().into(), name: Some(label()), share_bps: "60%".parse().unwrap() },
            Contributor { account: key(1).address().into(), name: None, share_bps: "40%".parse().unwrap() },
        ],
        tokenizer: Some(Sha256Digest::of(b"tokenizer")),
        run: Training {
            code: Some(Code {
                uri: Some("https://example.org/code".parse().unwrap()),
                commit: Some("0123456789abcdef0123456789abcdef01234567".parse().unwrap()),
                dirty: Some(false),
            }),
            run: Some("https://example.org/runs/1".parse().unwrap()),
            started_at: Some("2026-11-20T10:00:00Z".parse().unwrap()),
            finished_at: Some("2026-11-21T10:00:00Z".parse().unwrap()),
            hardware: Some(label()),
            devices: Some(8_u64.try_into().unwrap()),
            image: Some(format!("example.org/train@sha256:{}", Sha256Digest::of(b"image")).parse().unwrap()),
            energy_kwh: Some("12.5".parse().unwrap()),
            co2_grams: Some("4200".parse().unwrap()),
        },
        considerations: Considerations {
            intended_use: Some(text.parse().unwrap()),
            limitations: Some(text.parse().unwrap()),
            fairness: Some(text.parse().unwrap()),
            risks: Some(text.parse().unwrap()),
            personal_data: Some(PersonalData::No),
        },
        rights: Rights { training_mining: Some(TrainingMining::NotAllowed) },
        attachments: vec![Attachment {
            name: label(),
            media_type: "application/json".parse().unwrap(),
            cid: ContentId::raw(b"attached"),
            sha256: Sha256Digest::of(b"attached"),
            size: 8_u64.try_into().unwrap(),
        }],
        created_at: Some("2026-11-23T10:00:00.5Z".parse().unwrap()),
        ..claims()
    };
    Record::compose(&manifest(), Facts { claims, sources: vec![] }).unwrap().canonical().unwrap()
}

/// The least, the most, and the most of hostile text.
fn records() -> [CanonicalRecord; 3] {
    [canonical(), full("Ordinary Name"), full(HOSTILE)]
}

fn json(bytes: &[u8]) -> Value {
    assert!(bytes.ends_with(b"}\n"), "a text file ends with a newline");
    serde_json::from_slice(bytes).unwrap()
}

#[track_caller]
fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[track_caller]
fn assert_bites(validator: &Validator, good: &Value, changes: &[(&str, Value)]) {
    for (pointer, value) in changes {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = value.clone();
        assert!(!validator.is_valid(&changed), "{pointer} may be {value}");
    }
}

#[test]
fn cyclonedx_follows_its_schema() {
    let others = ["spdx", "jsf-0.82", "cryptography-defs"].map(|name| format!("{name}.SNAPSHOT.schema.json"));
    let mut registry = Registry::new();
    for name in &others {
        registry = registry.add(format!("http://cyclonedx.org/schema/{name}"), schema(name)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let options = jsonschema::options().with_registry(&registry).should_validate_formats(true);
    let validator = options.build(&schema("bom-1.7.SNAPSHOT.schema.json")).unwrap();
    for record in records() {
        assert_valid(&validator, &json(&export::cyclonedx(&record)));
    }
    let good = json(&export::cyclonedx(&full("a")));
    assert_bites(
        &validator,
        &good,
        &[
            ("/specVersion", json!(1.7)),
            ("/serialNumber", json!("urn:uuid:1")),
            ("/metadata/timestamp", json!("yesterday")),
            ("/metadata/component/type", json!("model")),
            ("/metadata/component/modelCard/modelParameters/datasets/0", json!({"name": "x"})),
            ("/metadata/component/pedigree/ancestors/0/type", json!("parent")),
            ("/metadata/component/licenses", json!(["MIT"])),
            ("/components/0/data/0/type", json!("training")),
            ("/components/0", json!({"type": "data"})),
        ],
    );
    assert_eq!(good.pointer("/metadata/component/modelCard/quantitativeAnalysis/performanceMetrics/0/value"), Some(&json!("0.9731")));
}

#[test]
fn prov_follows_its_schema() {
    let validator = jsonschema::options().should_validate_formats(true).build(&schema("prov-json.schema.json")).unwrap();
    for record in records() {
        assert_valid(&validator, &json(&export::prov(&record)));
    }
    let good = json(&export::prov(&full("a")));
    assert_bites(
        &validator,
        &good,
        &[
            ("/prefix/mm", json!(1)),
            ("/entity/r:model/prov:label", json!({"x": 1})),
            ("/wasDerivedFrom/_:wasDerivedFrom0", json!({"prov:usedEntity": "r:parent-0"})),
            ("/wasGeneratedBy/_:wasGeneratedBy0", json!({"prov:activity": "r:training"})),
        ],
    );
    let least = json(&export::prov(&canonical()));
    assert_eq!(least.get("activity"), None, "of a run of which nothing is known nothing is said");
    let used = good.get("used").and_then(Value::as_object).unwrap();
    let by = |activity: &str| used.values().filter(|used| used.get("prov:activity") == Some(&json!(activity))).count();
    assert_eq!((by("r:training"), by("r:evaluating-0"), by("r:evaluating-1")), (3, 2, 1));
}

#[test]
fn slsa_has_what_a_verifier_asks_for() {
    let record = full("a");
    let statement = json(&export::slsa(&record));
    let at = |pointer: &str| statement.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/_type"), "https://in-toto.io/Statement/v1");
    assert_eq!(at("/predicateType"), "https://slsa.dev/provenance/v1");
    assert_eq!(at("/subject").as_array().unwrap().len(), record.record().provenance.model.files.len());
    assert_eq!(at("/subject/1/name"), "model.safetensors");
    assert_eq!(at("/subject/1/digest/sha256"), Sha256Digest::of(b"weights").to_string());
    assert_eq!(at("/predicate/buildDefinition/externalParameters/config/epochs"), 3);
    assert_eq!(at("/predicate/buildDefinition/resolvedDependencies").as_array().unwrap().len(), 7);
    assert_eq!(at("/predicate/buildDefinition/resolvedDependencies/6/digest/sha256"), Sha256Digest::of(b"image").to_string());
    assert_eq!(at("/predicate/runDetails/byproducts/0/digest/sha256"), record.id().digest().to_string());
}

/// What SPDX has instead of a schema of its own, `spdx-python-model` made of its SHACL shapes, reads the committed document; see `understood.json`.
#[test]
fn spdx_names_everything_once() {
    for record in records() {
        let time = "2026-01-01T00:00:00Z".parse().unwrap();
        let spdx = json(&export::spdx(&record, Some(&time)).unwrap());
        let graph = spdx.get("@graph").and_then(Value::as_array).unwrap();
        let ids: std::collections::BTreeSet<&str> = graph.iter().filter_map(|element| element.get("spdxId")?.as_str()).collect();
        assert_eq!(ids.len() + 1, graph.len(), "all but the creation info have a name of their own");
        let named = |value: &Value| ids.contains(value.as_str().unwrap());
        for relation in graph.iter().filter(|element| element.get("type") == Some(&json!("Relationship"))) {
            assert!(
                named(relation.get("from").unwrap()) && relation.get("to").and_then(Value::as_array).unwrap().iter().all(named),
                "{relation}"
            );
        }
    }
    assert_eq!(export::spdx(&canonical(), None), Err(ExportError::NoTime));
    let own = export::spdx(&full("a"), Some(&"1999-01-01T00:00:00Z".parse().unwrap())).unwrap();
    assert!(
        String::from_utf8(own).unwrap().contains("\"created\": \"2026-11-23T10:00:00Z\""),
        "the record's time wins, without its fraction"
    );
}

#[test]
fn a_dataset_is_described_by_its_name() {
    let record = full("a");
    let described = json(&export::croissant(&record, Some("owner/test")).unwrap());
    assert_eq!(described.pointer("/distribution/0/sha256"), Some(&json!(Sha256Digest::of(b"test").to_string())));
    assert_eq!(described.pointer("/subjectOf/identifier"), Some(&json!(record.id().to_string())));
    let train = json(&export::croissant(&record, Some("owner/train")).unwrap());
    assert_eq!(train.get("distribution"), None, "nothing is known of its files one by one");
    assert_eq!(train.pointer("/identifier/0/value"), Some(&json!(Sha256Digest::of(b"owner/train").to_string())));
    for name in [None, Some("nothing")] {
        assert!(matches!(export::croissant(&record, name), Err(ExportError::NoDataset { known }) if known.len() == 3));
    }
    assert_eq!(export::croissant(&canonical(), None), Err(ExportError::NoDataset { known: vec![] }));
}

#[test]
fn forms_list_what_is_missing() {
    for form in [export::ai_act_summary, export::ai_act_form] {
        let (least, most) = (form(&canonical()), form(&full(HOSTILE)));
        assert!(least.missing.len() > most.missing.len() && !most.missing.is_empty());
        for form in [least, most] {
            let questions = || form.sections.iter().flat_map(|section| &section.questions);
            let unanswered: Vec<&str> =
                questions().filter(|question| question.answers.is_empty()).map(|question| question.number.as_str()).collect();
            assert_eq!(form.missing.iter().map(|missing| missing.number.as_str()).collect::<Vec<_>>(), unanswered);
            let numbers: std::collections::BTreeSet<_> = questions().map(|question| &question.number).collect();
            assert_eq!(numbers.len(), questions().count());
            let text = String::from_utf8(form.markdown()).unwrap();
            assert_eq!(text.matches("*Not stated in the record.*").count(), unanswered.len());
            for markup in ["<", "[", "](", "`c`", "|", "@"] {
                assert!(!bare(&text).contains(markup), "{markup}: {text}");
            }
        }
    }
    let answer = |form: &export::Form, asked: &str| {
        let mut questions = form.sections.iter().flat_map(|section| &section.questions);
        questions.find(|question| question.asked == asked).unwrap().answers.clone()
    };
    let form = export::ai_act_form(&full("a"));
    assert_eq!(answer(&form, "Amount of energy used for training"), ["12.5 kWh", "4200 g of CO2 equivalent"]);
    assert_eq!(answer(&form, "Total model size"), ["4810 parameters"]);
    assert_eq!(answer(&form, "Training time").last().map(String::as_str), Some("on 8 × a"));
    assert_eq!(answer(&form, "Intended uses"), ["a", "limitations: a"]);
    assert_eq!(
        answer(&export::ai_act_summary(&full("a")), "Training data size"),
        ["2468 bytes in 2 of 2 datasets, not divided by modality"]
    );
}

#[test]
fn a_card_keeps_what_stands_in_it() {
    let record = full(HOSTILE);
    let existing = "---\nlicense: mit # kept\nx-own: [1,  2]\n---\n# Title\n\nText  \nwith <b>markup</b>\n";
    let written = String::from_utf8(export::card(&record, None, Some(existing.as_bytes())).unwrap()).unwrap();
    assert!(written.starts_with(existing.trim_end()), "{written}");
    let again = export::card(&record, None, Some(written.as_bytes())).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), written, "the section is replaced, not repeated");

    // Text after the section stays, and another record's section makes way.
    let followed = format!("{written}\n## Later\n");
    let other = export::card(&canonical(), None, Some(followed.as_bytes())).unwrap();
    let other = String::from_utf8(other).unwrap();
    assert!(other.starts_with(existing.trim_end()) && other.ends_with("\n## Later\n") && !other.contains(&record.cid().to_string()));
    assert!(other.contains(&canonical().cid().to_string()));

    let windows = existing.replace('\n', "\r\n");
    let written = String::from_utf8(export::card(&record, None, Some(windows.as_bytes())).unwrap()).unwrap();
    assert!(!written.replace("\r\n", "").contains('\n'), "line ends stay of one kind");
}

#[test]
fn a_card_that_cannot_be_kept_is_refused() {
    let (start, end) = ("<!-- modelmark:provenance:start -->", "<!-- modelmark:provenance:end -->");
    for (text, starts, ends) in [
        (start.to_owned(), 1, 0),
        (end.to_owned(), 0, 1),
        (format!("{end}{start}"), 1, 1),
        (format!("{start}{end}{start}{end}"), 2, 2),
        (format!("{start}{start}{end}"), 2, 1),
    ] {
        assert_eq!(export::card(&canonical(), None, Some(text.as_bytes())), Err(ExportError::CardMarks { starts, ends }), "{text}");
    }
    assert!(matches!(export::card(&canonical(), None, Some(b"\xff")), Err(ExportError::CardNotText(_))));
    let long = vec![b' '; export::MAX_CARD_BYTES + 1];
    assert!(matches!(export::card(&canonical(), None, Some(&long)), Err(ExportError::CardTooLarge { .. })));
}

/// Returns a Markdown text without any escaped mark.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => _ = characters.next(),
            c => bare.push(c),
        }
    }
    bare
}

#[test]
fn nothing_in_a_card_is_the_records_markup() {
    let card = String::from_utf8(export::card(&full(HOSTILE), None, None).unwrap()).unwrap();
    let (_, body) = card.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    assert_eq!(body.matches("<!-- modelmark:provenance:end -->").count(), 1);
    // What remains when every escaped mark is taken out is our own: three links, two comments and a table.
    let bare = bare(body);
    for (markup, count) in [("](", 3), ("<!", 2), ("-->", 2), ("<s", 0), ("</", 0), ("![", 1), ("@", 0)] {
        assert_eq!(bare.matches(markup).count(), count, "{markup}: {bare}");
    }
    for row in bare.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(row.matches('|').count(), 3, "{row}");
    }
}

#[test]
fn the_front_matter_of_a_new_card_is_read_back() {
    let record = full("Ordinary Name");
    let card = export::card(&record, None, None).unwrap();
    let document = modelmark_record::Document { file: "README.md", bytes: &card };
    let beside = modelmark_record::Beside { card: Some(document), ..Default::default() };
    let capture = modelmark_record::gather(Claims::default(), &beside).unwrap();
    let (read, stated) = (capture.facts.claims, &record.record().provenance);
    assert_eq!(read.name.as_ref(), Some(&record.record().name));
    assert_eq!((read.task.as_ref(), &read.tags), (stated.task.as_ref(), &stated.tags));
    assert_eq!(read.framework.map(|framework| framework.name), stated.framework.as_ref().map(|framework| framework.name.clone()));
    let measured =
        |evaluations: &[Evaluation]| evaluations.first().map(|first| (first.task.clone(), first.metric.clone(), first.value.clone()));
    assert_eq!(measured(&read.evaluations), measured(&stated.evaluations));
    let names = |datasets: &[Dataset]| datasets.iter().map(|dataset| dataset.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&read.datasets), ["owner/train", "owner/test"]);
    // A parent known by its name alone is not recorded but asked about.
    let asked = format!("{:?}", capture.findings);
    assert!(asked.contains("owner/base"), "{asked}");
    assert_eq!(read.license.unwrap().spdx.as_str(), "LicenseRef-mit-or-LicenseRef-own".replace("mit-or", "MIT-OR"));
}

/// Packages that others wrote have read every export as it is committed now.
#[test]
fn foreign_packages_understood_what_is_committed() {
    let understood: Value = serde_json::from_slice(&std::fs::read(vectors().join("understood.json")).unwrap()).unwrap();
    for (name, read) in understood.as_object().unwrap() {
        let written = std::fs::read(vectors().join("written").join(name)).unwrap();
        assert_eq!(read.get("sha256"), Some(&json!(Sha256Digest::of(&written).to_string())), "run vectors/export/check.py: {name}");
    }
    let at = |pointer: &str| understood.pointer(pointer).cloned().unwrap_or_default();
    let record = full(HOSTILE);
    for file in &record.record().provenance.model.files {
        assert_eq!(at("/slsa.json/read/subjects").get(file.path.as_str()), Some(&json!({ "sha256": file.sha256.to_string() })));
    }
    assert_eq!(at("/slsa.json/read/buildType"), export::TRAINING_BUILD_TYPE);
    assert_eq!(at("/spdx.json/read/relations/trainedOn"), 1);
    assert_eq!(at("/spdx.json/read/relations/contains"), record.record().provenance.model.files.len());
    assert_eq!(at("/spdx.json/read/models").as_array().unwrap().len(), 3, "the model and its two parents");
    assert_eq!(at("/croissant.json/read/sha256"), json!([Sha256Digest::of(b"test").to_string()]));
    assert_eq!(at("/card.md/read/html"), json!(["<!-- modelmark:provenance:start -->", "<!-- modelmark:provenance:end -->"]));
    assert_eq!(at("/card.md/read/links").as_array().unwrap().len(), 2, "the badge's and the licence's");
    assert_eq!(at("/card.md/read/title"), HOSTILE, "shown letter for letter");
}

/// What is committed is what we write; `vectors/export/check.py` had foreign packages read it.
#[test]
fn the_committed_exports_are_fresh() {
    let record = full(HOSTILE);
    let written = vectors().join("written");
    for (name, bytes) in [
        ("record.json", record.bytes().to_vec()),
        ("cyclonedx.json", export::cyclonedx(&record)),
        ("slsa.json", export::slsa(&record)),
        ("prov.json", export::prov(&record)),
        ("spdx.json", export::spdx(&record, None).unwrap()),
        ("croissant.json", export::croissant(&record, Some("owner/test")).unwrap()),
        ("ai-act-summary.md", export::ai_act_summary(&record).markdown()),
        ("ai-act-form.md", export::ai_act_form(&record).markdown()),
        ("card.md", export::card(&record, None, None).unwrap()),
    ] {
        let path = written.join(name);
        if std::env::var_os("MODELMARK_BLESS").is_some() {
            std::fs::create_dir_all(&written).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        assert!(std::fs::read(&path).unwrap_or_default() == bytes, "vectors/export/written/{name} is stale: bless it, then run check.py");
    }
}
