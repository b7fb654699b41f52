//! The project's only task runner.

mod ci;
mod clear_signing;
mod contracts;
mod coverage;
mod gas;
mod named_tests;
mod nightly;
mod shell;
mod slither;
mod standard_input;
mod test;
mod tidy;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: cargo xtask <task>

  test                  installs the foreign tools that the tests drive, then runs every test
  tidy                  checks the house rules that no compiler checks
  ci                    everything that must hold before a change lands
  contracts             compiles the contracts and writes contracts/artifacts, and contracts/erc7730 from them
  contracts --check     fails when those are not what the sources compile to
  contracts descriptors writes contracts/erc7730 without compiling; with --check fails when it is stale
  contracts test        formatting, tests and gas figures of the contracts
  contracts coverage    fails when the contracts' tests leave lines or branches out
  contracts slither     fails when the static analyser finds other things in the contracts than were accepted
  contracts gas         writes docs/gas.md from the contracts' gas figures; with --check fails when it is stale
  contracts record      runs the contracts' tests and rewrites their gas figures and vectors
  nightly               the three below: about an hour, and no part of ci
  nightly proofs        has a solver prove what contracts/test/proofs says
  nightly invariants    runs the contracts' invariants at 256 runs of 500 calls
  nightly mutation      counts how many deliberate errors in the contracts their tests notice; options: contracts/tools/mutation";

#[expect(clippy::print_stderr, reason = "a task runner reports failures to its caller's terminal")]
fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[&str]) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?;
    match args {
        ["test"] => test::run(root),
        ["tidy"] => tidy::run(root),
        ["ci"] => ci::run(root),
        ["contracts"] => contracts::write(root),
        ["contracts", "--check"] => contracts::check(root),
        ["contracts", "test"] => contracts::test(root),
        ["contracts", "descriptors"] => clear_signing::write(root),
        ["contracts", "descriptors", "--check"] => clear_signing::check(root),
        ["contracts", "gas"] => gas::write(root),
        ["contracts", "gas", "--check"] => gas::check(root),
        ["contracts", "coverage"] => coverage::run(root),
        ["contracts", "slither"] => slither::run(root),
        ["contracts", "record"] => contracts::record(root),
        ["nightly"] => nightly::run(root),
        ["nightly", "proofs"] => nightly::proofs(root),
        ["nightly", "invariants"] => nightly::invariants(root),
        ["nightly", "mutation", options @ ..] => nightly::mutation(root, options),
        _ => bail!("unknown task `{}`\n\n{USAGE}", args.join(" ")),
    }
}
