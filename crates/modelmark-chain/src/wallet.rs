//! Keys that sign: from an encrypted keystore, from the environment, the development chain's public ones, or one that stays in AWS KMS or on a Ledger.
//!
//! A key in memory never leaves this type: no `Debug`, error or log shows it, and it is wiped from memory when the wallet is dropped.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use alloy::consensus::SignableTransaction;
use alloy::primitives::{Address, B256, Signature, address, hex};
use alloy::signers::SignerSync;
use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};
use zeroize::Zeroizing;

use crate::kms::KmsKey;
use crate::ledger::{LedgerKey, LedgerPrompt};
use crate::{ChainId, HdPath, LedgerError, LedgerLink, TypedHash, keystore};

/// The mnemonic that development chains share. Everybody knows it: whatever these accounts own on a real chain is taken at once.
const DEVELOPMENT_MNEMONIC: &str = "test test test test test test test test test test test junk";

/// The accounts of the mnemonic, so that their keys are recognised however they come in.
const DEVELOPMENT_ACCOUNTS: [Address; 10] = [
    address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    address!("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
    address!("0x90F79bf6EB2c4f870365E785982E1f101E93b906"),
    address!("0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"),
    address!("0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"),
    address!("0x976EA74026E726554dB657fA54763abd0C3a0aa9"),
    address!("0x14dC79964da2C08b23698B3D3cc7Ca32193d9955"),
    address!("0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"),
    address!("0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"),
];

/// A secp256k1 key and its account.
#[derive(Clone)]
pub struct Wallet {
    key: Key,
}

/// Where the key is.
#[derive(Clone)]
enum Key {
    Here(PrivateKeySigner),
    Kms(Box<KmsKey>),
    Ledger(LedgerKey),
}

/// The key cannot be had or used. Never shows the key or the password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalletError {
    /// The keystore file cannot be read or written.
    #[error("keystore {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a keystore that we read.
    #[error("keystore {path} is not a Web3 Secret Storage version 3 file that modelmark reads: {reason}")]
    Format {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is not a key file of ours.
    #[error("{path} is not a key file that `modelmark credential key new` makes: {reason}")]
    Sealed {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The password is wrong, or the file is damaged.
    #[error("keystore {path} does not open with this password")]
    Password {
        /// The file.
        path: String,
    },
    /// The text is not a private key.
    #[error("not a private key (wanted 64 hex digits, with or without 0x, of a number that secp256k1 allows)")]
    Key,
    /// A key that everybody knows was to be used on a chain with real money.
    #[error("{account} is a development account whose key everybody knows: it works on {development} only, not on {chain}; use a key of your own", development = ChainId::DEVELOPMENT)]
    Development {
        /// The account.
        account: Address,
        /// The chain.
        chain: ChainId,
    },
    /// A plan made for one account was to be executed by another.
    #[error("the plan was made for {planned}, but the key is that of {given}; plan again")]
    OtherAccount {
        /// The account that the plan is for.
        planned: Address,
        /// The account of the key.
        given: Address,
    },
    /// There are ten development accounts.
    #[error("there is no development account {0}: they are numbered 0 to 9")]
    NoDevelopmentAccount(usize),
    /// This build has no AWS KMS.
    #[error("the key {key} cannot be asked for: this build has no AWS KMS (its cargo feature is `aws-kms`)")]
    NoKms {
        /// The key.
        key: String,
    },
    /// AWS KMS was not asked, will not answer, or its key is not one of an account.
    #[error("AWS KMS key {key}: {reason}")]
    Kms {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// AWS KMS gave no answer that can be used.
    #[error("AWS KMS cannot be asked for the key {key}: {reason}")]
    KmsUnreachable {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// The Ledger device did not sign.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The random source or the key derivation failed.
    #[error("cryptography failed: {0}")]
    Crypto(String),
}

impl Wallet {
    /// Opens an encrypted keystore file (Web3 Secret Storage, version 3), as geth, foundry, MetaMask exports and modelmark write it.
    ///
    /// # Errors
    /// The file cannot be read, is not a keystore, asks for more than 1 GiB of memory, or does not open with the password.
    pub fn from_keystore(path: &Path, password: &Zeroizing<String>) -> Result<Self, WalletError> {
        Self::from_bytes(&keystore::open(path, password)?)
    }

    /// Makes a new key and keeps it in a new keystore file, readable by its owner only. An existing file is never overwritten.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn create_keystore(path: &Path, password: &Zeroizing<String>) -> Result<Self, WalletError> {
        let key = keystore::random_key()?;
        let wallet = Self::from_bytes(&key)?;
        keystore::create(path, &key, wallet.address(), password)?;
        Ok(wallet)
    }

    /// Reads a private key as 64 hex digits, with or without 0x, as it stands in an environment variable.
    ///
    /// # Errors
    /// The text is not a private key.
    pub fn from_hex(key: &Zeroizing<String>) -> Result<Self, WalletError> {
        let text = key.trim();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut bytes = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| WalletError::Key)?;
        Self::from_bytes(&bytes)
    }

    /// Returns development account `index` (0 to 9), which has play money on the development chain.
    ///
    /// # Errors
    /// `chain` is another chain, or there is no such account.
    pub fn development(chain: ChainId, index: usize) -> Result<Self, WalletError> {
        let account = *DEVELOPMENT_ACCOUNTS.get(index).ok_or(WalletError::NoDevelopmentAccount(index))?;
        if !chain.is_development() {
            return Err(WalletError::Development { account, chain });
        }
        let index = u32::try_from(index).map_err(|_| WalletError::NoDevelopmentAccount(index))?;
        let build = || MnemonicBuilder::<English>::default().phrase(DEVELOPMENT_MNEMONIC).index(index)?.build();
        let signer = build().map_err(|error| WalletError::Crypto(error.to_string()))?;
        Ok(Self { key: Key::Here(signer) })
    }

    /// Takes an asymmetric secp256k1 key that stays in AWS KMS, named by key id, alias (`alias/…`) or ARN, with the region and credentials of the AWS
    /// environment. Each request, this one and those that sign, may take `deadline`.
    ///
    /// # Errors
    /// The build lacks the feature `aws-kms`, or KMS cannot be reached, refuses, or holds a key of another kind.
    pub fn from_kms(key: &str, deadline: Duration) -> Result<Self, WalletError> {
        Ok(Self { key: Key::Kms(Box::new(KmsKey::open(key, deadline)?)) })
    }

    /// Takes the key at `path` of a Ledger device, unlocked and with its Ethereum app open. Before its owner has to confirm something on it, `prompt` is told.
    ///
    /// # Errors
    /// No device is there, it is locked, or its app is not open; on USB, the system is not Linux.
    pub fn from_ledger(link: &LedgerLink, path: HdPath, prompt: LedgerPrompt) -> Result<Self, WalletError> {
        Ok(Self { key: Key::Ledger(LedgerKey::open(link, path, prompt)?) })
    }

    fn from_bytes(key: &Zeroizing<[u8; 32]>) -> Result<Self, WalletError> {
        let signer = PrivateKeySigner::from_slice(key.as_slice()).map_err(|_| WalletError::Key)?;
        Ok(Self { key: Key::Here(signer) })
    }

    /// Returns the account.
    #[must_use]
    pub fn address(&self) -> Address {
        match &self.key {
            Key::Here(signer) => signer.address(),
            Key::Kms(key) => key.address(),
            Key::Ledger(key) => key.address(),
        }
    }

    /// Tells whether this is one of the accounts whose keys everybody knows.
    #[must_use]
    pub fn is_development(&self) -> bool {
        DEVELOPMENT_ACCOUNTS.contains(&self.address())
    }

    /// Checks that the key may be used on `chain`: one that everybody knows may on the development chain only.
    ///
    /// # Errors
    /// It is a development key and `chain` is another chain.
    pub fn check_usable_on(&self, chain: ChainId) -> Result<(), WalletError> {
        if self.is_development() && !chain.is_development() {
            return Err(WalletError::Development { account: self.address(), chain });
        }
        Ok(())
    }

    /// Signs a typed message (EIP-712): r, s (in the lower half) and v (27 or 28), 65 bytes.
    ///
    /// # Errors
    /// As [`Wallet::sign_digest`], but a Ledger signs these if its owner agrees.
    pub fn sign_typed(&self, hash: &TypedHash) -> Result<[u8; 65], WalletError> {
        let signature = match &self.key {
            Key::Ledger(key) => key.sign_typed(hash)?,
            _ => self.sign_hash(&hash.digest())?,
        };
        Ok(signature.as_bytes())
    }

    /// Signs a 32-byte digest as it is, without a prefix: r, s (in the lower half) and v (27 or 28), 65 bytes. A Ledger does not.
    ///
    /// # Errors
    /// The signature could not be made, which a valid key in memory does not see in practice; one elsewhere may be out of reach.
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Result<[u8; 65], WalletError> {
        Ok(self.sign_hash(&B256::from(*digest))?.as_bytes())
    }

    pub(crate) fn sign_transaction(&self, transaction: &impl SignableTransaction<Signature>) -> Result<Signature, WalletError> {
        match &self.key {
            Key::Ledger(key) => {
                let old = transaction.ty() == 0;
                key.sign_transaction(&transaction.encoded_for_signing(), transaction.chain_id().filter(|_| old))
            }
            _ => self.sign_hash(&transaction.signature_hash()),
        }
    }

    fn sign_hash(&self, hash: &B256) -> Result<Signature, WalletError> {
        match &self.key {
            Key::Here(signer) => signer.sign_hash_sync(hash).map_err(|error| WalletError::Crypto(error.to_string())),
            Key::Kms(key) => key.sign(hash),
            Key::Ledger(_) => Err(LedgerError::Bare.into()),
        }
    }

    /// Checks that a plan for `planned` is executed by the same account.
    pub(crate) fn check_is(&self, planned: Address) -> Result<(), WalletError> {
        if self.address() == planned { Ok(()) } else { Err(WalletError::OtherAccount { planned, given: self.address() }) }
    }
}

impl WalletError {
    /// Tells whether the key is out of reach, and not refused or wrong.
    #[must_use]
    pub const fn is_out_of_reach(&self) -> bool {
        match self {
            Self::KmsUnreachable { .. } => true,
            Self::Ledger(error) => error.is_out_of_reach(),
            _ => false,
        }
    }
}

impl fmt::Debug for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wallet").field("address", &self.address()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a refused key is a failed test")]
    use super::*;

    /// Key of development account 0.
    const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    #[test]
    fn development_accounts_are_those_of_the_mnemonic() {
        for (index, account) in DEVELOPMENT_ACCOUNTS.iter().enumerate() {
            assert_eq!(Wallet::development(ChainId::DEVELOPMENT, index).unwrap().address(), *account);
        }
        assert!(matches!(Wallet::development(ChainId::DEVELOPMENT, 10), Err(WalletError::NoDevelopmentAccount(10))));
    }

    #[test]
    fn development_keys_are_refused_on_other_chains_however_they_come_in() {
        let mainnet = ChainId::try_from(1).unwrap();
        let error = Wallet::development(mainnet, 0).unwrap_err().to_string();
        assert!(error.contains("everybody knows") && error.contains("eip155:1;"), "{error}");
        let wallet = Wallet::from_hex(&Zeroizing::new(KEY.into())).unwrap();
        assert!(matches!(wallet.check_usable_on(mainnet), Err(WalletError::Development { .. })));
        assert!(wallet.check_usable_on(ChainId::DEVELOPMENT).is_ok());
    }

    #[test]
    fn nothing_shows_the_key() {
        let wallet = Wallet::from_hex(&Zeroizing::new(KEY.into())).unwrap();
        assert_eq!(format!("{wallet:?}"), "Wallet { address: 0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266, .. }");
        for bad in
            ["", "0x", "hunter2", &KEY[..65], &format!("{KEY}00"), &format!("0x{}", "0".repeat(64)), &format!("0x{}", "f".repeat(64))]
        {
            let error = Wallet::from_hex(&Zeroizing::new(bad.into())).unwrap_err();
            assert!(matches!(error, WalletError::Key) && !error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn no_malformed_keystore_shows_the_key() {
        let crypto = |kdf: &str, params: &str, iv: &str| {
            format!(
                r#"{{"version":3,"crypto":{{"cipher":"aes-128-ctr","ciphertext":"","cipherparams":{{"iv":{iv}}},"kdf":"{kdf}","kdfparams":{params},"mac":""}}}}"#
            )
        };
        let faults = [
            (KEY[2..].to_owned(), "not JSON (line 1, column 1)"),
            (KEY.to_owned(), "fields (line 1, column 1)"),
            (format!("{{\n\"key\": {KEY}}}"), "not JSON (line 2, column "),
            (format!("\"{KEY}"), "the JSON ends too early (line 1, column 67)"),
            (format!("\"{KEY}\""), "the JSON does not have a keystore's fields (line 1, column 68)"),
            (format!("[\"{KEY}\"]"), "fields (line 1, column "),
            (format!("{{\"{KEY}\":3}}"), "fields (line 1, column "),
            (format!("{{\n\"version\": \"{KEY}\"}}"), "fields (line 2, column "),
            (format!("{{\"version\":3,\"crypto\":\"{KEY}\"}}"), "fields (line 1, column "),
            (crypto("scrypt", &format!("\"{KEY}\""), "\"\""), "fields (line 1, column "),
            (crypto("scrypt", &format!(r#"{{"dklen":32,"n":"{KEY}","r":1,"p":8,"salt":""}}"#), "\"\""), "fields (line 1, column "),
            (crypto(KEY, "{}", "\"\""), "fields (line 1, column "),
            (crypto("scrypt", "{}", &format!("[\"{KEY}\"]")), "fields (line 1, column "),
            (crypto("scrypt", r#"{"dklen":32,"n":2,"r":1,"p":1,"salt":""}"#, &format!("\"{KEY}\"")), "the ciphertext is not 32 bytes"),
        ];
        for (text, wanted) in faults {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &text).unwrap();
            let error = Wallet::from_keystore(file.path(), &Zeroizing::new("hunter2".into())).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(matches!(error, WalletError::Format { .. }) && shown.contains(wanted), "{text}: {shown}");
            assert!(!shown.contains("ac0974") && !shown.contains("f2ff80") && !shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn signatures_recover_to_the_account() {
        let wallet = Wallet::from_hex(&Zeroizing::new(format!("  {}\n", &KEY[2..]))).unwrap();
        let bytes = wallet.sign_digest(&[7; 32]).unwrap();
        assert!(matches!(bytes.last(), Some(27 | 28)));
        let signature = Signature::from_raw(&bytes).unwrap();
        assert!(signature.normalize_s().is_none(), "low s");
        assert_eq!(signature.recover_address_from_prehash(&B256::repeat_byte(7)).unwrap(), wallet.address());
    }
}
