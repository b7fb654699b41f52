//! The mint of a token of which nothing is stored: its log, proven by the receipt, and whether its block is one of the same chain.

use alloy::eips::eip2935::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS as HISTORY_ADDRESS, HISTORY_STORAGE_CODE};
use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::sol_types::SolEvent as _;
use serde::Serialize;

use super::{ProvenToken, TokenProofError};
use crate::bindings::ModelRegistry as abi;
use crate::model::word;
use crate::receipt_proof::ProvenReceipt;
use crate::state_proof::{ProvenState, Wanted};
use crate::{Block, TokenId};

/// The contract that keeps the hashes of the last blocks (EIP-2935).
pub(super) const HISTORY: Address = HISTORY_ADDRESS;

/// A mint, proven by what its transaction logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvenMint {
    /// Its block.
    pub block: Block,
    /// Place of its transaction in the block.
    pub transaction: u64,
    /// Place of the log among those of the transaction.
    pub log: u64,
    /// What shows that the block is one of the chain.
    pub link: MintLink,
}

/// What shows that the block of a mint is one of the same chain as the block that the proof is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MintLink {
    /// It is that block.
    Same,
    /// The header of that block names it as the one before.
    Parent,
    /// That block's state has its hash, in the history contract of EIP-2935.
    History,
    /// Nothing in the proof does: somebody has to say so.
    Told,
}

/// Finds the log of a token's mint in what a receipt proves.
pub(super) fn check(
    receipt: &ProvenReceipt,
    registry: Address,
    id: TokenId,
    token: &ProvenToken,
    state: &ProvenState,
) -> Result<ProvenMint, TokenProofError> {
    if token.stored {
        return Err(TokenProofError::Form("it proves the mint of a token that the storage speaks of"));
    }
    let is_mint = |log: &alloy::primitives::Log| {
        log.address == registry && abi::ModelInitialized::decode_log_validate(log).is_ok_and(|event| states(&event, id, token))
    };
    let mut mints = receipt.logs().iter().zip(0_u64..).filter(|(log, _)| is_mint(log));
    // A token is minted once, and never burnt.
    let (Some((_, log)), None) = (mints.next(), mints.next()) else {
        return Err(TokenProofError::Mint("its receipt has no log of it, or two"));
    };
    let block = receipt.block();
    Ok(ProvenMint { block, transaction: receipt.transaction(), log, link: link(&block, state)? })
}

fn states(event: &abi::ModelInitialized, id: TokenId, token: &ProvenToken) -> bool {
    event.id == id.get()
        && event.creator == token.creator
        && event.weightsDigest == word(token.weights)
        && event.recordDigest == word(token.record)
        && event.kind == token.kind.number()
}

fn link(mint: &Block, state: &ProvenState) -> Result<MintLink, TokenProofError> {
    let seen = state.block();
    let expect =
        |known: B256, link| if known == mint.hash { Ok(link) } else { Err(TokenProofError::Mint("its block is none of this chain")) };
    match seen.number.checked_sub(mint.number) {
        None => Err(TokenProofError::Mint("its block is later than the one that the proof is about")),
        Some(0) => expect(seen.hash, MintLink::Same),
        Some(1) => expect(state.parent(), MintLink::Parent),
        Some(_) if !reads_history(mint, state) => Ok(MintLink::Told),
        Some(_) => match B256::from(state.slot(HISTORY, history_slot(mint))?) {
            // The contract came to the chain later than the block.
            known if known.is_zero() => Ok(MintLink::Told),
            known => expect(known, MintLink::History),
        },
    }
}

/// Tells whether the history contract is asked for a block: when it comes along, is what EIP-2935 says, and the block is not too old for it.
pub(super) fn reads_history(mint: &Block, state: &ProvenState) -> bool {
    is_in_history(mint, &state.block()) && state.code_hash(HISTORY) == Some(keccak256(&HISTORY_STORAGE_CODE))
}

/// Returns what has to be proven of the history contract for a block, if it can know of it.
pub(super) fn wanted(mint: &Block, seen: &Block) -> Option<Wanted> {
    is_in_history(mint, seen).then(|| Wanted { address: HISTORY, code: false, slots: vec![history_slot(mint)] })
}

/// Tells whether the history contract told of the block.
pub(super) fn is_told(mint: &Block, state: &ProvenState) -> bool {
    reads_history(mint, state) && state.slot(HISTORY, history_slot(mint)).is_ok_and(|hash| !hash.is_zero())
}

fn is_in_history(mint: &Block, seen: &Block) -> bool {
    let window = u64::try_from(HISTORY_SERVE_WINDOW).unwrap_or(u64::MAX);
    seen.number.checked_sub(mint.number).is_some_and(|distance| (2..=window).contains(&distance))
}

/// Returns where the history contract keeps the hash of a block.
fn history_slot(block: &Block) -> B256 {
    let window = u64::try_from(HISTORY_SERVE_WINDOW).unwrap_or(u64::MAX);
    U256::from(block.number % window).into()
}
