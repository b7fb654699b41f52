//! Whose signature it is. The owner is part of what is signed, so that no second key can be found that fits a signature (`docs/spec/arweave.md`).

use alloy_primitives::{Signature, U256, eip191_hash_message, uint};
use data_encoding::HEXLOWER;
use rsa::signature::Verifier as _;
use rsa::{BoxedUint, PublicKey, pss};
use sha2::Sha256;

use super::{DeepHash, ItemError};

/// Half the order of secp256k1: signatures above it have a twin below it, and are refused.
const HALF_ORDER: U256 = uint!(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0_U256);
/// What every Arweave key has as its public exponent.
const EXPONENT: u64 = 65_537;

/// What kind of key signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureType {
    /// RSA-PSS over SHA-256 with a key of 4096 bits.
    Arweave,
    /// Ed25519 over the deep hash.
    Ed25519,
    /// secp256k1 over the deep hash as a personal message (EIP-191).
    Ethereum,
    /// Ed25519 over the hex digits of the deep hash.
    Solana,
}

impl SignatureType {
    /// Those that are read.
    pub const ALL: [Self; 4] = [Self::Arweave, Self::Ed25519, Self::Ethereum, Self::Solana];

    /// Returns its number in ANS-104.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Arweave => 1,
            Self::Ed25519 => 2,
            Self::Ethereum => 3,
            Self::Solana => 4,
        }
    }

    /// Returns the length of a signature in bytes.
    #[must_use]
    pub const fn signature_bytes(self) -> usize {
        match self {
            Self::Arweave => 512,
            Self::Ed25519 | Self::Solana => 64,
            Self::Ethereum => 65,
        }
    }

    /// Returns the length of an owner, which is a public key, in bytes.
    #[must_use]
    pub const fn owner_bytes(self) -> usize {
        match self {
            Self::Arweave => 512,
            Self::Ed25519 | Self::Solana => 32,
            Self::Ethereum => 65,
        }
    }

    pub(crate) fn verify(self, owner: &[u8], message: &DeepHash, signature: &[u8]) -> Result<(), ItemError> {
        match self {
            Self::Arweave => rsa_pss(owner, message, signature),
            Self::Ed25519 => ed25519(owner, message, signature),
            Self::Ethereum => ethereum(owner, message, signature),
            Self::Solana => ed25519(owner, HEXLOWER.encode(message).as_bytes(), signature),
        }
    }
}

impl TryFrom<u16> for SignatureType {
    type Error = ItemError;

    fn try_from(number: u16) -> Result<Self, ItemError> {
        Self::ALL.into_iter().find(|kind| kind.number() == number).ok_or(ItemError::SignatureType(number))
    }
}

/// Salts have no agreed length: node's have the longest that fits, those of browsers 32 bytes. The owner has the length of the signature, and so
/// has the modulus: a short one in a long field would be a second spelling of its owner.
pub(crate) fn rsa_pss(owner: &[u8], message: &[u8], signature: &[u8]) -> Result<(), ItemError> {
    if owner.first().is_none_or(|byte| byte >> 7 == 0) || owner.len() != 512 {
        return Err(ItemError::Signature("the owner is no modulus of 4096 bits"));
    }
    let key = PublicKey::new(BoxedUint::from_be_slice_vartime(owner), BoxedUint::from(EXPONENT))
        .map_err(|_| ItemError::Signature("the owner is no modulus of RSA"))?;
    let signature = pss::Signature::try_from(signature).map_err(|_| ItemError::Signature("it is no number"))?;
    let key = pss::VerifyingKey::<Sha256>::new_with_auto_salt_len(key);
    key.verify(message, &signature).map_err(|_| ItemError::Signature("it does not verify"))
}

/// `verify_strict` refuses owners of small order, for which one signature fits many messages and one id would name many contents.
fn ed25519(owner: &[u8], message: &[u8], signature: &[u8]) -> Result<(), ItemError> {
    let wrong = ItemError::Signature("the owner is no point of Ed25519");
    let owner = owner.try_into().map_err(|_| wrong.clone())?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(owner).map_err(|_| wrong)?;
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| ItemError::Signature("it is not of 64 bytes"))?;
    key.verify_strict(message, &signature).map_err(|_| ItemError::Signature("it does not verify"))
}

/// The last byte, which says which of two keys it is, is not looked at: other readers do not, and the owner says it.
fn ethereum(owner: &[u8], message: &DeepHash, signature: &[u8]) -> Result<(), ItemError> {
    let scalars = signature.get(..64).ok_or(ItemError::Signature("it is not of 65 bytes"))?;
    let hash = eip191_hash_message(message);
    for parity in [false, true] {
        let signature = Signature::from_bytes_and_parity(scalars, parity);
        if signature.s() > HALF_ORDER {
            return Err(ItemError::Signature("its s is above half the order"));
        }
        if signature.recover_from_prehash(&hash).is_ok_and(|key| key.to_encoded_point(false).as_bytes() == owner) {
            return Ok(());
        }
    }
    Err(ItemError::Signature("it does not verify"))
}
