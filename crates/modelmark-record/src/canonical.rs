//! Canonical bytes of a record and the id that follows from them.

use std::fmt;
use std::str::FromStr;

use alloy_primitives::Address;
use modelmark_digest::{Codec, ContentId, ParseDigestError, Sha256Digest};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::{Bounds, read_canonical, write_canonical};
use crate::{Record, RecordError, SigningRequest, check};

/// Longest record in bytes.
pub const MAX_RECORD_BYTES: usize = 1 << 20;
/// Deepest nesting of a record.
pub const MAX_RECORD_DEPTH: usize = 32;

const BOUNDS: Bounds = Bounds { what: "record", bytes: MAX_RECORD_BYTES, depth: MAX_RECORD_DEPTH };

/// SHA-256 of a record's canonical bytes; shown as `0x` and 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(Sha256Digest);

impl RecordId {
    /// Returns the digest, the token's `recordDigest`.
    #[must_use]
    pub const fn digest(self) -> Sha256Digest {
        self.0
    }

    /// Returns the CID of the record's bytes as a raw block (`bafkrei…`).
    #[must_use]
    pub const fn cid(self) -> ContentId {
        ContentId::from_digest(Codec::Raw, self.0)
    }

    /// Returns `ipfs://<cid>`, what a token's `tokenURI` answers by default.
    #[must_use]
    pub fn token_uri(self) -> String {
        format!("ipfs://{}", self.cid())
    }
}

impl From<Sha256Digest> for RecordId {
    fn from(digest: Sha256Digest) -> Self {
        Self(digest)
    }
}

impl FromStr for RecordId {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", self.0)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::value::hash::deserialize(deserializer).map(Self)
    }
}

/// A record together with its canonical bytes and id; the three always agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalRecord {
    record: Record,
    bytes: Vec<u8>,
    id: RecordId,
}

impl CanonicalRecord {
    /// Reads a record from its canonical bytes.
    ///
    /// # Errors
    ///
    /// See [`Record::parse`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let record: Record = read_canonical(bytes, BOUNDS)?;
        check::record(&record)?;
        Ok(Self { record, bytes: bytes.to_vec(), id: RecordId(Sha256Digest::of(bytes)) })
    }

    pub(crate) fn encode(record: &Record) -> Result<Self, RecordError> {
        check::private(record)?;
        let bytes = write_canonical(record, BOUNDS)?;
        // Reading back proves that every reader will accept what is about to be signed.
        Self::parse(&bytes)
    }

    /// Returns the canonical bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the id: SHA-256 of the bytes.
    #[must_use]
    pub const fn id(&self) -> RecordId {
        self.id
    }

    /// Returns the CID of the bytes.
    #[must_use]
    pub const fn cid(&self) -> ContentId {
        self.id.cid()
    }

    /// Returns the record.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// Returns the record alone.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.record
    }

    /// Returns what the creator signs.
    #[must_use]
    pub fn authorship(&self) -> SigningRequest {
        SigningRequest::of_creator(self)
    }

    /// Returns what `account` signs, if the record names it as its creator or a contributor.
    #[must_use]
    pub fn signing_request(&self, account: Address) -> Option<SigningRequest> {
        SigningRequest::of(self, account)
    }
}
