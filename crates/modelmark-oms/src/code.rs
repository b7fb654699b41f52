//! Why something does not verify: a code for programs, a sentence for people.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// A reason not to believe a bundle or a model. The words are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns the word that stands for the code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

codes! {
    /// The bundle is larger than [`MAX_BUNDLE_BYTES`](crate::MAX_BUNDLE_BYTES), or holds more of something than is accepted.
    TooLarge = "too-large",
    /// The bundle, or what it carries, is not JSON as RFC 8259 has it, has a byte order mark or one key twice, or is nested too deeply.
    Json = "json",
    /// A field is missing, unknown, or of another type than it must be.
    Field = "field",
    /// The bundle is of another media type, that is, of another version.
    MediaType = "media-type",
    /// Something is not standard base64 with padding.
    Base64 = "base64",
    /// The bundle was made with another method than it is to be verified with.
    SigningMethod = "signing-method",
    /// There is no signature.
    SignatureMissing = "signature-missing",
    /// A signature is not that of the key over the payload.
    Signature = "signature",
    /// The bundle says that it was signed with another key than the trusted one.
    KeyHint = "key-hint",
    /// A key is of a kind or curve that is not supported.
    KeyCurve = "key-curve",
    /// A certificate cannot be read.
    Certificate = "certificate",
    /// No trusted certificate vouches for the signer's.
    CertificateUntrusted = "certificate-untrusted",
    /// A certificate is expired, or not valid yet.
    CertificateTime = "certificate-time",
    /// The signer's certificate is not for signing code.
    CertificateUsage = "certificate-usage",
    /// No trusted log of certificates has seen the signer's.
    CertificateLog = "certificate-log",
    /// Somebody else signed.
    Identity = "identity",
    /// The signer was logged in elsewhere.
    Issuer = "issuer",
    /// There is not exactly one entry of a log of signatures, or it is about something else.
    LogEntry = "log-entry",
    /// The proof that the signature is in the log is missing or wrong.
    LogProof = "log-proof",
    /// The log of signatures is not a trusted one.
    LogUntrusted = "log-untrusted",
    /// Nobody trusted says when the signature was made.
    SigningTime = "signing-time",
    /// The payload is no in-toto statement.
    PayloadType = "payload-type",
    /// The statement is of another type than `https://in-toto.io/Statement/v1`.
    StatementType = "statement-type",
    /// The statement says something else than a model signature or a claim.
    PredicateType = "predicate-type",
    /// The statement has not exactly one subject.
    Subject = "subject",
    /// The subject's digest is not that of the listed digests.
    RootDigest = "root-digest",
    /// How the files were hashed is not said, or not in a known way.
    Serialization = "serialization",
    /// The files were hashed in a way that is not supported.
    HashType = "hash-type",
    /// No file is listed.
    Empty = "empty",
    /// A listed name is absolute, leads out of the model, or is written in an unusual way.
    Name = "name",
    /// A file is listed twice.
    NameTwice = "name-twice",
    /// A listed digest is not of the algorithm that the signature names, or not a digest.
    Digest = "digest",
    /// The pieces of a file are not the whole file.
    Shards = "shards",
    /// What is to be ignored covers the whole model, or lies outside of it.
    IgnorePath = "ignore-path",
    /// A listed file is not there.
    FileMissing = "file-missing",
    /// A file is there that is not listed.
    FileExtra = "file-extra",
    /// A file is not the one that was signed.
    FileMismatch = "file-mismatch",
    /// A file stands where the signature does not look.
    FileUncovered = "file-uncovered",
    /// A symbolic link to a file.
    Link = "link",
    /// A symbolic link to a folder: what lies behind it is not signed.
    LinkFolder = "link-folder",
    /// A pipe, socket or device.
    SpecialFile = "special-file",
    /// A name that no signature can hold safely.
    LocalName = "local-name",
    /// More or deeper than is looked at.
    Bounds = "bounds",
    /// A claim is about another model.
    ClaimSubject = "claim-subject",
    /// No claim carries the record.
    ClaimRecord = "claim-record",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reason not to believe a bundle or a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} [{code}]")]
pub struct Refused {
    /// The reason.
    pub code: Code,
    /// The same for people, with the place and the value.
    pub message: String,
}

impl Refused {
    /// Makes a reason.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Returns a foreign text as it is shown in messages: not too long.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 120;
    if text.chars().count() <= MOST {
        return format!("{text:?}");
    }
    format!("{:?}…", text.chars().take(MOST).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_word_of_its_own() {
        let words: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
    }
}
