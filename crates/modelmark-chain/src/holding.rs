//! What an owner does with a token beside selling it: lends it (ERC-4907), and chooses where its metadata is read.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::{Address, B256};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use crate::bindings::ModelRegistry as abi;
use crate::{BasisPoints, Call, ChainError, Contract, Registry, TokenId};

/// The pointer that stands for metadata made on chain.
const ON_CHAIN: B256 = B256::with_last_byte(1);

/// Who may use a token though it is not theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loan {
    /// Who.
    pub user: Address,
    /// First second, in Unix time, in which they may no more.
    pub until: u64,
}

/// Where a token's metadata is read. The record stays the one that the token's id commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataPlace {
    /// On IPFS, at the content id that follows from the record's digest: as every token begins.
    Ipfs,
    /// On Arweave, in this transaction. No contract can see whether the record is in it.
    Arweave(B256),
    /// On chain, made by the registry's renderer.
    OnChain,
}

/// The text names no place for metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place for metadata: write ipfs, chain, or ar:// and the 43 characters of an Arweave transaction")]
pub struct MetadataPlaceError(String);

impl Registry {
    /// Returns to whom a token is lent; `None` when it is not, or the time is over.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn loan(&self, token: TokenId) -> Result<Option<Loan>, ChainError> {
        let newest = self.newest();
        let block = newest.chain().block().await?;
        let user = newest.view(abi::userOfCall { tokenId: token.get() }, &block).await?;
        let until = newest.view(abi::userExpiresCall { tokenId: token.get() }, &block).await?;
        Ok((!user.is_zero()).then_some(Loan { user, until: until.saturating_to() }))
    }

    /// Tells whether a token can never be transferred again.
    ///
    /// # Errors
    /// As [`Registry::loan`]; there is no such token.
    pub async fn is_bound_to_owner(&self, token: TokenId) -> Result<bool, ChainError> {
        let newest = self.newest();
        let block = newest.chain().block().await?;
        newest.view(abi::lockedCall { tokenId: token.get() }, &block).await
    }

    /// Returns the call by which its owner lends a token. A transfer ends the loan, and the owner can end it at any time.
    #[must_use]
    pub fn lend(&self, token: TokenId, loan: Loan) -> Call {
        self.held("lend the token", &abi::setUserCall { tokenId: token.get(), user: loan.user, expires: loan.until })
    }

    /// Returns the call by which its owner ends a loan.
    #[must_use]
    pub fn end_loan(&self, token: TokenId) -> Call {
        self.held("end the loan", &abi::setUserCall { tokenId: token.get(), user: Address::ZERO, expires: 0 })
    }

    /// Returns the call by which its owner binds a token to themselves. Nothing undoes it.
    #[must_use]
    pub fn bind_to_owner(&self, token: TokenId) -> Call {
        self.held("bind the token to its owner for good", &abi::lockCall { tokenId: token.get() })
    }

    /// Returns the call by which its owner sends a token to somebody. A contract that does not take tokens refuses it.
    #[must_use]
    pub fn send(&self, token: TokenId, from: Address, to: Address) -> Call {
        self.held("send the token", &abi::safeTransferFrom_0Call { from, to, tokenId: token.get() })
    }

    /// Returns the call by which the authority of a curated collection sets what is asked about each transfer; zero for nothing.
    #[must_use]
    pub fn set_transfer_validator(&self, validator: Address) -> Call {
        self.held("set the transfer validator", &abi::setTransferValidatorCall { validator })
    }

    /// Returns what is asked about each transfer; `None` for nothing.
    ///
    /// # Errors
    /// As [`Registry::loan`].
    pub async fn transfer_validator(&self) -> Result<Option<Address>, ChainError> {
        let newest = self.newest();
        let block = newest.chain().block().await?;
        let validator = newest.view(abi::getTransferValidatorCall {}, &block).await?;
        Ok((!validator.is_zero()).then_some(validator))
    }

    /// Returns the call by which a creator lowers a token's royalty. Nothing raises it again.
    #[must_use]
    pub fn lower_royalty(&self, token: TokenId, royalty: BasisPoints) -> Call {
        self.held("lower the royalty", &abi::decreaseRoyaltyCall { tokenId: token.get(), bps: royalty.get() })
    }

    /// Returns the call by which its owner says where a token's metadata is read.
    #[must_use]
    pub fn set_metadata_place(&self, token: TokenId, place: MetadataPlace) -> Call {
        self.held("say where the metadata is", &abi::setTokenURICall { tokenId: token.get(), pointer: place.pointer() })
    }

    fn held(&self, what: &str, call: &impl alloy::sol_types::SolCall) -> Call {
        Call::new(what, Contract::ModelRegistry.interface(), self.address(), call)
    }
}

