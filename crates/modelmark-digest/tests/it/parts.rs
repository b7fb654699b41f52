//! Models in several files: shards with their index, parts that count themselves, and weights beside the file that describes them.

use std::path::Path;

use modelmark_digest::outboard::Recorder;
use modelmark_digest::partial::Listing;
use modelmark_digest::{DigestError, Request, Survey, digest, survey};

use crate::content::{bytes, list, text, vectors, write};
use crate::safetensors_files::{shard, tensor};

fn noticed(survey: &Survey) -> Vec<String> {
    let line = |(file, finding): &(Option<modelmark_digest::ModelPath>, modelmark_formats::Finding)| {
        format!("{} {}", finding.code.as_str(), file.as_ref().map_or("-", |path| path.as_str()))
    };
    survey.findings.iter().map(line).collect()
}

fn looked_over(path: &Path) -> Vec<String> {
    noticed(&survey(path).unwrap())
}

/// Writes a model of the vectors with its data beside it into `folder`.
fn onnx(folder: &Path, title: &str) {
    let vectors = vectors("onnx/valid.json");
    let case = list(&vectors, "external").iter().find(|case| text(case, "title") == title).unwrap().clone();
    write(folder, "model.onnx", &bytes(&case, "file"));
    for name in case["files"].as_object().unwrap().keys() {
        write(folder, name, &bytes(&case["files"], name));
    }
}

#[test]
fn data_beside_an_onnx_model_is_part_of_its_weights() {
    let dir = tempfile::tempdir().unwrap();
    onnx(dir.path(), "one file");
    write(dir.path(), "README.md", b"hello");
    let manifest = digest(dir.path(), &Request::default(), &()).unwrap();
    assert_eq!(manifest.weights.files.iter().map(|path| path.as_str()).collect::<Vec<_>>(), ["model.onnx", "model.onnx_data"]);
    let survey = survey(dir.path()).unwrap();
    assert_eq!(noticed(&survey), [""; 0]);
    let [set] = survey.sets.as_slice() else { panic!("{:?}", survey.sets) };
    assert_eq!(set.files[1].holder.as_ref().unwrap().as_str(), "model.onnx");
    assert!(set.files[0].holder.is_none());
}

#[test]
fn the_weights_of_an_outboard_are_told_by_the_files_that_name_them() {
    for (title, data) in [("one file", "model.onnx_data"), ("a file for each", "")] {
        let dir = tempfile::tempdir().unwrap();
        onnx(dir.path(), title);
        write(dir.path(), "README.md", b"hello");
        let recorder = Recorder::default();
        let manifest = digest(dir.path(), &Request::default(), &recorder).unwrap();
        let outboard = recorder.finish(&manifest).unwrap();
        assert_eq!(outboard.weights_cid().unwrap(), None);
        let beside = |folder: &Path| outboard.weights_cid_beside(&Listing::of(folder).unwrap()).unwrap();
        assert_eq!(beside(dir.path()), Some(manifest.weights.cid), "{title}");
        if !data.is_empty() {
            // What is named need not be there; what names has to be.
            std::fs::remove_file(dir.path().join(data)).unwrap();
            assert_eq!(beside(dir.path()), Some(manifest.weights.cid));
        }
        std::fs::remove_file(dir.path().join("model.onnx")).unwrap();
        assert_eq!(beside(dir.path()), None);
    }
}

#[test]
fn data_under_any_name_is_no_set_of_weights_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    onnx(dir.path(), "a file for each");
    let survey = survey(dir.path()).unwrap();
    assert_eq!(survey.sets.iter().map(|set| (set.extension, set.files.len())).collect::<Vec<_>>(), [("onnx", 4)]);
    assert_eq!(noticed(&survey), [""; 0]);
}

#[test]
fn data_that_is_elsewhere_is_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    onnx(dir.path(), "one file");
    let data = dir.path().join("model.onnx_data");
    assert_eq!(looked_over(&dir.path().join("model.onnx")), ["external.beside model.onnx"]);
    let whole = std::fs::read(&data).unwrap();
    std::fs::write(&data, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(looked_over(dir.path()), ["external.missing model.onnx"]);
    std::fs::remove_file(&data).unwrap();
    assert_eq!(looked_over(dir.path()), ["external.missing model.onnx"]);
    let elsewhere = tempfile::tempdir_in(dir.path().parent().unwrap()).unwrap();
    std::fs::write(elsewhere.path().join("secret"), &whole).unwrap();
    std::fs::hard_link(elsewhere.path().join("secret"), &data).unwrap();
    assert_eq!(looked_over(dir.path()), ["external.linked model.onnx"]);
    std::fs::remove_file(&data).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("secret"), &data).unwrap();
    assert!(matches!(survey(dir.path()), Err(DigestError::Link { .. })));
}

