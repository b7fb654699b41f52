//! Reading from several places, over places in memory: what is read, in which order, what is left out, and who is dismissed.
#![expect(clippy::indexing_slicing, reason = "a panic is a failed test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use modelmark_digest::unixfs::FileTree;
use modelmark_digest::{Codec, ContentId};
use modelmark_remote::{
    Abilities, ByteStream, Cost, Item, Limits, MemoryRemote, PinState, Reader, Receipt, Remote, RemoteError, Sink, Stats, StoreSink,
    Unverified, Want, Watch,
};
use modelmark_storage::{Block, MemoryStore, Store, car, cat};

use crate::suite;

pub(crate) const LIMITS: Limits = Limits {
    time: Duration::from_secs(20),
    idle: Duration::from_millis(300),
    rate: 4 << 20,
    stagger: Duration::from_millis(100),
    retries: 1,
    wait: Duration::from_secs(2),
    ..Limits::RECORD
};

/// Blocks in the order in which they came.
#[derive(Default)]
pub(crate) struct Collect(Mutex<Vec<Block>>);

impl Collect {
    pub(crate) fn ids(&self) -> Vec<ContentId> {
        self.0.lock().unwrap().iter().map(Block::id).collect()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let blocks = self.0.lock().unwrap();
        blocks.iter().filter(|block| block.id().codec() == Codec::Raw).flat_map(|block| block.bytes().to_vec()).collect()
    }
}

impl Sink for Collect {
    fn has(&self, _: &ContentId) -> bool {
        false
    }

    fn put(&self, block: Block) -> Result<(), RemoteError> {
        self.0.lock().unwrap().push(block);
        Ok(())
    }
}

/// A place that gives what is in a store, and a CAR that the test has written.
struct Scripted {
    name: &'static str,
    store: Arc<dyn Store>,
    car: Option<Vec<u8>>,
}

#[async_trait]
impl Remote for Scripted {
    fn name(&self) -> &str {
        self.name
    }
    fn abilities(&self) -> Abilities {
        Abilities { read: true, ..Abilities::default() }
    }
    async fn put(&self, _: &Item, _: Arc<dyn Store>, _: &dyn Watch) -> Result<Receipt, RemoteError> {
        Err(RemoteError::Unable { place: self.name.to_owned(), action: "keep content" })
    }
    async fn block(&self, id: &ContentId, _: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        Ok(self.store.get(id, 2 << 20)?.map(|bytes| Unverified::new(bytes.into())))
    }
    async fn car(&self, want: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        let car = match &self.car {
            Some(car) => car.clone(),
            None => whole_car(self.store.as_ref(), &want.root),
        };
        let chunks: Vec<_> = car.chunks(1000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        Ok(Some(futures_util::stream::iter(chunks).boxed()))
    }
    async fn has(&self, id: &ContentId, _: Option<&Receipt>) -> Result<bool, RemoteError> {
        Ok(self.store.has(id)?)
    }
    async fn state(&self, _: &Receipt) -> Result<PinState, RemoteError> {
        Ok(PinState::Unknown)
    }
    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        Ok(None)
    }
}

fn whole_car(store: &dyn Store, root: &ContentId) -> Vec<u8> {
    let mut car = Vec::new();
    car::export(store, &[*root], &mut car).unwrap();
    car
}

/// Sections of a CAR as a place of our own would write it, whatever the blocks are.
fn written(blocks: &[(ContentId, Vec<u8>)]) -> Vec<u8> {
    let store = MemoryStore::new();
    let root = store.put(Codec::Raw, b"only for the header").unwrap();
    let mut car = whole_car(&store, &root);
    car.truncate(car.len() - 1 - 36 - 19);
    for (id, bytes) in blocks {
        let mut length = id.to_bytes().len() + bytes.len();
        while length >= 128 {
            car.push((length & 127) as u8 | 128);
            length >>= 7;
        }
        car.push(length as u8);
        car.extend(id.to_bytes());
        car.extend(bytes);
    }
    car
}

