//! `cargo xtask contracts`: the only way from Solidity to the artifacts that the Rust bindings are made of.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{clear_signing, shell, standard_input, test};

/// The committed artifacts: the contract and the source file that forge files it under.
const ARTIFACTS: &[(&str, &str)] = &[
    ("AccessManager", "AccessManager.sol"),
    ("BatchAnchor", "BatchAnchor.sol"),
    ("CollectionFactory", "CollectionFactory.sol"),
    ("DerivativeGate", "DerivativeGate.sol"),
    ("IModelRegistry", "IModelRegistry.sol"),
    ("LicenseBook", "LicenseBook.sol"),
    ("LicenseEditions", "LicenseEditions.sol"),
    ("LicenseTerms", "LicenseTerms.sol"),
    ("Licensing", "Licensing.sol"),
    ("LineageVault", "LineageVault.sol"),
    ("ModelMarket", "ModelMarket.sol"),
    ("ModelRegistry", "ModelRegistry.sol"),
    ("ModelRenderer", "ModelRenderer.sol"),
    ("Priority", "Priority.sol"),
    ("RoyaltyReceiver", "RoyaltyReceiver.sol"),
    ("ProofKeys", "ProofKeys.sol"),
    ("SharesFactory", "SharesFactory.sol"),
    ("SharesVault", "SharesVault.sol"),
    ("StatusBoard", "StatusBoard.sol"),
];

/// The version of the chain tools, as `package.json` pins it.
const FOUNDRY: &str = "1.7.1";

/// The contracts whose storage is proven to readers, and where the compiler puts their variables.
const LAYOUTS: &[&str] = &["ModelRegistry", "Priority", "StatusBoard"];

const NOTE: &str = "DO NOT EDIT: written by `cargo xtask contracts`";

/// Compiles the contracts and writes `contracts/artifacts/`, and `contracts/erc7730/` from them.
pub(crate) fn write(root: &Path) -> Result<()> {
    let folder = home(root).join("artifacts");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, text) in compile(root)? {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    standard_input::write(root)?;
    clear_signing::write(root)
}

/// Compiles the contracts and fails when `contracts/artifacts/` does not hold exactly the result.
pub(crate) fn check(root: &Path) -> Result<()> {
    let folder = home(root).join("artifacts");
    let mut stale = Vec::new();
    for (name, text) in compile(root)? {
        if fs::read_to_string(folder.join(&name)).ok().as_deref() != Some(text.as_str()) {
            stale.push(name);
        }
    }
    if !standard_input::is_fresh(root)? {
        stale.push(standard_input::FILE.to_owned());
    }
    if stale.is_empty() {
        return clear_signing::check(root);
    }
    bail!(
        "contracts/artifacts is not what the sources compile to ({}); run `cargo xtask contracts` and commit the result",
        stale.join(", ")
    )
}

/// Runs the contracts' own checks: formatting, tests, the gas figures against the committed ones, and the vectors against ethers.
pub(crate) fn test(root: &Path) -> Result<()> {
    forge(root, &["fmt", "--check"], &[])?;
    forge(root, &["test"], &[("FORGE_SNAPSHOT_CHECK", OsStr::new("true"))])?;
    shell::run(&home(root), "node", &["tools/check-vectors.mjs"], &[])
}

/// Runs the tests and writes what they measure and compute anew: `contracts/snapshots/` and `vectors/contracts/`.
pub(crate) fn record(root: &Path) -> Result<()> {
    forge(root, &["test"], &[("WRITE_VECTORS", OsStr::new("true"))])
}

/// Installs the compiler, the chain tools and OpenZeppelin as `package-lock.json` pins them, when they are missing or of another lock.
pub(crate) fn install(root: &Path) -> Result<()> {
    test::node_packages(&home(root))
}

/// Returns the binary of `forge`, `anvil` or `cast`, inside the package for this machine.
///
/// The launcher packages are not used: they would put a Node process in front of each call, and they list a package for every
/// platform, which a lock file can hold only where the registry has them all. `package-lock.json` pins the ones for x86-64 Linux.
pub(crate) fn tool(root: &Path, name: &str) -> Result<PathBuf> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let package = format!("@foundry-rs/{name}-{system}-{machine}");
    let path = home(root).join("node_modules").join(&package).join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !path.is_file() {
        bail!("`{name}` is not at {}; run `npm install --no-save --ignore-scripts {package}@{FOUNDRY}` in contracts/", path.display());
    }
    Ok(path)
}

pub(crate) fn home(root: &Path) -> PathBuf {
    root.join("contracts")
}

/// Runs forge in `contracts/`.
pub(crate) fn forge(root: &Path, args: &[&str], env: &[(&str, &OsStr)]) -> Result<()> {
    install(root)?;
    let binary = tool(root, "forge")?;
    shell::run(&home(root), &binary.to_string_lossy(), args, env)
}