#[test]
fn an_index_is_held_against_its_shards() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "model-00001-of-00002.safetensors", &shard(&[tensor("a", &[2], &[1, 2])]));
    write(dir.path(), "model-00002-of-00002.safetensors", &shard(&[tensor("b", &[1], &[3])]));
    let index = |map: &str| {
        write(
            dir.path(),
            "model.safetensors.index.json",
            format!(r#"{{"metadata":{{"total_size":3}},"weight_map":{{{map}}}}}"#).as_bytes(),
        );
        looked_over(dir.path())
    };
    let (one, two) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    let about = |code: &str| format!("{code} model.safetensors.index.json");
    assert_eq!(index(&format!(r#""a":"{one}","b":"{two}""#)), [""; 0]);
    assert_eq!(index(&format!(r#""a":"{two}","b":"{two}","c":"{one}""#)), [about("index.absent"), about("index.elsewhere")]);
    assert_eq!(index(&format!(r#""a":"{one}","b":"{two}","c":"../other.safetensors""#)), [about("index.path")]);
    assert_eq!(index(&format!(r#""a":"{one}","b":"{two}","c":"none.safetensors""#)), [about("shard.missing")]);
    assert_eq!(index(&format!(r#""a":"{one}""#)), [about("index.size"), "index.unlisted model-00002-of-00002.safetensors".to_owned()]);
    write(dir.path(), "model.safetensors.index.json", b"{");
    assert_eq!(looked_over(dir.path()), [about("header.malformed")]);
}

#[test]
fn parts_that_are_not_there_are_noticed_without_an_index() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "model-00002-of-00003.safetensors", &shard(&[tensor("a", &[1], &[1])]));
    write(dir.path(), "model-00004-of-00003.safetensors", &shard(&[tensor("b", &[1], &[1])]));
    let survey = survey(dir.path()).unwrap();
    assert_eq!(noticed(&survey), ["shard.missing model-00002-of-00003.safetensors", "shard.count model-00004-of-00003.safetensors"]);
    assert!(survey.findings[0].1.message.contains("2 are not in the model: 1, 3"), "{}", survey.findings[0].1.message);
}

/// A part of a split GGUF file with one tensor of one byte.
fn part(number: u32, count: u32, tensors: i32, name: &str) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let pair = |key: &str, kind: u32, value: &[u8]| [text(key), kind.to_le_bytes().to_vec(), value.to_vec()].concat();
    let mut file = [&b"GGUF\x03\0\0\0"[..], &1_u64.to_le_bytes(), &3_u64.to_le_bytes()].concat();
    file.extend(pair("split.no", 2, &(number as u16).to_le_bytes()));
    file.extend(pair("split.count", 2, &(count as u16).to_le_bytes()));
    file.extend(pair("split.tensors.count", 5, &tensors.to_le_bytes()));
    file.extend(
        [text(name), 1_u32.to_le_bytes().to_vec(), 1_u64.to_le_bytes().to_vec(), 24_u32.to_le_bytes().to_vec(), vec![0; 8]].concat(),
    );
    file.resize(file.len().next_multiple_of(32) + 32, 0);
    file
}

#[test]
fn parts_of_a_split_gguf_file_are_one_set() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        write(dir.path(), name, bytes);
        looked_over(dir.path())
    };
    assert_eq!(put("m-00001-of-00002.gguf", &part(0, 2, 2, "a")), ["shard.missing m-00001-of-00002.gguf"]);
    assert_eq!(put("m-00002-of-00002.gguf", &part(1, 2, 2, "b")), [""; 0]);
    assert_eq!(put("m-00002-of-00002.gguf", &part(1, 2, 2, "a")), ["shard.twice m-00002-of-00002.gguf"]);
    assert_eq!(put("m-00002-of-00002.gguf", &part(0, 3, 2, "b")), ["shard.count m-00002-of-00002.gguf"]);
    assert_eq!(put("m-00002-of-00002.gguf", &part(1, 2, 3, "b")), [""; 0]);
    assert_eq!(put("m-00001-of-00002.gguf", &part(0, 2, 3, "a")), ["shard.count m-00001-of-00002.gguf"]);
}

#[test]
fn a_part_under_another_name_cannot_find_the_others() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "m.gguf", &part(1, 3, 3, "a"));
    assert_eq!(looked_over(&dir.path().join("m.gguf")), ["shard.missing m.gguf"]);
}

#[test]
fn the_weights_of_a_saved_model_are_its_variables() {
    let saved = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/tensorflow/saved");
    let manifest = digest(&saved, &Request::default(), &()).unwrap();
    let files: Vec<_> = manifest.weights.files.iter().map(|path| path.as_str()).collect();
    assert_eq!(files, ["variables/variables.data-00000-of-00001", "variables/variables.index"]);
    let survey = survey(&saved).unwrap();
    assert_eq!((noticed(&survey), survey.sets.len()), (vec![], 1));
}

#[test]
fn what_the_graph_beside_the_variables_does_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/tensorflow");
    for (from, to) in [
        ("dangerous.pb", "saved_model.pb"),
        ("saved/variables/variables.index", "variables/variables.index"),
        ("saved/variables/variables.data-00000-of-00001", "variables/variables.data-00000-of-00001"),
    ] {
        write(dir.path(), to, &std::fs::read(vectors.join(from)).unwrap());
    }
    let told = looked_over(dir.path());
    assert_eq!(told.iter().filter(|line| *line == "code.bearing saved_model.pb").count(), 3, "{told:?}");
}
