//! A key and an account bound to each other: one statement, signed by both.
//!
//! The account signs it as EIP-712 typed data, so that a wallet shows what it binds; the key signs the same digest behind a prefix of its own, so that
//! neither signature can be passed off as one over anything else. The statement names the key, the account, the purpose and the time, and a nonce that
//! tells one binding from the next. It names no credential: what a key may sign follows from the purpose, and a credential carries the binding inside
//! what the key signs.

use alloy_primitives::{Address, B256, Signature, hex, keccak256};
use alloy_sol_types::{Eip712Domain, SolStruct};
use serde_json::{Map, Value, json};

use crate::Instant;
use crate::json::text;
use crate::key::{PublicKey, SecretKey, encode_multibase, fill, read_signature};
use crate::report::{Code, Fault};

mod typed {
    //! The typed structure as Solidity spells it.
    alloy_sol_types::sol! {
        struct KeyBinding {
            string did;
            string purpose;
            address account;
            uint64 notBefore;
            uint64 notAfter;
            bytes32 nonce;
        }
    }
}

/// What stands before the digest that the key signs. No message that a suite signs begins with it: those are 64 bytes, or letters without a zero.
const KEY_PREFIX: &[u8] = b"modelmark-key-binding-v1\0";
/// The only purpose: the key makes statements for the account.
const PURPOSE: &str = "assertionMethod";
/// The type of the binding among a credential's evidence.
pub(crate) const BINDING_TYPE: &str = "AccountKeyBinding";
const PKH: &str = "did:pkh:eip155:1:";

/// "`account` speaks through the key `did` from `not_before` to `not_after`."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    did: String,
    account: Address,
    not_before: Instant,
    not_after: Instant,
    nonce: B256,
}

/// A binding with both signatures, which hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBinding {
    binding: KeyBinding,
    account_signature: [u8; 65],
    key_signature: [u8; 64],
}

/// A binding cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindingError {
    /// The random source failed.
    #[error(transparent)]
    Key(#[from] crate::KeyError),
    /// The end comes before the beginning.
    #[error("a binding cannot end ({not_after}) before it begins ({not_before})")]
    Times {
        /// The beginning.
        not_before: Instant,
        /// The end.
        not_after: Instant,
    },
    /// The signer refused or failed.
    #[error("the account did not sign the binding")]
    Signer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The signer returned something that is not the account's signature.
    #[error("the signer's answer is not the signature of {0}")]
    NotTheAccounts(Address),
}

impl KeyBinding {
    /// States a binding, with a new nonce.
    ///
    /// # Errors
    /// The end comes before the beginning, or the random source failed.
    pub fn new(key: &PublicKey, account: Address, not_before: Instant, not_after: Instant) -> Result<Self, BindingError> {
        if not_after < not_before {
            return Err(BindingError::Times { not_before, not_after });
        }
        let mut nonce = B256::ZERO;
        fill(nonce.as_mut_slice())?;
        Ok(Self { did: key.did(), account, not_before, not_after, nonce })
    }

    /// Returns the account.
    #[must_use]
    pub const fn account(&self) -> Address {
        self.account
    }

    /// Returns the 32 bytes that the account signs (EIP-712).
    #[must_use]
    pub fn signing_hash(&self) -> B256 {
        keccak256([b"\x19\x01".as_slice(), self.domain_separator().as_slice(), self.struct_hash().as_slice()].concat())
    }

    /// Returns the first half of what the account signs, for devices that take the halves: the separator of the domain.
    #[must_use]
    pub fn domain_separator(&self) -> B256 {
        // As for records: no chain, because an account is the same on every chain and so is what it says.
        Eip712Domain { name: Some("modelmark".into()), version: Some("1".into()), ..Eip712Domain::default() }.separator()
    }

    /// Returns the second half: `hashStruct` of the message.
    #[must_use]
    pub fn struct_hash(&self) -> B256 {
        let seconds = |instant: Instant| u64::try_from(instant.unix()).unwrap_or_default();
        let message = typed::KeyBinding {
            did: self.did.clone(),
            purpose: PURPOSE.into(),
            account: self.account,
            notBefore: seconds(self.not_before),
            notAfter: seconds(self.not_after),
            nonce: self.nonce,
        };
        message.eip712_hash_struct()
    }

    fn key_message(&self) -> Vec<u8> {
        [KEY_PREFIX, self.signing_hash().as_slice()].concat()
    }

