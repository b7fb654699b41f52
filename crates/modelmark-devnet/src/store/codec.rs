//! How values are written as bytes.

use alloy::consensus::transaction::Recovered;
use alloy::consensus::{Header, ReceiptEnvelope, TxEnvelope};
use alloy::eips::{Decodable2718 as _, Encodable2718 as _};
use alloy::primitives::{Address, B256, Bytes, U256};
use alloy_rlp::{Decodable as _, RlpDecodable, RlpEncodable};

use crate::DevnetError;
use crate::block::Body;

/// An account as the state trie knows it, without the root of its storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct Account {
    pub(crate) nonce: u64,
    pub(crate) balance: U256,
    pub(crate) code_hash: B256,
}

/// A transaction with its sender, so that reading a block costs no signature recovery.
#[derive(RlpEncodable, RlpDecodable)]
struct StoredTransaction {
    sender: Address,
    envelope: Bytes,
    receipt: Bytes,
}

pub(super) fn encode_account(account: Option<&Account>) -> Vec<u8> {
    account.map(alloy_rlp::encode).unwrap_or_default()
}

pub(super) fn decode_account(mut bytes: &[u8]) -> Result<Option<Account>, DevnetError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Account::decode(&mut bytes).map(Some).map_err(|error| DevnetError::damaged("account", error))
}

pub(super) fn decode_header(mut bytes: &[u8]) -> Result<Header, DevnetError> {
    Header::decode(&mut bytes).map_err(|error| DevnetError::damaged("header", error))
}

pub(super) fn encode_body(body: &Body) -> Vec<u8> {
    let stored: Vec<StoredTransaction> = body
        .transactions
        .iter()
        .zip(&body.receipts)
        .map(|(transaction, receipt)| StoredTransaction {
            sender: transaction.signer(),
            envelope: transaction.encoded_2718().into(),
            receipt: receipt.encoded_2718().into(),
        })
        .collect();
    alloy_rlp::encode(stored)
}

pub(super) fn decode_body(mut bytes: &[u8]) -> Result<Body, DevnetError> {
    let stored = Vec::<StoredTransaction>::decode(&mut bytes).map_err(|error| DevnetError::damaged("body", error))?;
    let mut body = Body::default();
    for entry in stored {
        let envelope = TxEnvelope::decode_2718_exact(&entry.envelope).map_err(|error| DevnetError::damaged("transaction", error))?;
        let receipt = ReceiptEnvelope::decode_2718_exact(&entry.receipt).map_err(|error| DevnetError::damaged("receipt", error))?;
        body.transactions.push(Recovered::new_unchecked(envelope, entry.sender));
        body.receipts.push(receipt);
    }
    Ok(body)
}

/// Returns the key of an account's value set in a block.
pub(super) fn account_key(address: Address, number: u64) -> [u8; 28] {
    join(&[address.as_slice(), &number.to_be_bytes()])
}

/// Returns the key of a slot's value set in a block.
pub(super) fn slot_key(address: Address, slot: U256, number: u64) -> [u8; 60] {
    join(&[address.as_slice(), &slot.to_be_bytes::<32>(), &number.to_be_bytes()])
}

/// Puts the parts one behind the other; they fill the key exactly.
fn join<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut key = [0; N];
    let bytes = parts.iter().copied().flatten();
    key.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_by_address_slot_and_number() {
        let (low, high) = (Address::ZERO, Address::repeat_byte(1));
        assert!(account_key(low, u64::MAX) < account_key(high, 0));
        assert!(account_key(low, 255) < account_key(low, 256));
        assert!(slot_key(low, U256::ZERO, u64::MAX) < slot_key(low, U256::from(1), 0));
        assert_eq!(slot_key(high, U256::MAX, 7).last(), Some(&7));
    }

    #[test]
    fn damaged_values_are_errors() {
        assert!(decode_account(&[1, 2, 3]).is_err());
        assert!(decode_header(&[0xc0]).is_err());
        assert!(decode_body(&[0xc1, 0xc0]).is_err());
    }
}
