//! Chain ids as CAIP-2 writes them: `eip155:31337`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Network;

/// The EIP-155 id of an EVM chain. Never 0. Shown as CAIP-2 text, `eip155:<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(u64);

/// The text or number is not an EVM chain id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an EVM chain id (wanted CAIP-2, such as `eip155:31337`): {0:?}")]
pub struct ChainIdError(String);

impl ChainId {
    /// The id that development chains share (anvil, hardhat and modelmark's own). Everybody knows the keys of its accounts.
    pub const DEVELOPMENT: Self = Self(31_337);

    /// Returns the EIP-155 number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Tells whether this is the development chain, where money is play money.
    #[must_use]
    pub const fn is_development(self) -> bool {
        self.0 == Self::DEVELOPMENT.0
    }

    /// Returns the ticker of the chain's own coin, in which fees are paid, for the chains that modelmark knows by name.
    #[must_use]
    pub fn coin(self) -> &'static str {
        match Network::of(self) {
            Some(network) => network.coin(),
            None if self.is_development() => "ETH",
            None => "coins",
        }
    }
}

impl TryFrom<u64> for ChainId {
    type Error = ChainIdError;

    fn try_from(id: u64) -> Result<Self, Self::Error> {
        if id == 0 { Err(ChainIdError("0".into())) } else { Ok(Self(id)) }
    }
}

impl FromStr for ChainId {
    type Err = ChainIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ChainIdError(text.chars().take(80).collect());
        let digits = text.strip_prefix("eip155:").ok_or_else(refuse)?;
        // One spelling for each id: no sign, no leading zero. `parse` bounds the value.
        if digits.is_empty() || digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse());
        }
        digits.parse().map(Self).map_err(|_| refuse())
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "eip155:{}", self.0)
    }
}

impl Serialize for ChainId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChainId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    #[test]
    fn reads_one_spelling_only() {
        assert_eq!("eip155:1".parse::<ChainId>().unwrap().get(), 1);
        assert_eq!("eip155:18446744073709551615".parse::<ChainId>().unwrap().get(), u64::MAX);
        for bad in [
            "",
            "1",
            "eip155:",
            "eip155:0",
            "eip155:01",
            "eip155:+1",
            "eip155:-1",
            "eip155:18446744073709551616",
            "EIP155:1",
            "eip155: 1",
            "solana:1",
        ] {
            assert!(bad.parse::<ChainId>().is_err(), "{bad}");
        }
    }
}
