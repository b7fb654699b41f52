//! What a creator and contributors sign, how it is checked, and the document that carries signatures beside a record.

mod bytes;
mod document;
mod entry;
mod error;
mod request;
mod signed;

pub use bytes::{MAX_SIGNATURE_BYTES, SignatureBytes, SignatureLength};
pub use document::{MAX_SIGNATURES, MAX_SIGNATURES_BYTES, SignatureDocument, SignatureDocumentType};
pub use entry::{Proof, RecordSignature, Scheme, WalletQuestion};
pub use error::SignatureError;
pub use request::{Role, SigningRequest};
pub use signed::{SignError, SignedRecord};
