//! Questions to the state: what would this call do.

use alloy::consensus::Header;
use alloy::eips::eip2930::{AccessList, AccessListItem};
use alloy::primitives::{Address, B256, TxKind, U256};
use alloy::rpc::types::TransactionRequest;
use revm::DatabaseRef;
use revm::context::TxEnv;
use revm::context::either::Either;
use revm::context::result::ResultAndState;
use revm::context::transaction::TransactionType;
use revm::precompile::{PrecompileSpecId, Precompiles};

use crate::DevnetError;
use crate::execute::{Checks, SPEC, execute};
use crate::rpc::RpcError;

/// A question in the machine's form.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) transaction: TxEnv,
    /// Whether it names a gas price, and so must pay.
    pub(crate) priced: bool,
}

impl Question {
    /// Reads a request; without a gas limit it has that of the block.
    pub(crate) fn new(request: TransactionRequest, chain_id: u64, header: &Header) -> Result<Self, RpcError> {
        check_fields(&request, chain_id)?;
        let gas_price = request.gas_price.or(request.max_fee_per_gas).or(request.max_priority_fee_per_gas).unwrap_or_default();
        let authorizations = request.authorization_list.unwrap_or_default();
        let input = request.input.try_into_unique_input().map_err(|error| RpcError::params(error.to_string()))?;
        let tx_type = if !authorizations.is_empty() {
            TransactionType::Eip7702
        } else if request.gas_price.is_none() {
            TransactionType::Eip1559
        } else if request.access_list.is_some() {
            TransactionType::Eip2930
        } else {
            TransactionType::Legacy
        };
        let transaction = TxEnv {
            tx_type: tx_type.into(),
            caller: request.from.unwrap_or_default(),
            // A call may not take longer than a block may, whatever it asks for.
            gas_limit: request.gas.map_or(header.gas_limit, |gas| gas.min(header.gas_limit)),
            gas_price,
            kind: request.to.unwrap_or(TxKind::Create),
            value: request.value.unwrap_or_default(),
            data: input.unwrap_or_default(),
            nonce: request.nonce.unwrap_or_default(),
            chain_id: Some(chain_id),
            access_list: request.access_list.unwrap_or_default(),
            gas_priority_fee: request.gas_price.is_none().then(|| request.max_priority_fee_per_gas.unwrap_or_default()),
            blob_hashes: Vec::new(),
            max_fee_per_blob_gas: 0,
            authorization_list: authorizations.into_iter().map(Either::Left).collect(),
        };
        Ok(Self { transaction, priced: gas_price > 0 })
    }

    /// Asks the question.
    pub(crate) fn ask<S>(&self, state: S, chain_id: u64, header: &Header) -> Result<ResultAndState, RpcError>
    where
        S: DatabaseRef<Error = DevnetError>,
    {
        self.ask_with_gas(state, chain_id, header, self.transaction.gas_limit)
    }

    /// Asks the question with another gas limit.
    pub(crate) fn ask_with_gas<S>(&self, state: S, chain_id: u64, header: &Header, gas_limit: u64) -> Result<ResultAndState, RpcError>
    where
        S: DatabaseRef<Error = DevnetError>,
    {
        let transaction = TxEnv { gas_limit, ..self.transaction.clone() };
        execute(state, chain_id, header, transaction, Checks::Question { priced: self.priced })
            .map_err(|refusal| RpcError::of_refusal(refusal, self.transaction.caller))
    }

    /// Returns the accounts and slots that an execution of this question read beyond those that are free anyway.
    pub(crate) fn access_list(&self, outcome: &ResultAndState, header: &Header) -> AccessList {
        let free = |address: &Address| {
            *address == self.transaction.caller
                || *address == header.beneficiary
                || self.transaction.kind.to() == Some(address)
                || Precompiles::new(PrecompileSpecId::from_spec_id(SPEC)).contains(address)
        };
        let mut items: Vec<AccessListItem> = outcome
            .state
            .iter()
            .filter(|(address, account)| !account.storage.is_empty() || !(free(address) || account.is_created()))
            .map(|(address, account)| {
                let mut storage_keys: Vec<B256> = account.storage.keys().map(|slot| B256::from(*slot)).collect();
                storage_keys.sort_unstable();
                AccessListItem { address: *address, storage_keys }
            })
            .collect();
        items.sort_unstable_by_key(|item| item.address);
        AccessList(items)
    }

    /// Returns the most gas that the sender can pay for, `None` when gas costs nothing.
    pub(crate) fn affordable_gas(&self, balance: U256) -> Result<Option<u64>, RpcError> {
        if self.transaction.gas_price == 0 {
            return Ok(None);
        }
        let left = balance.checked_sub(self.transaction.value).ok_or_else(|| RpcError::server("insufficient funds for transfer"))?;
        Ok(Some((left / U256::from(self.transaction.gas_price)).saturating_to()))
    }
}

fn check_fields(request: &TransactionRequest, chain_id: u64) -> Result<(), RpcError> {
    if request.gas_price.is_some() && (request.max_fee_per_gas.is_some() || request.max_priority_fee_per_gas.is_some()) {
        return Err(RpcError::server("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified"));
    }
    if request.blob_versioned_hashes.is_some() || request.max_fee_per_blob_gas.is_some() || request.sidecar.is_some() {
        return Err(RpcError::server("blob transactions are not supported"));
    }
    if let Some(named) = request.chain_id.filter(|named| *named != chain_id) {
        return Err(RpcError::server(format!("chainId does not match node's (have={named}, want={chain_id})")));
    }
    Ok(())
}
