//! Why foreign metadata is not believed, with a code for each reason.

use std::fmt;

/// A reason, and where it shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// The kind of reason; public interface.
    pub code: FaultCode,
    /// One sentence for people. Foreign text in it is clipped and escaped.
    pub message: String,
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultCode {
    /// The document or the address is longer than is read.
    TooLarge,
    /// Not JSON, nested too deeply, or a key stands twice.
    Json,
    /// JSON, but no object.
    NoObject,
    /// An address of a kind that is not read, or that cannot be read.
    Uri,
    /// No digest stands where the table looks.
    NoDigest,
    /// More digests than are read.
    TooMany,
    /// A digest of an algorithm that is not computed.
    Algorithm,
    /// The algorithm is named twice, differently.
    Contradiction,
    /// Not as long as the algorithm's digests.
    Length,
    /// Neither hex, base64 nor a CID, or not text.
    Spelling,
    /// Two digests of one algorithm for one thing.
    Disagreement,
}

impl FaultCode {
    /// Every code.
    pub const ALL: [Self; 11] = [
        Self::TooLarge,
        Self::Json,
        Self::NoObject,
        Self::Uri,
        Self::NoDigest,
        Self::TooMany,
        Self::Algorithm,
        Self::Contradiction,
        Self::Length,
        Self::Spelling,
        Self::Disagreement,
    ];

    /// Returns the code as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Json => "json",
            Self::NoObject => "no-object",
            Self::Uri => "uri",
            Self::NoDigest => "no-digest",
            Self::TooMany => "too-many",
            Self::Algorithm => "algorithm",
            Self::Contradiction => "contradiction",
            Self::Length => "length",
            Self::Spelling => "spelling",
            Self::Disagreement => "disagreement",
        }
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Fault {
    pub(super) fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Returns foreign text fit for a message: quoted, escaped, at most 80 characters of it.
pub(super) fn shown(text: &str) -> String {
    let more = if text.chars().nth(80).is_some() { "…" } else { "" };
    format!("{:?}{more}", text.chars().take(80).collect::<String>())
}
