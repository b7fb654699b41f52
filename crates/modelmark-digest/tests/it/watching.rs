//! What an observer sees is the whole model, and nothing but the model.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use modelmark_digest::unixfs::decode;
use modelmark_digest::{Codec, ContentId, FileEntry, ModelPath, Observer, Request, digest};

use crate::content::{content, write};
use crate::safetensors_files::{shard, tensor};

#[derive(Default)]
struct Notes {
    planned: Mutex<Option<(u64, u64)>>,
    advanced: AtomicU64,
    leaves: Mutex<Vec<(String, u64, u32, ContentId)>>,
    nodes: Mutex<BTreeMap<ContentId, Vec<u8>>>,
    files: Mutex<BTreeSet<String>>,
}

impl Observer for Notes {
    fn planned(&self, files: u64, bytes: u64) {
        assert_eq!(self.planned.lock().unwrap().replace((files, bytes)), None);
    }

    fn advanced(&self, bytes: u64) {
        self.advanced.fetch_add(bytes, Ordering::Relaxed);
    }

    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        self.leaves.lock().unwrap().push((file.to_string(), offset, len, *cid));
    }

    fn node(&self, cid: &ContentId, block: &[u8]) {
        self.nodes.lock().unwrap().insert(*cid, block.to_vec());
    }

    fn file(&self, entry: &FileEntry) {
        assert!(self.files.lock().unwrap().insert(entry.path.to_string()));
    }
}

#[test]
fn every_block_below_the_root_is_seen_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let files = [("empty", 0), ("small", 9), ("leaf", 262_144), ("sub/large", 7_000_001), ("sub/deep/larger", 3 << 20)];
    files.iter().for_each(|(path, size)| write(dir.path(), path, &content(*size)));
    write(dir.path(), "m-1-of-2.safetensors", &shard(&[tensor("a", &[2 << 20], &content(2 << 20))]));
    write(dir.path(), "m-2-of-2.safetensors", &shard(&[tensor("b", &[5], b"abcde")]));
    let notes = Notes::default();
    let manifest = digest(dir.path(), &Request::default(), &notes).unwrap();

    assert_eq!(*notes.planned.lock().unwrap(), Some((7, manifest.size)));
    assert_eq!(notes.advanced.load(Ordering::Relaxed), manifest.size);
    assert_eq!(notes.files.lock().unwrap().len(), 7);
    let leaves = notes.leaves.into_inner().unwrap();
    for (path, offset, len, cid) in &leaves {
        let bytes = std::fs::read(dir.path().join(path)).unwrap();
        assert!(cid.verify(&bytes[*offset as usize..][..*len as usize]), "{path} {offset}");
    }
    let leaves: BTreeSet<ContentId> = leaves.into_iter().map(|(_, _, _, cid)| cid).collect();
    let nodes = notes.nodes.into_inner().unwrap();
    let mut pending = vec![manifest.cid, manifest.weights.cid];
    while let Some(cid) = pending.pop() {
        match cid.codec() {
            Codec::Raw => assert!(leaves.contains(&cid), "{cid}"),
            Codec::DagPb => pending.extend(decode(&nodes[&cid]).unwrap().children()),
        }
    }
}

#[test]
fn a_panic_in_an_observer_ends_the_run_instead_of_hanging_it() {
    struct Bomb;
    impl Observer for Bomb {
        fn leaf(&self, _file: &ModelPath, offset: u64, _len: u32, _cid: &ContentId) {
            assert!(offset < 4 << 20, "boom");
        }
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "file", &content(9 << 20));
    for threads in 1..4 {
        let request = Request { threads: std::num::NonZeroUsize::new(threads), ..Request::default() };
        assert!(catch_unwind(AssertUnwindSafe(|| digest(dir.path(), &request, &Bomb))).is_err());
    }
}
