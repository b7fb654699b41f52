//! The ONNX reader against models of the Python package `onnx`, damaged models and hostile ones.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use modelmark_formats::{Architecture, Contents, Files, FindingCode, FormatError, Pieces, ReadAt, Tensor, read, stream};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::content::{bytes, list, text, vectors};
use crate::gguf_files::{assert_refused, contents};
use crate::reference::assert_architecture;
use crate::streams::streamed;

fn cases() -> Vec<Value> {
    list(&vectors("onnx/valid.json"), "cases").to_vec()
}

fn case(title: &str) -> Contents {
    let case = cases().into_iter().find(|case| text(case, "title") == title).unwrap();
    contents(&bytes(&case, "file"), "model.onnx").unwrap()
}

/// A model and the files beside it.
struct Folder {
    model: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Files for Folder {
    fn open(&self, file: Option<&str>) -> Result<Box<dyn ReadAt + '_>, FormatError> {
        let bytes = file.map_or(&self.model, |file| &self.files[file]);
        Ok(Box::new(bytes.as_slice()))
    }
}

fn all(folder: &Folder, tensor: &Tensor) -> Vec<u8> {
    let mut out = Vec::new();
    let taken = stream(tensor, folder, &mut |bytes| {
        out.extend_from_slice(bytes);
        ControlFlow::Continue(())
    });
    taken.unwrap_or_else(|error| panic!("{tensor:?}: {error}"));
    out
}

fn assert_alike(read: &Contents, case: &Value, folder: &Folder) {
    let title = text(case, "title");
    let mut expected = list(case, "tensors").to_vec();
    let mut tensors = read.tensors.clone();
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    expected.sort_by(|a, b| text(a, "name").cmp(text(b, "name")));
    assert_eq!(
        tensors.iter().map(|tensor| tensor.name.as_str()).collect::<Vec<_>>(),
        expected.iter().map(|tensor| text(tensor, "name")).collect::<Vec<_>>(),
        "{title}"
    );
    for (tensor, expected) in tensors.iter().zip(&expected) {
        assert_eq!(tensor.dtype, text(expected, "dtype"), "{title} {}", tensor.name);
        assert_eq!(serde_json::json!(tensor.shape), expected["shape"], "{title} {}", tensor.name);
        assert_eq!(all(folder, tensor), bytes(expected, "bytes"), "{title} {}", tensor.name);
    }
}

#[test]
fn models_of_the_python_package_are_read_as_written() {
    for case in cases() {
        let folder = Folder { model: bytes(&case, "file"), files: BTreeMap::new() };
        let read = contents(&folder.model, "model.onnx").unwrap_or_else(|error| panic!("{}: {error}", text(&case, "title")));
        assert_eq!(read.format, "onnx");
        assert_alike(&read, &case, &folder);
        assert_architecture(&read, &case);
    }
}

#[test]
fn quantisation_shows_in_the_operators() {
    let quantization = |title| Architecture::of_contents(&case(title)).unwrap().quantization.map(|quantization| quantization.method);
    assert_eq!((quantization("described graph").as_deref(), quantization("metadata")), (Some("QDQ"), None));
}

#[test]
fn data_beside_a_model_is_found() {
    for case in list(&vectors("onnx/valid.json"), "external") {
        let files = case["files"].as_object().unwrap().keys().map(|name| (name.clone(), bytes(&case["files"], name))).collect();
        let folder = Folder { model: bytes(case, "file"), files };
        let read = contents(&folder.model, "model.onnx").unwrap();
        // Typed fields stay in the model.
        assert!(read.tensors.iter().all(|tensor| tensor.source.file.is_some() != (tensor.name == "in")));
        assert_eq!(read.findings, []);
        assert_alike(&read, case, &folder);
    }
}

#[test]
fn a_model_is_told_by_its_first_bytes() {
    let file = bytes(&cases()[1], "file");
    assert_eq!(contents(&file, "model").unwrap().format, "onnx");
    assert_eq!(contents(&file, "model.gguf").unwrap().findings[0].code, FindingCode::Extension);
    // A SavedModel of TensorFlow, which is a message too.
    assert_eq!(read(&&b"\x08\x01\x12\x02\x0a\x00"[..], "saved_model.pb").unwrap().unwrap().format, "tensorflow-graph");
}

#[test]
fn what_a_model_says_of_itself_is_kept_apart_from_what_its_maker_added() {
    let metadata = case("metadata").metadata;
    for (key, value) in [
        ("onnx.ir_version", "7"),
        ("onnx.producer_name", "modelmark vectors"),
        ("onnx.domain", "org.example"),
        ("onnx.model_version", "5"),
        ("onnx.doc_string", "A model."),
        ("onnx.opset.ai.onnx", "13"),
        ("onnx.opset.ai.onnx.ml", "3"),
        ("license", "MIT"),
    ] {
        assert_eq!(metadata[key], value, "{key}");
    }
    assert!(metadata["long"].ends_with("д…"));
    assert_eq!(case("functions").metadata["onnx.functions"], "2");
    assert_eq!(case("training").metadata["onnx.training_graphs"], "1");
}

#[test]
fn code_that_a_model_needs_and_sparse_tensors_are_findings() {
    let codes = |title: &str| case(title).findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>();
    assert_eq!(codes("subgraphs and attributes"), ["code.needed"]);
    assert_eq!(codes("functions"), [""; 0]);
    assert_eq!(codes("sparse"), ["tensor.sparse", "tensor.sparse"]);
    assert_eq!(codes("metadata"), [""; 0]);
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

pub(crate) fn field(number: u64, data: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(data.len() as u64), data.to_vec()].concat()
}

