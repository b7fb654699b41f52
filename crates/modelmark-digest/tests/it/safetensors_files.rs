//! The safetensors reader against files of the reference implementation, damaged files and hostile ones.

use std::collections::{BTreeMap, BTreeSet};

use modelmark_digest::fingerprint::{Roots, TensorHasher};
use modelmark_digest::{Request, digest};
use modelmark_formats::safetensors::{Dtype, HeaderError, read_header};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use safetensors::tensor::{SafeTensors, TensorView};

use crate::content::{bytes, list, repository, text, vectors, write};

type Named = (String, (safetensors::Dtype, Vec<usize>, Vec<u8>));

/// A tensor of bytes.
pub(crate) fn tensor(name: &str, shape: &[usize], data: &[u8]) -> Named {
    (name.to_owned(), (safetensors::Dtype::U8, shape.to_vec(), data.to_vec()))
}

/// A file written by the reference implementation.
pub(crate) fn shard<'t>(tensors: impl IntoIterator<Item = &'t Named>) -> Vec<u8> {
    let views = tensors.into_iter().map(|(name, (dtype, shape, data))| (name, TensorView::new(*dtype, shape.clone(), data).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

fn read(file: &[u8]) -> Result<modelmark_formats::safetensors::Header, HeaderError> {
    read_header(&mut &*file, file.len() as u64)
}

/// A type of ours as the reference implementation has it.
fn theirs(dtype: Dtype) -> safetensors::Dtype {
    serde_json::from_value(dtype.token().into()).unwrap()
}

fn any_tensor() -> impl Strategy<Value = (safetensors::Dtype, Vec<usize>, Vec<u8>)> {
    (prop::sample::select(&Dtype::ALL[..]), vec(0..5_usize, 0..4), any::<u8>()).prop_map(|(dtype, mut shape, salt)| {
        let dtype = theirs(dtype);
        if dtype.bitsize() < 8 {
            // Four of them are always whole bytes.
            shape.push(4);
        }
        let bytes = shape.iter().product::<usize>() * dtype.bitsize() / 8;
        (dtype, shape, (0..bytes).map(|at| at as u8 ^ salt).collect())
    })
}

fn roots(tensors: &BTreeMap<String, (safetensors::Dtype, Vec<usize>, Vec<u8>)>) -> Roots {
    let digests = tensors.iter().map(|(name, (dtype, shape, data))| {
        let mut hasher = TensorHasher::new(&dtype.to_string());
        hasher.update(data);
        hasher.finish(name, &shape.iter().map(|dim| *dim as u64).collect::<Vec<_>>())
    });
    Roots::of(&digests.collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn files_of_the_reference_implementation_are_read_as_written(tensors in btree_map("\\PC{0,20}", any_tensor(), 0..12), cut in 1..4_usize) {
        let all: Vec<Named> = tensors.clone().into_iter().collect();
        let file = shard(&all);
        let header = read(&file).unwrap();
        let theirs = SafeTensors::deserialize(&file).unwrap();
        prop_assert_eq!(header.tensors().len(), tensors.len());
        for tensor in header.tensors() {
            let view = theirs.tensor(tensor.name()).unwrap();
            let range = tensor.range();
            let start = header.data_start();
            prop_assert_eq!(&file[(start + range.start) as usize..(start + range.end) as usize], view.data());
            prop_assert_eq!(tensor.shape().iter().map(|dim| *dim as usize).collect::<Vec<_>>(), view.shape());
            prop_assert_eq!(tensor.dtype().token(), view.dtype().to_string());
            prop_assert_eq!(tensor.dtype().bits() as usize, view.dtype().bitsize());
        }

        // Cut into shards, the model keeps its root.
        let dir = tempfile::tempdir().unwrap();
        let parts = all.len().div_ceil(cut).max(1);
        for (index, part) in all.chunks(cut).enumerate() {
            write(dir.path(), &format!("m-{:05}-of-{parts:05}.safetensors", index + 1), &shard(part));
        }
        if !all.is_empty() {
            let summary = digest(dir.path(), &Request::default(), &()).unwrap().weights.tensors.unwrap();
            prop_assert_eq!(Roots { exact: summary.root, content: summary.content, value: summary.value }, roots(&tensors));
            prop_assert_eq!(summary.parameters, tensors.values().map(|(_, shape, _)| shape.iter().product::<usize>() as u64).sum::<u64>());
        }
    }

    #[test]
    fn every_cut_is_refused(tensors in btree_map("[a-z.]{1,8}", any_tensor(), 1..4)) {
        let file = shard(&tensors.into_iter().collect::<Vec<_>>());
        for length in 0..file.len() {
            prop_assert!(read(&file[..length]).is_err(), "{length} of {}", file.len());
            // Neither may a reader that ends early go through.
            prop_assert!(read_header(&mut &file[..length], file.len() as u64).is_err() || length >= read(&file).unwrap().data_start() as usize);
        }
    }

    #[test]
    fn what_is_accepted_the_reference_implementation_reads_alike(
        tensors in btree_map("[a-c]{1,2}", any_tensor(), 1..4), edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
    ) {
        let mut file = shard(&tensors.into_iter().collect::<Vec<_>>());
        for (at, byte) in edits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(header) = read(&file) {
            let theirs = SafeTensors::deserialize(&file).unwrap();
            prop_assert_eq!(header.tensors().len(), theirs.len());
            prop_assert!(header.tensors().iter().all(|tensor| theirs.tensor(tensor.name()).is_ok()));
        }
    }

    #[test]
    fn garbage_is_refused_without_panic(text in "[\\[\\]{}:,\"a0-9 ]{0,60}", bytes in vec(any::<u8>(), 0..80)) {
        let framed = [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
        let accepted = read(&framed);
        // An empty header is one, however it is padded.
        prop_assert!(accepted.is_err() || text.replace(' ', "") == "{}", "{}", text);
        let _ = read(&bytes);
    }
}

#[test]
fn files_of_the_python_library_are_read_as_written() {
    for case in list(&vectors("safetensors/valid.json"), "cases") {
        let title = text(case, "title");
        let file = bytes(case, "file");
        let header = read(&file).unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(header.tensors().len(), list(case, "tensors").len(), "{title}");
        for expected in list(case, "tensors") {
            let tensor = header.tensors().iter().find(|tensor| tensor.name() == text(expected, "name")).unwrap();
            assert_eq!(tensor.dtype().token(), text(expected, "dtype"));
            assert_eq!(serde_json::json!(tensor.shape()), expected["shape"]);
        }
        assert_eq!(serde_json::json!(header.metadata()), case["metadata"], "{title}");
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "model.safetensors", &file);
        let summary = digest(&dir.path().join("model.safetensors"), &Request::default(), &()).unwrap().weights.tensors.unwrap();
        let roots = [summary.root, summary.content, summary.value].map(|root| root.to_string());
        assert_eq!(roots, ["exact", "content", "value"].map(|level| text(&case["roots"], level)), "{title}");
    }
}

#[test]
fn every_type_is_in_the_files_of_the_python_library() {
    let valid = vectors("safetensors/valid.json");
    let seen: BTreeSet<&str> =
        list(&valid, "cases").iter().flat_map(|case| list(case, "tensors")).map(|tensor| text(tensor, "dtype")).collect();
    assert_eq!(seen, Dtype::ALL.iter().map(|dtype| dtype.token()).collect());
}

#[test]
fn attacks_are_refused() {
    let folder = repository().join("attacks/safetensors");
    let faults: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read(folder.join("faults.json")).unwrap()).unwrap();
    let files =
        std::fs::read_dir(&folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "safetensors"));
    assert_eq!(files.count(), faults.len());
    for (name, fault) in faults {
        let error = read(&std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap()).expect_err(&name);
        assert!(error.to_string().contains(&fault), "{name}: {error}");
    }
}

#[test]
fn headers_may_be_padded_and_metadata_null() {
    for header in [r#"{"__metadata__":null}   "#, r#"{"__metadata__":{}}"#, r#"{ "__metadata__" : {"k":"v"} }"#, "{}        "] {
        let file = [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
        assert!(read(&file).unwrap().tensors().is_empty(), "{header}");
    }
}

#[test]
fn element_types_are_those_of_the_reference_implementation() {
    for dtype in Dtype::ALL {
        let theirs = theirs(dtype);
        assert_eq!((theirs.to_string().as_str(), theirs.bitsize() as u64), (dtype.token(), dtype.bits()));
        assert_eq!(Dtype::from_token(dtype.token()), Some(dtype));
    }
    assert_eq!(Dtype::from_token("F128"), None);
}
