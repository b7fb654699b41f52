//! A record whose signatures have been checked; what storage keeps and a token is minted from.

use std::collections::BTreeSet;
use std::error::Error;

use crate::{
    CanonicalRecord, MAX_SIGNATURES, Proof, RecordError, RecordSignature, SignatureDocument, SignatureDocumentType, SignatureError,
    SigningRequest, WalletQuestion,
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

/// A record and at least one signature by an account that it names. Every key's signature holds; what contract wallets are said to have signed is theirs to
/// confirm ([`questions`](Self::questions)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRecord {
    record: CanonicalRecord,
    signatures: Vec<RecordSignature>,
    questions: Vec<WalletQuestion>,
}

impl SignedRecord {
    /// Puts a record and its signatures together.
    ///
    /// # Errors
    ///
    /// Refuses when one signature does not hold, an account occurs twice, or there is none.
    pub fn new(record: CanonicalRecord, signatures: Vec<RecordSignature>) -> Result<Self, SignatureError> {
        if !(1..=MAX_SIGNATURES).contains(&signatures.len()) {
            return Err(SignatureError::Count { count: signatures.len(), limit: MAX_SIGNATURES });
        }
        let (mut signers, mut questions) = (BTreeSet::new(), Vec::new());
        for signature in &signatures {
            if !signers.insert(&signature.signer) {
                return Err(SignatureError::Twice(signature.signer.clone()));
            }
            match signature.check(&record)? {
                Proof::Holds => {}
                Proof::Asks(question) => questions.push(question),
            }
        }
        Ok(Self { record, signatures, questions })
    }

    /// Has `sign` sign the record for its creator; this crate never sees a key. `sign` returns r ‖ s ‖ v over [`SigningRequest::signing_hash`].
    ///
    /// # Errors
    ///
    /// Passes on the signer's error, and refuses a signature that is not the creator's.
    pub fn sign_with<E: Into<Box<dyn Error + Send + Sync>>>(
        record: CanonicalRecord,
        sign: impl FnOnce(&SigningRequest) -> Result<[u8; 65], E>,
    ) -> Result<Self, SignError> {
        let request = record.authorship();
        let bytes = sign(&request).map_err(|error| SignError::Signer(error.into()))?;
        let signature = RecordSignature::new(&request, bytes)?;
        Ok(Self { record, signatures: vec![signature], questions: Vec::new() })
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

    /// Adds further signatures over the same record. Of two by one account the one that is there stays.
    ///
    /// # Errors
    ///
    /// As [`SignedRecord::new`].
    pub fn with(self, more: impl IntoIterator<Item = RecordSignature>) -> Result<Self, SignatureError> {
        let mut signatures = self.signatures;
        for signature in more {
            if !signatures.iter().any(|known| known.signer == signature.signer) {
                signatures.push(signature);
            }
        }
        Self::new(self.record, signatures)
    }

    /// Returns the record.
    #[must_use]
    pub const fn record(&self) -> &CanonicalRecord {
        &self.record
    }

    /// Returns the signatures.
    #[must_use]
    pub fn signatures(&self) -> &[RecordSignature] {
        &self.signatures
    }

    /// Returns what has to be asked of contract wallets before their signatures count.
    #[must_use]
    pub fn questions(&self) -> &[WalletQuestion] {
        &self.questions
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
    /// Refuses signatures of contract wallets that are too long together; those of keys are within the bounds.
    pub fn document_bytes(&self) -> Result<Vec<u8>, RecordError> {
        self.document().to_bytes()
    }
}
