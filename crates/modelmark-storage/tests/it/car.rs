//! CAR files: ours, those of `@ipld/car`, and bytes that only look like one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use modelmark_digest::{Codec, ContentId};
use modelmark_storage::car::{Limits, MAX_ROOTS, export, import, record_roots};
use modelmark_storage::{MemoryStore, StorageError, Store};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;

use crate::fixture::{put_file, read_all};

#[derive(Deserialize)]
struct Vectors {
    cars: Vec<Car>,
    weights: Weights,
}

#[derive(Deserialize)]
struct Car {
    file: String,
    roots: Vec<ContentId>,
    blocks: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    cid: ContentId,
    size: u64,
}

#[derive(Deserialize)]
struct Weights {
    cid: ContentId,
    hex: String,
}

fn vectors_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/car")
}

fn vectors() -> Vectors {
    serde_json::from_slice(&std::fs::read(vectors_dir().join("vectors.json")).unwrap()).unwrap()
}

fn car_of(store: &dyn Store, roots: &[ContentId]) -> Vec<u8> {
    let mut out = Vec::new();
    export(store, roots, &mut out).unwrap();
    out
}

/// A record, its signatures and a model file; and their roots.
fn sample() -> (MemoryStore, Vec<ContentId>) {
    let store = MemoryStore::new();
    let record = store.put(Codec::Raw, b"record").unwrap();
    let signatures = store.put(Codec::Raw, b"signatures").unwrap();
    store.attach(&record, &signatures).unwrap();
    let mut roots = record_roots(&store, &record).unwrap();
    assert_eq!(roots, [record, signatures]);
    roots.push(put_file(&store, &[b"one", b"two", b"one"]));
    (store, roots)
}

#[test]
fn files_of_the_reference_implementation_are_taken_in() {
    for car in vectors().cars {
        let store = MemoryStore::new();
        let bytes = std::fs::read(vectors_dir().join(&car.file)).unwrap();
        let imported = import(&store, bytes.as_slice(), Limits::RECORD).unwrap();
        assert_eq!(imported.roots, car.roots, "{}", car.file);
        assert_eq!(imported.blocks, car.blocks.len() as u64);
        assert_eq!(imported.bytes, car.blocks.iter().map(|block| block.size).sum::<u64>());
        for block in &car.blocks {
            assert_eq!(store.get(&block.cid, 1 << 20).unwrap().unwrap().len() as u64, block.size);
        }
        let Weights { cid, hex } = vectors().weights;
        let read: String = read_all(&store, &cid).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(read, hex);
    }
}

#[test]
fn we_write_what_the_reference_implementation_writes() {
    let vectors = vectors();
    let expected = std::fs::read(vectors_dir().join("record.car")).unwrap();
    for car in vectors.cars {
        let store = MemoryStore::new();
        let bytes = std::fs::read(vectors_dir().join(&car.file)).unwrap();
        let imported = import(&store, bytes.as_slice(), Limits::RECORD).unwrap();
        assert_eq!(car_of(&store, &imported.roots), expected, "from {}", car.file);
    }
}

#[test]
fn export_is_deterministic_and_complete() {
    let (store, roots) = sample();
    let bytes = car_of(&store, &roots);
    assert_eq!(car_of(&store, &roots), bytes);
    let other = MemoryStore::new();
    let imported = import(&other, bytes.as_slice(), Limits::RECORD).unwrap();
    assert_eq!((imported.blocks, imported.roots), (5, roots.clone()), "the repeated leaf is there once");
    assert_eq!(read_all(&other, &roots[2]), b"onetwoone");
    assert_eq!(car_of(&other, &roots), bytes);
}

#[test]
fn export_names_what_is_missing() {
    let store = MemoryStore::new();
    let id = ContentId::raw(b"nowhere");
    assert!(matches!(export(&store, &[id], &mut Vec::new()), Err(StorageError::Missing { .. })));
    let garbage = store.put(Codec::DagPb, b"garbage").unwrap();
    assert!(matches!(export(&store, &[garbage], &mut Vec::new()), Err(StorageError::Malformed { .. })));
}

