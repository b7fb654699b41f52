//! What a creator signs, how it is checked, and the document that carries signatures beside a record.

mod authorship;
mod creator;
mod document;
mod signed;

pub use authorship::Authorship;
pub use creator::{CreatorSignature, Scheme, SignatureBytes, SignatureError};
pub use document::{MAX_SIGNATURES, MAX_SIGNATURES_BYTES, SignatureDocument, SignatureDocumentType};
pub use signed::{SignError, SignedRecord};
