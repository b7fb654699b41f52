//! `modelmark record`: what it captures, explains and lets a person edit.

use std::path::Path;
use std::process::{Command, Stdio};

use modelmark_testkit::hub::{HubCache, Layout, REPOSITORY};

use crate::environment::{CREATOR, TestEnvironment};

/// The record of a model as JSON.
fn record(environment: &TestEnvironment, args: &[&str]) -> serde_json::Value {
    environment.ok(&[&["record", "--json"], args].concat()).json()
}

#[test]
fn the_files_of_a_training_run_beside_a_model_fill_its_record() {
    let environment = TestEnvironment::new();
    environment.model("m");
    let plain = record(&environment, &["m"]);
    environment.write("m/trainer_state.json", r#"{"epoch": 3.0, "global_step": 120, "best_model_checkpoint": "/home/jane/x"}"#);
    environment.write("m/eval_results.json", r#"{"eval_accuracy": 0.9190, "eval_samples": 360, "eval_runtime": 1.5}"#);
    environment.write("m/training_args.bin", include_bytes!("../../../../vectors/capture/training_args.bin"));
    environment.write("m/.eval_results/b.yaml", "- dataset: {id: org/b, task_id: t}\n  value: 20.90\n");
    environment.write("m/wandb/run-1-a/files/wandb-metadata.json", r#"{"gpu": "A100", "gpu_count": 2, "email": "jane@example.org"}"#);
    environment.write("m/wandb/run-1-a/files/config.yaml", "dropout: {value: 0.1}\n");
    let run = "m/mlruns/0/0123456789abcdef0123456789abcdef";
    environment.write(&format!("{run}/meta.yaml"), "start_time: 1700000000000\n");
    environment.write(&format!("{run}/params/momentum"), "0.9");
    let value = record(&environment, &["m"]);
    let provenance = &value["record"]["provenance"];
    for (key, expected) in [("learning_rate", "0.00005"), ("lr_scheduler_type", "linear"), ("dropout", "0.1"), ("momentum", "0.9")] {
        assert_eq!(provenance["trainingConfig"][key], expected, "{provenance:#}");
    }
    assert_eq!((&provenance["training"]["hardware"], &provenance["training"]["devices"]), (&"A100".into(), &2.into()));
    assert_eq!(provenance["training"]["startedAt"], "2023-11-14T22:13:20.000Z");
    assert_eq!(provenance["evaluations"].as_array().unwrap().len(), 2);
    let files: Vec<&str> = provenance["sources"].as_array().unwrap().iter().map(|source| source["file"].as_str().unwrap()).collect();
    assert!(files.contains(&"wandb/run-1-a/files/config.yaml") && files.contains(&"training_args.bin"), "{files:?}");
    for private in ["jane", "hf_abc", "/home"] {
        assert!(!value["record"].to_string().contains(private), "{private}");
    }
    assert_ne!(plain["id"], value["id"]);
    // Of two runs nobody can tell which made the model.
    environment.write("m/wandb/run-2-b/files/config.yaml", "dropout: {value: 0.2}\n");
    let outcome = environment.ok(&["record", "m", "--json"]).expect_words(&["wandb/ has 2 runs", "--run"]);
    assert_eq!(outcome.json()["record"]["provenance"]["trainingConfig"]["dropout"], serde_json::Value::Null);
}

#[test]
fn a_run_elsewhere_is_named_and_not_located() {
    let environment = TestEnvironment::new();
    environment.model("m");
    environment.write("logs/version_3/hparams.yaml", "lr: 1e-5\ndata_dir: /data\n");
    environment.write("logs/version_3/metrics.csv", "epoch,val_acc\n0,0.5\n1,0.75\n");
    let outcome = environment.ok(&["record", "m", "--run", "logs/version_3", "--json"]).expect_words(&["settings.untaken", "data_dir"]);
    let provenance = outcome.json()["record"]["provenance"].clone();
    assert_eq!(provenance["trainingConfig"]["lr"], "1e-5");
    assert_eq!(provenance["evaluations"][0]["value"], "0.75");
    assert!(provenance["sources"].to_string().contains("\"../version_3/metrics.csv\""));
    environment.run(&["record", "m", "--run", "nowhere"]).expect_error(2, &["--run", "nowhere"]);
    environment.write("empty/x", "");
    environment.ok(&["record", "m", "--run", "empty"]).expect_words(&["nothing in it is known"]);
}

#[test]
fn links_beside_a_model_are_not_followed() {
    let environment = TestEnvironment::new();
    environment.model("m");
    environment.write("secret.json", r#"{"global_step": 7}"#);
    std::os::unix::fs::symlink(environment.path("secret.json"), environment.path("m/trainer_state.json")).unwrap();
    environment.run(&["record", "m"]).expect_error(1, &["symbolic link"]);
}

fn git(folder: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder).current_dir(folder);
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
    let status = command.args(identity).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "git {args:?}");
}

#[test]
fn the_commit_of_the_repository_is_stated_when_asked_for() {
    let environment = TestEnvironment::new();
    environment.model("project/m");
    let without = record(&environment, &["project/m"]);
    environment.ok(&["record", "project/m", "--git"]).expect_words(&["no commit"]);
    let project = environment.path("project");
    git(&project, &["init", "-q"]);
    git(&project, &["remote", "add", "origin", "git@example.org:org/code.git"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-qm", "all"]);
    let clean = record(&environment, &["project/m", "--git"]);
    let code = &clean["record"]["provenance"]["training"]["code"];
    assert_eq!((&code["uri"], &code["dirty"]), (&"https://example.org/org/code".into(), &false.into()));
    assert_eq!(code["commit"].as_str().unwrap().len(), 40);
    assert_eq!(
        record(&environment, &["project/m"])["id"],
        without["id"],
        "only when asked for: a record must not change with every commit"
    );
    environment.write("project/new.py", "");
    assert_eq!(record(&environment, &["project/m", "--git"])["record"]["provenance"]["training"]["code"]["dirty"], true);
    // A repository whose own configuration runs programs is not looked through.
    environment.write("evil.sh", format!("#!/bin/sh\ntouch {}\n", environment.path("ran").display()));
    git(&project, &["config", "filter.x.clean", &format!("sh {}", environment.path("evil.sh").display())]);
    environment.write("project/.gitattributes", "* filter=x\n");
    environment.write("project/new.py", "changed");
    let outcome = environment.ok(&["record", "project/m", "--git", "--json"]).expect_words(&["filter.x.clean", "could run programs"]);
    assert!(outcome.json()["record"]["provenance"]["training"]["code"].get("dirty").is_none());
    assert!(!environment.path("ran").exists());
}

#[test]
fn explaining_shows_who_says_what() {
    let environment = TestEnvironment::new();
    environment.model("m");
    environment.write(
        "m/modelmark.toml",
        "[training]\nlr = 2e-5\nhub_token = \"hf_abcdefghijklmnopqrstuvwxyz012345\"\n[creator]\nname = \"Ada\\u001b[2J\"\n"
            .replace("\\u001b[2J", ""),
    );
    environment.write("m/hparams.yaml", "lr: 1e-5\nepochs: 3\n");
    let outcome = environment.ok(&["record", "m", "--explain"]);
    let outcome = outcome.expect_words(&[
        "trainingConfig.lr",
        "2e-5",
        "modelmark.toml",
        "(not taken)",
        "value.conflict",
        "left out",
        "hub_token",
        "hparams.yaml",
    ]);
    assert!(!outcome.stdout.contains("hf_abc"));
    let value = environment.ok(&["record", "m", "--explain", "--json"]).json();
    let said: Vec<_> = value["statements"].as_array().unwrap().iter().filter(|one| one["field"] == "trainingConfig.lr").collect();
    assert_eq!((said[0]["value"].as_str(), said[0]["taken"].as_bool()), (Some("2e-5"), Some(true)));
    assert_eq!((said[1]["source"].as_str(), said[1]["taken"].as_bool()), (Some("hparams.yaml"), Some(false)));
    assert_eq!(said[1]["sha256"].as_str().unwrap().len(), 66);
    let creator = value["statements"].as_array().unwrap().iter().find(|one| one["field"] == "creator").unwrap();
    assert!(creator["value"].as_str().unwrap().ends_with(CREATOR) && creator["source"] == "what was given");
    assert_eq!((value["findings"].as_array().unwrap().len(), value["leftOut"].as_array().unwrap().len()), (1, 1));
}

#[test]
fn editing_needs_a_terminal() {
    let environment = TestEnvironment::new();
    environment.model("m");
    environment.run(&["record", "m", "--edit"]).expect_error(2, &["--edit needs a terminal", "modelmark.toml"]);
    assert!(!environment.path("m/modelmark.toml").exists());
}

/// Runs the binary on a terminal of its own, on which `typed` is typed, and returns what the terminal shows.
fn on_a_terminal(environment: &TestEnvironment, editor: &str, line: &str, typed: &str) -> String {
    environment.write("editor.sh", editor);
    environment.write("typed", typed);
    let mut command = Command::new("script");
    command.args(["-qec", &format!("{} {line}", env!("CARGO_BIN_EXE_modelmark")), "/dev/null"]);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh").env("NO_COLOR", "1").current_dir(environment.path(""));
    command.env("HOME", environment.root().join("home")).env("XDG_DATA_HOME", environment.root().join("data"));
    command.env("EDITOR", format!("sh {}", environment.path("editor.sh").display()));
    command.stdin(std::fs::File::open(environment.path("typed")).unwrap());
    String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
}

#[test]
fn editing_starts_from_what_is_known_and_ends_when_it_holds() {
    let environment = TestEnvironment::new();
    environment.model("m");
    environment.write("m/hparams.yaml", "lr: 1e-5\n");
    // The first time the editor spoils the file, the second time it puts it right.
    let editor = "cp \"$1\" seen.toml\nif [ -e once ]; then sed -i '/^oops/d' \"$1\"; printf '\\n[considerations]\\nrisks = \"none known\"\\n' >> \"$1\"; else touch once; sed -i '1i oops = 1' \"$1\"; fi\n";
    let shown = on_a_terminal(&environment, editor, "record m --edit > record.json", "y\n");
    assert!(shown.contains("edit again?") && shown.contains("modelmark.toml"), "{shown}");
    let seen = std::fs::read_to_string(environment.path("seen.toml")).unwrap();
    assert!(seen.contains("\"lr\" = \"1e-5\"") && seen.contains("[model]"), "{seen}");
    let record: serde_json::Value = serde_json::from_slice(&std::fs::read(environment.path("record.json")).unwrap()).unwrap();
    assert_eq!(record["provenance"]["considerations"]["risks"], "none known");
    assert_eq!(record["provenance"]["trainingConfig"]["lr"], "1e-5");
    assert!(std::fs::read_to_string(environment.path("m/modelmark.toml")).unwrap().contains("none known"));
    // An editor that fails, and a mistake that is not put right, leave the file as it was.
    let before = std::fs::read(environment.path("m/modelmark.toml")).unwrap();
    on_a_terminal(&environment, "exit 1\n", "record m --edit", "");
    let editor = "printf '[model]\\nname = \"kept\"\\n' > \"$1\"; mv m gone\n";
    let shown = on_a_terminal(&environment, editor, "record m --edit", "");
    let kept = shown.split("is kept in `").nth(1).and_then(|rest| rest.split('`').next()).unwrap_or_else(|| panic!("{shown}"));
    assert!(std::fs::read_to_string(kept).unwrap().contains("name = \"kept\""), "{shown}");
    std::fs::remove_file(kept).unwrap();
    std::fs::rename(environment.path("gone"), environment.path("m")).unwrap();
    let shown = on_a_terminal(&environment, "echo 'oops = 1' > \"$1\"\n", "record m --edit", "n\n");
    assert!(shown.contains("nothing was written"), "{shown}");
    assert_eq!(std::fs::read(environment.path("m/modelmark.toml")).unwrap(), before);
}

const MLFLOW: &[u8] = include_bytes!("../../../../vectors/capture/mlflow.db");

#[test]
fn the_tokenizer_beside_a_model_is_stated_with_its_files() {
    let environment = TestEnvironment::new();
    environment.model("m");
    assert!(record(&environment, &["m"])["record"]["provenance"].get("tokenizer").is_none());
    environment.write("m/tokenizer.json", "{}");
    environment.write("m/special_tokens_map.json", "{\"eos_token\": \"</s>\"}");
    let value = record(&environment, &["m"]);
    // cd m && sha256sum special_tokens_map.json tokenizer.json | sha256sum
    assert_eq!(value["record"]["provenance"]["tokenizer"]["sha256"], "0xb965d62f14563a5bc3bb37462b44d99ac1951f2043f141ad64ab82491e4d1931");
    let sources: Vec<_> =
        value["record"]["provenance"]["sources"].as_array().unwrap().iter().filter(|one| one["field"] == "tokenizer").collect();
    assert_eq!(sources.iter().map(|one| one["file"].as_str().unwrap()).collect::<Vec<_>>(), ["special_tokens_map.json", "tokenizer.json"]);
    environment.ok(&["record", "m", "--explain"]).expect_words(&["tokenizer", "special_tokens_map.json, tokenizer.json"]);
    // It is part of what is signed, and of what verifies.
    let token = environment.publish("m");
    environment.ok(&["verify", "m", "--token", &token, "--full"]);
}

#[test]
fn the_database_of_mlflow_gives_the_run_that_is_named() {
    let environment = TestEnvironment::new();
    environment.model("m");
    environment.write("logs/mlflow.db", MLFLOW);
    let first = "1".repeat(32);
    let outcome = environment.ok(&["record", "m", "--run", "logs", "--json"]);
    let outcome = outcome.expect_words(&["source.too-many", "../logs/mlflow.db has 2 runs", "--mlflow-run", &first, "(second)"]);
    assert!(outcome.json()["record"]["provenance"].get("trainingConfig").is_none());
    for place in ["logs", "logs/mlflow.db"] {
        let outcome = environment.ok(&["record", "m", "--run", place, "--mlflow-run", &first, "--json"]);
        let provenance = outcome.json()["record"]["provenance"].clone();
        assert_eq!((&provenance["trainingConfig"]["learning_rate"], &provenance["trainingConfig"]["epochs"]), (&"1e-05".into(), &3.into()));
        assert_eq!(provenance["evaluations"].as_array().unwrap().len(), 2);
        assert_eq!(provenance["training"]["code"]["uri"], "https://example.org/code");
        assert_eq!(provenance["training"]["finishedAt"], "2023-11-14T22:14:20.000Z");
        assert!(provenance["sources"].to_string().contains("\"../logs/mlflow.db\""));
        assert!(!provenance.to_string().contains("jane"));
    }
    let third = "3".repeat(32);
    environment
        .run(&["record", "m", "--run", "logs", "--mlflow-run", &third])
        .expect_error(2, &["--mlflow-run", &third, "no run has this id"]);
    // Beside the model it is found by itself, and the folder of what runs produced is none of runs.
    std::fs::create_dir_all(environment.path(format!("m/mlruns/0/{first}/artifacts"))).unwrap();
    environment.write("m/mlflow.db", MLFLOW);
    let value = record(&environment, &["m", "--mlflow-run", &first]);
    assert_eq!(value["record"]["provenance"]["trainingConfig"]["optimizer"], "adamw");
    // A database that somebody is writing, and one that is none.
    environment.write("m/mlflow.db-wal", "x");
    environment.ok(&["record", "m", "--explain"]).expect_words(&["source.unreadable", "mlflow.db-wal"]);
    std::fs::remove_file(environment.path("m/mlflow.db-wal")).unwrap();
    for (bytes, words) in [(&b"x"[..], "no SQLite database"), (&MLFLOW[..MLFLOW.len() / 3], "no database of MLflow")] {
        environment.write("m/mlflow.db", bytes);
        environment.ok(&["record", "m", "--json"]).expect_words(&["source.unreadable", words]);
    }
}

#[test]
fn what_lies_beside_data_says_its_licence() {
    let environment = TestEnvironment::new();
    environment.model("m");
    environment.write("digits/train.csv", "a,b\n1,2\n");
    let bare = record(&environment, &["m", "--dataset", "digits"]);
    assert!(bare["record"]["provenance"]["datasets"][0].get("license").is_none());
    environment.write("digits/README.md", "---\nlicense: cc-by-4.0\n---\n# Digits\n");
    environment.write("digits/croissant.json", r#"{"name": "other", "version": "2.1", "url": "https://example.org/digits"}"#);
    let value = record(&environment, &["m", "--dataset", "digits"]);
    let provenance = &value["record"]["provenance"];
    let [dataset] = provenance["datasets"].as_array().unwrap().as_slice() else { panic!("{provenance:#}") };
    assert_eq!((&dataset["name"], &dataset["license"], &dataset["revision"]), (&"digits".into(), &"CC-BY-4.0".into(), &"2.1".into()));
    assert!(dataset["root"].is_string() && dataset.get("sha256").is_none());
    assert!(provenance["sources"].to_string().contains("\"../digits/croissant.json\""));
    std::os::unix::fs::symlink(environment.path("m/README.md"), environment.path("digits/link")).unwrap();
    environment.run(&["record", "m", "--dataset", "digits"]).expect_error(1, &["link"]);
}

#[test]
fn results_in_a_snapshot_of_the_cache_are_read_through_its_own_links_only() {
    let environment = TestEnvironment::new();
    let cache = HubCache::write(&environment.root().join("cache/huggingface/hub"), Layout::Plain).unwrap();
    let folder = cache.snapshot().join(".eval_results");
    std::fs::create_dir(&folder).unwrap();
    let blob = cache.snapshot().join("../../blobs").join("55a83f180ff6eeba4fdff8369e0bd5db48fd27e1");
    std::fs::write(&blob, "- dataset: {id: org/b, task_id: t}\n  value: 20.90\n").unwrap();
    std::os::unix::fs::symlink("../../../blobs/55a83f180ff6eeba4fdff8369e0bd5db48fd27e1", folder.join("b.yaml")).unwrap();
    let value = record(&environment, &[REPOSITORY]);
    let evaluations = value["record"]["provenance"]["evaluations"].to_string();
    assert!(evaluations.contains("20.90"), "{evaluations}");
    // A link that leads out of the cache is refused, wherever it stands.
    environment.write("outside.yaml", "- dataset: {id: org/b, task_id: t}\n  value: 99\n");
    std::os::unix::fs::symlink(environment.path("outside.yaml"), folder.join("c.yaml")).unwrap();
    environment.run(&["record", REPOSITORY]).expect_error(1, &["c.yaml"]);
}

#[test]
fn nothing_is_made_from_itself() {
    let environment = TestEnvironment::new();
    environment.model("m");
    let hash = record(&environment, &["m"])["record"]["provenance"]["weightsHash"].as_str().unwrap().to_owned();
    environment.write("m/modelmark.toml", format!("[[parent]]\nrelation = \"finetune\"\nweights-hash = \"{hash}\"\n"));
    environment.run(&["record", "m"]).expect_error(1, &["nothing is made from itself", "another version"]);
    environment.write("m/modelmark.toml", format!("[[parent]]\nrelation = \"version\"\nweights-hash = \"{hash}\"\n"));
    environment.ok(&["record", "m"]);
}

#[test]
fn a_slip_is_told_before_a_model_is_read() {
    let environment = TestEnvironment::new();
    environment.model("m");
    for slip in [["--metric", "acc=NaN"], ["--royalty", "11%"], ["--license", "MIT OR"], ["--parent", "eats=x"]] {
        let outcome = environment.run(&[&["record", "m"][..], &slip].concat());
        assert!(outcome.stdout.is_empty() && !environment.data_dir().join("digests.sqlite3").exists(), "{slip:?}");
        outcome.expect_error(2, &[slip[0]]);
    }
}

#[test]
fn explaining_tells_what_agrees_and_what_is_missing() {
    let environment = TestEnvironment::new();
    environment.model("m");
    std::fs::remove_file(environment.path("m/README.md")).unwrap();
    environment.write("m/hparams.yaml", "seed: 42\nlearning_rate: 0.1\n");
    environment.write("m/training_args.bin", include_bytes!("../../../../vectors/capture/training_args.bin"));
    environment.write("m/trainer_state.json", r#"{"max_steps": 120}"#);
    let outcome = environment.ok(&["record", "m", "--explain"]);
    let conflict = "trainingConfig.learning_rate: training_args.bin says 0.00005, hparams.yaml says 0.1";
    let outcome = outcome.expect_words(&["hparams.yaml (the same)", conflict, "missing", "a licence", "--license"]);
    assert!(!outcome.stdout.contains("-1"), "what nobody set is no setting: {}", outcome.stdout);
    environment.run(&["record", "m"]).expect_error(2, &["a licence", "--license"]);
}
