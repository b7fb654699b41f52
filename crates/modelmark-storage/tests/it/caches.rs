//! One suite over every implementation of `DigestCache`, and what a cache on disk has to survive.

use std::fs;
use std::path::Path;
use std::thread;

use modelmark_digest::cache::{CacheKey, DigestCache, MemoryCache, RACY_MARGIN};
use modelmark_digest::{FileEntry, Manifest, Observer, Request, digest, digest_with};
use modelmark_storage::{Leaves, LocalCache, LocalStore};

use crate::fixture::{Bench, read_all, write_model};

fn each(suite: impl Fn(&dyn DigestCache)) {
    suite(&MemoryCache::default());
    suite(&LocalCache::open(tempfile::tempdir().unwrap().path()));
}

fn key(n: u8) -> CacheKey {
    CacheKey::from([n; 32])
}

#[test]
fn what_was_put_comes_back_and_the_last_put_counts() {
    each(|cache| {
        assert!(!cache.name().is_empty());
        assert_eq!(cache.get(&key(1)), None);
        cache.put(&key(1), b"one");
        cache.put(&key(2), b"");
        assert_eq!(cache.get(&key(1)).as_deref(), Some(b"one".as_slice()));
        assert_eq!(cache.get(&key(2)).as_deref(), Some(b"".as_slice()));
        cache.put(&key(1), b"another");
        assert_eq!(cache.get(&key(1)).as_deref(), Some(b"another".as_slice()));
        assert_eq!(cache.get(&key(3)), None);
    });
}

#[test]
fn threads_may_use_one_cache() {
    each(|cache| {
        thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || {
                    for n in 0..50 {
                        cache.put(&key(n), &[n, thread]);
                        assert_eq!(cache.get(&key(n)).unwrap()[0], n);
                    }
                });
            }
        });
    });
}

#[test]
fn it_outlives_the_process_and_others_may_use_it_at_once() {
    let dir = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for n in 0..4 {
            let dir = dir.path();
            scope.spawn(move || {
                let cache = LocalCache::open(dir);
                (0..50).for_each(|value| cache.put(&key(50 * n + value), &[n, value]));
            });
        }
    });
    let cache = LocalCache::open(dir.path());
    for n in 0..4 {
        (0..50).for_each(|value| assert_eq!(cache.get(&key(50 * n + value)).unwrap(), [n, value]));
    }
}

#[test]
fn what_is_damaged_or_foreign_is_thrown_away() {
    let good = tempfile::tempdir().unwrap();
    LocalCache::open(good.path()).put(&key(1), &[1; 10_000]);
    let database = fs::read(good.path().join("digests.sqlite3")).unwrap();
    let overwritten = |at: usize, length: usize| {
        let mut bytes = database.clone();
        bytes[at..at + length].fill(0xa5);
        bytes
    };
    let foreign = {
        let dir = tempfile::tempdir().unwrap();
        drop(LocalStore::open(dir.path()).unwrap());
        fs::read(dir.path().join("index.sqlite3")).unwrap()
    };
    let all = [
        b"not a database at all".to_vec(),
        vec![0; 4096],
        foreign,
        overwritten(0, 100),
        overwritten(100, 3000),
        overwritten(database.len() / 2, database.len() / 2),
        database[..database.len() / 2].to_vec(),
    ];
    for bytes in all {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("digests.sqlite3"), bytes).unwrap();
        let cache = LocalCache::open(dir.path());
        let found = cache.get(&key(1));
        assert!(found.is_none() || found == Some(vec![1; 10_000]));
        cache.put(&key(2), b"two");
        drop(cache);
        // At the latest the second try finds a sound database.
        let cache = LocalCache::open(dir.path());
        cache.put(&key(2), b"two");
        drop(cache);
        assert_eq!(LocalCache::open(dir.path()).get(&key(2)).as_deref(), Some(b"two".as_slice()));
    }
}

