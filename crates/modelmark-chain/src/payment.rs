//! Paying with ERC-20 tokens on the market: what an account has, what it lets the market take, and the call that lets it.

use alloy::primitives::{Address, U256};
use serde::Serialize;

use crate::bindings::{IERC20, ModelMarket as abi};
use crate::{Call, Chain, ChainError, Contract, Wei};

/// What an account can pay with on the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Funds {
    /// What it has.
    pub balance: U256,
    /// What the market may take.
    pub allowance: U256,
}

/// Returns what an account has of an ERC-20 token and lets the market take; nothing when no such token answers.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense.
pub async fn funds_of(chain: &Chain, currency: Address, account: Address) -> Result<Funds, ChainError> {
    let block = chain.block().await?;
    let spender = Contract::ModelMarket.address();
    let balance = chain.view(currency, IERC20::balanceOfCall { account }, &block).await?;
    let allowance = chain.view(currency, IERC20::allowanceCall { owner: account, spender }, &block).await?;
    Ok(Funds { balance: balance.unwrap_or_default(), allowance: allowance.unwrap_or_default() })
}

/// Tells whether a contract that answers as an ERC-20 token does is at an address.
///
/// # Errors
/// The endpoint cannot be asked.
pub async fn is_erc20(chain: &Chain, currency: Address) -> Result<bool, ChainError> {
    let block = chain.block().await?;
    let account = Address::ZERO;
    let balance = answered(chain.view(currency, IERC20::balanceOfCall { account }, &block).await)?;
    // An NFT's contract knows balances, too.
    Ok(balance && answered(chain.view(currency, IERC20::allowanceCall { owner: account, spender: account }, &block).await)?)
}

fn answered<T>(answer: Result<Option<T>, ChainError>) -> Result<bool, ChainError> {
    match answer {
        Ok(answer) => Ok(answer.is_some()),
        Err(ChainError::Reverted { .. } | ChainError::Nonsense { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns what an amount in a currency counts: wei, or the smallest units of a token.
#[must_use]
pub fn price_unit(currency: Address) -> String {
    match currency.is_zero() {
        true => "wei".to_owned(),
        false => format!("units of {}", currency.to_checksum(None)),
    }
}

/// Returns the call that lets the market take `price` of an ERC-20 token from `payer`; `None` when it may.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense.
pub async fn pay_with(chain: &Chain, currency: Address, payer: Address, price: U256) -> Result<Option<Call>, ChainError> {
    let allowed = funds_of(chain, currency, payer).await?.allowance;
    Ok((allowed < price).then(|| Call::approve(currency, Contract::ModelMarket.address(), price)))
}

/// Returns the coins that wait for an account on the market because they could not be sent to it.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the market is not on this chain.
pub async fn market_credit(chain: &Chain, account: Address) -> Result<Wei, ChainError> {
    let block = chain.block().await?;
    chain.view_of(Contract::ModelMarket, abi::creditOfCall { account }, &block).await.map(Wei::new)
}

/// Returns the call that sends what waits for `account` on the market: to `to` when `account` sends the call, else to `account` itself.
#[must_use]
pub fn withdraw_market_credit(account: Address, to: Option<Address>) -> Call {
    let (interface, place) = (Contract::ModelMarket.interface(), Contract::ModelMarket.address());
    match to {
        Some(to) => Call::new("take the money out", interface, place, &abi::withdrawCall { to }),
        None => Call::new("send the money to its owner", interface, place, &abi::withdrawForCall { account }),
    }
}
