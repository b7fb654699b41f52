//! Several sets of weights in one model: what `inspect` and `publish` say of them.

use modelmark_testkit::tools::workspace;
use serde_json::Value;

use crate::environment::TestEnvironment;

/// The only file of the vector with this title, as foreign tools wrote it.
fn container(title: &str) -> Vec<u8> {
    let vectors: Value = serde_json::from_slice(&std::fs::read(workspace().join("vectors/weights/containers.json")).unwrap()).unwrap();
    let cases = ["containers", "others"].map(|key| vectors[key].as_array().unwrap().clone()).concat();
    let case = cases.into_iter().find(|case| case["title"] == title).unwrap();
    let hex = case["files"].as_object().unwrap().values().next().unwrap().as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// A model with these files of weights.
fn model(files: &[(&str, &str)]) -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.write("tiny/README.md", "---\nlicense: mit\n---\n\n# Tiny\n");
    for (name, title) in files {
        environment.write(&format!("tiny/{name}"), container(title));
    }
    environment
}

#[test]
fn inspect_says_which_sets_are_the_same() {
    let environment = model(&[
        ("model.safetensors", "cast to F16 and back"),
        ("model.fp16.safetensors", "cast to F16"),
        ("pytorch_model.bin", "torch, zip"),
    ]);
    insta::assert_snapshot!(environment.ok(&["inspect", "tiny", "--depth", "0"]).shown(), @r"
    code: 0
    --- stdout
    model        directory, 4 files, 4.73 KiB
    name         tiny
    licence      MIT
    weights      model.fp16.safetensors: safetensors, 7 tensors, 83 parameters (F16, I64), 690 B
    weights      model.safetensors: safetensors, 7 tensors, 83 parameters (F32, I64), 844 B
    weights      pytorch_model.bin: pytorch, 7 tensors, 83 parameters (F32, I64), 3.20 KiB
    finding      low     pickle.beside  pytorch_model.bin: a pickle, which holds nothing but data; the safetensors files need none
    finding      info    weights.several  sets of weights that by their names are one model, besides the first: 1 the same in another precision, 1 not the same model
    finding      info    weights.precision  model.fp16.safetensors: the same values as model.safetensors in another precision (F32, here F16)
    finding      medium  weights.different  pytorch_model.bin: not the same model as model.safetensors: 1 of 4 weight tensors in common (3 tensors of the same name and type differ)
    --- stderr
    ");
    let seen = environment.ok(&["inspect", "tiny", "--json"]).json();
    let likeness: Vec<_> = seen["comparisons"].as_array().unwrap().iter().map(|one| one["likeness"].as_str().unwrap()).collect();
    assert_eq!(likeness, ["precision", "different"]);
}

#[test]
fn publish_says_so_too() {
    let environment = model(&[("model.safetensors", "safetensors"), ("pytorch_model.bin", "torch, zip")]);
    let outcome = environment.ok(&["publish", "tiny", "--json"]);
    assert!(outcome.stderr.contains("pytorch_model.bin: the same weights as model.safetensors"), "{outcome:#?}");
    let published = outcome.json();
    assert_eq!(published["comparisons"][0]["likeness"], "same");
    environment.write("tiny/pytorch_model.bin", container("torch, zip"));
    environment.write("tiny/model.safetensors", container("swapped"));
    let outcome = environment.ok(&["publish", "tiny"]);
    assert!(outcome.stderr.contains("not the same model as model.safetensors"), "{outcome:#?}");
}

#[test]
fn sets_that_cannot_be_read_are_no_reason_to_say_nothing() {
    let environment = model(&[("model.safetensors", "safetensors")]);
    environment.write("tiny/pytorch_model.bin", b"\x80\x02cinert_module\nfunction\n)R.");
    environment.write("tiny/model.fp16.safetensors", b"broken");
    let seen = environment.run(&["inspect", "tiny", "--json"]).expect_code(1);
    assert!(seen.stderr.contains("not compared") && seen.stderr.contains("model.fp16.safetensors"), "{seen:#?}");
    assert!(seen.stdout.contains("weights.several"), "{seen:#?}");
}
