//! The state after one block, as the virtual machine reads it.

use alloy::primitives::{Address, B256, U256};
use revm::DatabaseRef;
use revm::bytecode::Bytecode;
use revm::state::AccountInfo;

use super::Snapshot;
use crate::DevnetError;

/// A view of the state after a block.
#[derive(Clone, Copy)]
pub(crate) struct StateAt<'a> {
    snapshot: &'a Snapshot,
    number: u64,
}

impl<'a> StateAt<'a> {
    pub(super) const fn new(snapshot: &'a Snapshot, number: u64) -> Self {
        Self { snapshot, number }
    }
}

impl DatabaseRef for StateAt<'_> {
    type Error = DevnetError;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, DevnetError> {
        Ok(self.snapshot.account(address, self.number)?.map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            account_id: None,
            code: None,
        }))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, DevnetError> {
        Bytecode::new_raw_checked(self.snapshot.code(code_hash)?).map_err(|error| DevnetError::damaged("code", error))
    }

    fn storage_ref(&self, address: Address, index: U256) -> Result<U256, DevnetError> {
        self.snapshot.slot(address, index, self.number)
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, DevnetError> {
        // The machine asks for the 256 blocks before the one it runs in; none of them is above the state.
        Ok(self.snapshot.header(number)?.map(|sealed| sealed.hash).unwrap_or_default())
    }
}
