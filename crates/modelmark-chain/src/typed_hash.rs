//! What an account signs under EIP-712, in the two halves that every kind of signer takes: keys sign the digest of both, Ledger devices want the halves.

use alloy::primitives::{B256, keccak256};
use alloy::sol_types::{Eip712Domain, SolStruct};

/// A typed message (EIP-712), hashed: what it says, and the domain that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedHash {
    domain: B256,
    message: B256,
}

impl TypedHash {
    /// Takes the domain separator and `hashStruct` of the message.
    #[must_use]
    pub const fn new(domain: B256, message: B256) -> Self {
        Self { domain, message }
    }

    pub(crate) fn of(message: &impl SolStruct, domain: &Eip712Domain) -> Self {
        Self::new(domain.separator(), message.eip712_hash_struct())
    }

    /// Returns the domain separator.
    #[must_use]
    pub const fn domain(&self) -> B256 {
        self.domain
    }

    /// Returns `hashStruct` of the message.
    #[must_use]
    pub const fn message(&self) -> B256 {
        self.message
    }

    /// Returns the 32 bytes that are signed: keccak256 of `\x19\x01 ‖ domain ‖ message`.
    #[must_use]
    pub fn digest(&self) -> B256 {
        keccak256([b"\x19\x01".as_slice(), self.domain.as_slice(), self.message.as_slice()].concat())
    }
}
