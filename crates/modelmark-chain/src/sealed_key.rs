//! Key files for keys that are not an account's: encrypted as a keystore is, in a document that no wallet takes for one.
//!
//! Were it a keystore, a wallet would open it and use the secret on secp256k1 as well; one secret for two kinds of signatures is asking for trouble.

use std::path::Path;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{WalletError, keystore};

const TYPE: &str = "https://modelmark.dev/credential-key/v1";

/// A private key of 32 bytes with what it is for. Shown nowhere, and wiped from memory when it is dropped.
pub struct SealedKey {
    /// The kind of key, as its user calls it.
    pub algorithm: String,
    /// The public name of the key; who opens the file checks that it is that of the secret.
    pub did: String,
    /// The secret.
    pub secret: Zeroizing<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    r#type: String,
    algorithm: String,
    did: String,
    crypto: keystore::Crypto,
}

impl SealedKey {
    /// Opens a key file.
    ///
    /// # Errors
    /// The file cannot be read, is not one, asks for more than 1 GiB of memory, or does not open with the password.
    pub fn open(path: &Path, password: &Zeroizing<String>) -> Result<Self, WalletError> {
        let shown = || path.display().to_string();
        let wrong = |reason: String| WalletError::Sealed { path: shown(), reason };
        let text = keystore::read(path).map_err(|source| WalletError::File { path: shown(), source })?;
        let file: File = serde_json::from_str(&text).map_err(|error| wrong(keystore::fault(&error)))?;
        if file.r#type != TYPE {
            return Err(wrong("it is of another type".into()));
        }
        match keystore::unseal(&file.crypto, password.as_bytes()) {
            Ok(Some(secret)) => Ok(Self { algorithm: file.algorithm, did: file.did, secret }),
            Ok(None) => Err(WalletError::Password { path: shown() }),
            Err(reason) => Err(wrong(reason.into())),
        }
    }

    /// Keeps the key in a new file, readable by its owner only. An existing file is never overwritten.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn create(&self, path: &Path, password: &Zeroizing<String>) -> Result<(), WalletError> {
        let crypto = keystore::seal(&self.secret, password.as_bytes())?;
        let file = File { r#type: TYPE.into(), algorithm: self.algorithm.clone(), did: self.did.clone(), crypto };
        let text = serde_json::to_string(&file).map_err(|error| WalletError::Crypto(error.to_string()))?;
        keystore::write(path, &text).map_err(|source| WalletError::File { path: path.display().to_string(), source })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a file that does not open is a failed test")]
    use super::*;
    use crate::Wallet;

    #[test]
    fn a_key_file_opens_with_its_password_and_is_no_keystore() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key.json");
        let password = |text: &str| Zeroizing::new(text.to_owned());
        let key = SealedKey { algorithm: "ed25519".into(), did: "did:key:z6Mk".into(), secret: Zeroizing::new([7; 32]) };
        key.create(&path, &password("pass")).unwrap();
        let opened = SealedKey::open(&path, &password("pass")).unwrap();
        assert_eq!((opened.secret, opened.did, opened.algorithm), (key.secret.clone(), key.did.clone(), key.algorithm.clone()));
        assert!(matches!(SealedKey::open(&path, &password("other")), Err(WalletError::Password { .. })));
        assert!(matches!(Wallet::from_keystore(&path, &password("pass")), Err(WalletError::Format { .. })));
        assert!(matches!(key.create(&path, &password("pass")), Err(WalletError::File { .. })), "never overwritten");
        let keystore = dir.path().join("keystore.json");
        Wallet::create_keystore(&keystore, &password("pass")).unwrap();
        assert!(matches!(SealedKey::open(&keystore, &password("pass")), Err(WalletError::Sealed { .. })));
        for bad in ["", "[]", "{", "null"] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(SealedKey::open(&path, &password("pass")), Err(WalletError::Sealed { .. })), "{bad}");
        }
    }
}