#[test]
fn attacks_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../attacks/car");
    let faults: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read(folder.join("faults.json")).unwrap()).unwrap();
    for (name, fault) in &faults {
        let told = refuse(&std::fs::read(folder.join(name)).unwrap(), Limits::RECORD);
        assert!(told.contains(fault), "{name}: {told}");
    }
    assert!(faults.len() >= 20);
}

#[test]
fn a_frame_of_version_2_cut_anywhere_is_noticed() {
    for (name, blocks) in [("wrapped.car", record_end()), ("bare.car", 1408)] {
        let bytes = std::fs::read(vectors_dir().join(name)).unwrap();
        for cut in 0..bytes.len() {
            let outcome = import(&MemoryStore::new(), &bytes[..cut], Limits::RECORD);
            // The index behind the blocks is not looked at.
            assert_eq!(outcome.is_ok(), cut >= blocks, "{name} cut at {cut}: {outcome:?}");
        }
    }
}

/// Where the blocks of `wrapped.car` end.
fn record_end() -> usize {
    51 + std::fs::metadata(vectors_dir().join("record.car")).unwrap().len() as usize
}

fn refuse(bytes: &[u8], limits: Limits) -> String {
    let store = MemoryStore::new();
    import(&store, bytes, limits).unwrap_err().to_string()
}

#[test]
fn every_cut_is_noticed_or_lies_between_blocks() {
    let (store, roots) = sample();
    let bytes = car_of(&store, &roots);
    let whole: BTreeSet<u64> = (0..=5).collect();
    for cut in 0..bytes.len() {
        match import(&MemoryStore::new(), &bytes[..cut], Limits::RECORD) {
            Ok(imported) => assert!(whole.contains(&imported.blocks)),
            Err(error) => assert!(matches!(error, StorageError::Car { .. }), "{error}"),
        }
    }
    assert_eq!(refuse(&bytes[..bytes.len() - 1], Limits::RECORD).split(": ").nth(1), Some("cut off"));
    assert!(refuse(&[], Limits::RECORD).ends_with("the input is empty"));
}

#[test]
fn a_block_that_does_not_fit_its_cid_stays_out() {
    let store = MemoryStore::new();
    let good = store.put(Codec::Raw, b"good").unwrap();
    let mut bytes = car_of(&store, &[good]);
    *bytes.last_mut().unwrap() ^= 1;
    let other = MemoryStore::new();
    let message = import(&other, bytes.as_slice(), Limits::RECORD).unwrap_err().to_string();
    assert!(message.contains("has other bytes than its CID says"), "{message}");
    assert!(!other.has(&good).unwrap() && !other.has(&ContentId::raw(b"gooe")).unwrap());
}

#[test]
fn limits_hold() {
    let (store, roots) = sample();
    let bytes = car_of(&store, &roots);
    assert!(refuse(&bytes, Limits { blocks: 4, ..Limits::RECORD }).ends_with("more than 4 blocks"));
    assert!(refuse(&bytes, Limits { bytes: 100, ..Limits::RECORD }).ends_with("more than 100 bytes"));
    import(&MemoryStore::new(), bytes.as_slice(), Limits { blocks: 5, bytes: bytes.len() as u64 }).unwrap();
}

/// A CAR of a header alone, as anybody may write it.
fn header_of(roots: &[ContentId]) -> Vec<u8> {
    let root = |root: &ContentId| [&[0xd8, 0x2a, 0x58, 37, 0], root.to_bytes().as_slice()].concat();
    let count = u16::try_from(roots.len()).unwrap().to_be_bytes();
    let list = roots.iter().flat_map(root);
    let header: Vec<u8> = b"\xa2\x65roots\x99".iter().copied().chain(count).chain(list).chain(*b"\x67version\x01").collect();
    let (low, middle, high) = (header.len() & 0x7f, header.len() >> 7 & 0x7f, header.len() >> 14);
    [&[low as u8 | 0x80, middle as u8 | 0x80, high as u8], header.as_slice()].concat()
}

