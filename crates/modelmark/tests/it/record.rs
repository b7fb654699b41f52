//! `modelmark record`: what it captures, explains and lets a person edit.

use std::path::Path;
use std::process::{Command, Stdio};

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
    let shown = on_a_terminal(&environment, "echo 'oops = 1' > \"$1\"\n", "record m --edit", "n\n");
    assert!(shown.contains("nothing was written"), "{shown}");
    assert_eq!(std::fs::read(environment.path("m/modelmark.toml")).unwrap(), before);
}
