//! `modelmark run`: what it becomes, when it does not, and what the command sees at each level.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use modelmark_testkit::hub::{HubCache, Layout, REPOSITORY};

use crate::environment::{OTHER, Outcome, TestEnvironment};

/// The levels at which no file can be swapped for another. They need mount namespaces.
pub(crate) const SEALED: [&str; 2] = ["copy", "pin"];

/// Tells whether this machine lets an unprivileged process mount in a namespace of its own, by asking a program that is not ours; if not, says so.
pub(crate) fn namespaces() -> bool {
    let mount = |options: &[&str]| {
        let command = [options, &["mount", "-t", "tmpfs", "none", "/tmp"]].concat();
        Command::new("unshare").args(command).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let allowed = mount(&["--mount"]) || mount(&["--user", "--map-root-user", "--mount"]);
    if !allowed {
        eprintln!("skipped: this machine allows no mount namespaces");
    }
    allowed
}

/// Runs `script` in a shell by `modelmark run` with these options; the sealed model is its `$1`.
pub(crate) fn run(environment: &TestEnvironment, options: &[&str], script: &str) -> Outcome {
    environment.run(&[&["run", "--model", "kept"], options, &["--", "sh", "-c", script, "sh", "{}"]].concat())
}

#[test]
fn it_becomes_the_command() {
    let environment = TestEnvironment::with_a_token();
    let mut command = environment.command(&["run", "--model", "kept", "--", "sh", "-c", "cat; echo told >&2; echo $FOO; exit 7"]);
    let input = environment.path("input");
    fs::write(&input, "read\n").unwrap();
    command.env("FOO", "passed on").stdin(fs::File::open(&input).unwrap());
    let outcome = environment.finish(command).expect_code(7);
    assert_eq!(outcome.stdout, "read\npassed on\n", "stdout is the command's alone");
    assert!(outcome.stderr.contains("sealed") && outcome.stderr.contains("verified") && outcome.stderr.ends_with("told\n"), "{outcome:#?}");
    let killed = environment.command(&["run", "--model", "kept", "--", "sh", "-c", "kill -TERM $$"]).output().unwrap();
    assert_eq!(killed.status.signal(), Some(15));
    let quiet = run(&environment, &["--quiet"], "true").expect_code(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn nothing_of_ours_is_left_open() {
    let environment = TestEnvironment::with_a_token();
    for level in [&[][..], &["--seal", "recheck"]] {
        // What modelmark was given open it gives on, and nothing else; so does this test.
        let given = Command::new("ls").arg("/proc/self/fd").stdin(Stdio::null()).output().unwrap();
        assert_eq!(run(&environment, level, "exec ls /proc/self/fd").expect_code(0).stdout.as_bytes(), given.stdout);
        // The chain is free again for the command itself.
        let itself = format!("{} show --help > /dev/null && {0} verify \"$1\"", env!("CARGO_BIN_EXE_modelmark"));
        run(&environment, level, &itself).expect_code(0).expect_words(&["VERIFIED"]);
    }
}

#[test]
fn what_does_not_verify_does_not_start() {
    let environment = TestEnvironment::with_a_token();
    let never = |outcome: Outcome, code: i32, words: &[&str]| {
        let outcome = outcome.expect_error(code, words);
        assert!(!environment.path("started").exists());
        outcome
    };
    let start = "touch started";
    never(run(&environment, &["--creator", OTHER], start), 4, &[]).expect_checks(&["FAIL policy.creator"]);
    never(run(&environment, &["--rpc-url", "http://127.0.0.1:1"], start), 3, &["COULD NOT LOOK"]);
    never(run(&environment, &["--token", "nonsense"], start), 2, &["nonsense"]);
    never(run(&environment, &["--policy", "absent.toml"], start), 2, &["absent.toml"]);
    never(environment.run(&["run", "--model", "absent", "--", "touch", "started"]), 2, &["absent"]);
    never(environment.run(&["run", "--model", "kept", "--", "no-such-program"]), 2, &["no-such-program", "after `--`"]);
    never(environment.run(&["run", "--model", "kept"]), 2, &["CMD"]);
    environment.write("kept/config.json", "{}");
    never(run(&environment, &[], start), 1, &["DOES NOT VERIFY"]).expect_checks(&["FAIL model.files"]);
    let json = environment.run(&["run", "--json", "--model", "kept", "--", "touch", "started"]).expect_code(1);
    assert!(json.stdout.is_empty() && json.stderr.contains("\"verdict\": \"does-not-verify\""), "{json:#?}");
    never(json, 1, &[]);
}

#[test]
fn a_policy_file_is_obeyed() {
    let environment = TestEnvironment::with_a_token();
    environment.write("strict.toml", format!("version = 1\n[signers]\ncreators = [\"{OTHER}\"]\n"));
    run(&environment, &["--policy", "strict.toml"], "touch started").expect_error(4, &["is not among the accepted"]);
    assert!(!environment.path("started").exists());
}

#[test]
fn a_path_in_a_container_is_taken_as_it_sees_it() {
    let environment = TestEnvironment::with_a_token();
    let within = |path: &str| environment.path("merged").join(path);
    fs::create_dir_all(within("models")).unwrap();
    fs::rename(environment.path("kept"), within("models/kept")).unwrap();
    symlink("/models/kept", within("current")).unwrap();
    let levels = if namespaces() { &["recheck", "copy"][..] } else { &["recheck"] };
    for level in levels {
        let run = |model: &str, script: &str| {
            environment.run(&["run", "--seal", level, "--root", "merged", "--model", model, "--", "sh", "-c", script, "sh", "{}"])
        };
        run("/current", "cmp $1/config.json merged/models/kept/config.json").expect_code(0);
        symlink(within("models/kept"), within("host")).unwrap();
        run("/host", "touch started").expect_error(2, &["No such file"]);
        fs::remove_file(within("host")).unwrap();
        run("/etc", "touch started").expect_error(2, &["merged/etc"]);
        assert!(!environment.path("started").exists());
    }
    environment.run(&["run", "--root", "merged/current", "--model", "/models/kept", "--", "true"]).expect_error(2, &["no directory"]);
}

/// The text of a path through another process's root names something else here.
#[test]
fn a_model_that_has_no_name_here_is_not_mistaken_for_another() {
    if !namespaces() {
        return;
    }
    let environment = TestEnvironment::with_a_token();
    let kept = environment.path("kept").display().to_string();
    let script = format!("mount -t tmpfs none {kept} && echo other > {kept}/model.safetensors && echo ready && read line");
    let start = |options: &[&str]| {
        let command = [options, &["sh", "-c", &script]].concat();
        Command::new("unshare").args(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    };
    for options in [&["--mount"][..], &["--user", "--map-root-user", "--mount"]] {
        let mut other = start(options);
        let mut ready = [0; 6];
        // Whoever is no administrator needs a user namespace for it.
        if other.stdout.take().unwrap().read_exact(&mut ready).is_ok() {
            let path = format!("/proc/{}/root{kept}", other.id());
            for level in ["recheck", "copy"] {
                environment
                    .run(&["run", "--seal", level, "--model", &path, "--", "touch", "started"])
                    .expect_error(2, &["no name of its own", "--root"]);
            }
            environment.run(&["verify", &path]).expect_code(1);
            assert!(!environment.path("started").exists());
        }
        drop(other.stdin.take());
        other.wait().unwrap();
    }
}

#[test]
fn the_sealed_model_is_the_model_and_cannot_be_written() {
    if !namespaces() {
        return;
    }
    for level in SEALED {
        let environment = TestEnvironment::with_a_token();
        let expected = fs::read(environment.path("kept/model.safetensors")).unwrap().len();
        environment.write("kept/.git/config", "no part of the model");
        let seal = ["--seal", level];
        let seen = run(&environment, &seal, "wc -c < $1/model.safetensors; ls -A $1; echo $MODELMARK_MODEL").expect_code(0);
        let lines: Vec<&str> = seen.stdout.lines().map(str::trim).collect();
        assert_eq!(lines[..4], [&expected.to_string(), "README.md", "config.json", "model.safetensors"], "no `.git`: {level}");
        assert!(lines[4].ends_with("/sealed/kept") && seen.stderr.contains(&format!("{level}: ")), "{seen:#?}");
        for write in [": > $1/model.safetensors", ": > $1/new", "rm $1/config.json", "chmod 777 $1/config.json", "mv $1/config.json $1/c"] {
            run(&environment, &seal, &format!("({write}) 2> /dev/null || exit 9")).expect_code(9);
            // By its own name it is the same sealed model.
            run(&environment, &seal, &format!("({}) 2> /dev/null || exit 9", write.replace("$1", "kept"))).expect_code(9);
        }
        environment.assert_kept();
        assert_eq!(fs::read_dir(environment.data_dir().join("sealed")).unwrap().count(), 0, "nothing is mounted outside");
        let mut inside = environment.command(&["run", "--seal", level, "--model", ".", "--", "sh", "-c", "(: > config.json) || exit 9"]);
        inside.current_dir(environment.path("kept")).stderr(Stdio::null());
        assert_eq!(inside.status().unwrap().code(), Some(9), "the working directory is in the sealed model");
        let mut outside = environment.command(&["run", "--seal", level, "--model", "..", "--", "true"]);
        outside.current_dir(environment.path("kept/.git"));
        environment.finish(outside).expect_error(2, &["working directory", "no part of the sealed model"]);
    }
}

#[test]
fn folders_single_files_and_snapshots_are_sealed() {
    if !namespaces() {
        return;
    }
    let environment = TestEnvironment::new();
    environment.sharded("deep");
    fs::create_dir_all(environment.path("deep/empty/below")).unwrap();
    environment.ok(&["publish", "deep", "--license", "mit"]);
    environment.model("single");
    environment.ok(&["publish", "single/model.safetensors", "--license", "mit", "--name", "single"]);
    let cache = HubCache::write(&environment.root().join("cache/huggingface/hub"), Layout::Plain).unwrap();
    environment.publish(REPOSITORY);
    for level in SEALED {
        let run =
            |model: &str, script: &str| environment.ok(&["run", "--seal", level, "--model", model, "--", "sh", "-c", script, "sh", "{}"]);
        run("deep", "test -d $1/empty/below && test -f $1/tokenizer/vocabulary/words.txt && ! touch $1/empty/x 2> /dev/null");
        run("single/model.safetensors", "case $1 in */sealed/model.safetensors) cmp $1 single/model.safetensors;; *) exit 1; esac");
        run("single/model.safetensors", "! cp single/README.md single/model.safetensors 2> /dev/null && touch single/beside");
        let seen = run(REPOSITORY, "find $1 -type l; find $1 -type f");
        assert!(seen.stdout.lines().count() > 2 && seen.stdout.lines().all(|line| line.contains("/sealed/")), "{seen:#?}");
        assert!(seen.stdout.contains(&cache.commit));
    }
}

#[test]
fn a_level_that_cannot_be_had_is_no_lesser_one() {
    let environment = TestEnvironment::with_a_token();
    let refused = run(&environment, &["--seal", "verity"], "touch started").expect_error(3, &[]);
    assert!(refused.stderr.contains("fs-verity") || refused.stderr.contains("namespaces are not allowed"), "{refused:#?}");
    let seen = run(&environment, &["--seal", "recheck"], "echo $1").expect_code(0).expect_words(&["nothing is sealed"]);
    assert_eq!(seen.stdout.trim(), fs::canonicalize(environment.path("kept")).unwrap().to_str().unwrap());
    if !namespaces() {
        for level in SEALED {
            run(&environment, &["--seal", level], "touch started").expect_error(3, &["namespaces are not allowed"]);
        }
        run(&environment, &[], "true").expect_code(0).expect_words(&["recheck", "no better, because mount namespaces"]);
    }
    assert!(!environment.path("started").exists());
}

#[test]
fn a_copy_larger_than_the_memory_is_refused_before_a_byte_is_read() {
    if !namespaces() {
        return;
    }
    let environment = TestEnvironment::with_a_token();
    let sparse = fs::File::create(environment.path("kept/huge.bin")).unwrap();
    sparse.set_len(1 << 42).unwrap();
    run(&environment, &["--seal", "copy"], "touch started").expect_error(3, &["4.00 TiB", "memory are available", "--seal pin"]);
}