/// A file of these leaves in a store of its own.
pub(crate) fn file(leaves: &[Vec<u8>]) -> (Arc<MemoryStore>, ContentId) {
    let store = Arc::new(MemoryStore::new());
    let mut tree = FileTree::default();
    let mut sink = |_: &ContentId, block: &[u8]| {
        store.put(Codec::DagPb, block).unwrap();
    };
    for leaf in leaves {
        tree.push(store.put(Codec::Raw, leaf).unwrap(), leaf.len() as u64, &mut sink);
    }
    let cid = tree.finish(&mut sink).cid;
    (store, cid)
}

/// Leaves that differ, 200 of them: two levels of nodes.
pub(crate) fn leaves(count: u16) -> Vec<Vec<u8>> {
    (0..count).map(|n| n.to_be_bytes().repeat(50)).collect()
}

fn everything(root: ContentId) -> Want {
    Want { root, range: None }
}

async fn read(places: Vec<Arc<dyn Remote>>, root: ContentId) -> Result<(Collect, Stats), RemoteError> {
    let mut sink = Collect::default();
    let stats = Reader::new(places, LIMITS).blocks(&everything(root), &mut sink).await?;
    Ok((sink, stats))
}

fn scripted(name: &'static str, store: &Arc<MemoryStore>, car: Option<Vec<u8>>) -> Arc<dyn Remote> {
    Arc::new(Scripted { name, store: store.clone(), car })
}

#[tokio::test]
async fn a_model_comes_whole_and_in_order() {
    let (fixture, place) = (suite::fixture(), MemoryRemote::new("one"));
    place.put(&fixture.model, fixture.store.clone(), &()).await.unwrap();
    let reader = Reader::new(vec![Arc::new(place)], LIMITS);
    let copy = MemoryStore::new();
    let stats = reader.blocks(&everything(fixture.model.root), &mut StoreSink::new(&copy)).await.unwrap();
    assert_eq!(whole_car(&copy, &fixture.model.root), whole_car(fixture.store.as_ref(), &fixture.model.root));
    assert_eq!((stats.places[0].blocks, stats.places[0].bytes), (stats.blocks, stats.bytes));
    assert!(stats.bytes > 1_500_000);
}

#[tokio::test]
async fn repeated_blocks_stand_where_the_file_has_them_although_a_car_has_them_once() {
    // More different leaves between the two than are kept at hand.
    let mut repeated = leaves(20);
    repeated.extend(leaves(20));
    repeated.extend(vec![vec![7; 100]; 300]);
    let (store, root) = file(&repeated);
    for car in [None, Some(Vec::new())] {
        let (sink, _) = read(vec![scripted("one", &store, car)], root).await.unwrap();
        assert_eq!(sink.bytes(), repeated.concat());
    }
}

#[tokio::test]
async fn of_a_range_only_its_leaves_are_read() {
    let leaves = leaves(400);
    let (store, root) = file(&leaves);
    let mut ends = vec![(0, 1), (99, 101), (5_000, 5_000), (17_350, 17_450), (39_999, 80_000), (0, u64::MAX), (50_000, 60_000)];
    ends.push((30_000, 30_100));
    let car = whole_car(store.as_ref(), &root);
    for (start, end) in ends {
        let (first, last) = ((start / 100).min(400) as usize, end.div_ceil(100).min(400) as usize);
        let wanted = if start == end { Vec::new() } else { leaves[first..last].concat() };
        // Block by block, and from a place that sends more than the range.
        for car in [Vec::new(), car.clone()] {
            let mut sink = Collect::default();
            let want = Want { root, range: Some(start..end) };
            let stats = Reader::new(vec![scripted("one", &store, Some(car))], LIMITS).blocks(&want, &mut sink).await.unwrap();
            assert_eq!(sink.bytes(), wanted, "{start}..{end}");
            assert_eq!(stats.places[0].dismissed, None);
        }
    }
}

