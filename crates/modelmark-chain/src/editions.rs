//! Copies of licences (ERC-1155): offers that are transferable make copies, which are sold and given away until somebody turns them into grants.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol_types::SolCall;

use crate::bindings::LicenseEditions as abi;
use crate::decoded::Interface;
use crate::{Block, Call, Chain, ChainError, Contract};

/// The interface of the copies' contract, which the licences' contract makes and so has no init code of its own here.
pub(crate) const EDITIONS: Interface =
    Interface { name: "LicenseEditions", artifact: include_str!("../../../contracts/artifacts/LicenseEditions.json") };

/// Returns where the copies are: the first contract that the licences' contract made.
#[must_use]
pub fn editions_address() -> Address {
    // A contract's nonce begins at 1 (EIP-161).
    Contract::Licensing.address().create(1)
}

/// Returns how many copies of an offer an account has.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the contract is not on this chain.
pub async fn copies_of(chain: &Chain, account: Address, offer: U256) -> Result<U256, ChainError> {
    view(chain, abi::balanceOfCall { account, id: offer }, &chain.block().await?).await
}

/// Returns where the terms of an offer's copies are: empty before the first copy is sold.
///
/// # Errors
/// As [`copies_of`].
pub async fn copies_uri(chain: &Chain, offer: U256) -> Result<String, ChainError> {
    view(chain, abi::uriCall { offerId: offer }, &chain.block().await?).await
}

/// Returns the call by which `from` gives copies of an offer to somebody else.
#[must_use]
pub fn transfer_copies(from: Address, to: Address, offer: U256, count: U256) -> Call {
    editions("hand the copies over", &abi::safeTransferFromCall { from, to, id: offer, value: count, data: Bytes::new() })
}

/// Returns the call that lets the market move an account's copies; `None` when it may.
///
/// # Errors
/// As [`copies_of`].
pub async fn let_copies_move(chain: &Chain, account: Address) -> Result<Option<Call>, ChainError> {
    let operator = Contract::ModelMarket.address();
    if view(chain, abi::isApprovedForAllCall { account, operator }, &chain.block().await?).await? {
        return Ok(None);
    }
    Ok(Some(editions("let the market move sold copies", &abi::setApprovalForAllCall { operator, approved: true })))
}

async fn view<C: SolCall>(chain: &Chain, call: C, block: &Block) -> Result<C::Return, ChainError> {
    let missing = ChainError::NoContract { contract: Contract::Licensing, address: Contract::Licensing.address(), chain: chain.id() };
    chain.view(editions_address(), call, block).await?.ok_or(missing)
}

fn editions(what: &str, call: &impl SolCall) -> Call {
    Call::new(what, EDITIONS, editions_address(), call)
}
