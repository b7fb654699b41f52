//! What can go wrong between a CID and its bytes.

use std::io;
use std::path::{Path, PathBuf};

use modelmark_digest::ContentId;

/// Storage could not do what was asked. Damage that `fsck` finds is a value, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// A file or directory could not be read or written.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io {
        /// What was tried, such as `read` or `create`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No space is left; what was being written is not there.
    #[error("disk full while writing to {path}; nothing was half-written, free some space and repeat", path = path.display())]
    DiskFull {
        /// The file or directory written to.
        path: PathBuf,
    },
    /// The store cannot be written to.
    #[error("the block store {path} is read-only", path = path.display())]
    ReadOnly {
        /// The store's directory, or the file in it.
        path: PathBuf,
    },
    /// Another process holds the store.
    #[error("the block store {path} is in use by another process; try again when it has ended", path = path.display())]
    Busy {
        /// The store's directory.
        path: PathBuf,
    },
    /// The store was written by a newer modelmark.
    #[error("the block store {path} has format {found}, this program knows up to {known}; use a newer modelmark", path = path.display())]
    Newer {
        /// The index file.
        path: PathBuf,
        /// The format version in it.
        found: i64,
        /// The newest version that this program reads.
        known: i64,
    },
    /// The index is not usable.
    #[error("the block index {path} is damaged or not a block index: {reason}", path = path.display())]
    Index {
        /// The index file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The index engine refused for another reason.
    #[error("the block index {path} failed", path = path.display())]
    Engine {
        /// The index file.
        path: PathBuf,
        /// What the engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A block that the store keeps itself has other bytes than its CID says.
    #[error("block {id} is damaged in {place}: its bytes have another digest")]
    Damaged {
        /// The block.
        id: ContentId,
        /// Where the bytes came from.
        place: String,
    },
    /// A file outside the store, whose leaves were referenced in place, has changed.
    #[error("referenced file {path} no longer holds block {id}: it was moved or altered", path = path.display())]
    Altered {
        /// The block.
        id: ContentId,
        /// The file.
        path: PathBuf,
    },
    /// A block was needed and no place has it.
    #[error("block {id} is not in {store}")]
    Missing {
        /// The block.
        id: ContentId,
        /// The name of the store.
        store: String,
    },
    /// A block is larger than the caller or the store accepts.
    #[error("block {id} has {size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// The block.
        id: ContentId,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The bytes fit the CID, but are not a well-formed UnixFS node.
    #[error("block {id} is not a usable UnixFS node: {reason}")]
    Malformed {
        /// The block.
        id: ContentId,
        /// What is wrong with it.
        reason: String,
    },
    /// The bytes are not a CAR file that can be taken in.
    #[error("not a usable CAR file, at byte {offset}: {reason}")]
    Car {
        /// Where in the input.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The receiver of an export or a file refused the bytes.
    #[error("cannot write the output: {0}")]
    Output(#[source] io::Error),
}

impl StorageError {
    /// Returns the error for a failed system call on `path`, with full disks and read-only places told apart.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::DiskFull { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::Io { action, path, source },
        }
    }
}
