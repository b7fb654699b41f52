//! Finding logs: the bloom filter of every header is asked first, the receipts only when it says maybe.

use alloy::rpc::types::{Filter, Log};

use crate::rpc::RpcError;
use crate::rpc::error::LIMIT_EXCEEDED;
use crate::store::Snapshot;

/// How many logs one answer holds at most.
const MAX_LOGS: usize = 10_000;

/// How many addresses, and how many topics at one position, a filter names at most, as in geth.
const MAX_CHOICES: usize = 1000;

/// Refuses a filter that costs more to look for than anybody needs.
pub(crate) fn check(filter: &Filter) -> Result<(), RpcError> {
    if filter.address.len() > MAX_CHOICES || filter.topics.iter().any(|topic| topic.len() > MAX_CHOICES) {
        return Err(RpcError::params(format!("too many addresses or topics, want at most {MAX_CHOICES}")));
    }
    Ok(())
}

/// Returns the logs of the blocks `first..=last` that match, in order.
///
/// # Errors
///
/// When there are more than fit in one answer; the client asks for a smaller range then.
pub(crate) fn find(snapshot: &Snapshot, filter: &Filter, first: u64, last: u64) -> Result<Vec<Log>, RpcError> {
    let mut found = Vec::new();
    for number in first..=last {
        let Some(sealed) = snapshot.header(number)? else { break };
        if sealed.header.logs_bloom.is_zero() || !filter.matches_bloom(sealed.header.logs_bloom) {
            continue;
        }
        let block = crate::block::Block { body: snapshot.body(number)?, sealed };
        found.extend(block.logs().into_iter().filter(|log| filter.matches_topics(log.topics()) && filter.matches_address(log.address())));
        if found.len() > MAX_LOGS {
            return Err(RpcError::new(LIMIT_EXCEEDED, format!("query returned more than {MAX_LOGS} results")));
        }
    }
    Ok(found)
}
