//! Attacks with files and time: what is loaded is not what was verified, or what is verified is not what it seems.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use modelmark_digest::Sha256Digest;
use modelmark_testkit::model::safetensors;

use crate::environment::{Outcome, TestEnvironment};
use crate::run::{SEALED, namespaces, run};

const WEIGHTS: &str = "kept/model.safetensors";

/// Somebody who may write to the model's directory and to the one that it stands in.
struct Attack {
    name: &'static str,
    strike: fn(&TestEnvironment),
    /// Whether it writes into the very file that was verified, instead of swapping it for another.
    in_place: bool,
}

const ATTACKS: [Attack; 6] = [
    Attack { name: "another file by the same name", strike: swap, in_place: false },
    Attack {
        name: "another directory by the same name",
        strike: |environment| {
            fs::rename(environment.path("kept"), environment.path("old")).unwrap();
            environment.model("evil");
            fs::rename(environment.path("evil"), environment.path("kept")).unwrap();
        },
        in_place: false,
    },
    Attack {
        name: "a link to another directory",
        strike: |environment| {
            environment.model("evil");
            fs::rename(environment.path("kept"), environment.path("old")).unwrap();
            symlink("evil", environment.path("kept")).unwrap();
        },
        in_place: false,
    },
    Attack {
        name: "a link to another file",
        strike: |environment| {
            environment.write("evil", safetensors("evil"));
            fs::remove_file(environment.path(WEIGHTS)).unwrap();
            symlink(environment.path("evil"), environment.path(WEIGHTS)).unwrap();
        },
        in_place: false,
    },
    Attack {
        name: "other bytes in the file",
        strike: |environment| fs::write(environment.path(WEIGHTS), safetensors("evil")).unwrap(),
        in_place: true,
    },
    Attack {
        name: "other bytes through another name of the file, outside of the model",
        strike: |environment| fs::write(environment.path("outside"), safetensors("evil")).unwrap(),
        in_place: true,
    },
];

/// Puts another file in the place of the weights at once.
fn swap(environment: &TestEnvironment) {
    environment.write("evil.safetensors", safetensors("evil"));
    fs::rename(environment.path("evil.safetensors"), environment.path(WEIGHTS)).unwrap();
}

/// Strikes when the command has started, so that the model is verified, and lets it load after that.
fn loaded(level: &str, attack: &Attack) -> String {
    let environment = TestEnvironment::with_a_token();
    fs::hard_link(environment.path(WEIGHTS), environment.path("outside")).unwrap();
    let strikes = thread::scope(|scope| {
        scope.spawn(|| {
            // A test that waits in vain is ended from outside.
            while !environment.path("started").exists() {
                thread::sleep(Duration::from_millis(5));
            }
            (attack.strike)(&environment);
            fs::write(environment.path("struck"), "").unwrap();
        });
        let wait = "touch started; until test -e struck; do sleep 0.01; done; sha256sum < $1/model.safetensors";
        let outcome = run(&environment, &["--seal", level], wait);
        // A command that did not start must not keep the other thread.
        fs::write(environment.path("started"), "").unwrap();
        outcome
    });
    strikes.expect_code(0).stdout.split(' ').next().unwrap().to_owned()
}

fn digest(seed: &str) -> String {
    Sha256Digest::of(&safetensors(seed)).to_string()
}

#[test]
fn what_is_loaded_is_what_was_verified() {
    let levels = if namespaces() { &SEALED[..] } else { &[] };
    for level in levels {
        for attack in &ATTACKS {
            // Of `pin` it is said that it does not keep off who writes into the same files.
            let expected = if *level == "pin" && attack.in_place { digest("evil") } else { digest("kept") };
            assert_eq!(loaded(level, attack), expected, "{level}: {}", attack.name);
        }
    }
    // That the strikes are real is seen where nothing is sealed, and said so.
    for attack in &ATTACKS {
        assert_eq!(loaded("recheck", attack), digest("evil"), "{}", attack.name);
    }
}

