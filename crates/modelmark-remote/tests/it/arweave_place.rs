//! The suite of all places over Arweave: a real gateway (arlocal), and a bundler that has arbundles check what we sign.

use std::sync::Arc;

use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use futures_util::TryStreamExt as _;
use modelmark_digest::{Codec, ContentId};
use modelmark_remote::arweave::{Arweave, ItemId, Signed, bound_data};
use modelmark_remote::{Credentials, EthereumKey, PinState, Remote, RemoteError, Secret, Want, Watch};
use modelmark_storage::{MAX_BLOCK_BYTES, MemoryStore, car};
use modelmark_testkit::tools::workspace;

use crate::arweave_daemon::Daemon;
use crate::suite::{self, Fixture};

fn ethereum() -> Credentials {
    let signer: PrivateKeySigner = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80".parse().unwrap();
    let public = signer.credential().verifying_key().to_encoded_point(false);
    let sign = move |digest: &[u8; 32]| Ok(signer.sign_hash_sync(&(*digest).into()).map_err(|error| error.to_string())?.as_bytes());
    let key = EthereumKey::of(Arc::new(sign)).unwrap();
    assert_eq!(key.public, public.as_bytes());
    Credentials { ethereum: Some(key), ..Credentials::default() }
}

fn wallet() -> Credentials {
    let jwk = std::fs::read_to_string(workspace().join("vectors/arweave/keys/arweave.json")).unwrap();
    Credentials { arweave_key: Some(Secret::new(jwk)), ..Credentials::default() }
}

fn open(address: &str, credentials: &Credentials) -> Arweave {
    Arweave::open(&address.parse().unwrap(), credentials).unwrap()
}

fn blocks(fixture: &Fixture, root: &ContentId) -> u64 {
    car::export(fixture.store.as_ref(), &[*root], &mut std::io::sink()).unwrap().blocks
}

async fn taken_back(place: &Arweave, root: ContentId, receipt: Option<&modelmark_remote::Receipt>) -> car::Imported {
    let stream = place.car(&Want { root, range: None }, receipt).await.unwrap().unwrap();
    let bytes = stream.try_collect::<Vec<_>>().await.unwrap().concat();
    car::import(&MemoryStore::new(), bytes.as_slice(), car::Limits::MODEL).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn items_through_a_bundler() {
    let Some(daemon) = Daemon::start() else { return };
    suite::keeps_pieces(Arc::new(open(&daemon.bundled(), &ethereum()))).await;
    let place = open(&daemon.bundled(), &ethereum());
    suite::keeps_and_gives(&place).await;
    let fixture = suite::fixture();
    let receipt = place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap();
    // It was there already, and costs nothing the second time.
    assert_eq!(receipt.cost.as_ref().unwrap().amount, "0");
    let id: ItemId = receipt.locator.as_deref().unwrap().parse().unwrap();
    assert!(matches!(place.signed(&id, 1 << 20).await.unwrap(), Signed::Yes(_)));
    assert_eq!(place.state(&receipt).await.unwrap(), PinState::Pinned);
    let item = place.item(&id, 1 << 20).await.unwrap().unwrap();
    assert_eq!(bound_data(&id, item.bytes().clone()).unwrap().as_ref(), br#"{"name":"a model"}"#);
    // Anybody finds both by their CID, without a receipt and without a key.
    let reader = open(&daemon.bundled(), &Credentials::default());
    for root in [fixture.record.root, fixture.model.root] {
        let sent = reader.block(&root, None).await.unwrap().unwrap();
        assert_eq!(sent.verify(&root).as_deref(), fixture.store.get(&root, MAX_BLOCK_BYTES).unwrap().as_deref());
    }
    assert_eq!(taken_back(&reader, fixture.model.root, None).await.blocks, blocks(&fixture, &fixture.model.root));
    let refused = reader.put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(refused, RemoteError::Credential { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_of_their_own() {
    let Some(daemon) = Daemon::start() else { return };
    let place = open(&daemon.direct(), &wallet());
    suite::keeps_and_gives(&place).await;
    let fixture = suite::fixture();
    let other = fixture.store.put(Codec::Raw, b"another record").unwrap();
    let item = modelmark_remote::Item { root: other, bytes: 14, ..fixture.record.clone() };
    let receipt = place.put(&item, fixture.store.clone(), &()).await.unwrap();
    assert!(receipt.cost.as_ref().unwrap().amount.parse::<u64>().unwrap() > 0);
    assert!(matches!(place.state(&receipt).await.unwrap(), PinState::Pending(_)));
    daemon.mine(1).await;
    daemon.mine(10).await;
    assert_eq!(place.state(&receipt).await.unwrap(), PinState::Pinned);
    assert!(matches!(place.signed(&receipt.locator.unwrap().parse().unwrap(), 1 << 20).await.unwrap(), Signed::Yes(_)));
    assert!(place.estimate(1 << 20).await.unwrap().unwrap().amount.parse::<u64>().unwrap() > 0);
    // Only a wallet pays for transactions.
    let unpaid = open(&daemon.direct(), &ethereum()).put(&item, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(unpaid, RemoteError::Credential { .. }), "{unpaid}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_one_item_is_cut() {
    struct Sent(std::sync::atomic::AtomicU64);
    impl Watch for Sent {
        fn sent(&self, bytes: u64) {
            self.0.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
        }
    }
    let Some(daemon) = Daemon::start() else { return };
    let place = open(&daemon.bundled(), &wallet()).with_parts_of(300_000);
    let (fixture, sent) = (suite::fixture(), Sent(0.into()));
    let receipt = place.put(&fixture.model, fixture.store.clone(), &sent).await.unwrap();
    assert!(sent.0.into_inner() >= fixture.model.bytes, "{receipt:?}");
    let list = place.item(&receipt.locator.as_deref().unwrap().parse().unwrap(), 1 << 20).await.unwrap().unwrap();
    let list: serde_json::Value = serde_json::from_slice(list.data()).unwrap();
    assert!(list.get("parts").unwrap().as_array().unwrap().len() >= 5, "{list}");
    let expected = blocks(&fixture, &fixture.model.root);
    for receipt in [Some(&receipt), None] {
        assert_eq!(taken_back(&place, fixture.model.root, receipt).await.blocks, expected);
    }
    // Every block below it can be had by its receipt, from whichever part it is in.
    let leaf = ContentId::raw(br#"{"layers":2}"#);
    for id in [fixture.model.root, leaf] {
        assert!(place.block(&id, Some(&receipt)).await.unwrap().unwrap().verify(&id).is_some());
    }
    assert!(place.block(&ContentId::raw(b"nowhere"), Some(&receipt)).await.unwrap().is_none());
    // The second time it is found and not sent.
    let again = place.put(&fixture.model, fixture.store.clone(), &()).await.unwrap();
    assert_eq!((again.locator, again.cost.unwrap().amount.as_str()), (receipt.locator, "0"));
}
