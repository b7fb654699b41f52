//! `cargo xtask contracts gas`: `docs/gas.md`, what the contracts cost beside what was aimed at and what others cost.
//!
//! Our figures come from `contracts/snapshots`, which the contracts' tests hold to the unit; only what others cost stands in [`figures`],
//! and in [`floors`] why a target is missed.

mod figures;
mod floors;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use figures::{PEERS, Peer, TARGETS, Target};
use floors::{Floor, Part};

/// Figures by contract, then by what was measured.
type Snapshots = BTreeMap<String, BTreeMap<String, u64>>;

/// The group of snapshots that says what the calldata of calls costs.
const CALLDATA: &str = "Calldata";
/// What a licence costs a mint that the registry has to ask the book for.
const UNCOMMON: Ours = Ours::Less("ModelRegistry", "mint: next token, a licence that is not common", "mint: next token of the holder");
/// How far above its target a figure may be: one in a hundred.
const TOLERANCE: u64 = 100;

/// A figure of ours: a snapshot, as it is, per piece, or less another one.
#[derive(Clone, Copy)]
enum Ours {
    One(&'static str, &'static str),
    Per(&'static str, &'static str, u64),
    Less(&'static str, &'static str, &'static str),
}

/// Writes `docs/gas.md`.
pub(crate) fn write(root: &Path) -> Result<()> {
    let file = root.join("docs/gas.md");
    fs::write(&file, page(&snapshots(root)?)?).with_context(|| format!("cannot write {}", file.display()))
}

/// Fails when `docs/gas.md` is not what the snapshots give.
pub(crate) fn check(root: &Path) -> Result<()> {
    let wanted = page(&snapshots(root)?)?;
    if fs::read_to_string(root.join("docs/gas.md")).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    bail!("docs/gas.md is not what contracts/snapshots give; run `cargo xtask contracts gas` and commit the result")
}

fn snapshots(root: &Path) -> Result<Snapshots> {
    let folder = root.join("contracts/snapshots");
    let mut all = Snapshots::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().map(|name| name.to_string_lossy().into_owned()) else { continue };
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let figures: BTreeMap<String, String> =
            serde_json::from_str(&text).with_context(|| format!("{} is no snapshot", path.display()))?;
        let figures = figures.into_iter().map(|(what, gas)| Ok((what, gas.parse()?))).collect::<Result<_>>();
        all.insert(name, figures.with_context(|| format!("{} holds something else than figures", path.display()))?);
    }
    Ok(all)
}

fn page(snapshots: &Snapshots) -> Result<String> {
    Ok(format!(
        "<!-- DO NOT EDIT: written by `cargo xtask contracts gas` -->\n\
         # Gas\n\n\
         Whole transactions: the 21 000 of any transaction, calldata and cold storage included. solc 0.8.37 without `via_ir`, 200 runs of the\n\
         optimiser, EVM `cancun`. The tests of the contracts measure these figures and fail when one changes (`contracts/snapshots`);\n\
         `contracts/README.md` says what they are made of.\n\n\
         ## Targets\n\n{}\n\
         ## Beside others\n\n\
         Measured with forge 1.7.1 in whole transactions, as ours: Story and Seaport compiled from their sources (Story with OpenZeppelin 5.2.0,\n\
         solady 0.0.285 and a contract in place of its chain's graph precompile; Seaport with `via_ir` and 2^32 - 1 runs), EAS and Ocean as\n\
         their npm packages hold them. Calls of two projects never do quite the same: the last column says what the other one is.\n\n{}\n\
         ## All figures\n\n{}",
        targets(snapshots)?,
        peers(snapshots)?,
        everything(snapshots)
    ))
}

fn targets(snapshots: &Snapshots) -> Result<String> {
    let mut table = "| call | gas | target | |\n|---|---:|---:|---|\n".to_owned();
    let mut notes = String::new();
    for target in TARGETS {
        let gas = target.ours.gas(snapshots)?;
        let verdict = target.verdict(gas)?;
        let _ = writeln!(table, "| {} | {} | {} | {verdict} |", target.call, grouped(gas), grouped(target.limit));
        if let Some(floor) = target.floor {
            let _ = writeln!(notes, "### {}\n\n{}", capital(target.call), floor.page(snapshots, gas, target.limit)?);
        }
    }
    Ok(format!(
        "{table}\nA licence is common if it is one of the eight that every licence book begins with; another costs a mint {} more.\n\n\
         ## What is missed, and what it would take\n\n\
         The least that a call costs, by what the chain charges for what it has to do, whoever writes the code and however.\n\n{notes}",
        grouped(UNCOMMON.gas(snapshots)?)
    ))
}

