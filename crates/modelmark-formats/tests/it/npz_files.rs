//! The NPZ reader against archives of NumPy, damaged archives and hostile ones.

use std::ops::ControlFlow;

use modelmark_formats::{Alone, Endian, FindingCode, Pieces, read, stream};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::content::{bytes, list, text, vectors};
use crate::gguf_files::{assert_refused, contents};
use crate::streams::{place, streamed};

fn cases() -> Vec<Value> {
    list(&vectors("npz/valid.json"), "cases").to_vec()
}

#[test]
fn archives_of_numpy_are_read_as_written() {
    for case in cases() {
        let title = text(&case, "title");
        let file = bytes(&case, "file");
        let read = contents(&file, "model.npz").unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!((read.format, read.findings.as_slice()), ("npz", &[][..]), "{title}");
        let expected = list(&case, "arrays");
        assert_eq!(read.tensors.len(), expected.len(), "{title}");
        for (tensor, expected) in read.tensors.iter().zip(expected) {
            assert_eq!(tensor.name, text(expected, "name"));
            assert_eq!(tensor.dtype, token(text(expected, "descr")));
            assert_eq!(serde_json::json!(tensor.shape), expected["shape"], "{title} {}", tensor.name);
            let big = text(expected, "descr").starts_with('>');
            assert_eq!(tensor.source.endian == Endian::Big, big, "{title} {}", tensor.name);
            let data = bytes(expected, "bytes");
            assert_eq!(tensor.bytes(), Some(data.len() as u64), "{title} {}", tensor.name);
            assert_eq!(matches!(tensor.source.pieces, Pieces::Deflated { .. }), title.contains("compressed"));
            assert_eq!(streamed(&file, tensor), bytes(expected, "canonical"), "{title} {}", tensor.name);
        }
    }
}

/// The token of a type, written down independently of the reader.
fn token(descr: &str) -> String {
    let known = [
        ("|b1", "BOOL"),
        ("|u1", "U8"),
        ("|i1", "I8"),
        ("<u2", "U16"),
        ("<i2", "I16"),
        ("<f2", "F16"),
        ("<u4", "U32"),
        ("<i4", "I32"),
        ("<f4", "F32"),
        ("<u8", "U64"),
        ("<i8", "I64"),
        ("<f8", "F64"),
        ("<c8", "C64"),
        ("<c16", "C128"),
    ];
    let descr = &descr.replace('>', "<");
    known.iter().find(|(known, _)| *known == descr).map_or_else(|| format!("NPY:{descr}"), |(_, token)| (*token).to_owned())
}

#[test]
fn objects_and_records_are_reported_and_never_read() {
    for case in list(&vectors("npz/valid.json"), "findings") {
        let read = contents(&bytes(case, "file"), "model.npz").unwrap();
        assert_eq!(read.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), [text(case, "code")]);
        assert_eq!(read.tensors.iter().map(|tensor| tensor.name.as_str()).collect::<Vec<_>>(), ["a"]);
    }
}

#[test]
fn attacks_are_refused() {
    assert_refused("npz");
}

#[test]
fn an_archive_under_another_name_is_told_by_its_first_member() {
    let file = bytes(&cases()[1], "file");
    assert_eq!(contents(&file, "model.gguf").unwrap().findings[0].code, FindingCode::Extension);
    assert_eq!(contents(&file, "model").unwrap().findings, []);
}

#[test]
fn every_cut_is_refused() {
    for case in cases() {
        let file = bytes(&case, "file");
        for length in 0..file.len() {
            assert!(contents(&file[..length], "m.npz").is_err(), "{}: {length}", text(&case, "title"));
        }
    }
}

/// The bytes of the first and the last record of each kind: of members (with what they hold), of their descriptors, of the directory, and of its end.
/// One program wrote all of an archive, so that those between have the same fields; reading all of it again for each of their bytes takes a minute.
fn records(file: &[u8]) -> Vec<usize> {
    let starts: Vec<usize> = (0..file.len())
        .filter(|at| {
            matches!(file[*at..], [b'P', b'K', 1, 2, ..] | [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..])
        })
        .collect();
    let end = |position: usize| starts.get(position + 1).copied().unwrap_or(file.len());
    let of_kind = |kind: u8| {
        starts.iter().enumerate().filter(move |(_, start)| file[**start + 2] == kind).map(|(position, start)| *start..end(position))
    };
    let ends = [1, 3, 5, 7].into_iter().flat_map(|kind| of_kind(kind).next().into_iter().chain(of_kind(kind).skip(1).last()));
    ends.flatten().collect()
}

#[test]
fn every_field_can_be_maximised_without_harm() {
    for case in cases() {
        let file = bytes(&case, "file");
        for at in records(&file) {
            for width in [1, 2, 4, 8] {
                let mut lying = file.clone();
                let end = (at + width).min(file.len());
                lying[at..end].fill(0xff);
                assert_inside(&lying);
            }
        }
    }
}

fn assert_inside(file: &[u8]) {
    if let Ok(Some(read)) = read(&file, "m.npz") {
        let mut end = 0;
        for tensor in &read.tensors {
            let place = place(tensor);
            assert!(place.offset >= end);
            end = place.end().unwrap();
            let _ = stream(tensor, &Alone(&file), &mut |_| ControlFlow::Continue(()));
        }
        assert!(end <= file.len() as u64);
    }
}

proptest! {
    #[test]
    fn damage_is_never_harmful(which in 0..8_usize, edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut file = bytes(&cases()[which], "file");
        for (at, byte) in edits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        assert_inside(&file);
    }
}
