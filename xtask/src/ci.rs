//! `cargo xtask ci`: everything that must hold before a change lands.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;

use crate::{contracts, coverage, gas, shell, slither, test, tidy};

/// Runs formatting, lints, house rules, all tests, generated-file checks and the example walks, cheapest first.
pub(crate) fn run(root: &Path) -> Result<()> {
    shell::run(root, "cargo", &["fmt", "--all", "--check"], &[])?;
    tidy::run(root)?;
    contracts::install(root)?;
    contracts::check(root)?;
    gas::check(root)?;
    shell::run(root, "cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], &[])?;
    shell::run(root, "cargo", &[&["clippy"], &test::KMS[..], &["--all-targets", "--", "-D", "warnings"]].concat(), &[])?;
    // What is left out has to be left out whole.
    let bare = ["check", "--package", "modelmark-oms", "--package", "modelmark", "--no-default-features", "--locked"];
    shell::run(root, "cargo", &bare, &[])?;
    shell::run(root, "cargo", &["doc", "--workspace", "--no-deps", "--locked", "--quiet"], &[("RUSTDOCFLAGS", OsStr::new("-D warnings"))])?;
    test::run(root)?;
    coverage::run(root)?;
    slither::run(root)?;
    // The walks drive the binary that the tests have just built, so that CI does not build it a second time with optimisation.
    let binary = root.join("target/debug/modelmark");
    shell::run(root, "cargo", &["build", "--package", "modelmark", "--locked"], &[])?;
    for walk in ["examples/01-publish-and-verify/run.sh", "examples/03-a-models-life/run.sh"] {
        shell::run(root, "bash", &[walk], &[("MODELMARK", binary.as_os_str())])?;
    }
    Ok(())
}
