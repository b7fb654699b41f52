//! How a token stands: what its creator says, and what curators say against it.

use alloy::primitives::{Address, B256};
use alloy::sol_types::SolCall;
use serde::Serialize;

use crate::bindings::{ModelRegistry, StatusBoard as abi};
use crate::{Call, Chain, ChainError, Contract, Registry, Status, TokenId, TokenRef};

/// What a curator says against a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// Who says it.
    pub curator: Address,
    /// `Disputed`, `Revoked`, or `Active` when there is nothing, or a dispute lapsed.
    pub status: Status,
    /// Last second, in Unix time, at which it counts; `None` when it counts for good or there is nothing.
    pub until: Option<u64>,
    /// Digest of the document that gives the reasons; zero when there is none.
    pub evidence: B256,
}

/// A step that a curator takes in their own list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CuratorStep {
    /// Says that something is wrong, for 90 days.
    Dispute,
    /// Turns an own dispute into a revocation.
    Confirm,
    /// Takes an own dispute or revocation back.
    Withdraw,
}

impl Registry {
    /// Returns the call by which a token's creator, or a delegate, moves its status forward.
    ///
    /// `reason` is the digest of a document, or for [`Status::Superseded`] the id of the token that takes its place; zero for none.
    #[must_use]
    pub fn set_status(&self, token: TokenId, status: Status, reason: B256) -> Call {
        let call = ModelRegistry::setStatusCall { tokenId: token.get(), status: status.number(), reason };
        Call::new(format!("say that the token is {status}"), Contract::ModelRegistry.interface(), self.address(), &call)
    }
}

impl CuratorStep {
    /// Returns the call that takes this step for a token.
    #[must_use]
    pub fn call(self, token: &TokenRef, evidence: B256) -> Call {
        let (registry, token) = (token.contract(), token.id().get());
        let (what, board, to) = (self.what(), Contract::StatusBoard.interface(), Contract::StatusBoard.address());
        match self {
            Self::Dispute => Call::new(what, board, to, &abi::disputeCall { registry, tokenId: token, evidence }),
            Self::Confirm => Call::new(what, board, to, &abi::confirmCall { registry, tokenId: token, evidence }),
            Self::Withdraw => Call::new(what, board, to, &abi::withdrawCall { registry, tokenId: token, evidence }),
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Dispute => "dispute the token",
            Self::Confirm => "confirm the dispute",
            Self::Withdraw => "withdraw the judgement",
        }
    }
}

/// Returns what `curator` says against a token.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the status board is not on this chain.
pub async fn judgement(chain: &Chain, curator: Address, token: &TokenRef) -> Result<Judgement, ChainError> {
    let block = chain.block().await?;
    let told = chain.view_of(Contract::StatusBoard, question(curator, token), &block).await?;
    read(chain, curator, &told)
}

/// Returns what `curator` says against each of many tokens, in their order and at one block, by few questions.
///
/// # Errors
/// As [`judgement`]. What is wrong with one answer stands in its place.
pub async fn judgements(chain: &Chain, curator: Address, tokens: &[TokenRef]) -> Result<Vec<Result<Judgement, ChainError>>, ChainError> {
    let (block, board) = (chain.block().await?, Contract::StatusBoard);
    let told = chain.views(board.address(), tokens.iter().map(|token| question(curator, token)), &block).await?;
    let missing = || ChainError::NoContract { contract: board, address: board.address(), chain: chain.id() };
    Ok(told.into_iter().map(|told| read(chain, curator, &told?.ok_or_else(missing)?)).collect())
}

fn question(curator: Address, token: &TokenRef) -> abi::judgementOfCall {
    abi::judgementOfCall { curator, registry: token.contract(), tokenId: token.id().get() }
}

fn read(chain: &Chain, curator: Address, told: &<abi::judgementOfCall as SolCall>::Return) -> Result<Judgement, ChainError> {
    let status = Status::try_from(told.status).map_err(|error| chain.nonsense("judgementOf", &error.to_string()))?;
    let until = (status == Status::Disputed).then(|| told.until.to());
    Ok(Judgement { curator, status, until, evidence: told.evidence })
}
