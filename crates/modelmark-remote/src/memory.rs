//! A place in memory: what the suite of all places runs over first, and what programs test with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use modelmark_digest::ContentId;
use modelmark_storage::{MAX_BLOCK_BYTES, MemoryStore, Store, car};

use crate::{Abilities, ByteStream, Cost, Item, PinState, Receipt, Remote, RemoteError, Unverified, Want, Watch, car_stream};

/// How many bytes of a CAR are handed out at once.
const CHUNK: usize = 256 << 10;

/// A [`Remote`] that forgets everything when it is dropped. It can be told to lie, for tests of whoever reads.
#[derive(Debug, Default)]
pub struct MemoryRemote {
    name: String,
    store: MemoryStore,
    lies: Mutex<HashMap<ContentId, Bytes>>,
}

impl MemoryRemote {
    /// Returns an empty place called `memory:NAME`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: format!("memory:{name}"), ..Self::default() }
    }

    /// From now on sends `bytes` when it is asked for `id`.
    pub fn lie(&self, id: ContentId, bytes: impl Into<Bytes>) {
        self.lies().insert(id, bytes.into());
    }

    fn lies(&self) -> MutexGuard<'_, HashMap<ContentId, Bytes>> {
        self.lies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, id: &ContentId) -> Result<bool, RemoteError> {
        Ok(self.store.has(id)?)
    }
}

#[async_trait]
impl Remote for MemoryRemote {
    fn name(&self) -> &str {
        &self.name
    }

    fn abilities(&self) -> Abilities {
        Abilities { put: true, read: true, pin: true, apart: true }
    }

    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError> {
        let mut bytes = Vec::new();
        let exported = car_stream::write_item(store.as_ref(), item, &mut bytes)?;
        car::import(&self.store, bytes.as_slice(), car::Limits::MODEL)?;
        watch.sent(exported.bytes);
        Ok(Receipt::now(item.root, &self.name, exported.bytes))
    }

    async fn block(&self, id: &ContentId, _: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        if let Some(lie) = self.lies().get(id) {
            return Ok(Some(Unverified::new(lie.clone())));
        }
        Ok(self.store.get(id, MAX_BLOCK_BYTES)?.map(|bytes| Unverified::new(bytes.into())))
    }

    async fn car(&self, want: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        if !self.known(&want.root)? {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        car::export(&self.store, &[want.root], &mut bytes)?;
        let chunks: Vec<_> = bytes.chunks(CHUNK).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        Ok(Some(stream::iter(chunks).boxed()))
    }

    async fn has(&self, id: &ContentId, _: Option<&Receipt>) -> Result<bool, RemoteError> {
        self.known(id)
    }

    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        Ok(if self.known(&receipt.root)? { PinState::Pinned } else { PinState::Absent })
    }

    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        Ok(None)
    }
}
