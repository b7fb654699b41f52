//! Why a dataset has no root, or a question about it no proof.

use modelmark_digest::merkle::ProofError;
use modelmark_digest::{ModelPathError, Sha256Digest};

use crate::DataPath;

/// A dataset that cannot be committed to, or a proof that does not exist.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// Two names of the file system are one path in Normalization Form C.
    #[error("two files have the same path in Unicode Normalization Form C: {:?}", .0.as_str())]
    SamePath(DataPath),
    /// A path that became too long, or was none.
    #[error(transparent)]
    Path(#[from] ModelPathError),
    /// A manifest without plain digests.
    #[error("the fingerprints lack the SHA-256 of {0}")]
    NoDigest(DataPath),
    /// More files or bytes than are supported.
    #[error("a dataset of {files} files and {bytes} bytes is larger than is supported")]
    TooLarge {
        /// Number of files.
        files: usize,
        /// Sum of their sizes; saturated.
        bytes: u64,
    },
    /// Asked to prove that a file is in the set, which it is not.
    #[error("no file {:?} is in the set", .0.as_str())]
    NoSuchPath(DataPath),
    /// Asked to prove that a path is not in the set, which it is.
    #[error("there is a file {:?} in the set", .0.as_str())]
    PathPresent(DataPath),
    /// Asked to prove that a content is not in the set, which it is.
    #[error("the file {:?} of the set has the SHA-256 {digest}", .path.as_str())]
    ContentPresent {
        /// The content.
        digest: Sha256Digest,
        /// A file that has it.
        path: DataPath,
    },
    /// Absence from a salted set.
    #[error(
        "absence from a salted set cannot be proven: the proof would show the names and digests of two other files, which the salts are to hide"
    )]
    SaltedAbsence,
    /// A description of a salted set.
    #[error("a salted set has no open description: it would show the names and digests that the salts are to hide")]
    SaltedDescription,
    /// Not a key.
    #[error("a salt key is 64 hex digits; this has {length} characters")]
    Key {
        /// How long it was; what it was is nobody's business.
        length: usize,
    },
    /// A leaf list that is none.
    #[error("line {line} of the leaf list: {reason}")]
    LeafList {
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// The system refused to read or write.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A proof that no tree has.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A document that is no proof.
    #[error("not a dataset proof: {0}")]
    NotAProof(String),
}
