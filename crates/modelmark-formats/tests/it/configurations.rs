//! What lies beside weights, hostile: indexes of shards, configurations of adapters and of models.

use std::collections::BTreeMap;
use std::path::PathBuf;

use modelmark_formats::{Adapter, ByteRange, Config, Contents, Finding, Shard, ShardIndex, Tensor};
use serde_json::{Value, json};

use crate::content::repository;

fn folder() -> PathBuf {
    repository().join("attacks/configurations")
}

fn expected(name: &str) -> BTreeMap<String, Value> {
    serde_json::from_slice(&std::fs::read(folder().join(name)).unwrap()).unwrap()
}

/// Reads a file as what its folder says it is: what is taken from it, or the fault.
fn outcome(name: &str) -> Result<Value, String> {
    let json = std::fs::read(folder().join(format!("{name}.json"))).unwrap();
    let codes = |findings: Vec<Finding>| findings.iter().map(|finding| json!(finding.code)).collect::<Value>();
    match name.split('/').next().unwrap() {
        "index" => {
            let place = ByteRange { offset: 0, len: 4 };
            let held =
                Contents { format: "safetensors", tensors: vec![Tensor::plain("a", "F32", vec![1], 1, place)], ..Contents::default() };
            let shard = |path: &str| if path == "a.safetensors" { Shard::Read(&held) } else { Shard::Unread };
            ShardIndex::parse(&json).map(|index| codes(index.check(&shard)))
        }
        "adapter" => Adapter::parse(&json).map(|adapter| codes(adapter.findings())),
        "config" => Config::parse(&json).map(|config| json!(config.architecture())),
        kind => panic!("{kind}"),
    }
}

#[test]
fn attacks_are_refused() {
    for (name, fault) in expected("faults.json") {
        let error = outcome(&name).expect_err(&name);
        assert!(error.contains(fault.as_str().unwrap()), "{name}: {error}");
    }
}

#[test]
fn what_is_not_refused_is_reported_or_says_nothing() {
    for (name, taken) in expected("findings.json") {
        assert_eq!(outcome(&name), Ok(taken), "{name}");
    }
}

#[test]
fn every_file_has_its_outcome() {
    let mut files: Vec<String> = ["index", "adapter", "config"]
        .iter()
        .flat_map(|kind| std::fs::read_dir(folder().join(kind)).unwrap().map(move |file| format!("{kind}/{}", name_of(&file.unwrap()))))
        .collect();
    let mut named: Vec<String> = expected("faults.json").into_keys().chain(expected("findings.json").into_keys()).collect();
    files.sort();
    named.sort();
    assert_eq!(files, named);
}

fn name_of(file: &std::fs::DirEntry) -> String {
    file.path().file_stem().unwrap().to_str().unwrap().to_owned()
}
