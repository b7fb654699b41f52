//! What came out of a verification.

use modelmark_digest::Sha256Digest;

use crate::code::Refused;
use crate::curve::Curve;
use crate::predicate::Predicate;
use crate::statement::Statement;

/// Who signed, as far as the caller's trust shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signer {
    /// The holder of the trusted key.
    Key {
        /// SHA-256 of the key's PEM text.
        hint: Sha256Digest,
        /// The key's curve.
        curve: Curve,
    },
    /// The holder of a certificate that a trusted root vouches for.
    Certificate {
        /// The name in the certificate (RFC 4514).
        subject: String,
        /// SHA-256 of the PEM text of its key.
        hint: Sha256Digest,
        /// The key's curve.
        curve: Curve,
    },
    /// Somebody who was logged in while signing, and kept no key.
    Keyless {
        /// Who, as the certificate says it: an e-mail address or a URI.
        identity: String,
        /// Where they were logged in.
        issuer: String,
        /// When, in seconds since 1970, as the log or a timestamp authority vouches.
        signed_at: u64,
        /// The curve of the key that was thrown away.
        curve: Curve,
    },
}

/// What is known of a bundle and a model at the end. The model verifies when there is nothing in `refused`.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Who signed; absent when the signature does not hold.
    pub signer: Option<Signer>,
    /// What was signed; absent when the signature does not hold, or the statement cannot be read.
    pub statement: Option<Statement>,
    /// The list of files that was signed, when it is one.
    pub predicate: Option<Predicate>,
    /// Reasons not to believe the model.
    pub refused: Vec<Refused>,
    /// What is to be known and is no reason.
    pub notes: Vec<String>,
    /// Files of the model that are as they were signed.
    pub matched: usize,
}

impl Report {
    /// Tells whether the model is the one that was signed.
    #[must_use]
    pub fn verified(&self) -> bool {
        self.refused.is_empty() && self.signer.is_some()
    }

    pub(crate) const fn empty() -> Self {
        Self { signer: None, statement: None, predicate: None, refused: Vec::new(), notes: Vec::new(), matched: 0 }
    }
}
