//! Metadata of ERC-721 tokens that others minted: where they put the digest of a model, and how they spell it. Normative: `docs/spec/import.md`.
//!
//! Reading is pure and bounded, follows no address, and guesses nothing: what has two readings is a [`Fault`] with a code.

mod fault;
mod find;
mod spelling;
mod table;
mod uri;

use std::fmt;

use modelmark_digest::{Blake3Digest, ContentId, Keccak256Digest, Sha256Digest};

pub(crate) use find::{TRAIT_LISTS, trait_of};
pub(crate) use table::plain;

pub use fault::{Fault, FaultCode};
pub use uri::{MAX_TOKEN_URI_BYTES, TokenUri};

/// Longest metadata that is read, in bytes.
pub const MAX_METADATA_BYTES: usize = 1 << 20;
/// Most digests of one document.
const MAX_STATEMENTS: usize = 64;

/// What foreign metadata says of a model's bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignMetadata {
    /// The digests that it states, in the order of the document.
    pub statements: Vec<Statement>,
    /// What has no reading or more than one. Whoever finds anything here must not believe the statements.
    pub faults: Vec<Fault>,
}

/// One digest, and what it is said to be of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Where it stands, such as `provenance.weightsHash`.
    pub place: String,
    /// What it is of.
    pub subject: Subject,
    /// The digest.
    pub digest: StatedDigest,
    /// Whether the algorithm is SHA-256 only because none is named.
    pub inferred: bool,
}

/// What a digest is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The weights of the model.
    Weights,
    /// The model: its weights, or as a CID also the whole folder.
    Model,
}

/// A digest with its algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatedDigest {
    /// SHA-256 of the bytes.
    Sha256(Sha256Digest),
    /// Keccak-256 of the bytes.
    Keccak256(Keccak256Digest),
    /// BLAKE3 of the bytes.
    Blake3(Blake3Digest),
    /// A CID; which bytes it names depends on how they were cut.
    Cid(ContentId),
}

impl ForeignMetadata {
    /// Reads metadata.
    ///
    /// # Errors
    /// When the bytes are too long, or not one JSON object in which no key stands twice.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        find::find(bytes)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Weights => "the weights",
            Self::Model => "the model",
        })
    }
}

impl fmt::Display for StatedDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(digest) => write!(f, "SHA-256 {digest}"),
            Self::Keccak256(digest) => write!(f, "Keccak-256 {digest}"),
            Self::Blake3(digest) => write!(f, "BLAKE3 {digest}"),
            Self::Cid(cid) => write!(f, "CID {cid}"),
        }
    }
}
