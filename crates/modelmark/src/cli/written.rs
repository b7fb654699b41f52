//! Command lines that stand in files which people and other programs read, held against the command line as it is: what was renamed, or wants more than it
//! did, is found here and not by who pastes it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step is a failed test")]

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap::error::ErrorKind;
use serde_json::Value;

use super::Cli;

/// Words between backticks that begin like a command and are none: what domains of hashes and magic bytes are called.
const NO_COMMANDS: [&str; 2] = ["vault", "leaves"];

const TOKEN: &str = "eip155:8453/erc721:0x0000000000000000000000000000000000000001/1";

/// Splits a line as a shell would, up to what is not an argument any more: a comment, a redirection, a pipe, the next command.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, '>') if word.as_deref().is_none_or(|word| !word.contains('<')) => break,
            (None, '|' | ';' | '&') => break,
            (None, ' ') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    // The rest is left to the reader.
    words.pop_if(|word| word == "…");
    words
}

/// Tells whether something stands for what the reader has to fill in.
fn is_blank(word: &str) -> bool {
    word.contains(['…', '<', '$', '[']) || word == "..." || word.chars().all(|c| c.is_ascii_uppercase())
}

/// What may be missing from a command line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// Nothing: a program runs it as it stands.
    Whole,
    /// What the reader fills in, and what a sentence leaves out.
    Quoted,
}

/// Returns what the command line says to `modelmark ARGUMENTS`, when it is not how it is called.
fn wrong(arguments: &[String], written: Written) -> Option<String> {
    let called = std::iter::once("modelmark").chain(arguments.iter().map(String::as_str));
    let error = Cli::command().try_get_matches_from(called).err()?;
    let blank = arguments.iter().any(|word| is_blank(word));
    let filled_in = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
        // A sentence may name an option and leave out its value.
        ErrorKind::InvalidValue if arguments.last().is_some_and(|last| last.starts_with("--")) => written == Written::Quoted,
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => blank,
        ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            written == Written::Quoted || blank
        }
        _ => false,
    };
    (!filled_in).then(|| error.to_string())
}

fn workspace() -> &'static Path {
    modelmark_testkit::tools::workspace()
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Returns the parts of a page between ``` lines, of this language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let opening = format!("```{language}\n");
    page.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Returns the command lines of a page: lines that begin with `modelmark`, in code, and what stands between backticks.
fn commands(page: &str) -> Vec<(Vec<String>, Written)> {
    let mut found = Vec::new();
    let joined = page.replace("\\\n", " ");
    let mut fenced = false;
    for line in joined.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let code = fenced || line.starts_with("    ");
        if let Some(command) = line.trim_start().strip_prefix("modelmark ").filter(|_| code) {
            found.push((words(command), Written::Whole));
        }
    }
    // Between backticks of one line, so that a fence is none of them.
    for (index, span) in joined.lines().flat_map(|line| line.split('`').enumerate()) {
        let command = span.strip_prefix("modelmark ").filter(|command| index % 2 == 1 && !NO_COMMANDS.contains(command));
        found.extend(command.map(|command| (words(command), Written::Quoted)));
    }
    found
}

