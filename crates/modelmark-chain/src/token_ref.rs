//! How a token is named across chains: CAIP-19, `eip155:<chain>/erc721:<contract>/<token id>`.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::{Address, U256};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ChainId;

/// The id of a token inside its contract: for modelmark's registries, computed from what the creator states. Shown in decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(U256);

/// One token on one chain. Shown as CAIP-19 with the contract in EIP-55 spelling.
///
/// ```
/// use modelmark_chain::TokenRef;
/// let text = "eip155:31337/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/42";
/// assert_eq!(text.parse::<TokenRef>()?.to_string(), text);
/// # Ok::<_, modelmark_chain::TokenRefError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenRef {
    chain: ChainId,
    contract: Address,
    id: TokenId,
}

/// The text does not name a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefError {
    /// Not of the form `eip155:<chain>/erc721:<contract>/<token id>`.
    #[error("{SYNTAX}: {0:?}")]
    Syntax(String),
    /// The address is not 0x and 40 hex digits.
    #[error("{ADDRESS}: {0:?}")]
    Address(String),
    /// The address is in mixed case and its EIP-55 checksum is wrong, which is how a typing error shows.
    #[error("the checksum of the address {0} is wrong: a character was mistyped")]
    Checksum(String),
    /// The token id is not a decimal number below 2^256 without leading zeros.
    #[error("{TOKEN_ID}: {0:?}")]
    TokenId(String),
}

const SYNTAX: &str = "not a token reference (wanted `eip155:<chain>/erc721:<contract>/<token id>`)";
const ADDRESS: &str = "not an address (wanted 0x and 40 hex digits)";
const TOKEN_ID: &str = "not a token id (wanted a decimal number below 2^256)";

impl TokenRefError {
    /// Returns what is wrong, for a message that names the text by itself.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Syntax(_) => SYNTAX,
            Self::Address(_) => ADDRESS,
            Self::Checksum(_) => "the checksum of the address is wrong: a character was mistyped",
            Self::TokenId(_) => TOKEN_ID,
        }
    }
}

impl TokenId {
    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> U256 {
        self.0
    }
}

impl From<U256> for TokenId {
    fn from(id: U256) -> Self {
        Self(id)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for TokenId {
    type Err = TokenRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || TokenRefError::TokenId(clip(text));
        // 78 digits hold 2^256 - 1.
        let plain = (1..=78).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || (text.len() > 1 && text.starts_with('0')) {
            return Err(refuse());
        }
        U256::from_str_radix(text, 10).map(Self).map_err(|_| refuse())
    }
}

impl TokenRef {
    /// Returns the name of token `id` of `contract` on `chain`.
    #[must_use]
    pub const fn new(chain: ChainId, contract: Address, id: TokenId) -> Self {
        Self { chain, contract, id }
    }

    /// Returns the chain.
    #[must_use]
    pub const fn chain(&self) -> ChainId {
        self.chain
    }

    /// Returns the ERC-721 contract.
    #[must_use]
    pub const fn contract(&self) -> Address {
        self.contract
    }

    /// Returns the id inside the contract.
    #[must_use]
    pub const fn id(&self) -> TokenId {
        self.id
    }
}

impl fmt::Display for TokenRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `Address` displays with its EIP-55 checksum.
        write!(f, "{}/erc721:{}/{}", self.chain, self.contract, self.id)
    }
}

impl FromStr for TokenRef {
    type Err = TokenRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let syntax = || TokenRefError::Syntax(clip(text));
        let mut parts = text.split('/');
        let (Some(chain), Some(asset), Some(id), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(syntax());
        };
        let chain = chain.parse().map_err(|_| syntax())?;
        let contract = asset.strip_prefix("erc721:").ok_or_else(syntax)?;
        Ok(Self { chain, contract: parse_address(contract)?, id: id.parse()? })
    }
}

