//! Logs of every interesting size, grown in one go and in steps, and what happens when their files are not what they were.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod foreign;

use std::fs;
use std::path::Path;

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{leaf_hash, root};
use modelmark_log::{Entry, LogError, LogKey, LogReader, LogWriter, MAX_ENTRY_BYTES};

fn entry(number: u64) -> Vec<u8> {
    Entry::record(Sha256Digest::of(&number.to_be_bytes())).bytes()
}

fn key() -> LogKey {
    LogKey::generate("models.example/log").unwrap()
}

/// Adds entries up to `to` and signs.
fn grow(folder: &Path, key: &LogKey, to: u64) -> Result<(), LogError> {
    let mut log = LogWriter::open(folder)?;
    for number in log.size()..to {
        log.push(&entry(number))?;
    }
    log.commit(key).map(drop)
}

fn wanted(size: u64) -> Sha256Digest {
    let leaves: Vec<_> = (0..size).map(|number| leaf_hash(&entry(number))).collect();
    root(&leaves)
}

#[test]
fn roots_are_those_of_the_tree_and_every_entry_is_proven() {
    for size in [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000] {
        let folder = tempfile::tempdir().unwrap();
        let key = key();
        grow(folder.path(), &key, size).unwrap();
        let log = LogReader::open(folder.path()).unwrap();
        log.checkpoint().verify(&[key.verifier()]).unwrap();
        assert_eq!(log.checkpoint().checkpoint().root(), wanted(size), "{size}");
        for index in [0, size / 3, size.saturating_sub(257), size - 1] {
            let proof = log.prove(index).unwrap();
            assert_eq!(proof.entry().unwrap(), entry(index), "{index} of {size}");
        }
        assert!(matches!(log.prove(size), Err(LogError::Proof(_))));
    }
}

#[test]
fn a_log_that_grows_in_steps_is_the_log_made_in_one_go() {
    let (steps, once) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = key();
    let sizes = [1, 255, 256, 300, 512, 700, 65_536, 66_000];
    for size in sizes {
        grow(steps.path(), &key, size).unwrap();
    }
    grow(once.path(), &key, 66_000).unwrap();
    let log = LogReader::open(steps.path()).unwrap();
    assert_eq!(log.checkpoint(), LogReader::open(once.path()).unwrap().checkpoint());
    for old in sizes {
        assert!(log.prove_growth(old).unwrap().verify(&wanted(old), &wanted(66_000)), "{old}");
    }
    assert_eq!(log.find(&entry(65_999)).unwrap(), Some(65_999));
    assert_eq!(log.find(b"never added").unwrap(), None);
    // A part that has become full may be thrown away: a log of 300 reads on from the full tile.
    fs::remove_dir_all(steps.path().join("tile/0/001.p")).unwrap();
    fs::remove_dir_all(steps.path().join("tile/entries/001.p")).unwrap();
    assert!(log.prove(299).is_ok());
}

#[test]
fn nothing_is_signed_over_changed_tiles() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    grow(folder.path(), &key, 600).unwrap();
    let tile = folder.path().join("tile/0/000");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    fs::write(&tile, &bytes).unwrap();
    let before = fs::read(folder.path().join("checkpoint")).unwrap();
    assert!(LogReader::open(folder.path()).unwrap().prove(100).is_err(), "a proof through it is not given");
    // Within the first tile the growth from 600 needs only what stands above it.
    let above = folder.path().join("tile/1/000.p/2");
    let mut bytes = fs::read(&above).unwrap();
    bytes[3] ^= 1;
    fs::write(&above, &bytes).unwrap();
    assert!(matches!(grow(folder.path(), &key, 700), Err(LogError::Damaged { .. })));
    assert_eq!(fs::read(folder.path().join("checkpoint")).unwrap(), before);
}

#[test]
fn a_bundle_that_lies_about_its_entries_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    grow(folder.path(), &key(), 300).unwrap();
    let bundle = folder.path().join("tile/entries/000");
    let whole = fs::read(&bundle).unwrap();
    for (bytes, word) in
        [(whole[..whole.len() - 1].to_vec(), "inside an entry"), (vec![0xff, 0xff], "inside an entry"), (vec![0], "too early")]
    {
        fs::write(&bundle, bytes).unwrap();
        let error = LogReader::open(folder.path()).unwrap().prove(7).unwrap_err().to_string();
        assert!(error.contains(word) && error.contains("tile/entries/000"), "{error}");
    }
    let mut other = whole;
    other[20] ^= 1;
    fs::write(&bundle, other).unwrap();
    let error = LogReader::open(folder.path()).unwrap().prove(0).unwrap_err().to_string();
    assert!(error.contains("do not lead to the checkpoint's root"), "{error}");
}

#[test]
fn the_edges_are_told() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(LogWriter::open(folder.path()).unwrap().commit(&key()), Err(LogError::Empty)));
    assert!(!folder.path().join("checkpoint").exists());
    assert!(matches!(LogReader::open(folder.path()), Err(LogError::File { .. })));
    let mut log = LogWriter::open(folder.path()).unwrap();
    assert!(matches!(log.push(&vec![0; MAX_ENTRY_BYTES + 1]), Err(LogError::LongEntry(_))));
    log.push(&vec![7; MAX_ENTRY_BYTES]).unwrap();
    log.push(b"").unwrap();
    log.commit(&key()).unwrap();
    assert_eq!(LogReader::open(folder.path()).unwrap().entry(0).unwrap().len(), MAX_ENTRY_BYTES);
    assert_eq!(LogReader::open(folder.path()).unwrap().prove(1).unwrap().entry(), Some(b"".as_slice()));
}

#[test]
fn a_writer_shows_every_entry_that_it_has() {
    for (signed, held) in [(0, 0), (0, 3), (1, 0), (256, 0), (255, 2), (300, 700)] {
        let folder = tempfile::tempdir().unwrap();
        let key = key();
        if signed > 0 {
            grow(folder.path(), &key, signed).unwrap();
        }
        let mut log = LogWriter::open(folder.path()).unwrap();
        (signed..signed + held).for_each(|number| log.push(&entry(number)).unwrap());
        let mut shown = Vec::new();
        log.each_entry(|bytes| shown.push(bytes.to_vec())).unwrap();
        assert_eq!(shown, (0..signed + held).map(entry).collect::<Vec<_>>(), "{signed} and {held}");
    }
}
