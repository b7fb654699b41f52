//! Facts from what training tools leave behind.

use modelmark_digest::{ModelPath, Sha256Digest, TokenizerFiles};
use modelmark_record::{
    Beside, Capture, Claims, Code, Contributor, DataDocument, Dataset, DatasetRole, Document, FindingCode, Label, Relation, Scalar,
    StoredRun, gather, is_source, project_text,
};

use crate::sample::key;

const ARGUMENTS: &[u8] = include_bytes!("../../../../vectors/capture/training_args.bin");

fn gathered(files: &[(&str, &str)]) -> Capture {
    let documents: Vec<_> = files.iter().map(|(file, text)| Document { file, bytes: text.as_bytes() }).collect();
    gather(Claims::default(), &Beside { documents: &documents, ..Beside::default() }).unwrap()
}

/// The settings as one text each.
fn settings(capture: &Capture) -> Vec<String> {
    capture.facts.claims.training.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// The measurements as one text each.
fn measured(capture: &Capture) -> Vec<String> {
    capture.facts.claims.evaluations.iter().map(|one| format!("{}={}", one.metric, one.value)).collect()
}

/// The file that each field was captured from.
fn sources(capture: &Capture) -> Vec<String> {
    capture.facts.sources.iter().map(|source| format!("{} {}", source.field, source.file)).collect()
}

#[test]
fn results_on_benchmarks_keep_their_revision_and_day() {
    let text = "- dataset:\n    id: org/bench\n    task_id: hard\n    revision: abc123\n  value: 20.90\n  date: '2025-01-15'\n  source:\n    url: https://example.org/log\n    user: jane@example.org\n- value: 1\n";
    let capture = gathered(&[(".eval_results/bench.yaml", text)]);
    let [one] = capture.facts.claims.evaluations.as_slice() else { panic!("{:?}", capture.facts.claims.evaluations) };
    assert_eq!((one.metric.as_str(), one.value.as_str()), ("score", "20.90"));
    assert_eq!(one.dataset.as_ref().unwrap().as_str(), "org/bench");
    assert_eq!(one.dataset_revision.as_ref().unwrap().as_str(), "abc123");
    assert_eq!(one.date.as_ref().unwrap().as_str(), "2025-01-15T00:00:00Z");
    assert_eq!(one.source.as_ref().unwrap().as_str(), "https://example.org/log");
    assert_eq!(sources(&capture), ["evaluations .eval_results/bench.yaml"]);
}

#[test]
fn a_trainer_tells_how_far_it_went_and_what_came_out() {
    let capture = gathered(&[
        (
            "trainer_state.json",
            r#"{"epoch": 3.0, "global_step": 120, "log_history": [{"grad_norm": NaN}], "best_model_checkpoint": "/home/jane/x"}"#,
        ),
        ("all_results.json", r#"{"eval_accuracy": 0.9190, "eval_loss": NaN, "eval_runtime": 3.2, "eval_samples": 360, "epoch": 3.0}"#),
    ]);
    assert_eq!(settings(&capture), ["epoch=3.0", "global_step=120"]);
    assert_eq!(measured(&capture), ["eval_accuracy=0.9190"]);
    assert_eq!(capture.facts.claims.evaluations.first().unwrap().n.unwrap().get(), 360);
    assert_eq!(capture.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [FindingCode::Unusable], "the loss that is none");
}

#[test]
fn arguments_are_read_and_never_run() {
    let document = Document { file: "training_args.bin", bytes: ARGUMENTS };
    let capture = gather(Claims::default(), &Beside { documents: &[document], ..Beside::default() }).unwrap();
    let expected = [
        "fp16=false",
        "learning_rate=0.00005",
        "lr_scheduler_type=linear",
        "num_train_epochs=3.0",
        "optim=adamw_torch",
        "per_device_train_batch_size=8",
        "seed=42",
    ];
    assert_eq!(settings(&capture), expected);
    for at in 0..ARGUMENTS.len() {
        let mut altered = ARGUMENTS.to_vec();
        *altered.get_mut(at).unwrap() ^= 0x55;
        let document = Document { file: "training_args.bin", bytes: &altered };
        let capture = gather(Claims::default(), &Beside { documents: &[document], ..Beside::default() }).unwrap();
        assert!(settings(&capture).is_empty() || capture.findings.is_empty(), "half a file");
    }
}

#[test]
fn a_wandb_run_tells_of_code_machine_and_time_and_not_of_people() {
    let metadata = r#"{"startedAt": "2024-05-01T10:00:00.123456Z", "email": "jane@example.org", "host": "box", "username": "jane", "root": "/home/jane",
        "args": ["--password", "x"], "gpu": "NVIDIA A100", "gpu_count": 8,
        "git": {"remote": "git@github.com:org/code.git", "commit": "0123456789abcdef0123456789abcdef01234567"}}"#;
    let config = "wandb_version: 1\n_wandb:\n  value: {t: 1}\nlr:\n  desc: null\n  value: 1e-5\napi_key:\n  value: abc\nmodel:\n  value: {dropout: 0.1, path: /home/jane}\n";
    let summary = r#"{"_runtime": 5, "val/loss": 0.25, "val": {"loss": 1}, "lr": 0.1}"#;
    let run = "../run-1/files/";
    let files = [("wandb-metadata.json", metadata), ("config.yaml", config), ("wandb-summary.json", summary)];
    let files: Vec<_> = files.iter().map(|(name, text)| (format!("{run}{name}"), *text)).collect();
    let capture = gathered(&files.iter().map(|(name, text)| (name.as_str(), *text)).collect::<Vec<_>>());
    let claims = &capture.facts.claims;
    let code = claims.run.code.as_ref().unwrap();
    assert_eq!(code.uri.as_ref().unwrap().as_str(), "https://github.com/org/code");
    assert!(code.commit.is_some() && code.dirty.is_none());
    assert_eq!(claims.run.started_at.as_ref().unwrap().as_str(), "2024-05-01T10:00:00.123456Z");
    assert_eq!((claims.run.hardware.as_ref().unwrap().as_str(), claims.run.devices.unwrap().get()), ("NVIDIA A100", 8));
    assert_eq!(settings(&capture), ["lr=1e-5", "model/dropout=0.1"]);
    assert_eq!(measured(&capture), ["val/loss=0.25"]);
    let untaken: Vec<_> = capture.findings.iter().map(|finding| (finding.code, finding.message.as_str())).collect();
    assert!(
        matches!(untaken.as_slice(), [(FindingCode::Untaken, message)] if message.contains("api_key") && message.contains("model/path")),
        "{untaken:?}"
    );
    let all = format!("{claims:?}");
    for private in ["jane", "box", "abc\"", "/home"] {
        assert!(!all.contains(private), "{private}: {all}");
    }
}

#[test]
fn an_mlflow_run_is_put_together_from_its_files() {
    let capture = gathered(&[
        ("mlruns/0/r/meta.yaml", "start_time: 1700000000000\nend_time: 1700000060000\nuser_id: jane\nartifact_uri: file:///home/jane\n"),
        ("mlruns/0/r/params/lr", "1e-5\n"),
        ("mlruns/0/r/params/token", "hf_abcdefghijklmnopqrstuvwxyz012345"),
        ("mlruns/0/r/metrics/val_loss", "1700000000000 0.5 1\n1700000000001 0.25 2\n"),
        ("mlruns/0/r/tags/mlflow.source.git.commit", "0123456789abcdef0123456789abcdef01234567"),
        ("mlruns/0/r/tags/mlflow.source.git.repoURL", "https://example.org/code"),
    ]);
    let run = &capture.facts.claims.run;
    assert_eq!(run.finished_at.as_ref().unwrap().as_str(), "2023-11-14T22:14:20.000Z");
    let code = run.code.as_ref().unwrap();
    assert!(code.commit.is_some() && code.uri.is_some(), "{code:?}");
    assert_eq!((settings(&capture), measured(&capture)), (vec!["lr=1e-5".to_owned()], vec!["val_loss=0.25".to_owned()]));
    assert!(sources(&capture).contains(&"trainingConfig mlruns/0/r/params/lr".to_owned()));
    assert!(!is_source("mlruns/0/r/tags/mlflow.user"));
}

#[test]
fn lightning_writes_settings_and_a_table() {
    let hparams = "lr: 0.01\nmodel: !!python/object:mine.Model {}\noptimizer: adam\ndata_dir: /data/x\nbetas: [0.9, 0.999]\n";
    let capture = gathered(&[("hparams.yaml", hparams), ("metrics.csv", "epoch,step,train_loss,val_acc\n0,9,0.9,\n0,9,,0.5\n1,19,0.4,\n")]);
    assert_eq!(settings(&capture), ["betas=0.9,0.999", "lr=0.01", "optimizer=adam"]);
    assert_eq!(measured(&capture), ["train_loss=0.4", "val_acc=0.5"]);
    let quoted = gathered(&[("metrics.csv", "val_loss\n\"1\n")]);
    assert_eq!(quoted.findings.first().unwrap().code, FindingCode::Unreadable);
}

#[test]
fn adapters_and_merges_name_what_they_were_made_from() {
    let capture = gathered(&[
        (
            "adapter_config.json",
            r#"{"base_model_name_or_path": "org/base", "r": 16, "peft_type": "LORA", "lora_dropout": 0.05, "target_modules": ["q", "v"]}"#,
        ),
        (
            "mergekit_config.yml",
            "merge_method: slerp\nbase_model: org/base\nslices:\n- sources:\n  - model: org/other\n  - model: /home/jane/local\n",
        ),
    ]);
    assert_eq!(settings(&capture), ["lora_dropout=0.05", "merge_method=slerp", "peft_type=LORA", "r=16", "target_modules=q,v"]);
    let named: Vec<_> =
        capture.statements.iter().filter(|one| one.field == "lineage").map(|one| (one.value.to_string(), one.taken)).collect();
    assert!(named.iter().all(|(_, taken)| !taken) && named.len() == 3, "a name alone binds nothing: {named:?}");
    let unbound = capture.findings.iter().filter(|finding| finding.code == FindingCode::UnboundParent).count();
    assert_eq!((unbound, capture.left_out.len()), (2, 1), "each name once, and no path");
    // A parent that the owner binds to bytes learns how the model was made from it.
    let project = "[[parent]]\nname = \"org/base\"\nweights-hash = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\n";
    let adapter = Document { file: "adapter_config.json", bytes: br#"{"base_model_name_or_path": "org/base"}"# };
    let project = Some(Document { file: "modelmark.toml", bytes: project.as_bytes() });
    let capture = gather(Claims::default(), &Beside { project, documents: &[adapter], ..Beside::default() }).unwrap();
    assert_eq!(capture.facts.claims.parents.first().unwrap().relation, Some(Relation::Adapter));
}

#[test]
fn a_croissant_description_completes_the_dataset_that_it_describes() {
    let card = Document { file: "README.md", bytes: b"---\ndatasets: [org/digits]\n---\n" };
    let text = r#"{"@type": "sc:Dataset", "name": "digits", "license": "https://creativecommons.org/licenses/by/4.0/", "version": "1.0.0",
        "url": "https://example.org/digits", "distribution": [{"@type": "cr:FileObject", "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]}"#;
    let croissant = Document { file: "croissant.json", bytes: text.as_bytes() };
    let capture = gather(Claims::default(), &Beside { card: Some(card), documents: &[croissant], ..Beside::default() }).unwrap();
    let [dataset] = capture.facts.claims.datasets.as_slice() else { panic!("{:?}", capture.facts.claims.datasets) };
    assert_eq!((dataset.name.as_str(), dataset.license.as_ref().unwrap().as_str()), ("org/digits", "CC-BY-4.0"));
    assert!(dataset.sha256.is_some() && dataset.uri.is_some());
}

#[test]
fn what_contradicts_is_told_and_the_more_explicit_taken() {
    let project = Some(Document {
        file: "modelmark.toml",
        bytes: b"[training]\nlr = 2e-5\n[run]\nhardware = \"H100\"\ncode = \"https://example.org/code\"\n",
    });
    let documents =
        [Document { file: "hparams.yaml", bytes: b"lr: 1e-5\n" }, Document { file: "wandb-metadata.json", bytes: br#"{"gpu": "A100"}"# }];
    let commit: Code = serde_json::from_str(r#"{"commit": "0123456789abcdef0123456789abcdef01234567", "dirty": true}"#).unwrap();
    let beside = Beside { project, documents: &documents, code: Some(&commit), ..Beside::default() };
    let capture = gather(Claims::default(), &beside).unwrap();
    assert_eq!(settings(&capture), ["lr=2e-5"]);
    let code = capture.facts.claims.run.code.as_ref().unwrap();
    assert_eq!((code.uri.is_some(), code.dirty), (true, Some(true)), "a repository and a commit complete each other");
    let conflicts: Vec<_> = capture.findings.iter().map(|finding| (finding.code, finding.field.as_str())).collect();
    assert_eq!(conflicts.len(), 2);
    assert!(
        conflicts.contains(&(FindingCode::Conflict, "trainingConfig.lr"))
            && conflicts.contains(&(FindingCode::Conflict, "training.hardware"))
    );
}

#[test]
fn hostile_files_end_in_findings() {
    let deep = "[".repeat(100_000);
    let bomb: String = std::iter::once("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned())
        .chain((1..12).map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(","))))
        .collect();
    for name in
        ["trainer_state.json", "all_results.json", "adapter_config.json", "wandb-metadata.json", "croissant.json", "training_args.bin"]
    {
        for text in [deep.as_str(), "", "{\"a\":1,\"a\":2}", "PK\u{3}\u{4}"] {
            let capture = gathered(&[(name, text)]);
            assert_eq!(capture.findings.first().map(|finding| finding.code), Some(FindingCode::Unreadable), "{name}");
        }
    }
    for name in ["hparams.yaml", ".eval_results/x.yaml", "mergekit_config.yml", "mlruns/0/r/meta.yaml", "w/config.yaml"] {
        let capture = gathered(&[(name, &bomb)]);
        assert_eq!(capture.findings.first().map(|finding| finding.code), Some(FindingCode::Unreadable), "{name}");
    }
    // More settings than a record holds.
    let many = |from: usize| (0..128).map(|at| format!("g{}/lr: {at}\n", from + at)).collect::<String>();
    let capture = gathered(&[("a/hparams.yaml", &many(0)), ("b/hparams.yaml", &many(200)), ("c/hparams.yaml", &many(400))]);
    assert_eq!(capture.facts.claims.training.len(), 256);
    assert!(capture.findings.iter().any(|finding| finding.code == FindingCode::TooMany));
}

#[test]
fn claims_and_their_project_file_say_the_same() {
    let page = include_str!("../../../../docs/spec/modelmark-toml.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let read = |text: &str| {
        let project = Some(Document { file: "modelmark.toml", bytes: text.as_bytes() });
        gather(Claims::default(), &Beside { project, ..Beside::default() }).unwrap().facts.claims
    };
    let mut claims = read(example);
    assert_eq!(read(&project_text(&claims)), claims, "{}", project_text(&claims));
    claims.description = "Two lines,\n\t\"quoted\" \\ and é\u{301} 🦊.".parse().ok();
    claims.training.insert("a \"key\" = [x]".parse().unwrap(), Scalar::Text("'".parse().unwrap()));
    claims.contributors.push(Contributor { account: key(1).address().into(), name: None, share_bps: 0.try_into().unwrap() });
    assert_eq!(read(&project_text(&claims)), claims, "{}", project_text(&claims));
    assert_eq!(project_text(&Claims::default()), "");
}

#[test]
fn arguments_saved_by_the_trainer_itself_are_read() {
    let document = Document { file: "training_args.bin", bytes: include_bytes!("../../../../vectors/capture/trainer.bin") };
    let capture = gather(Claims::default(), &Beside { documents: &[document], ..Beside::default() }).unwrap();
    let said = settings(&capture);
    for expected in [
        "gradient_accumulation_steps=4",
        "learning_rate=0.00005",
        "lr_scheduler_type=cosine",
        "num_train_epochs=3",
        "optim=adamw_torch",
        "per_device_train_batch_size=8",
        "seed=42",
        "warmup_ratio=0.03",
        "weight_decay=0.01",
    ] {
        assert!(said.contains(&expected.to_owned()), "{expected}: {said:?}");
    }
    let all = format!("{capture:?}");
    for private in ["jane", "hf_abc", "/home", "/tmp"] {
        assert!(!all.contains(private), "{private}: {all}");
    }
}

#[test]
fn a_parent_that_is_stated_twice_is_told() {
    let project =
        "[[parent]]\ntoken-id = \"7\"\nrelation = \"merge\"\nshare = \"60%\"\n\n[[parent]]\ntoken-id = \"7\"\nrelation = \"finetune\"\n";
    let project = Some(Document { file: "modelmark.toml", bytes: project.as_bytes() });
    let capture = gather(Claims::default(), &Beside { project, ..Beside::default() }).unwrap();
    let parents: Vec<_> = capture.facts.claims.parents.iter().map(|claim| claim.relation).collect();
    assert_eq!(parents, [Some(Relation::Merge)]);
    assert_eq!(capture.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [FindingCode::Conflict]);
}

#[test]
fn more_than_is_taken_of_one_file_is_told() {
    let settings = (0..130).map(|at| format!("g{at}/lr: {at}\n")).collect::<String>();
    let measured = (0..101).map(|at| format!("\"val/m{at}\": {at}")).collect::<Vec<_>>().join(",");
    for (file, text) in [("hparams.yaml", settings), ("wandb-summary.json", format!("{{{measured}}}"))] {
        let capture = gathered(&[(file, &text)]);
        assert_eq!(capture.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [FindingCode::TooMany], "{file}");
    }
}

#[test]
fn the_tokenizer_names_each_of_its_files() {
    let digest = |text: &str| Sha256Digest::of(text.as_bytes());
    let path = |name: &str| ModelPath::try_from(name).unwrap();
    let files = vec![(path("merges.txt"), Some(digest("m"))), (path("vocab.json"), Some(digest("v")))];
    let tokenizer = TokenizerFiles { kind: "bpe", sha256: Some(digest("both")), files };
    let capture = gather(Claims::default(), &Beside { tokenizer: Some(&tokenizer), ..Beside::default() }).unwrap();
    assert_eq!(capture.facts.claims.tokenizer, Some(digest("both")));
    assert_eq!(sources(&capture), ["tokenizer merges.txt", "tokenizer vocab.json"]);
    assert_eq!(capture.facts.sources.last().unwrap().sha256, digest("v"));
    assert_eq!(capture.statements.first().map(|said| (said.source.as_str(), said.sha256)), Some(("merges.txt, vocab.json", None)));
    // What the owner states wins, and the difference is told.
    let stated = Claims { tokenizer: Some(digest("stated")), ..Claims::default() };
    let capture = gather(stated, &Beside { tokenizer: Some(&tokenizer), ..Beside::default() }).unwrap();
    assert_eq!((capture.facts.claims.tokenizer, sources(&capture).len()), (Some(digest("stated")), 0));
    assert_eq!(capture.findings.first().map(|finding| finding.code), Some(FindingCode::Conflict));
    // A file that was not downloaded leaves nothing to state.
    let pointer = TokenizerFiles { kind: "tokenizers", sha256: None, files: vec![(path("tokenizer.json"), None)] };
    let capture = gather(Claims::default(), &Beside { tokenizer: Some(&pointer), ..Beside::default() }).unwrap();
    assert_eq!(capture.facts.claims.tokenizer, None);
    let finding = capture.findings.first().unwrap();
    assert!(finding.code == FindingCode::Unreadable && finding.message.contains("tokenizer.json"), "{finding:?}");
}

/// What is said of data called `digits` that was fingerprinted, with these files beside it.
fn of_data(known: Dataset, files: &[(&str, &str)]) -> Capture {
    let name: Label = "digits".parse().unwrap();
    let document = |(file, text): &(_, &str)| (format!("../digits/{file}"), text.as_bytes().to_vec());
    let files: Vec<(String, Vec<u8>)> = files.iter().map(document).collect();
    let data: Vec<_> = files.iter().map(|(file, bytes)| DataDocument { dataset: &name, document: Document { file, bytes } }).collect();
    gather(Claims { datasets: vec![known], ..Claims::default() }, &Beside { data: &data, ..Beside::default() }).unwrap()
}

fn data_called_digits() -> Dataset {
    serde_json::from_str(r#"{"role": "train", "name": "digits"}"#).unwrap()
}

#[test]
fn a_card_and_a_description_beside_data_complete_it() {
    let croissant = r#"{"@type": "sc:Dataset", "name": "another name", "license": "https://creativecommons.org/licenses/by/4.0/", "version": "1.0.0",
        "url": "https://example.org/digits", "distribution": [{"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]}"#;
    let root = Some(Sha256Digest::of(b"root"));
    let capture = of_data(
        Dataset { root, ..data_called_digits() },
        &[("README.md", "---\nlicense: cc0-1.0\ntags: [x]\n---\nMail jane@example.org\n"), ("croissant.json", croissant)],
    );
    let [dataset] = capture.facts.claims.datasets.as_slice() else { panic!("{:?}", capture.facts.claims.datasets) };
    assert_eq!((dataset.name.as_str(), dataset.role, dataset.root), ("digits", DatasetRole::Train, root));
    assert_eq!(dataset.license.as_ref().unwrap().as_str(), "CC0-1.0", "the card comes first");
    assert_eq!((dataset.revision.as_ref().unwrap().as_str(), dataset.uri.is_some()), ("1.0.0", true));
    assert_eq!(dataset.sha256, None, "the digest of a file somewhere is not that of the folder");
    assert_eq!(sources(&capture), ["datasets ../digits/README.md", "datasets ../digits/croissant.json"]);
    assert!(capture.facts.claims.tags.is_empty(), "the card of the data says nothing of the model");
}

#[test]
fn descriptions_of_other_data_and_hostile_ones_are_told() {
    let other = r#"{"license": "mit", "distribution": [{"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]}"#;
    let capture = of_data(Dataset { sha256: Some(Sha256Digest::of(b"mine")), ..data_called_digits() }, &[("croissant.json", other)]);
    let codes: Vec<_> = capture.findings.iter().map(|finding| finding.code).collect();
    assert_eq!((codes, capture.facts.claims.datasets.first().unwrap().license.is_none()), (vec![FindingCode::Conflict], true));
    let deep = "[".repeat(100_000);
    for (file, text) in
        [("croissant.json", deep.as_str()), ("croissant.json", "{\"a\":1,\"a\":2}"), ("README.md", "---\na: &x [*x]\n---\n")]
    {
        let capture = of_data(data_called_digits(), &[(file, text)]);
        assert_eq!(capture.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [FindingCode::Unreadable], "{file}");
    }
    assert!(of_data(data_called_digits(), &[("croissant.json", "[]"), ("README.md", "no front matter")]).findings.is_empty());
}

#[test]
fn a_run_out_of_a_database_is_taken_by_the_rules_of_files() {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    let run = StoredRun {
        file: "../logs/mlflow.db".to_owned(),
        sha256: Sha256Digest::of(b"x"),
        started_at: Some(1_700_000_000_000),
        finished_at: Some(u64::MAX),
        parameters: pairs(&[
            ("lr", "1e-05"),
            ("data_path", "/home/jane"),
            ("optimizer", "/home/jane/o"),
            ("token", "hf_abcdefghijklmnopqrstuvwxyz012345"),
        ]),
        metrics: vec![("val_loss".to_owned(), 0.1 + 0.2), ("val_inf".to_owned(), f64::INFINITY), ("runtime".to_owned(), 1.0)],
        tags: pairs(&[
            ("mlflow.source.git.commit", "0123456789abcdef0123456789abcdef01234567"),
            ("mlflow.source.git.repoURL", "git@example.org:org/code.git"),
            ("mlflow.user", "jane"),
        ]),
        datasets: vec![("digits".to_owned(), Some("training".to_owned())), ("dataset".to_owned(), None), ("/home/jane/x".to_owned(), None)],
    };
    let capture = gather(Claims::default(), &Beside { runs: &[run], ..Beside::default() }).unwrap();
    assert_eq!((settings(&capture), measured(&capture)), (vec!["lr=1e-05".to_owned()], vec!["val_loss=0.30000000000000004".to_owned()]));
    let claims = &capture.facts.claims;
    assert_eq!((claims.run.started_at.as_ref().unwrap().as_str(), &claims.run.finished_at), ("2023-11-14T22:13:20.000Z", &None));
    let code = claims.run.code.as_ref().unwrap();
    assert_eq!((code.uri.as_ref().unwrap().as_str(), code.commit.is_some()), ("https://example.org/org/code", true));
    assert_eq!(claims.datasets.iter().map(|data| (data.name.as_str(), data.role)).collect::<Vec<_>>(), [("digits", DatasetRole::Train)]);
    assert!(sources(&capture).contains(&"trainingConfig ../logs/mlflow.db".to_owned()));
    assert_eq!(capture.left_out.len(), 2, "{:?}", capture.left_out);
    assert!(!format!("{claims:?}").contains("jane"));
}
