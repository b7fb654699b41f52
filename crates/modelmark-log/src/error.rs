//! Why a log cannot be written, read or believed.

use modelmark_digest::merkle::ProofError;

/// A log, or something that is said about one, is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file, relative to the log's folder, or as it was named.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the log does not hold what its name says.
    #[error("{path} is not what the log's checkpoint asks for: {reason}")]
    Damaged {
        /// The file, relative to the log's folder.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The text is not of the form that it should have.
    #[error("not a {what}: {reason}")]
    Form {
        /// What was wanted.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// An entry is too long for an entry bundle.
    #[error("an entry of {0} bytes is longer than the 65535 that a log takes")]
    LongEntry(usize),
    /// Nothing was added, so that there is nothing to say about the log.
    #[error("a log without entries has no checkpoint: nothing could be proven by it")]
    Empty,
    /// None of the signatures is one of a key that is trusted, or one of them is wrong.
    #[error("the checkpoint is not signed by {0}")]
    Signature(String),
    /// What is there was not grown from what was signed before.
    #[error("the log did not grow from the {old} entries that its last checkpoint signs; nothing was signed")]
    Inconsistent {
        /// Entries of the last checkpoint.
        old: u64,
    },
    /// A proof that no tree has.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The random source or the key failed.
    #[error("the log's key cannot be used: {0}")]
    Key(String),
}

impl LogError {
    pub(crate) fn form(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Form { what, reason: reason.into() }
    }

    pub(crate) fn damaged(path: &str, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), reason: reason.into() }
    }

    pub(crate) fn file(path: &str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
