//! Putting a block together: the header of the next block, what an execution changed, and every root the header commits to.

use alloy::consensus::constants::{EMPTY_OMMER_ROOT_HASH, EMPTY_WITHDRAWALS};
use alloy::consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy::consensus::transaction::Recovered;
use alloy::consensus::{Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, TrieAccount, TxEnvelope, TxReceipt as _};
use alloy::eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy::primitives::{Address, B256, Bloom, KECCAK256_EMPTY, U256, keccak256};
use alloy::trie::EMPTY_ROOT_HASH;
use alloy_rlp::Decodable as _;
use revm::context::result::ExecutionResult;
use revm::state::{Account as Touched, EvmState};

use crate::DevnetError;
use crate::block::{Block, Body, SealedHeader};
use crate::fees::next_base_fee;
use crate::store::{Account, AccountChange, Snapshot, StateChanges};
use crate::trie::{self, Changes, NodeSource, Nodes};

/// Returns the header of the block after `parent`, with the roots of an empty block.
pub(crate) fn next_header(parent: &SealedHeader, gas_limit: u64, timestamp: u64) -> Header {
    let number = parent.header.number.saturating_add(1);
    Header {
        parent_hash: parent.hash,
        number,
        gas_limit,
        timestamp,
        base_fee_per_gas: Some(next_base_fee(&parent.header)),
        state_root: parent.header.state_root,
        // No beacon chain stands behind this one; a contract that reads the random word gets a different one in every block.
        mix_hash: keccak256(parent.hash),
        ..empty_header()
    }
}

/// Returns a header with every field of the rules in force and nothing in the block.
pub(crate) fn empty_header() -> Header {
    Header {
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        state_root: EMPTY_ROOT_HASH,
        transactions_root: EMPTY_ROOT_HASH,
        receipts_root: EMPTY_ROOT_HASH,
        withdrawals_root: Some(EMPTY_WITHDRAWALS),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(EMPTY_REQUESTS_HASH),
        ..Header::default()
    }
}

/// Completes the header for the one transaction of the block and seals it.
pub(crate) fn seal(mut header: Header, state_root: B256, transaction: Recovered<TxEnvelope>, result: ExecutionResult) -> Block {
    let receipt = receipt(&transaction, result);
    header.state_root = state_root;
    header.gas_used = receipt.cumulative_gas_used();
    header.logs_bloom = receipt.bloom();
    header.transactions_root = calculate_transaction_root(&[transaction.inner()]);
    header.receipts_root = calculate_receipt_root(&[&receipt]);
    Block { sealed: SealedHeader::seal(header), body: Body { transactions: vec![transaction], receipts: vec![receipt] } }
}

/// Returns what an execution changed, compared with the state after block `parent`, in the form that is stored.
pub(crate) fn changes(snapshot: &Snapshot, parent: u64, state: EvmState) -> Result<StateChanges, DevnetError> {
    let mut changes = StateChanges::default();
    for (address, touched) in state {
        if !touched.is_touched() {
            continue;
        }
        let before = snapshot.account(address, parent)?;
        let change = account_change(&touched);
        // Calling an account touches it; most that are touched are as they were.
        if change.account == before && change.slots.is_empty() {
            continue;
        }
        let code_hash = change.account.map(|account| account.code_hash);
        if code_hash != before.map(|account| account.code_hash)
            && let Some(code) = touched.info.code.as_ref().filter(|code| !code.is_empty())
        {
            changes.codes.insert(touched.info.code_hash, code.original_bytes());
        }
        changes.accounts.insert(address, change);
    }
    Ok(changes)
}

/// Applies the changes to the state trie and returns its new root; new nodes go into `fresh`.
pub(crate) fn state_root(
    source: &impl NodeSource,
    parent_root: B256,
    changes: &StateChanges,
    fresh: &mut Nodes,
) -> Result<B256, DevnetError> {
    let mut accounts = Changes::new();
    for (address, change) in &changes.accounts {
        let key = keccak256(address);
        let value = match change.account {
            None => None,
            Some(account) => {
                let before = trie_account(source, parent_root, *address)?.map_or(EMPTY_ROOT_HASH, |account| account.storage_root);
                let storage_root = trie::update(source, before, slot_changes(change), fresh)?;
                Some(alloy_rlp::encode(TrieAccount::new(account.nonce, account.balance, storage_root, account.code_hash)))
            }
        };
        accounts.insert(key, value);
    }
    trie::update(source, parent_root, accounts, fresh)
}

/// Returns an account as the state trie with this root holds it.
pub(crate) fn trie_account(source: &impl NodeSource, root: B256, address: Address) -> Result<Option<TrieAccount>, DevnetError> {
    let Some(rlp) = trie::get(source, root, keccak256(address))? else { return Ok(None) };
    TrieAccount::decode(&mut rlp.as_slice()).map(Some).map_err(|error| DevnetError::damaged("state trie", error))
}

fn account_change(touched: &Touched) -> AccountChange {
    // An account may only be destroyed by the transaction that created it (EIP-6780), so none of its slots was ever stored;
    // and an account that is touched and empty does not exist (EIP-161).
    if touched.is_selfdestructed() || touched.is_empty() {
        return AccountChange::default();
    }
    let code_hash = if touched.info.code_hash.is_zero() { KECCAK256_EMPTY } else { touched.info.code_hash };
    AccountChange {
        account: Some(Account { nonce: touched.info.nonce, balance: touched.info.balance, code_hash }),
        slots: touched.changed_storage_slots().map(|(slot, value)| (*slot, value.present_value())).collect(),
    }
}

fn slot_changes(change: &AccountChange) -> Changes {
    let value = |value: U256| (!value.is_zero()).then(|| alloy_rlp::encode(value));
    change.slots.iter().map(|(slot, new)| (keccak256(slot.to_be_bytes::<32>()), value(*new))).collect()
}

fn receipt(transaction: &Recovered<TxEnvelope>, result: ExecutionResult) -> ReceiptEnvelope {
    let status = result.is_success().into();
    let cumulative_gas_used = result.tx_gas_used();
    let logs = if result.is_success() { result.into_logs() } else { Vec::new() };
    let receipt = Receipt { status, cumulative_gas_used, logs };
    let logs_bloom: Bloom = receipt.bloom();
    ReceiptEnvelope::from_typed(transaction.tx_type(), ReceiptWithBloom { receipt, logs_bloom })
}
