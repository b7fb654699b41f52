//! Asks an endpoint for a state proof, and believes nothing of it.

use std::collections::HashMap;

use alloy::consensus::Header;
use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, keccak256};
use alloy::rpc::types::EIP1186AccountProofResponse;
use alloy_rlp::EMPTY_STRING_CODE;

use super::{AccountProof, ProvenState, SlotProof, StateProof, StateProofError};
use crate::{Block, Chain, ChainError};

/// How many slots one question names: nodes refuse long lists.
const SLOTS_AT_ONCE: usize = 64;

/// Where each node stands.
pub(super) type Places = HashMap<Bytes, u32>;

/// What is to be proven of an account.
pub(crate) struct Wanted {
    pub(crate) address: Address,
    /// Whether its code comes along.
    pub(crate) code: bool,
    pub(crate) slots: Vec<B256>,
}

/// Fetches proofs at one block, and checks them.
pub(crate) async fn fetch(chain: &Chain, block: &Block, wanted: &[Wanted]) -> Result<(StateProof, ProvenState), StateProofError> {
    let mut proof = StateProof { header: header(chain, block).await?, nodes: Vec::new(), accounts: Vec::new() };
    let mut places = Places::default();
    for account in wanted {
        let stated = ask(chain, block, account).await?;
        if stated.storage_proof.len() != account.slots.len() {
            return Err(chain.nonsense("eth_getProof", "other slots than asked for").into());
        }
        let code = if account.code { Some(chain.code(account.address, block).await?) } else { None };
        proof.add(account, stated, code, &mut places);
    }
    let proven = proof.check()?;
    Ok((proof, proven))
}

/// Fetches a block's header, and checks that its fields make the hash.
pub(crate) async fn header(chain: &Chain, block: &Block) -> Result<Bytes, StateProofError> {
    let header: Option<Header> = chain.ask("eth_getBlockByHash", (block.hash, false)).await?;
    let header = header.ok_or_else(|| chain.nonsense("eth_getBlockByHash", &format!("no block {}", block.hash)))?;
    match rebuilt(header) {
        (hash, rlp) if hash == block.hash => Ok(rlp),
        (found, _) => Err(StateProofError::HeaderNotRebuilt { block: block.hash, found, endpoint: chain.endpoint().to_owned() }),
    }
}

/// Returns a header's hash and RLP, made of its fields.
pub(super) fn rebuilt(header: Header) -> (B256, Bytes) {
    let rlp = alloy_rlp::encode(header);
    (keccak256(&rlp), rlp.into())
}

/// Asks for one account, in as many questions as it takes. The answers to all of them are proven against one root, so that they need not agree.
async fn ask(chain: &Chain, block: &Block, wanted: &Wanted) -> Result<EIP1186AccountProofResponse, StateProofError> {
    let id = BlockId::from(block.hash);
    let mut chunks = wanted.slots.chunks(SLOTS_AT_ONCE);
    let first = chunks.next().unwrap_or_default();
    let mut stated: EIP1186AccountProofResponse = chain.ask("eth_getProof", (wanted.address, first, id)).await?;
    for slots in chunks {
        let more: EIP1186AccountProofResponse = chain.ask("eth_getProof", (wanted.address, slots, id)).await?;
        stated.storage_proof.extend(more.storage_proof);
    }
    Ok(stated)
}

impl Chain {
    /// Returns the block with this hash.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or has no such block.
    pub async fn block_by_hash(&self, hash: B256) -> Result<Block, ChainError> {
        let header: Option<Header> = self.ask("eth_getBlockByHash", (hash, false)).await?;
        let header = header.ok_or_else(|| self.nonsense("eth_getBlockByHash", &format!("no block {hash}")))?;
        Ok(Block { number: header.number, hash, time: header.timestamp })
    }
}

impl StateProof {
    /// Adds what an endpoint answered, as it is.
    pub(super) fn add(&mut self, wanted: &Wanted, stated: EIP1186AccountProofResponse, code: Option<Bytes>, places: &mut Places) {
        let proof = self.place(stated.account_proof, places);
        let mut slots = Vec::with_capacity(wanted.slots.len());
        for (slot, stated) in wanted.slots.iter().zip(stated.storage_proof) {
            slots.push(SlotProof { slot: *slot, value: stated.value, proof: self.place(stated.proof, places) });
        }
        self.accounts.push(AccountProof {
            address: wanted.address,
            nonce: stated.nonce,
            balance: stated.balance,
            storage_hash: stated.storage_hash,
            // Some nodes say zero where there is no account.
            code_hash: if stated.code_hash.is_zero() { KECCAK256_EMPTY } else { stated.code_hash },
            proof,
            code,
            slots,
        });
    }

    /// Puts nodes where they are not yet, and returns their places. What stands for an empty trie is no node of it.
    fn place(&mut self, nodes: Vec<Bytes>, places: &mut Places) -> Vec<u32> {
        let mut path = Vec::with_capacity(nodes.len());
        for node in nodes.into_iter().filter(|node| node.as_ref() != [EMPTY_STRING_CODE]) {
            let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
            let place = *places.entry(node.clone()).or_insert(next);
            if place == next {
                self.nodes.push(node);
            }
            path.push(place);
        }
        path
    }
}
