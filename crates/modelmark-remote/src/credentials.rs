//! What places ask for before they let somebody in. This crate reads neither the environment nor files: whoever calls it fills this in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use alloy_primitives::{B256, Signature, keccak256};
use zeroize::Zeroizing;

/// A secret that no message shows and that is wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// Signs a 32-byte digest as it is, without a prefix: r, s (in the lower half) and v (27 or 28). The error says why it could not.
pub type SignDigest = Arc<dyn Fn(&[u8; 32]) -> Result<[u8; 65], String> + Send + Sync>;

/// A key of an Ethereum account that stays where it is.
#[derive(Clone)]
pub struct EthereumKey {
    /// The uncompressed public key: 4, x, y.
    pub public: [u8; 65],
    /// Signs with it.
    pub sign: SignDigest,
}

/// What a user has for places. What a place needs and is not here is an error of that place, which says where it is taken from.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Bearer token of pinning services (`MODELMARK_PINNING_TOKEN`).
    pub pinning_token: Option<Secret>,
    /// Token of Pinata's own interface (`PINATA_JWT`).
    pub pinata_jwt: Option<Secret>,
    /// Value of the `Authorization` header for IPFS nodes (`MODELMARK_IPFS_AUTH`).
    pub ipfs_auth: Option<Secret>,
    /// An Arweave key: the text of its JWK file (`MODELMARK_ARWEAVE_KEY` names the file).
    pub arweave_key: Option<Secret>,
    /// An Ethereum account that signs data items for Arweave.
    pub ethereum: Option<EthereumKey>,
    /// The variables of object stores by name: `AWS_*`, `GOOGLE_*`, `AZURE_*`.
    pub object_stores: BTreeMap<String, Secret>,
}

impl EthereumKey {
    /// Takes the key that `sign` signs with. Which one that is, a signature tells.
    ///
    /// # Errors
    /// When it cannot sign, or what it gives is no signature.
    pub fn of(sign: SignDigest) -> Result<Self, String> {
        let digest: B256 = keccak256(b"modelmark: which key is this?");
        let signature = Signature::from_raw_array(&sign(&digest.0)?).map_err(|error| error.to_string())?;
        let public = signature.recover_from_prehash(&digest).map_err(|error| error.to_string())?;
        let public = public.to_encoded_point(false).as_bytes().try_into().map_err(|_| "its public key has no two coordinates")?;
        Ok(Self { public, sign })
    }
}

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the secret, to be sent and not to be shown.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl fmt::Debug for EthereumKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(key)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown() {
        let secret = Secret::new("hunter2");
        let credentials = Credentials {
            pinning_token: Some(secret.clone()),
            object_stores: BTreeMap::from([("AWS_SECRET_ACCESS_KEY".to_owned(), secret)]),
            ..Credentials::default()
        };
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
