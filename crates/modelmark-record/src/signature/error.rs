//! Why a signature does not count.

use alloy_primitives::Address;

use crate::signature::bytes::SignatureLength;
use crate::value::Signer;
use crate::{RecordError, RecordId};

/// Why a signature, or a document of signatures, does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The other of two signatures with the same meaning; accepting both would make signatures malleable.
    #[error("signature has a high s (EIP-2 allows only the low one)")]
    HighS,
    /// The last byte is not 27 or 28.
    #[error("signature ends in {0}, not in 27 or 28")]
    RecoveryByte(u8),
    /// A key's signature has 65 bytes.
    #[error("signature of a key has {0} bytes, not 65")]
    Length(usize),
    /// A signature of no bytes, or of too many.
    #[error(transparent)]
    Bytes(#[from] SignatureLength),
    /// No secp256k1 key can have made it.
    #[error("signature is not one of secp256k1 (r or s out of range, or no point on the curve)")]
    NoKey,
    /// Made by another key, or over another record, text, domain or chain: the key that it leads to is not the signer's.
    #[error("signature does not belong to {signer}: over this record it leads to {recovered}")]
    WrongSigner {
        /// Who is said to have signed.
        signer: Address,
        /// Whose signature it would be.
        recovered: Address,
    },
    /// By somebody whom the record does not name.
    #[error("{signer} is neither the creator {creator} nor a contributor")]
    NotNamed {
        /// Who signed.
        signer: Address,
        /// Who could have.
        creator: Address,
    },
    /// A key is the same account on every chain and is written as one of chain 1.
    #[error("the signer of a key's signature is written eip155:1:…, not {0}")]
    KeyOnChain(Signer),
    /// The signature document belongs to another record.
    #[error("signatures are for record {found}, not for {expected}")]
    OtherRecord {
        /// The record that the document names.
        found: RecordId,
        /// The record at hand.
        expected: RecordId,
    },
    /// No signature or too many.
    #[error("signatures must be between 1 and {limit}; there are {count}")]
    Count {
        /// How many there are.
        count: usize,
        /// The most accepted.
        limit: usize,
    },
    /// One account twice in one document.
    #[error("{0} signed twice in one document")]
    Twice(Signer),
    /// The signature document cannot be read.
    #[error(transparent)]
    Document(#[from] RecordError),
}

impl SignatureError {
    /// Returns the reason in one word or two, which scripts may match on: it is never renamed.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::HighS => "high-s",
            Self::RecoveryByte(_) => "recovery-byte",
            Self::Length(_) | Self::Bytes(_) => "length",
            Self::NoKey => "no-key",
            Self::WrongSigner { .. } => "wrong-signer",
            Self::NotNamed { .. } => "not-named",
            Self::KeyOnChain(_) => "key-on-chain",
            Self::OtherRecord { .. } => "other-record",
            Self::Count { .. } => "count",
            Self::Twice(_) => "twice",
            Self::Document(_) => "document",
        }
    }
}
