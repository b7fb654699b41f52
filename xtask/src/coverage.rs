//! `cargo xtask contracts coverage`: how much of the contracts their tests run, and the bar below which it fails.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::contracts;

/// Of 100 lines, how many have to be run.
const LINES: u64 = 100;
/// Of 100 branches, how many have to be taken.
const BRANCHES: u64 = 95;

/// Found and hit, of lines and of branches, summed over all files.
#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    lines: (u64, u64),
    branches: (u64, u64),
}

/// Runs the contracts' tests with coverage, and fails below the bar.
///
/// Coverage compiles without the optimiser: OpenZeppelin's P256 does not compile so, and the gas is not what a sender pays.
pub(crate) fn run(root: &Path) -> Result<()> {
    let report = "cache/coverage.lcov";
    let args = ["coverage", "--report", "summary", "--report", "lcov", "--report-file", report, "--no-match-coverage", "test/", "--skip"];
    contracts::forge(root, &[&args[..], &["*P256*"]].concat(), &[("FORGE_SNAPSHOT_EMIT", OsStr::new("false"))])?;
    let file = root.join("contracts").join(report);
    let text = fs::read_to_string(&file).with_context(|| format!("forge did not write {}", file.display()))?;
    let totals = Totals::of(&text);
    let enough = |(found, hit): (u64, u64), bar: u64| found > 0 && hit * 100 >= found * bar;
    if enough(totals.lines, LINES) && enough(totals.branches, BRANCHES) {
        return Ok(());
    }
    bail!("coverage is below {LINES} % of lines or {BRANCHES} % of branches (found, hit): {totals:?}")
}

impl Totals {
    /// Sums the LF, LH, BRF and BRH lines of an lcov report.
    fn of(lcov: &str) -> Self {
        let mut totals = Self::default();
        for (key, value) in lcov.lines().filter_map(|line| line.split_once(':')) {
            let number = || value.trim().parse::<u64>().unwrap_or(0);
            match key {
                "LF" => totals.lines.0 += number(),
                "LH" => totals.lines.1 += number(),
                "BRF" => totals.branches.0 += number(),
                "BRH" => totals.branches.1 += number(),
                _ => {}
            }
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_summed_over_files() {
        let lcov = "TN:\nSF:src/A.sol\nDA:1,2\nLF:10\nLH:9\nBRF:4\nBRH:4\nend_of_record\nSF:src/B.sol\nLF:5\nLH:5\nBRF:0\nBRH:0\n";
        assert_eq!(Totals::of(lcov), Totals { lines: (15, 14), branches: (4, 4) });
    }
}
