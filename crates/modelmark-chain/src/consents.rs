//! What creators and accounts sign for somebody else to submit, as documents: a consent to a mint, a delegation, a withdrawal.
//!
//! A document says which chain and contract it was signed for. Whether the signature is good is for the contract to say, which is asked
//! before anything is sent; a field that was changed afterwards makes it bad.

use alloy::primitives::{Address, Bytes, U256};
use serde::{Deserialize, Serialize};

use crate::bindings::ModelRegistry as abi;
use crate::{Call, ChainId, Contract, Delegation, MintAuthorization, ModelInput, Registry, TokenId, Withdrawal, token_id_of};

/// More gas than a mint takes, with every descriptive field, and what each parent adds at most.
const MINT_GAS: u64 = 320_000;
const PARENT_GAS: u64 = 60_000;

/// A creator's consent to a mint, without the statement: that follows from the record, and the id says whether it is the one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedMint {
    /// Chain that it was signed for.
    pub chain: ChainId,
    /// Registry that it was signed for.
    pub registry: Address,
    /// The token's id.
    #[serde(with = "crate::documents::decimal")]
    pub token: U256,
    /// Who gets the token.
    pub to: Address,
    /// Last second, in Unix time, at which it counts.
    pub deadline: u64,
    /// The creator's signature.
    pub signature: Bytes,
}

/// A creator's word on who acts in their name, with the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedDelegation {
    /// Chain that it was signed for.
    pub chain: ChainId,
    /// Registry that it was signed for.
    pub registry: Address,
    /// Who signed.
    pub creator: Address,
    /// Who acts.
    pub delegate: Address,
    /// Whether it may.
    pub allowed: bool,
    /// Its number among the creator's words.
    pub nonce: U256,
    /// Last second, in Unix time, at which it counts.
    pub deadline: u64,
    /// The creator's signature.
    pub signature: Bytes,
}

/// An account's word that what it is owed is sent somewhere, with the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedWithdrawal {
    /// Chain that it was signed for.
    pub chain: ChainId,
    /// Vault that it was signed for.
    pub vault: Address,
    /// Who signed, and whose money it is.
    pub account: Address,
    /// ERC-20 token; zero for the chain's own currency.
    pub currency: Address,
    /// Where it goes.
    pub to: Address,
    /// Its number among the account's words.
    pub nonce: U256,
    /// Last second, in Unix time, at which it counts.
    pub deadline: u64,
    /// The account's signature.
    pub signature: Bytes,
}

impl SignedMint {
    /// Returns a consent as a document.
    #[must_use]
    pub fn new(registry: &Registry, consent: MintAuthorization) -> Self {
        Self {
            chain: registry.chain().id(),
            registry: registry.address(),
            token: token_id_of(&consent.model).get(),
            to: consent.to,
            deadline: consent.deadline.saturating_to(),
            signature: consent.signature,
        }
    }

    /// Returns the token's id.
    #[must_use]
    pub fn token_id(&self) -> TokenId {
        self.token.into()
    }

    /// Returns the consent, with the statement that it is about; `None` when it is about another.
    #[must_use]
    pub fn about(self, model: ModelInput) -> Option<MintAuthorization> {
        let Self { to, deadline, signature, .. } = self;
        let is_it = token_id_of(&model).get() == self.token;
        is_it.then(|| MintAuthorization { to, model, deadline: U256::from(deadline), signature })
    }
}

impl SignedDelegation {
    /// Returns what was signed.
    #[must_use]
    pub fn word(&self) -> Delegation {
        let Self { creator, delegate, allowed, nonce, deadline, .. } = *self;
        Delegation { creator, delegate, allowed, nonce, deadline: U256::from(deadline) }
    }
}

impl SignedWithdrawal {
    /// Returns what was signed.
    #[must_use]
    pub fn word(&self) -> Withdrawal {
        let Self { account, currency, to, nonce, deadline, .. } = *self;
        Withdrawal { account, currency, to, nonce, deadline: U256::from(deadline) }
    }
}

impl Registry {
    /// Returns the call by which anybody submits a mint that the creator consented to.
    #[must_use]
    pub fn relay_mint(&self, consent: &MintAuthorization) -> Call {
        let MintAuthorization { to, model, deadline, signature } = consent.clone();
        let parents = u64::try_from(model.lineage.parents().len()).unwrap_or(u64::MAX);
        let call = abi::mintProvenanceNFT_0Call { to, model: model.to_abi(), deadline, signature };
        Call::new("mint the token with the creator's consent", Contract::ModelRegistry.interface(), self.address(), &call)
            .taking_at_most(MINT_GAS.saturating_add(PARENT_GAS.saturating_mul(parents)))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a document that is not read is a failed test")]
    use proptest::prelude::*;

    use super::*;

    fn withdrawal() -> SignedWithdrawal {
        SignedWithdrawal {
            chain: "eip155:31337".parse().unwrap(),
            vault: Address::repeat_byte(1),
            account: Address::repeat_byte(2),
            currency: Address::ZERO,
            to: Address::repeat_byte(3),
            nonce: U256::MAX,
            deadline: u64::MAX,
            signature: Bytes::from_static(&[7; 65]),
        }
    }

    #[test]
    fn documents_are_read_back() {
        let json = serde_json::to_string(&withdrawal()).unwrap();
        assert_eq!(serde_json::from_str::<SignedWithdrawal>(&json).unwrap(), withdrawal());
    }

    #[test]
    fn unknown_and_missing_fields_are_refused() {
        let mut value = serde_json::to_value(withdrawal()).unwrap();
        let fields = value.as_object_mut().unwrap();
        fields.insert("note".to_owned(), "hello".into());
        assert!(serde_json::from_value::<SignedWithdrawal>(value.clone()).is_err());
        value.as_object_mut().unwrap().remove("note");
        assert!(serde_json::from_value::<SignedWithdrawal>(value.clone()).is_ok());
        value.as_object_mut().unwrap().remove("deadline");
        assert!(serde_json::from_value::<SignedWithdrawal>(value).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = serde_json::from_slice::<SignedMint>(&bytes);
            let _ = serde_json::from_slice::<SignedDelegation>(&bytes);
            let _ = serde_json::from_slice::<SignedWithdrawal>(&bytes);
        }
    }
}
