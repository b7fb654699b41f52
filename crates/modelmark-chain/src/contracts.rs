//! What we deploy and where it ends up: init codes, and the CREATE2 addresses that follow from them.
//!
//! An address made by CREATE2 commits to the init code, constructor arguments included: whatever has code at the address was created by
//! exactly that code. So the address itself is the proof, and nothing needs to be compared with runtime code, which differs from chain
//! to chain by its immutable values.

use alloy::primitives::{Address, B256, Bytes, address, keccak256};
use serde::{Deserialize, Serialize};

use crate::Contract;
use crate::bindings::{AccessManager, ModelRegistry};
use crate::canonical::built;

/// Arachnid's deterministic deployment proxy: 32 bytes of salt, then init code.
pub const CREATE2_FACTORY: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");

/// Name of the canonical registry.
const CANONICAL_NAME: &str = "modelmark";
/// Symbol of the canonical registry.
const CANONICAL_SYMBOL: &str = "MARK";

/// Constructor arguments of a model registry, which with our init code and salt make its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Collection {
    /// ERC-721 name.
    pub name: String,
    /// ERC-721 symbol.
    pub symbol: String,
    /// The access manager that decides who may submit mints; zero for an open collection without any administrator.
    pub authority: Address,
    /// The licence book.
    pub license_book: Address,
    /// The contract that splits royalties; zero when they go to the creator.
    pub royalty_vault: Address,
    /// The contract that makes metadata and pictures on chain, or zero.
    pub renderer: Address,
}

/// A contract that can be deployed: what its creation transaction carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Creation {
    pub(crate) name: &'static str,
    pub(crate) init_code: Bytes,
}

impl Collection {
    /// Returns the canonical registry: open, without administrator, at the same address on every chain.
    #[must_use]
    pub fn canonical() -> Self {
        Self::new(CANONICAL_NAME, CANONICAL_SYMBOL, Address::ZERO)
    }

    /// Returns a collection over the canonical licence book, royalty vault and renderer.
    #[must_use]
    pub fn new(name: &str, symbol: &str, authority: Address) -> Self {
        Self {
            name: name.into(),
            symbol: symbol.into(),
            authority,
            license_book: license_book_address(),
            royalty_vault: Contract::LineageVault.address(),
            renderer: Contract::ModelRenderer.address(),
        }
    }

    /// Returns where the collection is on every chain that has it.
    ///
    /// Chains that compute CREATE2 addresses in their own way (zkSync's family) are the exception.
    #[must_use]
    pub fn address(&self) -> Address {
        self.creation().address()
    }

    /// Returns keccak256 of the init code with the constructor arguments.
    #[must_use]
    pub fn init_code_hash(&self) -> B256 {
        keccak256(self.init_code())
    }

    pub(crate) fn creation(&self) -> Creation {
        Creation { name: "ModelRegistry", init_code: self.init_code() }
    }

    pub(crate) fn init_code(&self) -> Bytes {
        let arguments = ModelRegistry::constructorCall {
            name_: self.name.clone(),
            symbol_: self.symbol.clone(),
            authority_: self.authority,
            book: self.license_book,
            vault: self.royalty_vault,
            renderer_: self.renderer,
        };
        built(&ModelRegistry::BYTECODE, &arguments)
    }
}

impl Creation {
    pub(crate) fn access_manager(admin: Address) -> Self {
        let arguments = AccessManager::constructorCall { initialAdmin: admin };
        Self { name: "AccessManager", init_code: built(&AccessManager::BYTECODE, &arguments) }
    }

    pub(crate) fn address(&self) -> Address {
        CREATE2_FACTORY.create2(salt(), keccak256(&self.init_code))
    }

    /// Returns what the factory is sent.
    pub(crate) fn factory_input(&self) -> Bytes {
        [salt().as_slice(), &self.init_code].concat().into()
    }
}

/// Returns the canonical licence book's address, the same on every chain.
#[must_use]
pub fn license_book_address() -> Address {
    Contract::LicenseBook.address()
}

/// Returns the address of the access manager whose first administrator is `admin`.
#[must_use]
pub fn access_manager_address(admin: Address) -> Address {
    Creation::access_manager(admin).address()
}

/// Returns the salt of all our deployments.
#[must_use]
pub fn salt() -> B256 {
    keccak256("modelmark.v1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_moves_the_address() {
        let canonical = Collection::canonical();
        let mut others = vec![Collection::new("modelmark2", "MARK", Address::ZERO), Collection::new("modelmark", "MARK2", Address::ZERO)];
        others.push(Collection::new("modelmark", "MARK", access_manager_address(Address::ZERO)));
        others.push(Collection { license_book: Address::ZERO, ..canonical.clone() });
        others.push(Collection { royalty_vault: Address::repeat_byte(1), ..canonical.clone() });
        others.push(Collection { renderer: Address::repeat_byte(1), ..canonical.clone() });
        for other in others {
            assert_ne!(other.address(), canonical.address());
        }
    }
}
