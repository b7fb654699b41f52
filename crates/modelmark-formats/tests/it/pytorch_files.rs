//! The reader of PyTorch's files against files of torch, cut, changed and hostile ones.

use modelmark_formats::pytorch::{Checkpoint, Container, read};
use modelmark_formats::{self as formats, Endian, FindingCode, FormatError, Pieces};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::content::{bytes, list, repository, text, vectors};
use crate::streams::streamed;

fn cases() -> Vec<Value> {
    list(&vectors("pytorch/valid.json"), "cases").to_vec()
}

fn case(title: &str) -> Vec<u8> {
    bytes(cases().iter().find(|case| text(case, "title") == title).unwrap(), "file")
}

fn checkpoint(file: &[u8]) -> Result<Checkpoint, FormatError> {
    read(&file)
}

fn contents(file: &[u8]) -> formats::Contents {
    formats::read(&file, "model.pt").unwrap().unwrap()
}

/// Replaces every occurrence; the lengths have to agree.
fn swapped(file: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = file.to_vec();
    let at: Vec<usize> = out.windows(from.len()).enumerate().filter(|(_, window)| *window == from).map(|(at, _)| at).collect();
    assert!(!at.is_empty());
    at.into_iter().for_each(|at| out[at..at + from.len()].copy_from_slice(to));
    out
}

fn refusal(file: &[u8]) -> String {
    checkpoint(file).expect_err("read").to_string()
}

#[test]
fn files_of_torch_are_read_as_torch_reads_them() {
    for case in cases() {
        let title = text(&case, "title");
        let file = bytes(&case, "file");
        let read = checkpoint(&file).unwrap_or_else(|error| panic!("{title}: {error}"));
        assert!(read.code_bearing.is_none() && read.notes.is_empty(), "{title}: {read:?}");
        assert_eq!(read.container == Container::Legacy, case["legacy"] == json!(true), "{title}");
        let expected = list(&case, "tensors");
        let names = |tensors: &[Value]| tensors.iter().map(|tensor| text(tensor, "name").to_owned()).collect::<Vec<_>>();
        assert_eq!(read.tensors.iter().map(|tensor| tensor.name.clone()).collect::<Vec<_>>(), names(expected), "{title}");
        let described = contents(&file);
        for ((tensor, described), expected) in read.tensors.iter().zip(&described.tensors).zip(expected) {
            let title = format!("{title}: {}", tensor.name);
            assert_eq!(tensor.dtype.token(), text(expected, "dtype"), "{title}");
            assert_eq!(json!(tensor.shape), expected["shape"], "{title}");
            assert_eq!(json!(tensor.strides), expected["strides"], "{title}");
            assert_eq!(described.source.endian == Endian::Big, read.big_endian, "{title}");
            let is_run = matches!(described.source.pieces, Pieces::Range(_));
            // What has no elements, or one in every dimension but one, is a run whatever torch says of its strides.
            assert!(is_run || expected["contiguous"] == json!(false), "{title}");
            assert_eq!(streamed(&file, described), bytes(expected, "canonical"), "{title}");
            let place = tensor.place;
            if !expected["bytes"].is_null() {
                assert_eq!(file[place.offset as usize..(place.offset + place.len) as usize], bytes(expected, "bytes"), "{title}");
            }
        }
    }
}

#[test]
fn objects_that_are_more_than_data_are_findings() {
    for case in list(&vectors("pytorch/valid.json"), "codeBearing") {
        let title = text(case, "title");
        let contents = contents(&bytes(case, "file"));
        assert!(contents.tensors.is_empty(), "{title}");
        assert_eq!(contents.findings[0].code, FindingCode::CodeBearing, "{title}: {:?}", contents.findings);
        assert!(contents.findings[0].message.contains("at byte"), "{title}");
    }
}

#[test]
fn hostile_pickles_are_never_read_as_models() {
    for entry in std::fs::read_dir(repository().join("attacks/pickle")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pkl") {
            let file = std::fs::read(&path).unwrap();
            let read = formats::read(&file.as_slice(), "model.pt");
            let refused = read.is_err() || read.unwrap().is_some_and(|read| read.findings[0].code == FindingCode::CodeBearing);
            assert!(refused, "{path:?}");
        }
    }
}

#[test]
fn pickles_are_told_by_what_they_do_whatever_their_name() {
    let named = |file: &[u8], name| formats::read(&file, name);
    assert!(named(b"\x80\x02}q\x00.", "model.bin").unwrap().is_none());
    assert!(matches!(named(b"\x80\x02}q\x00.", "model.pt"), Err(FormatError::Unsupported(_))));
    let code = named(b"\x80\x02cinert_module\nfunction\n)R.", "model.bin").unwrap().unwrap();
    assert_eq!((code.findings[0].code, code.findings.len()), (FindingCode::CodeBearing, 1));
    for title in ["state dict, zip", "state dict, legacy"] {
        assert_eq!(named(&case(title), "pytorch_model.bin").unwrap().unwrap().format, "pytorch");
    }
}

#[test]
fn tied_tensors_share_a_storage() {
    for container in ["zip", "legacy"] {
        let read = checkpoint(&case(&format!("tied, {container}"))).unwrap();
        assert_eq!((read.storages.len(), read.tensors.len()), (1, 2));
        assert_eq!(read.tensors[0].place, read.tensors[1].place);
    }
}

