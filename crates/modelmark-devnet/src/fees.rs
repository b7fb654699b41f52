//! What gas costs: the base fee of the next block and the history of fees.

use alloy::consensus::{Header, Transaction as _};
use alloy::eips::eip1559::BaseFeeParams;
use alloy::rpc::types::FeeHistory;

use crate::DevnetError;
use crate::block::{Block, SealedHeader};
use crate::store::Snapshot;

/// The tip that is suggested, in wei per gas.
pub(crate) const SUGGESTED_TIP: u128 = 1_000_000_000;

/// The price of blob gas in wei: there are no blobs, so it is always the least there is.
pub(crate) const BLOB_BASE_FEE: u128 = 1;

/// The most blocks that one fee history covers, as in geth.
pub(crate) const MAX_HISTORY: u64 = 1024;

/// Returns the base fee of the block after this one (EIP-1559), in wei per gas.
pub(crate) fn next_base_fee(parent: &Header) -> u64 {
    parent.next_block_base_fee(BaseFeeParams::ethereum()).unwrap_or_default()
}

/// Returns the fees of up to `count` blocks that end with block `newest`, and what the block after them would cost.
pub(crate) fn history(snapshot: &Snapshot, newest: u64, count: u64, percentiles: &[f64]) -> Result<FeeHistory, DevnetError> {
    let count = count.min(MAX_HISTORY).min(newest.saturating_add(1));
    let oldest = newest.saturating_add(1).saturating_sub(count);
    let mut fees = FeeHistory { oldest_block: oldest, ..FeeHistory::default() };
    let mut rewards = Vec::new();
    for number in oldest..oldest.saturating_add(count) {
        let Some(sealed) = snapshot.header(number)? else { continue };
        push_block(&mut fees, &sealed);
        if number == newest {
            fees.base_fee_per_gas.push(next_base_fee(&sealed.header).into());
            fees.base_fee_per_blob_gas.push(BLOB_BASE_FEE);
        }
        if !percentiles.is_empty() {
            let body = snapshot.body(number)?;
            rewards.push(tips(&Block { sealed, body }, percentiles));
        }
    }
    fees.reward = (!percentiles.is_empty()).then_some(rewards);
    Ok(fees)
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people and wallets")]
fn push_block(fees: &mut FeeHistory, sealed: &SealedHeader) {
    fees.base_fee_per_gas.push(sealed.base_fee().into());
    fees.base_fee_per_blob_gas.push(BLOB_BASE_FEE);
    fees.gas_used_ratio.push(sealed.header.gas_used as f64 / sealed.header.gas_limit.max(1) as f64);
    fees.blob_gas_used_ratio.push(0.0);
}

/// Returns the tips paid in a block at the given percentiles of its gas, in wei per gas; zero for an empty block.
#[expect(clippy::cast_precision_loss, reason = "percentiles are floating point in the interface")]
fn tips(block: &Block, percentiles: &[f64]) -> Vec<u128> {
    let base_fee = block.sealed.base_fee();
    let mut paid: Vec<(u128, u64)> = block
        .body
        .transactions
        .iter()
        .enumerate()
        .map(|(index, transaction)| (transaction.effective_tip_per_gas(base_fee).unwrap_or_default(), block.gas_used(index)))
        .collect();
    paid.sort_unstable();
    let threshold = |percentile: f64| block.sealed.header.gas_used as f64 * percentile / 100.0;
    percentiles.iter().map(|percentile| tip_at(&paid, threshold(*percentile))).collect()
}

/// Returns the tip of the transaction in which the running sum of gas reaches the threshold.
#[expect(clippy::cast_precision_loss, reason = "the threshold is floating point")]
fn tip_at(paid: &[(u128, u64)], threshold: f64) -> u128 {
    let mut sum = 0u64;
    let reached = paid.iter().find(|(_, gas)| {
        sum = sum.saturating_add(*gas);
        sum as f64 >= threshold
    });
    reached.or(paid.last()).map_or(0, |(tip, _)| *tip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(gas_used: u64, base_fee: u64) -> Header {
        Header { gas_limit: 30_000_000, gas_used, base_fee_per_gas: Some(base_fee), ..Header::default() }
    }

    #[test]
    fn the_base_fee_moves_by_an_eighth_at_most() {
        assert_eq!(next_base_fee(&header(0, 1_000_000_000)), 875_000_000);
        assert_eq!(next_base_fee(&header(15_000_000, 1_000_000_000)), 1_000_000_000);
        assert_eq!(next_base_fee(&header(30_000_000, 1_000_000_000)), 1_125_000_000);
        assert_eq!(next_base_fee(&header(0, 7)), 7);
        assert_eq!(next_base_fee(&header(30_000_000, 7)), 8);
    }

    #[test]
    fn percentiles_weigh_tips_by_gas() {
        let paid = [(1, 10), (5, 80), (9, 10)];
        assert_eq!(tip_at(&paid, 0.0), 1);
        assert_eq!(tip_at(&paid, 50.0), 5);
        assert_eq!(tip_at(&paid, 100.0), 9);
        assert_eq!(tip_at(&[], 50.0), 0);
    }
}
