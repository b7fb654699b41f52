//! A block as it is kept: sealed header, transactions with their senders, receipts.

use alloy::consensus::transaction::Recovered;
use alloy::consensus::{Header, ReceiptEnvelope, Transaction as _, TxEnvelope};
use alloy::eips::Encodable2718 as _;
use alloy::primitives::{Address, B256, Log};
use alloy::rpc::types::{Log as RpcLog, Transaction, TransactionInfo, TransactionReceipt};

/// A header with its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SealedHeader {
    pub(crate) hash: B256,
    pub(crate) header: Header,
}

impl SealedHeader {
    pub(crate) fn seal(header: Header) -> Self {
        Self { hash: header.hash_slow(), header }
    }

    /// Returns the base fee in wei per gas; every block of this chain has one.
    pub(crate) fn base_fee(&self) -> u64 {
        self.header.base_fee_per_gas.unwrap_or_default()
    }
}

/// What a block carries below its header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) transactions: Vec<Recovered<TxEnvelope>>,
    pub(crate) receipts: Vec<ReceiptEnvelope>,
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) sealed: SealedHeader,
    pub(crate) body: Body,
}

impl Block {
    /// Returns the transaction at an index in the form that clients read.
    pub(crate) fn transaction(&self, index: usize) -> Option<Transaction> {
        let transaction = self.body.transactions.get(index)?;
        let header = &self.sealed.header;
        let info = TransactionInfo {
            hash: Some(transaction.trie_hash()),
            index: u64::try_from(index).ok(),
            block_hash: Some(self.sealed.hash),
            block_number: Some(header.number),
            base_fee: header.base_fee_per_gas,
            block_timestamp: Some(header.timestamp),
        };
        Some(Transaction::from_transaction(transaction.clone(), info))
    }

    /// Returns the receipt at an index in the form that clients read.
    pub(crate) fn receipt(&self, index: usize) -> Option<TransactionReceipt> {
        let transaction = self.body.transactions.get(index)?;
        let receipt = self.body.receipts.get(index)?;
        let mut logs = self.logs_of(index).into_iter();
        Some(TransactionReceipt {
            inner: receipt.clone().map_logs(|log| logs.next().unwrap_or_else(|| RpcLog { inner: log, ..Default::default() })),
            transaction_hash: transaction.trie_hash(),
            transaction_index: u64::try_from(index).ok(),
            block_hash: Some(self.sealed.hash),
            block_number: Some(self.sealed.header.number),
            gas_used: self.gas_used(index),
            effective_gas_price: transaction.effective_gas_price(self.sealed.header.base_fee_per_gas),
            blob_gas_used: None,
            blob_gas_price: None,
            from: transaction.signer(),
            to: transaction.to(),
            contract_address: created_address(transaction),
        })
    }

    /// Returns all logs of the block, in order.
    pub(crate) fn logs(&self) -> Vec<RpcLog> {
        (0..self.body.receipts.len()).flat_map(|index| self.logs_of(index)).collect()
    }

    /// Returns the gas that the transaction at an index used alone.
    pub(crate) fn gas_used(&self, index: usize) -> u64 {
        let cumulative = |index: usize| self.body.receipts.get(index).map_or(0, |receipt| receipt.cumulative_gas_used());
        cumulative(index).saturating_sub(index.checked_sub(1).map_or(0, cumulative))
    }

    fn logs_of(&self, index: usize) -> Vec<RpcLog> {
        let before: usize = self.body.receipts.iter().take(index).map(|receipt| receipt.logs().len()).sum();
        let logs = self.body.receipts.get(index).map_or(&[][..], |receipt| receipt.logs());
        let hash = self.body.transactions.get(index).map(|transaction| transaction.trie_hash());
        logs.iter().zip(before..).map(|(log, position)| self.log(log, hash, index, position)).collect()
    }

    fn log(&self, log: &Log, transaction: Option<B256>, index: usize, position: usize) -> RpcLog {
        RpcLog {
            inner: log.clone(),
            block_hash: Some(self.sealed.hash),
            block_number: Some(self.sealed.header.number),
            block_timestamp: Some(self.sealed.header.timestamp),
            transaction_hash: transaction,
            transaction_index: u64::try_from(index).ok(),
            log_index: u64::try_from(position).ok(),
            removed: false,
        }
    }
}

/// Returns the address that a creating transaction gives its contract.
fn created_address(transaction: &Recovered<TxEnvelope>) -> Option<Address> {
    transaction.to().is_none().then(|| transaction.signer().create(transaction.nonce()))
}
