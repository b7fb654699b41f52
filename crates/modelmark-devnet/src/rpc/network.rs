//! Who and where this node is.

use alloy::primitives::{Address, Bytes, keccak256};
use serde_json::Value;

use super::{Answer, Params, json, quantity};
use crate::accounts::DEV_ACCOUNTS;
use crate::chain::Chain;

pub(super) fn client_version(_: &Chain, params: Params) -> Answer {
    params.finish()?;
    json(concat!("modelmark-devnet/", env!("CARGO_PKG_VERSION")))
}

pub(super) fn sha3(_: &Chain, mut params: Params) -> Answer {
    let data: Bytes = params.required()?;
    params.finish()?;
    json(keccak256(data))
}

pub(super) fn version(chain: &Chain, params: Params) -> Answer {
    params.finish()?;
    json(chain.chain_id().to_string())
}

pub(super) fn listening(_: &Chain, params: Params) -> Answer {
    params.finish()?;
    Ok(Value::Bool(true))
}

pub(super) fn peer_count(_: &Chain, params: Params) -> Answer {
    params.finish()?;
    quantity(0u64)
}

pub(super) fn chain_id(chain: &Chain, params: Params) -> Answer {
    params.finish()?;
    quantity(chain.chain_id())
}

pub(super) fn no(_: &Chain, params: Params) -> Answer {
    params.finish()?;
    Ok(Value::Bool(false))
}

pub(super) fn accounts(_: &Chain, params: Params) -> Answer {
    params.finish()?;
    json(DEV_ACCOUNTS.map(|account| account.address))
}

pub(super) fn coinbase(_: &Chain, params: Params) -> Answer {
    params.finish()?;
    json(Address::ZERO)
}
