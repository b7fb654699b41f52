//! A handle on one chain: who answers, which chain it is, and the few questions that everything else is made of.
//!
//! The answers are read into small types of our own: other EVM chains leave out or add block and receipt fields, and alloy's full
//! types would refuse them.

use std::sync::Arc;
use std::time::Duration;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bytes, U64, U256};
use alloy::providers::{DynProvider, Provider, RootProvider};
use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::{RpcRecv, RpcSend};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use alloy::transports::{TransportError, TransportErrorKind};
use serde::{Deserialize, Serialize};

use crate::agreement::{self, Agreement, Quorum, QuorumError};
use crate::batch::Batches;
use crate::error::tame;
use crate::http::{Endpoint, HttpFailure};
use crate::{ChainError, ChainId, Contract, HttpLimits, Wei, revert};

/// Which block the reads of a [`Chain`] see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadAt {
    /// The newest block, which a reorganisation may still remove.
    #[default]
    Latest,
    /// The newest block that the chain's consensus calls safe.
    Safe,
    /// The newest block that can no longer be removed.
    Finalized,
    /// The block with this number.
    Number(u64),
    /// This block and no other of its height: reads name it by its hash.
    Block(Block),
}

/// How long a sent transaction is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Blocks that must hold the transaction, its own included. 0 counts as 1.
    pub confirmations: u64,
    /// How long to wait in all.
    pub deadline: Duration,
    /// How long to wait between two looks.
    pub poll: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { confirmations: 1, deadline: Duration::from_secs(180), poll: Duration::from_millis(250) }
    }
}

/// A block's name and time: what a reader needs to say which state it saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Height.
    pub number: u64,
    /// Hash.
    pub hash: B256,
    /// Unix time in seconds, as the block's maker states it.
    pub time: u64,
}

/// A chain, asked through one endpoint. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Chain {
    provider: DynProvider,
    endpoint: Arc<str>,
    id: ChainId,
    read_at: ReadAt,
    patience: Patience,
    max_age: Option<Duration>,
    agreement: Option<Agreement>,
    pub(crate) batches: Batches,
}

/// A block header as far as we read it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    number: U64,
    hash: B256,
    timestamp: U64,
    #[serde(default)]
    base_fee_per_gas: Option<U256>,
}

impl Chain {
    /// Connects to the JSON-RPC endpoint at `url` and asks which chain it serves.
    ///
    /// # Errors
    /// The address is not HTTP or HTTPS, nobody answers, the answer is no chain id, or it is not `expected`.
    pub async fn connect(url: &str, expected: Option<ChainId>) -> Result<Self, ChainError> {
        Self::connect_with(url, expected, HttpLimits::default()).await
    }

    /// Connects as [`Chain::connect`] does, with limits of the caller's choice.
    ///
    /// # Errors
    /// As [`Chain::connect`].
    pub async fn connect_with(url: &str, expected: Option<ChainId>, limits: HttpLimits) -> Result<Self, ChainError> {
        let endpoint = Endpoint::new(url, limits)?;
        let label = endpoint.label();
        Self::over(RpcClient::new(endpoint, false), &label, expected).await
    }

    /// Connects to several endpoints of one chain, of which so many have to say the same that `quorum` is reached. With one endpoint it is
    /// [`Chain::connect_with`].
    ///
    /// # Errors
    /// As [`Chain::connect`], and when they do not agree.
    pub async fn connect_to_all(
        urls: &[String],
        quorum: Quorum,
        expected: Option<ChainId>,
        limits: HttpLimits,
    ) -> Result<Self, ChainError> {
        if let [url] = urls {
            return Self::connect_with(url, expected, limits).await;
        }
        let agreement = Agreement::new(urls, quorum, limits)?;
        let label = agreement.label();
        let chain = Self::over(RpcClient::new(agreement.clone(), false), &label, expected).await?;
        Ok(Self { agreement: Some(agreement), ..chain })
    }

    /// Checks that none of the endpoints is named twice, and returns how many of them have to say the same.
    ///
    /// # Errors
    /// One is named twice, or `needed` is no majority of them.
    pub fn quorum(urls: &[String], needed: Option<usize>) -> Result<Quorum, QuorumError> {
        agreement::check_distinct(urls)?;
        Quorum::new(needed, urls.len())
    }

