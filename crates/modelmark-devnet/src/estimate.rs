//! The least gas with which a transaction succeeds.

use alloy::consensus::Header;
use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::U256;
use revm::DatabaseRef;
use revm::context::result::{ExecutionResult, HaltReason};

use crate::DevnetError;
use crate::rpc::RpcError;
use crate::simulate::Question;

/// Gas of a plain transfer.
const TRANSFER: u64 = 21_000;

/// Gas that a call with value hands down for free.
const CALL_STIPEND: u64 = 2_300;

/// Returns the least gas limit with which the question succeeds.
///
/// # Errors
///
/// The revert or halt that no amount of gas prevents, or that more gas is needed than the caller has or the block allows.
pub(crate) fn estimate<S>(question: &Question, state: &S, chain_id: u64, header: &Header) -> Result<u64, RpcError>
where
    S: DatabaseRef<Error = DevnetError>,
{
    let highest = highest(question, state)?;
    let try_with = |gas: u64| question.ask_with_gas(state, chain_id, header, gas);
    if is_transfer(question, state)? && highest >= TRANSFER && try_with(TRANSFER)?.result.is_success() {
        return Ok(TRANSFER);
    }
    let first = try_with(highest)?.result;
    if let Some(error) = RpcError::of_result(&first) {
        return Err(if is_out_of_gas(&first) { RpcError::server(format!("gas required exceeds allowance ({highest})")) } else { error });
    }
    let succeeds = |gas: u64| match try_with(gas) {
        Ok(outcome) => outcome.result.is_success(),
        // Below the intrinsic gas the transaction is not even valid.
        Err(_) => false,
    };
    let mut enough = highest;
    let mut too_little = first.gas().tx_gas_used().saturating_sub(1);
    // What was spent, with the share that each call level keeps back, is almost always close.
    let spent = first.gas().total_gas_spent().saturating_add(CALL_STIPEND);
    let likely = spent.saturating_add(spent / 63).saturating_add(1);
    if likely < enough {
        if succeeds(likely) {
            enough = likely;
        } else {
            too_little = too_little.max(likely);
        }
    }
    while too_little.saturating_add(1) < enough {
        let middle = too_little.midpoint(enough);
        if succeeds(middle) {
            enough = middle;
        } else {
            too_little = middle;
        }
    }
    Ok(enough)
}

/// Returns the most gas there can be: what was asked for, within the block's limit and the sender's means.
fn highest<S>(question: &Question, state: &S) -> Result<u64, RpcError>
where
    S: DatabaseRef<Error = DevnetError>,
{
    let limit = question.transaction.gas_limit;
    let balance = state.basic_ref(question.transaction.caller)?.map_or(U256::ZERO, |account| account.balance);
    Ok(question.affordable_gas(balance)?.map_or(limit, |affordable| affordable.min(limit)))
}

fn is_transfer<S>(question: &Question, state: &S) -> Result<bool, RpcError>
where
    S: DatabaseRef<Error = DevnetError>,
{
    let transaction = &question.transaction;
    let Some(to) = transaction.kind.to() else { return Ok(false) };
    let code_hash = state.basic_ref(*to)?.map_or(KECCAK_EMPTY, |account| account.code_hash);
    Ok(transaction.data.is_empty()
        && transaction.access_list.is_empty()
        && transaction.authorization_list.is_empty()
        && code_hash == KECCAK_EMPTY)
}

const fn is_out_of_gas(result: &ExecutionResult) -> bool {
    matches!(result, ExecutionResult::Halt { reason: HaltReason::OutOfGas(_), .. })
}
