//! One signature over a record, and the only way to accept it.

use std::borrow::Cow;
use std::fmt;

use alloy_primitives::{Address, Signature, U256, hex, uint};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::value::Account;
use crate::{Authorship, RecordError, RecordId};

/// Half the order of secp256k1, rounded down: the largest s that is accepted (EIP-2).
const HALF_ORDER: U256 = uint!(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0_U256);

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The other of two signatures with the same meaning; accepting both would make signatures malleable.
    #[error("signature has a high s (EIP-2 allows only the low one)")]
    HighS,
    /// The last byte is not 27 or 28.
    #[error("signature ends in {0}, not in 27 or 28")]
    RecoveryByte(u8),
    /// No secp256k1 key can have made it.
    #[error("signature is not one of secp256k1 (r or s out of range, or no point on the curve)")]
    NoKey,
    /// Made by another key, or over another record, text or domain: the key that it leads to is not the signer's.
    #[error("signature does not belong to {signer}: over this record it leads to {recovered}")]
    WrongSigner {
        /// Who is said to have signed.
        signer: Address,
        /// Whose signature it would be.
        recovered: Address,
    },
    /// A valid signature by somebody who is not the creator.
    #[error("{signer} is not the creator {creator}")]
    NotCreator {
        /// Who signed.
        signer: Address,
        /// Who should have.
        creator: Address,
    },
    /// The signature document belongs to another record.
    #[error("signatures are for record {found}, not for {expected}")]
    OtherRecord {
        /// The record that the document names.
        found: RecordId,
        /// The record at hand.
        expected: RecordId,
    },
    /// No signature, too many, or one account twice.
    #[error("signatures must be between 1 and {limit} of different accounts; there are {count}")]
    Count {
        /// How many there are.
        count: usize,
        /// The most accepted.
        limit: usize,
    },
    /// The signature document cannot be read.
    #[error(transparent)]
    Document(#[from] RecordError),
}

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// secp256k1 over EIP-712 typed data `Authorship`.
    Eip712,
}

/// The 65 bytes r ‖ s ‖ v, shown as `0x` and 130 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SignatureBytes([u8; 65]);

impl SignatureBytes {
    /// Returns the 65 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 65] {
        &self.0
    }
}

impl From<[u8; 65]> for SignatureBytes {
    fn from(bytes: [u8; 65]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SignatureBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_prefixed(self.0))
    }
}

impl Serialize for SignatureBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode_prefixed(self.0))
    }
}

impl<'de> Deserialize<'de> for SignatureBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 65];
        let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 130);
        digits
            .and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
            .map(|()| Self(bytes))
            .ok_or_else(|| D::Error::custom("a signature is 0x and 130 hex digits"))
    }
}

impl JsonSchema for SignatureBytes {
    fn schema_name() -> Cow<'static, str> {
        "SignatureBytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = Schema::default();
        schema.insert("type".to_owned(), "string".into());
        schema.insert("pattern".to_owned(), "^0x[0-9a-f]{130}$".into());
        schema
    }
}

/// A signature that claims to be the creator's; [`verify`](Self::verify) decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatorSignature {
    /// How it was made.
    pub scheme: Scheme,
    /// Who made it.
    pub signer: Account,
    /// The signature.
    pub signature: SignatureBytes,
}

impl CreatorSignature {
    /// Takes what a signer returned for [`Authorship::signing_hash`]; recovery bytes 0 and 1 and a high s, which some devices return, are put right.
    ///
    /// # Errors
    ///
    /// Refuses a signature that is not the creator's.
    pub fn new(authorship: &Authorship, bytes: [u8; 65]) -> Result<Self, SignatureError> {
        let signature = Signature::from_raw_array(&bytes).map_err(|_| SignatureError::NoKey)?.normalized_s();
        let signed = Self { scheme: Scheme::Eip712, signer: authorship.creator().into(), signature: SignatureBytes(signature.as_bytes()) };
        signed.verify(authorship)?;
        Ok(signed)
    }

    /// Checks that the creator signed exactly this statement.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the signature.
    pub fn verify(&self, authorship: &Authorship) -> Result<(), SignatureError> {
        let (signer, creator) = (self.signer.address(), authorship.creator());
        if signer != creator {
            return Err(SignatureError::NotCreator { signer, creator });
        }
        let [.., v] = self.signature.0;
        if !matches!(v, 27 | 28) {
            return Err(SignatureError::RecoveryByte(v));
        }
        let signature = Signature::from_raw_array(&self.signature.0).map_err(|_| SignatureError::NoKey)?;
        if signature.s() > HALF_ORDER {
            return Err(SignatureError::HighS);
        }
        let recovered = signature.recover_address_from_prehash(&authorship.signing_hash()).map_err(|_| SignatureError::NoKey)?;
        if recovered == signer { Ok(()) } else { Err(SignatureError::WrongSigner { signer, recovered }) }
    }
}
