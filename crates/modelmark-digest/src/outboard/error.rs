//! Why an outboard is refused.

use crate::ContentId;
use crate::unixfs::DirectoryError;

/// An outboard that cannot be read, or is not of the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutboardError {
    /// The bytes do not start as an outboard does.
    #[error("not an outboard file")]
    Magic,
    /// A version of the format that this program does not know.
    #[error("outboard version {0} is not supported, version 1 is")]
    Version(u32),
    /// A profile of CIDs that this program does not know.
    #[error("the outboard's CID profile {0:?} is not known")]
    Profile(String),
    /// The bytes end early, or go on.
    #[error("the outboard is {found} bytes long, what it says takes {wanted}")]
    Length {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be, or at least so many.
        wanted: u64,
    },
    /// A path that no model has.
    #[error("the outboard holds an unusable path: {0}")]
    Path(#[from] crate::ModelPathError),
    /// Paths that are not in their one order, or twice there, or one inside another.
    #[error("the outboard's paths are not in canonical order at {0:?}")]
    Order(String),
    /// Something else that is not spelled as it is written.
    #[error("the outboard is malformed: {0}")]
    Malformed(&'static str),
    /// More files, directories or bytes than a model can have.
    #[error("the outboard describes more than a model can hold: {0}")]
    TooMuch(&'static str),
    /// The paths cannot stand in one directory.
    #[error("the outboard describes no directory")]
    Directory(#[from] DirectoryError),
    /// The outboard is of another model.
    #[error("the outboard is of the model {found}, not of {wanted}")]
    OtherModel {
        /// The model it is of.
        found: ContentId,
        /// The model it should be of.
        wanted: ContentId,
    },
    /// The number of leaves is not that of a file of this size.
    #[error("{found} leaves for a file of {size} bytes")]
    Leaves {
        /// Number of leaves.
        found: usize,
        /// Size of the file in bytes.
        size: u64,
    },
    /// What was recorded is not the manifest's model.
    #[error("the leaves that were seen are not those of the manifest: {0}")]
    Recorded(String),
}
