//! Evidence as a file: what one machine found, for another to judge. `docs/spec/evidence.md` is its page.

use modelmark_record::{MAX_SIGNATURES, MAX_SIGNATURES_BYTES};
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Evidence, Look};
use crate::Scope;

/// The longest evidence file, in bytes.
pub const MAX_EVIDENCE_BYTES: usize = 32 << 20;
/// What the first field says.
const FORMAT: &str = "modelmark-evidence";
/// The version that is written and read.
const VERSION: u32 = 1;
/// Most signature documents. Each signature in them is checked anew.
const MAX_DOCUMENTS: usize = 256;
/// Most of anything else that a judge goes through.
const MAX_ITEMS: usize = 100_000;

/// Evidence cannot be written to a file, or a file is no evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A part of the files was looked at.
    #[error("evidence of a part of the files, or of a summary that speaks for them, has no file")]
    Part,
    /// More bytes, or more of something, than is read.
    #[error("it holds more {what} than the {most} that are read")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The most that is read.
        most: usize,
    },
    /// Not JSON of the documented shape.
    #[error("it is no evidence: {0}")]
    Shape(String),
    /// Of another version.
    #[error("it is a {format:.40?} of version {version}; version {VERSION} of {FORMAT:?} is read here")]
    Version {
        /// What it calls itself.
        format: String,
        /// Its version.
        version: u32,
    },
}

/// The whole file.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct File<E> {
    /// `modelmark-evidence`.
    format: String,
    /// Version of the format; 1.
    version: u32,
    /// What was found. Whoever wrote the file says so.
    evidence: E,
}

impl Evidence {
    /// Returns the evidence as the bytes of a file. The same evidence gives the same bytes.
    ///
    /// # Errors
    /// Evidence of a part of the files, or more of it than is read back.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EvidenceError> {
        if self.scope != Scope::Whole || self.part != Look::NotAsked {
            return Err(EvidenceError::Part);
        }
        self.bounded()?;
        let file = File { format: FORMAT.to_owned(), version: VERSION, evidence: self };
        let mut bytes = serde_json::to_vec_pretty(&file).map_err(|error| EvidenceError::Shape(error.to_string()))?;
        bytes.push(b'\n');
        if bytes.len() > MAX_EVIDENCE_BYTES { Err(too_large("bytes", MAX_EVIDENCE_BYTES)) } else { Ok(bytes) }
    }

    /// Reads evidence from a file. Nothing in it is held against anything: whoever can write the file can say anything in it.
    ///
    /// # Errors
    /// It is too long, has too much of something, is of another version, or not of the documented shape.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > MAX_EVIDENCE_BYTES {
            return Err(too_large("bytes", MAX_EVIDENCE_BYTES));
        }
        let wrong = |error: serde_json::Error| EvidenceError::Shape(error.to_string().chars().take(1000).collect());
        let head: File<IgnoredAny> = serde_json::from_slice(bytes).map_err(wrong)?;
        if (head.format.as_str(), head.version) != (FORMAT, VERSION) {
            return Err(EvidenceError::Version { format: head.format.chars().take(40).collect(), version: head.version });
        }
        let evidence = serde_json::from_slice::<File<Self>>(bytes).map_err(wrong)?.evidence;
        evidence.bounded()?;
        Ok(evidence)
    }

    /// Returns the JSON Schema of the file.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(File<Self>).to_value()
    }

    /// What costs a judge time is bounded in number, as it is where it is gathered.
    fn bounded(&self) -> Result<(), EvidenceError> {
        let within = |what, count: usize, most| if count > most { Err(too_large(what, most)) } else { Ok(()) };
        within("signature documents", self.signatures.len(), MAX_DOCUMENTS)?;
        let longest = self.signatures.iter().map(|document| document.bytes.len()).max().unwrap_or_default();
        // One byte more than is accepted, so that the judge says that it is too long.
        within("bytes in a signature document", longest, MAX_SIGNATURES_BYTES + 1)?;
        within("answers of contract wallets", self.wallets.len(), MAX_SIGNATURES)?;
        within("claims", self.claims.found().map_or(0, |found| found.claims.len()), MAX_ITEMS)?;
        within("files", self.model.found().map_or(0, |manifest| manifest.files.len()), MAX_ITEMS)?;
        let ancestry = self.ancestry.found().map_or(0, |found| found.ancestors.len() + found.beyond.len());
        within("ancestors", ancestry, MAX_ITEMS)
    }
}

const fn too_large(what: &'static str, most: usize) -> EvidenceError {
    EvidenceError::TooLarge { what, most }
}