/// Reads an address: all lower or all upper case as it is, mixed case only when the checksum is right.
///
/// # Errors
/// The text is not 0x and 40 hex digits, or its checksum is wrong.
pub fn parse_address(text: &str) -> Result<Address, TokenRefError> {
    let digits = text.strip_prefix("0x").ok_or_else(|| TokenRefError::Address(clip(text)))?;
    if digits.len() != 40 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(TokenRefError::Address(clip(text)));
    }
    let one_case = digits == digits.to_ascii_lowercase() || digits == digits.to_ascii_uppercase();
    if !one_case {
        return Address::parse_checksummed(text, None).map_err(|_| TokenRefError::Checksum(clip(text)));
    }
    text.parse().map_err(|_| TokenRefError::Address(clip(text)))
}

/// Returns the address of the account whose public key this is, as SEC 1 writes points, if it is one on secp256k1.
#[must_use]
pub fn address_of_key(point: &[u8]) -> Option<Address> {
    let key = alloy::signers::k256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    Some(Address::from_public_key(&key))
}

fn clip(text: &str) -> String {
    text.chars().take(160).collect()
}

macro_rules! serde_as_text {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

serde_as_text!(TokenId, TokenRef);

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;
    use proptest::prelude::*;

    const ADDRESS: &str = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

    #[test]
    fn shows_the_checksum_and_takes_one_case() {
        let lower = format!("eip155:1/erc721:{}/7", ADDRESS.to_lowercase());
        assert_eq!(lower.parse::<TokenRef>().unwrap().to_string(), format!("eip155:1/erc721:{ADDRESS}/7"));
    }

    #[test]
    fn refuses_everything_else() {
        let typo = ADDRESS.replace('F', "f");
        let most = U256::MAX.to_string();
        assert!(format!("eip155:1/erc721:{ADDRESS}/{most}").parse::<TokenRef>().is_ok());
        let over = format!("{}6", most.strip_suffix('5').unwrap());
        for (bad, wanted) in [
            (String::new(), "reference"),
            ("eip155:1".into(), "reference"),
            (format!("eip155:1/erc721:{ADDRESS}"), "reference"),
            (format!("eip155:1/erc721:{ADDRESS}/1/2"), "reference"),
            (format!("eip155:1/erc1155:{ADDRESS}/1"), "reference"),
            (format!("eip155:01/erc721:{ADDRESS}/1"), "reference"),
            (format!("eip155:1/erc721:{}/1", &ADDRESS[2..]), "address"),
            (format!("eip155:1/erc721:{ADDRESS}0/1"), "address"),
            (format!("eip155:1/erc721:{typo}/1"), "checksum"),
            (format!("eip155:1/erc721:{ADDRESS}/"), "token id"),
            (format!("eip155:1/erc721:{ADDRESS}/01"), "token id"),
            (format!("eip155:1/erc721:{ADDRESS}/0x1"), "token id"),
            (format!("eip155:1/erc721:{ADDRESS}/-1"), "token id"),
            (format!("eip155:1/erc721:{ADDRESS}/1 "), "token id"),
            (format!("eip155:1/erc721:{ADDRESS}/{over}"), "token id"),
            (format!("eip155:1/erc721:{ADDRESS}/{}", "9".repeat(4096)), "token id"),
        ] {
            let error = bad.parse::<TokenRef>().unwrap_err().to_string();
            assert!(error.contains(wanted), "{bad}: {error}");
        }
    }

    #[test]
    fn the_errors_of_an_address_fit_every_account() {
        let error = |text: &str| parse_address(text).unwrap_err().to_string();
        assert_eq!(error("0x1234"), "not an address (wanted 0x and 40 hex digits): \"0x1234\"");
        let typo = ADDRESS.replace('F', "f");
        assert_eq!(error(&typo), format!("the checksum of the address {typo} is wrong: a character was mistyped"));
    }

    proptest! {
        #[test]
        fn text_and_token_round_trip(chain in 1_u64.., address: [u8; 20], id: [u8; 32]) {
            let token = TokenRef::new(ChainId::try_from(chain).unwrap(), address.into(), U256::from_be_bytes(id).into());
            prop_assert_eq!(token.to_string().parse::<TokenRef>().unwrap(), token);
            let json = serde_json::to_string(&token).unwrap();
            prop_assert_eq!(serde_json::from_str::<TokenRef>(&json).unwrap(), token);
        }

        #[test]
        fn any_text_is_answered(text in ".{0,200}") {
            let _ = text.parse::<TokenRef>();
        }
    }
}
