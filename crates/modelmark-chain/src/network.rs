//! The chains that modelmark knows by name: their ids, coins, block explorers, and a public endpoint to begin with.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::ChainId;

/// A public chain. The development chain is none: it is where no endpoint is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    name: &'static str,
    chain: u64,
    coin: &'static str,
    explorer: &'static str,
    rpc: &'static str,
    test: bool,
}

/// The word names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// A test network that was switched off.
    #[error("{name} is gone since {since}: nobody runs it any more; use {instead} instead")]
    Gone {
        /// The network.
        name: &'static str,
        /// Year of its end.
        since: u16,
        /// What took its place.
        instead: &'static str,
    },
    /// Not a name that modelmark knows.
    #[error("not a network that modelmark knows by name: {0:?}; name its chain id as `eip155:<id>`, and an endpoint")]
    Unknown(String),
}

/// Keeps the table below one line a network.
const fn network(name: &'static str, chain: u64, coin: &'static str, explorer: &'static str, rpc: &'static str, test: bool) -> Network {
    Network { name, chain, coin, explorer, rpc, test }
}

/// All networks. The endpoints are run by the networks themselves or are open to everybody; they limit how much one may ask.
const NETWORKS: [Network; 10] = [
    network("ethereum", 1, "ETH", "https://etherscan.io", "https://ethereum-rpc.publicnode.com", false),
    network("sepolia", 11_155_111, "ETH", "https://sepolia.etherscan.io", "https://ethereum-sepolia-rpc.publicnode.com", true),
    network("polygon", 137, "POL", "https://polygonscan.com", "https://polygon-rpc.com", false),
    network("amoy", 80_002, "POL", "https://amoy.polygonscan.com", "https://rpc-amoy.polygon.technology", true),
    network("arbitrum", 42_161, "ETH", "https://arbiscan.io", "https://arb1.arbitrum.io/rpc", false),
    network("arbitrum-sepolia", 421_614, "ETH", "https://sepolia.arbiscan.io", "https://sepolia-rollup.arbitrum.io/rpc", true),
    network("optimism", 10, "ETH", "https://optimistic.etherscan.io", "https://mainnet.optimism.io", false),
    network("op-sepolia", 11_155_420, "ETH", "https://sepolia-optimism.etherscan.io", "https://sepolia.optimism.io", true),
    network("base", 8_453, "ETH", "https://basescan.org", "https://mainnet.base.org", false),
    network("base-sepolia", 84_532, "ETH", "https://sepolia.basescan.org", "https://sepolia.base.org", true),
];

/// Networks that old tutorials name: year of the end, and what took their place.
const GONE: [(&str, u16, &str); 9] = [
    ("goerli", 2024, "sepolia"),
    ("ropsten", 2022, "sepolia"),
    ("rinkeby", 2023, "sepolia"),
    ("kovan", 2022, "sepolia"),
    ("mumbai", 2024, "amoy"),
    ("arbitrum-goerli", 2024, "arbitrum-sepolia"),
    ("optimism-goerli", 2024, "op-sepolia"),
    ("op-goerli", 2024, "op-sepolia"),
    ("base-goerli", 2024, "base-sepolia"),
];

impl Network {
    /// Returns all networks.
    #[must_use]
    pub const fn all() -> &'static [Self] {
        &NETWORKS
    }

    /// Returns the network with this chain id.
    #[must_use]
    pub fn of(chain: ChainId) -> Option<&'static Self> {
        NETWORKS.iter().find(|network| network.chain == chain.get())
    }

    /// Returns the network's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns its chain id.
    ///
    /// # Errors
    /// Never: none of them is 0, as a test sees.
    pub fn chain(&self) -> Result<ChainId, crate::ChainIdError> {
        self.chain.try_into()
    }

    /// Returns the ticker of its coin.
    #[must_use]
    pub const fn coin(&self) -> &'static str {
        self.coin
    }

    /// Returns the address of its block explorer.
    #[must_use]
    pub const fn explorer(&self) -> &'static str {
        self.explorer
    }

    /// Returns a public endpoint: enough to try, too little to work with.
    #[must_use]
    pub const fn rpc(&self) -> &'static str {
        self.rpc
    }

    /// Tells whether its coins are worth nothing.
    #[must_use]
    pub const fn is_test(&self) -> bool {
        self.test
    }
}

impl FromStr for &'static Network {
    type Err = NetworkError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let word = word.to_ascii_lowercase();
        if let Some((name, since, instead)) = GONE.into_iter().find(|(name, ..)| *name == word) {
            return Err(NetworkError::Gone { name, since, instead });
        }
        let found = NETWORKS.iter().find(|network| network.name == word);
        found.ok_or_else(|| NetworkError::Unknown(word.chars().take(80).collect()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a network that is not found is a failed test")]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_network_is_found_by_name_and_id() {
        let ids: BTreeSet<_> = NETWORKS.iter().map(|network| network.chain).collect();
        assert_eq!(ids.len(), NETWORKS.len());
        for network in Network::all() {
            assert_eq!(network.name().parse::<&Network>().unwrap(), network);
            assert_eq!(Network::of(network.chain().unwrap()), Some(network));
            assert!(network.explorer().starts_with("https://") && network.rpc().starts_with("https://"));
            assert_eq!(network.is_test(), network.name().contains("sepolia") || network.name() == "amoy");
            assert_eq!(network.chain().unwrap().coin(), network.coin());
        }
    }

    #[test]
    fn networks_that_are_gone_say_what_to_use() {
        let error = "Goerli".parse::<&Network>().unwrap_err().to_string();
        assert!(error.contains("goerli is gone since 2024") && error.contains("sepolia"), "{error}");
        assert!("mumbai".parse::<&Network>().unwrap_err().to_string().contains("amoy"));
        for (_, _, instead) in GONE {
            assert!(instead.parse::<&Network>().is_ok());
        }
        assert!(matches!("moonbase".parse::<&Network>(), Err(NetworkError::Unknown(_))));
    }
}