/// Collects the pages below a folder.
fn pages(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !path.is_symlink() && !name.starts_with('.') && !matches!(name, "target" | "node_modules") {
            pages(&path, found);
        } else if name.ends_with(".md") {
            found.push(path.strip_prefix(workspace()).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn a_renamed_option_or_verb_is_noticed() {
    let told = |line: &str, written| wrong(&words(line), written);
    for line in ["verify m --creatr 0x…", "verfy m", "verify m --json=yes", "fetch a b c", "oms check key m", "verify m --rpc-timeout soon"]
    {
        assert!(told(line, Written::Quoted).is_some(), "{line}");
    }
    for line in
        ["verify m --creator 0x… # says who", "digest \"my model\" > out.json", "verify --root /proc/1/root /models | jq", "--version"]
    {
        assert_eq!(told(line, Written::Whole), None, "{line}");
    }
    assert!(told("verify m --creator", Written::Whole).is_some() && told("verify m --creator", Written::Quoted).is_none());
    assert!(told("mint", Written::Whole).is_some() && told("mint", Written::Quoted).is_none());
    let page = "Use `modelmark digest` or\n\n    modelmark verify a \\\n      --json\n\n```sh\nmodelmark show b\n```\nmodelmark is prose\n";
    let found: Vec<_> = commands(page).into_iter().map(|(words, _)| words.join(" ")).collect();
    assert_eq!(found, ["verify a --json", "show b", "digest"]);
}

#[test]
fn every_command_line_on_a_page_is_one_that_is_understood() {
    let mut names = Vec::new();
    pages(workspace(), &mut names);
    let mut faults = Vec::new();
    let mut seen = 0;
    // The reference is made from the help, which prints these same definitions with their placeholders.
    for name in names.iter().filter(|name| *name != "docs/reference/cli.md") {
        for (command, written) in commands(&read(name)) {
            seen += 1;
            faults.extend(wrong(&command, written).map(|why| format!("{name}: modelmark {}\n{why}", command.join(" "))));
        }
    }
    assert!(seen > 100, "only {seen} command lines were found in {} pages", names.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_kubernetes_runs_is_understood() {
    let folder = "integrations/kubernetes";
    let whole = |arguments: &[String]| assert_eq!(wrong(arguments, Written::Whole), None, "{arguments:?}");
    let served = texts(&yaml(&read(&format!("{folder}/deployment.yaml")))["spec"]["template"]["spec"]["containers"][0]["args"]);
    whole(&served);
    for example in ["fetched", "claimed"] {
        let pod = yaml(&read(&format!("{folder}/examples/{example}.yaml")));
        pod["spec"]["initContainers"].as_array().unwrap().iter().for_each(|container| whole(&texts(&container["args"])));
    }
    let page = read(&format!("{folder}/README.md"));
    let mut shown = 0;
    for block in blocks(&page, "yaml") {
        for container in yaml(block)["spec"]["initContainers"].as_array().into_iter().flatten() {
            shown += 1;
            whole(&texts(&container["args"]));
        }
    }
    assert_eq!(shown, 1);
    // What an administrator pins after `--` is appended to both kinds of init container.
    let reviewed = commands(&page).into_iter().map(|(words, _)| words).filter(|words| words.iter().any(|word| word == "--"));
    let pinning: Vec<_> = reviewed.chain([served]).collect();
    assert_eq!(pinning.len(), 2);
    for arguments in pinning {
        let pinned = arguments.split(|word| word == "--").nth(1).unwrap();
        for first in [&["fetch", TOKEN, "/models/weights/model"][..], &["verify", "/models/weights", "--token", TOKEN]] {
            whole(&[&first.iter().map(ToString::to_string).collect::<Vec<_>>(), pinned].concat());
        }
    }
}

#[test]
fn what_continuous_integration_runs_is_understood() {
    let job = &yaml(&read("integrations/gitlab/modelmark.gitlab-ci.yml"))[".modelmark-verify"];
    let lines = texts(&job["script"]);
    let called: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("modelmark ")).collect();
    assert_eq!(called.len(), 1);
    assert_eq!(wrong(&words(called[0]), Written::Whole), None);
    let hooks = yaml(&read(".pre-commit-hooks.yaml"));
    let entry = hooks[0]["entry"].as_str().unwrap();
    let page = read("integrations/README.md");
    let arguments = page.split("`args: [").nth(1).unwrap().split("]`").next().unwrap().replace(", ", " ");
    let hook = words(&format!("{} {arguments}", entry.strip_prefix("modelmark ").unwrap()));
    assert_eq!((hook.len(), wrong(&hook, Written::Whole)), (4, None));
}

#[test]
fn every_variable_that_is_set_for_modelmark_is_read_by_it() {
    let mut whole = Cli::command();
    whole.build();
    let mut commands = vec![whole];
    let mut known = Vec::new();
    while let Some(command) = commands.pop() {
        known.extend(command.get_arguments().filter_map(|argument| argument.get_env()?.to_str().map(str::to_owned)));
        commands.extend(command.get_subcommands().cloned());
    }
    let mut set = Vec::new();
    for file in ["kubernetes/Containerfile", "github-action/verify.sh", "github-action/action.yml"] {
        let text = read(&format!("integrations/{file}"));
        let names = text.split(|c: char| !c.is_ascii_uppercase() && c != '_').filter(|word| word.starts_with("MODELMARK_"));
        set.extend(names.map(|name| (file, name.to_owned())));
    }
    assert!(set.len() >= 2);
    for (file, name) in set {
        assert!(known.contains(&name), "{file} sets {name}, which no option reads");
    }
}
