//! Logs, and filters that are asked again and again.

use alloy::primitives::{B256, U256};
use alloy::rpc::types::{Filter, FilterBlockOption};
use serde_json::Value;

use super::{Answer, Params, RpcError, at, json, quantity};
use crate::chain::Chain;
use crate::filters::Listening;
use crate::logs::{check, find};
use crate::store::Snapshot;

/// How many blocks one answer covers at most when it is about blocks or transactions.
const MAX_BLOCKS: u64 = 10_000;

pub(super) fn logs(chain: &Chain, mut params: Params) -> Answer {
    let filter: Filter = params.required()?;
    params.finish()?;
    check(&filter)?;
    let snapshot = chain.snapshot()?;
    let Some((first, last)) = range(&snapshot, &filter)? else { return Err(RpcError::server("unknown block")) };
    json(find(&snapshot, &filter, first, last)?)
}

pub(super) fn new_logs(chain: &Chain, mut params: Params) -> Answer {
    let filter: Filter = params.required()?;
    params.finish()?;
    check(&filter)?;
    if filter.get_block_hash().is_some() {
        return Err(RpcError::params("a filter cannot be about one block"));
    }
    range(&chain.snapshot()?, &filter)?;
    install(chain, Listening::Logs(Box::new(filter)))
}

pub(super) fn new_blocks(chain: &Chain, params: Params) -> Answer {
    params.finish()?;
    install(chain, Listening::Blocks)
}

pub(super) fn new_transactions(chain: &Chain, mut params: Params) -> Answer {
    if params.optional::<bool>()?.unwrap_or_default() {
        return Err(RpcError::params("only hashes of transactions can be followed"));
    }
    params.finish()?;
    install(chain, Listening::Transactions)
}

pub(super) fn changes(chain: &Chain, params: Params) -> Answer {
    let (id, listening, next_block) = installed(chain, params)?;
    let snapshot = chain.snapshot()?;
    let head = snapshot.head()?.header.number;
    let last = match listening {
        Listening::Logs(_) => head,
        _ => head.min(next_block.saturating_add(MAX_BLOCKS - 1)),
    };
    let answer = match listening {
        Listening::Logs(filter) => {
            let (first, last) = range(&snapshot, &filter)?.unwrap_or((0, head));
            json(find(&snapshot, &filter, first.max(next_block), last.min(head))?)?
        }
        Listening::Blocks => json(block_hashes(&snapshot, next_block, last)?)?,
        Listening::Transactions => json(transaction_hashes(&snapshot, next_block, last)?)?,
    };
    chain.filters().heard(id, last.saturating_add(1));
    Ok(answer)
}

pub(super) fn all_logs(chain: &Chain, params: Params) -> Answer {
    let (_, listening, _) = installed(chain, params)?;
    let Listening::Logs(filter) = listening else { return Err(RpcError::server("filter not found")) };
    let snapshot = chain.snapshot()?;
    let Some((first, last)) = range(&snapshot, &filter)? else { return Err(RpcError::server("unknown block")) };
    json(find(&snapshot, &filter, first, last)?)
}

pub(super) fn uninstall(chain: &Chain, mut params: Params) -> Answer {
    let id = filter_id(&mut params)?;
    params.finish()?;
    Ok(Value::Bool(id.is_some_and(|id| chain.filters().uninstall(id))))
}

fn install(chain: &Chain, listening: Listening) -> Answer {
    let next_block = chain.snapshot()?.head()?.header.number.saturating_add(1);
    quantity(chain.filters().install(listening, next_block))
}

/// Reads a filter's id; `None` for a number that no filter ever has.
fn filter_id(params: &mut Params) -> Result<Option<u64>, RpcError> {
    let id: U256 = params.required()?;
    Ok(id.try_into().ok())
}

fn installed(chain: &Chain, mut params: Params) -> Result<(u64, Listening, u64), RpcError> {
    let id = filter_id(&mut params)?;
    params.finish()?;
    let found = id.and_then(|id| chain.filters().get(id).map(|(listening, next_block)| (id, listening, next_block)));
    found.ok_or_else(|| RpcError::server("filter not found"))
}

/// Returns the first and the last block that a filter is about; `None` when it names a block that does not exist.
fn range(snapshot: &Snapshot, filter: &Filter) -> Result<Option<(u64, u64)>, RpcError> {
    let (first, last) = match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => return Ok(snapshot.number(hash)?.map(|number| (number, number))),
        FilterBlockOption::Range { from_block, to_block } => (from_block.unwrap_or_default(), to_block.unwrap_or_default()),
    };
    let head = snapshot.head()?.header.number;
    let next = head.saturating_add(1);
    let first = at::number(snapshot, first)?.unwrap_or(next);
    let last = at::number(snapshot, last)?.unwrap_or(next);
    if first > last {
        return Err(RpcError::params("invalid block range params"));
    }
    Ok(Some((first, last)))
}

fn block_hashes(snapshot: &Snapshot, first: u64, last: u64) -> Result<Vec<B256>, RpcError> {
    let mut hashes = Vec::new();
    for number in first..=last {
        hashes.extend(snapshot.header(number)?.map(|sealed| sealed.hash));
    }
    Ok(hashes)
}

fn transaction_hashes(snapshot: &Snapshot, first: u64, last: u64) -> Result<Vec<B256>, RpcError> {
    let mut hashes = Vec::new();
    for number in first..=last {
        hashes.extend(snapshot.body(number)?.transactions.iter().map(|transaction| *transaction.hash()));
    }
    Ok(hashes)
}
