//! Another block store as a place: a folder on a second disk, or on a share that other machines mount.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, future};
use modelmark_digest::ContentId;
use modelmark_storage::{LocalStore, MAX_BLOCK_BYTES, Role, StorageError, Store, car};

use crate::{Abilities, Address, ByteStream, Cost, Item, PinState, Receipt, Remote, RemoteError, Unverified, Want, Watch, car_stream};

/// The [`Remote`] behind `file:///folder`. The folder has to be there: one that is not may be a disk that is not mounted.
#[derive(Debug)]
pub struct SecondStore {
    name: String,
    dir: PathBuf,
    store: OnceLock<Arc<LocalStore>>,
}

impl SecondStore {
    /// Returns the place at `address`; nothing is looked at yet.
    ///
    /// # Errors
    /// [`RemoteError::Forbidden`] when the URL names no folder of this machine.
    pub fn open(address: &Address) -> Result<Self, RemoteError> {
        let name = address.to_string();
        let forbidden = |()| RemoteError::Forbidden { url: name.clone(), reason: "it names no folder of this machine".to_owned() };
        let dir = address.url().to_file_path().map_err(forbidden)?;
        Ok(Self { name, dir, store: OnceLock::new() })
    }

    /// Makes a place of a store that is open already, such as this machine's own, to look at it as at any other.
    #[must_use]
    pub fn over(store: Arc<LocalStore>) -> Self {
        Self { name: store.name().to_owned(), dir: PathBuf::new(), store: OnceLock::from(store) }
    }

    /// Runs `work` on a thread that may wait for the disk.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(Arc<LocalStore>) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, RemoteError> {
        let store = self.opened()?;
        let unreachable = |reason: String| RemoteError::Unreachable { place: self.name.clone(), reason };
        let done = tokio::task::spawn_blocking(move || work(store)).await.map_err(|error| unreachable(error.to_string()))?;
        done.map_err(|error| unreachable(error.to_string()))
    }

    fn opened(&self) -> Result<Arc<LocalStore>, RemoteError> {
        if let Some(store) = self.store.get() {
            return Ok(Arc::clone(store));
        }
        let unreachable = |reason: String| RemoteError::Unreachable { place: self.name.clone(), reason };
        if !self.dir.is_dir() {
            return Err(unreachable("the folder is not there; make it, or mount the disk that it is on".to_owned()));
        }
        let store = LocalStore::open(&self.dir).map_err(|error| unreachable(error.to_string()))?;
        Ok(Arc::clone(self.store.get_or_init(|| Arc::new(store))))
    }
}

#[async_trait]
impl Remote for SecondStore {
    fn name(&self) -> &str {
        &self.name
    }

    fn abilities(&self) -> Abilities {
        Abilities { put: true, read: true, pin: false, apart: true }
    }

    /// Everything is copied again when it is there already: that is what mends a damaged block.
    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError> {
        let stream = car_stream::export_item(store, item);
        let watched = stream.inspect(|chunk| watch.sent(chunk.as_ref().map_or(0, Bytes::len) as u64));
        let imported = car_stream::import(watched, self.opened()?, car::Limits::MODEL).await?;
        let (root, role) = (item.root, role(&item.media_type));
        self.with(move |store| store.pin(&root, role)).await?;
        Ok(Receipt::now(item.root, &self.name, imported.bytes))
    }

    async fn block(&self, id: &ContentId, _: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        let id = *id;
        let bytes = self.with(move |store| match store.get(&id, MAX_BLOCK_BYTES) {
            // Damaged is as good as gone.
            Err(StorageError::Damaged { .. } | StorageError::Altered { .. }) => Ok(None),
            other => other,
        });
        Ok(bytes.await?.map(|bytes| Unverified::new(bytes.into())))
    }

    async fn car(&self, want: &Want, receipt: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        if !self.has(&want.root, receipt).await? {
            return Ok(None);
        }
        Ok(Some(car_stream::export(self.opened()?, vec![want.root])))
    }

    async fn has(&self, id: &ContentId, _: Option<&Receipt>) -> Result<bool, RemoteError> {
        let id = *id;
        self.with(move |store| store.has(&id)).await
    }

    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        let root = receipt.root;
        let pinned = self.with(move |store| Ok(store.has(&root)? && store.pins()?.iter().any(|pin| pin.root == root))).await?;
        Ok(if pinned { PinState::Pinned } else { PinState::Absent })
    }

    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        future::ready(Ok(None)).await
    }
}

/// What the place calls it when it says why it keeps it.
fn role(media_type: &str) -> Role {
    match media_type {
        "application/json" => Role::Record,
        "image/png" => Role::Picture,
        _ => Role::Model,
    }
}