impl Floor {
    /// Adds the parts up beside what was measured. A floor above the measure is a mistake in the floor.
    fn page(&self, snapshots: &Snapshots, measured: u64, limit: u64) -> Result<String> {
        let mut table = "| what | times | gas |\n|---|---:|---:|\n".to_owned();
        let mut sum = 0;
        for part in self.parts {
            let (what, times, gas) = match *part {
                Part::Charged(what, times, each) => (what, times, times * each),
                Part::Calldata(call) => ("calldata", 1, Ours::One(CALLDATA, call).gas(snapshots)?),
            };
            sum += gas;
            let _ = writeln!(table, "| {what} | {times} | {} |", grouped(gas));
        }
        let Some(computed) = measured.checked_sub(sum) else {
            bail!("a call that cannot cost less than {sum} gas was measured at {measured}")
        };
        let (sum, computed) = (grouped(sum), grouped(computed));
        let _ = writeln!(
            table,
            "| **least** (target {}) | | **{sum}** |\n| computing | | {computed} |\n| measured | | {} |",
            grouped(limit),
            grouped(measured)
        );
        Ok(format!("{table}\n{}\n", self.why))
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn peers(snapshots: &Snapshots) -> Result<String> {
    let mut table = "| ours | gas | other | gas | of ours | what the other call is |\n|---|---:|---|---:|---:|---|\n".to_owned();
    for Peer { call, ours, other, gas, what } in PEERS {
        let own = ours.gas(snapshots)?;
        let _ = writeln!(table, "| {call} | {} | {other} | {} | {} | {what} |", grouped(own), grouped(*gas), ratio(*gas, own));
    }
    Ok(table)
}

fn everything(snapshots: &Snapshots) -> String {
    let mut table = "| contract | call | gas |\n|---|---|---:|\n".to_owned();
    for (contract, figures) in snapshots.iter().filter(|(group, _)| *group != CALLDATA) {
        for (what, gas) in figures {
            let _ = writeln!(table, "| `{contract}` | {what} | {} |", grouped(*gas));
        }
    }
    table
}

impl Target {
    /// Says whether the figure keeps the target. A miss needs its reason here, and a reason needs a miss.
    fn verdict(&self, gas: u64) -> Result<&'static str> {
        match (gas.saturating_mul(TOLERANCE) > self.limit.saturating_mul(TOLERANCE + 1), self.floor) {
            (false, None) => Ok("kept"),
            (true, Some(_)) => Ok("missed, see below"),
            (true, None) => bail!("`{}` costs {gas} gas, more than 1 % above its target of {}, and nobody says why", self.call, self.limit),
            (false, Some(_)) => {
                bail!("`{}` costs {gas} gas and keeps its target of {}: remove the reason for missing it", self.call, self.limit)
            }
        }
    }
}

impl Ours {
    fn gas(self, snapshots: &Snapshots) -> Result<u64> {
        let figure = |contract: &str, what: &str| {
            let found = snapshots.get(contract).and_then(|figures| figures.get(what)).copied();
            found.with_context(|| format!("contracts/snapshots/{contract}.json has no `{what}`"))
        };
        Ok(match self {
            Self::One(contract, what) => figure(contract, what)?,
            Self::Per(contract, what, pieces) => figure(contract, what)?.div_ceil(pieces),
            Self::Less(contract, what, without) => figure(contract, what)?.saturating_sub(figure(contract, without)?),
        })
    }
}

/// Returns the number with a space after each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let spaced = digits.char_indices().map(|(place, digit)| {
        let gap = place > 0 && (digits.len() - place).is_multiple_of(3);
        if gap { format!(" {digit}") } else { digit.to_string() }
    });
    spaced.collect()
}

/// Returns how many times `ours` the other figure is, to one decimal.
fn ratio(other: u64, ours: u64) -> String {
    let tenths = (other * 10 + ours / 2) / ours.max(1);
    format!("{}.{} ×", tenths / 10, tenths % 10)
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    const FLOOR: Floor = Floor { parts: &[Part::Charged("slot", 2, 40), Part::Calldata("mint")], why: "so" };

    fn target(limit: u64, floor: Option<&'static Floor>) -> Target {
        Target { call: "mint", ours: Ours::One("A", "mint"), limit, floor }
    }

    fn measured() -> Snapshots {
        let figures = [("mint", 1_234_567), ("two", 101), ("none", 1)].map(|(what, gas)| (what.to_owned(), gas));
        Snapshots::from([("A".to_owned(), figures.into())])
    }

    #[test]
    fn a_miss_has_a_reason_and_a_reason_has_a_miss() {
        assert_eq!(target(100, None).verdict(101).expect("within one in a hundred"), "kept");
        assert!(target(100, None).verdict(102).is_err());
        assert_eq!(target(100, Some(&FLOOR)).verdict(102).expect("argued"), "missed, see below");
        assert!(target(100, Some(&FLOOR)).verdict(101).is_err());
    }

    #[test]
    fn a_floor_is_the_sum_of_its_parts_and_below_the_measure() {
        let calldata = Snapshots::from([(CALLDATA.to_owned(), [("mint".to_owned(), 16)].into())]);
        let page = FLOOR.page(&calldata, 100, 90).expect("below the measure");
        assert!(page.contains("**96**") && page.contains("| computing | | 4 |"), "{page}");
        assert!(FLOOR.page(&calldata, 95, 90).is_err());
        assert!(FLOOR.page(&measured(), 100, 90).is_err(), "calldata that nobody measured");
    }

    #[test]
    fn figures_are_taken_whole_per_piece_and_less_another() {
        let gas = |ours: Ours| ours.gas(&measured()).expect("measured");
        assert_eq!(gas(Ours::One("A", "mint")), 1_234_567);
        assert_eq!(gas(Ours::Per("A", "two", 2)), 51);
        assert_eq!(gas(Ours::Less("A", "two", "none")), 100);
        assert!(Ours::One("A", "gone").gas(&measured()).is_err());
    }

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1 000", "1 234 567"]);
        assert_eq!(ratio(351_242, 149_562), "2.3 ×");
    }

    #[test]
    fn the_committed_page_is_the_one_that_the_snapshots_give() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's folder");
        check(root).expect("docs/gas.md is fresh");
    }
}
