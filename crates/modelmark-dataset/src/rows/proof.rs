//! Proofs that one row is among the rows of a file: documents that stand alone.

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::InclusionProof;
use serde::{Deserialize, Serialize};

use super::tree::{leaf, root};
use super::{MAX_ROW_BYTES, RowError, RowKind};
use crate::DatasetError;

/// What a document of this kind says it is.
pub const ROW_PROOF: &str = "modelmark-dataset-row-proof-v1";

/// Largest document: a row and columns of 16 MiB each, spelled with two characters a byte, and the rest.
pub const MAX_ROW_PROOF_BYTES: usize = (1 << 26) + (1 << 16);

/// Shows that a row stands at its place among the rows of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with the fields of a row proof")]
pub struct RowProof {
    format: String,
    /// What kind of rows they are.
    pub kind: RowKind,
    columns: String,
    row: String,
    /// The inclusion proof of the row; its size is the number of rows.
    pub proof: InclusionProof,
}

impl RowProof {
    pub(super) fn new(kind: RowKind, columns: &[u8], row: Vec<u8>, proof: InclusionProof) -> Result<Self, RowError> {
        if columns.len() as u64 > MAX_ROW_BYTES {
            return Err(RowError::Table(format!("a proof holds columns of at most {MAX_ROW_BYTES} bytes")));
        }
        Ok(Self { format: ROW_PROOF.to_owned(), kind, columns: written(kind, columns), row: written(kind, &row), proof })
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`DatasetError::NotAProof`] with the fault of the document.
    pub fn parse(bytes: &[u8]) -> Result<Self, DatasetError> {
        let wrong = |reason: String| DatasetError::NotAProof(reason);
        if bytes.len() > MAX_ROW_PROOF_BYTES {
            return Err(wrong(format!("more than {MAX_ROW_PROOF_BYTES} bytes")));
        }
        let proof: Self = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        if proof.format != ROW_PROOF {
            return Err(wrong(format!("its format is {:?}, not {ROW_PROOF:?}", proof.format.chars().take(80).collect::<String>())));
        }
        if proof.proof.size() > super::MAX_ROWS {
            return Err(wrong(format!("more than {} rows", super::MAX_ROWS)));
        }
        for text in [&proof.columns, &proof.row] {
            if read(proof.kind, text).is_none() {
                return Err(wrong("the bytes of a table are lower-case hex digits".to_owned()));
            }
        }
        Ok(proof)
    }

    /// Returns the document: canonical JSON (RFC 8785).
    ///
    /// # Errors
    /// [`DatasetError::NotAProof`], which no proof made or read here gives.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DatasetError> {
        serde_json_canonicalizer::to_vec(self).map_err(|error| DatasetError::NotAProof(error.to_string()))
    }

    /// Returns the row as the document spells it: the canonical text, or of a table the canonical bytes in hex.
    #[must_use]
    pub fn row(&self) -> &str {
        &self.row
    }

    /// Returns the columns as the document spells them, empty for JSON.
    #[must_use]
    pub fn columns(&self) -> &str {
        &self.columns
    }

    /// Returns the row root that the proof leads to: compare it with the one that was published.
    #[must_use]
    pub fn root(&self) -> Sha256Digest {
        let bytes = |text: &str| read(self.kind, text).unwrap_or_default();
        let tree = self.proof.root(&leaf(&bytes(&self.row)));
        root(self.kind, self.proof.size(), &bytes(&self.columns), &tree)
    }
}

/// The bytes as they stand in the document. Rows of text files are text.
fn written(kind: RowKind, bytes: &[u8]) -> String {
    match kind {
        RowKind::Table => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        RowKind::Json | RowKind::Csv => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn read(kind: RowKind, text: &str) -> Option<Vec<u8>> {
    if kind != RowKind::Table {
        return Some(text.as_bytes().to_vec());
    }
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}
