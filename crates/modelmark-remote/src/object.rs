//! Object stores: Amazon S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage.
//!
//! What is one block, or is given without what it links to, is the object `PREFIX/<cid>`, its plain bytes. What has blocks below it is `PREFIX/<cid>.car`, a deterministic CAR, and
//! `PREFIX/<cid>.idx`, which says where in it each block lies; the index is written last, so where there is one, the CAR is whole.

mod access;
mod index;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{MAX_BLOCK_BYTES, StorageError, Store};
use object_store::path::Path;
use object_store::{Attribute, Attributes, GetOptions, GetRange, GetResult, ObjectStore, PutMultipartOptions, PutOptions, WriteMultipart};

use self::access::Access;
use self::index::{Index, Indexer, MAX_INDEX_BYTES};
use crate::{
    Abilities, Address, ByteStream, Cost, Credentials, Item, PinState, Receipt, Remote, RemoteError, Unverified, Want, Watch, car_stream,
};

/// Smallest part of an upload; every store takes at least 10,000 parts of it.
const MIN_PART: u64 = 8 << 20;
/// Into how many parts a CAR is cut at most: room to the limit of 10,000, for framing and for an estimate that was too low.
const PARTS: u64 = 9000;
/// Parts that are under way at once; with the one that is being filled, the memory of an upload.
const UNDER_WAY: usize = 2;
/// Longest section of a CAR: a block, its CID and its length.
const MAX_SECTION: u64 = MAX_BLOCK_BYTES as u64 + 64;
/// How many indexes are remembered.
const MAX_INDEXES: usize = 16;

/// The [`Remote`] behind `s3://`, `gs://` and `az://`.
#[derive(Debug)]
pub struct ObjectPlace {
    access: Access,
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    indexes: Mutex<HashMap<ContentId, Arc<Index>>>,
    /// Roots of which wrong bytes came back: the next put writes them again.
    spoiled: Mutex<HashSet<ContentId>>,
}

impl ObjectPlace {
    /// Opens the place at `address`, with the variables of `credentials`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`RemoteError::Forbidden`] for a URL without a bucket, [`RemoteError::Credential`] when a variable that the store needs is missing or wrong.
    pub fn open(address: &Address, credentials: &Credentials) -> Result<Self, RemoteError> {
        let (access, store) = Access::open(address, &credentials.object_stores)?;
        let prefix = Path::from_url_path(address.url().path())
            .map_err(|error| RemoteError::Forbidden { url: access.place().to_owned(), reason: error.to_string() })?;
        Ok(Self::over(access, store, prefix))
    }

    /// Makes a place of a store that is open already, such as one in memory. `place` is what receipts call it.
    #[must_use]
    pub fn new(place: &str, store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self::over(Access::elsewhere(place), store, prefix)
    }

    fn over(access: Access, store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self { access, store, prefix, indexes: Mutex::default(), spoiled: Mutex::default() }
    }

    fn key(&self, root: &ContentId, ending: &str) -> Path {
        self.prefix.clone().join(format!("{root}{ending}"))
    }

    /// Returns the length of an object; none when it is not there.
    async fn length(&self, key: &Path) -> Result<Option<u64>, RemoteError> {
        Ok(self.get(key, GetOptions { head: true, ..GetOptions::default() }).await?.map(|found| found.meta.size))
    }