    /// Uses a client that exists already, such as one over an embedded chain. `endpoint` is what errors call it.
    ///
    /// # Errors
    /// As [`Chain::connect`].
    pub async fn over(client: RpcClient, endpoint: &str, expected: Option<ChainId>) -> Result<Self, ChainError> {
        Self::over_provider(RootProvider::new(client).erased(), endpoint, expected).await
    }

    /// Uses an alloy provider that exists already. Only its reads and `eth_sendRawTransaction` are used, never its fillers or signer.
    ///
    /// # Errors
    /// As [`Chain::connect`].
    pub async fn over_provider(provider: DynProvider, endpoint: &str, expected: Option<ChainId>) -> Result<Self, ChainError> {
        // The id is known only after the first answer; no error of this question names it.
        let mut chain = Self {
            provider,
            endpoint: endpoint.into(),
            id: ChainId::DEVELOPMENT,
            read_at: ReadAt::default(),
            patience: Patience::default(),
            max_age: None,
            agreement: None,
            batches: Batches::default(),
        };
        let id: U64 = chain.ask("eth_chainId", ()).await?;
        let found = ChainId::try_from(id.to::<u64>()).map_err(|_| chain.nonsense("eth_chainId", "chain id 0"))?;
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            return Err(ChainError::WrongChain { endpoint: endpoint.into(), expected, found });
        }
        chain.id = found;
        Ok(chain)
    }

    /// Returns the same chain, read at another block.
    #[must_use]
    pub fn at(self, read_at: ReadAt) -> Self {
        Self { read_at, ..self }
    }

    /// Returns which block reads see.
    #[must_use]
    pub const fn read_at(&self) -> ReadAt {
        self.read_at
    }

    /// Returns the same chain with other waiting times for transactions.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Returns the same chain, whose newest blocks may not be older than this for [`Chain::sight`].
    #[must_use]
    pub fn with_max_age(self, max_age: Option<Duration>) -> Self {
        Self { max_age, ..self }
    }

    pub(crate) const fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// Returns which chain this is.
    #[must_use]
    pub const fn id(&self) -> ChainId {
        self.id
    }

    /// Returns scheme and host of the endpoint, or the name it was given: fit to be shown.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the alloy provider, for questions that this crate does not ask.
    #[must_use]
    pub const fn provider(&self) -> &DynProvider {
        &self.provider
    }

    /// Returns how many endpoints have to say the same, when there are several.
    #[must_use]
    pub fn agreement(&self) -> Option<Quorum> {
        self.agreement.as_ref().map(Agreement::quorum)
    }

    /// Returns a sentence for each endpoint that contradicted those that agreed, or did not answer.
    #[must_use]
    pub fn dissent(&self) -> Vec<String> {
        self.agreement.as_ref().map(Agreement::dissent).unwrap_or_default()
    }

    /// Returns how long sent transactions are waited for.
    #[must_use]
    pub const fn patience(&self) -> Patience {
        self.patience
    }

    /// Returns the block that reads see now.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or has no such block.
    pub async fn block(&self) -> Result<Block, ChainError> {
        let block = match self.read_at {
            ReadAt::Latest => "latest".into(),
            ReadAt::Safe => "safe".into(),
            ReadAt::Finalized => "finalized".into(),
            ReadAt::Number(number) => hex_number(number),
            ReadAt::Block(block) => return Ok(block),
        };
        Ok(self.header(&block).await?.block())
    }

    /// Returns an account's balance in the newest block.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn balance(&self, account: Address) -> Result<Wei, ChainError> {
        self.ask("eth_getBalance", (account, "latest")).await.map(Wei::new)
    }

    /// Returns the code at an address; empty when there is none.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn code(&self, address: Address, block: &Block) -> Result<Bytes, ChainError> {
        self.ask("eth_getCode", (address, BlockId::from(block.hash))).await
    }

    pub(crate) async fn storage(&self, address: Address, slot: B256, block: &Block) -> Result<B256, ChainError> {
        // Nodes differ in whether they pad the word: a number takes both.
        let word: U256 = self.ask("eth_getStorageAt", (address, U256::from_be_bytes(slot.0), BlockId::from(block.hash))).await?;
        Ok(word.into())
    }

    /// Returns the newest block and its base fee; no base fee means that the chain has no EIP-1559.
    pub(crate) async fn newest(&self) -> Result<(Block, Option<U256>), ChainError> {
        let header = self.header("latest").await?;
        Ok((header.block(), header.base_fee_per_gas))
    }

    /// Returns the block with this number.
    pub(crate) async fn block_at(&self, number: u64) -> Result<Block, ChainError> {
        Ok(self.header(&hex_number(number)).await?.block())
    }

    /// Returns the hash of the block with this number; `None` when there is none.
    pub(crate) async fn hash_at(&self, number: u64) -> Result<Option<B256>, ChainError> {
        let header: Option<Header> = self.ask("eth_getBlockByNumber", (hex_number(number), false)).await?;
        Ok(header.map(|header| header.hash))
    }

    async fn header(&self, block: &str) -> Result<Header, ChainError> {
        let header: Option<Header> = self.ask("eth_getBlockByNumber", (block, false)).await?;
        header.ok_or_else(|| self.nonsense("eth_getBlockByNumber", &format!("no block {block:?}")))
    }

    /// Calls a contract's view function and decodes the answer. `None` when nothing came back, which is what an address without code does.
    pub(crate) async fn view<C: SolCall>(&self, to: Address, call: C, block: &Block) -> Result<Option<C::Return>, ChainError> {
        let request = TransactionRequest::default().to(to).input(call.abi_encode().into());
        let answer: Bytes = self.ask_as(C::SIGNATURE, "eth_call", (request, BlockId::from(block.hash))).await?;
        self.returned::<C>(&answer)
    }

    /// Reads what a view function returned; `None` when nothing came back.
    pub(crate) fn returned<C: SolCall>(&self, answer: &Bytes) -> Result<Option<C::Return>, ChainError> {
        if answer.is_empty() {
            return Ok(None);
        }
        C::abi_decode_returns_validate(answer).map(Some).map_err(|error| self.nonsense(C::SIGNATURE, &error.to_string()))
    }

    /// Calls a view function of a contract that has one place on every chain.
    pub(crate) async fn view_of<C: SolCall>(&self, contract: Contract, call: C, block: &Block) -> Result<C::Return, ChainError> {
        let answer = self.view(contract.address(), call, block).await?;
        answer.ok_or(ChainError::NoContract { contract, address: contract.address(), chain: self.id })
    }

    /// Asks one JSON-RPC question.
    pub(crate) async fn ask<P: RpcSend, R: RpcRecv>(&self, method: &'static str, params: P) -> Result<R, ChainError> {
        self.ask_as(method, method, params).await
    }

    /// Asks one JSON-RPC question; `what` is what errors call it.
    pub(crate) async fn ask_as<P: RpcSend, R: RpcRecv>(&self, what: &str, method: &'static str, params: P) -> Result<R, ChainError> {
        self.provider.raw_request(method.into(), params).await.map_err(|error| self.failure(what, error))
    }

    pub(crate) fn nonsense(&self, what: &str, detail: &str) -> ChainError {
        ChainError::Nonsense { endpoint: self.endpoint.to_string(), what: what.into(), detail: tame(detail) }
    }

    pub(crate) fn failure(&self, what: &str, error: TransportError) -> ChainError {
        match error {
            TransportError::ErrorResp(payload) => match revert::of(&payload) {
                Some(reason) => ChainError::Reverted { what: what.into(), reason },
                None => ChainError::Refused {
                    endpoint: self.endpoint.to_string(),
                    what: what.into(),
                    code: payload.code,
                    message: tame(&payload.message),
                },
            },
            TransportError::Transport(kind) => self.transport_failure(what, &kind),
            TransportError::DeserError { err, .. } => self.nonsense(what, &err.to_string()),
            other => self.nonsense(what, &other.to_string()),
        }
    }

    fn transport_failure(&self, what: &str, kind: &TransportErrorKind) -> ChainError {
        if let TransportErrorKind::Custom(error) = kind
            && let Some(failure) = error.downcast_ref::<HttpFailure>()
            && failure.is_nonsense()
        {
            return self.nonsense(what, &failure.to_string());
        }
        ChainError::Unreachable { endpoint: self.endpoint.to_string(), reason: tame(&kind.to_string()) }
    }
}

impl Header {
    fn block(&self) -> Block {
        Block { number: self.number.to(), hash: self.hash, time: self.timestamp.to() }
    }
}

fn hex_number(number: u64) -> String {
    format!("{number:#x}")
}
