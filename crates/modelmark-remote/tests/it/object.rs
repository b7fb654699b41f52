//! Object stores: real servers, the same tests over each kind, and the crate's own store in memory for what no server does.

use std::sync::Arc;

use modelmark_digest::{Codec, unixfs};
use modelmark_remote::{Credentials, ObjectPlace, PinState, Receipt, Remote, RemoteError, Watch, car_stream, open, redundancy};
use modelmark_storage::{MAX_BLOCK_BYTES, MemoryStore, StorageError, Store, car};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};
use reqwest::Method;

use crate::cloud::{Cloud, Kind};
use crate::suite::{self, Fixture};

/// Runs each test over each kind of store; `over!` says which.
macro_rules! over {
    ($($kind:ident: $variant:ident),*; $tests:tt) => { $(over!(@ $kind $variant $tests);)* };
    (@ $kind:ident $variant:ident [$($test:ident),* $(,)?]) => {
        mod $kind {
            use super::{Cloud, Kind};
            $(
                #[tokio::test]
                async fn $test() {
                    let Some(cloud) = Cloud::start(Kind::$variant).await else { return };
                    super::$test(cloud).await;
                }
            )*
        }
    };
}

over!(s3: S3, gs: Gs, az: Az; [
    a_store_keeps_and_gives_what_its_clients_read,
    every_block_of_a_model_is_a_range_of_its_object,
    what_was_lost_or_altered_is_noticed_and_put_again,
    a_bucket_that_is_not_there_and_a_store_that_is_down_are_errors,
    an_upload_that_fails_in_the_middle_leaves_nothing_that_counts,
    some_put_the_same_at_once,
]);
// The server that takes what is meant for Google knows no tokens of Google.
over!(s3_refusals: S3, az_refusals: Az; [refused_credentials_are_told_without_showing_them]);

fn in_memory() -> (Arc<InMemory>, ObjectPlace) {
    let store = Arc::new(InMemory::new());
    (Arc::clone(&store), ObjectPlace::new("gs://bucket", store, Path::default()))
}

/// Counts what goes out.
#[derive(Default)]
struct Sent(std::sync::atomic::AtomicU64);

