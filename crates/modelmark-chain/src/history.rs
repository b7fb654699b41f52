//! Looking through a chain's logs within the limits of whoever serves them.
//!
//! Public endpoints answer for some thousand blocks at a time, each with its own limit and its own words for it. So: ask for everything,
//! and halve the range whenever the endpoint refuses.

use std::time::Duration;

use alloy::primitives::{Address, B256};
use alloy::rpc::types::{Filter, FilterSet, Log, Topic};
use tokio::time::Instant;

use crate::{Block, Chain, ChainError};

/// How often an endpoint is asked for one search.
const MAX_QUESTIONS: usize = 4_096;
/// How long one search may take, however slowly each question is answered.
const MAX_SEARCH: Duration = Duration::from_secs(120);
/// JSON-RPC: the endpoint does not have `eth_getLogs` at all, for no range.
const METHOD_NOT_FOUND: i64 = -32_601;

/// What is searched: the contract, and for each topic the values it may have.
#[derive(Clone, Debug)]
pub(crate) struct LogQuery {
    pub(crate) contract: Address,
    pub(crate) topics: [Vec<B256>; 4],
}

/// A log that is in a block, where it stands, and in the order of the chain.
#[derive(Clone, Debug)]
pub(crate) struct PlacedLog {
    pub(crate) block: u64,
    pub(crate) index: u64,
    pub(crate) transaction: B256,
    pub(crate) log: alloy::primitives::Log,
}

impl Chain {
    /// Returns the oldest `most` logs in blocks `from` to `to` that match, oldest first.
    pub(crate) async fn logs(&self, query: &LogQuery, from: u64, to: u64, most: usize) -> Result<Vec<PlacedLog>, ChainError> {
        let (mut from, mut span, mut widest) = (from, u64::MAX, u64::MAX);
        let (mut found, mut questions, start) = (Vec::new(), 0, Instant::now());
        while from <= to && found.len() < most {
            if questions >= MAX_QUESTIONS || start.elapsed() > MAX_SEARCH {
                return Err(ChainError::TooLong { endpoint: self.endpoint().into(), what: "eth_getLogs".into(), questions });
            }
            questions += 1;
            let last = to.min(from.saturating_add(span - 1));
            match self.logs_between(query, from, last).await {
                Ok(logs) => {
                    found.extend(logs);
                    // Wider again after a crowded stretch, but never as wide as was refused.
                    span = span.saturating_mul(2).min(widest);
                    let Some(next) = last.checked_add(1) else { break };
                    from = next;
                }
                Err(error) if last > from && is_limit(&error) => {
                    widest = last - from;
                    span = widest.div_ceil(2);
                }
                Err(error) => return Err(error),
            }
        }
        found.truncate(most);
        Ok(found)
    }

    pub(crate) async fn logs_between(&self, query: &LogQuery, from: u64, to: u64) -> Result<Vec<PlacedLog>, ChainError> {
        let mut filter = Filter::new().address(query.contract).from_block(from).to_block(to);
        filter.topics = query.topics.clone().map(|values| FilterSet::from(values) as Topic);
        let logs: Vec<Log> = self.ask("eth_getLogs", (filter,)).await?;
        let lie = |detail: &str| self.nonsense("eth_getLogs", detail);
        let mut placed = Vec::with_capacity(logs.len());
        for log in logs {
            let Some(((block, index), transaction)) = log.block_number.zip(log.log_index).zip(log.transaction_hash) else {
                return Err(lie("a log that is in no block"));
            };
            if log.removed || !(from..=to).contains(&block) || !query.matches(&log.inner) {
                return Err(lie("a log that was not asked for"));
            }
            placed.push(PlacedLog { block, index, transaction, log: log.inner });
        }
        placed.sort_by_key(|log| (log.block, log.index));
        let twice = |pair: &[PlacedLog]| matches!(pair, [a, b] if (a.block, a.index) == (b.block, b.index));
        if placed.windows(2).any(twice) { Err(lie("one log twice")) } else { Ok(placed) }
    }

    /// Returns the first and the last block with this time, by bisection over the headers that every node keeps.
    pub(crate) async fn blocks_at(&self, time: u64, newest: &Block) -> Result<(u64, u64), ChainError> {
        let first = self.first_block_from(time, newest.number).await?;
        let after = self.first_block_from(time.saturating_add(1), newest.number).await?;
        Ok((first, after))
    }

    /// Returns the first block up to `last` whose time is `time` or later; `last` itself when there is none before it.
    async fn first_block_from(&self, time: u64, last: u64) -> Result<u64, ChainError> {
        let (mut low, mut high) = (0, last);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.block_at(middle).await?.time < time { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }
}

impl LogQuery {
    /// Checks an answer against the question: an endpoint may not slip in another contract's log.
    fn matches(&self, log: &alloy::primitives::Log) -> bool {
        let wanted =
            |(index, values): (usize, &Vec<B256>)| values.is_empty() || log.topics().get(index).is_some_and(|topic| values.contains(topic));
        log.address == self.contract && self.topics.iter().enumerate().all(wanted)
    }
}

/// Tells whether a smaller range may be answered.
fn is_limit(error: &ChainError) -> bool {
    match error {
        ChainError::Refused { code, .. } => *code != METHOD_NOT_FOUND,
        // More bytes than we take.
        ChainError::Nonsense { .. } => true,
        _ => false,
    }
}
