//! A record whose signatures have been checked; what storage keeps and a token is minted from.

use std::collections::BTreeSet;
use std::error::Error;

use crate::{
    Authorship, CanonicalRecord, CreatorSignature, MAX_SIGNATURES, RecordError, SignatureDocument, SignatureDocumentType, SignatureError,
};

/// A record could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The signer refused or failed.
    #[error("the signer did not sign the record")]
    Signer(#[source] Box<dyn Error + Send + Sync>),
    /// The signer returned something that is not the creator's signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// A record and at least one signature; every one of them holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRecord {
    record: CanonicalRecord,
    signatures: Vec<CreatorSignature>,
}

impl SignedRecord {
    /// Puts a record and its signatures together.
    ///
    /// # Errors
    ///
    /// Refuses when one signature does not hold, an account occurs twice, or there is none.
    pub fn new(record: CanonicalRecord, signatures: Vec<CreatorSignature>) -> Result<Self, SignatureError> {
        let signers: BTreeSet<_> = signatures.iter().map(|signature| &signature.signer).collect();
        if signers.len() != signatures.len() || !(1..=MAX_SIGNATURES).contains(&signatures.len()) {
            return Err(SignatureError::Count { count: signatures.len(), limit: MAX_SIGNATURES });
        }
        let authorship = record.authorship();
        signatures.iter().try_for_each(|signature| signature.verify(&authorship))?;
        Ok(Self { record, signatures })
    }

    /// Has `sign` sign the record; this crate never sees a key. `sign` returns r ‖ s ‖ v over [`Authorship::signing_hash`].
    ///
    /// # Errors
    ///
    /// Passes on the signer's error, and refuses a signature that is not the creator's.
    pub fn sign_with<E: Into<Box<dyn Error + Send + Sync>>>(
        record: CanonicalRecord,
        sign: impl FnOnce(&Authorship) -> Result<[u8; 65], E>,
    ) -> Result<Self, SignError> {
        let authorship = record.authorship();
        let bytes = sign(&authorship).map_err(|error| SignError::Signer(error.into()))?;
        let signature = CreatorSignature::new(&authorship, bytes)?;
        Ok(Self { record, signatures: vec![signature] })
    }

    /// Holds the bytes of a signature document against the record it belongs to.
    ///
    /// # Errors
    ///
    /// Refuses all that [`SignatureDocument::parse`] refuses, a document for another record, and all that [`SignedRecord::new`] refuses.
    pub fn from_document(record: CanonicalRecord, document: &[u8]) -> Result<Self, SignatureError> {
        let document = SignatureDocument::parse(document)?;
        if document.record != record.id() {
            return Err(SignatureError::OtherRecord { found: document.record, expected: record.id() });
        }
        Self::new(record, document.signatures)
    }

    /// Returns the record.
    #[must_use]
    pub const fn record(&self) -> &CanonicalRecord {
        &self.record
    }

    /// Returns the signatures.
    #[must_use]
    pub fn signatures(&self) -> &[CreatorSignature] {
        &self.signatures
    }

    /// Returns the document that carries the signatures.
    #[must_use]
    pub fn document(&self) -> SignatureDocument {
        SignatureDocument { r#type: SignatureDocumentType::V1, record: self.record.id(), signatures: self.signatures.clone() }
    }

    /// Returns the canonical bytes of [`document`](Self::document).
    ///
    /// # Errors
    ///
    /// None in practice: checked signatures are within the bounds of a document.
    pub fn document_bytes(&self) -> Result<Vec<u8>, RecordError> {
        self.document().to_bytes()
    }
}
