//! A Merkle Patricia trie over content-addressed nodes, so that headers carry a true state root.
//!
//! Nodes are stored under their hash and never changed, therefore every block's root stays readable and `eth_getProof` works at any height.
//! Keys are always 32-byte hashes: no branch ever carries a value.

mod node;
mod read;
mod update;

use std::collections::{BTreeMap, HashMap};

use alloy::primitives::{B256, Bytes};

use crate::DevnetError;

pub(crate) use read::{get, prove};
pub(crate) use update::update;

/// Where stored nodes come from.
pub(crate) trait NodeSource {
    /// Returns the RLP of the node with this hash.
    fn node(&self, hash: B256) -> Result<Option<Vec<u8>>, DevnetError>;
}

/// New nodes by hash, to be stored.
pub(crate) type Nodes = HashMap<B256, Vec<u8>>;

/// What to set (`Some`) or remove (`None`), by hashed key.
pub(crate) type Changes = BTreeMap<B256, Option<Vec<u8>>>;

/// The nodes on the path to a key, root first.
pub(crate) type Proof = Vec<Bytes>;
