//! What a chain is created with.

/// The parameters of a chain; `Config::default()` is what tools expect of a development chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The EIP-155 chain id. An existing chain is only opened with its own id.
    pub chain_id: u64,
    /// The gas limit of every new block, in gas.
    pub gas_limit: u64,
    /// The base fee of the first block after genesis, in wei per gas.
    pub initial_base_fee: u64,
    /// The time of the genesis block in Unix seconds; `None` is the time of creation, so that two fresh chains differ in their genesis hash.
    pub genesis_timestamp: Option<u64>,
}

impl Default for Config {
    fn default() -> Self {
        Self { chain_id: 31337, gas_limit: 30_000_000, initial_base_fee: 1_000_000_000, genesis_timestamp: None }
    }
}
