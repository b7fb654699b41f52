//! The suite over the place in memory.

use std::sync::Arc;

use modelmark_remote::{Credentials, MemoryRemote, Remote as _, RemoteError, open};

use crate::suite;

#[tokio::test]
async fn memory_keeps_and_gives() {
    suite::keeps_pieces(Arc::new(MemoryRemote::new("test"))).await;
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

#[tokio::test]
async fn a_second_store_keeps_and_gives() {
    let dir = tempfile::tempdir().unwrap();
    let address = format!("file://{}", dir.path().display()).parse().unwrap();
    suite::keeps_pieces(open(&address, &Credentials::default()).unwrap()).await;
    suite::keeps_and_gives(open(&address, &Credentials::default()).unwrap().as_ref()).await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_out_of_reach() {
    let dir = tempfile::tempdir().unwrap();
    let address = format!("file://{}/unmounted", dir.path().display()).parse().unwrap();
    let (place, fixture) = (open(&address, &Credentials::default()).unwrap(), suite::fixture());
    let error = place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(error, RemoteError::Unreachable { .. }), "{error}");
    assert!(!dir.path().join("unmounted").exists());
    assert!(place.has(&fixture.record.root, None).await.is_err());
}
