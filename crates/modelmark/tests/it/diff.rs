//! `modelmark diff`.

use modelmark_testkit::model::safetensors_of;

use crate::environment::TestEnvironment;

/// A tensor by name, type, shape and values.
type Named<'a> = (&'a str, &'a str, Vec<u8>);

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The upper halves: for numbers that fit.
fn bf16s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()[2..].to_vec()).collect()
}

fn file(tensors: &[Named<'_>]) -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, dtype, bytes) in tensors {
        let elements = bytes.len() / if *dtype == "BF16" { 2 } else { 4 };
        let offsets = [data.len(), data.len() + bytes.len()];
        header.insert((*name).to_owned(), serde_json::json!({"dtype": dtype, "shape": [elements], "data_offsets": offsets}));
        data.extend(bytes);
    }
    safetensors_of(serde_json::to_vec(&header).unwrap(), &data)
}

/// Compares a model of three tensors with this one; returns the verdict and the whole answer.
fn against(second: &[(&str, Vec<u8>)]) -> (String, serde_json::Value) {
    let environment = TestEnvironment::new();
    environment.write("first/model.safetensors", file(&base()));
    environment.write("first/tokenizer.json", "{}");
    for (name, bytes) in second {
        environment.write(&format!("second/{name}"), bytes);
    }
    let answer = environment.ok(&["diff", "first", "second", "--json"]).json();
    (answer["verdict"].as_str().unwrap().to_owned(), answer)
}

fn base() -> [Named<'static>; 3] {
    [("a", "F32", f32s(&[1.0, 2.0])), ("b", "F32", f32s(&[0.5, 0.25, 8.0])), ("c", "F32", f32s(&[5.0, 6.0, 7.0]))]
}