impl Watch for Sent {
    fn sent(&self, bytes: u64) {
        self.0.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Sent {
    fn take(&self) -> u64 {
        self.0.swap(0, std::sync::atomic::Ordering::Relaxed)
    }
}

async fn put_model(place: &dyn Remote, fixture: &Fixture) -> Receipt {
    place.put(&fixture.model, fixture.store.clone(), &()).await.unwrap()
}

#[tokio::test]
async fn a_store_in_memory_keeps_and_gives() {
    suite::keeps_pieces(Arc::new(in_memory().1)).await;
    suite::keeps_and_gives(&in_memory().1).await;
}

async fn a_store_keeps_and_gives_what_its_clients_read(cloud: Cloud) {
    let place = cloud.place();
    suite::keeps_pieces(Arc::new(cloud.place())).await;
    suite::keeps_and_gives(&place).await;
    let fixture = suite::fixture();
    let (sent, record) = (Sent::default(), fixture.record.root);
    place.put(&fixture.record, fixture.store.clone(), &sent).await.unwrap();
    place.put(&fixture.model, fixture.store.clone(), &sent).await.unwrap();
    assert_eq!(sent.take(), 0, "it was all there");
    let object = cloud.send(Method::GET, &format!("/some/folder/{record}"), "").await;
    assert_eq!(object.headers()["content-type"], "application/json");
    assert_eq!(object.bytes().await.unwrap(), fixture.store.get(&record, MAX_BLOCK_BYTES).unwrap().unwrap());
    let object = cloud.send(Method::GET, &format!("/some/folder/{}.car", fixture.model.root), "").await;
    assert_eq!(object.headers()["content-type"], "application/vnd.ipld.car");
    let mut expected = Vec::new();
    car::export(fixture.store.as_ref(), &[fixture.model.root], &mut expected).unwrap();
    assert!(object.bytes().await.unwrap() == expected, "the CAR is another");
}

async fn every_block_of_a_model_is_a_range_of_its_object(cloud: Cloud) {
    let (place, fixture) = (cloud.place(), suite::fixture());
    let receipt = put_model(&place, &fixture).await;
    let mut ahead = vec![fixture.model.root];
    let mut blocks = 0;
    while let Some(id) = ahead.pop() {
        let bytes = place.block(&id, Some(&receipt)).await.unwrap().unwrap().verify(&id).unwrap();
        assert!(place.has(&id, Some(&receipt)).await.unwrap());
        blocks += 1;
        if id.codec() == Codec::DagPb {
            ahead.extend(unixfs::decode(&bytes).unwrap().children());
        }
    }
    assert!(blocks > 6, "{blocks}");
    // A fresh process takes the CAR and nothing else.
    let taken: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let want = modelmark_remote::Want { root: fixture.model.root, range: None };
    let car = cloud.place().car(&want, Some(&receipt)).await.unwrap().unwrap();
    assert_eq!(car_stream::import(car, taken, car::Limits::MODEL).await.unwrap().blocks, blocks);
}

async fn what_was_lost_or_altered_is_noticed_and_put_again(cloud: Cloud) {
    let (place, fixture) = (cloud.place(), suite::fixture());
    let receipt = put_model(&place, &fixture).await;
    let key = |ending: &str| format!("/some/folder/{}{ending}", fixture.model.root);
    let good = cloud.send(Method::GET, &key(".car"), "").await.bytes().await.unwrap();
    for ending in [".car", ".idx"] {
        cloud.send(Method::DELETE, &key(ending), "").await;
        let place = cloud.place();
        assert_eq!(place.state(&receipt).await.unwrap(), PinState::Absent, "{ending}");
        assert!(place.block(&fixture.model.root, Some(&receipt)).await.unwrap().is_none(), "{ending}");
        put_model(&place, &fixture).await;
        assert_eq!(place.state(&receipt).await.unwrap(), PinState::Pinned, "{ending}");
    }
    // Cut off, as no store does by itself.
    cloud.send(Method::PUT, &key(".car"), good.slice(..good.len() - 1)).await;
    assert_eq!(cloud.place().state(&receipt).await.unwrap(), PinState::Absent);
    put_model(&cloud.place(), &fixture).await;
    // Of the same length, but other bytes: only a reader notices, and then the next put writes.
    let mut bad = good.to_vec();
    *bad.last_mut().unwrap() ^= 1;
    let bad_root = {
        let at = bad.len() / 2;
        bad[at] ^= 1;
        bad
    };
    cloud.send(Method::PUT, &key(".car"), bad_root).await;
    let place = cloud.place();
    let mut lies = 0;
    let mut ahead = vec![fixture.model.root];
    while let Some(id) = ahead.pop() {
        let sent = place.block(&id, Some(&receipt)).await.unwrap();
        let Some(bytes) = sent.and_then(|sent| sent.verify(&id)) else {
            lies += 1;
            continue;
        };
        if id.codec() == Codec::DagPb {
            ahead.extend(unixfs::decode(&bytes).unwrap().children());
        }
    }
    assert!(lies > 0);
    put_model(&place, &fixture).await;
    assert!(cloud.send(Method::GET, &key(".car"), "").await.bytes().await.unwrap() == good, "it was not written again");
}

async fn refused_credentials_are_told_without_showing_them(cloud: Cloud) {
    let (place, fixture) = (cloud.place_with(&cloud.refused().await), suite::fixture());
    let errors = [
        place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err(),
        place.put(&fixture.model, fixture.store.clone(), &()).await.unwrap_err(),
        place.has(&fixture.record.root, None).await.unwrap_err(),
        place.block(&fixture.record.root, None).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, RemoteError::Credential { .. }), "{error}");
        assert!(!error.to_string().contains("hunter2") && !error.to_string().contains("aHVudGVy"), "{error}");
        assert!(error.to_string().contains(cloud.kind().variable()), "{error}");
    }
}

async fn a_bucket_that_is_not_there_and_a_store_that_is_down_are_errors(cloud: Cloud) {
    let fixture = suite::fixture();
    let nowhere = open(&format!("{}://no-such-bucket", cloud.kind().scheme()).parse().unwrap(), &cloud.credentials()).unwrap();
    let error = nowhere.put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(error, RemoteError::Refused { status: 404, .. }), "{error}");
    let place = cloud.place();
    drop(cloud);
    let error = place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(error, RemoteError::Unreachable { .. }), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

/// A store that forgets one leaf, as a file that was altered does.
struct Forgetful(Arc<dyn Store>, modelmark_digest::ContentId);

impl Store for Forgetful {
    fn name(&self) -> &str {
        "forgetful"
    }
    fn put_all(&self, blocks: &[modelmark_storage::Block]) -> Result<(), StorageError> {
        self.0.put_all(blocks)
    }
    fn get(&self, id: &modelmark_digest::ContentId, limit: usize) -> Result<Option<Vec<u8>>, StorageError> {
        if *id == self.1 { Ok(None) } else { self.0.get(id, limit) }
    }
    fn has(&self, id: &modelmark_digest::ContentId) -> Result<bool, StorageError> {
        self.0.has(id)
    }
    fn attach(&self, record: &modelmark_digest::ContentId, document: &modelmark_digest::ContentId) -> Result<(), StorageError> {
        self.0.attach(record, document)
    }
    fn attached(&self, record: &modelmark_digest::ContentId) -> Result<Vec<modelmark_digest::ContentId>, StorageError> {
        self.0.attached(record)
    }
}