/// Compiles `src/` alone and anew into a folder of its own, and returns each artifact's file name and text.
///
/// The compiler numbers what it reads, and those numbers may order code: with the tests in, or with only the changed files in, the
/// same contract could come out with other bytes.
fn compile(root: &Path) -> Result<BTreeMap<String, String>> {
    let out = "cache/artifacts";
    standard_input::forget(root)?;
    let asked =
        ["build", "src", "--force", "--quiet", "--out", out, "--cache-path", "cache/artifacts-cache", "--extra-output", "storageLayout"];
    forge(root, &[&asked[..], &["--build-info", "--build-info-path", standard_input::BUILD_INFO]].concat(), &[])?;
    let mut files = BTreeMap::new();
    for (contract, source) in ARTIFACTS {
        let file = home(root).join(out).join(source).join(format!("{contract}.json"));
        let text = fs::read_to_string(&file).with_context(|| format!("forge did not write {}", file.display()))?;
        let built: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
        files.insert(format!("{contract}.json"), artifact(contract, &built)?);
        if LAYOUTS.contains(contract) {
            files.insert(format!("{contract}.layout.json"), layout(contract, &built)?);
        }
    }
    Ok(files)
}

/// Keeps where each variable of a contract is, a variable to the line. The compiler's own numbers of types, which change with what else it reads, are left out.
fn layout(contract: &str, built: &Value) -> Result<String> {
    let variables = built.pointer("/storageLayout/storage").and_then(Value::as_array);
    let variables = variables.with_context(|| format!("{contract} has no storage layout"))?;
    let types = built.pointer("/storageLayout/types");
    let lines = variables.iter().map(|variable| {
        let text =
            |name: &str| variable.get(name).and_then(Value::as_str).with_context(|| format!("{contract}: a variable without {name}"));
        let kind = types.and_then(|types| types.get(text("type").ok()?)?.get("label")?.as_str());
        let kind = kind.with_context(|| format!("{contract}: a variable without a type"))?;
        let offset = variable.get("offset").and_then(Value::as_u64).with_context(|| format!("{contract}: a variable without an offset"))?;
        Ok(format!("    {}", sorted(&json!({"label": text("label")?, "slot": text("slot")?, "offset": offset, "type": kind}))))
    });
    let lines = lines.collect::<Result<Vec<String>>>()?;
    Ok(format!(
        "{{\n  \"note\": {},\n  \"contract\": {},\n  \"storage\": [\n{}\n  ]\n}}\n",
        json!(NOTE),
        json!(contract),
        lines.join(",\n")
    ))
}

/// Keeps the interface and the creation code, in one order of keys, an interface entry to the line.
fn artifact(contract: &str, built: &Value) -> Result<String> {
    let entries = built.get("abi").and_then(Value::as_array).with_context(|| format!("{contract} has no abi"))?;
    let code = built.pointer("/bytecode/object").and_then(Value::as_str).with_context(|| format!("{contract} has no bytecode"))?;
    let abi: Vec<String> = entries.iter().map(|entry| format!("    {}", sorted(entry))).collect();
    let code = if code == "0x" { String::new() } else { format!(",\n  \"bytecode\": {}", json!(code)) };
    Ok(format!(
        "{{\n  \"note\": {},\n  \"contract\": {},\n  \"abi\": [\n{}\n  ]{code}\n}}\n",
        json!(NOTE),
        json!(contract),
        abi.join(",\n")
    ))
}

/// Returns the value with its keys in order, whether or not `serde_json` was built to keep them as read.
pub(crate) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().map(|(key, member)| (key.clone(), sorted(member))).collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn an_artifact_has_its_keys_in_order_and_no_runtime_code() {
        let built = json!({
            "abi": [{"type": "error", "name": "E", "inputs": []}],
            "bytecode": {"object": "0x60", "linkReferences": {}},
            "deployedBytecode": {"object": "0x61"},
        });
        let text = artifact("C", &built).expect("a complete artifact");
        assert_eq!(
            text,
            format!(
                "{{\n  \"note\": \"{NOTE}\",\n  \"contract\": \"C\",\n  \"abi\": [\n    {{\"inputs\":[],\"name\":\"E\",\"type\":\"error\"}}\n  ],\n  \"bytecode\": \"0x60\"\n}}\n"
            )
        );
    }

    #[test]
    fn an_interface_has_no_bytecode_key() {
        let text = artifact("I", &json!({"abi": [], "bytecode": {"object": "0x"}})).expect("a complete artifact");
        assert!(!text.contains("bytecode"));
    }

    #[test]
    fn a_layout_names_types_and_not_the_compilers_numbers_of_them() {
        let built = json!({"storageLayout": {
            "storage": [{"astId": 7, "contract": "src/C.sol:C", "label": "_owners", "offset": 0, "slot": "2", "type": "t_mapping(1)"}],
            "types": {"t_mapping(1)": {"encoding": "mapping", "label": "mapping(uint256 => address)"}},
        }});
        let text = layout("C", &built).expect("a complete layout");
        assert!(text.contains(r#"    {"label":"_owners","offset":0,"slot":"2","type":"mapping(uint256 => address)"}"#), "{text}");
        assert_eq!(layout("C", &json!({})).expect_err("nothing to keep").to_string(), "C has no storage layout");
    }

    #[test]
    fn a_build_without_an_interface_is_refused() {
        let failure = artifact("C", &json!({"bytecode": {"object": "0x60"}})).expect_err("nothing to keep");
        assert_eq!(failure.to_string(), "C has no abi");
    }
}
