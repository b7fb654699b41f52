//! `modelmark inspect`.

use modelmark_testkit::model;

use crate::environment::TestEnvironment;

/// A GGUF file with one tensor of four numbers, and a name that tries to steer the terminal.
fn gguf() -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let pair = |key: &str, value: &str| [text(key), 8_u32.to_le_bytes().to_vec(), text(value)].concat();
    let mut file = [&b"GGUF\x03\0\0\0"[..], &1_u64.to_le_bytes(), &3_u64.to_le_bytes()].concat();
    file.extend(pair("general.architecture", "llama"));
    file.extend(pair("general.name", "evil\u{1b}[2J\nlicence      MIT"));
    file.extend([text("llama.block_count"), 4_u32.to_le_bytes().to_vec(), 32_u32.to_le_bytes().to_vec()].concat());
    file.extend([text("w"), 1_u32.to_le_bytes().to_vec(), 4_u64.to_le_bytes().to_vec(), 0_u32.to_le_bytes().to_vec(), vec![0; 8]].concat());
    file.resize(file.len().next_multiple_of(32) + 32, 0);
    file
}

#[test]
fn a_directory_is_described() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    insta::assert_snapshot!(environment.ok(&["inspect", "tiny", "--tensors"]).shown(), @r"
    code: 0
    --- stdout
    model        directory, 3 files, 427 B
    name         tiny
    architecture tiny (TinyModel), hidden size 4
    licence      Apache-2.0
    weights      model.safetensors: safetensors, 2 tensors, 36 parameters (F32), 280 B
      tensor     bias  F32 [4]  16 B
      tensor     weight  F32 [8, 4]  128 B
    --- stderr
    ");
}

