//! Who and which token: the chain-agnostic names of accounts and tokens (CAIP-10, CAIP-19).

use std::borrow::Cow;
use std::str::FromStr;

use alloy_primitives::{Address, U256};

use crate::value::{Refusal, text_value};

text_value! {
    /// An Ethereum account, `eip155:1:0x…` (CAIP-10) with an EIP-55 checksum.
    ///
    /// The reference is always 1, as in `did:pkh`: a key has the same address on every EVM chain, and a record does not depend on where it is minted.
    Account, "account", check_account,
    { "type": "string", "pattern": "^eip155:1:0x[0-9a-fA-F]{40}$" }
}

text_value! {
    /// An account that signed, `eip155:<chain>:0x…` (CAIP-10) with an EIP-55 checksum: a key's is written as one of chain 1, a contract wallet's names the
    /// chain that has the wallet.
    Signer, "signer", check_signer,
    { "type": "string", "pattern": "^eip155:[1-9][0-9]{0,19}:0x[0-9a-fA-F]{40}$" }
}

text_value! {
    /// A token, `eip155:<chain>/erc721:<address>/<id>` (CAIP-19), with an EIP-55 checksum and a decimal id.
    AssetId, "token", check_asset,
    { "type": "string", "pattern": "^eip155:[1-9][0-9]{0,19}/erc721:0x[0-9a-fA-F]{40}/(0|[1-9][0-9]{0,77})$" }
}

text_value! {
    /// A token id in decimal, without leading zeros, below 2^256.
    TokenId, "token id", check_token_id,
    { "type": "string", "pattern": "^(0|[1-9][0-9]{0,77})$" }
}

impl Account {
    /// Returns the address.
    #[must_use]
    pub fn address(&self) -> Address {
        // The constructor parsed these very characters.
        self.0.strip_prefix("eip155:1:").and_then(|hex| hex.parse().ok()).unwrap_or(Address::ZERO)
    }
}

impl From<Address> for Account {
    fn from(address: Address) -> Self {
        Self(format!("eip155:1:{}", address.to_checksum(None)))
    }
}

impl Signer {
    /// Returns the chain id.
    #[must_use]
    pub fn chain(&self) -> u64 {
        // The constructor parsed these very characters.
        parse_signer(&self.0).map_or(0, |(chain, _)| chain)
    }

    /// Returns the address.
    #[must_use]
    pub fn address(&self) -> Address {
        // The constructor parsed these very characters.
        parse_signer(&self.0).and_then(|(_, address)| address.parse().ok()).unwrap_or(Address::ZERO)
    }
}

impl From<Account> for Signer {
    fn from(account: Account) -> Self {
        Self(account.0)
    }
}

impl AssetId {
    /// Returns the chain id, the contract and the token id.
    #[must_use]
    pub fn parts(&self) -> (u64, Address, U256) {
        // The constructor accepted these very characters.
        parse_asset(&self.0).unwrap_or_default()
    }
}

impl TokenId {
    /// Returns the number.
    #[must_use]
    pub fn get(&self) -> U256 {
        // The constructor parsed these very characters.
        parse_id(&self.0).unwrap_or_default()
    }
}

impl From<U256> for TokenId {
    fn from(id: U256) -> Self {
        Self(id.to_string())
    }
}

fn check_account(text: String) -> Result<String, Refusal> {
    let Some(address) = text.strip_prefix("eip155:1:") else {
        return Err("does not start with eip155:1: (CAIP-10; an account is the same on every EVM chain)".into());
    };
    checksummed(address)?;
    Ok(text)
}

fn check_signer(text: String) -> Result<String, Refusal> {
    let (_, address) = parse_signer(&text).ok_or("is not eip155:<chain>:<address> (CAIP-10)")?;
    checksummed(address)?;
    Ok(text)
}

fn check_asset(text: String) -> Result<String, Refusal> {
    match text.split_once("/erc721:").and_then(|(_, rest)| rest.split_once('/')) {
        Some((address, _)) => checksummed(address)?,
        None => return Err("is not eip155:<chain>/erc721:<address>/<id> (CAIP-19)".into()),
    };
    match parse_asset(&text) {
        Some(_) => Ok(text),
        None => Err("is not eip155:<chain>/erc721:<address>/<decimal id> (CAIP-19)".into()),
    }
}

