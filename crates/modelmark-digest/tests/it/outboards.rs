//! Outboard files: made, read, held against a CID, and used to verify.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

use modelmark_digest::outboard::{LeafError, LeafList, LeafLists, Outboard, OutboardError, Recorder, VerifyingFile, VerifyingReader};
use modelmark_digest::partial::RangeProof;
use modelmark_digest::{CidProfile, ContentId, Manifest, Request, Sha256Digest, digest};
use modelmark_formats::ReadAt;
use proptest::prelude::*;
use serde_json::Value;

use crate::content::{list, number, text, vectors};

const LEAF: usize = 256 << 10;

/// Fingerprints the model and returns its outboard.
fn record(path: &Path, profile: CidProfile) -> (Manifest, Outboard) {
    let recorder = Recorder::default();
    // The contents are patterns, whatever the names say.
    let manifest = digest(path, &Request { profile, tensors: false, ..Request::default() }, &recorder).unwrap();
    let outboard = recorder.finish(&manifest).unwrap();
    (manifest, outboard)
}

fn pattern(file: u64, size: usize) -> Vec<u8> {
    (0..size).map(|i| (i as u64 * 31 + file * 7 + (i as u64 >> 13)) as u8).collect()
}

/// One file of this content with its leaves.
fn single(content: &[u8]) -> LeafLists {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("model.bin"), content).unwrap();
    let (manifest, outboard) = record(&dir.path().join("model.bin"), CidProfile::default());
    outboard.check(&manifest.cid).unwrap()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn write_vector(case: &Value, dir: &Path) -> std::path::PathBuf {
    let root = dir.join("model");
    for folder in case["folders"].as_array().unwrap() {
        fs::create_dir_all(root.join(folder.as_str().unwrap())).unwrap();
    }
    for file in list(case, "files") {
        let path = root.join(text(file, "path"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, pattern(number(file, "number"), number(file, "size") as usize)).unwrap();
    }
    if text(case, "kind") == "file" { root.join("model.bin") } else { root }
}

#[test]
fn outboards_are_those_of_the_specification_and_recompute_to_foreign_cids() {
    for case in list(&vectors("unixfs/outboards.json"), "outboards") {
        let name = text(case, "name");
        let theirs = bytes_of(text(case, "outboard"));
        let cid: ContentId = text(case, "cid").parse().unwrap();
        let parsed = Outboard::parse(&theirs).unwrap();
        assert_eq!(parsed.cid().unwrap(), cid, "{name}");
        assert_eq!(parsed.encode(), theirs, "{name}");
        let dir = tempfile::tempdir().unwrap();
        let profile = text(case, "profile").parse().unwrap();
        assert_eq!(parsed.profile(), profile, "{name}");
        let (manifest, ours) = record(&write_vector(case, dir.path()), profile);
        assert_eq!((manifest.cid, ours.encode()), (cid, theirs), "{name}");
        assert_eq!(ours.weights_cid().unwrap(), Some(manifest.weights.cid), "{name}");
        let lists = ours.check(&cid).unwrap();
        for file in &manifest.files {
            assert_eq!(lists.file(file.path.as_str()).unwrap().cid(), file.cid, "{name}");
        }
        for range in list(case, "ranges") {
            let leaves = lists.file(text(range, "path")).unwrap();
            let proof = RangeProof::new(leaves, number(range, "start")..number(range, "end")).unwrap().to_json();
            assert_eq!((&proof["nodes"], &proof["cid"]), (&range["nodes"], &range["cid"]), "{name}");
        }
    }
}

#[test]
fn attacks_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../attacks/outboard");
    let faults: BTreeMap<String, String> = serde_json::from_slice(&fs::read(folder.join("faults.json")).unwrap()).unwrap();
    let files = fs::read_dir(&folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "outboard"));
    assert_eq!(files.count(), faults.len());
    for (name, fault) in faults {
        let error = Outboard::parse(&fs::read(folder.join(format!("{name}.outboard"))).unwrap()).expect_err(&name);
        assert!(error.to_string().contains(&fault), "{name}: {error}");
    }
}

#[test]
fn no_cut_and_no_changed_byte_of_an_outboard_passes() {
    let vectors = vectors("unixfs/outboards.json");
    for case in list(&vectors, "outboards").iter().filter(|case| text(case, "outboard").len() < 2000) {
        let (bytes, cid) = (bytes_of(text(case, "outboard")), text(case, "cid").parse().unwrap());
        for at in 0..bytes.len() {
            assert!(Outboard::parse(&bytes[..at]).is_err());
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(Outboard::parse(&changed).and_then(|outboard| outboard.check(&cid)).is_err(), "{at} {bit}");
            }
        }
    }
}

#[test]
fn a_list_of_leaves_belongs_to_its_cid_alone() {
    let leaves = vec![Sha256Digest::of(b"x")];
    let cid = ContentId::raw(b"x");
    let new = |size, leaves: &Vec<_>, cid: &ContentId| LeafList::new(CidProfile::UnixfsV1Legacy, size, leaves.clone(), cid);
    assert_eq!(new(1, &leaves, &cid).unwrap().cid(), cid);
    assert!(matches!(new(1, &leaves, &ContentId::raw(b"y")), Err(OutboardError::OtherModel { .. })));
    assert!(matches!(new(0, &leaves, &cid), Err(OutboardError::Leaves { found: 1, size: 0 })));
    assert!(matches!(new(u64::MAX, &leaves, &cid), Err(OutboardError::Leaves { .. })));
    assert!(new(0, &Vec::new(), &ContentId::raw(b"")).unwrap().is_empty());
}

