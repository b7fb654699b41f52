//! The descriptors that wallets show calls by (`contracts/erc7730`) against the interfaces, read by another implementation than wrote them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use alloy::json_abi::{InternalType, JsonAbi, Param};
use alloy::primitives::keccak256;
use serde_json::Value;

fn contracts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts")
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the descriptors whose names start so, by the rest of their names.
fn descriptors(start: &str) -> BTreeMap<String, Value> {
    let files = std::fs::read_dir(contracts().join("erc7730")).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().strip_prefix(start).map(str::to_owned);
    files.filter_map(|path| Some((name(&path)?, json(&path)))).collect()
}

fn interface(contract: &str) -> JsonAbi {
    serde_json::from_value(json(&contracts().join(format!("artifacts/{contract}.json")))["abi"].clone()).unwrap()
}

/// Returns each value that the function takes by its path.
fn leaves(parameters: &[Param], parent: &str, all: &mut BTreeMap<String, String>) {
    for parameter in parameters {
        let arrays = ".[]".repeat(parameter.ty.matches("[]").count());
        let path = format!("{parent}{}{arrays}", parameter.name);
        if parameter.components.is_empty() {
            all.insert(path, parameter.ty.clone());
        } else {
            leaves(&parameter.components, &format!("{path}."), all);
        }
    }
}

fn strings(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// Every path that a format names is a value, and every value is shown or said to be hidden.
fn assert_complete(at: &str, descriptor: &Value, format: &Value, values: &BTreeMap<String, String>) {
    let container = ["@.value", "@.to"];
    let mut shown = BTreeSet::new();
    for field in format["fields"].as_array().unwrap() {
        let path = field["path"].as_str().unwrap();
        assert!(values.contains_key(path) || path == "@.value", "{at}: {path}");
        assert!(!field["label"].as_str().unwrap().is_empty(), "{at}: {path} has no label");
        assert!(shown.insert(path.to_owned()), "{at}: {path} twice");
        for key in ["tokenPath", "collectionPath", "calleePath"] {
            let Some(other) = field["params"][key].as_str() else { continue };
            assert!(
                values.get(other).is_some_and(|kind| kind == "address") || container.contains(&other),
                "{at}: {path} points to {other}"
            );
        }
        if let Some(words) = field["params"]["$ref"].as_str() {
            let pointer = words.strip_prefix('$').unwrap().replace('.', "/");
            assert!(descriptor.pointer(&pointer).is_some_and(|words| words["0"].is_string()), "{at}: {words}");
        }
        let kind = values.get(path).map_or("uint256", String::as_str);
        let fits = match field["format"].as_str().unwrap() {
            "raw" => true,
            "addressName" => kind.starts_with("address"),
            "calldata" => kind.starts_with("bytes"),
            "enum" => kind == "uint8",
            "amount" | "tokenAmount" | "nftName" | "date" | "duration" | "unit" => kind.starts_with("uint"),
            other => panic!("{at}: {other} is no format of ERC-7730"),
        };
        assert!(fits, "{at}: {path} is {kind}");
    }
    assert_eq!(strings(&format["required"]), shown, "{at}");
    let hidden = strings(&format["excluded"]);
    for value in values.keys() {
        // What is hidden as a whole has no parts to show.
        let covered = hidden.iter().any(|path| value == path || value.starts_with(&format!("{path}.")));
        assert!(covered != shown.contains(value), "{at}: {value} is neither shown nor hidden, or both");
    }
}

#[test]
fn every_described_call_is_one_that_the_contract_takes() {
    let all = descriptors("calldata-");
    assert!(all.len() >= 10, "{:?}", all.keys());
    for (contract, descriptor) in all {
        let abi = interface(&contract);
        let bound: JsonAbi = serde_json::from_value(descriptor["context"]["contract"]["abi"].clone()).unwrap();
        for (key, format) in descriptor["display"]["formats"].as_object().unwrap() {
            let at = format!("{contract}.{key}");
            let (types, named) = split(key);
            let selector = &keccak256(&types)[..4];
            let function = abi.functions().find(|function| function.selector() == selector).unwrap_or_else(|| panic!("{at}: no {types}"));
            assert_eq!(named, names(&function.inputs), "{at}");
            assert!(bound.functions().any(|bound| bound == function), "{at}: the descriptor's interface is another");
            let mut values = BTreeMap::new();
            leaves(&function.inputs, "", &mut values);
            assert_complete(&at, &descriptor, format, &values);
        }
        assert_eq!(bound.functions().count(), descriptor["display"]["formats"].as_object().unwrap().len(), "{contract}");
    }
}

/// Splits a signature with names into the one that is hashed, and the names in their order: a tuple's members before its own.
fn split(key: &str) -> (String, Vec<String>) {
    let (mut types, mut names) = (String::new(), Vec::new());
    let mut rest = key;
    while let Some((kind, after)) = rest.split_once(' ') {
        let end = after.find([',', ')']).unwrap();
        types.push_str(kind);
        names.push(after[..end].to_owned());
        rest = &after[end..];
    }
    (types + rest, names)
}

fn names(parameters: &[Param]) -> Vec<String> {
    parameters.iter().flat_map(|parameter| [names(&parameter.components), vec![parameter.name.clone()]].concat()).collect()
}

/// A choice of the contract that has no word would be shown as a bare number.
#[test]
fn every_choice_is_shown_in_words() {
    for (contract, descriptor) in descriptors("calldata-") {
        let bound: JsonAbi = serde_json::from_value(descriptor["context"]["contract"]["abi"].clone()).unwrap();
        let mut pending: Vec<Param> = bound.functions().flat_map(|function| function.inputs.clone()).collect();
        while let Some(parameter) = pending.pop() {
            pending.extend(parameter.components);
            if let Some(InternalType::Enum { ty, .. }) = parameter.internal_type {
                assert!(descriptor["metadata"]["enums"][&ty]["1"].is_string(), "{contract}: {ty}");
            }
        }
    }
}

/// A descriptor for another message than the contract checks has users sign blindly.
#[test]
fn every_described_message_hashes_as_the_contracts_expect() {
    let all = descriptors("eip712-");
    assert_eq!(all.keys().collect::<Vec<_>>(), ["Delegation", "MintAuth", "Order", "Withdrawal"]);
    for (name, descriptor) in all {
        let schema = &descriptor["context"]["eip712"]["schemas"][0];
        assert_eq!(schema["primaryType"], name.as_str());
        let members = schema["types"][&name].as_array().unwrap();
        let values: BTreeMap<_, _> = members
            .iter()
            .map(|member| (member["name"].as_str().unwrap().to_owned(), member["type"].as_str().unwrap().to_owned()))
            .collect();
        let listed: Vec<_> =
            members.iter().map(|member| format!("{} {}", member["type"].as_str().unwrap(), member["name"].as_str().unwrap())).collect();
        let text = format!("\"{name}({})\"", listed.join(","));
        assert!(sources().contains(&text), "no contract hashes {text}");
        assert_complete(&name, &descriptor, &descriptor["display"]["formats"][&name], &values);
    }
}

/// Reads all of `contracts/src`.
fn sources() -> String {
    let mut folders = vec![contracts().join("src")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() { folders.push(path) } else { text.push_str(&std::fs::read_to_string(&path).unwrap()) }
        }
    }
    text
}
