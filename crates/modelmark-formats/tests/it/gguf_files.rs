//! The GGUF reader against files of the Python package `gguf`, damaged files and hostile ones.

use std::collections::BTreeMap;

use modelmark_formats::{Contents, FindingCode, FormatError, GgmlType, MAX_TEXT_BYTES, read};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::content::{bytes, list, number, repository, text, vectors};
use crate::streams::{place, streamed};

pub(crate) fn contents(file: &[u8], name: &str) -> Result<Contents, FormatError> {
    read(&file, name).map(|contents| contents.expect("the format is known"))
}

fn cases() -> Vec<Value> {
    list(&vectors("gguf/valid.json"), "cases").to_vec()
}

fn case(title: &str) -> Vec<u8> {
    bytes(cases().iter().find(|case| text(case, "title") == title).unwrap(), "file")
}

/// Every hostile file of a folder is refused for the reason that `faults.json` gives.
pub(crate) fn assert_refused(format: &str) {
    let folder = repository().join("attacks").join(format);
    let faults: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read(folder.join("faults.json")).unwrap()).unwrap();
    let files = std::fs::read_dir(&folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == format));
    assert_eq!(files.count(), faults.len());
    for (name, fault) in faults {
        let name = format!("{name}.{format}");
        let error = contents(&std::fs::read(folder.join(&name)).unwrap(), &name).expect_err(&name);
        assert!(error.to_string().contains(&fault), "{name}: {error}");
    }
}

#[test]
fn files_of_the_python_package_are_read_as_written() {
    for case in cases() {
        let title = text(&case, "title");
        let file = bytes(&case, "file");
        let read = contents(&file, "model.gguf").unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(read.format, "gguf");
        assert_eq!(read.findings, [], "{title}");
        assert_eq!(read.metadata["general.architecture"], "tiny", "{title}");
        let expected = list(&case, "tensors");
        assert_eq!(read.tensors.len(), expected.len(), "{title}");
        for (tensor, expected) in read.tensors.iter().zip(expected) {
            assert_eq!(tensor.name, text(expected, "name"));
            assert_eq!(tensor.dtype.trim_start_matches("GGML:").trim_start_matches('>'), text(expected, "typeName"));
            assert_eq!(serde_json::json!(tensor.shape), expected["shape"], "{title} {}", tensor.name);
            assert_eq!(tensor.elements, number(expected, "elements"));
            assert_eq!(
                (place(tensor).offset, place(tensor).len),
                (number(expected, "offset"), number(expected, "bytes")),
                "{title} {}",
                tensor.name
            );
            assert_eq!(tensor.bytes(), Some(number(expected, "bytes")), "{title} {}", tensor.name);
            if !expected["canonical"].is_null() {
                assert_eq!(streamed(&file, tensor), bytes(expected, "canonical"), "{title} {}", tensor.name);
            }
        }
    }
}

#[test]
fn metadata_is_kept_in_short() {
    let read = contents(&case("metadata"), "m.gguf").unwrap();
    for (key, value) in [
        ("general.name", "Tiny"),
        ("general.license", "apache-2.0"),
        ("general.tags", "[a, b]"),
        ("tiny.context_length", "2048"),
        ("x.u8", "255"),
        ("x.i8", "-1"),
        ("x.u16", "65535"),
        ("x.i16", "-2"),
        ("x.i32", "-3"),
        ("x.u64", "9223372036854775808"),
        ("x.i64", "-4"),
        ("x.f32", "0.5"),
        ("x.f64", "0.25"),
        ("x.bool", "true"),
    ] {
        assert_eq!(read.metadata[key], value, "{key}");
    }
    assert!(read.metadata["x.long"].len() <= MAX_TEXT_BYTES && read.metadata["x.long"].ends_with("д…"));
    assert!(read.metadata["tokenizer.ggml.tokens"].ends_with("token 7, and 92 more]"));
}

#[test]
fn types_are_those_of_the_python_package() {
    let vectors = vectors("gguf/valid.json");
    let types = vectors["types"].as_object().unwrap();
    assert_eq!(types.len(), GgmlType::ALL.len());
    for kind in GgmlType::ALL {
        let expected = &types[kind.token().trim_start_matches("GGML:")];
        assert_eq!(*expected, serde_json::json!([kind.number(), kind.block_elements(), kind.block_bytes()]), "{kind}");
    }
}

#[test]
fn attacks_are_refused() {
    assert_refused("gguf");
}

#[test]
fn version_2_is_read_and_the_padding_of_the_last_tensor_may_be_missing() {
    let mut file = case("shapes");
    file[4] = 2;
    let tensors = contents(&file, "m.gguf").unwrap().tensors;
    let last = place(tensors.last().unwrap());
    file.truncate((last.offset + last.len) as usize);
    assert_eq!(contents(&file, "m.gguf").unwrap().tensors, tensors);
}

#[test]
fn bytes_after_the_tensors_and_wrong_names_are_noticed() {
    let mut file = case("shapes");
    file.extend([0; 100]);
    let codes = |name: &str| contents(&file, name).unwrap().findings.iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert_eq!(codes("m.gguf"), [FindingCode::Trailing]);
    assert_eq!(codes("m.safetensors"), [FindingCode::Trailing, FindingCode::Extension]);
    assert_eq!(codes("no-extension"), [FindingCode::Trailing]);
}

#[test]
fn every_cut_is_refused() {
    for title in ["metadata", "shapes", "aligned", "all_types", "big_endian"] {
        let file = case(title);
        let tensors = contents(&file, "m.gguf").unwrap().tensors;
        let end = tensors.last().map_or(file.len() - 32, |tensor| place(tensor).end().unwrap() as usize);
        for length in 0..end {
            assert!(contents(&file[..length], "m.gguf").is_err(), "{title}: {length} of {end}");
        }
    }
}

#[test]
fn every_field_can_be_maximised_without_harm() {
    for title in ["metadata", "shapes", "aligned", "big_endian"] {
        let file = case(title);
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

/// Whatever is accepted has its tensors inside the file, one after the other.
fn assert_inside(file: &[u8]) {
    if let Ok(read) = contents(file, "m.gguf") {
        let mut end = 0;
        for tensor in &read.tensors {
            assert!(place(tensor).offset >= end);
            end = place(tensor).end().unwrap();
        }
        assert!(end <= file.len() as u64);
    }
}

proptest! {
    #[test]
    fn damage_is_never_harmful(which in 0..6_usize, edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut file = bytes(&cases()[which], "file");
        for (at, byte) in edits {
            // The header is a small part of a file; damage to tensors is no fault.
            let at = at.index(file.len().min(2000));
            file[at] = byte;
        }
        assert_inside(&file);
    }

    #[test]
    fn garbage_is_refused_without_panic(garbage in vec(any::<u8>(), 0..300), small in vec(0..3_u8, 0..300)) {
        for tail in [garbage, small] {
            assert_inside(&[b"GGUF\x03\0\0\0", &tail[..]].concat());
            let _ = read(&&tail[..], "m.gguf");
            let _ = read(&&tail[..], "m.safetensors");
            let _ = read(&&tail[..], "m.npz");
        }
    }
}
