//! The script of the GitHub Action, run as a runner would run it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::{CREATOR, OTHER, TestEnvironment};

fn action() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations/github-action")
}

/// What a run left behind.
struct Run {
    code: Option<i32>,
    stdout: String,
    output: String,
    summary: String,
}

fn run(environment: &TestEnvironment, inputs: &[(&str, &str)]) -> Run {
    let (output, summary) = (environment.path("output"), environment.path("summary"));
    fs::write(&output, "").unwrap();
    fs::write(&summary, "").unwrap();
    let done = Command::new(action().join("verify.sh"))
        .current_dir(environment.path(""))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", environment.root())
        .env("MODELMARK_DATA_DIR", environment.data_dir())
        .env("BINARY", env!("CARGO_BIN_EXE_modelmark"))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_OUTPUT", &output)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .envs(inputs.iter().copied())
        .output()
        .unwrap();
    Run {
        code: done.status.code(),
        stdout: String::from_utf8(done.stdout).unwrap(),
        output: fs::read_to_string(output).unwrap(),
        summary: fs::read_to_string(summary).unwrap(),
    }
}

#[test]
fn a_model_as_recorded_passes_and_leaves_every_report() {
    let environment = TestEnvironment::new();
    environment.model("tiny model");
    environment.publish("tiny model");
    let run = run(&environment, &[("MODEL", "  tiny model \n\n"), ("CREATOR", CREATOR)]);
    assert_eq!((run.code, run.output.contains("verdict=verified\n")), (Some(0), true));
    assert!(run.summary.contains("VERIFIED"));
    for form in ["html", "sarif", "xml", "json", "md"] {
        assert!(environment.path(format!("modelmark-reports/model-1.{form}")).is_file(), "there is no {form}");
    }
}

#[test]
fn of_several_models_the_worst_counts() {
    let environment = TestEnvironment::new();
    for model in ["good", "bad"] {
        environment.model(model);
    }
    let tokens = ["good", "bad"].map(|model| environment.publish(model)).join("\n");
    fs::write(environment.path("bad/config.json"), b"{}").unwrap();
    let altered = run(&environment, &[("MODEL", "bad\ngood"), ("TOKEN", &tokens.lines().rev().collect::<Vec<_>>().join("\n"))]);
    assert_eq!((altered.code, altered.output.contains("verdict=does-not-verify\n")), (Some(1), true));
    assert!(altered.summary.contains("config.json") && altered.summary.contains("VERIFIED"));
    let refused = run(&environment, &[("MODEL", "good"), ("CREATOR", OTHER)]);
    assert_eq!((refused.code, refused.output.contains("verdict=policy-refused\n")), (Some(4), true));
}

#[test]
fn whatever_is_missing_fails_the_step() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.publish("tiny");
    let cases: &[&[(&str, &str)]] = &[
        &[],
        &[("MODEL", " \n ")],
        &[("MODEL", "tiny"), ("TOKEN", "one\ntwo")],
        &[("MODEL", "tiny"), ("DENY_CODE", "yes")],
        &[("MODEL", "tiny"), ("BINARY", "nowhere")],
        &[("MODEL", "nothing here")],
        &[("MODEL", "--help")],
        &[("MODEL", "tiny"), ("ARGUMENTS", "--no-such-option")],
        &[("MODEL", "tiny"), ("REPORTS", "two\nverdict=verified")],
    ];
    for inputs in cases {
        let run = run(&environment, inputs);
        assert_eq!((run.code, run.output.contains("verdict=usage")), (Some(2), true), "{inputs:?}");
    }
    let dead = run(&environment, &[("MODEL", "tiny"), ("RPC_URL", "http://127.0.0.1:1")]);
    assert_eq!((dead.code, dead.output.contains("verdict=could-not-look")), (Some(3), true));
}

/// What the inputs ask for is asked for: each is tried with what the model has, and with what it has not.
#[test]
fn every_demand_is_held_against_the_model() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.publish("tiny");
    let cases = [
        ("LICENSE", "Apache-2.0", 0),
        ("LICENSE", "MIT", 4),
        ("LICENSE", "no licence", 2),
        ("REQUIRE_SIGNATURE", "creator", 0),
        ("REQUIRE_SIGNATURE", OTHER, 4),
        ("REQUIRE_SIGNATURE", "nobody", 2),
        ("CHAIN", "eip155:31337", 0),
        ("CHAIN", "eip155:1", 3),
        ("CHAIN", "no chain", 2),
        ("REGISTRY", OTHER, 1),
        ("REGISTRY", "no address", 2),
        ("DENY_CODE", "true", 0),
    ];
    for (input, value, code) in cases {
        let run = run(&environment, &[("MODEL", "tiny"), (input, value)]);
        assert_eq!(run.code, Some(code), "{input}={value}: {}", run.stdout);
    }
}

