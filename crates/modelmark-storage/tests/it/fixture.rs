//! Stores, files and models to test with.

use std::fs;
use std::path::{Path, PathBuf};

use modelmark_digest::unixfs::FileTree;
use modelmark_digest::{Codec, ContentId, Manifest, Request, digest};
use modelmark_storage::{Leaves, LocalStore, Store};
use tempfile::TempDir;

/// A directory with a store and a model in it, gone when dropped.
pub(crate) struct Bench {
    pub(crate) dir: TempDir,
    pub(crate) store: LocalStore,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = LocalStore::open(dir.path().join("store")).unwrap();
        Self { dir, store }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// Writes a model: two weights files of several leaves (the second repeats a leaf), small files, an empty one.
pub(crate) fn write_model(path: &Path, seed: u8) {
    fs::create_dir_all(path.join("data/empty files")).unwrap();
    fs::write(path.join("config.json"), format!("{{\"seed\":{seed}}}")).unwrap();
    fs::write(path.join("data/empty files/none"), b"").unwrap();
    fs::write(path.join("data/слова.txt"), b"words").unwrap();
    fs::write(path.join("a.bin"), pattern(700_000, seed)).unwrap();
    let mut repeated = vec![seed; 2 << 18];
    repeated.extend(pattern(10, seed));
    fs::write(path.join("b.bin"), repeated).unwrap();
}

/// Bytes without repetition at the length of a leaf.
pub(crate) fn pattern(length: usize, seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

pub(crate) fn import(store: &LocalStore, path: &Path, leaves: Leaves) -> Manifest {
    let import = store.import(path, leaves).unwrap();
    let manifest = digest(path, &Request::default(), &import).unwrap();
    import.finish(&manifest).unwrap();
    manifest
}

/// Puts a file with these leaves and returns its CID.
pub(crate) fn put_file(store: &dyn Store, leaves: &[&[u8]]) -> ContentId {
    let mut tree = FileTree::default();
    let mut sink = |_: &ContentId, block: &[u8]| {
        store.put(Codec::DagPb, block).unwrap();
    };
    for leaf in leaves {
        tree.push(store.put(Codec::Raw, leaf).unwrap(), leaf.len() as u64, &mut sink);
    }
    tree.finish(&mut sink).cid
}

pub(crate) fn read_all(store: &dyn Store, id: &ContentId) -> Vec<u8> {
    let mut out = Vec::new();
    modelmark_storage::cat(store, id, 0..u64::MAX, &mut out).unwrap();
    out
}
