//! The place `ar://`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{MAX_BLOCK_BYTES, StorageError, Store, car};
use serde_json::Value;

use super::check::{Signed, collected};
use super::gateway::{Gateway, Indexed, MAX_SHORT_ANSWER};
use super::key::KnownKey;
use super::parts::{MAX_LIST_BYTES, PARTS_TYPE, Parts};
use super::sections::Sections;
use super::settings::Settings;
use super::spool::{Cutter, Spool};
use super::upload::Taken;
use super::{DataItem, ItemId, Tag};
use crate::{
    Abilities, Address, ByteStream, Cost, Credentials, Item, PinState, Receipt, Remote, RemoteError, Unverified, Want, Watch, car_stream,
    http,
};

/// Longest data of one item that we write, in bytes; a CAR that is longer is cut into items.
const MAX_PART: u64 = 100 << 20;
/// After how many blocks a transaction counts as kept for good. Chains of nodes that disagree have been shorter.
const CONFIRMATIONS: u64 = 10;
/// Longest data whose signature is checked again by `state`, in bytes.
const MAX_CHECKED: u64 = 4 << 20;
/// What is missing where nothing can be signed.
const NO_KEY: &str =
    "MODELMARK_ARWEAVE_KEY names a wallet's file (JWK); without it the account signs that signs the record, unless everybody knows its key";

/// Arweave through a gateway, and a bundler that takes items.
#[derive(Debug)]
pub struct Arweave {
    gateway: Gateway,
    key: Option<KnownKey>,
    most: u64,
}

/// What an item holds.
enum Opened {
    Car(Sections),
    Parts(Parts),
}

impl Arweave {
    /// Returns the place at `ar://[GATEWAY][?gateway=URL][&bundler=URL|none]`; nothing is asked of it yet.
    ///
    /// # Errors
    /// [`RemoteError::Forbidden`] for a URL that is none of these, [`RemoteError::Credential`] for a wallet that cannot be used.
    pub fn open(address: &Address, credentials: &Credentials) -> Result<Self, RemoteError> {
        let settings = Settings::read(address)?;
        let unusable = |error: super::ItemError| RemoteError::Credential { place: settings.name.clone(), hint: error.to_string() };
        let key = KnownKey::of(credentials).map_err(unusable)?;
        Ok(Self { gateway: Gateway::new(settings)?, key, most: MAX_PART })
    }

    /// Cuts CARs into items of about `most` bytes rather than of 100 MiB.
    #[must_use]
    pub const fn with_parts_of(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    /// Waits so long for a block or another small answer rather than a minute.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.gateway.patience = patience;
        self
    }

    /// Returns the item `id` whole and verified, with at most `limit` bytes of data: what [`bound_data`](super::bound_data) takes. `None` when the
    /// gateway does not have it, or does not give what is needed of it.
    ///
    /// # Errors
    /// When the gateway cannot be asked.
    pub async fn item(&self, id: &ItemId, limit: u64) -> Result<Option<DataItem>, RemoteError> {
        self.gateway.item(id, limit).await
    }

    /// Checks whether an item or transaction with at most `limit` bytes of data is signed as its id says.
    ///
    /// # Errors
    /// When the gateway cannot be asked.
    pub async fn signed(&self, id: &ItemId, limit: u64) -> Result<Signed, RemoteError> {
        self.gateway.signed(id, limit).await
    }

    fn locator(&self, receipt: &Receipt) -> Result<ItemId, RemoteError> {
        let locator = receipt.locator.as_deref().ok_or_else(|| self.gateway.answer("the receipt names no item"))?;
        locator.parse().map_err(|error: String| self.gateway.answer(&error))
    }

    /// Returns the items that may hold `root`: that of the receipt, else those whose tags say so.
    async fn candidates(&self, root: &ContentId, receipt: Option<&Receipt>, owner: Option<&ItemId>) -> Result<Vec<ItemId>, RemoteError> {
        if let Some(receipt) = receipt.filter(|receipt| receipt.locator.is_some()) {
            return Ok(vec![self.locator(receipt)?]);
        }
        let root = receipt.map_or(root, |receipt| &receipt.root);
        let found = self.gateway.tagged(&root.to_string(), owner).await?;
        // Data of a block are no longer than a block: what says otherwise is something else.
        let fits = |item: &&Indexed| root.codec() != Codec::Raw || item.size().is_none_or(|size| size <= MAX_BLOCK_BYTES as u64);
        Ok(found.iter().filter(fits).filter_map(Indexed::item_id).collect())
    }

    async fn raw(&self, item: &ItemId) -> Result<Option<Bytes>, RemoteError> {
        self.gateway.small_data(item, MAX_BLOCK_BYTES as u64).await
    }

