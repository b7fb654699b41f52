//! Reading files by their CID.

use std::io::{Read, Seek, SeekFrom};

use modelmark_digest::unixfs::{Node, Part, encode};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{FileReader, MemoryStore, StorageError, Store, cat};
use proptest::prelude::*;

use crate::fixture::{pattern, put_file, read_all};

fn part(cid: ContentId, size: u64) -> Part {
    Part { cid, size, tsize: size }
}

fn put_node(store: &dyn Store, parts: Vec<Part>) -> ContentId {
    store.put(Codec::DagPb, &encode(&Node::File(parts))).unwrap()
}

#[test]
fn trees_of_every_height_read_back() {
    let store = MemoryStore::new();
    for leaves in [0, 1, 2, 173, 174, 175, 400, 174 * 174 + 1] {
        let content = pattern(leaves * 3, 1);
        let chunks: Vec<&[u8]> = content.chunks(3).collect();
        let id = if leaves == 0 { store.put(Codec::Raw, b"").unwrap() } else { put_file(&store, &chunks) };
        assert_eq!(read_all(&store, &id), content, "{leaves} leaves");
    }
}

#[test]
fn ranges_and_seeks_agree_with_the_whole() {
    let store = MemoryStore::new();
    let content = pattern(5000, 2);
    let id = put_file(&store, &content.chunks(7).collect::<Vec<_>>());
    proptest!(|(start in 0..5100_u64, length in 0..5100_u64)| {
        let mut out = Vec::new();
        let count = cat(&store, &id, start..start + length, &mut out).unwrap();
        let from = content.len().min(start as usize);
        let to = content.len().min((start + length) as usize);
        prop_assert_eq!(&out, &content[from..to]);
        prop_assert_eq!(count, out.len() as u64);
    });
    let mut reader = FileReader::open(&store, &id).unwrap();
    assert_eq!(reader.size(), 5000);
    let mut tail = Vec::new();
    reader.seek(SeekFrom::End(-10)).unwrap();
    reader.read_to_end(&mut tail).unwrap();
    assert_eq!(tail, &content[4990..]);
    assert_eq!(reader.seek(SeekFrom::Current(-10)).unwrap(), 4990);
    assert!(reader.seek(SeekFrom::Current(-5000)).is_err());
}

#[test]
fn a_missing_leaf_is_named_and_what_is_before_it_is_given() {
    let store = MemoryStore::new();
    let here = store.put(Codec::Raw, b"here").unwrap();
    let gone = ContentId::raw(b"gone");
    let id = put_node(&store, vec![part(here, 4), part(gone, 4)]);
    let mut out = Vec::new();
    assert!(matches!(cat(&store, &id, 0..8, &mut out), Err(StorageError::Missing { id, .. }) if id == gone));
    assert_eq!(out, b"here");
    assert_eq!(cat(&store, &id, 0..4, &mut Vec::new()).unwrap(), 4);
}

#[test]
fn lying_sizes_are_refused() {
    let store = MemoryStore::new();
    let leaf = store.put(Codec::Raw, b"four").unwrap();
    for size in [1, 3, 5, 1 << 60] {
        let id = put_node(&store, vec![part(leaf, size)]);
        assert!(matches!(cat(&store, &id, 0..u64::MAX, &mut Vec::new()), Err(StorageError::Malformed { .. })), "{size}");
    }
}

#[test]
fn hostile_trees_end() {
    let store = MemoryStore::new();
    // 60 levels of two links each to the level below, all of size zero: 2^60 empty leaves.
    let mut id = store.put(Codec::Raw, b"").unwrap();
    for _ in 0..60 {
        id = put_node(&store, vec![part(id, 0), part(id, 0)]);
    }
    assert_eq!(read_all(&store, &id), b"");
    // One byte below 60 levels.
    let mut id = store.put(Codec::Raw, b"x").unwrap();
    for _ in 0..60 {
        id = put_node(&store, vec![part(id, 1)]);
    }
    assert!(matches!(cat(&store, &id, 0..1, &mut Vec::new()), Err(StorageError::Malformed { .. })));
}

#[test]
fn a_directory_is_not_a_file() {
    let store = MemoryStore::new();
    let id = store.put(Codec::DagPb, &[0x0a, 2, 8, 1]).unwrap();
    assert!(matches!(FileReader::open(&store, &id).err(), Some(StorageError::Malformed { .. })));
    let id = store.put(Codec::DagPb, b"garbage").unwrap();
    assert!(matches!(FileReader::open(&store, &id).err(), Some(StorageError::Malformed { .. })));
}
