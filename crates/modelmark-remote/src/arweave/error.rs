//! What can be wrong with a data item, a bundle or a key.

use super::ItemId;

/// The bytes are not a data item, a bundle, a transaction or a key that can be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// The bytes end too early.
    #[error("cut off in its {0}")]
    Cut(&'static str),
    /// A kind of signature that is not read.
    #[error("signature type {0} is not read; 1 (Arweave), 2 (Ed25519), 3 (Ethereum) and 4 (Solana) are")]
    SignatureType(u16),
    /// A byte that says whether a field follows says something else.
    #[error("the byte before its {field} is {byte}, and only 0 and 1 mean something")]
    Presence {
        /// The field.
        field: &'static str,
        /// The byte.
        byte: u8,
    },
    /// The tags cannot be read, or are more than is accepted.
    #[error("unusable tags: {0}")]
    Tags(String),
    /// The signature is not the owner's over these bytes.
    #[error("its signature is not its owner's over these bytes: {0}")]
    Signature(&'static str),
    /// The item has another id.
    #[error("it is the item {found}, not {expected}")]
    Id {
        /// Which item it was to be.
        expected: ItemId,
        /// Which it is.
        found: ItemId,
    },
    /// The bytes are no bundle.
    #[error("unusable bundle: {0}")]
    Bundle(String),
    /// The text is no transaction.
    #[error("unusable transaction: {0}")]
    Transaction(String),
    /// The key cannot be used.
    #[error("unusable Arweave key: {0}")]
    Key(String),
}