#[test]
fn a_stream_is_handed_out_only_as_far_as_it_is_the_models() {
    for size in [0, 1, LEAF - 1, LEAF, LEAF + 1, 3 * LEAF, 3 * LEAF + 5] {
        let content = pattern(1, size);
        let lists = single(&content);
        let list = lists.file("any name").unwrap();
        let read = |source: &[u8]| {
            let mut out = Vec::new();
            let outcome = VerifyingReader::new(source, list).read_to_end(&mut out);
            assert!(content.starts_with(&out), "only bytes of the model come through");
            outcome
                .map(|_| out.len())
                .map_err(|error| (error.kind(), error.into_inner().and_then(|fault| fault.downcast::<LeafError>().ok()), out.len()))
        };
        assert_eq!(read(&content).unwrap(), size);
        let longer = [content.as_slice(), b"+"].concat();
        assert_eq!(read(&longer).unwrap_err().1, Some(Box::new(LeafError::Longer(size as u64))));
        if size > 0 {
            assert_eq!(read(&content[..size - 1]).unwrap_err().0, ErrorKind::UnexpectedEof);
        }
        for leaf in 0..size.div_ceil(LEAF) {
            let mut changed = content.clone();
            changed[(leaf * LEAF + LEAF / 2).min(size - 1)] ^= 1;
            let (kind, fault, handed_out) = read(&changed).unwrap_err();
            let place = (leaf * LEAF) as u64..((leaf + 1) * LEAF).min(size) as u64;
            assert_eq!((kind, fault, handed_out), (ErrorKind::InvalidData, Some(Box::new(LeafError::Differs(place))), leaf * LEAF));
        }
    }
}

#[test]
fn after_a_fault_a_stream_stays_faulty() {
    let content = pattern(2, 2 * LEAF);
    let lists = single(&content);
    let changed = pattern(3, 2 * LEAF);
    let mut reader = VerifyingReader::new(changed.as_slice(), lists.file("x").unwrap());
    for _ in 0..3 {
        assert_eq!(reader.read(&mut [0; 10]).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}

#[test]
fn a_file_that_changes_between_reads_is_found_out_or_harmless() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model.bin");
    let content = pattern(4, 20 * LEAF);
    fs::write(&path, &content).unwrap();
    let lists = single(&content);
    let file = VerifyingFile::new(fs::File::open(&path).unwrap(), lists.file("x").unwrap());
    let mut buffer = [0; 100];
    file.read_exact_at(&mut buffer, 50).unwrap();
    let mut changed = content.clone();
    changed[60] ^= 1;
    fs::write(&path, &changed).unwrap();
    // From memory that was checked, or not at all.
    file.read_exact_at(&mut buffer, 50).unwrap();
    assert_eq!(buffer, content[50..150]);
    for leaf in 1..20 {
        file.read_exact_at(&mut buffer, leaf * LEAF as u64).unwrap();
    }
    assert_eq!(file.read_exact_at(&mut buffer, 50).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(file.read_exact_at(&mut buffer, 20 * LEAF as u64 - 99).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(file.read_at(&mut buffer, u64::MAX).unwrap(), 0);
}

#[test]
fn covering_leaves_hold_the_range_and_no_more() {
    let lists = single(&pattern(5, 3 * LEAF + 5));
    let list = lists.file("x").unwrap();
    let leaf = LEAF as u64;
    for (range, leaves) in [
        (0..0, 0..0),
        (0..1, 0..1),
        (0..leaf, 0..1),
        (0..leaf + 1, 0..2),
        (leaf..leaf + 1, 1..2),
        (leaf - 1..leaf + 1, 0..2),
        (3 * leaf..u64::MAX, 3..4),
        (3 * leaf + 5..u64::MAX, 0..0),
        (0..u64::MAX, 0..4),
    ] {
        assert_eq!(list.covering(&range), leaves, "{range:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_range_reads_as_the_file_has_it(size in 0..5 * LEAF, start: prop::sample::Index, length in 0..2 * LEAF) {
        let content = pattern(6, size);
        let lists = single(&content);
        let file = VerifyingFile::new(content.as_slice(), lists.file("x").unwrap());
        let start = start.index(size + 1);
        let end = (start + length).min(size);
        let mut out = vec![0; end - start];
        file.read_exact_at(&mut out, start as u64).unwrap();
        prop_assert_eq!(out, &content[start..end]);
    }

    #[test]
    fn what_is_accepted_has_one_spelling(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [b"modelmark leaves\x01\0\0\0\x01\x14unixfs-v1-256KiB-174".as_slice(), &bytes].concat();
        if let Ok(outboard) = Outboard::parse(&bytes) {
            prop_assert_eq!(outboard.encode(), bytes);
        }
    }
}
