//! `contracts/erc7730`: what wallets show of the calls and messages that users sign (ERC-7730, version 1), made from the contracts.
//!
//! Interfaces come from `contracts/artifacts`; typed messages, their domains and the names of choices from the Solidity sources. Written by
//! hand are only an intent for each function ([`calls`]) and what a parameter of some name is ([`parameters`]). A parameter that nobody
//! described is an error, so that a wallet never leaves something out because we forgot it.

mod calls;
mod format;
mod messages;
mod parameters;
mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use crate::contracts::sorted;
use calls::CALLS;
use format::Format;
use source::Source;

const SCHEMA: &str = "https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json";
const FOLDER: &str = "contracts/erc7730";
/// The chain of developers: no wallet has to know its contracts.
const DEVELOPMENT: u64 = 31_337;

/// Where contracts are: by name, each place as ERC-7730 writes it.
type Deployments = BTreeMap<String, Vec<Value>>;

/// Writes `contracts/erc7730/`.
pub(crate) fn write(root: &Path) -> Result<()> {
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, text) in descriptors(root)? {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Fails when `contracts/erc7730/` is not what the contracts give.
pub(crate) fn check(root: &Path) -> Result<()> {
    let wanted = descriptors(root)?;
    let folder = root.join(FOLDER);
    let mut there = BTreeMap::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        there.insert(name, fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    if there == wanted {
        return Ok(());
    }
    bail!("{FOLDER} is not what the contracts give; run `cargo xtask contracts descriptors` and commit the result")
}

/// Makes every descriptor: file names and texts.
fn descriptors(root: &Path) -> Result<BTreeMap<String, String>> {
    let source = Source::read(&root.join("contracts/src"))?;
    let deployments = deployments(root)?;
    let mut files = BTreeMap::new();
    for (contract, functions) in CALLS {
        let text = of_contract(root, contract, functions, &source, &deployments).with_context(|| format!("in {contract}"))?;
        files.insert(format!("calldata-{contract}.json"), text);
    }
    for (name, value) in messages::descriptors(&source, &deployments)? {
        files.insert(format!("eip712-{name}.json"), text(&value)?);
    }
    Ok(files)
}

fn of_contract(
    root: &Path,
    contract: &str,
    functions: &[(&str, usize, &str)],
    source: &Source,
    deployments: &Deployments,
) -> Result<String> {
    let abi = abi(root, contract)?;
    let mut formats = Map::new();
    let mut fragments = Vec::new();
    let mut enums = Map::new();
    for (name, arity, intent) in functions {
        let function = function(&abi, name, *arity)?;
        let format = Format::of_function(contract, name, function)?;
        enums.extend(format.enums(source)?);
        formats.insert(signature(name, function), format.to_json(intent));
        fragments.push(function.clone());
    }
    let places = deployments.get(contract).cloned().unwrap_or_default();
    let mut binding = json!({"abi": fragments, "deployments": places});
    if let (Some((factory, event)), Some(binding)) = (calls::factory(contract), binding.as_object_mut()) {
        let places = deployments.get(factory).cloned().unwrap_or_default();
        binding.insert("factory".into(), json!({"deployments": places, "deployEvent": event}));
    }
    text(&descriptor(json!({"$id": contract, "contract": binding}), enums, formats))
}

/// Puts the three sections together.
fn descriptor(context: Value, enums: Map<String, Value>, formats: Map<String, Value>) -> Value {
    let mut metadata = json!({"owner": "modelmark"});
    if let (false, Some(metadata)) = (enums.is_empty(), metadata.as_object_mut()) {
        metadata.insert("enums".into(), Value::Object(enums));
    }
    json!({"$schema": SCHEMA, "context": context, "metadata": metadata, "display": {"formats": formats}})
}

fn text(descriptor: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(&sorted(descriptor))? + "\n")
}

fn abi(root: &Path, contract: &str) -> Result<Vec<Value>> {
    let file = root.join(format!("contracts/artifacts/{contract}.json"));
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let artifact: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    artifact.get("abi").and_then(Value::as_array).cloned().with_context(|| format!("{} has no abi", file.display()))
}

/// Returns the one function with this name and this many parameters.
fn function<'a>(abi: &'a [Value], name: &str, arity: usize) -> Result<&'a Value> {
    let fits = |entry: &&Value| string(entry, "type") == "function" && string(entry, "name") == name && inputs(entry).len() == arity;
    let mut found = abi.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(function), None) => Ok(function),
        (None, _) => bail!("there is no function `{name}` with {arity} parameters"),
        (Some(_), Some(_)) => bail!("there are several functions `{name}` with {arity} parameters"),
    }
}

/// Returns a text of an entry, empty where there is none.
fn string<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the parameters of a function, or the members of a tuple.
fn inputs(entry: &Value) -> &[Value] {
    let members = entry.get("inputs").or_else(|| entry.get("components"));
    members.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the signature with the parameters' names, as ERC-7730 wants it for a key.
fn signature(name: &str, function: &Value) -> String {
    let parameters: Vec<_> = inputs(function).iter().map(parameter).collect();
    format!("{name}({})", parameters.join(","))
}

fn parameter(input: &Value) -> String {
    let kind = string(input, "type");
    let kind = kind.strip_prefix("tuple").map_or_else(
        || kind.to_owned(),
        |array| {
            let members: Vec<_> = inputs(input).iter().map(parameter).collect();
            format!("({}){array}", members.join(","))
        },
    );
    format!("{kind} {}", string(input, "name"))
}

/// Reads `contracts/deployments/`, without the chain of developers.
fn deployments(root: &Path) -> Result<Deployments> {
    let mut all = Deployments::new();
    let folder = root.join("contracts/deployments");
    let mut files: Vec<_> = fs::read_dir(&folder)?.collect::<std::io::Result<_>>()?;
    files.sort_by_key(fs::DirEntry::path);
    for path in files.iter().map(fs::DirEntry::path).filter(|path| path.extension().is_some_and(|kind| kind == "json")) {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let book: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
        let chain = book.get("chainId").and_then(Value::as_u64).with_context(|| format!("{} has no chainId", path.display()))?;
        if chain == DEVELOPMENT {
            continue;
        }
        let registries = book.get("registries").and_then(Value::as_array).into_iter().flatten();
        let registries = registries.filter_map(|registry| Some(("ModelRegistry", registry.get("address")?)));
        let others = book.get("contracts").and_then(Value::as_object).into_iter().flatten();
        let others = others.map(|(name, address)| (name.as_str(), address));
        for (name, address) in registries.chain(others) {
            all.entry(name.to_owned()).or_default().push(json!({"chainId": chain, "address": address}));
        }
    }
    Ok(all)
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn the_committed_descriptors_are_those_that_the_contracts_give() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's folder");
        check(root).expect("contracts/erc7730 is fresh");
    }

    #[test]
    fn a_signature_spells_tuples_out() {
        let function = json!({"inputs": [
            {"type": "tuple[]", "name": "a", "components": [{"type": "address", "name": "b"}, {"type": "uint8", "name": "c"}]},
            {"type": "bytes", "name": "d"},
        ]});
        assert_eq!(signature("f", &function), "f((address b,uint8 c)[] a,bytes d)");
    }

    #[test]
    fn a_function_is_known_by_its_name_and_how_much_it_takes() {
        let abi = [json!({"type": "function", "name": "f", "inputs": []}), json!({"type": "event", "name": "g", "inputs": []})];
        assert!(function(&abi, "f", 0).is_ok());
        assert!(function(&abi, "f", 1).is_err() && function(&abi, "g", 0).is_err());
    }
}
