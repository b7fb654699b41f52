//! Files that `digest` and `dataset root` write beside their result: never over what they read, whole or not at all, wherever `>` could write.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use modelmark_testkit::model;

use crate::environment::TestEnvironment;

const WEIGHTS: &str = "tiny/model.safetensors";

/// A model, the name of one of its tensors, and what its weights are.
fn with_model() -> (TestEnvironment, String, Vec<u8>) {
    let environment = TestEnvironment::new();
    model::write(&environment.path("tiny"), "tiny").unwrap();
    let tensors = environment.ok(&["digest", "tiny", "--tensors", "--json"]).json();
    let name = tensors["tensors"][0]["tensors"][0]["name"].as_str().unwrap().to_owned();
    let weights = fs::read(environment.path(WEIGHTS)).unwrap();
    (environment, name, weights)
}

#[test]
fn a_model_is_not_overwritten_by_what_is_said_about_it() {
    let (environment, tensor, weights) = with_model();
    symlink("tiny/model.safetensors", environment.path("link")).unwrap();
    symlink("tiny/new.bin", environment.path("dangling")).unwrap();
    symlink("tiny", environment.path("folder")).unwrap();
    fs::hard_link(environment.path(WEIGHTS), environment.path("hard")).unwrap();
    for output in [WEIGHTS, "link", "hard", "dangling", "tiny/new.bin", "folder/new.bin", "tiny/../tiny/model.safetensors"] {
        for args in [
            &["digest", "tiny", "--outboard", output][..],
            &["digest", "tiny", "--range", "model.safetensors:0..5", "--proof", output],
            &["digest", "tiny", "--slice", &tensor, "--proof", output],
            &["digest", "tiny", "--slice", &tensor, "--bytes", output],
        ] {
            environment.run(args).expect_error(2, &[output, "a part of the model", "write it elsewhere"]);
        }
    }
    for output in [WEIGHTS, "link", "hard"] {
        environment.run(&["digest", WEIGHTS, "--outboard", output]).expect_error(2, &["a part of the model"]);
    }
    assert_eq!(fs::read(environment.path(WEIGHTS)).unwrap(), weights);
    assert!(!environment.path("tiny/new.bin").exists());
    // Beside a model that is one file there is room.
    environment.ok(&["digest", WEIGHTS, "--outboard", "tiny/leaves"]);
}

#[test]
fn a_dataset_is_not_overwritten_through_links() {
    let environment = TestEnvironment::new();
    environment.write("data/a.jsonl", "{}\n");
    symlink("data/a.jsonl", environment.path("link")).unwrap();
    fs::hard_link(environment.path("data/a.jsonl"), environment.path("hard")).unwrap();
    for output in ["link", "hard", "data/new"] {
        for option in ["--leaves", "--croissant"] {
            environment.run(&["dataset", "root", "data", option, output]).expect_error(2, &["a part of the dataset"]);
        }
    }
    environment.run(&["dataset", "root", "data", "--leaves", "x", "--croissant", "./x"]).expect_error(2, &["are one file"]);
    assert_eq!(fs::read(environment.path("data/a.jsonl")).unwrap(), b"{}\n");
    assert!(!environment.path("x").exists());
}

#[test]
fn two_outputs_are_two_files() {
    let (environment, tensor, _) = with_model();
    environment.write("there", "kept");
    symlink("there", environment.path("link")).unwrap();
    for (one, other) in [("x", "x"), ("x", "./x"), ("there", "link")] {
        environment.run(&["digest", "tiny", "--slice", &tensor, "--proof", one, "--bytes", other]).expect_error(2, &["are one file"]);
    }
    assert_eq!(fs::read(environment.path("there")).unwrap(), b"kept");
    environment.ok(&["digest", "tiny", "--slice", &tensor, "--proof", "/dev/null", "--bytes", "/dev/null"]);
}

#[test]
fn a_command_that_fails_leaves_what_was_there() {
    let (environment, tensor, _) = with_model();
    environment.write("kept", "kept");
    for slice in ["no.such.tensor".to_owned(), format!("{tensor}:0..999999999")] {
        environment.run(&["digest", "tiny", "--slice", &slice, "--bytes", "kept"]).expect_error(2, &[]);
    }
    assert_eq!(fs::read(environment.path("kept")).unwrap(), b"kept");
    let left: Vec<_> = fs::read_dir(environment.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn devices_pipes_and_links_are_written_as_a_shell_would() {
    let (environment, tensor, _) = with_model();
    environment.ok(&["digest", "tiny", "--slice", &tensor, "--proof", "plain", "--bytes", "bytes"]);
    let plain = fs::read(environment.path("plain")).unwrap();
    environment.write("real", "old");
    symlink("real", environment.path("link")).unwrap();
    environment.ok(&["digest", "tiny", "--slice", &tensor, "--proof", "link"]);
    assert!(environment.path("link").is_symlink());
    assert_eq!(fs::read(environment.path("real")).unwrap(), plain);

    let piped = environment.ok(&["digest", "tiny", "--slice", &tensor, "--proof", "/dev/stderr"]);
    assert_eq!(piped.stderr.as_bytes(), plain);

    assert!(Command::new("mkfifo").arg(environment.path("pipe")).status().unwrap().success());
    let pipe = environment.path("pipe");
    let reader = std::thread::spawn(move || fs::read(pipe).unwrap());
    environment.ok(&["digest", "tiny", "--slice", &tensor, "--bytes", "pipe"]);
    assert_eq!(reader.join().unwrap(), fs::read(environment.path("bytes")).unwrap());
}

#[test]
fn outputs_are_for_whom_the_mask_says_and_errors_name_them() {
    let (environment, tensor, _) = with_model();
    let mask = |mask: &str| {
        let mut shell = Command::new("sh");
        let command = environment.command(&["digest", "tiny", "--slice", &tensor, "--proof", "proof", "--bytes", "bytes"]);
        shell.args(["-c", &format!("umask {mask}; exec \"$0\" \"$@\"")]).arg(command.get_program()).args(command.get_args());
        shell.current_dir(environment.path("")).env_clear().env("HOME", environment.root()).env("PATH", "/usr/bin:/bin");
        assert!(shell.output().unwrap().status.success());
        ["proof", "bytes"].map(|name| fs::metadata(environment.path(name)).unwrap().permissions().mode() & 0o777)
    };
    assert_eq!(mask("022"), [0o644; 2]);
    // What is there keeps the mode that it has.
    assert_eq!(mask("077"), [0o644; 2]);
    for name in ["proof", "bytes"] {
        fs::remove_file(environment.path(name)).unwrap();
    }
    assert_eq!(mask("077"), [0o600; 2]);

    for args in [
        &["digest", "tiny", "--outboard"][..],
        &["digest", "tiny", "--slice", &tensor, "--bytes"],
        &["dataset", "root", "tiny", "--leaves"],
    ] {
        let into = |output: &'static str| environment.run(&[args, &[output]].concat());
        into("/dev/full").expect_error(3, &["cannot write `/dev/full`"]);
        let told = into("no/such/folder").expect_error(2, &["cannot write `no/such/folder`"]);
        assert!(!told.stderr.contains(".tmp"), "{told:?}");
    }
}
