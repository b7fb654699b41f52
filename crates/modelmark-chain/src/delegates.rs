//! Delegates: accounts and contracts that a creator lets act in their name, by a call or by a signature that anybody submits.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol;
use alloy::sol_types::eip712_domain;

use crate::bindings::ModelRegistry as abi;
use crate::{Call, ChainError, ChainId, Contract, Registry, TypedHash, Wallet};

mod typed {
    use super::sol;

    sol! {
        /// What a creator signs, as EIP-712 has it.
        struct Delegation {
            address creator;
            address delegate;
            bool allowed;
            uint256 nonce;
            uint256 deadline;
        }
    }
}

/// A creator's word that an account may act in their name in one registry, or may no longer, for somebody else to submit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// Who signs.
    pub creator: Address,
    /// Who acts.
    pub delegate: Address,
    /// Whether it may.
    pub allowed: bool,
    /// How many such words of the creator the registry took before, as [`Registry::delegation_nonce`] tells.
    pub nonce: U256,
    /// Last second, in Unix time, at which the signature counts.
    pub deadline: U256,
}

impl Delegation {
    /// Returns the EIP-712 digest that the creator signs for this registry on this chain.
    #[must_use]
    pub fn digest(&self, chain: ChainId, registry: Address) -> B256 {
        self.typed(chain, registry).digest()
    }

    fn typed(&self, chain: ChainId, registry: Address) -> TypedHash {
        let domain = eip712_domain! { name: "modelmark", version: "1", chain_id: chain.get(), verifying_contract: registry, };
        let Self { creator, delegate, allowed, nonce, deadline } = *self;
        TypedHash::of(&typed::Delegation { creator, delegate, allowed, nonce, deadline }, &domain)
    }
}

impl Registry {
    /// Tells whether `account` may act as `creator`: everybody acts for themselves.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn acts_for(&self, account: Address, creator: Address) -> Result<bool, ChainError> {
        let newest = self.newest();
        let block = newest.chain().block().await?;
        newest.view(abi::actsForCall { account, creator }, &block).await
    }

    /// Returns the nonce that a creator's next [`Delegation`] has to have.
    ///
    /// # Errors
    /// As [`Registry::acts_for`].
    pub async fn delegation_nonce(&self, creator: Address) -> Result<U256, ChainError> {
        let newest = self.newest();
        let block = newest.chain().block().await?;
        newest.view(abi::noncesCall { owner: creator }, &block).await
    }

    /// Returns the call by which the sender lets an account act as them in this registry, or no longer.
    #[must_use]
    pub fn set_delegate(&self, delegate: Address, allowed: bool) -> Call {
        self.delegating(if allowed { "let the account act as the creator" } else { "let the account act no longer" }, delegate, allowed)
    }

    /// Signs a creator's word with their key.
    ///
    /// # Errors
    /// The key is not the creator's, or not allowed on this chain.
    pub fn sign_delegation(&self, delegation: &Delegation, creator: &Wallet) -> Result<Bytes, ChainError> {
        creator.check_usable_on(self.chain().id())?;
        creator.check_is(delegation.creator)?;
        Ok(creator.sign_typed(&delegation.typed(self.chain().id(), self.address()))?.into())
    }

    /// Returns the call by which anybody submits what a creator signed.
    #[must_use]
    pub fn submit_delegation(&self, delegation: &Delegation, signature: Bytes) -> Call {
        let Delegation { creator, delegate, allowed, deadline, .. } = *delegation;
        let call = abi::setDelegate_0Call { creator, delegate, allowed, deadline, signature };
        Call::new("submit the creator's word on who acts", Contract::ModelRegistry.interface(), self.address(), &call)
    }

    pub(crate) fn delegating(&self, what: &str, delegate: Address, allowed: bool) -> Call {
        Call::new(what, Contract::ModelRegistry.interface(), self.address(), &abi::setDelegate_1Call { delegate, allowed })
    }
}
