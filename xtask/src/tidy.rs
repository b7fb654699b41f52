//! House rules that no compiler checks: who may depend on whom, what every file must have, and names that hide what they hold.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{named_tests, shell};

/// Which of our crates each crate may use; the table of `docs/architecture.md`. Development dependencies are free.
const MAY_USE: &[(&str, &[&str])] = &[
    ("modelmark-formats", &[]),
    ("modelmark-digest", &["modelmark-formats"]),
    ("modelmark-dataset", &["modelmark-digest"]),
    ("modelmark-record", &["modelmark-digest", "modelmark-formats"]),
    ("modelmark-credential", &["modelmark-digest", "modelmark-record"]),
    ("modelmark-picture", &["modelmark-record"]),
    ("modelmark-storage", &["modelmark-digest"]),
    ("modelmark-remote", &["modelmark-formats", "modelmark-digest", "modelmark-storage"]),
    ("modelmark-crypt", &["modelmark-digest", "modelmark-formats"]),
    ("modelmark-gateway", &["modelmark-digest", "modelmark-storage"]),
    ("modelmark-log", &["modelmark-digest"]),
    ("modelmark-oms", &["modelmark-digest"]),
    ("modelmark-chain", &["modelmark-digest"]),
    ("modelmark-devnet", &[]),
    (
        "modelmark-verify",
        &["modelmark-formats", "modelmark-digest", "modelmark-record", "modelmark-storage", "modelmark-remote", "modelmark-chain"],
    ),
    ("modelmark-report", &["modelmark-verify"]),
    ("modelmark-service", &["modelmark-digest", "modelmark-record", "modelmark-chain", "modelmark-verify", "modelmark-report"]),
    (
        "modelmark",
        &[
            "modelmark-formats",
            "modelmark-digest",
            "modelmark-dataset",
            "modelmark-record",
            "modelmark-credential",
            "modelmark-picture",
            "modelmark-storage",
            "modelmark-remote",
            "modelmark-crypt",
            "modelmark-gateway",
            "modelmark-log",
            "modelmark-oms",
            "modelmark-chain",
            "modelmark-devnet",
            "modelmark-verify",
            "modelmark-report",
            "modelmark-service",
        ],
    ),
    ("modelmark-testkit", &[]),
    ("xtask", &[]),
];

/// Dependencies that a room must be unable to see.
const NEVER: &[(&str, &[&str])] = &[
    ("modelmark-formats", &["tokio", "alloy", "reqwest", "axum", "rustix"]),
    ("modelmark-digest", &["tokio", "alloy", "reqwest", "axum"]),
    ("modelmark-dataset", &["tokio", "alloy", "reqwest", "axum"]),
    ("modelmark-record", &["tokio", "reqwest", "alloy", "rusqlite", "directories"]),
    ("modelmark-credential", &["tokio", "reqwest", "alloy", "axum", "rustix", "ssi"]),
    ("modelmark-picture", &["tokio", "reqwest", "alloy", "rusqlite", "directories"]),
    ("modelmark-log", &["tokio", "alloy", "reqwest", "axum"]),
    ("modelmark-oms", &["tokio", "alloy", "reqwest", "axum"]),
    ("modelmark-storage", &["tokio", "reqwest", "alloy", "modelmark-record"]),
    ("modelmark-remote", &["alloy"]),
    ("modelmark-crypt", &["tokio", "alloy", "reqwest", "axum"]),
    ("modelmark-gateway", &["alloy", "reqwest", "rusqlite"]),
    ("modelmark-service", &["alloy", "reqwest", "rusqlite"]),
];

const VAGUE_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc", "manager"];
const MAX_LINES_WITHOUT_TESTS: usize = 600;

