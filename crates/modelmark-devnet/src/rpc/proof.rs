//! Merkle proofs of accounts and slots against the state root of any block.

use alloy::eips::BlockId;
use alloy::primitives::{Address, U256, keccak256};
use alloy::rpc::types::{EIP1186AccountProofResponse, EIP1186StorageProof};
use alloy::serde::JsonStorageKey;
use alloy::trie::EMPTY_ROOT_HASH;

use super::{Answer, Params, RpcError, at, json};
use crate::assemble::trie_account;
use crate::chain::Chain;
use crate::store::Snapshot;
use crate::trie::prove;

/// How many slots one request may name.
const MAX_SLOTS: usize = 1024;

pub(super) fn get(chain: &Chain, mut params: Params) -> Answer {
    let (address, keys): (Address, Vec<JsonStorageKey>) = (params.required()?, params.required()?);
    let id: Option<BlockId> = params.optional()?;
    params.finish()?;
    if keys.len() > MAX_SLOTS {
        return Err(RpcError::params(format!("too many keys, want at most {MAX_SLOTS}")));
    }
    let snapshot = chain.snapshot()?;
    let at = at::resolve(chain, &snapshot, id)?;
    let root = at.header.header.state_root;
    let account = trie_account(&snapshot, root, address)?.unwrap_or_default();
    let storage_proof =
        keys.into_iter().map(|key| slot(&snapshot, account.storage_root, address, key, at.number)).collect::<Result<_, _>>()?;
    json(EIP1186AccountProofResponse {
        address,
        balance: account.balance,
        code_hash: account.code_hash,
        nonce: account.nonce,
        storage_hash: account.storage_root,
        account_proof: prove(&snapshot, root, keccak256(address))?,
        storage_proof,
    })
}

fn slot(
    snapshot: &Snapshot,
    storage_root: alloy::primitives::B256,
    address: Address,
    key: JsonStorageKey,
    number: u64,
) -> Result<EIP1186StorageProof, RpcError> {
    let slot = key.as_b256();
    let value = snapshot.slot(address, U256::from_be_bytes(slot.0), number)?;
    let proof = if storage_root == EMPTY_ROOT_HASH { Vec::new() } else { prove(snapshot, storage_root, keccak256(slot))? };
    Ok(EIP1186StorageProof { key, value, proof })
}
