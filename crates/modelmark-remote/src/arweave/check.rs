//! Whether an item is what its id says, from what a gateway gives of it.
//!
//! Gateways give the data alone. The rest of an item stands in their index, and a transaction of its own under `tx/ID`; put together again they are
//! held against the id. An index leaves things out (arlocal the anchor) and has tags as text, so that it does not fit proves nothing against it.

use std::io;

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use futures_util::TryStreamExt as _;

use super::chunks::Chunks;
use super::gateway::{Gateway, Indexed};
use super::transaction::Transaction;
use super::{DataItem, Draft, ItemId, MAX_HEAD_BYTES, SignatureType, Tag, bound_data};
use crate::RemoteError;

/// Longest answer with a transaction without its data, in bytes.
const MAX_TRANSACTION: u64 = 1 << 20;

/// What came of looking at an item's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signed {
    /// The id is that of the signature, and the owner signed these data. The text is the owner's address: the SHA-256 of its public key.
    Yes(ItemId),
    /// The gateway does not give what is needed; the text says what.
    NotGiven(String),
    /// What the gateway gives contradicts the id; the text says how.
    No(String),
}

impl Gateway {
    /// Returns a whole item, put together and verified, if its data are not longer than `limit`.
    pub(crate) async fn item(&self, id: &ItemId, limit: u64) -> Result<Option<DataItem>, RemoteError> {
        let Some(indexed) = self.indexed(id).await? else { return Ok(None) };
        let Some(data) = self.small_data(id, limit).await? else { return Ok(None) };
        Ok(assemble(&indexed, id, &data).ok())
    }

    /// Checks the signature of an item or a transaction with at most `limit` bytes of data.
    pub(crate) async fn signed(&self, id: &ItemId, limit: u64) -> Result<Signed, RemoteError> {
        let Some(indexed) = self.indexed(id).await? else {
            return Ok(Signed::NotGiven("the gateway's index does not have it yet".to_owned()));
        };
        let given = decoded(indexed.signature.as_deref()).filter(|signature| !signature.is_empty());
        if let Some(found) = given.map(|signature| ItemId::of(&signature)).filter(|found| found != id) {
            return Ok(Signed::No(format!("its signature is that of {found}")));
        }
        if indexed.size().is_some_and(|size| size > limit) {
            return Ok(Signed::NotGiven(format!("it has more than {limit} bytes, which are not read for this")));
        }
        let Some(data) = self.small_data(id, limit).await? else {
            return Ok(Signed::NotGiven("the gateway does not have its data".to_owned()));
        };
        match assemble(&indexed, id, &data) {
            Ok(item) => Ok(Signed::Yes(ItemId::of(item.owner()))),
            Err(reason) => self.transaction(id, &data, reason).await,
        }
    }

    /// Checks a transaction of its own.
    async fn transaction(&self, id: &ItemId, data: &[u8], reason: String) -> Result<Signed, RemoteError> {
        let Some(text) = self.text(&format!("tx/{id}"), MAX_TRANSACTION).await? else { return Ok(Signed::NotGiven(reason)) };
        let Ok(transaction) = Transaction::from_json(text.as_bytes()) else { return Ok(Signed::NotGiven(reason)) };
        let size = data.len() as u64;
        let root = Chunks::of(io::Cursor::new(data), size).map_or([0; 32], |chunks| chunks.root());
        Ok(match transaction.verify(id, size, root) {
            Ok(owner) => Signed::Yes(owner),
            Err(error) => Signed::No(error.to_string()),
        })
    }
}

/// Puts an item together from what an index says and its data, and verifies it; the error says why that is not possible.
fn assemble(indexed: &Indexed, id: &ItemId, data: &[u8]) -> Result<DataItem, String> {
    let missing = |what: &str| format!("the gateway's index does not give its {what}");
    let signature = decoded(indexed.signature.as_deref()).ok_or_else(|| missing("signature"))?;
    let owner = indexed.owner.as_ref().and_then(|owner| decoded(owner.key.as_deref())).ok_or_else(|| missing("owner"))?;
    let field = |text: Option<&str>| decoded(text).filter(|bytes| !bytes.is_empty()).map(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let (target, anchor) = (field(indexed.recipient.as_deref()), field(indexed.anchor.as_deref()));
    let tags = indexed.tags.iter().map(|tag| Tag::new(&tag.name, &tag.value)).collect();
    let draft = Draft { target: target.flatten(), anchor: anchor.flatten(), tags };
    let mut kinds = SignatureType::ALL.into_iter();
    let fits = |kind: &SignatureType| kind.signature_bytes() == signature.len() && kind.owner_bytes() == owner.len();
    let item = kinds.find_map(|kind| {
        let mut bytes = fits(&kind).then(|| draft.head(kind, &signature, &owner).ok())??;
        bytes.reserve_exact(data.len());
        bytes.extend_from_slice(data);
        let bytes = Bytes::from(bytes);
        bound_data(id, bytes.clone()).ok()?;
        DataItem::read(bytes).ok()
    });
    item.ok_or_else(|| "what the gateway's index gives of it is not all that was signed".to_owned())
}

fn decoded(text: Option<&str>) -> Option<Vec<u8>> {
    // Longer than the longest field: not worth decoding.
    BASE64URL_NOPAD.decode(text.filter(|text| text.len() < MAX_HEAD_BYTES)?.as_bytes()).ok()
}

/// Collects a stream that is bounded already.
pub(crate) async fn collected(stream: crate::ByteStream) -> Result<Bytes, RemoteError> {
    let chunks: Vec<Bytes> = stream.try_collect().await?;
    Ok(chunks.concat().into())
}