#[tokio::test]
async fn a_liar_is_dismissed_and_named() {
    let (store, root) = file(&leaves(3));
    let liar = Arc::new(MemoryRemote::new("liar"));
    liar.lie(root, b"something else".as_slice());
    let reader = Reader::new(vec![liar.clone(), scripted("honest", &store, None)], LIMITS);
    assert_eq!(reader.block(&root).await.unwrap().id(), root);
    let served = reader.served();
    assert!(served[0].dismissed.as_ref().unwrap().contains("memory:liar sent other bytes"), "{served:?}");
    assert_eq!((served[1].blocks, &served[1].dismissed), (1, &None));
    let alone = Reader::new(vec![liar], LIMITS);
    for _ in 0..2 {
        assert!(matches!(alone.block(&root).await, Err(RemoteError::Lie { .. })));
    }
}

#[tokio::test]
async fn only_the_next_block_of_a_car_is_accepted() {
    let leaves = leaves(3);
    let (store, root) = file(&leaves);
    let node = store.get(&root, 1 << 20).unwrap().unwrap();
    let raw = |leaf: &Vec<u8>| (ContentId::raw(leaf), leaf.clone());
    let foreign = b"nobody asked for this".to_vec();
    let cars = [
        ("swapped", written(&[(root, node.clone()), raw(&leaves[1]), raw(&leaves[0]), raw(&leaves[2])])),
        ("extra", written(&[(root, node.clone()), raw(&leaves[0]), raw(&foreign), raw(&leaves[1]), raw(&leaves[2])])),
        ("again", written(&[(root, node.clone()), raw(&leaves[0]), raw(&leaves[0]), raw(&leaves[1])])),
        ("other root", written(&[raw(&foreign)])),
        ("other bytes", written(&[(root, node.clone()), (ContentId::raw(&leaves[0]), foreign.clone())])),
        ("header", b"\x01\xa0".to_vec()),
        ("length", vec![0xff; 64]),
        ("oversize", [written(&[(root, node.clone())]), vec![0xff, 0xff, 0xff, 0x01]].concat()),
    ];
    for (name, car) in cars {
        let (sink, stats) = read(vec![scripted("liar", &store, Some(car.clone())), scripted("honest", &store, None)], root).await.unwrap();
        assert_eq!(sink.bytes(), leaves.concat(), "{name}");
        assert_eq!(sink.ids().len(), 4, "{name}: nothing comes twice");
        assert!(stats.places[0].dismissed.is_some() && stats.places[1].dismissed.is_none(), "{name}: {stats:?}");
        let alone = read(vec![scripted("liar", &store, Some(car))], root).await.map(|_| ()).unwrap_err();
        assert!(matches!(alone, RemoteError::Answer { .. } | RemoteError::Lie { .. }), "{name}: {alone}");
    }
}

#[tokio::test]
async fn a_car_that_ends_early_is_gone_on_with_elsewhere() {
    let leaves = leaves(400);
    let (store, root) = file(&leaves);
    let car = whole_car(store.as_ref(), &root);
    for share in [1, 50, 99] {
        let cut = car[..car.len() * share / 100].to_vec();
        let half = Arc::new(MemoryStore::new());
        let places = vec![scripted("breaks off", &half, Some(cut)), scripted("whole", &store, None)];
        let (sink, stats) = read(places, root).await.unwrap();
        assert_eq!(sink.bytes(), leaves.concat());
        assert!(stats.places[1].bytes < stats.bytes || share == 1, "what came is not fetched again: {stats:?}");
    }
}

