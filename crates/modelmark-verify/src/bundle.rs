//! A bundle: everything that a verifier needs beside the model's files, in one file. See `docs/spec/bundle.md`.
//!
//! A bundle has one spelling (canonical JSON, RFC 8785) and names the SHA-256 of its own content, so that a byte that changed on its way is noticed. Who
//! changes content and digest together changes what is proven: the block's hash, the token's id, the record's digest.

mod offline;

use data_encoding::BASE64;
use modelmark_chain::{Address, Block, ChainId, Claim, ProvenTokens, TokenId, TokenProof, TokenProofError, TokenRef};
use modelmark_digest::Sha256Digest;
use modelmark_record::{MAX_RECORD_BYTES, MAX_SIGNATURES_BYTES, Record};
use serde::{Deserialize, Serialize};

pub use self::offline::{Offline, bundle_evidence, verify_bundle};

/// Longest bundle that is read, in bytes.
pub const MAX_BUNDLE_BYTES: usize = 32 << 20;
/// The version that is written and read.
const VERSION: u32 = 1;
/// What the first field says.
const FORMAT: &str = "modelmark-bundle";
/// Most signature documents, claims of others, and records of ancestors.
const MAX_ITEMS: usize = 256;

/// A block's hash that the reader trusts.
pub type TrustedBlock = [u8; 32];

/// What a bundle is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Bundle {
    format: String,
    version: u32,
    content: Content,
    /// Of the content's canonical JSON.
    sha256: Sha256Digest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Content {
    proof: TokenProof,
    /// The record's bytes.
    record: Packed,
    /// Signature documents.
    signatures: Vec<Packed>,
    /// The oldest tokens with the same weights, by the word of whoever made the bundle.
    claims: Vec<Rival>,
    /// Records of ancestors.
    lineage: Vec<Packed>,
}

/// A token that names the same weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rival {
    /// The token's id, in the same registry.
    pub token: TokenId,
    /// Who claims to have made the model.
    pub creator: Address,
    /// Block of the mint.
    pub block: u64,
}

/// Bytes as base64 (RFC 4648, padded).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Packed(Vec<u8>);

impl Serialize for Packed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A bundle is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// More bytes, or more of something, than is read.
    #[error("it holds more {what} than the {most} that are read")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The most that is read.
        most: usize,
    },
    /// Not JSON of the documented shape.
    #[error("it is not a bundle: {0}")]
    Shape(String),
    /// Of another version.
    #[error("it is a {format:.40?} of version {version}; version {VERSION} of {FORMAT:?} is read here")]
    Version {
        /// What it calls itself.
        format: String,
        /// Its version.
        version: u32,
    },
    /// The same content in another spelling.
    #[error("it is not canonical JSON: byte {0} is not what it should be")]
    NotCanonical(usize),
    /// The content is not that which the bundle was made with.
    #[error("its content has the SHA-256 {found}, it says {stated}: it was changed, or did not arrive whole")]
    Digest {
        /// What the bundle says.
        stated: Sha256Digest,
        /// What is there.
        found: Sha256Digest,
    },
    /// What it says of the token is not proven.
    #[error("its proof does not hold: {0}")]
    Proof(#[from] TokenProofError),
    /// A record in it is not the token's.
    #[error("a record in it is not that of a token that it speaks of (SHA-256 {0})")]
    Record(Sha256Digest),
    /// The block is not the one that the reader trusts.
    #[error("it speaks of block {found}, which is not the trusted {trusted}")]
    Block {
        /// The block that it speaks of.
        found: String,
        /// The one that the reader trusts.
        trusted: String,
    },
    /// The chain is not the one that the reader demands.
    #[error("it speaks of the chain {found}, and {demanded} is demanded")]
    Chain {
        /// The chain that it speaks of.
        found: ChainId,
        /// The one that the reader demands.
        demanded: ChainId,
    },
}

impl BundleError {
    /// Returns the reason as a code for programs; codes are never renamed.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "bundle.size",
            Self::Shape(_) => "bundle.shape",
            Self::Version { .. } => "bundle.version",
            Self::NotCanonical(_) => "bundle.canonical",
            Self::Digest { .. } => "bundle.digest",
            Self::Proof(_) => "bundle.proof",
            Self::Record(_) => "bundle.record",
            Self::Block { .. } => "bundle.block",
            Self::Chain { .. } => "bundle.chain",
        }
    }
}

impl Bundle {
    /// Makes a bundle of what was found; what does not belong together is refused as a reader would refuse it.
    ///
    /// # Errors
    /// The proof does not hold, the record is not the token's, or there is more of something than is read.
    pub fn new(
        proof: TokenProof,
        record: Vec<u8>,
        signatures: Vec<Vec<u8>>,
        claims: &[Claim],
        lineage: Vec<Vec<u8>>,
    ) -> Result<Self, BundleError> {
        let rivals = claims.iter().filter(|claim| claim.token_id != proof.token().id()).take(MAX_ITEMS);
        let claims = rivals.map(|claim| Rival { token: claim.token_id, creator: claim.creator, block: claim.block }).collect();
        let mut signatures: Vec<_> = signatures.into_iter().map(Packed).collect();
        signatures.sort_by(|a, b| a.0.cmp(&b.0));
        signatures.dedup();
        let content = Content { proof, record: Packed(record), signatures, claims, lineage: lineage.into_iter().map(Packed).collect() };
        let sha256 = Sha256Digest::of(&canonical(&content)?);
        let bundle = Self { format: FORMAT.to_owned(), version: VERSION, content, sha256 };
        bundle.check(&[])?;
        Ok(bundle)
    }

