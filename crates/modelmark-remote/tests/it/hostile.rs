//! Places that answer badly or not at all: each fault ends in its own error, in bounded time and memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use modelmark_digest::unixfs::FileTree;
use modelmark_digest::{Codec, ContentId};
use modelmark_remote::{Credentials, Item, Kubo, Patience, PinningService, Remote as _, RemoteError, Secret, Want};
use modelmark_storage::{Block, MemoryStore, StorageError, Store};

use crate::kubo::address;
use crate::rpc_server::{Early, Reply, Server};
use crate::suite;

const MILLIS: fn(u64) -> Duration = Duration::from_millis;

fn hasty() -> Patience {
    Patience { search: MILLIS(100), answer: MILLIS(400), standstill: MILLIS(400), settle: MILLIS(400) }
}

fn node(server: &Server) -> Kubo {
    Kubo::open(&address(&server.url), &Credentials::default()).unwrap()
}

fn service(server: &Server) -> PinningService {
    let credentials = Credentials { pinning_token: Some(Secret::new("sesame")), ..Credentials::default() };
    PinningService::open(&format!("pinning+{}", server.url).parse().unwrap(), &credentials).unwrap()
}

fn id() -> ContentId {
    ContentId::raw(b"record")
}

/// Answers `answer` to everything but the question what is pinned: nothing is.
fn unpinned(answer: impl Fn() -> Reply + Send + Sync + 'static) -> impl Fn(&crate::rpc_server::Request) -> Reply + Send + Sync + 'static {
    move |request| {
        if request.target.contains("/pin/ls") {
            Reply::json(500, r#"{"Message":"path 'x' is not pinned","Code":0,"Type":"error"}"#)
        } else {
            answer()
        }
    }
}

#[tokio::test]
async fn endless_answers_are_cut_off() {
    let server = Server::start(|_| Reply::Endless).await;
    let block = node(&server).block(&id(), None).await.unwrap_err();
    assert!(matches!(block, RemoteError::TooLarge { limit, .. } if limit == 2 << 20), "{block}");
    assert!(matches!(node(&server).has(&id(), None).await, Err(RemoteError::TooLarge { .. })));
    assert!(matches!(service(&server).has(&id(), None).await, Err(RemoteError::TooLarge { .. })));
}

#[tokio::test]
async fn silence_and_trickles_are_not_waited_for() {
    for reply in [|| Reply::Silence, || Reply::Trickle] {
        let server = Server::start(move |_| reply()).await;
        assert!(matches!(node(&server).with_patience(hasty()).block(&id(), None).await, Err(RemoteError::Timeout { .. })));
        assert!(matches!(node(&server).with_patience(hasty()).has(&id(), None).await, Err(RemoteError::Timeout { .. })));
        assert!(matches!(service(&server).with_patience(hasty()).has(&id(), None).await, Err(RemoteError::Timeout { .. })));
        let fixture = suite::fixture();
        let server = Server::start(unpinned(reply)).await;
        let put = node(&server).with_patience(hasty()).put(&fixture.model, fixture.store.clone(), &()).await;
        assert!(matches!(put, Err(RemoteError::Timeout { .. })), "{put:?}");
    }
}

#[tokio::test]
async fn html_and_torn_answers_are_named() {
    let html = || Reply::Answer(200, b"<!DOCTYPE html><title>Welcome to nginx!</title>".to_vec());
    let (server, fixture) = (Server::start(unpinned(html)).await, suite::fixture());
    for item in [&fixture.record, &fixture.model] {
        let put = node(&server).put(item, fixture.store.clone(), &()).await;
        assert!(matches!(put, Err(RemoteError::Answer { .. })), "{put:?}");
    }
    assert!(matches!(service(&server).has(&id(), None).await, Err(RemoteError::Answer { .. })));
    assert!(matches!(node(&server).addresses().await, Err(RemoteError::Answer { .. })));
    let torn = Server::start(|_| Reply::Torn).await;
    assert!(matches!(node(&torn).has(&id(), None).await, Err(RemoteError::Unreachable { .. })));
}

#[tokio::test]
async fn other_cids_than_those_asked_for_are_refused() {
    let fixture = suite::fixture();
    let other = ContentId::raw(b"other");
    let key = move || Reply::json(200, format!(r#"{{"Key":"{other}","Size":5}}"#));
    let server = Server::start(unpinned(key)).await;
    let put = node(&server).put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(&put, RemoteError::Answer { reason, .. } if reason.contains(&other.to_string())), "{put}");
    assert!(matches!(node(&server).has(&id(), None).await, Err(RemoteError::Answer { .. })));

    let root = move || Reply::json(200, format!(r#"{{"Root":{{"Cid":{{"/":"{other}"}},"PinErrorMsg":""}}}}"#));
    let server = Server::start(unpinned(root)).await;
    let put = node(&server).put(&fixture.model, fixture.store.clone(), &()).await;
    assert!(matches!(put, Err(RemoteError::Answer { .. })), "{put:?}");

    let lie = Server::start(|_| Reply::Answer(200, b"something else".to_vec())).await;
    assert!(node(&lie).block(&id(), None).await.unwrap().unwrap().verify(&id()).is_none());
}

#[tokio::test]
async fn a_root_that_is_not_pinned_is_no_success() {
    let fixture = suite::fixture();
    let root = fixture.model.root;
    let failed =
        move || Reply::json(200, format!(r#"{{"Root":{{"Cid":{{"/":"{root}"}},"PinErrorMsg":"ipld:\u001b[31m could not find"}}}}"#));
    let server = Server::start(unpinned(failed)).await;
    let error = node(&server).put(&fixture.model, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(&error, RemoteError::Refused { reason, .. } if reason == "ipld: [31m could not find"), "{error}");
}

#[tokio::test]
async fn waits_credentials_and_redirects_are_told_apart() {
    let busy = Server::start(|_| Reply::With(429, "retry-after: 17\r\n", Vec::new())).await;
    assert!(matches!(node(&busy).has(&id(), None).await, Err(RemoteError::Busy { seconds: Some(17), .. })));
    assert!(matches!(service(&busy).has(&id(), None).await, Err(RemoteError::Busy { seconds: Some(17), .. })));
    let fixture = suite::fixture();
    let full = Server::start(unpinned(|| Reply::With(429, "retry-after: soon\r\n", Vec::new()))).await;
    let put = node(&full).put(&fixture.model, fixture.store.clone(), &()).await;
    assert!(matches!(put, Err(RemoteError::Busy { seconds: None, .. })), "{put:?}");
    let closed = Server::start(|_| Reply::Answer(403, b"Kubo RPC Access Denied".to_vec())).await;
    let error = node(&closed).has(&id(), None).await.unwrap_err();
    assert!(matches!(error, RemoteError::Credential { .. }) && error.to_string().contains("MODELMARK_IPFS_AUTH"), "{error}");
    let elsewhere = Server::start(|_| Reply::With(302, "location: http://127.0.0.1:1/\r\n", Vec::new())).await;
    assert!(matches!(node(&elsewhere).has(&id(), None).await, Err(RemoteError::Refused { status: 302, .. })));
}

#[tokio::test]
async fn texts_of_refusals_are_bounded_and_printable() {
    let server = Server::start(|_| Reply::Answer(500, format!("\u{1b}[2J{}", "x".repeat(5000)).into_bytes())).await;
    let error = node(&server).has(&id(), None).await.unwrap_err().to_string();
    assert!(error.len() < 500 && !error.chars().any(char::is_control), "{error}");
    let car = node(&server).car(&Want { root: id(), range: None }, None).await;
    assert!(matches!(car.err(), Some(RemoteError::Refused { status: 500, .. })));
}

/// A store that counts what is read from it, and that can lose a block.
struct Watched {
    store: MemoryStore,
    read: AtomicU64,
    lost: Option<ContentId>,
}

impl Watched {
    /// A file of so many different leaves of 256 KiB.
    fn file(leaves: u32) -> (Self, Item) {
        let store = MemoryStore::new();
        let mut tree = FileTree::default();
        let mut sink = |_: &ContentId, block: &[u8]| assert!(store.put(Codec::DagPb, block).is_ok());
        let mut last = None;
        for n in 0..leaves {
            let leaf = n.to_le_bytes().repeat(64 << 10);
            last = Some(store.put(Codec::Raw, &leaf).unwrap());
            tree.push(last.unwrap(), leaf.len() as u64, &mut sink);
        }
        let root = tree.finish(&mut sink).cid;
        let item =
            Item { root, bytes: u64::from(leaves) << 18, media_type: "application/vnd.ipld.car".to_owned(), name: None, alone: false };
        (Self { store, read: AtomicU64::new(0), lost: last }, item)
    }
}

impl Store for Watched {
    fn name(&self) -> &str {
        "watched"
    }

    fn put_all(&self, blocks: &[Block]) -> Result<(), StorageError> {
        self.store.put_all(blocks)
    }

    fn get(&self, id: &ContentId, limit: usize) -> Result<Option<Vec<u8>>, StorageError> {
        if self.lost == Some(*id) {
            return Ok(None);
        }
        let bytes = self.store.get(id, limit)?;
        self.read.fetch_add(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64), Ordering::Relaxed);
        Ok(bytes)
    }

    fn has(&self, id: &ContentId) -> Result<bool, StorageError> {
        self.store.has(id)
    }

    fn attach(&self, record: &ContentId, document: &ContentId) -> Result<(), StorageError> {
        self.store.attach(record, document)
    }

    fn attached(&self, record: &ContentId) -> Result<Vec<ContentId>, StorageError> {
        self.store.attached(record)
    }
}

fn imports(early: Early) -> impl Fn(&str) -> Early + Send + Sync + 'static {
    move |target| if target.contains("/dag/import") { early } else { Early::Read }
}

#[tokio::test]
async fn a_connection_that_breaks_off_in_the_middle_is_an_error() {
    let server = Server::start_early(imports(Early::Break(1 << 20)), unpinned(|| Reply::Silence)).await;
    let (store, item) = Watched::file(64);
    let put = node(&server).put(&item, Arc::new(Watched { lost: None, ..store }), &()).await;
    assert!(matches!(put, Err(RemoteError::Unreachable { .. })), "{put:?}");
}

#[tokio::test]
async fn a_place_that_takes_nothing_is_given_up_and_the_rest_is_not_read() {
    let server = Server::start_early(imports(Early::Stall), unpinned(|| Reply::Silence)).await;
    let (store, item) = Watched::file(256);
    let store = Arc::new(Watched { lost: None, ..store });
    let put = node(&server).with_patience(hasty()).put(&item, store.clone(), &()).await;
    assert!(matches!(put, Err(RemoteError::Timeout { .. })), "{put:?}");
    let read = store.read.load(Ordering::Relaxed);
    assert!(read < item.bytes / 2, "{read} of {} bytes were read", item.bytes);
}

#[tokio::test]
async fn a_store_that_fails_ends_the_upload_so_that_nobody_takes_it_for_whole() {
    let server = Server::start(unpinned(|| Reply::Silence)).await;
    let (store, item) = Watched::file(8);
    let put = node(&server).with_patience(hasty()).put(&item, Arc::new(store), &()).await;
    assert!(matches!(put, Err(RemoteError::Store(StorageError::Missing { .. }))), "{put:?}");
    tokio::time::sleep(MILLIS(100)).await;
    assert!(!server.requests().iter().any(|request| request.target.contains("/dag/import")), "the request was never whole");
}
