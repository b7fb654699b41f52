//! Who said it first: commitments to weights that are shown later, and proofs of the earlier time.
//!
//! A commitment hides the weights behind a salt. Who learns the salt before the creator shows it can tell which public file is meant, so
//! that it is random and nothing prints it.

use std::fmt;

use alloy::primitives::{Address, B256, keccak256};
use alloy::sol_types::SolValue as _;
use modelmark_digest::Sha256Digest;
use serde::{Deserialize, Serialize};

use crate::bindings::Priority as abi;
use crate::keystore::random_key;
use crate::model::word;
use crate::{AnchoredEntry, Call, Chain, ChainError, Contract, TokenRef, WalletError};

/// A creator's commitment to weights, with the salt that hides them: a secret until it is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Commitment {
    /// Who made the model.
    pub creator: Address,
    /// Digest inside the content id of the weights.
    pub weights: Sha256Digest,
    salt: B256,
}

impl Commitment {
    /// Returns a commitment with a new random salt.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new(creator: Address, weights: Sha256Digest) -> Result<Self, WalletError> {
        Ok(Self { creator, weights, salt: B256::from(*random_key()?) })
    }

    /// Returns what is published: keccak256 of creator, weights and salt.
    #[must_use]
    pub fn digest(&self) -> B256 {
        keccak256((self.creator, word(self.weights), self.salt).abi_encode())
    }

    /// Returns the call that publishes it. Anybody may send it: the creator is inside.
    #[must_use]
    pub fn commit(&self) -> Call {
        priority("commit to the weights", &abi::commitCall { commitment: self.digest() })
    }

    /// Returns the call that shows that the creator of a token committed to its weights by [`Commitment::commit`].
    #[must_use]
    pub fn reveal(&self, token: &TokenRef) -> Call {
        let call = abi::revealCall { registry: token.contract(), tokenId: token.id().get(), salt: self.salt };
        priority("show the commitment", &call)
    }

    /// Returns the call that shows that the creator of a token committed to its weights by an entry of a list that `by` anchored.
    #[must_use]
    pub fn reveal_anchored(&self, token: &TokenRef, by: Address, entry: &AnchoredEntry) -> Call {
        let call = abi::revealAnchoredCall {
            registry: token.contract(),
            tokenId: token.id().get(),
            salt: self.salt,
            by,
            root: word(entry.root),
            index: entry.index,
            proof: entry.hashes.iter().map(|hash| word(*hash)).collect(),
        };
        priority("show the commitment in the list", &call)
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commitment").field("creator", &self.creator).field("weights", &self.weights).finish_non_exhaustive()
    }
}

/// Returns when a commitment was published, in Unix time; `None` when it was not.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the contract is not on this chain.
pub async fn committed_at(chain: &Chain, commitment: &Commitment) -> Result<Option<u64>, ChainError> {
    let block = chain.block().await?;
    let time = chain.view_of(Contract::Priority, abi::committedAtCall { commitment: commitment.digest() }, &block).await?;
    Ok(Some(time.to()).filter(|time| *time != 0))
}

/// Returns the earliest time, in Unix time, at which a token's creator is shown to have committed to its weights; `None` when nobody has
/// shown any.
///
/// # Errors
/// As [`committed_at`].
pub async fn priority_of(chain: &Chain, token: &TokenRef) -> Result<Option<u64>, ChainError> {
    let block = chain.block().await?;
    let call = abi::priorityOfCall { registry: token.contract(), tokenId: token.id().get() };
    let time = chain.view_of(Contract::Priority, call, &block).await?;
    Ok(Some(time.to()).filter(|time| *time != 0))
}

fn priority(what: &str, call: &impl alloy::sol_types::SolCall) -> Call {
    Call::new(what, Contract::Priority.interface(), Contract::Priority.address(), call)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a commitment that is not made is a failed test")]
    use super::*;

    #[test]
    fn salts_differ_and_are_not_printed() {
        let new = || Commitment::new(Address::repeat_byte(1), Sha256Digest::of(b"weights")).unwrap();
        let (one, two) = (new(), new());
        assert_ne!(one.digest(), two.digest());
        assert!(!format!("{one:?}").contains(&one.salt.to_string()[2..]));
        assert_eq!(serde_json::from_str::<Commitment>(&serde_json::to_string(&one).unwrap()).unwrap(), one);
    }
}