#[test]
fn a_gguf_file_is_described_without_obeying_it() {
    let environment = TestEnvironment::new();
    environment.write("m.gguf", gguf());
    insta::assert_snapshot!(environment.ok(&["inspect", "m.gguf"]).shown(), @r"
    code: 0
    --- stdout
    model        file, 224 B
    name         evil\u{1b}[2J\u{a}licence      MIT
    architecture llama, 32 layers
    weights      m.gguf: gguf, 1 tensor, 4 parameters (F32), 224 B
      metadata   general.architecture = llama
      metadata   general.name = evil\u{1b}[2J\u{a}licence      MIT
      metadata   gguf.version = 3
      metadata   llama.block_count = 32
      tensors    w  F32 [4]  16 B
    --- stderr
    ");
}

#[test]
fn what_to_beware_of_is_said() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/config.json", r#"{"model_type":"tiny","auto_map":{"AutoModel":"modeling.Model"}}"#);
    environment.write("tiny/modeling.py", "print()\n");
    environment.write("tiny/pytorch_model.bin", b"\x80\x02}q\x00.");
    environment.write("tiny/vocab.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    insta::assert_snapshot!(environment.ok(&["inspect", "tiny"]).shown(), @r"
    code: 0
    --- stdout
    model        directory, 6 files, 500 B
    name         tiny
    architecture tiny
    tokenizer    wordpiece
    licence      Apache-2.0
    weights      model.safetensors: safetensors, 2 tensors, 36 parameters (F32), 280 B
    weights      pytorch_model.bin: format not read, 6 B
      tensors    bias    F32 [4]  16 B
      tensors    weight  F32 [8, 4]  128 B
    finding      medium  code.beside  modeling.py: a program by its name (.py)
    finding      low     pickle.beside  pytorch_model.bin: a pickle, which holds nothing but data; the safetensors files need none
    finding      high    file.pointer  vocab.txt: this is a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`
    finding      high    code.bearing  config.json: `auto_map` asks the loader to run code of the model's own (`trust_remote_code`)
    finding      info    weights.several  sets of weights that by their names are one model (model.safetensors, pytorch_model.bin); whether they are is not known before they are compared
    --- stderr
         note sets of weights are not compared: tiny/vocab.txt is a pointer of Git LFS, not the file itself
    ");
}

#[test]
fn a_malformed_header_is_listed_and_fails() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/other.gguf", &gguf()[..100]);
    let outcome = environment.run(&["inspect", "tiny", "--json"]).expect_code(1);
    let seen = outcome.json();
    assert_eq!(seen["weights"][0]["contents"]["parameters"], 36);
    assert_eq!((&seen["weights"][1]["path"], &seen["weights"][1]["readable"]), (&"other.gguf".into(), &false.into()));
    let codes: Vec<_> = seen["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["header.malformed", "weights.several", "weights.incomparable"]);
}

#[test]
fn tensors_are_listed_for_scripts_when_asked() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let seen = environment.ok(&["inspect", "tiny", "--json", "--tensors"]).json();
    let tensors = seen["weights"][0]["contents"]["tensorList"].as_array().unwrap();
    let length = &tensors[0]["source"]["pieces"]["range"]["len"];
    assert_eq!((&tensors[0]["name"], &tensors[0]["dtype"], length), (&"bias".into(), &"F32".into(), &16.into()));
    let seen = environment.ok(&["inspect", "tiny", "--json"]).json();
    assert!(seen["weights"][0]["contents"].get("tensorList").is_none());
}

#[test]
fn a_path_that_is_not_there_is_a_usage_error() {
    TestEnvironment::new().run(&["inspect", "nowhere"]).expect_error(2, &["no such file or directory", "check the path"]);
}

#[test]
fn an_adapter_and_its_parent_are_described() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let config = r#"{"peft_type":"LORA","task_type":"CAUSAL_LM","r":8,"lora_alpha":16,"base_model_name_or_path":"org/base","target_modules":["q_proj"]}"#;
    environment.write("tiny/adapter_config.json", config);
    let shown = environment.ok(&["inspect", "tiny"]).shown();
    assert!(shown.contains("adapter      LORA, rank 8, alpha 16, CAUSAL_LM, of org/base, in q_proj"), "{shown}");
    for part in ["parent.unpinned", "lineage.undeclared", "adapter_config.json says that the model is made from org/base"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    environment.write("tiny/adapter_config.json", r#"{"base_model_name_or_path":"/home/ann/base"}"#);
    let shown = environment.ok(&["inspect", "tiny"]).shown();
    assert!(shown.contains("privacy.path") && !shown.contains("lineage.undeclared"), "{shown}");
}

#[test]
fn the_architecture_is_put_together_from_all_that_says_something() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/tokenizer.json", "{}");
    environment.write("tiny/merges.txt", "a b\n");
    let seen = environment.ok(&["inspect", "tiny", "--json"]).json();
    let architecture = &seen["architecture"];
    assert_eq!((&architecture["family"], &architecture["parameters"]), (&"tiny".into(), &36.into()));
    assert_eq!((&architecture["dtypes"]["F32"], &architecture["tokenizer"]["kind"]), (&36.into(), &"tokenizers".into()));
    // `sha256sum merges.txt tokenizer.json | sha256sum`
    assert_eq!(architecture["tokenizer"]["sha256"], "4d97c208a4fbc905ebb46226e315f01c13933c5e3e6669b343f2b49ed2969e00");
}

#[test]
fn the_parameters_of_variants_are_counted_once() {
    let environment = TestEnvironment::new();
    environment.write("m/model.safetensors", shard(&["a".to_owned(), "b".to_owned()]));
    environment.write("m/model.fp16.safetensors", shard(&["a".to_owned(), "b".to_owned()]));
    environment.write("m/extra.safetensors", shard(&["c".to_owned()]));
    let architecture = &environment.ok(&["inspect", "m", "--json"]).json()["architecture"];
    assert_eq!((&architecture["parameters"], &architecture["dtypes"]["F16"]), (&6.into(), &6.into()));
    let page = environment.ok(&["inspect", "m"]).stdout;
    assert!(page.contains("together   2 files, 3 tensors, 6 parameters (F16)"), "{page}");
}

#[test]
fn what_a_graph_takes_and_gives_is_shown() {
    let environment = TestEnvironment::new();
    environment.write("m.tflite", include_bytes!("../../../../vectors/tflite/weights.tflite"));
    let shown = environment.ok(&["inspect", "m.tflite"]).shown();
    for part in ["quantised by dynamic-range to 8 bits", "1 FULLY_CONNECTED", "x  F32  [?, 64]", "Identity  F32  [?, 32]"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    environment.write("m.keras", include_bytes!("../../../../vectors/keras/branched.keras"));
    let shown = environment.ok(&["inspect", "m.keras"]).shown();
    for part in
        ["Functional, 5 layers, quantised by int8 to 8 bits", "2 Dense, 1 Concatenate, 1 Rescaling, 1 Softmax", "first  F32  [?, 4]"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let seen = environment.ok(&["inspect", "m.keras", "--json"]).json();
    assert_eq!(seen["architecture"]["inputs"][0]["shape"], serde_json::json!([null, 4]));
}

#[test]
fn another_licence_beside_the_weights_is_a_finding() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/LICENSE", "MIT License\n\nCopyright\n");
    let shown = environment.ok(&["inspect", "tiny"]).shown();
    assert!(shown.contains("license.conflict") && shown.contains("LICENSE: says MIT; the model says Apache-2.0"), "{shown}");
    environment.write("tiny/LICENSE", "  Apache License\n  Version 2.0\n");
    assert!(!environment.ok(&["inspect", "tiny"]).shown().contains("license.conflict"));
}

/// A safetensors file of tensors of four bytes each.
fn shard(names: &[String]) -> Vec<u8> {
    let place = |at: usize| format!(r#"{{"dtype":"F16","shape":[2],"data_offsets":[{},{}]}}"#, 4 * at, 4 * at + 4);
    let tensors: Vec<String> = names.iter().enumerate().map(|(at, name)| format!(r#""{name}":{}"#, place(at))).collect();
    model::safetensors_of(format!("{{{}}}", tensors.join(",")), &vec![1; 4 * names.len()])
}

#[test]
fn tensors_are_a_tree_over_all_shards_with_equal_layers_once() {
    let environment = TestEnvironment::new();
    let layers = |range: std::ops::Range<u32>| {
        let parts = ["attn.k.weight", "attn.q.weight", "norm.weight"];
        range.flat_map(|layer| parts.map(|part| format!("model.layers.{layer}.{part}"))).collect::<Vec<_>>()
    };
    let first = [vec!["model.embed.weight".to_owned()], layers(0..7)].concat();
    let second = [layers(7..12), vec!["head.weight".to_owned()]].concat();
    environment.write("deep/model-00001-of-00002.safetensors", shard(&first));
    environment.write("deep/model-00002-of-00002.safetensors", shard(&second));
    insta::assert_snapshot!(environment.ok(&["inspect", "deep"]).shown(), @r"
    code: 0
    --- stdout
    model        directory, 2 files, 3.16 KiB
    weights      model-00001-of-00002.safetensors: safetensors, 22 tensors, 44 parameters (F16), 1.83 KiB
    weights      model-00002-of-00002.safetensors: safetensors, 16 tensors, 32 parameters (F16), 1.33 KiB
      together   2 files, 38 tensors, 76 parameters (F16)
      tensors    head.weight        F16 [2]  4 B
      tensors    model              37 tensors, 74 parameters, 148 B
      tensors      embed.weight     F16 [2]  4 B
      tensors      layers           36 tensors, 72 parameters, 144 B
      tensors        0-11           12 alike: 36 tensors, 72 parameters, 144 B
      tensors          attn         2 tensors, 4 parameters, 8 B
      tensors          norm.weight  F16 [2]  4 B
    --- stderr
    ");
    let shown = environment.ok(&["inspect", "deep", "--depth", "5"]).stdout;
    assert!(shown.contains("k.weight"), "{shown}");
    assert!(!environment.ok(&["inspect", "deep", "--depth", "0"]).stdout.contains("layers"));
}
