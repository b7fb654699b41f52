//! Questions to contracts.

use alloy::eips::BlockId;
use alloy::primitives::U256;
use alloy::rpc::types::state::StateOverride;
use alloy::rpc::types::{AccessListResult, TransactionRequest};
use serde_json::Value;

use super::{Answer, Params, RpcError, at, json, quantity};
use crate::chain::Chain;
use crate::estimate::estimate as estimate_gas;
use crate::overrides;
use crate::simulate::Question;

pub(super) fn call(chain: &Chain, mut params: Params) -> Answer {
    let (request, id, replaced) = read(&mut params)?;
    no_block_overrides(&mut params)?;
    params.finish()?;
    let snapshot = chain.snapshot()?;
    let at = at::resolve(chain, &snapshot, id)?;
    let state = overrides::apply(snapshot.state_at(at.number), replaced)?;
    let question = Question::new(request, chain.chain_id(), &at.header.header)?;
    let result = question.ask(state, chain.chain_id(), &at.header.header)?.result;
    match RpcError::of_result(&result) {
        Some(error) => Err(error),
        None => json(result.into_output().unwrap_or_default()),
    }
}

pub(super) fn estimate(chain: &Chain, mut params: Params) -> Answer {
    let (request, id, replaced) = read(&mut params)?;
    no_block_overrides(&mut params)?;
    params.finish()?;
    let snapshot = chain.snapshot()?;
    let at = at::resolve(chain, &snapshot, id)?;
    let state = overrides::apply(snapshot.state_at(at.number), replaced)?;
    let question = Question::new(request, chain.chain_id(), &at.header.header)?;
    quantity(estimate_gas(&question, &state, chain.chain_id(), &at.header.header)?)
}

pub(super) fn access_list(chain: &Chain, mut params: Params) -> Answer {
    let (request, id, replaced) = read(&mut params)?;
    params.finish()?;
    let snapshot = chain.snapshot()?;
    let at = at::resolve(chain, &snapshot, id)?;
    let (chain_id, header) = (chain.chain_id(), &at.header.header);
    let state = overrides::apply(snapshot.state_at(at.number), replaced)?;
    let mut question = Question::new(request, chain_id, header)?;
    let list = question.access_list(&question.ask(&state, chain_id, header)?, header);
    // The list changes what the gas costs, so the gas is that of a second run with the list.
    question.transaction.access_list = list.clone();
    let result = question.ask(&state, chain_id, header)?.result;
    json(AccessListResult {
        access_list: list,
        gas_used: U256::from(result.tx_gas_used()),
        error: RpcError::of_result(&result).map(|error| error.message),
    })
}

fn read(params: &mut Params) -> Result<(TransactionRequest, Option<BlockId>, Option<StateOverride>), RpcError> {
    Ok((params.required()?, params.optional()?, params.optional()?))
}

fn no_block_overrides(params: &mut Params) -> Result<(), RpcError> {
    match params.optional::<Value>()? {
        None => Ok(()),
        Some(Value::Object(fields)) if fields.is_empty() => Ok(()),
        Some(_) => Err(RpcError::params("block overrides are not supported")),
    }
}