    async fn get(&self, key: &Path, options: GetOptions) -> Result<Option<GetResult>, RemoteError> {
        match self.store.get_opts(key, options).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.access.explain(&error)),
        }
    }

    /// Reads an object, or a range of it, of at most `limit` bytes.
    async fn read(&self, key: &Path, range: Option<GetRange>, limit: u64) -> Result<Option<Bytes>, RemoteError> {
        let Some(found) = self.get(key, GetOptions { range, ..GetOptions::default() }).await? else { return Ok(None) };
        let mut chunks = found.into_stream();
        let mut bytes = BytesMut::new();
        while let Some(chunk) = chunks.try_next().await.map_err(|error| self.access.explain(&error))? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(RemoteError::TooLarge { place: self.access.place().to_owned(), limit });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes.freeze()))
    }

    async fn put_bytes(&self, key: &Path, bytes: Bytes, media_type: &str) -> Result<(), RemoteError> {
        let options = PutOptions { attributes: attributes(media_type), ..PutOptions::default() };
        self.store.put_opts(key, bytes.into(), options).await.map(drop).map_err(|error| self.access.explain(&error))
    }

    /// Puts one block as it is.
    async fn put_block(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<u64, RemoteError> {
        let (key, root) = (self.key(&item.root, ""), item.root);
        let bytes = tokio::task::spawn_blocking(move || {
            let name = store.name().to_owned();
            store.get(&root, MAX_BLOCK_BYTES)?.ok_or(StorageError::Missing { id: root, store: name })
        });
        let bytes = bytes.await.map_err(|error| StorageError::Output(std::io::Error::other(error)))??;
        let length = bytes.len() as u64;
        if self.length(&key).await? != Some(length) || self.is_spoiled(&root) {
            self.put_bytes(&key, bytes.into(), &item.media_type).await?;
            watch.sent(length);
        }
        Ok(length)
    }

    /// Puts a block with everything below it, unless it is there.
    async fn put_car(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<u64, RemoteError> {
        if !self.is_spoiled(&item.root)
            && let Some(length) = self.whole(&item.root).await?
        {
            return Ok(length);
        }
        let options = PutMultipartOptions { attributes: attributes("application/vnd.ipld.car"), ..PutMultipartOptions::default() };
        let key = self.key(&item.root, ".car");
        let upload = self.store.put_multipart_opts(&key, options).await;
        let upload = upload.map_err(|error| self.access.explain(&error))?;
        let part = (item.bytes / PARTS).max(MIN_PART);
        let mut upload = WriteMultipart::new_with_chunk_size(upload, usize::try_from(part).unwrap_or(usize::MAX));
        let mut indexer = Indexer::default();
        let outcome = self.send(car_stream::export(store, vec![item.root]), &mut upload, &mut indexer, watch).await;
        if let Err(error) = outcome {
            // What went up is of no use. That it could not be taken back is less than why it failed.
            drop(upload.abort().await);
            return Err(error);
        }
        let finished = upload.finish().await;
        let (index, length) = indexer.finish();
        if let Err(error) = finished {
            // On Azure all uploads of an object share their parts, and who completes it takes them from the others. What is there then is what these wanted.
            if self.is_spoiled(&item.root) || self.length(&key).await? != Some(length) {
                return Err(self.access.explain(&error));
            }
        }
        self.put_bytes(&self.key(&item.root, ".idx"), index.write().into(), "application/octet-stream").await?;
        lock(&self.indexes).remove(&item.root);
        Ok(length)
    }

    async fn send(
        &self,
        mut car: ByteStream,
        upload: &mut WriteMultipart,
        indexer: &mut Indexer,
        watch: &dyn Watch,
    ) -> Result<(), RemoteError> {
        while let Some(chunk) = car.next().await {
            let chunk = chunk?;
            upload.wait_for_capacity(UNDER_WAY).await.map_err(|error| self.access.explain(&error))?;
            indexer.pass(&chunk);
            watch.sent(chunk.len() as u64);
            upload.put(chunk);
        }
        Ok(())
    }

    /// Returns how long the CAR of `root` is if it is there and ends where its index says.
    async fn whole(&self, root: &ContentId) -> Result<Option<u64>, RemoteError> {
        let car = self.key(root, ".car");
        let (Some(length), Some(index)) = (self.length(&car).await?, self.index(root).await?) else { return Ok(None) };
        let Some(last) = index.last().filter(|last| *last < length) else { return Ok(None) };
        let head = self.read(&car, Some(GetRange::Bounded(last..length.min(last + 8))), 8).await?;
        let end = head.and_then(|head| index::section(&head)).map(|content| last + content.end as u64);
        Ok((end == Some(length)).then_some(length))
    }

    /// Returns the index of `root`; none when there is none that can be used.
    async fn index(&self, root: &ContentId) -> Result<Option<Arc<Index>>, RemoteError> {
        if let Some(index) = lock(&self.indexes).get(root) {
            return Ok(Some(Arc::clone(index)));
        }
        let Some(bytes) = self.read(&self.key(root, ".idx"), None, MAX_INDEX_BYTES).await? else { return Ok(None) };
        let Ok(index) = Index::read(&bytes) else { return Ok(None) };
        let index = Arc::new(index);
        let mut indexes = lock(&self.indexes);
        if indexes.len() >= MAX_INDEXES {
            indexes.clear();
        }
        indexes.insert(*root, Arc::clone(&index));
        Ok(Some(index))
    }

    /// Returns the block out of the CAR of `root`.
    async fn block_in(&self, root: &ContentId, id: &ContentId) -> Result<Option<Bytes>, RemoteError> {
        let Some(index) = self.index(root).await? else { return Ok(None) };
        let Some((start, end)) = index.find(id.digest().as_bytes()) else { return Ok(None) };
        // What is longer is no block, whatever it is.
        let range = GetRange::Bounded(start..end.unwrap_or(u64::MAX).min(start.saturating_add(MAX_SECTION)));
        let bytes = match self.read(&self.key(root, ".car"), Some(range), MAX_SECTION).await {
            // An index that points beyond the CAR.
            Err(RemoteError::Unreachable { .. }) if self.length(&self.key(root, ".car")).await?.is_some_and(|length| length <= start) => {
                None
            }
            other => other?,
        };
        Ok(bytes.and_then(|bytes| index::block(&bytes).map(|place: Range<usize>| bytes.slice(place))))
    }

    /// Returns the block from what was given as `root`.
    async fn below(&self, root: &ContentId, id: &ContentId) -> Result<Option<Bytes>, RemoteError> {
        let within = if root == id && id.codec() == Codec::Raw { None } else { self.block_in(root, id).await? };
        match within {
            None if root == id => self.read(&self.key(id, ""), None, MAX_BLOCK_BYTES as u64).await,
            found => Ok(found),
        }
    }

    fn is_spoiled(&self, root: &ContentId) -> bool {
        lock(&self.spoiled).contains(root)
    }
}

#[async_trait]
impl Remote for ObjectPlace {
    fn name(&self) -> &str {
        self.access.place()
    }

    fn abilities(&self) -> Abilities {
        Abilities { put: true, read: true, pin: false, apart: true }
    }

    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError> {
        let (length, ending) = match item.root.codec() {
            _ if item.alone => (self.put_block(item, store, watch).await?, ""),
            Codec::Raw => (self.put_block(item, store, watch).await?, ""),
            Codec::DagPb => (self.put_car(item, store, watch).await?, ".car"),
        };
        lock(&self.spoiled).remove(&item.root);
        let locator = Some(self.key(&item.root, ending).to_string());
        Ok(Receipt { locator, ..Receipt::now(item.root, self.name(), length) })
    }

    async fn block(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        let root = receipt.map_or(*id, |receipt| receipt.root);
        let bytes = match self.below(&root, id).await? {
            // A file of a directory that was given in pieces.
            None if root != *id => self.below(id, id).await?,
            found => found,
        };
        if bytes.as_ref().is_none_or(|bytes| !id.verify(bytes)) {
            lock(&self.spoiled).insert(root);
        }
        Ok(bytes.map(Unverified::new))
    }

    async fn car(&self, want: &Want, _: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        // A range is asked for block by block: the CAR would be all of it.
        if want.range.is_some() || want.root.codec() == Codec::Raw {
            return Ok(None);
        }
        let Some(found) = self.get(&self.key(&want.root, ".car"), GetOptions::default()).await? else { return Ok(None) };
        let place = self.name().to_owned();
        let broken = move |_| RemoteError::Unreachable { place: place.clone(), reason: "it broke off".to_owned() };
        Ok(Some(found.into_stream().map_err(broken).boxed()))
    }

    async fn has(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<bool, RemoteError> {
        match receipt.map(|receipt| receipt.root).filter(|root| root != id) {
            Some(root) => Ok(self.index(&root).await?.is_some_and(|index| index.find(id.digest().as_bytes()).is_some())),
            None if id.codec() == Codec::Raw => Ok(self.length(&self.key(id, "")).await?.is_some()),
            None => Ok(self.whole(id).await?.is_some() || self.length(&self.key(id, "")).await?.is_some()),
        }
    }

    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        let there = match receipt.root.codec() {
            Codec::DagPb if !receipt.alone => self.whole(&receipt.root).await?.is_some(),
            _ => self.length(&self.key(&receipt.root, "")).await?.is_some(),
        };
        Ok(if there { PinState::Pinned } else { PinState::Absent })
    }

    /// Object stores cost by the month, and do not say how much.
    async fn estimate(&self, _: u64) -> Result<Option<Cost>, RemoteError> {
        Ok(None)
    }
}

fn attributes(media_type: &str) -> Attributes {
    Attributes::from_iter([(Attribute::ContentType, media_type.to_owned())])
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
