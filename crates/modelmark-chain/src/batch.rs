//! Many questions at once: JSON-RPC batches of bounded size, and one by one where an endpoint takes none.
//!
//! What comes back is what asking one by one gives: whatever a batch does not answer is asked again alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use alloy::eips::BlockId;
use alloy::primitives::{Address, Bytes};
use alloy::providers::Provider as _;
use alloy::rpc::client::BatchRequest;
use alloy::rpc::json_rpc::{RpcRecv, RpcSend};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::aggregate::Multicall;
use crate::{Block, Chain, ChainError};

/// How many questions go into one batch: public endpoints take from 10 to 1,000, and most of them 100.
pub(crate) const MAX_BATCH: usize = 100;
/// How many batches, or where there are none how many questions, are under way at a time.
pub(crate) const AT_ONCE: usize = 4;

/// What is known of how an endpoint takes many questions. Shared by all handles on one chain, so that it is found out once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batches(Arc<Known>);

#[derive(Debug)]
struct Known {
    /// How many questions go into a batch.
    size: AtomicUsize,
    multicall: Multicall,
}

impl Default for Known {
    fn default() -> Self {
        Self { size: AtomicUsize::new(MAX_BATCH), multicall: Multicall::default() }
    }
}

impl Batches {
    fn size(&self) -> usize {
        self.0.size.load(Ordering::Relaxed)
    }

    /// Takes a refusal of a batch of this size: smaller ones are tried, and at the end none.
    fn refused(&self, size: usize) {
        self.0.size.fetch_min(size / 4, Ordering::Relaxed);
    }

    pub(crate) fn multicall(&self) -> &Multicall {
        &self.0.multicall
    }
}

impl Chain {
    /// Calls a view function of one contract with many arguments, all at one block: as few questions as the endpoint takes. The answers are in the order of the
    /// calls, each as [`Chain::view`] has it.
    ///
    /// # Errors
    /// Nobody answers. What is wrong with one answer stands in its place.
    pub(crate) async fn views<C: SolCall>(
        &self,
        to: Address,
        calls: impl Iterator<Item = C>,
        block: &Block,
    ) -> Result<Vec<Result<Option<C::Return>, ChainError>>, ChainError> {
        let calls: Vec<Bytes> = calls.map(|call| call.abi_encode().into()).collect();
        let told = self.aggregated(C::SIGNATURE, to, &calls, block).await;
        let left = calls.into_iter().zip(&told).filter(|(_, told)| told.is_none());
        let question = |call: Bytes| (TransactionRequest::default().to(to).input(call.into()), BlockId::from(block.hash));
        let questions: Vec<_> = left.map(|(call, _)| question(call)).collect();
        let mut alone = self.ask_all(C::SIGNATURE, "eth_call", &questions).await?.into_iter();
        let silent = || Err(self.nonsense(C::SIGNATURE, "fewer answers than questions"));
        let answers = told.into_iter().map(|told| told.or_else(|| alone.next()).unwrap_or_else(silent));
        Ok(answers.map(|answer| self.returned::<C>(&answer?)).collect())
    }

    /// Asks one JSON-RPC method with many parameters; `what` is what errors call it.
    async fn ask_all<P: RpcSend, R: RpcRecv>(
        &self,
        what: &str,
        method: &'static str,
        questions: &[P],
    ) -> Result<Vec<Result<R, ChainError>>, ChainError> {
        let chunks = stream::iter(questions.chunks(MAX_BATCH).map(|chunk| self.ask_together(what, method, chunk)));
        chunks.buffered(AT_ONCE).try_concat().await
    }

    async fn ask_together<P: RpcSend, R: RpcRecv>(
        &self,
        what: &str,
        method: &'static str,
        questions: &[P],
    ) -> Result<Vec<Result<R, ChainError>>, ChainError> {
        let mut answers = Vec::with_capacity(questions.len());
        while let Some(rest) = questions.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            let size = self.batches.size().min(rest.len()).max(1);
            let some = rest.get(..size).unwrap_or(rest);
            let told = if size < 2 { None } else { self.batch(what, method, some).await };
            if told.is_none() && size > 1 {
                self.batches.refused(size);
                continue;
            }
            let mut told = told.unwrap_or_default().into_iter();
            for question in some {
                answers.push(match told.next() {
                    // A contract's refusal is an answer; an endpoint's may be about the batch.
                    Some(answer @ (Ok(_) | Err(ChainError::Reverted { .. }))) => answer,
                    _ => match self.ask_as(what, method, question.clone()).await {
                        // Whoever does not answer one question does not answer a thousand, each for as long as it takes to give up.
                        Err(error @ ChainError::Unreachable { .. }) => return Err(error),
                        answer => answer,
                    },
                });
            }
        }
        Ok(answers)
    }

    /// Sends one batch; `None` when not one question was answered.
    async fn batch<P: RpcSend, R: RpcRecv>(&self, what: &str, method: &'static str, questions: &[P]) -> Option<Vec<Result<R, ChainError>>> {
        let client = self.provider().client();
        let mut batch = BatchRequest::new(client);
        let waiting: Vec<_> = questions.iter().map(|question| batch.add_call::<P, R>(method, question)).collect::<Result<_, _>>().ok()?;
        batch.send().await.ok()?;
        let mut answers = Vec::with_capacity(waiting.len());
        for answer in waiting {
            answers.push(answer.await.map_err(|error| self.failure(what, error)));
        }
        let answered = |answer: &Result<R, ChainError>| matches!(answer, Ok(_) | Err(ChainError::Reverted { .. }));
        answers.iter().any(answered).then_some(answers)
    }
}
