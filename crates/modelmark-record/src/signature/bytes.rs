//! The bytes of a signature, as the documents spell them.

use std::borrow::Cow;
use std::fmt;

use alloy_primitives::hex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Longest signature in bytes. A key's has 65; a contract wallet's may carry the call that creates the wallet.
pub const MAX_SIGNATURE_BYTES: usize = 1 << 14;

/// 1 to [`MAX_SIGNATURE_BYTES`] bytes, shown as `0x` and lower-case hex digits.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureBytes(Vec<u8>);

/// There are none or too many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signature has 1 to {MAX_SIGNATURE_BYTES} bytes, not {0}")]
pub struct SignatureLength(pub usize);

impl SignatureBytes {
    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; 65]> for SignatureBytes {
    fn from(bytes: [u8; 65]) -> Self {
        Self(bytes.to_vec())
    }
}

impl TryFrom<Vec<u8>> for SignatureBytes {
    type Error = SignatureLength;

    fn try_from(bytes: Vec<u8>) -> Result<Self, SignatureLength> {
        if (1..=MAX_SIGNATURE_BYTES).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(SignatureLength(bytes.len())) }
    }
}

impl fmt::Debug for SignatureBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_prefixed(&self.0))
    }
}

impl Serialize for SignatureBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode_prefixed(&self.0))
    }
}

impl<'de> Deserialize<'de> for SignatureBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("a signature is 0x and lower-case hex digits, two for each byte");
        let digits = text.strip_prefix("0x").filter(|digits| !digits.bytes().any(|digit| digit.is_ascii_uppercase())).ok_or_else(wrong)?;
        let bytes = hex::decode(digits.as_bytes()).map_err(|_| wrong())?;
        Self::try_from(bytes).map_err(D::Error::custom)
    }
}

impl JsonSchema for SignatureBytes {
    fn schema_name() -> Cow<'static, str> {
        "SignatureBytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = Schema::default();
        schema.insert("type".to_owned(), "string".into());
        schema.insert("pattern".to_owned(), "^0x([0-9a-f]{2})+$".into());
        schema.insert("maxLength".to_owned(), (2 + 2 * MAX_SIGNATURE_BYTES).into());
        schema
    }
}