#[test]
fn views_keep_their_strides() {
    let views = contents(&case("views, zip"));
    assert_eq!(views.findings, []);
    let strides = |name: &str| match &views.tensors.iter().find(|tensor| tensor.name == name).unwrap().source.pieces {
        Pieces::Strided { strides, .. } => Some(strides.clone()),
        _ => None,
    };
    assert_eq!((strides("rows"), strides("reshaped")), (None, None));
    assert_eq!((strides("turned"), strides("columns"), strides("repeated")), (Some(vec![1, 4]), Some(vec![4, 1]), Some(vec![0])));
}

#[test]
fn what_training_leaves_is_described() {
    for container in ["zip", "zip, protocol 4", "zip, protocol 5", "legacy"] {
        let contents = contents(&case(&format!("training, {container}")));
        let expected =
            [("epoch", "3"), ("best", "0.5"), ("done", "true"), ("hyper_parameters.lr", "0.001"), ("pytorch-lightning_version", "2.5.0")];
        for (key, value) in expected {
            assert_eq!(contents.metadata.get(key).map(String::as_str), Some(value), "{container}");
        }
        assert!(contents.tensors.iter().any(|tensor| tensor.name == "optimizer_states.0.state.0.exp_avg"));
    }
}

#[test]
fn every_cut_is_refused() {
    for title in ["two tensors, zip", "two tensors, legacy"] {
        let file = case(title);
        (0..file.len()).for_each(|length| assert!(checkpoint(&file[..length]).is_err(), "{title}: {length} of {}", file.len()));
    }
}

#[test]
fn lies_of_the_archive_are_refused() {
    let file = case("two tensors, zip");
    assert!(refusal(&swapped(&file, b"archive/data/0", b"archive/data/7")).contains("not in the archive"));
    assert!(refusal(&swapped(&file, b"archive/data/1", b"archive/data/0")).contains("two members are named"));
    assert!(refusal(&swapped(&file, b"archive/data/0", b"archive/../d/0")).contains("leads elsewhere"));
    assert!(refusal(&swapped(&file, b"archive/data/0", b"another/data/0")).contains("another folder"));
    assert!(refusal(&swapped(&file, b"archive/data.pkl", b"archive/data.pkx")).contains("without `data.pkl`"));
    assert!(refusal(&swapped(&file, b"little", b"big\0\0\0")).contains("CRC"));
    // One byte of the pickle, whose checksum then no longer fits.
    assert!(refusal(&swapped(&file, b"FloatStorage", b"HalfStorage\n")).contains("CRC"));
    assert!(refusal(&[b"\0", &*file].concat()).contains("malformed"));
    assert!(checkpoint(&[&*file, b"\0"].concat()).is_err());
    let stray = contents(&swapped(&file, b"archive/version", b"archive/Version"));
    assert_eq!((stray.findings[0].code, stray.tensors.len()), (FindingCode::Stray, 2));
    let script = contents(&swapped(&file, b"archive/version", b"archive/code/xy"));
    assert_eq!(script.findings[0].code, FindingCode::CodeBearing);
}

#[test]
fn lies_of_the_old_layout_are_refused() {
    let file = case("two tensors, legacy");
    assert!(refusal(&[&*file, b"\0"].concat()).contains("bytes follow the last storage"));
    let count = [2_u64.to_le_bytes(), 1_u64.to_le_bytes()].concat();
    let mut longer = file.clone();
    let at = longer.windows(16).position(|window| window == count).unwrap();
    longer[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(refusal(&longer).contains("another number in the pickle"));
    let mut protocol = file;
    let at = protocol.windows(3).position(|window| window == b"M\xe9\x03").unwrap();
    protocol[at + 1] = 0;
    assert!(refusal(&protocol).contains("protocol other than 1001"));
    assert!(refusal(b"\x80\x02}.").contains("bare pickle"));
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    assert!(refusal(&tar).contains("save it as safetensors"));
}

#[test]
fn names_that_unfold_without_end_are_refused() {
    // Every list holds the one before it twice; the innermost holds a storage's tensor nowhere, so only the walk can notice.
    let mut bomb = b"\x80\x04(]NNe".to_vec();
    bomb = bomb[..2].to_vec();
    bomb.extend(b"N\x85\x94");
    for level in 0..80_u8 {
        bomb.extend([b'h', level, b'h', level, 0x86, 0x94]);
    }
    // Left on the stack: everything but the last goes into one tuple with it.
    bomb.insert(2, b'(');
    bomb.extend(b"t.");
    let start = &case("empty, legacy");
    let object = start.windows(4).rposition(|window| window == b"\x80\x02}q").unwrap();
    let file = [&start[..object], &*bomb, b"\x80\x02]."].concat();
    let begun = std::time::Instant::now();
    let refusal = refusal(&file);
    assert!(refusal.contains("unfolded") || refusal.contains("names"), "{refusal}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(60));
}

proptest! {
    #[test]
    fn changed_bytes_never_panic(which in 0..2_usize, edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut file = case(["state dict, zip", "state dict, legacy"][which]);
        for (at, byte) in edits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(read) = checkpoint(&file) {
            let inside = |place: formats::ByteRange| place.offset.checked_add(place.len).is_some_and(|end| end <= file.len() as u64);
            prop_assert!(read.tensors.iter().all(|tensor| inside(tensor.place)));
            prop_assert!(read.storages.iter().all(|storage| inside(storage.place)));
        }
    }

    #[test]
    fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = checkpoint(&bytes);
        let _ = checkpoint(&[b"PK\x03\x04", &*bytes].concat());
        let _ = checkpoint(&[b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02", &*bytes].concat());
    }
}
