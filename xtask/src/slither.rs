//! `cargo xtask contracts slither`: what the static analyser finds in the contracts, held against what was looked at and accepted.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{contracts, shell, test};

const REPORT: &str = "cache/slither.json";

/// Runs slither over `contracts/src`, and fails when its findings are not exactly those of `contracts/slither-baseline.txt`.
///
/// Findings that are only informational, or about saving gas, are not asked for, nor that contracts look at the time: deadlines are in
/// seconds, and no number is drawn from them. Slither is installed under `target/tools` from the pinned requirements; it compiles with the
/// project's own forge and compiler.
pub(crate) fn run(root: &Path) -> Result<()> {
    contracts::install(root)?;
    let python = test::python_environment(root, "contracts/tools/requirements.txt", "analysis")?;
    let forge = contracts::tool(root, "forge")?;
    let home = root.join("contracts");
    let report = home.join(REPORT);
    // Slither does not overwrite a report.
    let _ = fs::remove_file(&report);
    let path = search_path(&[&python, &forge])?;
    let args = ["-m", "slither", ".", "--filter-paths", "node_modules", "--exclude-informational", "--exclude-optimization"];
    let args = [&args[..], &["--exclude", "timestamp", "--fail-none", "--disable-color", "--json", REPORT]].concat();
    shell::run(&home, &python.to_string_lossy(), &args, &[("PATH", &path)])?;
    let text = fs::read_to_string(&report).with_context(|| format!("slither did not write {}", report.display()))?;
    let found = findings(&serde_json::from_str(&text).context("slither's report is not JSON")?)?;
    let baseline = home.join("slither-baseline.txt");
    let text = fs::read_to_string(&baseline).with_context(|| format!("cannot read {}", baseline.display()))?;
    compare(&found, &accepted(&text)?)
}

/// Puts the folders of these programs before the search path.
pub(crate) fn search_path(programs: &[&Path]) -> Result<std::ffi::OsString> {
    let own = programs.iter().filter_map(|program| program.parent()).map(Path::to_path_buf);
    let rest = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(own.chain(std::env::split_paths(&rest))).context("a folder of the search path has a separator in its name")
}

/// Returns each finding as the detector, the file, and what it is about, without line numbers, which move.
fn findings(report: &Value) -> Result<BTreeSet<String>> {
    let results = report.pointer("/results/detectors").and_then(Value::as_array);
    let Some(results) = results else {
        // Without findings there is no list; without success there is nothing to believe.
        let done = report.get("success").and_then(Value::as_bool) == Some(true);
        return if done { Ok(BTreeSet::new()) } else { bail!("slither did not finish: {report}") };
    };
    results
        .iter()
        .map(|finding| {
            let text = |key: &str| finding.get(key).and_then(Value::as_str).with_context(|| format!("a finding has no `{key}`"));
            let description = text("description")?;
            let (about, place) = description.split_once(" (").with_context(|| format!("a finding names no place: {description}"))?;
            let file = place.split('#').next().unwrap_or(place);
            Ok(format!("{} {file} {}", text("check")?, about.trim()))
        })
        .collect()
}

/// Reads a baseline: a finding, a colon and a reason on each line; empty lines and those after `#` are for readers.
fn accepted(text: &str) -> Result<BTreeSet<String>> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| match line.split_once(": ") {
            Some((finding, reason)) if !reason.trim().is_empty() => Ok(finding.to_owned()),
            _ => bail!("a line of the baseline has no reason: {line}"),
        })
        .collect()
}

fn compare(found: &BTreeSet<String>, accepted: &BTreeSet<String>) -> Result<()> {
    let new: Vec<_> = found.difference(accepted).map(|finding| format!("\n  new: {finding}")).collect();
    let gone: Vec<_> = accepted.difference(found).map(|finding| format!("\n  gone: {finding}")).collect();
    if new.is_empty() && gone.is_empty() {
        return Ok(());
    }
    bail!("slither finds other things than contracts/slither-baseline.txt accepts:{}{}", new.concat(), gone.concat())
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_finding_is_named_without_its_lines() {
        let report = json!({"success": true, "results": {"detectors": [
            {"check": "unused-return", "description": "A.f(uint256) (src/A.sol#3-7) ignores return value\n\tmore (src/A.sol#4)"},
            {"check": "calls-loop", "description": "A.g() (src/A.sol#9) has external calls"},
            {"check": "calls-loop", "description": "A.g() (src/A.sol#9) has other external calls"},
        ]}});
        let found: Vec<_> = findings(&report).expect("a report").into_iter().collect();
        assert_eq!(found, ["calls-loop src/A.sol A.g()", "unused-return src/A.sol A.f(uint256)"]);
    }

    #[test]
    fn a_report_without_findings_is_one_that_finished() {
        assert!(findings(&json!({"success": true, "results": {}})).expect("a report").is_empty());
        assert!(findings(&json!({"success": false, "error": "forge"})).is_err());
    }

    #[test]
    fn every_accepted_finding_has_a_reason() {
        let read = accepted("# header\n\ncalls-loop src/A.sol A.f(uint256): bounded\n").expect("a baseline");
        assert_eq!(read.into_iter().collect::<Vec<_>>(), ["calls-loop src/A.sol A.f(uint256)"]);
        assert!(accepted("calls-loop src/A.sol A.f(uint256)\n").is_err());
    }

    #[test]
    fn what_is_new_and_what_is_gone_both_fail() {
        let one = BTreeSet::from(["a".to_owned()]);
        let other = BTreeSet::from(["b".to_owned()]);
        assert!(compare(&one, &one).is_ok());
        let failure = compare(&one, &other).expect_err("they differ").to_string();
        assert!(failure.contains("new: a") && failure.contains("gone: b"), "{failure}");
    }
}
