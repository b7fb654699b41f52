//! A state with a few accounts replaced, for a question that says "suppose".

use alloy::primitives::{B256, U256, keccak256};
use alloy::rpc::types::state::{AccountOverride, StateOverride};
use revm::Database as _;
use revm::bytecode::Bytecode;
use revm::database::CacheDB;

use crate::rpc::RpcError;
use crate::store::StateAt;

/// Returns the state with the replacements applied.
pub(crate) fn apply<'a>(state: StateAt<'a>, overrides: Option<StateOverride>) -> Result<CacheDB<StateAt<'a>>, RpcError> {
    let mut replaced = CacheDB::new(state);
    for (address, account) in overrides.unwrap_or_default() {
        let mut info = replaced.basic(address)?.unwrap_or_default();
        info.balance = account.balance.unwrap_or(info.balance);
        info.nonce = account.nonce.unwrap_or(info.nonce);
        if let Some(code) = &account.code {
            info.code_hash = keccak256(code);
            info.code = Some(Bytecode::new_raw_checked(code.clone()).map_err(|error| RpcError::params(error.to_string()))?);
        }
        replaced.insert_account_info(address, info);
        for (slot, value) in slots(&account)? {
            replaced.insert_account_storage(address, slot, value)?;
        }
        if let Some(whole) = account.state {
            let whole = whole.into_iter().map(|(slot, value)| (slot.into(), value.into())).collect();
            replaced.replace_account_storage(address, whole)?;
        }
    }
    Ok(replaced)
}

/// Returns the slots that are replaced one by one, and refuses what cannot be meant.
fn slots(account: &AccountOverride) -> Result<Vec<(U256, U256)>, RpcError> {
    if account.state.is_some() && account.state_diff.is_some() {
        return Err(RpcError::params("both state and stateDiff are given for one account"));
    }
    if account.move_precompile_to.is_some() {
        return Err(RpcError::params("movePrecompileToAddress is not supported"));
    }
    let pair = |(slot, value): (&B256, &B256)| (U256::from_be_bytes(slot.0), U256::from_be_bytes(value.0));
    Ok(account.state_diff.iter().flatten().map(pair).collect())
}
