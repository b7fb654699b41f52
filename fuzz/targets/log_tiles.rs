//! Tiles and bundles of a log whose checkpoint is good: changed files are told, and never prove an entry that the log does not have.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use modelmark_log::{LogKey, LogReader, LogWriter};

const SIZE: u64 = 300;
/// The files of the log.
const FILES: [&str; 5] = ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"];

static LOG: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut log = LogWriter::open(folder.path()).unwrap();
    (0..SIZE).for_each(|number| log.push(&number.to_be_bytes()).unwrap());
    log.commit(&LogKey::generate("fuzz.example/log").unwrap()).unwrap();
    folder
});

fuzz_target!(|input: (u8, u16, Vec<u8>)| {
    let (file, index, bytes) = input;
    let path = LOG.path().join(FILES[usize::from(file) % FILES.len()]);
    let good = fs::read(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    let (index, log) = (u64::from(index), LogReader::open(LOG.path()).unwrap());
    if let Ok(proof) = log.prove(index) {
        assert_eq!(proof.entry(), Some(index.to_be_bytes().as_slice()));
    }
    let _ = (log.entry(index), log.find(&index.to_be_bytes()), log.prove_growth(index), LogWriter::open(LOG.path()));
    fs::write(&path, good).unwrap();
});
