//! Many calls in one: through Multicall3, which lies at one address on most chains.
//!
//! It only forwards: what comes back of each call is what the contract said, if the code at that address is Multicall3's. That is looked up at the block that is
//! read. Whatever it does not answer, and everything where it is not, is left to be asked otherwise.

use std::sync::atomic::{AtomicU64, Ordering};

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bytes, address, b256, keccak256};
use alloy::rpc::types::TransactionRequest;
use alloy::sol;
use alloy::sol_types::SolCall as _;
use futures_util::stream::{self, StreamExt as _};

use crate::batch::AT_ONCE;
use crate::{Block, Chain, ChainError, revert};

/// Where Multicall3 is (github.com/mds1/multicall3).
pub(crate) const MULTICALL: Address = address!("cA11bde05977b3631167028862bE2a173976CA11");
/// keccak256 of its code.
const CODE_HASH: B256 = b256!("d5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891");

/// How many calls go into one: with the largest of answers far below what nodes take, give, and compute for a question.
const MOST: usize = 250;
/// Fewer than so many are not worth it.
const FEWEST: usize = 4;

sol! {
    /// One call of many.
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    /// What came of it.
    struct Outcome {
        bool success;
        bytes returnData;
    }

    function aggregate3(Call3[] calls) external payable returns (Outcome[] returnData);
}

/// At which blocks Multicall3 is known to be there, and not to be there.
#[derive(Debug)]
pub(crate) struct Multicall {
    since: AtomicU64,
    absent: AtomicU64,
}

impl Default for Multicall {
    fn default() -> Self {
        Self { since: AtomicU64::new(u64::MAX), absent: AtomicU64::new(0) }
    }
}

impl Chain {
    /// Calls one contract many times at one block. In the order of the calls; `None` for each that was not answered.
    pub(crate) async fn aggregated(
        &self,
        what: &str,
        to: Address,
        calls: &[Bytes],
        block: &Block,
    ) -> Vec<Option<Result<Bytes, ChainError>>> {
        if calls.len() < FEWEST || !self.has_multicall(block).await {
            return calls.iter().map(|_| None).collect();
        }
        let chunks = stream::iter(calls.chunks(MOST).map(|chunk| self.in_one(what, to, chunk, block)));
        chunks.buffered(AT_ONCE).concat().await
    }

    /// Whether Multicall3, and nothing else, is there at this block. What is deployed once stays: its code cannot destroy itself.
    async fn has_multicall(&self, block: &Block) -> bool {
        let Multicall { since, absent } = self.batches.multicall();
        if block.number >= since.load(Ordering::Relaxed) {
            return true;
        }
        // Zero stands for nothing known: nothing can be in a block before the first.
        if block.number <= absent.load(Ordering::Relaxed) {
            return false;
        }
        let there = self.code(MULTICALL, block).await.is_ok_and(|code| keccak256(&code) == CODE_HASH);
        if there {
            since.fetch_min(block.number, Ordering::Relaxed);
        } else {
            absent.fetch_max(block.number, Ordering::Relaxed);
        }
        there
    }

    /// Asks many calls as one, and fewer at a time when that is refused: nodes bound what they compute, and what they send.
    async fn in_one(&self, what: &str, to: Address, calls: &[Bytes], block: &Block) -> Vec<Option<Result<Bytes, ChainError>>> {
        let (mut answers, mut size) = (Vec::with_capacity(calls.len()), calls.len());
        while let Some(rest) = calls.get(answers.len()..).filter(|rest| !rest.is_empty() && size >= FEWEST) {
            let some = rest.get(..size.min(rest.len())).unwrap_or(rest);
            match self.aggregate(to, some, block).await {
                Ok(outcomes) => answers.extend(outcomes.into_iter().map(|outcome| answer(what, outcome))),
                // Nobody is asked for less because they do not answer.
                Err(ChainError::Unreachable { .. }) => break,
                Err(_) => size /= 4,
            }
        }
        answers.resize_with(calls.len(), || None);
        answers
    }

    async fn aggregate(&self, to: Address, calls: &[Bytes], block: &Block) -> Result<Vec<Outcome>, ChainError> {
        let calls: Vec<_> = calls.iter().map(|call| Call3 { target: to, allowFailure: true, callData: call.clone() }).collect();
        let count = calls.len();
        let request = TransactionRequest::default().to(MULTICALL).input(aggregate3Call { calls }.abi_encode().into());
        let told: Bytes = self.ask_as("aggregate3", "eth_call", (request, BlockId::from(block.hash))).await?;
        let outcomes = self.returned::<aggregate3Call>(&told)?.unwrap_or_default();
        if outcomes.len() == count { Ok(outcomes) } else { Err(self.nonsense("aggregate3", "not as many answers as questions")) }
    }
}

/// Takes what one call came to. A failure without a word may be of what all of them together may cost.
fn answer(what: &str, outcome: Outcome) -> Option<Result<Bytes, ChainError>> {
    match (outcome.success, outcome.returnData.is_empty()) {
        (true, _) => Some(Ok(outcome.returnData)),
        (false, true) => None,
        (false, false) => Some(Err(ChainError::Reverted { what: what.into(), reason: revert::decode(&outcome.returnData) })),
    }
}
