//! How documents that people read have numbers: decimals for what a JSON number cannot carry, and digests after `0x`. Both are read in either spelling.

/// Wide integers as decimal strings.
pub(crate) mod decimal {
    use alloy::primitives::U256;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(number: &U256, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<U256, D::Error> {
        U256::deserialize(deserializer)
    }
}

/// Digests after `0x`.
pub(crate) mod digest {
    use modelmark_digest::Sha256Digest;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(digest: &Sha256Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digest.to_0x())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sha256Digest, D::Error> {
        Sha256Digest::deserialize(deserializer)
    }
}
