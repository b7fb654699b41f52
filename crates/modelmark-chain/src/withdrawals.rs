//! Withdrawals from a royalty vault that the account signs and anybody submits: for accounts that hold no coins to pay gas with.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol;
use alloy::sol_types::eip712_domain;

use crate::bindings::LineageVault as abi;
use crate::{Call, ChainError, ChainId, RoyaltyVault, TypedHash, Wallet};

mod typed {
    use super::sol;

    sol! {
        /// What an account signs, as EIP-712 has it.
        struct Withdrawal {
            address account;
            address currency;
            address to;
            uint256 nonce;
            uint256 deadline;
        }
    }
}

/// An account's word that all it has in a currency is to be sent somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Whose money.
    pub account: Address,
    /// ERC-20 token; zero for the chain's own currency.
    pub currency: Address,
    /// Where it goes.
    pub to: Address,
    /// How many such words of the account the vault took before, as [`RoyaltyVault::withdrawal_nonce`] tells.
    pub nonce: U256,
    /// Last second, in Unix time, at which the signature counts.
    pub deadline: U256,
}

impl Withdrawal {
    /// Returns the EIP-712 digest that the account signs for this vault on this chain.
    #[must_use]
    pub fn digest(&self, chain: ChainId, vault: Address) -> B256 {
        self.typed(chain, vault).digest()
    }

    fn typed(&self, chain: ChainId, vault: Address) -> TypedHash {
        let domain = eip712_domain! { name: "modelmark vault", version: "1", chain_id: chain.get(), verifying_contract: vault, };
        let Self { account, currency, to, nonce, deadline } = *self;
        TypedHash::of(&typed::Withdrawal { account, currency, to, nonce, deadline }, &domain)
    }
}

impl RoyaltyVault {
    /// Returns the nonce that an account's next [`Withdrawal`] has to have.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn withdrawal_nonce(&self, account: Address) -> Result<U256, ChainError> {
        let block = self.chain().block().await?;
        self.view(abi::noncesCall { owner: account }, &block).await
    }

    /// Signs an account's word with its key.
    ///
    /// # Errors
    /// The key is not the account's, or not allowed on this chain.
    pub fn sign_withdrawal(&self, withdrawal: &Withdrawal, account: &Wallet) -> Result<Bytes, ChainError> {
        account.check_usable_on(self.chain().id())?;
        account.check_is(withdrawal.account)?;
        Ok(account.sign_typed(&withdrawal.typed(self.chain().id(), self.address))?.into())
    }

    /// Returns the call by which anybody submits what an account signed.
    #[must_use]
    pub fn submit_withdrawal(&self, withdrawal: &Withdrawal, signature: Bytes) -> Call {
        let Withdrawal { account, currency, to, deadline, .. } = *withdrawal;
        self.call("send the money where its owner signed", &abi::withdraw_0Call { account, currency, to, deadline, signature })
    }
}
