//! Why a model is not encrypted or decrypted.

use std::io;
use std::path::{Path, PathBuf};

use modelmark_digest::outboard::OutboardError;
use modelmark_digest::portable::NameError;
use modelmark_digest::{ContentId, DigestError};

/// A model could not be encrypted or decrypted. No variant holds a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CryptError {
    /// A file or directory could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is something already where the result would go.
    #[error("there is something at {} already", .0.display())]
    Exists(PathBuf),
    /// The model cannot be read.
    #[error(transparent)]
    Model(#[from] DigestError),
    /// A file of the model is no longer what its digests say.
    #[error("{path} changed while it was encrypted: {reason}")]
    Changed {
        /// Path inside the model.
        path: String,
        /// What is different.
        reason: String,
    },
    /// The text is no recipient. It is not shown: it may be a secret that was put in the wrong place.
    #[error("{0}")]
    Recipient(&'static str),
    /// The text is no identity file.
    #[error("line {line} of the identities is not an age identity (AGE-SECRET-KEY-1…)")]
    Identity {
        /// The line, from 1.
        line: usize,
    },
    /// No identity, or no recipient, or too many.
    #[error("{0}")]
    Count(String),
    /// None of the identities is a holder's.
    #[error("none of the identities opens {0}: the model is not encrypted for them")]
    NoKey(String),
    /// Not a file of an encrypted model.
    #[error("{name} is not an age file of an encrypted model: {reason}")]
    Malformed {
        /// The file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the encrypted model was cut off or changed.
    #[error("{name} is damaged: {reason}")]
    Damaged {
        /// The file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The leaf digests that the encrypted model brings cannot be those of a model.
    #[error("the encrypted model's leaf digests are not usable: {0}")]
    Outboard(#[from] OutboardError),
    /// It is another model than was wanted.
    #[error("what is encrypted is {found}, not {wanted}")]
    OtherModel {
        /// CID of the model inside.
        found: ContentId,
        /// CID that was to be inside.
        wanted: ContentId,
    },
    /// There is no such file in the model.
    #[error("there is no file {0:?} in the encrypted model")]
    NoFile(String),
    /// A name that not every file system can hold, or tell from another one.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl CryptError {
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { action, path, source }
    }
}
