//! The handle that everybody holds.

use std::path::Path;
use std::sync::Arc;

use alloy::primitives::B256;
use serde_json::Value;

use crate::chain::Chain;
use crate::store::Store;
use crate::{Config, DevnetError, RpcError, rpc};

/// A running chain. Clones share it; the last one to go closes its file.
#[derive(Clone, Debug)]
pub struct Devnet {
    chain: Arc<Chain>,
}

impl Devnet {
    /// Opens the chain in a directory, or creates it there.
    ///
    /// # Errors
    ///
    /// [`DevnetError::Locked`] when the chain is open elsewhere, [`DevnetError::ChainId`] when it has another chain id, and any failure of the disk.
    pub fn open(directory: &Path, config: Config) -> Result<Self, DevnetError> {
        Self::new(Store::open(directory)?, config)
    }

    /// Opens the chain in a directory for questions alone, beside others who do the same, and without waiting for the disk. Whatever changes it is refused. `None`
    /// when there is no such chain, when somebody holds it open to change it, or when it has to be repaired first: [`Devnet::open`] tells which.
    #[must_use]
    pub fn open_to_read(directory: &Path, config: Config) -> Option<Self> {
        Self::new(Store::open_to_read(directory)?, config).ok()
    }

    /// Creates a chain in memory.
    ///
    /// # Errors
    ///
    /// When the database cannot be made.
    pub fn in_memory(config: Config) -> Result<Self, DevnetError> {
        Self::new(Store::in_memory()?, config)
    }

    /// Returns the chain id.
    #[must_use]
    pub fn chain_id(&self) -> u64 {
        self.chain.chain_id()
    }

    /// Returns the hash of the first block, which tells one fresh chain from another.
    ///
    /// # Errors
    ///
    /// When the chain's file cannot be read.
    pub fn genesis_hash(&self) -> Result<B256, DevnetError> {
        let genesis = self.chain.snapshot()?.header(0)?;
        genesis.map(|sealed| sealed.hash).ok_or_else(|| DevnetError::damaged("chain", "it has no genesis block"))
    }

    /// Runs a JSON-RPC method in the calling thread. A call or transaction takes as long as its gas, at most a few tenths of a second;
    /// a transaction also waits for the disk.
    ///
    /// # Errors
    ///
    /// The error object that a server would answer with.
    pub fn request(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        rpc::call(&self.chain, method, params)
    }

    fn new(store: Store, config: Config) -> Result<Self, DevnetError> {
        Ok(Self { chain: Arc::new(Chain::new(store, config)?) })
    }
}