    /// Opens an item that holds a DAG; `None` when the gateway does not have it.
    async fn opened(&self, item: &ItemId, root: &ContentId) -> Result<Option<Opened>, RemoteError> {
        let Some(data) = self.gateway.data(item, car::Limits::MODEL.bytes).await? else { return Ok(None) };
        let mut sections = Sections::new(self.name(), data);
        match sections.peek(3).await? {
            [b'{', ..] => {
                let list = self.gateway.data(item, MAX_LIST_BYTES).await?;
                let Some(list) = list else { return Ok(None) };
                let bytes = self.gateway.in_time(collected(list)).await?;
                Ok(Some(Opened::Parts(Parts::read(&bytes, root).map_err(|reason| self.gateway.answer(&reason))?)))
            }
            // The length of the header, and the first byte of a map of two.
            [_, 0xa2, ..] | [_, _, 0xa2, ..] => Ok(Some(Opened::Car(sections))),
            _ => Err(self.gateway.answer("neither a CAR nor a list of parts")),
        }
    }

    /// Returns the CAR that an item holds, or that its parts are together.
    async fn car_of(&self, item: &ItemId, root: &ContentId) -> Result<Option<ByteStream>, RemoteError> {
        match self.opened(item, root).await? {
            None => Ok(None),
            Some(Opened::Car(sections)) => Ok(Some(sections.rest())),
            Some(Opened::Parts(parts)) => {
                let gateway = self.gateway.clone();
                let parts = stream::iter(parts.parts.into_iter().enumerate()).then(move |(index, part)| {
                    let gateway = gateway.clone();
                    async move {
                        let id = part.id().ok_or_else(|| gateway.answer("a part that has no id"))?;
                        let lost = || gateway.answer(&format!("a list with the part {id}, which is not there"));
                        let data = gateway.data(&id, part.bytes).await?.ok_or_else(lost)?;
                        let mut sections = Sections::new(gateway.place(), data);
                        if index > 0 {
                            sections.next().await?;
                        }
                        Ok::<_, RemoteError>(sections.rest())
                    }
                });
                let joined = parts.flat_map(|part| match part {
                    Ok(bytes) => bytes,
                    Err(error) => stream::iter([Err(error)]).boxed(),
                });
                Ok(Some(joined.boxed()))
            }
        }
    }

    /// Returns the CAR of `root`, whose first block was held against it, with that block.
    async fn verified_start(&self, item: &ItemId, root: &ContentId) -> Result<Option<ByteStream>, RemoteError> {
        let Some(car) = self.car_of(item, root).await? else { return Ok(None) };
        let mut sections = Sections::new(self.name(), car);
        let (Some(header), Some(first)) = (sections.next().await?, sections.next().await?) else { return Ok(None) };
        if !first.block(root).is_some_and(|block| root.verify(&block)) {
            return Ok(None);
        }
        let start = [header.bytes().clone(), first.bytes().clone()];
        Ok(Some(stream::iter(start.map(Ok)).chain(sections.rest()).boxed()))
    }

    /// Looks for a block in the CAR of the root that `receipt` is for, in one of the items that may hold it.
    async fn within(&self, id: &ContentId, receipt: &Receipt) -> Result<Option<Bytes>, RemoteError> {
        let named = receipt.locator.is_some();
        for item in self.candidates(&receipt.root, Some(receipt), None).await? {
            match self.within_item(id, &item, &receipt.root).await {
                Ok(None) => {}
                // Anybody can tag anything: what does not fit is not a lie of the gateway's.
                Err(_) if !named => {}
                found => return found,
            }
        }
        Ok(None)
    }

