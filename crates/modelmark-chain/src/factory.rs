//! Collections that the canonical factory makes: minimal proxies of the canonical registry, with their terms behind the proxy's code.
//!
//! Such a proxy's code cannot change, and its address commits to the factory, the registry and the terms. So whether a collection is ours
//! follows from its code and its address alone, as the factory's own `isCollection` says, and no endpoint has to be asked for more.

use alloy::primitives::{Address, B256, hex, keccak256};
use alloy::sol_types::SolValue;
use serde::Serialize;

use crate::Contract;

/// EIP-1167: what every minimal proxy's code starts with, before the address it forwards to.
pub(crate) const MINIMAL_PROXY: [u8; 10] = hex!("363d3d373d3d3d363d73");
/// What follows the address.
const MINIMAL_PROXY_END: [u8; 15] = hex!("5af43d82803e903d91602b57fd5bf3");
/// Init code of a proxy with data behind its code: PUSH2, the length of both, and what copies and returns them.
const INIT_START: u8 = 0x61;
const INIT_END: [u8; 7] = hex!("3d81600a3d39f3");

/// What a collection of the factory is made with; with our code it makes the collection's address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionTerms {
    /// ERC-721 name.
    pub name: String,
    /// ERC-721 symbol.
    pub symbol: String,
    /// The access manager that decides who may submit mints; zero for an open collection without any administrator.
    pub authority: Address,
}

impl CollectionTerms {
    /// Returns where a collection with these terms is on every chain, made or not.
    #[must_use]
    pub fn address(&self) -> Address {
        // The factory gives all its collections the same salt: the terms tell them apart.
        Contract::CollectionFactory.address().create2(B256::ZERO, keccak256(self.init_code()))
    }

    /// Reads the terms behind a proxy of the canonical registry; `None` for any other code.
    pub(crate) fn behind(code: &[u8]) -> Option<Self> {
        let terms = code.strip_prefix(proxy().as_slice())?;
        let (authority, name, symbol) = <(Address, String, String)>::abi_decode_params_validate(terms).ok()?;
        Some(Self { name, symbol, authority })
    }

    fn init_code(&self) -> Vec<u8> {
        let terms = (self.authority, &self.name, &self.symbol).abi_encode_params();
        let runtime = [proxy().as_slice(), &terms].concat();
        // Terms that are longer than the factory takes have no address of its making, and a wrong one does no harm.
        let length = u16::try_from(runtime.len()).unwrap_or(u16::MAX).to_be_bytes();
        [&[INIT_START], length.as_slice(), &INIT_END, &runtime].concat()
    }
}

/// Returns the code of a proxy of the canonical registry, without what stands behind it.
fn proxy() -> Vec<u8> {
    [MINIMAL_PROXY.as_slice(), Contract::ModelRegistry.address().as_slice(), &MINIMAL_PROXY_END].concat()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "terms that are not read back are a failed test")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn terms_are_read_back(name in ".{0,64}", symbol in ".{0,16}", authority: [u8; 20]) {
            let terms = CollectionTerms { name, symbol, authority: authority.into() };
            let code = terms.init_code();
            prop_assert_eq!(CollectionTerms::behind(&code[10..]).unwrap(), terms);
        }

        #[test]
        fn any_code_is_answered(code: Vec<u8>) {
            let _ = CollectionTerms::behind(&[proxy(), code].concat());
        }
    }
}
