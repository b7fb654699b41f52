#![doc = include_str!("../README.md")]

mod content_id;
mod manifest;
mod model_path;
mod sha256;

pub use content_id::{Codec, ContentId, ContentIdError};
pub use manifest::{CidProfile, FileEntry, Manifest, ManifestKind, TensorSummary, Weights};
pub use model_path::{MAX_PATH_BYTES, ModelPath, ModelPathError};
pub use sha256::{ParseDigestError, Sha256Digest};
