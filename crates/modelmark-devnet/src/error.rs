//! What can stop the chain itself, as opposed to what a caller did wrong (which is an [`RpcError`](crate::RpcError)).

use std::net::SocketAddr;
use std::path::PathBuf;

use alloy::primitives::B256;

/// A failure to open, read, write or serve the chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevnetError {
    /// Another process, or another handle of this one, holds the chain's file.
    #[error("the chain at {} is in use by another process", path.display())]
    Locked {
        /// The file that is held.
        path: PathBuf,
    },
    /// The chain was opened to be read.
    #[error("the chain at {} is open to be read only", path.display())]
    ReadOnly {
        /// The file that was opened.
        path: PathBuf,
    },
    /// The stored chain was created with another chain id.
    #[error("the chain at {} has chain id {stored}, not {wanted}", path.display())]
    ChainId {
        /// The file that was opened.
        path: PathBuf,
        /// The id it was created with.
        stored: u64,
        /// The id that was asked for.
        wanted: u64,
    },
    /// The stored chain was written by another version of this crate.
    #[error("the chain at {} has format {stored}, this version reads {wanted}", path.display())]
    Format {
        /// The file that was opened.
        path: PathBuf,
        /// The format number it holds.
        stored: u64,
        /// The format number understood here.
        wanted: u64,
    },
    /// The directory of the chain cannot be created.
    #[error("cannot create {}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The chain's file cannot be opened: it is not a chain, it is damaged, or the disk says no.
    #[error("cannot open the chain at {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<redb::Error>,
    },
    /// The database failed.
    #[error("chain database: {0}")]
    Database(#[from] Box<redb::Error>),
    /// A stored value does not decode, so the file is damaged.
    #[error("chain database: {what} is damaged: {detail}")]
    Damaged {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// A trie node that the state root reaches is not in the file.
    #[error("chain database: trie node {0} is missing")]
    MissingNode(B256),
    /// The virtual machine failed for a reason that is not the transaction's fault.
    #[error("virtual machine: {0}")]
    Machine(String),
    /// The address is not a loopback address and remote access was not asked for.
    #[error("{0} is not a loopback address; remote access must be asked for")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The server stopped with an error.
    #[error("the server stopped")]
    Serve(#[source] std::io::Error),
}

impl DevnetError {
    pub(crate) fn damaged(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Damaged { what, detail: detail.to_string() }
    }
}

impl revm::database_interface::DBErrorMarker for DevnetError {}

macro_rules! from_redb {
    ($($error:ident),*) => {$(
        impl From<redb::$error> for DevnetError {
            fn from(error: redb::$error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        }
    )*};
}

from_redb!(DatabaseError, TransactionError, TableError, StorageError, CommitError, SavepointError, SetDurabilityError);
