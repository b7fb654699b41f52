//! The contracts that have one place on every chain, in the order in which they need each other.
//!
//! A new one is a line in `bindings.rs` and an entry here: deployment, address book, cost table and decoding of calls follow.

use std::fmt;
use std::sync::OnceLock;

use alloy::primitives::{Address, Bytes};
use alloy::sol_types::SolConstructor;
use serde::Serialize;

use crate::bindings as abi;
use crate::contracts::{Collection, Creation};
use crate::decoded::Interface;

/// Defines the contracts: what each is, and its init code.
macro_rules! contracts {
    ($($(#[$doc:meta])* $name:ident: $init_code:expr,)*) => {
        /// A contract that is at one address on every chain that has the CREATE2 factory.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[non_exhaustive]
        pub enum Contract { $($(#[$doc])* $name,)* }

        impl Contract {
            /// All of them, each after those that it needs.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the contract's name, which is that of its source file.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Returns the contract's interface.
            pub(crate) const fn interface(self) -> Interface {
                let artifact = match self {
                    $(Self::$name => include_str!(concat!("../../../contracts/artifacts/", stringify!($name), ".json")),)*
                };
                Interface { name: self.name(), artifact }
            }

            fn init_code(self) -> Bytes {
                match self { $(Self::$name => $init_code,)* }
            }
        }
    };
}

contracts! {
    /// Append-only list of licences.
    LicenseBook: plain(&abi::LicenseBook::BYTECODE),
    /// Splits what models earn among payees, parents and ancestors.
    LineageVault: plain(&abi::LineageVault::BYTECODE),
    /// Metadata and pictures made on chain.
    ModelRenderer: plain(&abi::ModelRenderer::BYTECODE),
    // What a registry is given at its deployment comes before it, the rest after it.
    /// The canonical, open collection of tokens.
    ModelRegistry: Collection::canonical().init_code(),
    /// Collections of one's own, as minimal proxies of the canonical registry.
    CollectionFactory: built(&abi::CollectionFactory::BYTECODE, &abi::CollectionFactory::constructorCall { registry_: Self::ModelRegistry.address() }),
    /// One root for any number of records.
    BatchAnchor: plain(&abi::BatchAnchor::BYTECODE),
    /// Commitments to weights that are shown later.
    Priority: built(&abi::Priority::BYTECODE, &abi::Priority::constructorCall { anchors: Self::BatchAnchor.address() }),
    /// What curators say against tokens.
    StatusBoard: plain(&abi::StatusBoard::BYTECODE),
    /// What licences permit and demand, in a reader's reading.
    LicenseTerms: plain(&abi::LicenseTerms::BYTECODE),
    /// Rights to use models, granted and sold by their owners.
    Licensing: built(&abi::Licensing::BYTECODE, &abi::Licensing::constructorCall { vault_: Self::LineageVault.address() }),
    /// Trade by signed orders, with the royalty paid in the same transaction.
    ModelMarket: plain(&abi::ModelMarket::BYTECODE),
    /// Tokens divided into shares.
    SharesFactory: plain(&abi::SharesFactory::BYTECODE),
    /// Keys that proofs about models are checked with.
    ProofKeys: plain(&abi::ProofKeys::BYTECODE),
}

impl Contract {
    /// Returns where the contract is, on every chain that has it.
    ///
    /// Chains that compute CREATE2 addresses in their own way (zkSync's family) are the exception.
    #[must_use]
    pub fn address(self) -> Address {
        // Each follows from the hash of some kilobytes of code, and many from one another's.
        static KNOWN: [OnceLock<Address>; Contract::ALL.len()] = [const { OnceLock::new() }; Contract::ALL.len()];
        match KNOWN.get(self as usize) {
            Some(known) => *known.get_or_init(|| self.creation().address()),
            None => self.creation().address(),
        }
    }

    /// Returns what sentences call it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::ModelRegistry => "model registry",
            other => other.name(),
        }
    }

    /// Returns what has to be deployed before a registry, canonical or not.
    pub(crate) fn before_a_registry() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().take_while(|contract| *contract != Self::ModelRegistry)
    }

    pub(crate) fn creation(self) -> Creation {
        Creation { name: self.name(), init_code: self.init_code() }
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns the init code of a contract whose constructor takes nothing.
fn plain(bytecode: &Bytes) -> Bytes {
    bytecode.clone()
}

/// Returns the init code of a contract with its constructor's arguments.
pub(crate) fn built(bytecode: &Bytes, arguments: &impl SolConstructor) -> Bytes {
    [bytecode.as_ref(), &arguments.abi_encode()].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_contract_has_a_place_of_its_own() {
        let places: BTreeSet<_> = Contract::ALL.iter().map(|contract| contract.address()).collect();
        assert_eq!(places.len(), Contract::ALL.len());
        assert_eq!(Contract::ModelRegistry.address(), Collection::canonical().address());
        assert_eq!(Contract::before_a_registry().next(), Some(Contract::LicenseBook));
    }
}
