//! Keys that sign data items.

use std::fmt;

use alloy_primitives::eip191_hash_message;
use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use ring::signature::RSA_PSS_SHA256;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{DeepHash, ItemError, ItemId, SignatureType};
use crate::{Credentials, EthereumKey};

/// Signs data items. A key may stay where it is: the deep hash is all that it needs.
pub trait ItemSigner: Send + Sync {
    /// Returns the kind of its signatures.
    fn signature_type(&self) -> SignatureType;

    /// Returns its public key as items carry it.
    fn owner(&self) -> &[u8];

    /// Signs a deep hash.
    ///
    /// # Errors
    /// When the key cannot be used; the text says why.
    fn sign(&self, message: &DeepHash) -> Result<Vec<u8>, String>;
}

/// An Arweave wallet: an RSA key of 4096 bits.
pub struct ArweaveKey {
    pair: KeyPair,
    owner: Vec<u8>,
}

/// A private key as RFC 7517 and RFC 7518 write it. Its parts are borrowed, so that no copy of them is left behind.
#[derive(Deserialize)]
struct Jwk<'t> {
    kty: &'t str,
    n: &'t str,
    e: &'t str,
    d: &'t str,
    p: &'t str,
    q: &'t str,
    dp: &'t str,
    dq: &'t str,
    qi: &'t str,
}

impl ArweaveKey {
    /// Reads the text of a wallet's key file (JWK).
    ///
    /// # Errors
    /// [`ItemError::Key`] when it is none, not one of 4096 bits, or its parts do not belong together. No message shows a part of it.
    pub fn from_jwk(text: &str) -> Result<Self, ItemError> {
        let wrong = |reason: &str| ItemError::Key(reason.to_owned());
        // serde's message could show what it did not expect.
        let jwk: Jwk<'_> = serde_json::from_str(text).map_err(|_| wrong("it is no JSON Web Key with all parts of an RSA key"))?;
        if jwk.kty != "RSA" {
            return Err(wrong("its kty is not RSA"));
        }
        let part = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).map(Zeroizing::new).map_err(|_| wrong("a part is no base64url"));
        let owner = part(jwk.n)?.to_vec();
        if owner.len() != SignatureType::Arweave.owner_bytes() {
            return Err(wrong("it is not of 4096 bits"));
        }
        let pair = KeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents { n: Zeroizing::new(owner.clone()), e: part(jwk.e)? },
            d: part(jwk.d)?,
            p: part(jwk.p)?,
            q: part(jwk.q)?,
            dP: part(jwk.dp)?,
            dQ: part(jwk.dq)?,
            qInv: part(jwk.qi)?,
        });
        Ok(Self { pair: pair.map_err(|error| wrong(&format!("its parts do not belong together: {error}")))?, owner })
    }

    /// Returns the wallet's address, which is the SHA-256 of its public key.
    #[must_use]
    pub fn address(&self) -> ItemId {
        ItemId::of(&self.owner)
    }

    /// Signs bytes with RSA-PSS over SHA-256 and a salt of 32 bytes.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let signed = self.pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map(|()| signature).map_err(|_| "the system gives no random numbers".to_owned())
    }
}

impl fmt::Debug for ArweaveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArweaveKey({})", self.address())
    }
}

impl ItemSigner for ArweaveKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::Arweave
    }

    fn owner(&self) -> &[u8] {
        &self.owner
    }

    fn sign(&self, message: &DeepHash) -> Result<Vec<u8>, String> {
        self.sign_bytes(message)
    }
}

/// The key that a place signs with.
pub(crate) enum KnownKey {
    Arweave(ArweaveKey),
    Ethereum(EthereumKey),
}

impl KnownKey {
    /// Returns the wallet if there is one, else the Ethereum account.
    pub(crate) fn of(credentials: &Credentials) -> Result<Option<Self>, ItemError> {
        match (&credentials.arweave_key, &credentials.ethereum) {
            (Some(jwk), _) => ArweaveKey::from_jwk(jwk.expose()).map(|key| Some(Self::Arweave(key))),
            (None, Some(key)) => Ok(Some(Self::Ethereum(key.clone()))),
            (None, None) => Ok(None),
        }
    }

    pub(crate) fn signer(&self) -> &dyn ItemSigner {
        match self {
            Self::Arweave(key) => key,
            Self::Ethereum(key) => key,
        }
    }

    /// Returns the address by which gateways know the owner.
    pub(crate) fn address(&self) -> ItemId {
        ItemId::of(self.signer().owner())
    }
}

impl fmt::Debug for KnownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownKey({})", self.address())
    }
}

impl ItemSigner for EthereumKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::Ethereum
    }

    fn owner(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, message: &DeepHash) -> Result<Vec<u8>, String> {
        (self.sign)(&eip191_hash_message(message).0).map(Vec::from)
    }
}