    async fn within_item(&self, id: &ContentId, item: &ItemId, root: &ContentId) -> Result<Option<Bytes>, RemoteError> {
        let Some(car) = self.car_of(item, root).await? else { return Ok(None) };
        let mut sections = Sections::new(self.name(), car);
        sections.next().await?;
        while let Some(section) = sections.next().await? {
            if let Some(block) = section.block(id) {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// Returns what of ours holds `wanted` already, with the verified bytes of its first block.
    async fn kept(&self, wanted: &Item, key: &KnownKey) -> Result<Option<ItemId>, RemoteError> {
        let root = &wanted.root;
        for item in self.candidates(root, None, Some(&key.address())).await? {
            let found = if is_block(wanted) {
                self.raw(&item).await.map(|bytes| bytes.is_some_and(|bytes| root.verify(&bytes)))
            } else {
                self.verified_start(&item, root).await.map(|car| car.is_some())
            };
            // One that cannot be read is not kept.
            if found.unwrap_or(false) {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    async fn give(&self, key: &KnownKey, tags: Vec<Tag>, data: &Spool, watch: &dyn Watch) -> Result<Taken, RemoteError> {
        match (&self.gateway.settings.bundler, key) {
            (Some(bundler), key) => self.gateway.post_item(bundler, key.signer(), tags, data, watch).await,
            (None, KnownKey::Arweave(key)) => self.gateway.post_transaction(key, &tags, data, watch).await,
            (None, KnownKey::Ethereum(_)) => Err(RemoteError::Credential {
                place: self.name().to_owned(),
                hint: "without a bundler an Arweave wallet pays: MODELMARK_ARWEAVE_KEY names its file".to_owned(),
            }),
        }
    }

    /// Gives a DAG away as one item, or as parts and a list of them.
    async fn give_dag(&self, key: &KnownKey, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<(Taken, u64), RemoteError> {
        let car = car_stream::export_item(store, item);
        let mut cutter = Cutter::new(self.name(), car, self.most).await?;
        let (mut parts, mut bytes, mut winston) = (Vec::new(), 0, Some(0_u128));
        while let Some(part) = cutter.next().await? {
            bytes += part.len();
            if parts.is_empty() && cutter.is_done() {
                let tags = tags(item, "application/vnd.ipld.car");
                return Ok((self.give(key, tags, &part, watch).await?, bytes));
            }
            let tags = vec![
                Tag::new("Content-Type", "application/vnd.ipld.car"),
                Tag::new("App-Name", "modelmark"),
                Tag::new("Part-Of", item.root.to_string()),
                Tag::new("Part", parts.len().to_string()),
            ];
            let taken = self.give(key, tags, &part, watch).await?;
            winston = winston.zip(taken.winston).map(|(sum, more)| sum.saturating_add(more));
            parts.push((taken.id, part.len()));
        }
        let list = serde_json::to_vec(&Parts::new(item.root, &parts)).map_err(|error| self.gateway.answer(&error.to_string()))?;
        let taken = self.give(key, tags(item, PARTS_TYPE), &Spool::of(&list)?, &()).await?;
        let winston = winston.zip(taken.winston).map(|(sum, more)| sum.saturating_add(more));
        Ok((Taken { id: taken.id, winston }, bytes + list.len() as u64))
    }

    /// Says what the chain says of a transaction of its own; `None` of items in bundles, of which it knows nothing.
    async fn confirmations(&self, id: &ItemId) -> Result<Option<PinState>, RemoteError> {
        let Some(status) = self.gateway.text(&format!("tx/{id}/status"), MAX_SHORT_ANSWER).await? else { return Ok(None) };
        let status: Value = serde_json::from_str(&status).unwrap_or(Value::String(status));
        let count = status.get("number_of_confirmations").and_then(Value::as_u64);
        Ok(Some(match (count, status.as_str()) {
            (Some(count), _) if count >= CONFIRMATIONS => PinState::Pinned,
            (Some(count), _) => PinState::Pending(format!("{count} of {CONFIRMATIONS} confirmations")),
            (None, Some(word)) => PinState::Pending(http::tame(word)),
            (None, None) => return Ok(None),
        }))
    }

    async fn kept_state(&self, id: &ItemId) -> Result<PinState, RemoteError> {
        if let Some(state) = self.confirmations(id).await? {
            return Ok(state);
        }
        if self.gateway.indexed(id).await?.is_some_and(|item| item.block.is_some_and(|block| !block.is_null())) {
            return Ok(PinState::Pinned);
        }
        let served = self.gateway.has(id).await?;
        Ok(if served { PinState::Pending("served, and in no block yet".to_owned()) } else { PinState::Absent })
    }
}

#[async_trait]
impl Remote for Arweave {
    fn name(&self) -> &str {
        self.gateway.place()
    }

    fn abilities(&self) -> Abilities {
        Abilities { put: self.key.is_some(), read: true, pin: false, apart: true }
    }

    /// Costs nothing where an item of ours with the same root is served already.
    async fn put(&self, item: &Item, store: Arc<dyn Store>, watch: &dyn Watch) -> Result<Receipt, RemoteError> {
        let missing = || RemoteError::Credential { place: self.name().to_owned(), hint: NO_KEY.to_owned() };
        let key = self.key.as_ref().ok_or_else(missing)?;
        let (taken, bytes) = match self.kept(item, key).await? {
            Some(id) => {
                watch.sent(item.bytes);
                (Taken { id, winston: Some(0) }, item.bytes)
            }
            None if is_block(item) => {
                let block = store.get(&item.root, MAX_BLOCK_BYTES)?;
                let block = block.ok_or_else(|| StorageError::Missing { id: item.root, store: store.name().to_owned() })?;
                let mut tags = tags(item, &item.media_type);
                tags.push(Tag::new("IPFS-Add", item.root.to_string()));
                (self.give(key, tags, &Spool::of(&block)?, watch).await?, block.len() as u64)
            }
            None => self.give_dag(key, item, store, watch).await?,
        };
        let cost = taken.winston.map(|amount| Cost { amount: amount.to_string(), unit: "winston".to_owned() });
        Ok(Receipt { locator: Some(taken.id.to_string()), cost, ..Receipt::now(item.root, self.name(), bytes) })
    }

    async fn block(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<Option<Unverified>, RemoteError> {
        if let Some(receipt) = receipt.filter(|receipt| receipt.locator.is_some()) {
            let block = match id.codec() {
                _ if *id == receipt.root && (receipt.alone || id.codec() == Codec::Raw) => self.raw(&self.locator(receipt)?).await?,
                _ => self.within(id, receipt).await?,
            };
            return Ok(block.map(Unverified::new));
        }
        for item in self.candidates(id, None, None).await? {
            // Anybody can tag anything: what does not fit is not a lie of the gateway's.
            let block = match id.codec() {
                Codec::Raw => self.raw(&item).await.unwrap_or_default(),
                Codec::DagPb => match self.verified_start(&item, id).await {
                    Ok(Some(car)) => {
                        let mut sections = Sections::new(self.name(), car);
                        sections.next().await?;
                        sections.next().await?.and_then(|section| section.block(id))
                    }
                    // A node without what it links to.
                    _ => self.raw(&item).await.unwrap_or_default(),
                },
            };
            if let Some(block) = block.filter(|block| id.verify(block)) {
                return Ok(Some(Unverified::new(block)));
            }
        }
        let Some(receipt) = receipt else { return Ok(None) };
        Ok(self.within(id, receipt).await?.map(Unverified::new))
    }

    async fn car(&self, want: &Want, receipt: Option<&Receipt>) -> Result<Option<ByteStream>, RemoteError> {
        match receipt {
            _ if want.root.codec() == Codec::Raw => Ok(None),
            // What lies below what the receipt is for is asked for block by block.
            Some(receipt) if receipt.root != want.root && receipt.locator.is_some() => Ok(None),
            Some(receipt) if receipt.locator.is_some() => self.car_of(&self.locator(receipt)?, &want.root).await,
            _ => {
                for item in self.candidates(&want.root, None, None).await? {
                    if let Ok(Some(car)) = self.verified_start(&item, &want.root).await {
                        return Ok(Some(car));
                    }
                }
                Ok(None)
            }
        }
    }

    async fn has(&self, id: &ContentId, receipt: Option<&Receipt>) -> Result<bool, RemoteError> {
        for item in self.candidates(id, receipt, None).await? {
            if self.gateway.has(&item).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Checks the signature of what is small again, too; one that does not hold is [`PinState::Failed`].
    async fn state(&self, receipt: &Receipt) -> Result<PinState, RemoteError> {
        let id = self.locator(receipt)?;
        let state = self.kept_state(&id).await?;
        if state == PinState::Absent {
            return Ok(state);
        }
        match self.gateway.signed(&id, MAX_CHECKED).await? {
            Signed::No(reason) => Ok(PinState::Failed(format!("the item is not what its id says: {}", http::tame(&reason)))),
            Signed::Yes(_) | Signed::NotGiven(_) => Ok(state),
        }
    }

    /// The price of a transaction of its own; bundlers take more or less, and often nothing for a record.
    async fn estimate(&self, bytes: u64) -> Result<Option<Cost>, RemoteError> {
        let winston = self.gateway.price(bytes).await?;
        Ok(Some(Cost { amount: winston.to_string(), unit: "winston".to_owned() }))
    }
}

/// Tells whether an item holds a block as it is, and no CAR.
fn is_block(item: &Item) -> bool {
    item.alone || item.root.codec() == Codec::Raw
}

/// The tags by which what we keep is found and shown.
fn tags(item: &Item, media_type: &str) -> Vec<Tag> {
    let mut tags =
        vec![Tag::new("Content-Type", media_type), Tag::new("App-Name", "modelmark"), Tag::new("IPFS-CID", item.root.to_string())];
    // ANS-110, which explorers show, has titles of at most 150 characters.
    if let Some(name) = item.name.as_deref().map(http::tame).filter(|name| !name.is_empty()) {
        tags.push(Tag::new("Title", name.chars().take(150).collect::<String>()));
    }
    tags
}