#[test]
fn a_root_named_often_counts_once() {
    let (first, second) = (ContentId::raw(b"1"), ContentId::raw(b"2"));
    let mut named = vec![second; 700];
    named.extend(vec![first; 700]);
    let imported = import(&MemoryStore::new(), header_of(&named).as_slice(), Limits::RECORD).unwrap();
    assert_eq!(imported.roots, [second, first]);

    let (store, roots) = sample();
    let twice = [roots.as_slice(), roots.as_slice()].concat();
    assert_eq!(car_of(&store, &twice), car_of(&store, &roots));
}

#[test]
fn the_number_of_roots_is_bounded_on_both_ways() {
    let store = MemoryStore::new();
    let roots: Vec<_> = (0..=MAX_ROOTS as u32).map(|at| store.put(Codec::Raw, &at.to_be_bytes()).unwrap()).collect();
    let most = car_of(&store, &roots[1..]);
    assert_eq!(import(&MemoryStore::new(), most.as_slice(), Limits::RECORD).unwrap().roots, &roots[1..]);
    let message = refuse(&header_of(&roots), Limits::RECORD);
    assert!(message.ends_with("1025 different roots; at most 1024 are accepted"), "{message}");
    assert!(matches!(export(&store, &roots, &mut Vec::new()), Err(StorageError::Car { .. })));
}

#[test]
fn other_formats_are_called_by_their_name() {
    assert!(refuse(b"{\"name\":\"a record\"}", Limits::RECORD).contains("at byte 0"));
    // A section that promises 1 EiB.
    let huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    assert!(refuse(&huge, Limits::MODEL).contains("a section of 1152921504606846976 bytes"));
    // `{version: 1}` and `{roots: [], version: 1}`.
    assert!(
        refuse(&[0x0a, 0xa1, 0x67, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x01], Limits::RECORD).ends_with("the header names no root")
    );
    let (store, roots) = sample();
    let mut zero = car_of(&store, &roots);
    zero.push(0);
    assert!(refuse(&zero, Limits::RECORD).contains("a section of 0 bytes"));
}

#[test]
fn foreign_kinds_of_cid_are_refused_by_name() {
    let (store, roots) = sample();
    let mut bytes = car_of(&store, &roots);
    // A CIDv0 block: multihash of "x" and "x".
    let digest = modelmark_digest::Sha256Digest::of(b"x");
    bytes.extend([35, 0x12, 0x20]);
    bytes.extend(digest.as_bytes());
    bytes.push(b'x');
    let message = refuse(&bytes, Limits::RECORD);
    assert!(message.contains("unsupported CID Qm"), "{message}");
}

proptest! {
    #[test]
    fn round_trip(contents in vec(vec(any::<u8>(), 0..300), 1..40), file in vec(vec(any::<u8>(), 1..20), 1..400)) {
        let store = MemoryStore::new();
        let mut roots: Vec<_> = contents.iter().map(|bytes| store.put(Codec::Raw, bytes).unwrap()).collect();
        roots.push(put_file(&store, &file.iter().map(Vec::as_slice).collect::<Vec<_>>()));
        let bytes = car_of(&store, &roots);
        let other = MemoryStore::new();
        let imported = import(&other, bytes.as_slice(), Limits::RECORD).unwrap();
        let mut seen = BTreeSet::new();
        let distinct: Vec<_> = roots.iter().copied().filter(|root| seen.insert(*root)).collect();
        prop_assert_eq!(&imported.roots, &distinct);
        prop_assert_eq!(read_all(&other, roots.last().unwrap()), file.concat());
        prop_assert_eq!(car_of(&other, &roots), bytes);
    }

    #[test]
    fn garbage_is_an_error(bytes in vec(any::<u8>(), 0..2000)) {
        prop_assert!(import(&MemoryStore::new(), bytes.as_slice(), Limits::RECORD).is_err());
    }

    #[test]
    fn a_changed_car_never_brings_in_wrong_bytes(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let (store, roots) = sample();
        let mut bytes = car_of(&store, &roots);
        let at = at.index(bytes.len());
        bytes[at] = value;
        let other = MemoryStore::new();
        if let Ok(imported) = import(&other, bytes.as_slice(), Limits::RECORD) {
            for root in imported.roots {
                if let Some(block) = other.get(&root, 1 << 20).unwrap() {
                    prop_assert!(root.verify(&block));
                }
            }
        }
    }
}
