//! Why a model does not come.

use std::io;
use std::path::{Path, PathBuf};

use modelmark_digest::portable::NameError;

use crate::RemoteError;

/// A model, or a part of one, could not be fetched. What has come stays and is used by the next try.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The places do not give it.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// A file or directory could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is something already where the model would go.
    #[error("there is something at {} already", .0.display())]
    Exists(PathBuf),
    /// Another fetch to the same directory runs.
    #[error("another fetch to {} is running", .0.display())]
    Busy(PathBuf),
    /// What lies beside the target is no fetch of these files.
    #[error("{} is not what is left of a fetch of these files: {reason}", path.display())]
    Foreign {
        /// The directory, or what is in it.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The files do not fit on the disk.
    #[error("the files need {needed} bytes more, and {} has {free} left", path.display())]
    Space {
        /// Where they would go.
        path: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// A name that is not written to disk.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The tree below the CID is not that of such a file.
    #[error("{path} is not as the record says: {reason}")]
    Untrue {
        /// Path inside the model.
        path: String,
        /// What is different.
        reason: String,
    },
    /// The places said they were done, and were not.
    #[error("the places left out {bytes} bytes of {path}")]
    Left {
        /// Path inside the model.
        path: String,
        /// Bytes that did not come.
        bytes: u64,
    },
    /// A task of the fetch ended unforeseen.
    #[error("the fetch broke off: {0}")]
    Broken(String),
}

impl FetchError {
    pub(super) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { action, path, source }
    }
}
