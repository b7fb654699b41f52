//! Why a model could not be fingerprinted.

use std::io;
use std::path::PathBuf;

use crate::hub::HubError;
use crate::unixfs::DirectoryError;
use crate::{ModelPath, ModelPathError};
use modelmark_formats::safetensors::HeaderError;

/// A model that cannot be fingerprinted. Every variant names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// Nothing is there.
    #[error("no such file or directory: {}", .0.display())]
    Missing(PathBuf),
    /// The system refused to open or read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// What was read.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A symbolic link inside the model: what it names is not part of the tree that is fingerprinted.
    #[error("{} is a symbolic link to {target:?}; only regular files and directories can be fingerprinted", .path.display())]
    Link {
        /// The link.
        path: PathBuf,
        /// Where it points, as stored in the link.
        target: String,
    },
    /// Something in a cache of the Hugging Face hub.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// A file that was not downloaded.
    #[error("{} is a pointer of Git LFS, not the file itself", .0.display())]
    Pointer(PathBuf),
    /// Neither file, directory nor link.
    #[error("{} is a {kind}; only regular files and directories can be fingerprinted", .path.display())]
    Special {
        /// What was found.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// A name that cannot be hashed portably or shown safely.
    #[error("unusable name in {}", .directory.display())]
    Name {
        /// The directory that holds the name.
        directory: PathBuf,
        /// The name and its fault.
        #[source]
        source: ModelPathError,
    },
    /// A directory without a single file.
    #[error("{} holds no file", .0.display())]
    Empty(PathBuf),
    /// Directories nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("{} lies deeper than {max} directories", path.display(), max = crate::MAX_DEPTH)]
    TooDeep {
        /// The directory one level too deep.
        path: PathBuf,
    },
    /// More files and directories than [`MAX_ENTRIES`](crate::MAX_ENTRIES).
    #[error("{} holds more than {max} files and directories", path.display(), max = crate::MAX_ENTRIES)]
    TooMany {
        /// The model.
        path: PathBuf,
    },
    /// More bytes than [`MAX_MODEL_BYTES`](crate::MAX_MODEL_BYTES).
    #[error("{} is larger than is supported: its files add up to more than {max} bytes", path.display(), max = crate::MAX_MODEL_BYTES)]
    TooLarge {
        /// The model.
        path: PathBuf,
    },
    /// A file that is hardly more than holes, and so long that reading it would take for ever; see [`Request::holes`](crate::Request).
    #[error("{} is {size} bytes long, of which {stored} are stored and the rest are holes: it was not read", .path.display())]
    Hollow {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        size: u64,
        /// How many bytes of it the file system keeps.
        stored: u64,
    },
    /// Not the same file, size or time before and after reading.
    #[error("{} changed while it was read", .0.display())]
    Changed(PathBuf),
    /// A weights file whose header is malformed or untrue.
    #[error("{} is not a valid safetensors file", .path.display())]
    Safetensors {
        /// The file.
        path: PathBuf,
        /// The fault.
        #[source]
        source: HeaderError,
    },
    /// Two shards of one model hold a tensor of the same name.
    #[error("tensor {name:?} stands in two shards, {first} and {second}")]
    SharedTensor {
        /// Name of the tensor.
        name: String,
        /// The shard that comes first in path order.
        first: ModelPath,
        /// The other shard.
        second: ModelPath,
    },
    /// A directory that UnixFS cannot express.
    #[error("cannot build the UnixFS directory of {}", .path.display())]
    Directory {
        /// The model.
        path: PathBuf,
        /// The reason.
        #[source]
        source: DirectoryError,
    },
}
