//! Why a weights file cannot be read.

use std::io;

use crate::safetensors::HeaderError;

/// A weights file that is not what its format asks for, or cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The system refused to read.
    #[error("cannot read the file")]
    Read(#[source] io::Error),
    /// The file was not downloaded: the pointer of Git LFS stands in its place.
    #[error("this is a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`")]
    Pointer,
    /// The header of a safetensors file is malformed or untrue.
    #[error("not a valid safetensors file: {0}")]
    Safetensors(#[source] HeaderError),
    /// The file ends too early.
    #[error("the file ends inside {what} at byte {at}")]
    Ends {
        /// What was being read.
        what: &'static str,
        /// Where it starts.
        at: u64,
    },
    /// A declared number passes what is accepted or what the file can hold.
    #[error("{what}: {declared} declared, at most {limit} possible")]
    Limit {
        /// What is counted or measured.
        what: &'static str,
        /// What the file says.
        declared: u64,
        /// What is possible.
        limit: u64,
    },
    /// Something is not as the format asks.
    #[error("malformed at byte {at}: {fault}")]
    Malformed {
        /// Where it stands.
        at: u64,
        /// What is wrong.
        fault: String,
    },
    /// What is said of one tensor is wrong.
    #[error("tensor {name:?}: {fault}")]
    Tensor {
        /// Name of the tensor.
        name: String,
        /// What is wrong.
        fault: String,
    },
    /// A part of the format that is not read.
    #[error("not supported: {0}")]
    Unsupported(String),
}

impl FormatError {
    pub(super) fn malformed(at: u64, fault: impl Into<String>) -> Self {
        Self::Malformed { at, fault: fault.into() }
    }

    pub(super) fn tensor(name: &str, fault: impl Into<String>) -> Self {
        Self::Tensor { name: name.to_owned(), fault: fault.into() }
    }
}
