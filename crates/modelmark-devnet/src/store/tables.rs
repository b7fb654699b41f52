//! The tables of a chain's file.

use redb::{ReadTransaction, TableDefinition, TableError, WriteTransaction};

use crate::DevnetError;

/// Block number -> RLP of the header.
pub(super) const HEADERS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("headers");
/// Block number -> transactions and receipts, see [`codec`](super::codec).
pub(super) const BODIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("bodies");
/// Block hash -> block number.
pub(super) const NUMBERS: TableDefinition<'_, &[u8; 32], u64> = TableDefinition::new("numbers");
/// Transaction hash -> block number and index.
pub(super) const PLACES: TableDefinition<'_, &[u8; 32], (u64, u64)> = TableDefinition::new("places");
/// Address and block number (big endian) -> the account, empty when it was removed.
pub(super) const ACCOUNTS: TableDefinition<'_, &[u8; 28], &[u8]> = TableDefinition::new("accounts");
/// Address, slot and block number (big endian) -> the value.
pub(super) const SLOTS: TableDefinition<'_, &[u8; 60], &[u8; 32]> = TableDefinition::new("slots");
/// Code hash -> code.
pub(super) const CODES: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("codes");
/// Node hash -> RLP of the node, of the state trie and of every storage trie.
pub(super) const NODES: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("nodes");
/// Single numbers by name.
pub(super) const NUMBERS_BY_NAME: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

/// The format of the file.
pub(super) const META_FORMAT: &str = "format";
/// The chain id.
pub(super) const META_CHAIN_ID: &str = "chain id";
/// How many seconds the chain's clock is ahead of the machine's.
pub(super) const META_AHEAD: &str = "clock ahead";
/// The timestamp that the next block has been promised.
pub(super) const META_NEXT: &str = "clock next";

/// Returns the format that a file states; zero when it states none.
pub(super) fn format(transaction: &ReadTransaction) -> Result<u64, DevnetError> {
    match transaction.open_table(NUMBERS_BY_NAME) {
        Ok(meta) => Ok(meta.get(META_FORMAT)?.map_or(0, |value| value.value())),
        Err(TableError::TableDoesNotExist(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Creates the tables.
pub(super) fn create(transaction: &WriteTransaction, format: u64) -> Result<(), DevnetError> {
    transaction.open_table(NUMBERS_BY_NAME)?.insert(META_FORMAT, format)?;
    transaction.open_table(HEADERS)?;
    transaction.open_table(BODIES)?;
    transaction.open_table(NUMBERS)?;
    transaction.open_table(PLACES)?;
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(SLOTS)?;
    transaction.open_table(CODES)?;
    transaction.open_table(NODES)?;
    Ok(())
}