#[test]
fn where_it_cannot_be_nothing_is_kept_and_nothing_fails() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "in the way").unwrap();
    fs::create_dir_all(dir.path().join("folder/digests.sqlite3")).unwrap();
    for path in [dir.path().join("file"), dir.path().join("file/below"), dir.path().join("folder")] {
        let cache = LocalCache::open(&path);
        cache.put(&key(1), b"one");
        drop(cache);
        assert_eq!(LocalCache::open(&path).get(&key(1)), None);
    }
}

/// A file that was written before the clock was set back looks as if it came from the future.
#[test]
fn a_clock_that_was_set_back_fools_no_cache() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("weights.bin");
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_secs(86_400);
    let write = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(ahead).unwrap();
    };
    each(|cache| {
        write(b"the first weights");
        thread::sleep(RACY_MARGIN);
        let first = digest_with(&file, &Request::default(), &(), cache).unwrap();
        // As long, and of the same time.
        write(b"the other weights");
        let other = digest_with(&file, &Request::default(), &(), cache).unwrap();
        assert_ne!(first.cid, other.cid);
        assert_eq!(other, digest(&file, &Request::default(), &()).unwrap());
    });
}

/// Watches an import and notes what was not read.
struct Watched<'a>(&'a dyn Observer, std::sync::Mutex<Vec<String>>);

impl Observer for Watched<'_> {
    fn leaf(&self, file: &modelmark_digest::ModelPath, offset: u64, len: u32, cid: &modelmark_digest::ContentId) {
        self.0.leaf(file, offset, len, cid);
    }
    fn node(&self, cid: &modelmark_digest::ContentId, block: &[u8]) {
        self.0.node(cid, block);
    }
    fn needs_leaves(&self, entry: &FileEntry) -> bool {
        self.0.needs_leaves(entry)
    }
    fn reused(&self, entry: &FileEntry) {
        self.1.lock().unwrap().push(entry.path.to_string());
        self.0.reused(entry);
    }
}

/// Imports with a cache; what is in the store must be what an import without would have left.
fn import(store: &LocalStore, path: &Path, leaves: Leaves, cache: &dyn DigestCache) -> (Manifest, usize) {
    let import = store.import(path, leaves).unwrap();
    let watched = Watched(&import, Default::default());
    let manifest = digest_with(path, &Request::default(), &watched, cache).unwrap();
    let reused = watched.1.into_inner().unwrap().len();
    import.finish(&manifest).unwrap();
    assert_eq!(manifest, digest(path, &Request::default(), &()).unwrap());
    for file in &manifest.files {
        assert_eq!(read_all(store, &file.cid), fs::read(path.join(file.path.as_str())).unwrap());
    }
    (manifest, reused)
}

#[test]
fn an_import_skips_only_files_whose_trees_are_in_the_store() {
    for leaves in [Leaves::Referenced, Leaves::Copied] {
        let bench = Bench::new();
        let (model, moved) = (bench.path("model"), bench.path("moved"));
        write_model(&model, 1);
        thread::sleep(RACY_MARGIN);
        let cache = LocalCache::open(bench.dir.path());
        // The cache knows the files, this store does not.
        digest_with(&model, &Request::default(), &(), &cache).unwrap();
        let files = import(&bench.store, &model, leaves, &cache).0.files.len();
        let (_, reused) = import(&bench.store, &model, leaves, &cache);
        assert_eq!(reused, files, "all are known to both");
        assert!(bench.store.fsck().unwrap().is_clean());
        fs::write(model.join("config.json"), "{\"edited\":1}").unwrap();
        assert_eq!(import(&bench.store, &model, leaves, &cache).1, files - 1);
        // Where the leaves lie now is noted although nothing is read.
        fs::rename(&model, &moved).unwrap();
        assert_eq!(import(&bench.store, &moved, leaves, &cache).1, files - 1);
        // A store that lost its nodes gets them again.
        let other = LocalStore::open(bench.path("other store")).unwrap();
        let reused = import(&other, &moved, leaves, &cache).1;
        assert!(reused < files - 1, "files of several leaves have to be read, {reused} were not");
        assert!(other.fsck().unwrap().is_clean());
    }
}
