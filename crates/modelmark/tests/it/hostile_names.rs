//! Names that try to steer the terminal or to look like something else. [`Outcome`](crate::environment::Outcome) refuses any control or
//! direction-changing character in what the binary prints, in every test.

use std::fs;
use std::os::unix::fs::symlink;

use crate::environment::TestEnvironment;

const CLEAR: &str = "\u{1b}[2J\u{1b}[1;32mVERIFIED\u{7}";
const REVERSED: &str = "model\u{202e}txt.exe";

#[test]
fn files_with_control_characters_are_refused_and_shown_safely() {
    for hostile in [CLEAR, "two\nlines", "tab\there", "del\u{7f}"] {
        let environment = TestEnvironment::with_a_token();
        environment.model("tiny");
        environment.write(&format!("tiny/{hostile}"), "x");
        environment.run(&["digest", "tiny"]).expect_error(1, &["tiny"]);
        environment.run(&["publish", "tiny"]).expect_error(1, &["tiny"]);
        environment.run(&["verify", "tiny"]).expect_code(1);
        environment.assert_kept();
    }
}

#[test]
fn files_with_reversed_names_are_shown_as_they_are() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let published = environment.publish("tiny");
    environment.write(&format!("tiny/{REVERSED}"), "x");
    environment.run(&["verify", "tiny", "--token", &published]).expect_code(1).expect_words(&["\\u{202e}"]);
    environment.run(&["digest", "tiny"]).expect_words(&["\\u{202e}"]);
}

#[test]
fn hostile_paths_and_links_are_shown_safely() {
    let environment = TestEnvironment::new();
    environment.run(&["digest", CLEAR]).expect_error(2, &["\\u{1b}"]);
    environment.run(&["verify", CLEAR]).expect_error(2, &["\\u{1b}"]);
    environment.run(&["verify", "--token", CLEAR, "."]).expect_error(2, &[]);
    environment.run(&["cat", CLEAR]).expect_error(2, &[]);
    environment.run(&["record", ".", "--manifest", REVERSED]).expect_error(2, &["\\u{202e}"]);
    environment.model("tiny");
    symlink(CLEAR, environment.path("tiny/link")).unwrap();
    environment.run(&["digest", "tiny"]).expect_error(1, &["link"]);
}

#[test]
fn json_is_escaped_too_and_means_the_same() {
    const BOTH: &str = "a\u{9b}2J\u{202e}b";
    let environment = TestEnvironment::new();
    environment.write("m/README.md", format!("---\nlicense: \"{BOTH}\"\nmodel_name: \"{BOTH}\"\n---\n"));
    environment.write(&format!("m/{REVERSED}"), "x");
    let header = serde_json::json!({"__metadata__": {"title": BOTH}});
    environment.write("m/model.safetensors", modelmark_testkit::model::safetensors_of(serde_json::to_vec(&header).unwrap(), &[]));
    let shown = environment.ok(&["inspect", "m", "--json"]);
    assert_eq!(shown.json()["weights"][0]["contents"]["metadata"]["title"], BOTH);
    assert!(shown.stdout.contains(r"a\u009b2J\u202eb"), "{}", shown.stdout);
    let digested = environment.ok(&["digest", "m", "--json"]);
    assert!(digested.json()["files"].as_array().unwrap().iter().any(|file| file["path"] == REVERSED));
    let refused = environment.run(&["digest", BOTH, "--json"]).expect_code(2);
    for text in [shown.stdout, digested.stdout, refused.stderr] {
        assert!(!text.contains(['\u{9b}', '\u{202e}']) && text.contains(r"\u202e"), "{text}");
    }
}

#[test]
fn a_model_directory_with_a_hostile_name_is_shown_safely() {
    for hostile in [CLEAR, REVERSED, "tiny\nVERIFIED"] {
        let environment = TestEnvironment::new();
        environment.model(hostile);
        environment.run(&["publish", hostile]);
        environment.ok(&["publish", hostile, "--name", "decent"]);
        environment.ok(&["verify", hostile]);
        fs::write(environment.path(hostile).join("more"), "x").unwrap();
        let refused = environment.run(&["verify", hostile]).expect_code(1);
        assert!(!refused.stdout.lines().any(|line| line.starts_with("VERIFIED")), "a name forged the verdict: {refused:#?}");
    }
}

#[test]
fn facts_with_control_characters_do_not_enter_a_record() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    for option in ["--name", "--description", "--model-version", "--creator-name", "--license", "--metric"] {
        environment.run(&["publish", "tiny", option, CLEAR]).expect_error(2, &[option]);
        environment.run(&["publish", "tiny", option, "a\u{202e}b"]).expect_error(2, &[option]);
    }
    environment.write("tiny/modelmark.toml", "[model]\nname = \"\\u001b[2Jevil\"\n");
    environment.run(&["publish", "tiny"]).expect_error(2, &["modelmark.toml"]);
    fs::remove_file(environment.path("tiny/modelmark.toml")).unwrap();
    environment.write("tiny/config.json", r#"{"architectures":["\u001b[2JEvil"],"model_type":"\u202eevil"}"#);
    environment.write("tiny/README.md", "---\nlicense: mit\ntags: [\"\\e[2J\"]\n---\n# A \u{1b}[2J title\n\nText \u{202e} reversed.\n");
    let token = environment.publish("tiny");
    environment.ok(&["show", &token]);
    environment.assert_kept();
}
