//! Amounts with their units: nobody adds gas to money by mistake, and every figure that is shown says what it counts.

use std::fmt;

use alloy::primitives::U256;
use serde::{Serialize, Serializer};

/// An amount of a chain's own coin in its smallest unit: 10^18 wei are one coin on every EVM chain modelmark knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wei(U256);

/// An amount of gas: work, not money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Gas(u64);

/// A share in 1/10 000: 250 is 2.5 %. At most 10 000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BasisPoints(u16);

/// The number is not a share: it is above 10 000 basis points.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} basis points are more than the whole (10000)")]
pub struct BasisPointsError(u16);

impl Wei {
    /// Returns the amount of this many wei.
    #[must_use]
    pub const fn new(wei: U256) -> Self {
        Self(wei)
    }

    /// Returns the number of wei.
    #[must_use]
    pub const fn get(self) -> U256 {
        self.0
    }

    /// Returns the sum, or the largest amount when it does not fit: a sum that large is refused for want of funds, never wrapped.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Returns the amount in whole coins as an exact decimal without trailing zeros.
    ///
    /// ```
    /// use modelmark_chain::Wei;
    /// assert_eq!(Wei::from(1_500_000_000_000_000_000_u128).coins(), "1.5");
    /// assert_eq!(Wei::from(1_u128).coins(), "0.000000000000000001");
    /// ```
    #[must_use]
    pub fn coins(self) -> String {
        let unit = U256::from(1_000_000_000_000_000_000_u64);
        let (whole, rest) = self.0.div_rem(unit);
        if rest.is_zero() {
            return whole.to_string();
        }
        let fraction = format!("{:0>18}", rest.to_string());
        format!("{whole}.{}", fraction.trim_end_matches('0'))
    }
}

impl From<u128> for Wei {
    fn from(wei: u128) -> Self {
        Self(U256::from(wei))
    }
}

impl fmt::Display for Wei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} wei", self.0)
    }
}

/// A decimal string: JSON numbers cannot carry 256 bits.
impl Serialize for Wei {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Gas {
    /// Returns this much gas.
    #[must_use]
    pub const fn new(gas: u64) -> Self {
        Self(gas)
    }

    /// Returns the number of gas units.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns what the gas costs at `price` wei for each unit.
    #[must_use]
    pub fn at(self, price: u128) -> Wei {
        // 64 and 128 bits cannot overflow 256.
        Wei(U256::from(self.0).saturating_mul(U256::from(price)))
    }

    /// Returns the gas with a fifth on top, the margin between an estimate and a limit: state may change before the transaction runs.
    #[must_use]
    pub(crate) const fn with_margin(self) -> Self {
        Self(self.0.saturating_add(self.0 / 5))
    }
}

impl fmt::Display for Gas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} gas", self.0)
    }
}

impl BasisPoints {
    /// Returns the number of 1/10 000.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for BasisPoints {
    type Error = BasisPointsError;

    fn try_from(bps: u16) -> Result<Self, Self::Error> {
        if bps > 10_000 { Err(BasisPointsError(bps)) } else { Ok(Self(bps)) }
    }
}

impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole} %"),
            rest if rest % 10 == 0 => write!(f, "{whole}.{} %", rest / 10),
            rest => write!(f, "{whole}.{rest:02} %"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed conversion is a failed test")]
    use super::*;

    #[test]
    fn amounts_show_their_units() {
        assert_eq!(Wei::from(42).to_string(), "42 wei");
        assert_eq!(Wei::default().coins(), "0");
        assert_eq!(Wei::from(2_000_000_000_000_000_000).coins(), "2");
        assert_eq!(Gas::new(21_000).to_string(), "21000 gas");
        assert_eq!(Gas::new(21_000).at(3).to_string(), "63000 wei");
        assert_eq!(Gas::new(u64::MAX).at(u128::MAX).get(), U256::from(u64::MAX) * U256::from(u128::MAX));
    }

    #[test]
    fn shares_are_at_most_the_whole() {
        for (bps, text) in [(0, "0 %"), (500, "5 %"), (250, "2.5 %"), (1, "0.01 %"), (10_000, "100 %")] {
            assert_eq!(BasisPoints::try_from(bps).unwrap().to_string(), text);
        }
        assert!(BasisPoints::try_from(10_001).is_err());
    }
}
