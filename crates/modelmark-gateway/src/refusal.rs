//! Why a request is not answered with what it asks for. Nothing of the machine's own, such as the path of a store, is told to strangers.

use axum::http::StatusCode;
use modelmark_digest::ContentId;
use modelmark_storage::StorageError;

/// A status and a sentence for whoever asked.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) reason: String,
    /// How much there is, for who asked for bytes beyond it.
    pub(crate) size: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into(), size: None }
    }

    pub(crate) fn of_size(self, size: u64) -> Self {
        Self { size: Some(size), ..self }
    }

    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "too many answers are being made at once; ask again in a second")
    }

    pub(crate) fn bad(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    pub(crate) fn not_implemented(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, reason)
    }

    pub(crate) fn absent(id: &ContentId) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("block {id} is not here"))
    }

    pub(crate) fn denied(id: &ContentId) -> Self {
        Self::new(StatusCode::GONE, format!("block {id} is not given out here"))
    }
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Missing { id, .. } => Self::absent(&id),
            // The file that held it is gone or another: for the client that is as if the block had never been here.
            StorageError::Altered { id, .. } => Self::absent(&id),
            StorageError::TooLarge { id, size, limit } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("block {id} has {size} bytes, more than the limit of {limit}"))
            }
            StorageError::Malformed { id, reason } => Self::not_implemented(format!("block {id} cannot be read here: {reason}")),
            StorageError::Damaged { id, .. } => Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("block {id} is damaged here")),
            _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the store cannot be read"),
        }
    }
}
