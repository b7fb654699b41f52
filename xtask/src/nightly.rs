//! `cargo xtask nightly`: what looks longer at the contracts than a change can wait for.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;

use crate::{contracts, shell, slither, test};

/// Runs the invariants, the proofs and the mutants, cheapest first.
pub(crate) fn run(root: &Path) -> Result<()> {
    proofs(root)?;
    invariants(root)?;
    mutation(root, &[])
}

/// Runs the invariants at the length that `contracts/foundry.toml` has for the night.
pub(crate) fn invariants(root: &Path) -> Result<()> {
    let env = [("FOUNDRY_PROFILE", OsStr::new("nightly")), ("FORGE_SNAPSHOT_EMIT", OsStr::new("false"))];
    contracts::forge(root, &["test", "--match-path", "test/invariant/*"], &env)
}

/// Has halmos prove `contracts/test/proofs` for all inputs, with the solver that is installed beside it.
///
/// The solver is named by its path: halmos would otherwise look for one on the network.
pub(crate) fn proofs(root: &Path) -> Result<()> {
    contracts::install(root)?;
    let python = test::python_environment(root, "contracts/tools/proofs-requirements.txt", "proofs")?;
    let forge = contracts::tool(root, "forge")?;
    let path = slither::search_path(&[&python, &forge])?;
    let args = ["--match-contract", "Proof$", "--forge-build-out", "cache/proofs", "--no-status", "--loop", "5"];
    let args = [&args[..], &["--solver-command", "yices-smt2", "--solver-timeout-assertion", "120s"]].concat();
    let env = [("FOUNDRY_PROFILE", OsStr::new("proofs")), ("PATH", path.as_os_str())];
    shell::run(&root.join("contracts"), &python.with_file_name("halmos").to_string_lossy(), &args, &env)
}

/// Counts how many mutants of registry, vault and market the tests notice; `options` are those of `contracts/tools/mutation`.
pub(crate) fn mutation(root: &Path, options: &[&str]) -> Result<()> {
    contracts::install(root)?;
    let forge = contracts::tool(root, "forge")?;
    let work = root.join("target/mutation");
    let args = ["tools/mutation", "--forge", &forge.to_string_lossy(), "--work", &work.to_string_lossy()].map(str::to_owned);
    let args: Vec<_> = args.into_iter().chain(options.iter().map(|&option| option.to_owned())).collect();
    shell::run(&root.join("contracts"), "python3", &args, &[])
}
