//! What can be wrong with a document that claims to be a record or signatures over one.

use crate::value::ValueError;

/// Bytes are not a record, or values cannot make one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The document is longer than its bound; nothing of it was read.
    #[error("{what} has {size} bytes; the limit is {limit}")]
    TooLarge {
        /// What the document should have been.
        what: &'static str,
        /// Its length in bytes.
        size: usize,
        /// The longest accepted length in bytes.
        limit: usize,
    },
    /// Arrays and objects are nested deeper than the bound.
    #[error("{what} is nested deeper than {limit} levels")]
    TooDeep {
        /// What the document should have been.
        what: &'static str,
        /// The deepest accepted nesting.
        limit: usize,
    },
    /// Not JSON, a key twice, a number that is not an exact integer, an unknown key or a value that its type refuses.
    #[error("{what} is not valid: {reason}")]
    Invalid {
        /// What the document should have been.
        what: &'static str,
        /// What the reader stumbled over.
        reason: String,
    },
    /// Valid, but not the canonical bytes (RFC 8785) of its own content.
    #[error("{what} is not in canonical form (RFC 8785): first difference at byte {offset}")]
    NotCanonical {
        /// What the document should have been.
        what: &'static str,
        /// Offset of the first byte that differs from the canonical form.
        offset: usize,
    },
    /// Two parts of the record contradict each other.
    #[error("{field}: {reason}")]
    Inconsistent {
        /// Where, as a path of JSON keys.
        field: &'static str,
        /// What contradicts what.
        reason: String,
    },
    /// A value that every record must have was not given.
    #[error("a record needs {field}: {hint}")]
    Missing {
        /// The field.
        field: &'static str,
        /// Where it can come from.
        hint: &'static str,
    },
    /// A text looks like a secret, an e-mail address or a path of this machine, which must never become public for good.
    #[error("{field} holds {reason}, which must not enter a record")]
    Private {
        /// Where, as a path of JSON keys.
        field: String,
        /// What was recognised.
        reason: &'static str,
    },
    /// A value that its type refuses.
    #[error(transparent)]
    Value(#[from] ValueError),
}

impl RecordError {
    pub(crate) fn inconsistent(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Inconsistent { field, reason: reason.into() }
    }
}