#[test]
fn every_verdict_is_reached_by_what_it_says() {
    let tokenizer = || ("tokenizer.json", b"{}".to_vec());
    let model = |tensors: &[Named<'_>]| vec![("model.safetensors", file(tensors)), tokenizer()];
    let [a, b, c] = base();
    let named = |(_, dtype, bytes): &Named<'_>, name: &'static str| (name, if *dtype == "F32" { "F32" } else { "BF16" }, bytes.clone());
    let expected = [
        ("identical", model(&base())),
        ("tokenizer", vec![("model.safetensors", file(&base())), ("tokenizer.json", b"{ }".to_vec())]),
        ("documents", [model(&base()), vec![("README.md", b"x".to_vec())]].concat()),
        ("adapter-added", [model(&base()), vec![("adapter_config.json", b"{}".to_vec())]].concat()),
        ("rewritten", model(&[c.clone(), a.clone(), b.clone()])),
        (
            "resharded",
            vec![
                ("model-00001-of-00002.safetensors", file(std::slice::from_ref(&a))),
                ("model-00002-of-00002.safetensors", file(&[b.clone(), c.clone()])),
                tokenizer(),
            ],
        ),
        ("renamed", model(&[named(&a, "x"), named(&b, "y"), named(&c, "z")])),
        ("retyped", model(&[("a", "BF16", bf16s(&[1.0, 2.0])), b.clone(), c.clone()])),
        ("tensors-added", model(&[a.clone(), b.clone(), c.clone(), ("d", "F32", f32s(&[9.0]))])),
        ("tensors-removed", model(&[a.clone(), b.clone()])),
        ("swapped", model(&[a.clone(), named(&c, "b"), named(&b, "c")])),
        ("changed", model(&[a.clone(), b.clone(), ("c", "F32", f32s(&[5.0, 6.0, 7.5]))])),
        ("related", model(&[a.clone(), ("e", "F32", f32s(&[3.0]))])),
        ("unrelated", model(&[("e", "F32", f32s(&[3.0]))])),
    ];
    for (verdict, second) in expected {
        let (found, answer) = against(&second);
        assert_eq!(found, verdict, "{answer:#}");
    }
}

#[test]
fn an_adapter_beside_the_weights_is_told() {
    let adapter = || [("adapter_config.json", b"{}".to_vec()), ("adapter_model.safetensors", file(&[("lora", "F32", f32s(&[1.0]))]))];
    let model = |bytes| vec![("model.safetensors", bytes), ("tokenizer.json", b"{}".to_vec())];
    let (verdict, answer) = against(&[model(file(&base())), adapter().to_vec()].concat());
    assert_eq!((verdict.as_str(), &answer["summary"]), ("adapter-added", &"same weights, adapter added".into()));
    // Other weights are no adapter, and an adapter hides no change of the weights.
    let [a, b, _] = base();
    assert_eq!(
        against(&[model(file(&base())), vec![adapter()[0].clone(), ("more.safetensors", adapter()[1].1.clone())]].concat()).0,
        "tensors-added"
    );
    assert_eq!(against(&[model(file(&[a, b, ("c", "F32", f32s(&[5.0, 6.0, 7.5]))])), adapter().to_vec()].concat()).0, "related");
}

#[test]
fn the_same_files_are_the_same_weights_though_nothing_can_be_read() {
    let environment = TestEnvironment::new();
    let [a, ..] = base();
    for (folder, name) in [("first", "model.fp16.safetensors"), ("second", "model.half.safetensors")] {
        environment.write(&format!("{folder}/model.safetensors"), file(&base()));
        environment.write(&format!("{folder}/{name}"), file(std::slice::from_ref(&a)));
    }
    let summary = |first, second| environment.ok(&["diff", first, second, "--json"]).json()["summary"].as_str().unwrap().to_owned();
    assert_eq!(summary("first", "second"), "same content, files renamed");
    environment.write("second/README.md", "x");
    assert_eq!(summary("first", "second"), "same weights, other files changed");
    environment.write("third/README.md", "x");
    assert_eq!(summary("first", "third"), "no weights in the second");
    assert_eq!(summary("third", "first"), "no weights in the first");
}

#[test]
fn the_distance_is_measured() {
    let [a, b, _] = base();
    let (_, answer) = against(&[("model.safetensors", file(&[a, b, ("c", "F32", f32s(&[5.0, 2.0, 10.0]))]))]);
    let changed = &answer["tensors"]["changed"][0];
    assert_eq!(changed["first"]["name"], "c");
    let distance = &changed["distance"];
    assert_eq!((&distance["elements"], &distance["changed"], &distance["maxAbs"]), (&3.into(), &2.into(), &4.0.into()));
    assert_eq!(distance["l2"], 5.0);
}

#[test]
fn codes_are_not_measured_against_numbers() {
    let environment = TestEnvironment::new();
    let [a, b, _] = base();
    environment.write("first/model.safetensors", file(&base()));
    environment.write("second/model.safetensors", file(&[a, b, ("c", "I32", vec![7; 12])]));
    let page = environment.ok(&["diff", "first", "second"]).stdout;
    assert!(page.contains("c  F32 [3] → I32 [3], quantised, not measured\n"), "{page}");
    let changed = &environment.ok(&["diff", "first", "second", "--json"]).json()["tensors"]["changed"][0];
    assert_eq!((&changed["quantised"], &changed["distance"]), (&true.into(), &serde_json::Value::Null));
}

#[test]
fn pairs_among_equal_tensors_are_marked() {
    let environment = TestEnvironment::new();
    let zeros = |names: [&'static str; 2]| names.map(|name| (name, "F32", f32s(&[0.0, 0.0])));
    let model = |names, name| [zeros(names).to_vec(), vec![(name, "F32", f32s(&[1.0]))]].concat();
    environment.write("first/model.safetensors", file(&model(["a", "b"], "c")));
    environment.write("second/model.safetensors", file(&model(["x", "y"], "z")));
    let page = environment.ok(&["diff", "first", "second"]).stdout;
    assert!(page.contains("a → x, or another of several that are equal\n") && page.contains("c → z\n"), "{page}");
    let moved = &environment.ok(&["diff", "first", "second", "--json"]).json()["tensors"]["moved"];
    assert_eq!((&moved[0]["ambiguous"], &moved[2]["ambiguous"]), (&true.into(), &serde_json::Value::Null));
}

#[test]
fn the_page_and_the_exit_code() {
    let environment = TestEnvironment::new();
    environment.write("first/model.safetensors", file(&base()));
    let [a, b, _] = base();
    environment.write("second/model.safetensors", file(&[a, b, ("c", "F32", f32s(&[5.0, 6.0, 7.0 + 1.0]))]));
    let page = environment.run(&["diff", "first", "second", "--exit-code"]).expect_code(1);
    assert!(page.stdout.contains("verdict    same architecture, 1 of 3 tensors changed"), "{}", page.stdout);
    assert!(page.stdout.contains("changed  c  F32 [3], 33.3333 % of elements"), "{}", page.stdout);
    environment.run(&["diff", "first", "first", "--exit-code"]).expect_code(0);
    environment.run(&["diff", "first", "missing"]).expect_error(2, &["missing"]);
    // That nothing could be compared is another answer than that something differs.
    environment.write("broken.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\xff{}");
    environment.run(&["diff", "broken.safetensors", "first", "--exit-code"]).expect_error(3, &["broken.safetensors"]);
    environment.run(&["diff", "first", "broken.safetensors"]).expect_error(3, &["broken.safetensors"]);
}
