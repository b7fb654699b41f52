//! Data items of ANS-104: bytes with tags, signed.
//!
//! ```text
//! u16 signature type | signature | owner | 0 or 1, target[32] | 0 or 1, anchor[32] | u64 number of tags | u64 their bytes | tags | data
//! ```

use bytes::Bytes;

use super::{BlobHash, DeepHash, ItemError, ItemId, ItemSigner, MAX_TAG_BYTES, SignatureType, Tag, blob, list, tags};

/// Most bytes of an item before its data.
pub const MAX_HEAD_BYTES: usize = 2 + 512 + 512 + 33 + 33 + 16 + MAX_TAG_BYTES;

/// What is signed, without the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// 32 bytes with a meaning of the application's own, usually an address.
    pub target: Option<[u8; 32]>,
    /// 32 bytes that make items with the same content differ.
    pub anchor: Option<[u8; 32]>,
    /// The tags.
    pub tags: Vec<Tag>,
}

impl Draft {
    /// Returns a draft with these tags alone.
    #[must_use]
    pub const fn new(tags: Vec<Tag>) -> Self {
        Self { target: None, anchor: None, tags }
    }

    /// Signs it together with the data that `data` is the hash of; the item is what is returned, followed by that data.
    ///
    /// # Errors
    /// [`ItemError::Tags`] for more than an item may have, [`ItemError::Key`] when the key cannot sign.
    pub fn sign(&self, data: BlobHash, signer: &dyn ItemSigner) -> Result<(ItemId, Vec<u8>), ItemError> {
        let (kind, owner) = (signer.signature_type(), signer.owner());
        let raw = tags::encode(&self.tags)?;
        let message = message(kind, owner, self.target.as_ref(), self.anchor.as_ref(), &raw, data.finish());
        let signature = signer.sign(&message).map_err(ItemError::Key)?;
        // A key that stays elsewhere may be another than it said; better to notice before anybody is paid.
        kind.verify(owner, &message, &signature)?;
        let head = self.head(kind, &signature, owner)?;
        Ok((ItemId::of(&signature), head))
    }

    /// Returns what stands before the data of an item with this signature.
    pub(crate) fn head(&self, kind: SignatureType, signature: &[u8], owner: &[u8]) -> Result<Vec<u8>, ItemError> {
        let raw = tags::encode(&self.tags)?;
        let mut head = kind.number().to_le_bytes().to_vec();
        head.extend_from_slice(signature);
        head.extend_from_slice(owner);
        for field in [&self.target, &self.anchor] {
            head.push(u8::from(field.is_some()));
            head.extend(field.iter().flatten());
        }
        head.extend_from_slice(&(self.tags.len() as u64).to_le_bytes());
        head.extend_from_slice(&(raw.len() as u64).to_le_bytes());
        head.extend_from_slice(&raw);
        Ok(head)
    }

    /// Signs it with data that is at hand.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub fn item(&self, data: &[u8], signer: &dyn ItemSigner) -> Result<DataItem, ItemError> {
        let mut hash = BlobHash::default();
        hash.update(data);
        let (_, mut bytes) = self.sign(hash, signer)?;
        bytes.extend_from_slice(data);
        DataItem::read(bytes.into())
    }
}

/// A data item as somebody wrote it: well-formed, and not yet [verified](Self::verify).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataItem {
    bytes: Bytes,
    kind: SignatureType,
    signature: Bytes,
    owner: Bytes,
    target: Option<[u8; 32]>,
    anchor: Option<[u8; 32]>,
    raw_tags: Bytes,
    tags: Vec<Tag>,
    data: Bytes,
}

