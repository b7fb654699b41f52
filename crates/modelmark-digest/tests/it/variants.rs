//! Sets of weights of one repository, compared with each other. The files are those that foreign tools wrote (`vectors/weights`).

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use modelmark_digest::cache::{DigestCache, MemoryCache, RACY_MARGIN};
use modelmark_digest::{Comparison, Likeness, Observer, Request, digest, survey};
use modelmark_formats::FindingCode;
use safetensors::Dtype;

use crate::content::{bytes, list, text, vectors, write};
use crate::safetensors_files::shard;

/// Writes the only file of the vector with this title under another name.
fn put(dir: &Path, title: &str, name: &str) {
    let vectors = vectors("weights/containers.json");
    let case = list(&vectors, "containers").iter().chain(list(&vectors, "others")).find(|case| text(case, "title") == title).unwrap();
    let files = case["files"].as_object().unwrap();
    for file in files.keys() {
        write(dir, if files.len() == 1 { name } else { file }, &bytes(&case["files"], file));
    }
}

fn compared(dir: &Path) -> Vec<Comparison> {
    let mut survey = survey(dir).unwrap();
    let (manifest, comparisons) = survey.digest_comparing(&Request::default(), &(), None).unwrap();
    assert_eq!(manifest, digest(dir, &Request::default(), &()).unwrap(), "comparing changes no digest");
    assert_eq!(survey.has_variants(), !comparisons.is_empty());
    for comparison in &comparisons {
        let told = survey.findings.iter().find(|(file, _)| *file == comparison.files.first().cloned());
        assert!(survey.findings.iter().any(|(_, finding)| finding.code == comparison.likeness.code()), "{told:?}");
    }
    comparisons
}

/// Compares the vector `first` with the vector `second` beside it.
fn likeness(first: &str, second: (&str, &str)) -> (Likeness, String) {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), first, "model.safetensors");
    put(dir.path(), second.0, second.1);
    let comparisons = compared(dir.path());
    let [Comparison { likeness, summary, .. }] = comparisons.as_slice() else { panic!("{comparisons:?}") };
    (*likeness, summary.clone())
}

#[test]
fn sets_are_told_apart() {
    let (bin, other) = ("pytorch_model.bin", "model.fp16.safetensors");
    for (first, second, expected, part) in [
        ("safetensors", ("torch, zip", bin), Likeness::Same, "the same weights as model.safetensors"),
        ("two shards", ("torch, zip", bin), Likeness::Same, "the same weights as model-*-of-00002.safetensors"),
        ("safetensors", ("torch, legacy, backwards", "model.pt"), Likeness::Same, "the same weights"),
        ("safetensors", ("npz, compressed", "model.npz"), Likeness::Same, "the same weights"),
        ("safetensors", ("renamed", other), Likeness::Same, "names"),
        ("cast to F16 and back", ("cast to F16", other), Likeness::Precision, "F32, here F16"),
        ("safetensors", ("cast to F16", other), Likeness::Rounded, "relative distance at most"),
        ("safetensors", ("swapped", other), Likeness::Different, "under other names"),
        ("safetensors", ("cast to F16 and back", other), Likeness::Different, "not the same model as model.safetensors"),
    ] {
        let (likeness, summary) = likeness(first, second);
        assert!(likeness == expected && summary.contains(part), "{first}, {second:?}: {likeness:?} {summary}");
    }
}

fn floats(name: &str, dtype: Dtype, values: &[u8]) -> (String, (Dtype, Vec<usize>, Vec<u8>)) {
    (name.to_owned(), (dtype, vec![values.len() * 8 / dtype.bitsize()], values.to_vec()))
}

#[test]
fn parts_and_more_are_told() {
    let (a, b, c) = (floats("a", Dtype::F32, &[1; 16]), floats("b", Dtype::F32, &[2; 16]), floats("c", Dtype::F32, &[3; 16]));
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "model.safetensors", &shard([&a, &b]));
    for (others, expected, part) in [
        (vec![&a], Likeness::Part, "a part of the weights of model.safetensors"),
        (vec![&a, &b, &c], Likeness::Part, "all weights of model.safetensors, and more"),
        (vec![&b, &c], Likeness::Related, "1 of 2 weight tensors are those of model.safetensors"),
        (vec![&c], Likeness::Different, "0 of 1 weight tensors in common"),
    ] {
        write(dir.path(), "onnx/model.safetensors", &shard(others));
        let [comparison] = compared(dir.path()).try_into().unwrap();
        assert!(comparison.likeness == expected && comparison.summary.contains(part), "{comparison:?}");
    }
}

