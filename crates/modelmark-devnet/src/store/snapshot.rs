//! Reading: a consistent view of the chain, unaffected by blocks mined after it was taken.

use alloy::primitives::{Address, B256, Bytes, U256};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable as _};

use super::codec::{Account, account_key, decode_account, decode_body, decode_header, slot_key};
use super::{StateAt, tables};
use crate::DevnetError;
use crate::block::{Block, Body, SealedHeader};
use crate::clock::Clock;
use crate::trie::NodeSource;

/// A view of the chain as of one committed transaction.
pub(crate) struct Snapshot {
    headers: ReadOnlyTable<u64, &'static [u8]>,
    bodies: ReadOnlyTable<u64, &'static [u8]>,
    numbers: ReadOnlyTable<&'static [u8; 32], u64>,
    places: ReadOnlyTable<&'static [u8; 32], (u64, u64)>,
    accounts: ReadOnlyTable<&'static [u8; 28], &'static [u8]>,
    slots: ReadOnlyTable<&'static [u8; 60], &'static [u8; 32]>,
    codes: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    nodes: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    meta: ReadOnlyTable<&'static str, u64>,
}

impl Snapshot {
    pub(super) fn new(transaction: &ReadTransaction) -> Result<Self, DevnetError> {
        Ok(Self {
            headers: transaction.open_table(tables::HEADERS)?,
            bodies: transaction.open_table(tables::BODIES)?,
            numbers: transaction.open_table(tables::NUMBERS)?,
            places: transaction.open_table(tables::PLACES)?,
            accounts: transaction.open_table(tables::ACCOUNTS)?,
            slots: transaction.open_table(tables::SLOTS)?,
            codes: transaction.open_table(tables::CODES)?,
            nodes: transaction.open_table(tables::NODES)?,
            meta: transaction.open_table(tables::NUMBERS_BY_NAME)?,
        })
    }

    /// Returns the chain id, `None` when there is no genesis yet.
    pub(crate) fn chain_id(&self) -> Result<Option<u64>, DevnetError> {
        Ok(self.meta.get(tables::META_CHAIN_ID)?.map(|value| value.value()))
    }

    /// Returns the clock's settings.
    pub(crate) fn clock(&self) -> Result<Clock, DevnetError> {
        let read = |name| Ok::<_, DevnetError>(self.meta.get(name)?.map(|value| value.value()));
        Ok(Clock { ahead: read(tables::META_AHEAD)?.unwrap_or_default(), next: read(tables::META_NEXT)? })
    }

    /// Returns the header of the last block.
    pub(crate) fn head(&self) -> Result<SealedHeader, DevnetError> {
        let Some((_, value)) = self.headers.last()? else { return Err(DevnetError::damaged("chain", "it has no genesis block")) };
        Ok(SealedHeader::seal(decode_header(value.value())?))
    }

    /// Returns the header of a block by number.
    pub(crate) fn header(&self, number: u64) -> Result<Option<SealedHeader>, DevnetError> {
        let Some(value) = self.headers.get(number)? else { return Ok(None) };
        Ok(Some(SealedHeader::seal(decode_header(value.value())?)))
    }

    /// Returns a block by number.
    pub(crate) fn block(&self, number: u64) -> Result<Option<Block>, DevnetError> {
        let Some(sealed) = self.header(number)? else { return Ok(None) };
        Ok(Some(Block { sealed, body: self.body(number)? }))
    }

    /// Returns what a block carries, nothing for a block that does not exist.
    pub(crate) fn body(&self, number: u64) -> Result<Body, DevnetError> {
        self.bodies.get(number)?.map_or_else(|| Ok(Body::default()), |value| decode_body(value.value()))
    }

    /// Returns the number of the block with a hash.
    pub(crate) fn number(&self, hash: B256) -> Result<Option<u64>, DevnetError> {
        Ok(self.numbers.get(&hash.0)?.map(|value| value.value()))
    }

    /// Returns the block that holds a transaction, and the transaction's index in it.
    pub(crate) fn place(&self, transaction: B256) -> Result<Option<(Block, usize)>, DevnetError> {
        let Some((number, index)) = self.places.get(&transaction.0)?.map(|value| value.value()) else { return Ok(None) };
        let block = self.block(number)?.ok_or_else(|| DevnetError::damaged("transaction index", "its block is missing"))?;
        Ok(Some((block, usize::try_from(index).unwrap_or(usize::MAX))))
    }

    /// Returns an account as it was after a block.
    pub(crate) fn account(&self, address: Address, number: u64) -> Result<Option<Account>, DevnetError> {
        let (first, last) = (account_key(address, 0), account_key(address, number));
        let Some(entry) = self.accounts.range::<&[u8; 28]>(&first..=&last)?.next_back() else { return Ok(None) };
        decode_account(entry?.1.value())
    }

    /// Returns a storage slot as it was after a block.
    pub(crate) fn slot(&self, address: Address, slot: U256, number: u64) -> Result<U256, DevnetError> {
        let (first, last) = (slot_key(address, slot, 0), slot_key(address, slot, number));
        let Some(entry) = self.slots.range::<&[u8; 60]>(&first..=&last)?.next_back() else { return Ok(U256::ZERO) };
        Ok(U256::from_be_bytes(*entry?.1.value()))
    }

    /// Returns the code with a hash; the hash of nothing stands for no code.
    pub(crate) fn code(&self, hash: B256) -> Result<Bytes, DevnetError> {
        Ok(self.codes.get(&hash.0)?.map(|value| Bytes::copy_from_slice(value.value())).unwrap_or_default())
    }

    /// Returns the state as it was after a block, for the virtual machine.
    pub(crate) const fn state_at(&self, number: u64) -> StateAt<'_> {
        StateAt::new(self, number)
    }
}

impl NodeSource for Snapshot {
    fn node(&self, hash: B256) -> Result<Option<Vec<u8>>, DevnetError> {
        Ok(self.nodes.get(&hash.0)?.map(|value| value.value().to_vec()))
    }
}