impl DataItem {
    /// Reads the bytes of a whole item. Nothing is copied but the tags.
    ///
    /// # Errors
    /// When they are none, or its tags are more than is accepted.
    pub fn read(bytes: Bytes) -> Result<Self, ItemError> {
        let mut rest = bytes.clone();
        let kind = SignatureType::try_from(u16::from_le_bytes(fixed(&mut rest, "signature type")?))?;
        let signature = take(&mut rest, kind.signature_bytes(), "signature")?;
        let owner = take(&mut rest, kind.owner_bytes(), "owner")?;
        let target = optional(&mut rest, "target")?;
        let anchor = optional(&mut rest, "anchor")?;
        let count = u64::from_le_bytes(fixed(&mut rest, "number of tags")?);
        let length = u64::from_le_bytes(fixed(&mut rest, "length of tags")?);
        let too_long = || ItemError::Tags(format!("{length} bytes; at most {MAX_TAG_BYTES} are accepted"));
        let length = usize::try_from(length).ok().filter(|length| *length <= MAX_TAG_BYTES).ok_or_else(too_long)?;
        let raw_tags = take(&mut rest, length, "tags")?;
        let tags = tags::decode(&raw_tags, count)?;
        Ok(Self { bytes, kind, signature, owner, target, anchor, raw_tags, tags, data: rest })
    }

    /// Checks that its owner signed it.
    ///
    /// # Errors
    /// [`ItemError::Signature`].
    pub fn verify(&self) -> Result<(), ItemError> {
        self.kind.verify(&self.owner, &self.message(), &self.signature)
    }

    /// Returns what is signed.
    #[must_use]
    pub fn message(&self) -> DeepHash {
        message(self.kind, &self.owner, self.target.as_ref(), self.anchor.as_ref(), &self.raw_tags, blob(&self.data))
    }

    /// Returns its id, which its signature gives.
    #[must_use]
    pub fn id(&self) -> ItemId {
        ItemId::of(&self.signature)
    }

    /// Returns the kind of its signature.
    #[must_use]
    pub const fn signature_type(&self) -> SignatureType {
        self.kind
    }

    /// Returns the public key that it says it was signed with.
    #[must_use]
    pub const fn owner(&self) -> &Bytes {
        &self.owner
    }

    /// Returns its target.
    #[must_use]
    pub const fn target(&self) -> Option<&[u8; 32]> {
        self.target.as_ref()
    }

    /// Returns its anchor.
    #[must_use]
    pub const fn anchor(&self) -> Option<&[u8; 32]> {
        self.anchor.as_ref()
    }

    /// Returns its tags.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Returns its data.
    #[must_use]
    pub const fn data(&self) -> &Bytes {
        &self.data
    }

    /// Returns the whole item.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// Returns what is signed of an item.
pub(crate) fn message(
    kind: SignatureType,
    owner: &[u8],
    target: Option<&[u8; 32]>,
    anchor: Option<&[u8; 32]>,
    raw_tags: &[u8],
    data: DeepHash,
) -> DeepHash {
    let optional = |field: Option<&[u8; 32]>| blob(field.map_or(&[], |field| field.as_slice()));
    list(&[
        blob(b"dataitem"),
        blob(b"1"),
        blob(kind.number().to_string().as_bytes()),
        blob(owner),
        optional(target),
        optional(anchor),
        blob(raw_tags),
        data,
    ])
}

fn take(rest: &mut Bytes, length: usize, what: &'static str) -> Result<Bytes, ItemError> {
    if rest.len() < length { Err(ItemError::Cut(what)) } else { Ok(rest.split_to(length)) }
}

fn fixed<const N: usize>(rest: &mut Bytes, what: &'static str) -> Result<[u8; N], ItemError> {
    let (bytes, _) = rest.split_first_chunk().ok_or(ItemError::Cut(what))?;
    let bytes = *bytes;
    take(rest, N, what)?;
    Ok(bytes)
}

fn optional(rest: &mut Bytes, field: &'static str) -> Result<Option<[u8; 32]>, ItemError> {
    match fixed(rest, field)? {
        [0] => Ok(None),
        [1] => fixed(rest, field).map(Some),
        [byte] => Err(ItemError::Presence { field, byte }),
    }
}
