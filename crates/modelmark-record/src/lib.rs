#![doc = include_str!("../README.md")]

mod attributes;
mod canonical;
mod capture;
mod check;
mod compose;
mod error;
pub mod export;
pub mod foreign;
mod json;
mod picture;
mod provenance;
mod record;
mod redact;
mod schema;
mod signature;
mod value;

pub use canonical::{CanonicalRecord, MAX_RECORD_BYTES, MAX_RECORD_DEPTH, RecordId};
pub use capture::{
    Beside, Capture, CaptureError, Claims, DataDocument, Document, Facts, Finding, FindingCode, ImportedToken, LeftOut, MAX_SOURCE_BYTES,
    NamedParent, ParentClaim, SOURCE_FILES, SOURCE_FOLDERS, Statement, StoredRun, gather, is_source, project_text, repository,
};
pub use error::RecordError;
pub use picture::Picture;
pub use provenance::{
    Architecture, Attachment, Code, Considerations, Contributor, Creator, Dataset, DatasetRole, Edge, Evaluation, Framework, License,
    Model, ModelFile, Parent, PersonalData, Provenance, ProvenanceType, RecordedWeights, Relation, Rights, Royalty, SourceRef, Tensors,
    Tokenizer, Training, TrainingMining,
};
pub use record::{Attribute, DisplayType, Record};
pub use schema::{record_schema, signatures_schema};
pub use signature::{
    MAX_SIGNATURE_BYTES, MAX_SIGNATURES, MAX_SIGNATURES_BYTES, Proof, RecordSignature, Role, Scheme, SignError, SignatureBytes,
    SignatureDocument, SignatureDocumentType, SignatureError, SignatureLength, SignedRecord, SigningRequest, WalletQuestion,
};
pub use value::{
    Account, AssetId, BasisPoints, Commit, ContainerImage, Count, Decimal, ImageUri, Label, MAX_COUNT, MediaType, Prose, RoyaltyBps,
    Scalar, ShareBps, Signer, Spdx, Timestamp, TokenId, Uri, ValueError,
};
