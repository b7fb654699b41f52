//! Parts of files held against their leaves.
#![expect(clippy::single_range_in_vec_init, reason = "lists of one range are meant")]

use std::fs::{self, File};

use modelmark_digest::outboard::{LeafLists, Recorder};
use modelmark_digest::partial::{Held, Listing, hold};
use modelmark_digest::{Request, digest};

const LEAF: u64 = 256 << 10;

fn leaves(content: &[u8]) -> LeafLists {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), content).unwrap();
    let recorder = Recorder::default();
    let manifest = digest(&dir.path().join("file"), &Request::default(), &recorder).unwrap();
    recorder.finish(&manifest).unwrap().check(&manifest.cid).unwrap()
}

/// Holds all leaves of a file with this content against the leaves.
fn held(lists: &LeafLists, content: &[u8]) -> Held {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, content).unwrap();
    let list = lists.file("file").unwrap();
    let all: Vec<usize> = (0..list.len()).collect();
    hold(&File::open(&path).unwrap(), content.len() as u64, list, &all, &|_| {}).unwrap()
}

#[test]
fn a_download_is_good_as_far_as_it_is_whole_leaves_of_the_model() {
    let content: Vec<u8> = (0..40 * LEAF + 7).map(|i| (i % 251 + 1) as u8).collect();
    let lists = leaves(&content);
    let size = content.len() as u64;
    assert_eq!(held(&lists, &content), Held { leaves: 41, good: vec![0..size], ..Held::default() });

    let short = held(&lists, &content[..30 * LEAF as usize + 5]);
    assert_eq!((short.good.clone(), short.bad.clone(), short.absent.clone()), (vec![0..30 * LEAF], vec![], vec![30 * LEAF..size]));
    assert_eq!(short.resume_at(), Some(30 * LEAF));
    assert_eq!(held(&lists, b"").absent, [0..size]);

    let mut damaged = content.clone();
    damaged[(3 * LEAF + 9) as usize] ^= 1;
    damaged[(10 * LEAF) as usize..(12 * LEAF) as usize].fill(0);
    let damaged = held(&lists, &damaged);
    assert_eq!((damaged.bad.clone(), damaged.absent.clone()), (vec![3 * LEAF..4 * LEAF], vec![10 * LEAF..12 * LEAF]));
    assert_eq!(damaged.good, [0..3 * LEAF, 4 * LEAF..10 * LEAF, 12 * LEAF..size]);
    assert_eq!((damaged.resume_at(), damaged.is_good()), (Some(3 * LEAF), false));
}

#[test]
fn zeros_that_the_model_has_are_good() {
    let content = vec![0; 2 * LEAF as usize];
    assert!(held(&leaves(&content), &content).is_good());
}

#[test]
fn what_is_not_said_to_be_there_is_not_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let content = vec![1; 3 * LEAF as usize];
    fs::write(dir.path().join("file"), &content).unwrap();
    let listing = Listing::of(dir.path()).unwrap();
    assert!(listing.open("other").unwrap().is_none());
    let (file, size) = listing.open("file").unwrap().unwrap();
    let lists = leaves(&content);
    let list = lists.file("file").unwrap();
    assert_eq!(hold(&file, size, list, &[1], &|_| {}).unwrap().good, [LEAF..2 * LEAF]);
    assert_eq!(hold(&file, LEAF, list, &[0, 1], &|_| {}).unwrap().absent, [LEAF..2 * LEAF]);
    assert_eq!(hold(&file, size, list, &[], &|_| {}).unwrap(), Held::default());
}