/// A variable that nobody set reaches the script as an empty input.
#[test]
fn a_demand_that_is_empty_is_not_dropped() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.publish("tiny");
    for input in ["TOKEN", "CREATOR", "LICENSE", "REQUIRE_SIGNATURE", "DENY_CODE", "CHAIN", "REGISTRY"] {
        for nothing in ["", " \n\t"] {
            let run = run(&environment, &[("MODEL", "tiny"), (input, nothing)]);
            assert_eq!((run.code, run.output.as_str()), (Some(2), "verdict=usage\n"), "{input}");
        }
        assert_eq!(run(&environment, &[("MODEL", "tiny"), (input, "-")]).code, Some(0), "{input}");
    }
}

/// Files of the checkout, such as `rust-toolchain.toml`, would decide what builds modelmark.
#[test]
fn modelmark_is_not_built_where_the_checkout_lies() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("bin/cargo", "#!/bin/sh\npwd > \"$RUNNER_TEMP/where\"\nexit 101\n");
    fs::set_permissions(environment.path("bin/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    let (bin, temp) = (environment.path("bin"), environment.path("temp"));
    fs::create_dir(&temp).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let run = run(&environment, &[("MODEL", "tiny"), ("BINARY", ""), ("PATH", &path), ("RUNNER_TEMP", temp.to_str().unwrap())]);
    assert_eq!(run.code, Some(101));
    let built = fs::read_to_string(temp.join("where")).unwrap();
    assert_eq!(Path::new(built.trim_end()), action().join("../..").canonicalize().unwrap());
}

/// A runner obeys what looks like its commands at the beginning of a line, whoever wrote it.
#[test]
fn names_of_files_are_no_commands() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    fs::write(environment.path("tiny/::error::owned"), b"x").unwrap();
    let run = run(&environment, &[("MODEL", "tiny"), ("TOKEN", &token)]);
    assert_eq!(run.code, Some(1));
    let lines: Vec<_> = run.stdout.lines().map(str::trim_start).collect();
    let fence = lines.iter().find_map(|line| line.strip_prefix("::stop-commands::")).unwrap();
    let stop = lines.iter().position(|line| line.starts_with("::stop-commands::")).unwrap();
    let resume = lines.iter().position(|line| *line == format!("::{fence}::")).unwrap();
    let named = lines.iter().position(|line| line.starts_with("::error::")).unwrap();
    assert!(fence.len() == 32 && stop < named && named < resume);
    assert!(!run.summary.contains("::error::"));
}

#[test]
fn every_input_reaches_the_script_by_the_environment_alone() {
    let text = fs::read_to_string(action().join("action.yml")).unwrap();
    let script = fs::read_to_string(action().join("verify.sh")).unwrap();
    let inputs: Vec<_> = text.split("${{ inputs.").skip(1).map(|rest| rest.split_once(' ').unwrap().0).collect();
    let declared = text.split_once("inputs:\n").unwrap().1.split_once("\noutputs:").unwrap().0;
    let declared: Vec<_> = declared
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.trim().trim_end_matches(':'))
        .collect();
    assert_eq!(inputs, declared);
    for input in inputs {
        let variable = input.to_uppercase().replace('-', "_");
        assert!(text.contains(&format!("        {variable}: ${{{{ inputs.{input} }}}}\n")), "{input} is not in the environment");
        assert!(script.contains(&format!("${{{variable}:-")), "the script does not read {variable}");
    }
}

/// An input cannot write an output of its own.
#[test]
fn a_line_break_in_the_folder_of_the_reports_is_refused() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let run = run(&environment, &[("MODEL", "tiny"), ("CREATOR", OTHER), ("REPORTS", "reports\nverdict=verified")]);
    assert_eq!((run.code, run.output.as_str()), (Some(2), "verdict=usage\n"));
}
