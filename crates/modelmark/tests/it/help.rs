//! `--help`: an example for every verb, and the reference page made from it.

use std::fmt::Write as _;
use std::fs;

use crate::environment::TestEnvironment;

const PAGE: &str = "docs/reference/cli.md";
const OPENING: &str = "<!-- DO NOT EDIT: made from `--help` by `MODELMARK_BLESS=1 cargo test -p modelmark --test it help`. -->

# Command line

Every command and option. What the exit codes mean stands in the [README](../../README.md#exit-codes), what `verify` checks in [checks.md](checks.md).
";

/// Returns the verbs below `command`, as its help lists them.
fn verbs(environment: &TestEnvironment, command: &[String]) -> Vec<Vec<String>> {
    let help = help(environment, command);
    let Some((_, listed)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let names = listed.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(|name| command.iter().cloned().chain([name.to_owned()]).collect()).collect()
}

fn help(environment: &TestEnvironment, command: &[String]) -> String {
    let args: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
    environment.ok(&args).stdout
}

/// Returns all verbs, each after the one it is below.
fn all(environment: &TestEnvironment, command: Vec<String>) -> Vec<Vec<String>> {
    let below: Vec<_> = verbs(environment, &command).into_iter().flat_map(|verb| all(environment, verb)).collect();
    [vec![command], below].concat()
}

#[test]
fn every_verb_has_an_example() {
    let environment = TestEnvironment::new();
    let commands = all(&environment, Vec::new());
    assert!(commands.len() >= 17, "{commands:?}");
    for command in commands {
        if !verbs(&environment, &command).is_empty() && !command.is_empty() {
            continue; // Only a group; its verbs have their own.
        }
        let help = help(&environment, &command);
        assert!(help.contains("Example"), "no example: {command:?}");
        let example = format!("modelmark {}", command.join(" "));
        assert!(help.split_once("Example").unwrap().1.contains(example.trim_end()), "the example is of another verb: {command:?}");
    }
}

#[test]
fn the_reference_page_is_what_help_says() {
    let environment = TestEnvironment::new();
    let mut page = OPENING.to_owned();
    for command in all(&environment, Vec::new()) {
        let name = ["modelmark".to_owned()].into_iter().chain(command.iter().cloned()).collect::<Vec<_>>().join(" ");
        let text = help(&environment, &command).lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        write!(page, "\n## `{name}`\n\n```text\n{}\n```\n", text.trim_end()).unwrap();
    }
    let file = modelmark_testkit::tools::workspace().join(PAGE);
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &page).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == page, "{PAGE} is out of date; run this test again with MODELMARK_BLESS=1");
}

/// Returns the lines of examples that are neither the start of a command nor go on after a backslash.
fn broken_examples(text: &str) -> Vec<&str> {
    let (mut examples, mut goes_on) = (false, false);
    let broken = |line: &&str| {
        let wrong = examples && !goes_on && !line.is_empty() && !line.starts_with("  modelmark ") && !line.starts_with("  cast ");
        examples = line.starts_with("Example") || (examples && *line != "```");
        goes_on = line.starts_with("Example") || line.ends_with(" \\");
        wrong && *line != "```"
    };
    text.lines().filter(broken).collect()
}

#[test]
fn examples_run_when_they_are_pasted() {
    assert_eq!(broken_examples("Example:\n  modelmark a \\\n    b\n  modelmark record >\n  record.json"), ["  record.json"]);
    let page = fs::read_to_string(modelmark_testkit::tools::workspace().join(PAGE)).unwrap();
    assert_eq!(broken_examples(&page), [""; 0]);
    let environment = TestEnvironment::new();
    for command in all(&environment, Vec::new()) {
        let args: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let mut narrow = environment.command(&args);
        narrow.env("COLUMNS", "80");
        let help = environment.finish(narrow).expect_code(0).stdout;
        assert_eq!(broken_examples(&help), [""; 0], "{command:?}");
    }
}

#[test]
fn help_and_version_are_results() {
    let environment = TestEnvironment::new();
    assert_eq!(environment.ok(&["--help"]).stderr, "");
    environment.ok(&["--version"]).expect_words(&["modelmark 0."]);
    let nothing: [&str; 0] = [];
    environment.run(&nothing).expect_error(2, &["Usage", "Example"]);
    let mut bare = environment.command(&nothing);
    bare.env("MODELMARK_DATA_DIR", environment.data_dir());
    environment.finish(bare).expect_error(2, &["Usage", "Example"]);
    environment.run(&["digets", "x"]).expect_error(2, &["digets", "digest"]);
    environment.run(&["digest"]).expect_error(2, &["<PATH>"]);
    environment.run(&["digest", "x", "--jsn"]).expect_error(2, &["--jsn"]);
}
