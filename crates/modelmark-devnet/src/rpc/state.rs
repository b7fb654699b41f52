//! Reading accounts.

use alloy::eips::{BlockId, BlockNumberOrTag};
use alloy::primitives::{Address, B256, Bytes, U256};

use super::{Answer, Params, at, json, quantity};
use crate::chain::Chain;

pub(super) fn balance(chain: &Chain, mut params: Params) -> Answer {
    let (address, id): (Address, Option<BlockId>) = (params.required()?, params.optional()?);
    params.finish()?;
    let snapshot = chain.snapshot()?;
    let at = at::resolve(chain, &snapshot, id)?;
    json(snapshot.account(address, at.number)?.map_or(U256::ZERO, |account| account.balance))
}

pub(super) fn code(chain: &Chain, mut params: Params) -> Answer {
    let (address, id): (Address, Option<BlockId>) = (params.required()?, params.optional()?);
    params.finish()?;
    let snapshot = chain.snapshot()?;
    let at = at::resolve(chain, &snapshot, id)?;
    let account = snapshot.account(address, at.number)?;
    json(account.map_or_else(|| Ok(Bytes::new()), |account| snapshot.code(account.code_hash))?)
}

pub(super) fn storage(chain: &Chain, mut params: Params) -> Answer {
    let (address, slot, id): (Address, U256, Option<BlockId>) = (params.required()?, params.required()?, params.optional()?);
    params.finish()?;
    let snapshot = chain.snapshot()?;
    let at = at::resolve(chain, &snapshot, id)?;
    json(B256::from(snapshot.slot(address, slot, at.number)?))
}

pub(super) fn nonce(chain: &Chain, mut params: Params) -> Answer {
    let (address, id): (Address, Option<BlockId>) = (params.required()?, params.optional()?);
    params.finish()?;
    let snapshot = chain.snapshot()?;
    let at = at::resolve(chain, &snapshot, id)?;
    let mut nonce = snapshot.account(address, at.number)?.map_or(0, |account| account.nonce);
    if id == Some(BlockId::Number(BlockNumberOrTag::Pending)) {
        nonce = chain.next_nonce(address, nonce);
    }
    quantity(nonce)
}
