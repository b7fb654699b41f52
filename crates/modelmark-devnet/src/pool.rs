//! Transactions that wait for an earlier nonce. Everything else is mined at once, so this is all a pool has to hold; it is not kept on disk.

use std::collections::BTreeMap;

use alloy::consensus::transaction::Recovered;
use alloy::consensus::{Transaction as _, TxEnvelope};
use alloy::primitives::{Address, B256};

/// How many transactions wait in all.
const CAPACITY: usize = 1024;

/// How many transactions of one sender wait.
const CAPACITY_PER_SENDER: usize = 64;

/// By how much, in percent, a replacement must pay more, as in geth.
const PRICE_BUMP: u128 = 10;

/// Why a transaction may not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PoolError {
    /// It waits already.
    #[error("already known")]
    AlreadyKnown,
    /// Another transaction with this nonce waits and pays as much.
    #[error("replacement transaction underpriced")]
    Underpriced,
    /// Too many wait.
    #[error("txpool is full")]
    Full,
}

/// The waiting transactions.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    waiting: BTreeMap<(Address, u64), Recovered<TxEnvelope>>,
}

impl Pool {
    /// Lets a transaction wait for its nonce.
    pub(crate) fn insert(&mut self, transaction: Recovered<TxEnvelope>) -> Result<(), PoolError> {
        let sender = transaction.signer();
        let key = (sender, transaction.nonce());
        if let Some(old) = self.waiting.get(&key) {
            check_replacement(old, &transaction)?;
        } else if self.waiting.len() >= CAPACITY || self.of(sender).count() >= CAPACITY_PER_SENDER {
            return Err(PoolError::Full);
        }
        self.waiting.insert(key, transaction);
        Ok(())
    }

    /// Takes the transaction out whose turn it is, and drops those of the sender whose turn is over.
    pub(crate) fn take(&mut self, sender: Address, nonce: u64) -> Option<Recovered<TxEnvelope>> {
        self.waiting.retain(|(waiting, at), _| *waiting != sender || *at >= nonce);
        self.waiting.remove(&(sender, nonce))
    }

    /// Returns a waiting transaction by hash.
    pub(crate) fn get(&self, hash: B256) -> Option<&Recovered<TxEnvelope>> {
        self.waiting.values().find(|transaction| *transaction.hash() == hash)
    }

    /// Returns the first nonce from `nonce` on that nothing waits with.
    pub(crate) fn next_nonce(&self, sender: Address, nonce: u64) -> u64 {
        (nonce..).find(|nonce| !self.waiting.contains_key(&(sender, *nonce))).unwrap_or(nonce)
    }

    /// Forgets everything that waits.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    fn of(&self, sender: Address) -> impl Iterator<Item = &Recovered<TxEnvelope>> {
        self.waiting.range((sender, 0)..=(sender, u64::MAX)).map(|(_, transaction)| transaction)
    }
}

fn check_replacement(old: &Recovered<TxEnvelope>, new: &Recovered<TxEnvelope>) -> Result<(), PoolError> {
    if old.hash() == new.hash() {
        return Err(PoolError::AlreadyKnown);
    }
    let more = |old: u128, new: u128| new >= old.saturating_mul(100 + PRICE_BUMP) / 100;
    let tip = |transaction: &TxEnvelope| transaction.max_priority_fee_per_gas().unwrap_or_else(|| transaction.max_fee_per_gas());
    if more(old.max_fee_per_gas(), new.max_fee_per_gas()) && more(tip(old), tip(new)) { Ok(()) } else { Err(PoolError::Underpriced) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use alloy::consensus::{SignableTransaction as _, TxLegacy};
    use alloy::primitives::Signature;

    use super::*;

    fn transaction(sender: Address, nonce: u64, gas_price: u128) -> Recovered<TxEnvelope> {
        let signed = TxLegacy { nonce, gas_price, ..Default::default() }.into_signed(Signature::test_signature());
        Recovered::new_unchecked(signed.into(), sender)
    }

    #[test]
    fn a_replacement_pays_a_tenth_more() {
        let mut pool = Pool::default();
        pool.insert(transaction(Address::ZERO, 1, 100)).unwrap();
        assert_eq!(pool.insert(transaction(Address::ZERO, 1, 100)), Err(PoolError::AlreadyKnown));
        assert_eq!(pool.insert(transaction(Address::ZERO, 1, 109)), Err(PoolError::Underpriced));
        pool.insert(transaction(Address::ZERO, 1, 110)).unwrap();
        assert_eq!(pool.take(Address::ZERO, 1).unwrap().max_fee_per_gas(), 110);
        assert!(pool.take(Address::ZERO, 1).is_none());
    }

    #[test]
    fn no_sender_and_no_crowd_fills_memory() {
        let mut pool = Pool::default();
        let filled = (0..).take_while(|nonce| pool.insert(transaction(Address::ZERO, *nonce, 1)).is_ok()).count();
        assert_eq!(filled, CAPACITY_PER_SENDER);
        for sender in 1..=u8::MAX {
            for nonce in 0..8 {
                pool.insert(transaction(Address::repeat_byte(sender), nonce, 1)).ok();
            }
        }
        assert_eq!(pool.waiting.len(), CAPACITY);
    }

    #[test]
    fn the_past_is_dropped() {
        let mut pool = Pool::default();
        for nonce in 1..5 {
            pool.insert(transaction(Address::ZERO, nonce, 1)).unwrap();
        }
        assert_eq!(pool.take(Address::ZERO, 3).unwrap().nonce(), 3);
        assert_eq!(pool.waiting.len(), 1);
    }
}