async fn an_upload_that_fails_in_the_middle_leaves_nothing_that_counts(cloud: Cloud) {
    let (place, fixture) = (cloud.place(), suite::fixture());
    let root = unixfs::decode(&fixture.store.get(&fixture.model.root, MAX_BLOCK_BYTES).unwrap().unwrap()).unwrap();
    let last = root.children().last().unwrap();
    let error = place.put(&fixture.model, Arc::new(Forgetful(fixture.store.clone(), last)), &()).await.unwrap_err();
    assert!(matches!(error, RemoteError::Store(StorageError::Missing { id, .. }) if id == last), "{error}");
    assert!(!place.has(&fixture.model.root, None).await.unwrap());
    assert!(!cloud.has_parts().await, "parts were left");
    // One that was ended where it was, as by a signal.
    let mut put = Box::pin(place.put(&fixture.model, fixture.store.clone(), &()));
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(5), &mut put).await.is_err()
            || place.has(&fixture.model.root, None).await.unwrap()
    );
    drop(put);
    put_model(&place, &fixture).await;
    assert!(place.has(&fixture.model.root, None).await.unwrap());
}

async fn some_put_the_same_at_once(cloud: Cloud) {
    let (places, fixture) = ([(); 4].map(|()| cloud.place()), suite::fixture());
    let receipts = futures_util::future::join_all(places.iter().map(|place| put_model(place, &fixture))).await;
    assert!(receipts.iter().all(|receipt| receipt.bytes == receipts[0].bytes));
    assert_eq!(cloud.place().state(&receipts[0]).await.unwrap(), PinState::Pinned);
    let taken: Arc<dyn Store> = Arc::new(MemoryStore::new());
    redundancy::bring(&cloud.place(), &receipts[0], taken).await.unwrap();
}

#[tokio::test]
async fn hostile_objects_are_no_blocks() {
    let (store, place) = in_memory();
    let fixture = suite::fixture();
    let receipt = put_model(&place, &fixture).await;
    let root = fixture.model.root;
    let objects = [
        ("", vec![0xff; 64]),
        // An index whose only entry points far beyond the CAR.
        (".idx", {
            let good = store.get(&Path::from(format!("{root}.idx"))).await.unwrap().bytes().await.unwrap();
            let mut bytes = good[..14].to_vec();
            bytes.extend([1, 0, 0, 0, 40, 0, 0, 0]);
            bytes.extend(40_u64.to_le_bytes());
            bytes.extend(root.digest().as_bytes());
            bytes.extend((u64::MAX - 5).to_le_bytes());
            bytes
        }),
        (".idx", b"no index".to_vec()),
        (".car", Vec::new()),
    ];
    for (ending, bytes) in objects {
        store.put(&Path::from(format!("{root}{ending}")), PutPayload::from(bytes)).await.unwrap();
        let place = ObjectPlace::new("gs://bucket", store.clone(), Path::default());
        match place.block(&root, Some(&receipt)).await {
            Ok(sent) => assert!(ending.is_empty() || sent.is_none_or(|sent| sent.verify(&root).is_none())),
            Err(error) => assert!(matches!(error, RemoteError::Unreachable { .. }), "{error}"),
        }
        assert_eq!(place.has(&root, None).await.unwrap_or_default(), ending.is_empty());
        if ending.is_empty() {
            // The name of a node that stands alone: it is no answer to what follows.
            store.delete(&Path::from(root.to_string())).await.unwrap();
        }
    }
    // A single block that is longer than a block may be is not read to its end.
    let record = fixture.record.root;
    store.put(&Path::from(record.to_string()), PutPayload::from(vec![0; MAX_BLOCK_BYTES + 1])).await.unwrap();
    assert!(matches!(place.block(&record, None).await, Err(RemoteError::TooLarge { .. })));
}

#[tokio::test]
async fn urls_and_variables_that_open_nothing_are_told() {
    let told = |url: &str| open(&url.parse().unwrap(), &Credentials::default()).err().unwrap().to_string();
    assert!(told("s3:///folder").contains("names no bucket"));
    assert!(told("az://container").contains("AZURE_STORAGE_ACCOUNT_NAME"), "{}", told("az://container"));
    assert!(told("s3://bucket/a//b").contains("is not fetched from"), "{}", told("s3://bucket/a//b"));
}
