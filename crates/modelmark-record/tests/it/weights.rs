//! Which weights a record may state: what follows from its own list of files.

use std::path::Path;

use modelmark_digest::{ContentId, ModelPath, Request, Sha256Digest, digest};
use modelmark_record::{Facts, ModelFile, Record, RecordError};
use proptest::prelude::*;

use crate::sample::claims;

fn composed(files: &[(&str, Vec<u8>)], empty: Option<&str>) -> Record {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    if let Some(empty) = empty {
        std::fs::create_dir(dir.path().join(empty)).unwrap();
    }
    recorded(dir.path())
}

fn recorded(path: &Path) -> Record {
    Record::compose(&digest(path, &Request::default(), &()).unwrap(), Facts { claims: claims(), sources: vec![] }).unwrap()
}

fn text(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[track_caller]
fn refused(record: &Record, field: &str) {
    let result = record.canonical();
    assert!(matches!(&result, Err(RecordError::Inconsistent { field: found, .. }) if *found == field), "{result:?}");
}

#[test]
fn several_weights_files_decide_the_cid() {
    let good = composed(&[("README.md", text("card")), ("a.bin", text("one")), ("sub/b.bin", text("two"))], Some("empty"));
    good.canonical().unwrap();
    let files = &good.provenance.model.files;
    for other in [good.provenance.model.cid, files.get(1).unwrap().cid, ContentId::dag_pb(b"x")] {
        let mut bad = good.clone();
        bad.provenance.weights.cid = other;
        refused(&bad, "provenance.weights.cid");
    }
    // Sizes stand in the directory's links.
    let mut resized = good.clone();
    resized.provenance.model.files.iter_mut().for_each(|file| file.size = 4.try_into().unwrap());
    resized.provenance.model.size = 12.try_into().unwrap();
    refused(&resized, "provenance.weights.cid");
}

#[test]
fn one_weights_file_decides_the_cid() {
    let good = composed(&[("README.md", text("card")), ("a.bin", text("one"))], None);
    let mut bad = good.clone();
    bad.provenance.weights.cid = good.provenance.model.cid;
    refused(&bad, "provenance.weights.cid");
}

#[test]
fn a_model_that_is_weights_whole_has_its_own_cid() {
    let files = [("a.txt", text("one")), ("b.txt", text("two"))];
    for good in [composed(&files, None), composed(&files, Some("empty")), composed(&files[..1], None)] {
        assert_eq!(good.provenance.weights.cid, good.provenance.model.cid);
        good.canonical().unwrap();
        let mut bad = good.clone();
        bad.provenance.weights.cid = ContentId::dag_pb(b"x");
        refused(&bad, "provenance.weights.cid");
    }
    // All files are recognised weights, and there is an empty directory beside them.
    let recognised = composed(&[("a.bin", text("one")), ("b.bin", text("two"))], Some("empty"));
    assert_ne!(recognised.provenance.weights.cid, recognised.provenance.model.cid);
    recognised.canonical().unwrap();
}

#[test]
fn deep_paths_end_in_an_error() {
    let mut deep = composed(&[("README.md", text("card")), ("a.bin", text("one")), ("b.bin", text("two"))], None);
    let file = deep.provenance.model.files.get(1).unwrap().clone();
    let path: ModelPath = format!("{}a.bin", "d/".repeat(2040)).as_str().try_into().unwrap();
    let names = [path.clone(), "x.bin".try_into().unwrap()];
    let listing: String = names.iter().map(|name| format!("{}  {name}\n", file.sha256)).collect();
    deep.provenance.weights_hash = Sha256Digest::of(listing.as_bytes());
    deep.provenance.model.files = names.iter().map(|path| ModelFile { path: path.clone(), ..file.clone() }).collect();
    deep.provenance.model.size = (2 * file.size.get()).try_into().unwrap();
    deep.provenance.weights.files = names.to_vec();
    refused(&deep, "provenance.weights.files");
}

#[test]
fn files_of_many_blocks_and_sharded_directories_agree_with_the_digest() {
    let leaf = 256 << 10;
    let large: Vec<_> = [("a.bin", 1), ("b/b.bin", leaf), ("b/c.bin", leaf + 1), ("d.bin", 174 * leaf), ("e.bin", 174 * leaf + 1)]
        .map(|(path, size)| (path, vec![7; size]))
        .into();
    composed(&large, None).canonical().unwrap();
    let names: Vec<String> = (0..1500).map(|at| format!("{at:0200}.bin")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
    composed(&many, None).canonical().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn what_the_digest_says_is_accepted(
        sizes in proptest::collection::btree_map("[a-e](/[a-e]x){0,2}\\.(bin|txt)", 0_usize..700_000, 1..6),
    ) {
        let files: Vec<_> = sizes.iter().map(|(path, size)| (path.as_str(), vec![1; *size])).collect();
        prop_assert!(composed(&files, None).canonical().is_ok());
    }
}
