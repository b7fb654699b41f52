#![doc = include_str!("../README.md")]

mod beside;
pub mod cache;
mod content_id;
pub mod diff;
mod digest;
mod engine;
mod error;
mod external;
pub mod fingerprint;
pub mod hub;
pub mod lanes;
mod manifest;
pub mod merkle;
mod model_path;
mod other_digests;
pub mod outboard;
pub mod partial;
mod profile;
mod request;
mod sha256;
mod survey;
mod tensor_stream;
pub mod unixfs;
mod walk;
mod weights;

pub use content_id::{Codec, ContentId, ContentIdError};
pub use digest::{FileTensorDigests, digest, digest_tensors, digest_with};
pub use error::DigestError;
pub use manifest::{FileEntry, Manifest, ManifestKind, TensorSummary, Weights};
pub use model_path::{MAX_PATH_BYTES, ModelPath, ModelPathError};
pub use other_digests::{Blake3Digest, Keccak256Digest, ParseOtherDigestError};
pub use profile::{CidProfile, ParseProfileError};
pub use request::{Observer, Request};
pub use sha256::{ParseDigestError, Sha256Digest};
pub use survey::{Survey, WeightSet, WeightsFile, survey};
pub use walk::{MAX_DEPTH, MAX_ENTRIES, MAX_MODEL_BYTES};