#[test]
fn what_cannot_be_compared_is_no_other_model() {
    let dir = tempfile::tempdir().unwrap();
    let norm = floats("norm", Dtype::F32, &[7; 16]);
    write(dir.path(), "model.safetensors", &shard([&norm, &floats("a", Dtype::F32, &[1; 64])]));
    for (name, file, part) in [
        ("model_quantized.safetensors", shard([&norm, &floats("a", Dtype::F8_E4M3, &[1; 64])]), "quantised: F8_E4M3; 1 of 2"),
        ("model_int8.safetensors", shard([&floats("a", Dtype::I8, &[1; 64])]), "no floating-point tensors"),
        ("pytorch_model.bin", b"\x80\x02cinert_module\nfunction\n)R.".to_vec(), "inert_module.function"),
        ("flax_model.msgpack", b"\x80".to_vec(), "none that is read"),
    ] {
        write(dir.path(), name, &file);
        let [comparison] = compared(dir.path()).try_into().unwrap();
        assert!(comparison.likeness == Likeness::Incomparable && comparison.summary.contains(part), "{name}: {comparison:?}");
        std::fs::remove_file(dir.path().join(name)).unwrap();
    }
    // What is not quantised is evidence all the same.
    let other = floats("norm", Dtype::F32, &[8; 16]);
    write(dir.path(), "model_quantized.safetensors", &shard([&other, &floats("a", Dtype::F8_E4M3, &[1; 64])]));
    assert_eq!(compared(dir.path())[0].likeness, Likeness::Different);
}

#[test]
fn parts_of_a_pipeline_and_files_of_other_names_are_not_compared() {
    let dir = tempfile::tempdir().unwrap();
    let file = |value| shard([&floats("a", Dtype::F32, &[value; 16])]);
    for (value, name) in
        ["unet/model.safetensors", "vae/model.safetensors", "encoder.safetensors", "decoder.safetensors"].iter().enumerate()
    {
        write(dir.path(), name, &file(value as u8));
    }
    assert!(compared(dir.path()).is_empty());
    write(dir.path(), "vae/model.fp16.safetensors", &file(1));
    let [comparison] = compared(dir.path()).try_into().unwrap();
    assert_eq!((comparison.set.as_str(), comparison.with.as_str()), ("vae/model.fp16.safetensors", "vae/model.safetensors"));
    assert_eq!(comparison.likeness, Likeness::Same);
}

#[test]
fn an_index_gathers_its_shards_whatever_they_are_called() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (floats("a", Dtype::F32, &[1; 16]), floats("b", Dtype::F32, &[2; 16]));
    write(dir.path(), "model.safetensors.index.json", br#"{"weight_map":{"a":"first.safetensors","b":"second.safetensors"}}"#);
    write(dir.path(), "first.safetensors", &shard([&a]));
    write(dir.path(), "second.safetensors", &shard([&b]));
    write(dir.path(), "consolidated.safetensors", &shard([&a, &b]));
    let [comparison] = compared(dir.path()).try_into().unwrap();
    assert_eq!((comparison.with.as_str(), comparison.likeness), ("model.safetensors.index.json", Likeness::Same));
}

#[derive(Default)]
struct Bytes(AtomicU64, AtomicU64);

impl Observer for Bytes {
    fn planned(&self, _files: u64, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    fn advanced(&self, bytes: u64) {
        self.1.fetch_add(bytes, Ordering::Relaxed);
    }

    fn needs_leaves(&self, _entry: &modelmark_digest::FileEntry) -> bool {
        false
    }
}

#[test]
fn every_byte_is_read_once_and_what_is_known_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "safetensors", "model.safetensors");
    put(dir.path(), "torch, zip", "pytorch_model.bin");
    let cache = MemoryCache::default();
    let run = || {
        let read = Bytes::default();
        let (_, comparisons) =
            survey(dir.path()).unwrap().digest_comparing(&Request::default(), &read, Some(&cache as &dyn DigestCache)).unwrap();
        assert_eq!(comparisons[0].likeness, Likeness::Same);
        (read.0.into_inner(), read.1.into_inner())
    };
    let (planned, read) = run();
    assert_eq!(planned, read);
    // What was written a moment before it was read is not kept.
    std::thread::sleep(RACY_MARGIN + std::time::Duration::from_millis(100));
    run();
    assert_eq!(run().1, 0);
}

#[test]
fn the_answer_takes_the_place_of_the_question() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "safetensors", "model.safetensors");
    put(dir.path(), "torch, zip", "pytorch_model.bin");
    let mut survey = survey(dir.path()).unwrap();
    let several = |survey: &modelmark_digest::Survey| {
        let said = survey.findings.iter().filter(|(_, finding)| finding.code == FindingCode::SeveralSets);
        said.map(|(_, finding)| finding.message.clone()).collect::<Vec<_>>()
    };
    assert!(several(&survey)[0].contains("not known"));
    survey.digest_comparing(&Request::cids(), &(), None).unwrap();
    assert_eq!(several(&survey), ["sets of weights that by their names are one model, besides the first: 1 the same"]);
}
