//! What only a development chain offers: mining on demand, moving the clock, going back.

use alloy::primitives::U256;
use serde_json::Value;

use super::params::plain_number;
use super::{Answer, Params, RpcError, json, quantity};
use crate::chain::Chain;
use crate::clock::now;

/// No timestamp is above this: the year 36812.
const END_OF_TIME: u64 = 1 << 40;

/// How many blocks one `evm_mine` makes at most.
const MAX_BLOCKS: u64 = 1000;

pub(super) fn mine(chain: &Chain, mut params: Params) -> Answer {
    let options: Option<Value> = params.optional()?;
    params.finish()?;
    let (timestamp, blocks) = mine_options(options.as_ref())?;
    if let Some(timestamp) = timestamp {
        promise(chain, timestamp)?;
    }
    for _ in 0..blocks {
        chain.mine_empty()?;
    }
    json("0x0")
}

pub(super) fn increase_time(chain: &Chain, mut params: Params) -> Answer {
    let seconds = plain_number(&params.required()?)?;
    params.finish()?;
    let clock = chain.adjust_clock(|clock, _| {
        let clock = clock.forward(seconds);
        if now().saturating_add(clock.ahead) > END_OF_TIME { Err(too_late()) } else { Ok(clock) }
    })?;
    json(clock.ahead)
}

pub(super) fn set_next_timestamp(chain: &Chain, mut params: Params) -> Answer {
    let timestamp = plain_number(&params.required()?)?;
    params.finish()?;
    promise(chain, timestamp)?;
    Ok(Value::Null)
}

pub(super) fn snapshot(chain: &Chain, params: Params) -> Answer {
    params.finish()?;
    quantity(chain.remember()?)
}

pub(super) fn revert(chain: &Chain, mut params: Params) -> Answer {
    let id: U256 = params.required()?;
    params.finish()?;
    let Ok(id) = id.try_into() else { return Ok(Value::Bool(false)) };
    Ok(Value::Bool(chain.go_back(id)?))
}

/// Promises the next block a timestamp.
fn promise(chain: &Chain, timestamp: u64) -> Result<(), RpcError> {
    chain.adjust_clock(|mut clock, latest| {
        if timestamp <= latest {
            return Err(RpcError::params(format!("timestamp {timestamp} is not after the previous block's timestamp {latest}")));
        }
        if timestamp > END_OF_TIME {
            return Err(too_late());
        }
        clock.next = Some(timestamp);
        Ok(clock)
    })?;
    Ok(())
}

fn too_late() -> RpcError {
    RpcError::params(format!("no timestamp may be above {END_OF_TIME}"))
}

/// Reads the argument of `evm_mine`: nothing, a timestamp, or an object with `timestamp` and `blocks`.
fn mine_options(options: Option<&Value>) -> Result<(Option<u64>, u64), RpcError> {
    let Some(options) = options else { return Ok((None, 1)) };
    let Some(fields) = options.as_object() else { return Ok((Some(plain_number(options)?), 1)) };
    let field = |name: &str| fields.get(name).filter(|value| !value.is_null()).map(plain_number).transpose();
    let blocks = field("blocks")?.unwrap_or(1);
    if blocks > MAX_BLOCKS {
        return Err(RpcError::params(format!("too many blocks, want at most {MAX_BLOCKS}")));
    }
    Ok((field("timestamp")?, blocks))
}
