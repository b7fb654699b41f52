//! The digests that people ask for besides SHA-256, each a type of its own so that none can stand in another's place.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha3::Digest as _;

use crate::sha256::parse_hex;

/// The text is not a digest of the kind that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} digest (64 hex digits, optionally after `0x` or `{prefix}`): {text:?}")]
pub struct ParseOtherDigestError {
    kind: &'static str,
    prefix: &'static str,
    text: String,
}

macro_rules! digest_type {
    ($(#[doc = $doc:literal])+ $name:ident, $kind:literal, $prefix:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Returns the 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseOtherDigestError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix($prefix)).unwrap_or(text);
                let fault = || ParseOtherDigestError { kind: $kind, prefix: $prefix, text: text.chars().take(80).collect() };
                parse_hex(hex).map(Self).ok_or_else(fault)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

digest_type!(
    /// A Keccak-256 digest as Ethereum uses it (the padding of the submission, not of SHA-3): 32 bytes, shown as 64 lower-case hex digits.
    Keccak256Digest,
    "Keccak-256",
    "keccak256:"
);

digest_type!(
    /// A BLAKE3 digest of 32 bytes, shown as 64 lower-case hex digits, as `b3sum` prints it.
    Blake3Digest,
    "BLAKE3",
    "blake3:"
);

impl Keccak256Digest {
    /// Returns the digest of `bytes`.
    ///
    /// ```
    /// use modelmark_digest::Keccak256Digest;
    /// assert!(Keccak256Digest::of(b"").to_string().starts_with("c5d2460186f7233c"));
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha3::Keccak256::digest(bytes).into())
    }

    pub(crate) fn finish(hasher: sha3::Keccak256) -> Self {
        Self(hasher.finalize().into())
    }
}

impl Blake3Digest {
    /// Returns the digest of `bytes`.
    ///
    /// ```
    /// use modelmark_digest::Blake3Digest;
    /// assert!(Blake3Digest::of(b"").to_string().starts_with("af1349b9f5f9a1a6"));
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reads_its_own_spellings_only() {
        let hex = Keccak256Digest::of(b"abc").to_string();
        for text in [hex.clone(), format!("0x{hex}"), format!("keccak256:{hex}")] {
            assert_eq!(text.parse(), Ok(Keccak256Digest::of(b"abc")));
        }
        assert!(format!("blake3:{hex}").parse::<Keccak256Digest>().is_err());
        assert!(hex[1..].parse::<Blake3Digest>().is_err());
        assert_eq!(hex, "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
        assert_eq!(Blake3Digest::of(b"abc").to_string(), "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
    }
}