    /// Returns the bundle's bytes: the same ones for the same content.
    ///
    /// # Errors
    /// There are more than are read.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BundleError> {
        let bytes = canonical(self)?;
        if bytes.len() > MAX_BUNDLE_BYTES { Err(BundleError::TooLarge { what: "bytes", most: MAX_BUNDLE_BYTES }) } else { Ok(bytes) }
    }

    /// Reads a bundle. Whether it is true is for [`Bundle::check`] to say.
    ///
    /// # Errors
    /// It is too large, of another shape or version, in another spelling, or changed.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::TooLarge { what: "bytes", most: MAX_BUNDLE_BYTES });
        }
        let bundle: Self = serde_json::from_slice(bytes).map_err(|error| BundleError::Shape(error.to_string()))?;
        if bundle.version != VERSION || bundle.format != FORMAT {
            return Err(BundleError::Version { format: bundle.format, version: bundle.version });
        }
        let canonical_bytes = canonical(&bundle)?;
        if canonical_bytes != bytes {
            let same = canonical_bytes.iter().zip(bytes).take_while(|(a, b)| a == b).count();
            return Err(BundleError::NotCanonical(same));
        }
        let found = Sha256Digest::of(&canonical(&bundle.content)?);
        if found != bundle.sha256 {
            return Err(BundleError::Digest { stated: bundle.sha256, found });
        }
        Ok(bundle)
    }

    /// Checks what the bundle says of the token, and that it speaks of a block that the reader trusts, if any is named.
    ///
    /// # Errors
    /// The proof does not hold, it speaks of another block, or a record is not that of a token.
    pub fn check(&self, trusted: &[TrustedBlock]) -> Result<ProvenTokens, BundleError> {
        let content = &self.content;
        let bound = |what, most: usize, found: usize| if found > most { Err(BundleError::TooLarge { what, most }) } else { Ok(()) };
        bound("bytes of the record", MAX_RECORD_BYTES, content.record.0.len())?;
        bound("signature documents", MAX_ITEMS, content.signatures.len())?;
        bound("claims", MAX_ITEMS, content.claims.len())?;
        bound("records of ancestors", MAX_ITEMS, content.lineage.len())?;
        for signatures in &content.signatures {
            bound("bytes of a signature document", MAX_SIGNATURES_BYTES, signatures.0.len())?;
        }
        let proven = content.proof.check()?;
        if !trusted.is_empty() && !trusted.contains(&proven.block.hash.0) {
            let hash = |trusted: &TrustedBlock| format!("0x{}", data_encoding::HEXLOWER.encode(trusted));
            let trusted = trusted.iter().map(hash).collect::<Vec<_>>().join(", ");
            return Err(BundleError::Block { found: proven.block.hash.to_string(), trusted });
        }
        let own = proven.tokens.get(&proven.token.id()).map(|token| token.record);
        let digest = Sha256Digest::of(&content.record.0);
        if own != Some(digest) {
            return Err(BundleError::Record(digest));
        }
        for record in &content.lineage {
            bound("bytes of a record", MAX_RECORD_BYTES, record.0.len())?;
            let digest = Sha256Digest::of(&record.0);
            if !proven.tokens.values().any(|token| token.record == digest) {
                return Err(BundleError::Record(digest));
            }
        }
        Ok(proven)
    }

    /// Returns the token that the bundle is about.
    #[must_use]
    pub const fn token(&self) -> TokenRef {
        self.content.proof.token()
    }

    /// Returns the record's bytes.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        &self.content.record.0
    }

    /// Returns the signature documents.
    pub fn signatures(&self) -> impl Iterator<Item = &[u8]> {
        self.content.signatures.iter().map(|document| document.0.as_slice())
    }

    /// Returns the other tokens with the same weights, by the word of whoever made the bundle.
    #[must_use]
    pub fn rivals(&self) -> &[Rival] {
        &self.content.claims
    }

    /// Returns the records of ancestors that come along and can be read.
    pub fn lineage(&self) -> impl Iterator<Item = Record> {
        self.content.lineage.iter().filter_map(|record| Record::parse(&record.0).ok())
    }

    /// Returns the SHA-256 of the content, which names the bundle.
    #[must_use]
    pub const fn digest(&self) -> Sha256Digest {
        self.sha256
    }
}

/// Returns when a block was made, for people.
pub(crate) fn time(block: &Block) -> String {
    rfc3339(block.time)
}

/// Returns a Unix time in seconds as RFC 3339 has it, for people; the last second that has a name there for all after it.
#[must_use]
pub fn rfc3339(seconds: u64) -> String {
    let time = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds.min(MAX_TIME)));
    time.map_or_else(|| seconds.to_string(), |time| humantime::format_rfc3339_seconds(time).to_string())
}

/// The last second of the year 9999, beyond which RFC 3339 has no times.
const MAX_TIME: u64 = 253_402_300_799;

fn canonical(value: &impl Serialize) -> Result<Vec<u8>, BundleError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| BundleError::Shape(error.to_string()))
}
