//! What every place has to do. A place's own file builds it and calls [`keeps_and_gives`].

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, ContentId, Request, digest};
use modelmark_remote::redundancy::{self, Condition};
use modelmark_remote::{Item, Limits, PinState, Reader, Receipt, Remote, StoreSink, Want};
use modelmark_storage::{Leaves, LocalStore, MAX_BLOCK_BYTES, MemoryStore, Store, car};

/// A store with a record of one block and a model of several files, one of them of many leaves.
pub(crate) struct Fixture {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) record: Item,
    pub(crate) model: Item,
    _dir: tempfile::TempDir,
}

pub(crate) fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let model = dir.path().join("model");
    std::fs::create_dir(&model).unwrap();
    std::fs::write(model.join("config.json"), br#"{"layers":2}"#).unwrap();
    let weights: Vec<u8> = (0..1_500_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(model.join("model.safetensors"), &weights).unwrap();
    let store = LocalStore::open(dir.path().join("store")).unwrap();
    let import = store.import(&model, Leaves::Referenced).unwrap();
    let manifest = digest(&model, &Request::cids(), &import).unwrap();
    import.finish(&manifest).unwrap();
    let record = store.put(Codec::Raw, br#"{"name":"a model"}"#).unwrap();
    Fixture {
        store: Arc::new(store),
        record: Item { root: record, bytes: 18, media_type: "application/json".to_owned(), name: Some("a model".to_owned()), alone: false },
        model: Item { root: manifest.cid, bytes: 1_500_012, media_type: "application/vnd.ipld.car".to_owned(), name: None, alone: false },
        _dir: dir,
    }
}

/// Puts both, twice, and takes them back.
pub(crate) async fn keeps_and_gives(place: &dyn Remote) {
    let fixture = fixture();
    for item in [&fixture.record, &fixture.model] {
        let receipt = place.put(item, fixture.store.clone(), &()).await.unwrap();
        assert_eq!((receipt.root, receipt.place.as_str()), (item.root, place.name()));
        let again = place.put(item, fixture.store.clone(), &()).await.unwrap();
        assert_eq!(again.root, item.root);
        assert!(place.has(&item.root, Some(&receipt)).await.unwrap(), "{} does not have {}", place.name(), item.root);
        assert!(matches!(place.state(&receipt).await.unwrap(), PinState::Pinned | PinState::Pending(_) | PinState::Unknown));
        let sent = place.block(&item.root, Some(&receipt)).await.unwrap().unwrap();
        assert_eq!(sent.verify(&item.root).as_deref(), fixture.store.get(&item.root, MAX_BLOCK_BYTES).unwrap().as_deref());
        if let Some(car) = place.car(&Want { root: item.root, range: None }, Some(&receipt)).await.unwrap() {
            assert_eq!(blocks_of(car.try_collect::<Vec<_>>().await.unwrap().concat()), blocks_below(&fixture, &item.root));
        }
    }
    absent(place).await;
}

/// Takes the files of a model one by one, and then the directory's node without them; somebody else, who was told nothing, reads all of it, and a range of a file.
pub(crate) async fn keeps_pieces(place: Arc<dyn Remote>) {
    let fixture = fixture();
    let node = fixture.store.get(&fixture.model.root, MAX_BLOCK_BYTES).unwrap().unwrap();
    let Node::Directory(links) = unixfs::decode(&node).unwrap() else { panic!("the model is a directory") };
    let files = links.iter().map(|link| Item { root: link.cid, bytes: link.tsize, ..fixture.model.clone() });
    let alone = Item { alone: true, bytes: node.len() as u64, ..fixture.model.clone() };
    assert!(place.abilities().apart);
    for item in files.chain([alone]) {
        let noted = std::sync::Mutex::new(Vec::new());
        let note = |receipt: &Receipt| {
            noted.lock().unwrap().push(receipt.clone());
            Ok(())
        };
        let kept = redundancy::keep(place.as_ref(), &item, fixture.store.clone(), &(), Duration::from_secs(10), note).await;
        let (receipt, condition) = kept.unwrap();
        assert!(matches!(condition, Condition::Whole { .. } | Condition::Pending { .. }), "{condition}");
        assert_eq!(receipt.alone, item.alone);
        assert_eq!(noted.into_inner().unwrap(), [receipt]);
    }
    let (reader, copy) = (Reader::new(vec![place], Limits::MODEL), MemoryStore::new());
    let read = reader.blocks(&Want { root: fixture.model.root, range: None }, &mut StoreSink::new(&copy)).await.unwrap();
    assert_eq!(read.blocks, blocks_below(&fixture, &fixture.model.root));
    let large = links.iter().max_by_key(|link| link.tsize).unwrap();
    let part = MemoryStore::new();
    let read = reader.blocks(&Want { root: large.cid, range: Some(400_000..400_010) }, &mut StoreSink::new(&part)).await.unwrap();
    assert!(read.blocks < blocks_below(&fixture, &large.cid), "a part is all of it");
}

/// What nobody put is not there, and that is no error.
pub(crate) async fn absent(place: &dyn Remote) {
    let nowhere = ContentId::raw(b"nobody ever put this");
    assert!(place.block(&nowhere, None).await.unwrap().is_none());
    assert!(!place.has(&nowhere, None).await.unwrap());
    assert!(place.car(&Want { root: nowhere, range: None }, None).await.unwrap().is_none());
}

fn blocks_below(fixture: &Fixture, root: &ContentId) -> u64 {
    car::export(fixture.store.as_ref(), &[*root], &mut std::io::sink()).unwrap().blocks
}

fn blocks_of(car: Vec<u8>) -> u64 {
    car::import(&MemoryStore::new(), car.as_slice(), car::Limits::MODEL).unwrap().blocks
}
