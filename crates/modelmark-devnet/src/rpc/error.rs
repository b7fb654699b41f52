//! The JSON-RPC error object, with the codes and texts of geth, which clients match on.

use alloy::hex;
use alloy::primitives::{Address, Bytes, U256};
use alloy::sol_types::decode_revert_reason;
use revm::context::result::{ExecutionResult, HaltReason, InvalidTransaction};
use serde::Serialize;
use serde_json::Value;

use crate::DevnetError;
use crate::execute::Refusal;
use crate::pool::PoolError;

/// The answer is not JSON.
pub(crate) const PARSE_ERROR: i64 = -32700;
/// The answer is not a JSON-RPC 2.0 request.
pub(crate) const INVALID_REQUEST: i64 = -32600;
/// There is no such method.
pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
/// The parameters do not fit the method.
pub(crate) const INVALID_PARAMS: i64 = -32602;
/// The chain failed.
pub(crate) const INTERNAL_ERROR: i64 = -32603;
/// The request is fine and cannot be done, for example a transaction that may not be mined.
pub(crate) const SERVER_ERROR: i64 = -32000;
/// The answer would be too large.
pub(crate) const LIMIT_EXCEEDED: i64 = -32005;
/// The contract reverted; `data` holds what it gave as the reason.
pub(crate) const REVERTED: i64 = 3;

/// A JSON-RPC error.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct RpcError {
    /// The code, from the JSON-RPC specification or, for what is Ethereum's own, as geth uses it.
    pub code: i64,
    /// The text.
    pub message: String,
    /// For code 3, the revert data as a hex string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl RpcError {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    pub(crate) fn server(message: impl Into<String>) -> Self {
        Self::new(SERVER_ERROR, message)
    }

    pub(crate) fn params(message: impl Into<String>) -> Self {
        Self::new(INVALID_PARAMS, message)
    }

    pub(crate) fn method_not_found(method: &str) -> Self {
        let shown: String = method.chars().take(64).collect();
        Self::new(METHOD_NOT_FOUND, format!("the method {shown} does not exist/is not available"))
    }

    /// Returns the error for a call that the contract reverted.
    pub(crate) fn reverted(output: &Bytes) -> Self {
        let message = match decode_revert_reason(output) {
            Some(reason) if !output.is_empty() => format!("execution reverted: {}", reason.trim_start_matches("revert: ")),
            _ => String::from("execution reverted"),
        };
        Self { code: REVERTED, message, data: Some(Value::String(hex::encode_prefixed(output))) }
    }

    /// Returns the error for a result that is not a success, `None` for a success.
    pub(crate) fn of_result(result: &ExecutionResult) -> Option<Self> {
        match result {
            ExecutionResult::Success { .. } => None,
            ExecutionResult::Revert { output, .. } => Some(Self::reverted(output)),
            ExecutionResult::Halt { reason, .. } => Some(Self::server(halt(reason))),
        }
    }

    /// Returns the error for a transaction that was refused.
    pub(crate) fn of_refusal(refusal: Refusal, sender: Address) -> Self {
        match refusal {
            Refusal::Invalid(reason) => Self::server(invalid(&reason, sender)),
            Refusal::Failed(error) => error.into(),
        }
    }
}

impl From<DevnetError> for RpcError {
    fn from(error: DevnetError) -> Self {
        Self::new(INTERNAL_ERROR, error.to_string())
    }
}

impl From<PoolError> for RpcError {
    fn from(error: PoolError) -> Self {
        Self::server(error.to_string())
    }
}

fn halt(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(_) => String::from("out of gas"),
        HaltReason::OpcodeNotFound => String::from("invalid opcode"),
        HaltReason::InvalidFEOpcode => String::from("invalid opcode: INVALID"),
        HaltReason::CreateContractSizeLimit => String::from("max code size exceeded"),
        HaltReason::CreateContractStartingWithEF => String::from("invalid code: must not begin with 0xef"),
        HaltReason::CreateCollision => String::from("contract address collision"),
        HaltReason::OutOfFunds => String::from("insufficient balance for transfer"),
        other => other.to_string(),
    }
}

fn invalid(reason: &InvalidTransaction, sender: Address) -> String {
    match reason {
        InvalidTransaction::NonceTooLow { tx, state } => format!("nonce too low: next nonce {state}, tx nonce {tx}"),
        InvalidTransaction::NonceTooHigh { tx, state } => format!("nonce too high: next nonce {state}, tx nonce {tx}"),
        InvalidTransaction::LackOfFundForMaxFee { fee, balance } => {
            let (fee, balance): (U256, U256) = (**fee, **balance);
            let short = fee.saturating_sub(balance);
            format!("insufficient funds for gas * price + value: balance {balance}, tx cost {fee}, overshot {short}")
        }
        InvalidTransaction::CallGasCostMoreThanGasLimit { initial_gas, gas_limit } => {
            format!("intrinsic gas too low: gas {gas_limit}, minimum needed {initial_gas}")
        }
        InvalidTransaction::GasFloorMoreThanGasLimit { gas_floor, gas_limit } => {
            format!("insufficient gas for floor data gas cost: gas {gas_limit}, minimum needed {gas_floor}")
        }
        InvalidTransaction::CallerGasLimitMoreThanBlock => String::from("exceeds block gas limit"),
        InvalidTransaction::GasPriceLessThanBasefee => format!("max fee per gas less than block base fee: address {sender}"),
        InvalidTransaction::PriorityFeeGreaterThanMaxFee => {
            format!("max priority fee per gas higher than max fee per gas: address {sender}")
        }
        InvalidTransaction::RejectCallerWithCode => format!("sender not an eoa: address {sender}"),
        InvalidTransaction::CreateInitCodeSizeLimit => String::from("max initcode size exceeded"),
        InvalidTransaction::InvalidChainId => String::from("invalid chain id for signer"),
        InvalidTransaction::NonceOverflowInTransaction => String::from("nonce has max value"),
        other => other.to_string(),
    }
}
