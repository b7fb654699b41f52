//! `cargo xtask test`: installs the foreign tools that the tests drive, then runs every test.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{contracts, shell};

/// What the feature `aws-kms` changes, which the workspace is built without.
pub(crate) const KMS: [&str; 7] = ["--package", "modelmark", "--package", "modelmark-chain", "--features", "aws-kms", "--locked"];

/// Installs what is missing and runs all tests: contracts, Rust, documentation.
pub(crate) fn run(root: &Path) -> Result<()> {
    contracts::install(root)?;
    node_packages(&root.join("tests/clients/gateway"))?;
    let python = python_environment(root, "tests/clients/requirements.txt", "python")?;
    let model_signing = python_environment(root, "vectors/oms/requirements.txt", "oms")?;
    let exports = python_environment(root, "vectors/export/requirements.txt", "exports")?;
    node_packages(&root.join("vectors/credential"))?;
    node_packages(&root.join("vectors/encryption"))?;
    node_packages(&root.join("tests/clients/ipfs"))?;
    node_packages(&root.join("tests/clients/azurite"))?;
    arweave_packages(root)?;
    let credential = python_environment(root, "vectors/credential/requirements.txt", "credential")?;
    let moto = python_environment(root, "tests/clients/moto/requirements.txt", "moto")?;
    let kubernetes = python_environment(root, "tests/clients/kubernetes/requirements.txt", "kubernetes")?;
    let policy = python_environment(root, "tests/clients/policy/requirements.txt", "policy")?;
    shell::run(root, &exports.to_string_lossy(), &["vectors/export/check.py", "--check"], &[])?;
    contracts::test(root)?;
    let anvil = contracts::tool(root, "anvil")?;
    let cast = contracts::tool(root, "cast")?;
    // `MODELMARK_REQUIRE_TOOLS` turns "skipped, tool not found" into a failure: here the tools are known to be there.
    let env: [(&str, &OsStr); 9] = [
        ("MODELMARK_ANVIL", anvil.as_os_str()),
        ("MODELMARK_CAST", cast.as_os_str()),
        ("MODELMARK_PYTHON", python.as_os_str()),
        ("MODELMARK_OMS_PYTHON", model_signing.as_os_str()),
        ("MODELMARK_CREDENTIAL_PYTHON", credential.as_os_str()),
        ("MODELMARK_MOTO_PYTHON", moto.as_os_str()),
        ("MODELMARK_KUBERNETES_PYTHON", kubernetes.as_os_str()),
        ("MODELMARK_POLICY_PYTHON", policy.as_os_str()),
        ("MODELMARK_REQUIRE_TOOLS", OsStr::new("1")),
    ];
    if shell::works("cargo", &["nextest", "--version"]) {
        shell::run(root, "cargo", &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"], &env)?;
        shell::run(root, "cargo", &["test", "--workspace", "--locked", "--doc"], &env)?;
        shell::run(root, "cargo", &[&["nextest", "run"], &KMS[..], &["--no-fail-fast", "--filterset", "test(kms)"]].concat(), &env)
    } else {
        shell::run(root, "cargo", &["test", "--workspace", "--locked", "--no-fail-fast"], &env)?;
        shell::run(root, "cargo", &[&["test"], &KMS[..], &["--no-fail-fast", "kms"]].concat(), &env)
    }
}

/// Installs the Node packages that the lock file in `home` pins, when it changed.
pub(crate) fn node_packages(home: &Path) -> Result<()> {
    let lock = home.join("package-lock.json");
    let wanted = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let stamp = home.join("node_modules/.installed-lock.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    shell::run(home, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"], &[])?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Installs an Arweave gateway. Its tables are kept by native code, which is compiled against the headers beside Node where they are, else npm looks
/// for it ready-made.
fn arweave_packages(root: &Path) -> Result<()> {
    let home = root.join("vectors/arweave");
    node_packages(&home)?;
    if home.join("node_modules/sqlite3/build/Release/node_sqlite3.node").exists() {
        return Ok(());
    }
    let prefix = shell::capture(root, "node", &["-p", "require('path').resolve(process.execPath, '..', '..')"])?;
    let prefix = Path::new(prefix.trim());
    let headers = prefix.join("include/node/node.h").exists().then_some(("npm_config_nodedir", prefix.as_os_str()));
    shell::run(&home, "npm", &["rebuild", "sqlite3", "--no-audit", "--no-fund"], headers.as_slice())
}

/// Makes a Python environment under `target/tools`, anew when its requirements changed, and returns its interpreter.
pub(crate) fn python_environment(root: &Path, requirements: &str, name: &str) -> Result<PathBuf> {
    let requirements = root.join(requirements);
    let wanted = fs::read_to_string(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let home = root.join("target/tools").join(name);
    let python = home.join("bin/python");
    let stamp = home.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    shell::run(root, "python3", &[OsStr::new("-m"), OsStr::new("venv"), OsStr::new("--clear"), home.as_os_str()], &[])?;
    let pip = [
        OsStr::new("-m"),
        OsStr::new("pip"),
        OsStr::new("install"),
        OsStr::new("--quiet"),
        OsStr::new("--disable-pip-version-check"),
        OsStr::new("--requirement"),
        requirements.as_os_str(),
    ];
    shell::run(root, &python.to_string_lossy(), &pip, &[])?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}