/// A model with this graph.
pub(crate) fn model(graph: &[u8]) -> Vec<u8> {
    [b"\x08\x08".to_vec(), field(7, graph)].concat()
}

/// An initializer of two bytes in another file.
fn beside(name: &str, file: &str, offset: u64) -> Vec<u8> {
    let entry = |key: &str, value: &str| field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat());
    let tensor = [
        b"\x08\x02\x10\x02".to_vec(),
        field(8, name.as_bytes()),
        entry("location", file),
        entry("offset", &offset.to_string()),
        b"\x70\x01".to_vec(),
    ];
    field(5, &tensor.concat())
}

#[test]
fn tensors_that_share_a_part_of_a_file_are_findings_unless_they_are_the_same() {
    let codes = |tensors: &[(&str, &str, u64)]| {
        let graph: Vec<u8> = tensors.iter().flat_map(|(name, file, offset)| beside(name, file, *offset)).collect();
        contents(&model(&graph), "m.onnx").unwrap().findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&[("a", "w", 0), ("b", "w", 2), ("c", "v", 1)]), [""; 0]);
    assert_eq!(codes(&[("a", "w", 0), ("b", "./w", 0)]), [""; 0]);
    assert_eq!(codes(&[("a", "w", 0), ("b", "w", 1)]), ["bytes.overlap"]);
}

#[test]
fn checksums_that_nobody_checks_are_told() {
    let findings = |tensors: &[(&str, &str, &str)]| {
        let tensor = |(name, file, checksum): &(&str, &str, &str)| {
            let entry = |key: &str, value: &str| field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat());
            let head = [b"\x08\x01\x10\x01".to_vec(), field(8, name.as_bytes())];
            field(5, &[head.concat(), entry("location", file), entry("checksum", checksum), b"\x70\x01".to_vec()].concat())
        };
        let graph: Vec<u8> = tensors.iter().flat_map(tensor).collect();
        contents(&model(&graph), "m.onnx")
            .unwrap()
            .findings
            .iter()
            .map(|finding| format!("{} {}", finding.code.as_str(), finding.message))
            .collect::<Vec<_>>()
    };
    let (one, other) = ("3f786850e387550fdab836ed7e6dc881de23001b", "89e6c98d92887913cadf06b2adb97f26cde4849b");
    let told = findings(&[("a", "w", one), ("b", "./w", &one.to_uppercase()), ("c", "v", other)]);
    assert!(told.len() == 1 && told[0].starts_with("external.checksum states a SHA-1") && told[0].ends_with(": v, w"), "{told:?}");
    let told = findings(&[("a", "w", one), ("b", "w", other), ("c", "v", "sha256:x")]);
    assert!(told.len() == 2 && told[0].contains("no SHA-1") && told[1].contains("different checksums"), "{told:?}");
}

#[test]
fn texts_and_fields_of_nobody_are_noticed() {
    let tensor = [b"\x08\x01\x10\x08".to_vec(), field(8, b"t"), field(6, b"text")].concat();
    let read = contents(&[model(&field(5, &tensor)), field(99, b"hidden")].concat(), "m.onnx").unwrap();
    assert_eq!((read.tensors[0].dtype.as_str(), read.tensors[0].bytes()), ("ONNX:STRING", None));
    assert_eq!(read.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["member.stray"]);
}

#[test]
fn attacks_are_refused() {
    assert_refused("onnx");
}

#[test]
fn every_cut_is_refused_or_still_a_model() {
    for case in cases() {
        let file = bytes(&case, "file");
        // Fields follow each other, so that a model cut between two of them is another model.
        (0..file.len()).for_each(|length| assert_inside(&file[..length]));
    }
}

#[test]
fn every_field_can_be_maximised_without_harm() {
    for case in cases() {
        let file = bytes(&case, "file");
        for at in 0..file.len() {
            for width in [1, 2, 4, 8] {
                let mut lying = file.clone();
                let end = (at + width).min(file.len());
                lying[at..end].fill(0xff);
                assert_inside(&lying);
            }
        }
    }
}

/// Whatever is accepted has its tensors inside the file, each in bytes of its own.
fn assert_inside(file: &[u8]) {
    let Ok(Some(read)) = read(&file, "m.onnx") else { return };
    let mut places = Vec::new();
    for tensor in read.tensors.iter().filter(|tensor| tensor.source.file.is_none()) {
        let place = crate::streams::place(tensor);
        places.push((place.offset, place.end().unwrap()));
        if tensor.bytes().is_some() && matches!(tensor.source.pieces, Pieces::Range(_)) {
            assert_eq!(streamed(file, tensor).len() as u64, tensor.bytes().unwrap());
        }
    }
    places.sort_unstable();
    assert!(places.array_windows().all(|[(_, end), (start, _)]| end <= start || end == start));
    assert!(places.iter().all(|(_, end)| *end <= file.len() as u64));
}

proptest! {
    #[test]
    fn damage_is_never_harmful(which in 0..11_usize, edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut file = bytes(&cases()[which], "file");
        for (at, byte) in edits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        assert_inside(&file);
    }

    #[test]
    fn garbage_is_refused_without_panic(garbage in vec(any::<u8>(), 0..200), small in vec(0..48_u8, 0..200)) {
        assert_inside(&model(&garbage));
        assert_inside(&model(&small));
        assert_inside(&garbage);
    }
}