#[test]
fn swapping_again_and_again_gains_nothing() {
    if !namespaces() {
        return;
    }
    for level in SEALED {
        let environment = TestEnvironment::with_a_token();
        let token = environment.publish("kept");
        let done = AtomicBool::new(false);
        let pass = |outcome: &Outcome| match outcome.code {
            Some(0) => {
                assert_eq!(outcome.stdout.split(' ').next(), Some(digest("kept").as_str()), "{level}: {outcome:#?}");
                true
            }
            code => {
                assert!(matches!(code, Some(1 | 3)) && outcome.stdout.is_empty(), "{level}: {outcome:#?}");
                false
            }
        };
        let load = || run(&environment, &["--seal", level, "--token", &token], "sleep 0.02; sha256sum < $1/model.safetensors");
        thread::scope(|scope| {
            scope.spawn(|| {
                for seed in ["evil", "kept"].into_iter().cycle() {
                    if done.load(Ordering::Relaxed) && seed == "evil" {
                        break;
                    }
                    environment.write("next", safetensors(seed));
                    fs::rename(environment.path("next"), environment.path(WEIGHTS)).unwrap();
                    thread::sleep(Duration::from_millis(if seed == "kept" { 30 } else { 3 }));
                }
            });
            for _ in 0..6 {
                pass(&load());
            }
            done.store(true, Ordering::Relaxed);
        });
        assert!(pass(&load()), "when nobody swaps any more, it verifies");
    }
}

/// Runs `verify` and `run`, which both have to refuse.
fn refused(environment: &TestEnvironment, token: &str, code: &str) -> Outcome {
    run(environment, &["--token", token], "touch started").expect_code(1);
    assert!(!environment.path("started").exists());
    let report = environment.run(&["verify", "kept", "--token", token, "--json"]).expect_code(1);
    assert_eq!(report.status(code), "fail", "{report:#?}");
    report
}

#[test]
fn a_writer_by_another_name_is_seen() {
    let environment = TestEnvironment::new();
    environment.model("kept");
    fs::hard_link(environment.path(WEIGHTS), environment.path("outside")).unwrap();
    let token = environment.publish("kept");
    let before = fs::metadata(environment.path("outside")).unwrap().ino();
    environment.ok(&["verify", "kept", "--token", &token]);
    fs::write(environment.path("outside"), safetensors("evil")).unwrap();
    assert_eq!(fs::metadata(environment.path(WEIGHTS)).unwrap().ino(), before);
    refused(&environment, &token, "model.files");
}

#[test]
fn twins_of_names_are_other_files() {
    // By case, by composition of an accent, by a letter of another script, by a character that nobody sees.
    for (name, twin) in [
        ("model.safetensors", "Model.safetensors"),
        ("mod\u{e9}le.json", "mode\u{301}le.json"),
        ("config.json", "c\u{43e}nfig.json"),
        ("config.json", "config\u{200b}.json"),
    ] {
        let environment = TestEnvironment::new();
        environment.model("kept");
        environment.write("kept/mod\u{e9}le.json", "{}");
        let token = environment.publish("kept");
        let path = |name: &str| environment.path(format!("kept/{name}"));
        fs::copy(path(name), path(twin)).unwrap();
        refused(&environment, &token, "model.extra");
        // In the place of the file, too.
        fs::remove_file(path(name)).unwrap();
        refused(&environment, &token, "model.missing");
        fs::rename(path(twin), path(name)).unwrap();
        environment.ok(&["verify", "kept", "--token", &token]);
    }
}

#[test]
fn code_beside_a_configuration_that_asks_for_it_is_refused() {
    let environment = TestEnvironment::new();
    environment.model("kept");
    let asks = r#"{"architectures":["Tiny"],"model_type":"tiny","auto_map":{"AutoModel":"modeling_tiny.TinyModel"}}"#;
    environment.write("kept/config.json", asks);
    let token = environment.publish("kept");
    environment.ok(&["verify", "kept", "--token", &token]);
    environment.write("kept/modeling_tiny.py", "import os\nos.system('id')\n");
    refused(&environment, &token, "model.extra").expect_words(&["modeling_tiny.py"]);
    // On the record, it is what the policy says of code that counts.
    let with_code = environment.publish("kept");
    environment.ok(&["verify", "kept", "--token", &with_code]);
    run(&environment, &["--token", &with_code, "--deny-code"], "touch started")
        .expect_error(4, &["config.json"])
        .expect_checks(&["FAIL code.none"]);
    assert!(!environment.path("started").exists());
}

#[test]
fn a_link_that_leads_out_is_not_followed() {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    for (name, target) in [(WEIGHTS, "../genuine"), ("kept/more", "/etc/passwd"), ("kept/folder", ".."), ("kept/self", "self")] {
        environment.write("genuine", safetensors("kept"));
        let path = environment.path(name);
        let _ = fs::remove_file(&path);
        symlink(target, &path).unwrap();
        // The bytes that it leads to would be right.
        environment.run(&["verify", "kept", "--token", &token]).expect_code(1).expect_words(&["link", target]);
        run(&environment, &["--token", &token], "touch started").expect_error(1, &["link"]);
        assert!(!environment.path("started").exists());
        fs::remove_file(&path).unwrap();
        environment.write(WEIGHTS, safetensors("kept"));
    }
    environment.assert_kept();
}