fn check_token_id(text: String) -> Result<String, Refusal> {
    if parse_id(&text).is_some() { Ok(text) } else { Err("is not a decimal number below 2^256 without leading zeros".into()) }
}

fn checksummed(address: &str) -> Result<Address, Refusal> {
    let shape = address.len() == 42 && address.starts_with("0x");
    let plain = Address::from_str(address).ok().filter(|_| shape).ok_or("has an address that is not 0x and 40 hex digits")?;
    if plain.to_checksum(None) == address {
        Ok(plain)
    } else {
        Err(format!("has a wrong EIP-55 checksum; {plain} is the address with the right one").into())
    }
}

fn parse_signer(text: &str) -> Option<(u64, &str)> {
    let (chain, address) = text.strip_prefix("eip155:")?.split_once(':')?;
    Some((parse_chain(chain)?, address))
}

fn parse_chain(text: &str) -> Option<u64> {
    let id: u64 = text.parse().ok()?;
    (id > 0 && id.to_string() == text).then_some(id)
}

fn parse_asset(text: &str) -> Option<(u64, Address, U256)> {
    let (chain, rest) = text.strip_prefix("eip155:")?.split_once("/erc721:")?;
    let (address, id) = rest.split_once('/')?;
    Some((parse_chain(chain)?, checksummed(address).ok()?, parse_id(id)?))
}

fn parse_id(text: &str) -> Option<U256> {
    let plain = !text.is_empty() && text.len() <= 78 && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| U256::from_str_radix(text, 10).ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    const ADDRESS: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

    #[test]
    fn accounts_have_one_spelling() {
        let account: Account = format!("eip155:1:{ADDRESS}").parse().unwrap();
        assert_eq!(Account::from(account.address()), account);
        for bad in
            ["", ADDRESS, "eip155:1:", "eip155:1:0x0", &format!("eip155:137:{ADDRESS}"), &format!("eip155:1:{}", ADDRESS.to_lowercase())]
        {
            assert!(bad.parse::<Account>().is_err(), "{bad}");
        }
    }

    #[test]
    fn signers_have_one_spelling() {
        let signer: Signer = format!("eip155:8453:{ADDRESS}").parse().unwrap();
        assert_eq!((signer.chain(), signer.address()), (8453, ADDRESS.parse().unwrap()));
        assert_eq!(Signer::from(Account::from(signer.address())).chain(), 1);
        for chain in ["", "0", "01", "+1", "1 ", "99999999999999999999", "0x1"] {
            assert!(format!("eip155:{chain}:{ADDRESS}").parse::<Signer>().is_err(), "{chain}");
        }
        assert!(format!("eip155:1:{}", ADDRESS.to_lowercase()).parse::<Signer>().is_err());
        assert!(format!("eip155:1:{ADDRESS}:").parse::<Signer>().is_err());
    }

    #[test]
    fn tokens_have_one_spelling() {
        let token: AssetId = format!("eip155:31337/erc721:{ADDRESS}/7").parse().unwrap();
        assert_eq!(token.parts(), (31337, ADDRESS.parse().unwrap(), U256::from(7)));
        for bad in [
            format!("eip155:0/erc721:{ADDRESS}/7"),
            format!("eip155:01/erc721:{ADDRESS}/7"),
            format!("eip155:+1/erc721:{ADDRESS}/7"),
            format!("eip155:1/erc721:{ADDRESS}/07"),
            format!("eip155:1/erc721:{ADDRESS}/0x7"),
            format!("eip155:1/erc721:{ADDRESS}/"),
            format!("eip155:1/erc1155:{ADDRESS}/7"),
            format!("eip155:1/erc721:{}/7", ADDRESS.to_lowercase()),
            format!("eip155:1/erc721:{ADDRESS}/{}", "9".repeat(78)),
        ] {
            assert!(bad.parse::<AssetId>().is_err(), "{bad}");
        }
        assert_eq!(TokenId::from(U256::MAX).get(), U256::MAX);
    }
}
