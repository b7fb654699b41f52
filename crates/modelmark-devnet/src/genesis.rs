//! The first block: ten rich accounts, and what lies at one address on every chain: the factory that deploys there, and the contract that makes one call of many.

use alloy::primitives::{Address, Bytes, KECCAK256_EMPTY, U256, address, bytes, keccak256};
use alloy::trie::EMPTY_ROOT_HASH;

use crate::accounts::{DEV_ACCOUNTS, DEV_BALANCE};
use crate::assemble::{empty_header, state_root};
use crate::block::{Block, Body, SealedHeader};
use crate::clock::{Clock, now};
use crate::store::{Account, AccountChange, Append, Snapshot, StateChanges, Store};
use crate::trie::Nodes;
use crate::{Config, DevnetError};

/// The deterministic deployment proxy, which passes its input on to `CREATE2`: the first 32 bytes are the salt, the rest is the init code.
pub const CREATE2_FACTORY: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");

/// The code of the proxy, as it is deployed on public chains.
const CREATE2_FACTORY_CODE: Bytes = bytes!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// Multicall3, which forwards many calls in one (github.com/mds1/multicall3).
pub const MULTICALL3: Address = address!("cA11bde05977b3631167028862bE2a173976CA11");

/// Its code, as it is deployed on public chains.
const MULTICALL3_CODE: Bytes = Bytes::from_static(include_bytes!("multicall3.bin"));

/// Writes the genesis block into an empty store, or checks that a store with one belongs to the chain that is asked for.
pub(crate) fn ensure(store: &Store, config: Config) -> Result<(), DevnetError> {
    let snapshot = store.snapshot()?;
    match snapshot.chain_id()? {
        Some(stored) if stored == config.chain_id => Ok(()),
        Some(stored) => Err(DevnetError::ChainId { path: store.path().into(), stored, wanted: config.chain_id }),
        None => write(store, &snapshot, config),
    }
}

fn write(store: &Store, snapshot: &Snapshot, config: Config) -> Result<(), DevnetError> {
    let changes = allocations();
    let mut nodes = Nodes::new();
    let state_root = state_root(snapshot, EMPTY_ROOT_HASH, &changes, &mut nodes)?;
    let header = alloy::consensus::Header {
        state_root,
        gas_limit: config.gas_limit,
        timestamp: config.genesis_timestamp.unwrap_or_else(now),
        base_fee_per_gas: Some(config.initial_base_fee),
        ..empty_header()
    };
    let block = Block { sealed: SealedHeader::seal(header), body: Body::default() };
    store.append(&Append { block: &block, changes: &changes, nodes: &nodes, clock: Clock::default(), chain_id: Some(config.chain_id) })
}

fn allocations() -> StateChanges {
    let mut changes = StateChanges::default();
    for account in DEV_ACCOUNTS {
        let funded = Account { nonce: 0, balance: DEV_BALANCE, code_hash: KECCAK256_EMPTY };
        changes.accounts.insert(account.address, AccountChange { account: Some(funded), ..Default::default() });
    }
    for (address, code) in [(CREATE2_FACTORY, CREATE2_FACTORY_CODE), (MULTICALL3, MULTICALL3_CODE)] {
        let code_hash = keccak256(&code);
        let contract = Account { nonce: 1, balance: U256::ZERO, code_hash };
        changes.accounts.insert(address, AccountChange { account: Some(contract), ..Default::default() });
        changes.codes.insert(code_hash, code);
    }
    changes
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn the_same_parameters_give_the_same_genesis_hash() {
        let hash = || {
            let store = Store::in_memory().unwrap();
            ensure(&store, Config { genesis_timestamp: Some(1), ..Config::default() }).unwrap();
            store.snapshot().unwrap().head().unwrap().hash
        };
        assert_eq!(hash(), hash());
    }

    #[test]
    fn the_code_is_that_of_public_chains() {
        let published = alloy::primitives::b256!("d5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891");
        assert_eq!(keccak256(&MULTICALL3_CODE), published);
    }

    #[test]
    fn another_chain_id_is_refused() {
        let store = Store::in_memory().unwrap();
        ensure(&store, Config::default()).unwrap();
        let error = ensure(&store, Config { chain_id: 1, ..Config::default() }).unwrap_err();
        assert!(matches!(error, DevnetError::ChainId { stored: 31337, wanted: 1, .. }), "{error}");
    }
}
