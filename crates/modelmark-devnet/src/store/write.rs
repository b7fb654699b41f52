//! Writing: a block with everything it changes is one transaction, durable or not there at all.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, Bytes, U256};
use redb::WriteTransaction;

use super::codec::{Account, account_key, encode_account, encode_body, slot_key};
use super::{Store, tables};
use crate::DevnetError;
use crate::block::Block;
use crate::clock::Clock;
use crate::trie::Nodes;

/// What a block changes in one account.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountChange {
    /// The account from now on, `None` when it is gone.
    pub(crate) account: Option<Account>,
    /// The slots that have a new value.
    pub(crate) slots: BTreeMap<U256, U256>,
}

/// What a block changes in the state.
#[derive(Clone, Debug, Default)]
pub(crate) struct StateChanges {
    pub(crate) accounts: BTreeMap<Address, AccountChange>,
    /// Code that may be new, by hash.
    pub(crate) codes: BTreeMap<B256, Bytes>,
}

/// A block to be added behind the last one.
#[derive(Debug)]
pub(crate) struct Append<'a> {
    pub(crate) block: &'a Block,
    pub(crate) changes: &'a StateChanges,
    pub(crate) nodes: &'a Nodes,
    pub(crate) clock: Clock,
    /// Given with the genesis block only.
    pub(crate) chain_id: Option<u64>,
}

impl Store {
    /// Adds a block; it is on disk when this returns.
    pub(crate) fn append(&self, append: &Append<'_>) -> Result<(), DevnetError> {
        let transaction = self.begin()?;
        write_block(&transaction, append.block)?;
        write_changes(&transaction, append.block.sealed.header.number, append.changes)?;
        write_nodes(&transaction, append.nodes)?;
        write_clock(&transaction, append.clock)?;
        if let Some(chain_id) = append.chain_id {
            transaction.open_table(tables::NUMBERS_BY_NAME)?.insert(tables::META_CHAIN_ID, chain_id)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Changes the clock's settings.
    pub(crate) fn set_clock(&self, clock: Clock) -> Result<(), DevnetError> {
        let transaction = self.begin()?;
        write_clock(&transaction, clock)?;
        transaction.commit()?;
        Ok(())
    }
}

fn write_block(transaction: &WriteTransaction, block: &Block) -> Result<(), DevnetError> {
    let number = block.sealed.header.number;
    transaction.open_table(tables::HEADERS)?.insert(number, alloy_rlp::encode(&block.sealed.header).as_slice())?;
    transaction.open_table(tables::NUMBERS)?.insert(&block.sealed.hash.0, number)?;
    if block.body.transactions.is_empty() {
        return Ok(());
    }
    transaction.open_table(tables::BODIES)?.insert(number, encode_body(&block.body).as_slice())?;
    let mut places = transaction.open_table(tables::PLACES)?;
    for (index, entry) in (0..).zip(&block.body.transactions) {
        places.insert(&entry.inner().hash().0, (number, index))?;
    }
    Ok(())
}

fn write_changes(transaction: &WriteTransaction, number: u64, changes: &StateChanges) -> Result<(), DevnetError> {
    let mut accounts = transaction.open_table(tables::ACCOUNTS)?;
    let mut slots = transaction.open_table(tables::SLOTS)?;
    for (address, change) in &changes.accounts {
        accounts.insert(&account_key(*address, number), encode_account(change.account.as_ref()).as_slice())?;
        for (slot, value) in &change.slots {
            slots.insert(&slot_key(*address, *slot, number), &value.to_be_bytes())?;
        }
    }
    let mut codes = transaction.open_table(tables::CODES)?;
    for (hash, code) in &changes.codes {
        codes.insert(&hash.0, code.as_ref())?;
    }
    Ok(())
}

fn write_nodes(transaction: &WriteTransaction, nodes: &Nodes) -> Result<(), DevnetError> {
    let mut table = transaction.open_table(tables::NODES)?;
    for (hash, rlp) in nodes {
        table.insert(&hash.0, rlp.as_slice())?;
    }
    Ok(())
}

fn write_clock(transaction: &WriteTransaction, clock: Clock) -> Result<(), DevnetError> {
    let mut meta = transaction.open_table(tables::NUMBERS_BY_NAME)?;
    meta.insert(tables::META_AHEAD, clock.ahead)?;
    match clock.next {
        Some(next) => meta.insert(tables::META_NEXT, next)?,
        None => meta.remove(tables::META_NEXT)?,
    };
    Ok(())
}
