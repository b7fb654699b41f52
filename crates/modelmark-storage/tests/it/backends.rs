//! One suite over every implementation of `Store`.

use std::sync::Barrier;

use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{Block, MAX_BLOCK_BYTES, MemoryStore, StorageError, Store};

use crate::fixture::Bench;

fn each(suite: impl Fn(&dyn Store)) {
    suite(&MemoryStore::new());
    suite(&Bench::new().store);
}

#[test]
fn what_was_put_comes_back() {
    each(|store| {
        for bytes in [b"".as_slice(), b"x", &vec![7; MAX_BLOCK_BYTES]] {
            let id = store.put(Codec::Raw, bytes).unwrap();
            assert_eq!(id, ContentId::raw(bytes));
            assert!(store.has(&id).unwrap());
            assert_eq!(store.get(&id, MAX_BLOCK_BYTES).unwrap().unwrap(), bytes);
            assert_eq!(store.put(Codec::Raw, bytes).unwrap(), id, "again");
        }
        let node = store.put(Codec::DagPb, &[0x0a, 2, 8, 1]).unwrap();
        assert_eq!(node.to_string(), "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
        assert_eq!(store.get(&node, 4).unwrap().unwrap(), [0x0a, 2, 8, 1]);
    });
}

#[test]
fn an_unknown_block_is_none() {
    each(|store| {
        assert!(!store.has(&ContentId::raw(b"x")).unwrap());
        assert_eq!(store.get(&ContentId::raw(b"x"), 10).unwrap(), None);
        assert!(!store.name().is_empty());
    });
}

#[test]
fn sizes_are_bounded_on_the_way_in_and_out() {
    each(|store| {
        let id = store.put(Codec::Raw, b"four").unwrap();
        assert!(store.get(&id, 4).unwrap().is_some());
        assert!(matches!(store.get(&id, 3), Err(StorageError::TooLarge { size: 4, limit: 3, .. })));
        let huge = store.put(Codec::Raw, &vec![0; MAX_BLOCK_BYTES + 1]);
        assert!(matches!(huge, Err(StorageError::TooLarge { .. })));
    });
}

#[test]
fn documents_stay_with_their_record() {
    each(|store| {
        let record = store.put(Codec::Raw, b"record").unwrap();
        let mut documents: Vec<_> = (0..5_u8).map(|n| store.put(Codec::Raw, &[n]).unwrap()).collect();
        for document in documents.iter().chain(&documents) {
            store.attach(&record, document).unwrap();
        }
        documents.sort_by_key(ContentId::to_bytes);
        assert_eq!(store.attached(&record).unwrap(), documents);
        assert!(store.attached(&documents[0]).unwrap().is_empty());
        let nowhere = ContentId::raw(b"not put");
        assert!(matches!(store.attach(&record, &nowhere), Err(StorageError::Missing { id, .. }) if id == nowhere));
    });
}

#[test]
fn threads_write_and_read_at_once() {
    each(|store| {
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for thread in 0..8_u8 {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for n in 0..50_u8 {
                        // Half of the blocks are the same in all threads.
                        let bytes = if n % 2 == 0 { vec![n] } else { vec![thread, n] };
                        let id = store.put(Codec::Raw, &bytes).unwrap();
                        assert_eq!(store.get(&id, 2).unwrap().unwrap(), bytes);
                    }
                });
            }
        });
    });
}

#[test]
fn a_hundred_thousand_small_blocks() {
    each(|store| {
        let block = |n: u32| Block::new(Codec::Raw, n.to_le_bytes().to_vec()).unwrap();
        for batch in 0..100 {
            let blocks: Vec<_> = (batch * 1000..(batch + 1) * 1000).map(block).collect();
            store.put_all(&blocks).unwrap();
        }
        for n in (0..100_000).step_by(997) {
            assert_eq!(store.get(&block(n).id(), 4).unwrap().unwrap(), n.to_le_bytes());
        }
    });
}