impl MetadataPlace {
    /// Returns the place that a token names in its URI; `None` for a URI that no registry of ours gives.
    #[must_use]
    pub fn of_uri(uri: &str) -> Option<Self> {
        match uri.split_once(':')?.0 {
            "ipfs" => Some(Self::Ipfs),
            "data" => Some(Self::OnChain),
            _ => uri.parse().ok(),
        }
    }

    pub(crate) fn pointer(self) -> B256 {
        match self {
            Self::Ipfs => B256::ZERO,
            Self::Arweave(transaction) => transaction,
            Self::OnChain => ON_CHAIN,
        }
    }
}

impl FromStr for MetadataPlace {
    type Err = MetadataPlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || MetadataPlaceError(text.chars().take(80).collect());
        match text {
            "ipfs" => return Ok(Self::Ipfs),
            "chain" => return Ok(Self::OnChain),
            _ => {}
        }
        let id = text.strip_prefix("ar://").ok_or_else(wrong)?;
        // 43 characters are 32 bytes.
        let bytes = (id.len() == 43).then(|| BASE64URL_NOPAD.decode(id.as_bytes()).ok()).flatten().ok_or_else(wrong)?;
        let transaction = B256::try_from(bytes.as_slice()).map_err(|_| wrong())?;
        // Both have another meaning to the registry.
        match transaction == ON_CHAIN || transaction.is_zero() {
            true => Err(wrong()),
            false => Ok(Self::Arweave(transaction)),
        }
    }
}

impl fmt::Display for MetadataPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipfs => f.write_str("ipfs"),
            Self::OnChain => f.write_str("chain"),
            Self::Arweave(transaction) => write!(f, "ar://{}", BASE64URL_NOPAD.encode(transaction.as_slice())),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a place that is not read is a failed test")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_are_read_back() {
        for place in [MetadataPlace::Ipfs, MetadataPlace::OnChain, MetadataPlace::Arweave(B256::repeat_byte(7))] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        assert_eq!(MetadataPlace::of_uri("ipfs://bafkrei"), Some(MetadataPlace::Ipfs));
        assert_eq!(MetadataPlace::of_uri("data:application/json;base64,e30="), Some(MetadataPlace::OnChain));
        assert_eq!(MetadataPlace::of_uri("https://models.example/1"), None);
    }

    #[test]
    fn what_means_something_else_to_the_registry_is_no_transaction() {
        for pointer in [B256::ZERO, ON_CHAIN] {
            let text = format!("ar://{}", BASE64URL_NOPAD.encode(pointer.as_slice()));
            assert!(text.parse::<MetadataPlace>().is_err());
        }
    }

    /// Made by the contracts; see `vectors/contracts/README.md`.
    #[test]
    fn arweave_addresses_are_those_of_the_contracts() {
        let vectors: serde_json::Value = serde_json::from_str(include_str!("../../../vectors/contracts/uris.json")).unwrap();
        let mut read = 0;
        for case in vectors["cases"].as_array().unwrap() {
            let (bytes, uri): (B256, _) = (case["bytes"].as_str().unwrap().parse().unwrap(), case["arweave"].as_str().unwrap());
            if !bytes.is_zero() && bytes != ON_CHAIN {
                assert_eq!(uri.parse(), Ok(MetadataPlace::Arweave(bytes)), "{uri}");
                assert_eq!(MetadataPlace::Arweave(bytes).to_string(), uri);
                read += 1;
            }
        }
        assert!(read > 40);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,60}|ar://[A-Za-z0-9_-]{40,46}") {
            if let Ok(place) = text.parse::<MetadataPlace>() {
                prop_assert_eq!(place.to_string(), text);
            }
        }
    }
}
