//! The record as a credential of the W3C's data model 2.0: what is claimed, before anything secures it.

use modelmark_record::CanonicalRecord;
use serde_json::{Map, Value, json};

use crate::binding::{SignedBinding, did_pkh};
use crate::key::PublicKey;
use crate::report::Fault;
use crate::{Instant, did};

/// The type of our credentials, beside `VerifiableCredential`.
pub const CREDENTIAL_TYPE: &str = "ModelProvenanceCredential";
/// The context that every credential of the data model 2.0 begins with.
pub(crate) const V2_CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
/// The W3C's own vocabulary for terms without a context: verifiers have it already, and none of them has to fetch anything.
const TERMS_CONTEXT: &str = "https://www.w3.org/ns/credentials/undefined-terms/v2";
/// The vocabulary of the first context.
pub(crate) const CREDENTIALS: &str = "https://www.w3.org/2018/credentials#";
/// The vocabulary into which the second context puts every term that it does not know.
pub(crate) const TERMS: &str = "https://www.w3.org/ns/credentials/undefined-term#";

/// From when until when a credential is valid, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub from: Instant,
    /// The last second.
    pub until: Instant,
}

/// A credential cannot be issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The binding is for another account than the record's creator.
    #[error("the binding is for another account than the record's creator {0}")]
    NotTheCreators(String),
    /// The suite signs with another kind of key.
    #[error("{suite} signs with a key of kind {wanted}, this one is {given}")]
    WrongKey {
        /// What is to be made.
        suite: &'static str,
        /// What it signs with.
        wanted: crate::Algorithm,
        /// What was given.
        given: crate::Algorithm,
    },
    /// The DID document does not list the key, or cannot be read.
    #[error("the DID document cannot be used: {0}")]
    Document(String),
    /// The credential has no canonical bytes.
    #[error("the credential cannot be written: {0}")]
    Unwritable(String),
}

/// Who issues: a DID, and the verification method of it that signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    pub(crate) did: String,
    pub(crate) method: String,
    /// The digest of the document that lists the method, where there is one.
    document: Option<String>,
}

impl Issuer {
    /// Returns the issuer that is the key itself (`did:key`).
    #[must_use]
    pub fn of_key(key: &PublicKey) -> Self {
        Self { did: key.did(), method: key.verification_method(), document: None }
    }

    /// Returns the issuer of a DID document that lists the key among its assertion methods. What is issued names the document's digest.
    ///
    /// # Errors
    /// The document cannot be read or does not list the key.
    pub fn of_document(document: &[u8], key: &PublicKey) -> Result<Self, IssueError> {
        let (did, method) = did::method_of(document, key).map_err(|fault| IssueError::Document(fault.detail))?;
        Ok(Self { did, method, document: Some(did::integrity(document)) })
    }

    /// Adds the digest of the issuer's document to what is to be signed: a document can change, and whoever serves it decides to what.
    pub(crate) fn pin(&self, claims: &mut Map<String, Value>) {
        if let Some(document) = &self.document {
            claims.insert(did::PINNED.into(), json!([{"id": self.did, "digestSRI": document}]));
        }
    }

    /// Returns the DID.
    #[must_use]
    pub fn did(&self) -> &str {
        &self.did
    }
}

/// Returns the unsecured credential: the whole record as the subject's claim, its digest, its creator, and the binding of the key as evidence.
///
/// # Errors
/// The binding is not for the record's creator.
pub fn claims(record: &CanonicalRecord, issuer: &Issuer, validity: Validity, binding: &SignedBinding) -> Result<Value, IssueError> {
    check_account(record, binding)?;
    let mut claims = json!({
        "@context": contexts(),
        "type": ["VerifiableCredential", CREDENTIAL_TYPE],
        "issuer": issuer.did,
        "validFrom": validity.from.to_string(),
        "validUntil": validity.until.to_string(),
        "credentialSubject": {
            "id": model_uri(record),
            "creator": did_pkh(binding.binding().account()),
            "recordDigest": record.id().to_string(),
            "record": record_value(record)?,
        },
        "evidence": [binding.to_json()],
    });
    if let Some(claims) = claims.as_object_mut() {
        issuer.pin(claims);
    }
    Ok(claims)
}

/// Returns the contexts of our credentials.
pub(crate) fn contexts() -> Value {
    json!([V2_CONTEXT, TERMS_CONTEXT])
}

/// Returns the name of the model that a record is about.
pub(crate) fn model_uri(record: &CanonicalRecord) -> String {
    format!("ipfs://{}", record.record().provenance.model.cid)
}

/// Returns a record as the JSON value whose canonical bytes are the record's.
pub(crate) fn record_value(record: &CanonicalRecord) -> Result<Value, IssueError> {
    crate::json::read(record.bytes()).map_err(unwritable)
}

pub(crate) fn check_account(record: &CanonicalRecord, binding: &SignedBinding) -> Result<(), IssueError> {
    let creator = record.record().provenance.creator.account.address();
    if creator == binding.binding().account() { Ok(()) } else { Err(IssueError::NotTheCreators(creator.to_checksum(None))) }
}

pub(crate) fn unwritable(fault: Fault) -> IssueError {
    IssueError::Unwritable(fault.detail)
}
