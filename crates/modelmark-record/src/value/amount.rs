//! Whole numbers of a record: counts that every JSON reader keeps exact, and parts of ten thousand.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::value::ValueError;

/// The largest integer in a record, 2^53 - 1: above it JSON readers that use doubles lose digits (RFC 7493 section 2.2).
pub const MAX_COUNT: u64 = 9_007_199_254_740_991;

/// A whole number from 0 to [`MAX_COUNT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(u64);

impl Count {
    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Count {
    type Error = ValueError;

    fn try_from(value: u64) -> Result<Self, ValueError> {
        if value > MAX_COUNT {
            return Err(ValueError::new("number", &value.to_string(), "is larger than 2^53 - 1"));
        }
        Ok(Self(value))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        integer_schema(MAX_COUNT)
    }
}

/// A part of ten thousand, at most `MAX`; read from `5%`, `2.5%` or `0.25%`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints<const MAX: u16>(u16);

/// A share of a whole: 0 to 10,000 basis points.
pub type ShareBps = BasisPoints<10_000>;

/// A royalty on sales: 0 to 1,000 basis points (10 %), the most that marketplaces commonly honour.
pub type RoyaltyBps = BasisPoints<1_000>;

impl<const MAX: u16> BasisPoints<MAX> {
    /// Returns the basis points.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl<const MAX: u16> TryFrom<u16> for BasisPoints<MAX> {
    type Error = ValueError;

    fn try_from(value: u16) -> Result<Self, ValueError> {
        if value > MAX {
            return Err(ValueError::new("share", &format!("{value} basis points"), format!("is more than {} %", MAX / 100)));
        }
        Ok(Self(value))
    }
}

impl<const MAX: u16> FromStr for BasisPoints<MAX> {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let refuse = |reason: &'static str| ValueError::new("percentage", text, reason);
        let number = text.strip_suffix('%').ok_or_else(|| refuse("does not end in %; write for example 5% or 2.5%"))?.trim_end();
        let bps = hundredths(number).ok_or_else(|| refuse("is not a number with at most two decimals and %, such as 5% or 2.5%"))?;
        bps.try_into().map_err(|_: ValueError| ValueError::new("percentage", text, format!("is more than {} %", MAX / 100)))
    }
}

/// Reads a decimal with at most three whole and two fractional digits as hundredths, without binary fractions.
fn hundredths(number: &str) -> Option<u16> {
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 3) || fraction.is_some_and(|f| !digits(f, 2)) {
        return None;
    }
    let cents: u32 = format!("{:0<2}", fraction.unwrap_or("")).parse().ok()?;
    u16::try_from(whole.parse::<u32>().ok()? * 100 + cents).ok()
}

impl<const MAX: u16> fmt::Display for BasisPoints<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match (rest, rest % 10) {
            (0, _) => write!(f, "{whole}%"),
            (_, 0) => write!(f, "{whole}.{}%", rest / 10),
            _ => write!(f, "{whole}.{rest:02}%"),
        }
    }
}

impl<const MAX: u16> Serialize for BasisPoints<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.0)
    }
}

impl<'de, const MAX: u16> Deserialize<'de> for BasisPoints<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u16::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl<const MAX: u16> JsonSchema for BasisPoints<MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("BasisPointsTo{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        integer_schema(u64::from(MAX))
    }
}

fn integer_schema(maximum: u64) -> Schema {
    let mut schema = Schema::default();
    schema.insert("type".to_owned(), "integer".into());
    schema.insert("minimum".to_owned(), 0.into());
    schema.insert("maximum".to_owned(), maximum.into());
    schema
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    #[test]
    fn reads_percentages_exactly() {
        for (text, bps) in [("0%", 0), ("5%", 500), ("2.5%", 250), ("2.50%", 250), ("0.25 %", 25), ("10%", 1000)] {
            assert_eq!(text.parse::<RoyaltyBps>().unwrap().get(), bps, "{text}");
        }
        for bad in ["", "5", "%", "-1%", "10.01%", "11%", "2.555%", "1e1%", ".5%", "5.%", "99999%", "٥%"] {
            assert!(bad.parse::<RoyaltyBps>().is_err(), "{bad}");
        }
        assert_eq!("100%".parse::<ShareBps>().unwrap().get(), 10_000);
        for text in ["0%", "5%", "2.5%", "0.25%", "0.05%"] {
            assert_eq!(text.parse::<RoyaltyBps>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn counts_end_where_doubles_do() {
        assert!(Count::try_from(MAX_COUNT).is_ok());
        assert!(Count::try_from(MAX_COUNT + 1).is_err());
    }
}
