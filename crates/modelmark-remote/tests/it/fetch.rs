//! Models from places that lie, break off and leave out, into directories that somebody else was in.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use modelmark_digest::{ContentId, ManifestKind, Request, digest};
use modelmark_formats::ReadAt as _;
use modelmark_remote::fetch::{FetchError, Fetched, RemoteFile, Wanted, WantedFile, empty_folders, fetch};
use modelmark_remote::{
    Abilities, ByteStream, Cost, Item, Limits, MemoryRemote, PinState, Reader, Receipt, Remote, RemoteError, Unverified, Want, Watch,
};
use modelmark_storage::{Leaves, LocalStore};
use tempfile::TempDir;
use tokio::sync::Semaphore;

/// A model, and a place that has it.
struct World {
    dir: TempDir,
    place: Arc<MemoryRemote>,
    wanted: Wanted,
}

/// Files of two levels of nodes, of one leaf, of repeated leaves, empty, and a directory with nothing in it.
fn write_model(path: &Path) {
    fs::create_dir_all(path.join("sub/none")).unwrap();
    let weights: Vec<u8> = (0..3_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    fs::write(path.join("model.bin"), weights).unwrap();
    let mut repeated = vec![0; 4 << 18];
    repeated[(2 << 18) + 5] = 1;
    fs::write(path.join("sub/zeros.bin"), repeated).unwrap();
    fs::write(path.join("config.json"), b"{}").unwrap();
    fs::write(path.join("sub/empty"), b"").unwrap();
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        write_model(&model);
        let store = Arc::new(LocalStore::open(dir.path().join("store")).unwrap());
        let manifest = {
            let import = store.import(&model, Leaves::Referenced).unwrap();
            let manifest = digest(&model, &Request::cids(), &import).unwrap();
            import.finish(&manifest).unwrap();
            manifest
        };
        assert_eq!(manifest.kind, ManifestKind::Directory);
        let place = Arc::new(MemoryRemote::new("good"));
        let item =
            Item { root: manifest.cid, bytes: manifest.size, media_type: "application/vnd.ipld.car".to_owned(), name: None, alone: false };
        place.put(&item, store, &()).await.unwrap();
        let files: Vec<_> =
            manifest.files.iter().map(|file| WantedFile { path: file.path.clone(), size: file.size, cid: file.cid }).collect();
        let reader = Reader::new(vec![place.clone()], Limits::MODEL);
        let empty_folders = empty_folders(&reader, manifest.profile, &manifest.cid, &files).await.unwrap();
        assert_eq!(empty_folders.iter().map(|path| path.as_str()).collect::<Vec<_>>(), ["sub/none"]);
        Self { dir, place, wanted: Wanted { model: manifest.cid, files, empty_folders } }
    }

    fn target(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn part(&self) -> PathBuf {
        self.dir.path().join("out.part")
    }

    fn size(&self) -> u64 {
        self.wanted.files.iter().map(|file| file.size).sum()
    }

    async fn fetch_from(&self, places: Vec<Arc<dyn Remote>>) -> Result<Fetched, FetchError> {
        let limits = Limits { retries: 1, wait: std::time::Duration::from_millis(10), ..Limits::MODEL };
        fetch(&Arc::new(Reader::new(places, limits)), &self.wanted, &self.target(), Arc::new(())).await
    }

    /// Makes sure that the model is there, and nothing beside it.
    fn assert_whole(&self) {
        let cid = |path: &Path| digest(path, &Request::cids(), &()).unwrap().cid;
        assert_eq!(cid(&self.target()), self.wanted.model);
        assert!(!self.part().exists());
    }
}

/// A place that does something to the CARs that it sends.
struct Faulty {
    inner: Arc<MemoryRemote>,
    name: &'static str,
    fault: Fault,
    sent: AtomicU64,
}

enum Fault {
    /// Breaks off after so many bytes, all requests together.
    Cut(u64),
    /// Changes the byte with this number.
    Flip(u64),
    /// Finds nothing but whole files, by their CIDs.
    Whole(Vec<ContentId>),
    /// Sends nothing before it may.
    Wait(Semaphore),
}

impl Faulty {
    fn new(world: &World, name: &'static str, fault: Fault) -> Arc<Self> {
        Arc::new(Self { inner: world.place.clone(), name, fault, sent: AtomicU64::new(0) })
    }

    fn chunk(&self, mut bytes: Vec<u8>) -> Result<Bytes, RemoteError> {
        let start = self.sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        let end = start + bytes.len() as u64;
        match self.fault {
            Fault::Cut(after) if end > after => {
                return Err(RemoteError::Unreachable { place: self.name.to_owned(), reason: "it broke off".to_owned() });
            }
            Fault::Flip(at) if (start..end).contains(&at) => bytes[(at - start) as usize] ^= 1,
            _ => {}
        }
        Ok(bytes.into())
    }
}

#[async_trait]
impl Remote for Faulty {
    fn name(&self) -> &str {
        self.name
    }

    fn abilities(&self) -> Abilities {
        Abilities { put: false, read: true, pin: false, apart: false }
    }

    async fn put(&self, _: &Item, _: Arc<dyn modelmark_storage::Store>, _: &dyn Watch) -> Result<Receipt, RemoteError> {
        Err(RemoteError::Unable { place: self.name.to_owned(), action: "keep content" })
    }

    async fn block(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        if let Fault::Wait(gate) = &self.fault {
            gate.acquire().await.unwrap().forget();
        }
        if let Fault::Whole(roots) = &self.fault
            && !roots.contains(id)
        {
            return Ok(None);
        }
        let Some(sent) = self.inner.block(id, receipt).await? else { return Ok(None) };
        let bytes = sent.verify(id).unwrap();
        self.chunk(bytes.to_vec()).map(|bytes| Some(Unverified::new(bytes)))
    }

    async fn car(&self, want: &Want, receipt: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        if let Fault::Wait(gate) = &self.fault {
            gate.acquire().await.unwrap().forget();
        }
        if matches!(self.fault, Fault::Whole(_)) && want.range.is_some() {
            return Ok(None);
        }
        let Some(car) = self.inner.car(want, receipt).await? else { return Ok(None) };
        let chunks: Vec<_> = car.collect::<Vec<_>>().await;
        let bytes = chunks.into_iter().map(Result::unwrap).fold(Vec::new(), |all, chunk| [all, chunk.to_vec()].concat());
        let chunks: Vec<_> = bytes.chunks(10_000).map(|chunk| self.chunk(chunk.to_vec())).collect();
        Ok(Some(stream::iter(chunks).boxed()))
    }

    async fn has(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<bool, RemoteError> {
        self.inner.has(id, receipt).await
    }

    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        self.inner.state(receipt).await
    }

    async fn estimate(&self, bytes: u64) -> Result<Option<Cost>, RemoteError> {
        self.inner.estimate(bytes).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_comes_whole() {
    let world = World::new().await;
    let fetched = world.fetch_from(vec![world.place.clone()]).await.unwrap();
    assert_eq!(fetched, Fetched { received: world.size(), kept: 0 });
    world.assert_whole();
    assert!(matches!(world.fetch_from(vec![world.place.clone()]).await, Err(FetchError::Exists(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_lies_costs_its_dismissal() {
    for at in [60, 5_000, 1_000_000] {
        let world = World::new().await;
        let liar = Faulty::new(&world, "liar", Fault::Flip(at));
        world.fetch_from(vec![liar, world.place.clone()]).await.unwrap();
        world.assert_whole();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_off_goes_on_from_another_place() {
    let world = World::new().await;
    // Repeated leaves are sent once: this is the last hundredth of what is sent.
    let cut = Faulty::new(&world, "cut", Fault::Cut(3_490_000));
    world.fetch_from(vec![cut, world.place.clone()]).await.unwrap();
    world.assert_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_off_goes_on_next_time() {
    let world = World::new().await;
    let cut = Faulty::new(&world, "cut", Fault::Cut(world.size() / 2));
    world.fetch_from(vec![cut]).await.unwrap_err();
    assert!(!world.target().exists() && world.part().join("of").exists());
    let fetched = world.fetch_from(vec![world.place.clone()]).await.unwrap();
    assert!(fetched.kept > 0 && fetched.received < world.size(), "{fetched:?}");
    assert_eq!(fetched.kept + fetched.received, world.size());
    world.assert_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_gives_only_whole_files_ends_it_too() {
    let world = World::new().await;
    world.fetch_from(vec![Faulty::new(&world, "cut", Fault::Cut(2_000_000))]).await.unwrap_err();
    let roots = world.wanted.files.iter().map(|file| file.cid).collect();
    let fetched = world.fetch_from(vec![Faulty::new(&world, "whole", Fault::Whole(roots))]).await.unwrap();
    assert_eq!(fetched.kept + fetched.received, world.size());
    world.assert_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_is_not_trusted() {
    let world = World::new().await;
    let cut = Faulty::new(&world, "cut", Fault::Cut(2_500_000));
    world.fetch_from(vec![cut]).await.unwrap_err();
    let files = world.part().join("files");
    fs::create_dir_all(files.join("sub")).unwrap();
    // Other bytes in the middle, a file that is too long, and one of other content.
    let mut model = fs::read(files.join("model.bin")).unwrap_or_default();
    model.resize(3_100_000, 7);
    model[1_000_000] ^= 1;
    fs::write(files.join("model.bin"), model).unwrap();
    fs::write(files.join("config.json"), b"[]").unwrap();
    fs::write(files.join("sub/empty"), b"not empty").unwrap();
    world.fetch_from(vec![world.place.clone()]).await.unwrap();
    world.assert_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_put_there_is_neither_followed_nor_taken() {
    let world = World::new().await;
    let outside = world.dir.path().join("outside");
    fs::write(&outside, b"somebody's").unwrap();
    let broken = || async { world.fetch_from(vec![Faulty::new(&world, "cut", Fault::Cut(10))]).await.unwrap_err() };
    broken().await;
    let config = world.part().join("files/config.json");
    let _ = fs::remove_file(&config);
    std::os::unix::fs::symlink(&outside, &config).unwrap();
    world.fetch_from(vec![world.place.clone()]).await.unwrap_err();
    fs::remove_file(&config).unwrap();
    fs::hard_link(&outside, &config).unwrap();
    assert!(matches!(world.fetch_from(vec![world.place.clone()]).await, Err(FetchError::Foreign { .. })));
    assert_eq!(fs::read(&outside).unwrap(), b"somebody's");
    fs::remove_file(&config).unwrap();
    fs::write(world.part().join("files/extra.py"), b"import os").unwrap();
    let refused = world.fetch_from(vec![world.place.clone()]).await;
    assert!(matches!(&refused, Err(FetchError::Foreign { path, .. }) if path.ends_with("extra.py")), "{refused:?}");
    fs::remove_file(world.part().join("files/extra.py")).unwrap();
    world.fetch_from(vec![world.place.clone()]).await.unwrap();
    world.assert_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_of_somebody_is_left_alone() {
    let world = World::new().await;
    fs::create_dir(world.part()).unwrap();
    fs::write(world.part().join("thesis.tex"), b"work of years").unwrap();
    assert!(matches!(world.fetch_from(vec![world.place.clone()]).await, Err(FetchError::Foreign { .. })));
    assert_eq!(fs::read(world.part().join("thesis.tex")).unwrap(), b"work of years");
    assert!(!world.target().exists());

    let mut other = World::new().await;
    other.fetch_from(vec![Faulty::new(&other, "cut", Fault::Cut(10))]).await.unwrap_err();
    other.wanted.files.pop();
    assert!(matches!(other.fetch_from(vec![other.place.clone()]).await, Err(FetchError::Foreign { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_fetches_to_one_directory_do_not_meet() {
    let world = World::new().await;
    let slow = Faulty::new(&world, "slow", Fault::Wait(Semaphore::new(0)));
    let first = world.fetch_from(vec![slow.clone()]);
    let second = async {
        while !world.part().join("of").exists() {
            tokio::task::yield_now().await;
        }
        assert!(matches!(world.fetch_from(vec![world.place.clone()]).await, Err(FetchError::Busy(_))));
        if let Fault::Wait(gate) = &slow.fault {
            gate.add_permits(1000);
        }
    };
    let (first, ()) = tokio::join!(first, second);
    first.unwrap();
    world.assert_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_do_not_fit_their_cids_are_refused() {
    let world = World::new().await;
    for (path, size) in [("model.bin", 3_000_001), ("model.bin", 10), ("config.json", 3), ("sub/empty", 1)] {
        let mut wanted = world.wanted.clone();
        wanted.files.iter_mut().filter(|file| file.path.as_str() == path).for_each(|file| file.size = size);
        let reader = Arc::new(Reader::new(vec![world.place.clone()], Limits::MODEL));
        let refused = fetch(&reader, &wanted, &world.target(), Arc::new(())).await;
        assert!(refused.is_err(), "{path} {size}");
        assert!(!world.target().exists());
        fs::remove_dir_all(world.part()).unwrap();
        let refused = empty_folders(&reader, modelmark_digest::CidProfile::default(), &wanted.model, &wanted.files).await;
        assert!(refused.is_ok() || matches!(refused, Err(FetchError::Untrue { .. })));
    }
    let mut wanted = world.wanted.clone();
    wanted.files.pop();
    let reader = Reader::new(vec![world.place.clone()], Limits::MODEL);
    let refused = empty_folders(&reader, modelmark_digest::CidProfile::default(), &wanted.model, &wanted.files).await;
    assert!(matches!(refused, Err(FetchError::Untrue { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_checked_before_anything_is_asked() {
    let world = World::new().await;
    let mut wanted = world.wanted.clone();
    wanted.files[0].path = ".git/config".try_into().unwrap();
    let nobody = Arc::new(Reader::new(Vec::new(), Limits::MODEL));
    assert!(matches!(fetch(&nobody, &wanted, &world.target(), Arc::new(())).await, Err(FetchError::Name(_))));
    assert!(!world.part().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_that_no_disk_holds_are_told_before() {
    let world = World::new().await;
    let mut wanted = world.wanted.clone();
    wanted.files[0].size = 1 << 60;
    let nobody = Arc::new(Reader::new(Vec::new(), Limits::MODEL));
    assert!(matches!(fetch(&nobody, &wanted, &world.target(), Arc::new(())).await, Err(FetchError::Space { .. })));
}

#[test]
fn ranges_are_read_without_the_rest() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let world = runtime.block_on(World::new());
    let contents: BTreeMap<_, _> = [("model.bin", 3_000_000), ("sub/zeros.bin", 1 << 20)]
        .map(|(path, size)| (path, (size, fs::read(world.dir.path().join("model").join(path)).unwrap())))
        .into();
    let reader = Arc::new(Reader::new(vec![world.place.clone() as Arc<dyn Remote>], Limits::MODEL));
    for file in world.wanted.files.iter().filter(|file| contents.contains_key(file.path.as_str())) {
        let (size, content) = &contents[file.path.as_str()];
        let remote = RemoteFile::new(Arc::clone(&reader), runtime.handle().clone(), file.cid, file.size);
        let ranges: [Range<usize>; 5] = [0..8, size - 1..*size, 262_143..262_145, 0..*size, 500_000..500_000];
        for range in ranges {
            let mut bytes = vec![0; range.len()];
            remote.read_exact_at(&mut bytes, range.start as u64).unwrap();
            assert_eq!(bytes, content[range.clone()], "{} {range:?}", file.path);
        }
        assert!(remote.read_exact_at(&mut [0], *size as u64).is_err());
    }
    let lied = RemoteFile::new(reader, runtime.handle().clone(), world.wanted.files[1].cid, 3_000_001);
    assert!(lied.read_exact_at(&mut [0], 3_000_000).is_err());
}