    /// Has both sign. `sign` returns r ‖ s ‖ v over [`signing_hash`](Self::signing_hash); this crate never sees the account's key.
    ///
    /// # Errors
    /// The signer failed, or answered with something that is not the account's signature.
    pub fn sign_with<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        self,
        key: &SecretKey,
        sign: impl FnOnce(&Self) -> Result<[u8; 65], E>,
    ) -> Result<SignedBinding, BindingError> {
        let bytes = sign(&self).map_err(|error| BindingError::Signer(error.into()))?;
        let wrong = || BindingError::NotTheAccounts(self.account);
        let account_signature = Signature::from_raw_array(&bytes).map_err(|_| wrong())?.normalized_s().as_bytes();
        self.check_account(&account_signature).map_err(|_| wrong())?;
        let key_signature = key.sign(&self.key_message());
        Ok(SignedBinding { binding: self, account_signature, key_signature })
    }

    fn check_account(&self, bytes: &[u8; 65]) -> Result<(), Fault> {
        let [.., v] = *bytes;
        let bad = |why: &str| Fault::new(Code::BadAccountSignature, format!("the account's signature of the binding {why}"));
        if !matches!(v, 27 | 28) {
            return Err(bad("ends in neither 27 nor 28"));
        }
        let signature = Signature::from_raw_array(bytes).map_err(|_| bad("is not one of secp256k1"))?;
        if signature.normalize_s().is_some() {
            return Err(Fault::new(Code::HighS, "the account's signature of the binding has a high s (EIP-2 allows only the low one)"));
        }
        let recovered = signature.recover_address_from_prehash(&self.signing_hash()).map_err(|_| bad("leads to no key"))?;
        if recovered == self.account { Ok(()) } else { Err(bad(&format!("leads to {recovered}, not to {}", self.account))) }
    }
}

impl SignedBinding {
    /// Returns what was signed.
    #[must_use]
    pub const fn binding(&self) -> &KeyBinding {
        &self.binding
    }

    /// Returns the binding as it stands among a credential's evidence.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let binding = &self.binding;
        json!({
            "type": BINDING_TYPE,
            "key": binding.did,
            "account": did_pkh(binding.account),
            "purpose": PURPOSE,
            "notBefore": binding.not_before.to_string(),
            "notAfter": binding.not_after.to_string(),
            "nonce": binding.nonce.to_string(),
            "accountSignature": hex::encode_prefixed(self.account_signature),
            "keySignature": encode_multibase(&self.key_signature),
        })
    }

    /// Reads a binding and checks both signatures, that the key is `key` and the time `at`.
    pub(crate) fn check(evidence: &Map<String, Value>, key: &PublicKey, at: Instant) -> Result<KeyBinding, Fault> {
        let (binding, account_signature, key_signature) = read(evidence)?;
        if binding.did != key.did() {
            return Err(Fault::new(
                Code::WrongAccount,
                format!("the binding is for {}, the credential was signed by {}", binding.did, key.did()),
            ));
        }
        binding.check_account(&account_signature)?;
        if !key.verifies(&binding.key_message(), &key_signature) {
            return Err(Fault::new(Code::BadKeySignature, "the key did not sign the binding"));
        }
        if at < binding.not_before {
            return Err(Fault::new(Code::NotYetValid, format!("the binding begins at {}", binding.not_before)));
        }
        if at > binding.not_after {
            return Err(Fault::new(Code::Expired, format!("the binding ended at {}", binding.not_after)));
        }
        Ok(binding)
    }
}

/// Returns the DID of an account, the same on every EVM chain.
pub(crate) fn did_pkh(account: Address) -> String {
    format!("{PKH}{}", account.to_checksum(None))
}

/// Reads the DID of an account, in the one spelling that [`did_pkh`] gives.
pub(crate) fn read_did_pkh(text: &str) -> Result<Address, Fault> {
    let account = text.strip_prefix(PKH).and_then(|address| address.parse::<Address>().ok()).filter(|account| did_pkh(*account) == text);
    let shown = || text.chars().take(80).collect::<String>();
    account.ok_or_else(|| Fault::new(Code::Malformed, format!("{:?} is not {PKH} and a checksummed address", shown())))
}

type Read = (KeyBinding, [u8; 65], [u8; 64]);

fn read(evidence: &Map<String, Value>) -> Result<Read, Fault> {
    const KEYS: [&str; 9] = ["type", "key", "account", "purpose", "notBefore", "notAfter", "nonce", "accountSignature", "keySignature"];
    if let Some(unknown) = evidence.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let shown: String = unknown.chars().take(80).collect();
        return Err(Fault::new(Code::Malformed, format!("the binding has a key {shown:?} that nobody signed")));
    }
    if text(evidence, "purpose")? != PURPOSE {
        return Err(Fault::new(Code::WrongPurpose, format!("the binding is not for the purpose {PURPOSE}")));
    }
    let time = |key| text(evidence, key)?.parse().map_err(|error: crate::NotATime| Fault::new(Code::Malformed, error.to_string()));
    let binding = KeyBinding {
        did: text(evidence, "key")?.to_owned(),
        account: read_did_pkh(text(evidence, "account")?)?,
        not_before: time("notBefore")?,
        not_after: time("notAfter")?,
        nonce: B256::from(digits::<32>(evidence, "nonce")?),
    };
    Ok((binding, digits::<65>(evidence, "accountSignature")?, read_signature(text(evidence, "keySignature")?)?))
}

fn digits<const N: usize>(evidence: &Map<String, Value>, key: &str) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    let digits = text(evidence, key)?.strip_prefix("0x").filter(|digits| digits.len() == 2 * N);
    let decoded = digits.and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok());
    decoded.map(|()| bytes).ok_or_else(|| Fault::new(Code::Malformed, format!("`{key}` is not 0x and {} hex digits", 2 * N)))
}