#[test]
fn names_that_break_lines_are_refused_and_shown_as_they_are() {
    for name in ["README.md\npass", "\u{1b}[2JVERIFIED", "a\rb"] {
        let environment = TestEnvironment::with_a_token();
        let token = environment.publish("kept");
        environment.write(&format!("kept/{name}"), "x");
        for verb in [&["verify", "kept", "--token", &token][..], &["watch", "kept", "--token", &token, "--fail"]] {
            let shown = environment.run(verb);
            assert!(matches!(shown.code, Some(1 | 3)), "{shown:#?}");
            assert!(!shown.stdout.lines().any(|line| line.starts_with("VERIFIED") || line.starts_with("pass")), "{shown:#?}");
        }
        run(&environment, &["--token", &token], "touch started").expect_error(1, &["control character"]);
        assert!(!environment.path("started").exists());
    }
    // No file can have such a name, but a record can say so.
    let environment = TestEnvironment::with_a_token();
    let record = environment.ok(&["record", "kept"]).stdout;
    for name in ["model\\u0000.safetensors", "../model.safetensors", "/model.safetensors", "a\\nb"] {
        let told = record.replacen("\"model.safetensors\"", &format!("\"{name}\""), 1);
        assert_ne!(told, record);
        environment.write("record.json", &told);
        let report = environment.run(&["verify", "kept", "--record", "record.json", "--json"]).expect_code(1);
        assert_eq!(report.status("record.valid"), "fail", "{report:#?}");
    }
}

#[test]
fn names_of_models_programs_and_policies_do_not_steer_the_terminal() {
    const CLEAR: &str = "\u{1b}[2J\u{1b}[1;32mVERIFIED\u{7}";
    let environment = TestEnvironment::new();
    environment.model(CLEAR);
    environment.ok(&["publish", CLEAR, "--name", "decent"]);
    // What is told of it is looked at by the surroundings, for every run.
    environment.ok(&["run", "--model", CLEAR, "--", "true"]).expect_words(&["\\u{1b}[2J"]);
    environment.ok(&["run", "--json", "--model", CLEAR, "--", "true"]);
    environment.run(&["run", "--model", CLEAR, "--", CLEAR]).expect_error(2, &["\\u{1b}[2J"]);
    environment.run(&["run", "--model", CLEAR, "--policy", &format!("{CLEAR}.toml"), "--", "true"]).expect_error(2, &["\\u{1b}[2J"]);
    fs::write(environment.path(CLEAR).join("more"), "x").unwrap();
    environment.run(&["run", "--model", CLEAR, "--", "true"]).expect_error(1, &["\\u{1b}[2J"]);
    for json in [&[][..], &["--json"]] {
        let watched = environment.run(&[&["watch", CLEAR, "--fail", "--exec", CLEAR], json].concat()).expect_code(1);
        assert!(!watched.stdout.lines().any(|line| line.starts_with("VERIFIED")) && watched.stderr.contains("cannot run"), "{watched:#?}");
    }
    environment.write("evil.toml", "version = 1\n\"\\u001b[2J\" = \"\\u001b[1;32mVERIFIED\"\n");
    environment.run(&["run", "--model", CLEAR, "--policy", "evil.toml", "--", "true"]).expect_error(2, &["evil.toml"]);
    environment.run(&["verify", CLEAR, "--policy", "evil.toml"]).expect_error(2, &["evil.toml"]);
}

#[test]
fn what_is_written_about_hostile_names_is_harmless_in_every_form() {
    const HOSTILE: &str = "\u{202e}txt.exe<script>alert(1)</script>";
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    let written = environment.path("kept").join(HOSTILE.replace('/', "|"));
    fs::write(written, "x").unwrap();
    let forms = ["r.html", "r.md", "r.sarif", "r.xml", "r.svg", "r.json"];
    let reports: Vec<&str> = forms.iter().flat_map(|form| ["--report", *form]).collect();
    environment.run(&[&["verify", "kept", "--token", &token], &reports[..]].concat()).expect_code(1);
    // JSON is for programs, which get every character as it is.
    for form in forms.iter().filter(|form| !form.ends_with("json")) {
        let text = fs::read_to_string(environment.path(Path::new(form))).unwrap();
        assert!(!text.contains('\u{202e}') && (form.ends_with("sarif") || !text.contains("<script>alert")), "{form}");
    }
    let report: serde_json::Value = serde_json::from_slice(&fs::read(environment.path("r.json")).unwrap()).unwrap();
    assert!(report.to_string().contains("txt.exe<script>"));
}
