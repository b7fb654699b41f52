//! The index of a CAR in an object store, and the CAR that it leads into, of any bytes: what comes out as a block was asked for with its CID, and no longer
//! than a block may be.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use modelmark_digest::{Codec, ContentId};
use modelmark_remote::{ObjectPlace, Receipt, Remote as _};
use modelmark_storage::MAX_BLOCK_BYTES;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};

fuzz_target!(|objects: (&[u8], &[u8], &[u8])| {
    let (index, car, leaf) = objects;
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without drivers");
    runtime.block_on(async {
        let (store, root) = (Arc::new(InMemory::new()), ContentId::dag_pb(b"a directory"));
        for (ending, bytes) in [(".idx", index), (".car", car)] {
            let key = Path::from(format!("{root}{ending}"));
            store.put(&key, PutPayload::from(bytes.to_vec())).await.expect("memory takes it");
        }
        let place = ObjectPlace::new("s3://fuzz", store, Path::default());
        let receipt = Receipt::now(root, "s3://fuzz", 0);
        for id in [root, ContentId::raw(leaf)] {
            if let Ok(Some(sent)) = place.block(&id, Some(&receipt)).await
                && let Some(bytes) = sent.verify(&id)
            {
                assert!(bytes.len() <= MAX_BLOCK_BYTES && (id.codec() == Codec::DagPb || bytes == leaf));
            }
            let _ = place.has(&id, Some(&receipt)).await;
        }
        let _ = place.state(&receipt).await;
    });
});
