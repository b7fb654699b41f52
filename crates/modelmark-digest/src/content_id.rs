//! Content identifiers: the subset of CIDs that modelmark writes and accepts.
//!
//! A CID that names another hash, version or codec is refused where it enters, so that everything behind this type can re-hash what it names.

use std::fmt;
use std::str::FromStr;

use cid::Cid;
use multihash::Multihash;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Sha256Digest;

const SHA2_256: u64 = 0x12;
const RAW: u64 = 0x55;
const DAG_PB: u64 = 0x70;

/// What the bytes behind a [`ContentId`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// Bytes as they are (multicodec `raw`, 0x55).
    Raw,
    /// A UnixFS node (multicodec `dag-pb`, 0x70).
    DagPb,
}

/// A CIDv1 over SHA-256 with codec `raw` or `dag-pb`, shown in lower-case base32 (`bafk…`, `bafy…`).
///
/// See the CID specification of the multiformats project; these are the CIDs of `ipfs add --cid-version 1 --raw-leaves`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId {
    codec: Codec,
    digest: Sha256Digest,
}

/// The text or bytes are not a CID that modelmark accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentIdError {
    /// Not a CID at all.
    #[error("not a CID: {0:?}")]
    Syntax(String),
    /// A CID, but not version 1 over 32-byte SHA-256 with codec raw or dag-pb.
    #[error("unsupported CID {0}: only CIDv1 with sha2-256 and codec raw or dag-pb is accepted")]
    Unsupported(String),
}

impl ContentId {
    /// Returns the CID of `bytes` as a raw block.
    #[must_use]
    pub fn raw(bytes: &[u8]) -> Self {
        Self::from_digest(Codec::Raw, Sha256Digest::of(bytes))
    }

    /// Returns the CID of the encoded dag-pb `block`.
    #[must_use]
    pub fn dag_pb(block: &[u8]) -> Self {
        Self::from_digest(Codec::DagPb, Sha256Digest::of(block))
    }

    /// Returns the CID that has this codec and digest.
    #[must_use]
    pub const fn from_digest(codec: Codec, digest: Sha256Digest) -> Self {
        Self { codec, digest }
    }

    /// Reads a CID as others may spell it: any multibase, and version 0 (`Qm…`), which names the same block as the version 1 CID of codec dag-pb with
    /// its digest.
    ///
    /// # Errors
    /// When it is no CID, or one of another hash or codec.
    pub fn from_any_version(text: &str) -> Result<Self, ContentIdError> {
        // Version 0 has one spelling: 46 characters of base58.
        if text.len() != 46 || !text.starts_with("Qm") {
            return text.parse();
        }
        let syntax = || ContentIdError::Syntax(text.chars().take(120).collect());
        let cid = Cid::from_str(text).map_err(|_| syntax())?;
        Self::try_from(Cid::new_v1(DAG_PB, *cid.hash()))
    }

    /// Returns the digest inside the CID.
    #[must_use]
    pub const fn digest(&self) -> Sha256Digest {
        self.digest
    }

    /// Returns what the bytes behind the CID are.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Tells whether `block` is the block that this CID names.
    #[must_use]
    pub fn verify(&self, block: &[u8]) -> bool {
        Sha256Digest::of(block) == self.digest
    }

    /// Returns the binary form (36 bytes), as it stands in dag-pb links and CAR files.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let codec = match self.codec {
            Codec::Raw => 0x55,
            Codec::DagPb => 0x70,
        };
        let mut out = vec![1, codec, 0x12, 32];
        out.extend_from_slice(self.digest.as_bytes());
        out
    }
}

impl TryFrom<Cid> for ContentId {
    type Error = ContentIdError;

    fn try_from(cid: Cid) -> Result<Self, Self::Error> {
        let unsupported = || ContentIdError::Unsupported(cid.to_string());
        let codec = match (cid.version(), cid.codec()) {
            (cid::Version::V1, RAW) => Codec::Raw,
            (cid::Version::V1, DAG_PB) => Codec::DagPb,
            _ => return Err(unsupported()),
        };
        if cid.hash().code() != SHA2_256 {
            return Err(unsupported());
        }
        let digest: [u8; 32] = cid.hash().digest().try_into().map_err(|_| unsupported())?;
        Ok(Self { codec, digest: digest.into() })
    }
}

impl TryFrom<&[u8]> for ContentId {
    type Error = ContentIdError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        Cid::try_from(bytes).map_err(|error| ContentIdError::Syntax(error.to_string()))?.try_into()
    }
}

impl FromStr for ContentId {
    type Err = ContentIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let syntax = || ContentIdError::Syntax(text.chars().take(120).collect());
        // `Cid::from_str` also takes an `ipfs/…` path; an id is not a path.
        if text.len() > 120 || text.contains('/') {
            return Err(syntax());
        }
        Cid::from_str(text).map_err(|_| syntax())?.try_into()
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codec = match self.codec {
            Codec::Raw => RAW,
            Codec::DagPb => DAG_PB,
        };
        let hash = Multihash::wrap(SHA2_256, self.digest.as_bytes()).map_err(|_| fmt::Error)?;
        fmt::Display::fmt(&Cid::new_v1(codec, hash), f)
    }
}

impl fmt::Debug for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ContentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    #[test]
    fn text_and_bytes_round_trip() {
        // `ipfs add --cid-version 1 --raw-leaves` of an empty file.
        let empty = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
        let id = ContentId::raw(b"");
        assert_eq!(id.to_string(), empty);
        assert_eq!(empty.parse::<ContentId>().unwrap(), id);
        assert_eq!(ContentId::try_from(id.to_bytes().as_slice()).unwrap(), id);
        assert!(id.verify(b"") && !id.verify(b"x"));
    }

    #[test]
    fn refuses_other_versions_hashes_and_paths() {
        for bad in [
            "",
            "x",
            "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
            "/ipfs/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
            "bafkrgqg5v46u2lp5vtqmfqgk",
        ] {
            assert!(bad.parse::<ContentId>().is_err(), "{bad}");
        }
    }
}
