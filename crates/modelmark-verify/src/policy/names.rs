//! How a policy names accounts: by address, as a CAIP-10 id, as a `did:pkh`, which is the same with another beginning, or as a `did:key` on secp256k1.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use modelmark_chain::Address;
use modelmark_record::{Account, Signer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no account: {reason}")]
pub struct NameError {
    text: String,
    reason: String,
}

/// An account that a policy names. Its key, if it is one, has the same address on every EVM chain; a contract wallet is on one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Named(Signer);

/// Whose signature over the record a policy demands. That the creator consented to the mint is no such signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RequiredSigner {
    /// The creator.
    Creator,
    /// Every contributor whom the record names. The creator's signature stands for the creator's own part.
    Contributors,
    /// This account: of a key one of chain 1, of a contract wallet the one on its chain.
    Account(Signer),
}

impl Named {
    /// Returns the account as one that signs.
    #[must_use]
    pub const fn signer(&self) -> &Signer {
        &self.0
    }

    /// Returns the account as records name creators, unless it is that of a wallet on another chain.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        (self.0.chain() == 1).then(|| Account::from(self.0.address()))
    }
}

impl From<Signer> for Named {
    fn from(signer: Signer) -> Self {
        Self(signer)
    }
}

impl FromStr for Named {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let wrong = |reason: String| NameError { text: text.chars().take(160).collect(), reason };
        let id = text.strip_prefix("did:pkh:").unwrap_or(text);
        if let Some(rest) = id.strip_prefix("eip155:") {
            let (chain, address) = rest.split_once(':').ok_or_else(|| wrong("eip155:<chain>:<address> has three parts".to_owned()))?;
            let address = modelmark_chain::parse_address(address).map_err(|error| wrong(error.reason().to_owned()))?;
            let id = format!("eip155:{chain}:{}", address.to_checksum(None));
            return id.parse().map(Self).map_err(|error: modelmark_record::ValueError| wrong(format!("it {}", error.reason())));
        }
        if let Some(key) = text.strip_prefix("did:key:") {
            let address = address_of(key).ok_or_else(|| {
                wrong(
                    "it is no key of an account, which is one on secp256k1 (did:key:zQ3s…); keys that sign files stand in `identities`"
                        .to_owned(),
                )
            })?;
            return Ok(Self(Account::from(address).into()));
        }
        if text.starts_with("did:") {
            return Err(wrong("of DIDs only did:pkh:eip155 and did:key say by themselves which key it is".to_owned()));
        }
        let address = modelmark_chain::parse_address(text).map_err(|error| wrong(error.reason().to_owned()))?;
        Ok(Self(Account::from(address).into()))
    }
}

/// Returns the address of a key on secp256k1 as `did:key` writes it: its multicodec prefix and compressed point, in base 58.
fn address_of(key: &str) -> Option<Address> {
    let digits = key.strip_prefix('z').filter(|digits| digits.len() <= 64)?;
    modelmark_chain::address_of_key(bs58::decode(digits).into_vec().ok()?.strip_prefix(&[0xe7, 0x01])?)
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RequiredSigner {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "creator" => Ok(Self::Creator),
            "contributors" => Ok(Self::Contributors),
            account => match account.parse::<Named>() {
                Ok(named) => Ok(Self::Account(named.0)),
                Err(error) => Err(NameError { reason: format!("neither `creator` nor `contributors`, and {}", error.reason), ..error }),
            },
        }
    }
}

impl fmt::Display for RequiredSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Creator => f.write_str("creator"),
            Self::Contributors => f.write_str("contributors"),
            Self::Account(signer) => signer.fmt(f),
        }
    }
}

/// Both are written as text.
macro_rules! as_text {
    ($type:ident, $words:literal) => {
        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": concat!(
                        "^(", $words, "(did:pkh:)?eip155:[1-9][0-9]{0,19}:0x[0-9a-fA-F]{40}|0x[0-9a-fA-F]{40}|did:key:zQ3s[1-9A-HJ-NP-Za-km-z]{45})$"
                    ),
                })
            }
        }
    };
}

as_text!(Named, "");
as_text!(RequiredSigner, "creator|contributors|");