#[tokio::test]
async fn what_the_store_has_is_not_fetched_again() {
    let leaves = leaves(400);
    let (store, root) = file(&leaves);
    let copy = MemoryStore::new();
    // Everything but one leaf, and the last node with what is below it.
    let car = whole_car(store.as_ref(), &root);
    car::import(&copy, &car[..car.len() / 2], car::Limits::MODEL).unwrap_err();
    let mut before = Collect::default();
    Reader::new(vec![scripted("one", &store, None)], LIMITS).blocks(&everything(root), &mut before).await.unwrap();
    for id in before.ids().into_iter().take(300) {
        copy.put(id.codec(), &store.get(&id, 1 << 20).unwrap().unwrap()).unwrap();
    }
    let reader = Reader::new(vec![scripted("one", &store, None)], LIMITS);
    let stats = reader.blocks(&everything(root), &mut StoreSink::new(&copy)).await.unwrap();
    assert_eq!(stats.blocks, before.ids().len() as u64 - 300);
    let mut out = Vec::new();
    cat(&copy, &root, 0..u64::MAX, &mut out).unwrap();
    assert_eq!(out, leaves.concat());
    let nothing = reader.blocks(&everything(root), &mut StoreSink::new(&copy)).await.unwrap();
    assert_eq!((nothing.blocks, nothing.bytes), (0, 0));
}

#[tokio::test]
async fn limits_hold() {
    let (store, root) = file(&leaves(400));
    let read = |limits: Limits| {
        let reader = Reader::new(vec![scripted("one", &store, None)], limits);
        async move { reader.blocks(&everything(root), &mut Collect::default()).await.map(|_| ()).unwrap_err().to_string() }
    };
    assert!(read(Limits { blocks: 100, ..LIMITS }).await.contains("100 blocks"));
    assert!(read(Limits { bytes: 20_000, ..LIMITS }).await.contains("20000 bytes"));
    assert!(read(Limits { depth: 1, ..LIMITS }).await.contains("1 levels"));
    let reader = Reader::new(vec![scripted("one", &store, None)], LIMITS);
    assert_eq!(reader.small(&root, 40_000).await.unwrap().len(), 40_000);
    assert!(matches!(reader.small(&root, 39_999).await, Err(RemoteError::Limit { what: "bytes", .. })));
}

#[tokio::test]
async fn a_tree_that_is_exponentially_wide_ends() {
    let store = Arc::new(MemoryStore::new());
    let mut id = store.put(Codec::Raw, b"").unwrap();
    for level in 0..30 {
        let part = modelmark_digest::unixfs::Part { cid: id, size: 0, tsize: level };
        let part = if id.codec() == Codec::Raw { modelmark_digest::unixfs::Part { tsize: 0, ..part } } else { part };
        id = store.put(Codec::DagPb, &modelmark_digest::unixfs::encode(&modelmark_digest::unixfs::Node::File(vec![part; 100]))).unwrap();
    }
    let copy = MemoryStore::new();
    let reader = Reader::new(vec![scripted("one", &store, Some(Vec::new()))], LIMITS);
    // Into a store, every block once; as a stream, no more than the limit.
    let stats = reader.blocks(&everything(id), &mut StoreSink::new(&copy)).await.unwrap();
    assert_eq!(stats.blocks, 31);
    assert!(matches!(reader.blocks(&everything(id), &mut Collect::default()).await, Err(RemoteError::Limit { what: "blocks", .. })));
}

#[tokio::test]
async fn what_is_nowhere_is_missing_and_says_who_was_asked() {
    let (store, root) = file(&leaves(2));
    let empty = Arc::new(MemoryStore::new());
    let nowhere = ContentId::raw(b"nowhere");
    let reader = Reader::new(vec![scripted("one", &store, None), scripted("two", &empty, None)], LIMITS);
    let error = reader.block(&nowhere).await.unwrap_err().to_string();
    assert!(error.contains("one; two"), "{error}");
    assert_eq!(reader.block(&root).await.unwrap().id(), root);
    assert!(Reader::new(Vec::new(), LIMITS).block(&root).await.unwrap_err().to_string().contains("no place was named"));
}
