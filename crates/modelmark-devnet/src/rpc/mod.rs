//! The JSON-RPC methods, by topic. A method is a function from the chain and its parameters to a JSON value.

pub(crate) mod at;
mod blocks;
mod calls;
mod control;
pub(crate) mod error;
mod fees;
mod filters;
mod network;
mod params;
mod proof;
mod send;
mod sign;
mod state;
mod transactions;
mod typed_data;

use alloy::primitives::U256;
use serde::Serialize;
use serde_json::Value;

pub use error::RpcError;
pub(crate) use params::Params;

use crate::chain::Chain;

/// What a method answers.
pub(crate) type Answer = Result<Value, RpcError>;

/// Runs a method.
///
/// # Errors
///
/// Code -32601 for a method that is not known, -32602 for parameters that do not fit, and the method's own errors.
pub(crate) fn call(chain: &Chain, method: &str, params: Value) -> Answer {
    let run = find(method).ok_or_else(|| RpcError::method_not_found(method))?;
    run(chain, Params::new(params)?)
}

/// A method.
type Method = fn(&Chain, Params) -> Answer;

fn find(method: &str) -> Option<Method> {
    Some(match method {
        "web3_clientVersion" => network::client_version,
        "web3_sha3" => network::sha3,
        "net_version" => network::version,
        "net_listening" => network::listening,
        "net_peerCount" => network::peer_count,
        "eth_chainId" => network::chain_id,
        "eth_syncing" | "eth_mining" => network::no,
        "eth_accounts" => network::accounts,
        "eth_coinbase" => network::coinbase,
        "eth_gasPrice" => fees::gas_price,
        "eth_maxPriorityFeePerGas" => fees::tip,
        "eth_blobBaseFee" => fees::blob_base_fee,
        "eth_feeHistory" => fees::history,
        "eth_getBalance" => state::balance,
        "eth_getCode" => state::code,
        "eth_getStorageAt" => state::storage,
        "eth_getTransactionCount" => state::nonce,
        "eth_getProof" => proof::get,
        "eth_blockNumber" => blocks::number,
        "eth_getBlockByNumber" => blocks::by_number,
        "eth_getBlockByHash" => blocks::by_hash,
        "eth_getBlockReceipts" => blocks::receipts,
        "eth_getBlockTransactionCountByNumber" => blocks::count_by_number,
        "eth_getBlockTransactionCountByHash" => blocks::count_by_hash,
        "eth_getUncleCountByBlockNumber" => blocks::uncle_count_by_number,
        "eth_getUncleCountByBlockHash" => blocks::uncle_count_by_hash,
        "eth_getUncleByBlockNumberAndIndex" => blocks::uncle_by_number,
        "eth_getUncleByBlockHashAndIndex" => blocks::uncle_by_hash,
        "eth_getTransactionByHash" => transactions::by_hash,
        "eth_getTransactionByBlockNumberAndIndex" => transactions::by_number_and_index,
        "eth_getTransactionByBlockHashAndIndex" => transactions::by_hash_and_index,
        "eth_getTransactionReceipt" => transactions::receipt,
        "eth_getRawTransactionByHash" => transactions::raw,
        "eth_call" => calls::call,
        "eth_estimateGas" => calls::estimate,
        "eth_createAccessList" => calls::access_list,
        "eth_sendRawTransaction" => send::raw,
        "eth_sendTransaction" => send::from_account,
        "eth_sign" => sign::message,
        "personal_sign" => sign::personal,
        "eth_signTypedData_v4" => sign::typed_data,
        "eth_getLogs" => filters::logs,
        "eth_newFilter" => filters::new_logs,
        "eth_newBlockFilter" => filters::new_blocks,
        "eth_newPendingTransactionFilter" => filters::new_transactions,
        "eth_getFilterChanges" => filters::changes,
        "eth_getFilterLogs" => filters::all_logs,
        "eth_uninstallFilter" => filters::uninstall,
        "evm_mine" => control::mine,
        "evm_increaseTime" => control::increase_time,
        "evm_setNextBlockTimestamp" => control::set_next_timestamp,
        "evm_snapshot" => control::snapshot,
        "evm_revert" => control::revert,
        _ => return None,
    })
}

/// Turns a value into JSON.
pub(crate) fn json(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| RpcError::new(error::INTERNAL_ERROR, error.to_string()))
}

/// Turns a number into the hex form that Ethereum uses.
pub(crate) fn quantity(value: impl Into<u128>) -> Answer {
    json(U256::from(value.into()))
}