/// Runs every check and reports all faults at once.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut faults = Vec::new();
    layering(root, &mut faults)?;
    for file in rust_files(root)? {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let shown = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        source_file(&shown, &text, &mut faults);
    }
    dead_links(root, &mut faults)?;
    named_tests::missing(root, &mut faults)?;
    fuzz_targets(root, &mut faults)?;
    if faults.is_empty() {
        return Ok(());
    }
    bail!("the house is not tidy:\n  {}", faults.join("\n  "))
}

fn layering(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    let metadata: Value =
        serde_json::from_str(&shell::capture(root, "cargo", &["metadata", "--format-version", "1", "--no-deps", "--locked"])?)?;
    let allowed: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let never: BTreeMap<_, _> = NEVER.iter().copied().collect();
    for package in list(&metadata, "packages") {
        let name = text(package, "name");
        let Some(may) = allowed.get(name) else {
            faults.push(format!("{name}: not in the layering table (xtask/src/tidy.rs and docs/architecture.md)"));
            continue;
        };
        for dependency in list(package, "dependencies").filter(|dependency| dependency.get("kind").is_some_and(Value::is_null)) {
            let to = text(dependency, "name");
            if (allowed.contains_key(to) && !may.contains(&to)) || never.get(name).is_some_and(|list| list.contains(&to)) {
                faults.push(format!("{name} must not depend on {to}"));
            }
        }
        let manifest = fs::read_to_string(text(package, "manifest_path"))?;
        if !manifest.contains("[lints]\nworkspace = true") {
            faults.push(format!("{name}: Cargo.toml does not inherit the workspace's lints"));
        }
    }
    Ok(())
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn source_file(shown: &str, text: &str, faults: &mut Vec<String>) {
    let stem = Path::new(shown).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let folder = Path::new(shown).parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    if VAGUE_NAMES.contains(&stem) || VAGUE_NAMES.contains(&folder) {
        faults.push(format!("{shown}: the name says nothing; name the thing"));
    }
    let opening = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if !(opening.starts_with("//!") || opening.starts_with("#![doc") || shown.starts_with("fuzz/")) {
        faults.push(format!("{shown}: does not start with `//!` that says why it exists"));
    }
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("#[allow(") || line.trim_start().starts_with("#![allow(") {
            faults.push(format!("{shown}:{}: `#[expect(…, reason = …)]`, never `#[allow]`", number + 1));
        }
    }
    let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
    if lines > MAX_LINES_WITHOUT_TESTS {
        faults.push(format!("{shown}: {lines} lines without tests; more than one idea?"));
    }
}

/// Relative links in our Markdown pages must lead to a file.
fn dead_links(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    for file in shell::capture(root, "git", &["ls-files", "*.md"])?.lines().map(|name| root.join(name)) {
        let text = fs::read_to_string(&file).unwrap_or_default();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()) {
            let local = !target.is_empty() && !target.contains(':') && !target.starts_with('<');
            if local && !file.parent().unwrap_or(root).join(target).exists() {
                faults.push(format!("{}: link to {target} leads nowhere", file.strip_prefix(root).unwrap_or(&file).display()));
            }
        }
    }
    Ok(())
}

/// A target that the manifest or the page leaves out is one that nobody runs.
fn fuzz_targets(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    let (manifest, page) = (fs::read_to_string(root.join("fuzz/Cargo.toml"))?, fs::read_to_string(root.join("fuzz/README.md"))?);
    for file in shell::capture(root, "git", &["ls-files", "fuzz/targets/*.rs"])?.lines().map(Path::new) {
        let target = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let run = format!("fuzz run {target}");
        if !page.lines().any(|line| line.split_once(&run).is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(' '))) {
            faults.push(format!("{}: fuzz/README.md does not say how it is run", file.display()));
        }
        if !manifest.contains(&format!("path = \"targets/{target}.rs\"")) {
            faults.push(format!("{}: fuzz/Cargo.toml does not have it", file.display()));
        }
    }
    Ok(())
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    Ok(shell::capture(root, "git", &["ls-files", "*.rs"])?.lines().map(|name| root.join(name)).filter(|path| path.exists()).collect())
}
