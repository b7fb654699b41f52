//! The suite over the place in memory.

use modelmark_remote::{MemoryRemote, Remote as _};

use crate::suite;

#[tokio::test]
async fn memory_keeps_and_gives() {
    suite::keeps_and_gives(&MemoryRemote::new("test")).await;
}

#[tokio::test]
async fn lies_do_not_verify() {
    let (place, fixture) = (MemoryRemote::new("liar"), suite::fixture());
    place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap();
    place.lie(fixture.record.root, b"something else".as_slice());
    let sent = place.block(&fixture.record.root, None).await.unwrap().unwrap();
    assert!(sent.verify(&fixture.record.root).is_none());
}
