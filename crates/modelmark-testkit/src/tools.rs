//! The foreign tools that tests drive: where `cargo xtask test` put them.
//!
//! A test that needs one asks here and returns early when it is missing. Under `cargo xtask test`, `MODELMARK_REQUIRE_TOOLS` is set and a missing tool is a
//! failure, so that no test is skipped unnoticed where it matters.

use std::path::{Path, PathBuf};

/// Returns the workspace's root folder.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Returns the `anvil` binary.
#[must_use]
pub fn anvil() -> Option<PathBuf> {
    find("MODELMARK_ANVIL", &workspace().join("contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"))
}

/// Returns the `cast` binary.
#[must_use]
pub fn cast() -> Option<PathBuf> {
    find("MODELMARK_CAST", &workspace().join("contracts/node_modules/@foundry-rs/cast-linux-amd64/bin/cast"))
}

/// Returns the folder of Node packages that read gateways and CAR files.
#[must_use]
pub fn gateway_modules() -> Option<PathBuf> {
    find("MODELMARK_GATEWAY_MODULES", &workspace().join("tests/clients/gateway/node_modules"))
}

/// Returns a Python with the packages of `tests/clients/requirements.txt`.
#[must_use]
pub fn python() -> Option<PathBuf> {
    find("MODELMARK_PYTHON", &workspace().join("target/tools/python/bin/python"))
}

/// Returns a Python with the packages of `vectors/oms/requirements.txt`: the reference client of OpenSSF model signing.
#[must_use]
pub fn model_signing() -> Option<PathBuf> {
    find("MODELMARK_OMS_PYTHON", &workspace().join("target/tools/oms/bin/python"))
}

/// Returns a Python with the packages of `vectors/credential/requirements.txt`, which verify credentials.
#[must_use]
pub fn credential_python() -> Option<PathBuf> {
    find("MODELMARK_CREDENTIAL_PYTHON", &workspace().join("target/tools/credential/bin/python"))
}

/// Returns a Python with the packages of `tests/clients/moto/requirements.txt`: an object store that speaks the protocol of Amazon S3.
#[must_use]
pub fn moto() -> Option<PathBuf> {
    find("MODELMARK_MOTO_PYTHON", &workspace().join("target/tools/moto/bin/python"))
}

/// Returns the folder of the script that starts Azure Blob Storage, once the packages that it needs are there.
#[must_use]
pub fn azurite() -> Option<PathBuf> {
    find("MODELMARK_AZURITE_MODULES", &workspace().join("tests/clients/azurite/node_modules"))?.parent().map(Path::to_path_buf)
}

/// Returns the folder of Node packages that holds ethers.
#[must_use]
pub fn node_modules() -> Option<PathBuf> {
    find("MODELMARK_NODE_MODULES", &workspace().join("contracts/node_modules"))
}

/// Returns the folder of Node packages that verify credentials.
#[must_use]
pub fn credential_modules() -> Option<PathBuf> {
    find("MODELMARK_CREDENTIAL_MODULES", &workspace().join("vectors/credential/node_modules"))
}

/// Returns the folder of Node packages that encrypt with age.
#[must_use]
pub fn encryption_modules() -> Option<PathBuf> {
    find("MODELMARK_ENCRYPTION_MODULES", &workspace().join("vectors/encryption/node_modules"))
}

/// Returns the folder of scripts that start an IPFS node and a pinning service, once the packages that they need are there.
#[must_use]
pub fn ipfs_clients() -> Option<PathBuf> {
    find("MODELMARK_IPFS_MODULES", &workspace().join("tests/clients/ipfs/node_modules"))?.parent().map(Path::to_path_buf)
}

/// Returns a Python with the packages of `tests/clients/kubernetes/requirements.txt`: the schemas of Kubernetes.
#[must_use]
pub fn kubernetes_python() -> Option<PathBuf> {
    find("MODELMARK_KUBERNETES_PYTHON", &workspace().join("target/tools/kubernetes/bin/python"))
}

/// Returns a Python with the packages of `tests/clients/policy/requirements.txt`: engines of Rego and of CEL.
#[must_use]
pub fn policy_python() -> Option<PathBuf> {
    find("MODELMARK_POLICY_PYTHON", &workspace().join("target/tools/policy/bin/python"))
}

/// Returns the folder of Node packages with an Arweave gateway and what signs for it. `daemon.mjs` beside it runs them.
#[must_use]
pub fn arweave_modules() -> Option<PathBuf> {
    let modules = find("MODELMARK_ARWEAVE_MODULES", &workspace().join("vectors/arweave/node_modules"))?;
    // Native code, which is compiled or fetched after the packages are there.
    find("MODELMARK_ARWEAVE_SQLITE", &modules.join("sqlite3/build/Release/node_sqlite3.node")).map(|_| modules)
}

fn find(variable: &str, usual: &Path) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map_or_else(|| usual.to_path_buf(), PathBuf::from);
    if path.exists() {
        return Some(path);
    }
    missing(variable, &path);
    None
}

#[expect(clippy::panic, clippy::print_stderr, reason = "a test that cannot run says so, and fails where it was promised to run")]
fn missing(variable: &str, path: &Path) {
    let message = format!("{} is not there; `cargo xtask test` installs it, or set {variable}", path.display());
    if std::env::var_os("MODELMARK_REQUIRE_TOOLS").is_some() {
        panic!("{message}");
    }
    eprintln!("skipped: {message}");
}
