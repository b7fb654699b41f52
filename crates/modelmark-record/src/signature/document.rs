//! The document that carries signatures: a file and a block of its own beside the record, because a record cannot contain what is made from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::json::{Bounds, read_canonical, write_canonical};
use crate::{RecordError, RecordId, RecordSignature, schema};

/// Longest signature document in bytes.
pub const MAX_SIGNATURES_BYTES: usize = 1 << 16;
/// Most signatures in one document.
pub const MAX_SIGNATURES: usize = 64;

const BOUNDS: Bounds = Bounds { what: "signature document", bytes: MAX_SIGNATURES_BYTES, depth: 8 };

/// Signatures over one record, as they were found: nothing is proved until they are held against the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureDocument {
    /// Name and version of this format.
    pub r#type: SignatureDocumentType,
    /// Id of the record.
    #[schemars(with = "schema::Hash")]
    pub record: RecordId,
    /// The signatures, each of another account.
    #[schemars(length(min = 1, max = 64))]
    pub signatures: Vec<RecordSignature>,
}

/// Name and version of the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SignatureDocumentType {
    /// Version 1.
    #[default]
    #[serde(rename = "https://modelmark.dev/signatures/v1")]
    V1,
}

impl SignatureDocument {
    /// Reads a document from its canonical bytes.
    ///
    /// # Errors
    ///
    /// Refuses documents beyond the bounds and all that [`Record::parse`](crate::Record::parse) refuses in form.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        read_canonical(bytes, BOUNDS)
    }

    /// Returns the canonical bytes.
    ///
    /// # Errors
    ///
    /// Refuses a document that a reader would refuse for its size.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        let bytes = write_canonical(self, BOUNDS)?;
        Self::parse(&bytes)?;
        Ok(bytes)
    }
}
