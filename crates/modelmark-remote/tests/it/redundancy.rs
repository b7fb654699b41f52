//! Looking whether places still have what they took, and giving it back.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use modelmark_digest::ContentId;
use modelmark_remote::redundancy::{self, Condition, Depth};
use modelmark_remote::{Abilities, ByteStream, Cost, Item, MemoryRemote, PinState, Receipt, Remote, RemoteError, Unverified, Want, Watch};
use modelmark_storage::{LocalStore, MAX_BLOCK_BYTES, MemoryStore, Store};

use crate::suite;

async fn looked(place: &dyn Remote, receipt: &Receipt, depth: Depth) -> Condition {
    redundancy::look(place, receipt, depth).await.unwrap()
}

#[tokio::test]
async fn what_is_there_is_read() {
    let (place, fixture) = (MemoryRemote::new("test"), suite::fixture());
    let note = |_: &Receipt| Ok(());
    let (receipt, condition) = redundancy::keep(&place, &fixture.model, fixture.store.clone(), &(), Duration::ZERO, note).await.unwrap();
    let Condition::Whole { blocks, bytes } = condition else { panic!("{condition}") };
    assert!(blocks > 6 && bytes > 1_500_000, "{condition}");
    let sampled = looked(&place, &receipt, Depth::Sample(10)).await;
    assert!(matches!(sampled, Condition::Sampled { blocks: 10.., .. }), "{sampled}");
    assert!(sampled.holds() && !sampled.is_lost());
}

#[tokio::test]
async fn one_altered_block_is_found_by_reading_all_and_by_enough_samples() {
    let (place, fixture) = (MemoryRemote::new("test"), suite::fixture());
    let receipt = place.put(&fixture.model, fixture.store.clone(), &()).await.unwrap();
    // The last leaf of the weights.
    let mut id = fixture.model.root;
    while id.codec() == modelmark_digest::Codec::DagPb {
        let node = fixture.store.get(&id, MAX_BLOCK_BYTES).unwrap().unwrap();
        id = modelmark_digest::unixfs::decode(&node).unwrap().children().last().unwrap();
    }
    place.lie(id, b"something else".as_slice());
    assert_eq!(looked(&place, &receipt, Depth::Whole).await, Condition::Altered { block: id });
    // A leaf in six: to miss it 500 times would take a chance of 10^-39.
    assert_eq!(looked(&place, &receipt, Depth::Sample(500)).await, Condition::Altered { block: id });
    let taken: Arc<dyn Store> = Arc::new(MemoryStore::new());
    assert!(redundancy::bring(&BlockByBlock(place), &receipt, taken).await.is_err_and(|error| matches!(error, RemoteError::Lie { .. })));
}

#[tokio::test]
async fn what_is_not_there_is_lost() {
    let (place, fixture) = (MemoryRemote::new("test"), suite::fixture());
    let receipt = Receipt::now(fixture.model.root, place.name(), 1);
    assert!(looked(&place, &receipt, Depth::Whole).await.is_lost());
}

/// A place that speaks no CAR.
struct BlockByBlock(MemoryRemote);

/// A pinning service: gives nothing, and says what it is told to say.
struct Says(PinState);

#[async_trait]
impl Remote for BlockByBlock {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn abilities(&self) -> Abilities {
        self.0.abilities()
    }
    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError> {
        self.0.put(item, store, watch).await
    }
    async fn block(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        self.0.block(id, receipt).await
    }
    async fn car(&self, _: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        Ok(None)
    }
    async fn has(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<bool, RemoteError> {
        self.0.has(id, receipt).await
    }
    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        self.0.state(receipt).await
    }
    async fn estimate(&self, bytes: u64) -> Result<Option<Cost>, RemoteError> {
        self.0.estimate(bytes).await
    }
}

#[async_trait]
impl Remote for Says {
    fn name(&self) -> &str {
        "says"
    }
    fn abilities(&self) -> Abilities {
        Abilities { put: true, read: false, pin: true, apart: false }
    }
    async fn put(&self, item: &Item, _: Arc<dyn Store>, _: &dyn Watch) -> Result<Receipt, RemoteError> {
        Ok(Receipt::now(item.root, "says", item.bytes))
    }
    async fn block(&self, _: &ContentId, _: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        Err(RemoteError::Unable { place: "says".to_owned(), action: "give content" })
    }
    async fn car(&self, _: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        Err(RemoteError::Unable { place: "says".to_owned(), action: "give content" })
    }
    async fn has(&self, _: &ContentId, _: Option<&Receipt>) -> Result<bool, RemoteError> {
        Ok(self.0 == PinState::Pinned)
    }
    async fn state(&self, _: &Receipt) -> Result<PinState, RemoteError> {
        Ok(self.0.clone())
    }
    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        Ok(None)
    }
}

#[tokio::test]
async fn a_place_that_gives_nothing_is_taken_at_its_word() {
    let receipt = Receipt::now(ContentId::raw(b"pinned"), "says", 6);
    for (says, expected, holds) in [
        (PinState::Pinned, Condition::Claimed, true),
        (PinState::Pending("queued".to_owned()), Condition::Pending { word: "queued".to_owned() }, false),
        (PinState::Failed("no space".to_owned()), Condition::Lost { reason: "no space".to_owned() }, false),
        (PinState::Unknown, Condition::Unknown, false),
    ] {
        let condition = looked(&Says(says), &receipt, Depth::Whole).await;
        assert_eq!(condition.holds(), holds, "{condition}");
        assert_eq!(condition, expected);
    }
}

#[tokio::test]
async fn a_receipt_is_noted_also_when_the_place_is_not_done() {
    let dir = tempfile::tempdir().unwrap();
    let local = LocalStore::open(dir.path()).unwrap();
    let fixture = suite::fixture();
    let place = Says(PinState::Pending("queued".to_owned()));
    let note = |receipt: &Receipt| redundancy::note(&local, receipt);
    let (receipt, condition) = redundancy::keep(&place, &fixture.record, fixture.store.clone(), &(), Duration::ZERO, note).await.unwrap();
    assert!(!condition.holds());
    assert_eq!(redundancy::noted(&local, Some(&fixture.record.root)).unwrap(), [receipt]);
    local.note_receipt(&fixture.record.root, "s3://b", b"{}").unwrap();
    assert!(redundancy::noted(&local, None).unwrap_err().to_string().contains("s3://b"));
}

#[tokio::test]
async fn what_one_place_lost_comes_back_from_another() {
    let fixture = suite::fixture();
    for place in [Box::new(MemoryRemote::new("car")) as Box<dyn Remote>, Box::new(BlockByBlock(MemoryRemote::new("blocks")))] {
        let receipt = place.put(&fixture.model, fixture.store.clone(), &()).await.unwrap();
        let taken: Arc<dyn Store> = Arc::new(MemoryStore::new());
        redundancy::bring(place.as_ref(), &receipt, Arc::clone(&taken)).await.unwrap();
        let other = MemoryRemote::new("other");
        let again = other.put(&fixture.model, taken, &()).await.unwrap();
        assert!(looked(&other, &again, Depth::Whole).await.holds());
    }
}
