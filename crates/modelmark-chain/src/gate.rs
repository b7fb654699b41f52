//! Gates of curated collections: a model gets in when each parent it names allows it, by its licence in the gate's reading or by a grant.

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use serde::Serialize;

use crate::bindings::{AccessManager, DerivativeGate as abi, ModelRegistry};
use crate::canonical::built;
use crate::contracts::Creation;
use crate::decoded::Interface;
use crate::{Call, Chain, ChainError, Contract, MintAuthorization, ModelInput, Registry};

/// The interface of gates, of which there is one for each reader of licences.
pub(crate) const GATE: Interface =
    Interface { name: "DerivativeGate", artifact: include_str!("../../../contracts/artifacts/DerivativeGate.json") };
/// The interface of the authority of curated collections.
pub(crate) const MANAGER: Interface =
    Interface { name: "AccessManager", artifact: include_str!("../../../contracts/artifacts/AccessManager.json") };

/// More gas than a mint through a gate takes, with every descriptive field and 16 parents.
const MINT_GAS: u64 = 2_500_000;
/// More gas than the creation of a gate takes.
const CREATE_GAS: u64 = 2_000_000;
/// The role of those that submit mints, where the authority has none for it yet: "markgate" in ASCII.
const MINTER: u64 = u64::from_be_bytes(*b"markgate");

/// What the contract can answer, in its order.
const CONFLICTS: [&str; 7] = [
    "nothing stands against it",
    "the reader has not read the parent's licence",
    "the reader has not read the model's licence",
    "the parent's licence permits no derivatives",
    "the parent's licence asks for the same licence",
    "the model's licence permits what the parent's does not",
    "the model's licence does not demand what the parent's does",
];

/// A gate, known to have our code.
#[derive(Clone, Debug)]
pub struct Gate {
    chain: Chain,
    address: Address,
    reader: Address,
}

/// Why a parent does not allow a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Which parent, in the order of the model's lineage.
    pub parent: usize,
    /// Why, as a sentence fragment.
    pub reason: &'static str,
}

impl Gate {
    /// Returns where the gate that follows a reader is on every chain, made or not.
    #[must_use]
    pub fn address_of(reader: Address) -> Address {
        creation(reader).address()
    }

    /// Returns the call that makes the gate of a reader. Anyone may make it.
    #[must_use]
    pub fn create(reader: Address) -> Call {
        Call::create("make the gate", GATE, &creation(reader)).taking_at_most(CREATE_GAS)
    }

    /// Returns the gate at an address; `None` when none of ours is there.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn at(chain: &Chain, address: Address) -> Result<Option<Self>, ChainError> {
        let block = chain.block().await?;
        let reader = match chain.view(address, abi::readerCall {}, &block).await {
            Ok(Some(reader)) => reader,
            Ok(None) | Err(ChainError::Reverted { .. } | ChainError::Nonsense { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        // The address commits to the code and the reader: whoever answers there is ours.
        Ok((Self::address_of(reader) == address).then(|| Self { chain: chain.clone(), address, reader }))
    }

    /// Returns where the gate is.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Returns whose reading of licences it follows.
    #[must_use]
    pub const fn reader(&self) -> Address {
        self.reader
    }

    /// Returns which parents do not allow a model into a collection.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or a parent is on another chain, where the gate cannot look.
    pub async fn conflicts(&self, registry: &Registry, model: &ModelInput) -> Result<Vec<Conflict>, ChainError> {
        let block = self.chain.block().await?;
        let mut conflicts = Vec::new();
        for parent in 0..model.lineage.parents().len() {
            let call = abi::conflictOfCall { registry: registry.address(), model: model.to_abi().into(), index: U256::from(parent) };
            let missing = || self.chain.nonsense(abi::conflictOfCall::SIGNATURE, "nothing");
            let answer = self.chain.view(self.address, call, &block).await?.ok_or_else(missing)?;
            let reason = conflict_reason(answer).ok_or_else(missing)?;
            if answer != 0 {
                conflicts.push(Conflict { parent, reason });
            }
        }
        Ok(conflicts)
    }

    /// Returns the call that mints through the gate what a creator consented to. Anyone may send it.
    #[must_use]
    pub fn mint(&self, registry: &Registry, consent: &MintAuthorization) -> Call {
        let MintAuthorization { to, model, deadline, signature } = consent.clone();
        let call = abi::mintProvenanceNFTCall { registry: registry.address(), to, model: model.to_abi().into(), deadline, signature };
        Call::new("mint the token through the gate", GATE, self.address, &call).taking_at_most(MINT_GAS)
    }

    /// Returns the calls by which the administrator of a curated collection's authority lets the gate submit mints; none for an open one.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn admit(&self, registry: &Registry) -> Result<Vec<Call>, ChainError> {
        let block = self.chain.block().await?;
        let manager = registry.view(ModelRegistry::authorityCall {}, &block).await?;
        if manager.is_zero() {
            return Ok(Vec::new());
        }
        let (target, selector) = (registry.address(), ModelRegistry::mintProvenanceNFT_0Call::SELECTOR.into());
        let missing = || self.chain.nonsense(AccessManager::getTargetFunctionRoleCall::SIGNATURE, "nothing");
        let there = self.chain.view(manager, AccessManager::getTargetFunctionRoleCall { target, selector }, &block).await?;
        let there = there.ok_or_else(missing)?;
        // Role 0 is the administrator's own, which every function has that was given none.
        let role = if there == 0 { MINTER } else { there };
        let set = AccessManager::setTargetFunctionRoleCall { target, selectors: vec![selector], roleId: role };
        let set = (there == 0).then(|| Call::new("give the submission of mints a role", MANAGER, manager, &set));
        let grant = AccessManager::grantRoleCall { roleId: role, account: self.address, executionDelay: 0 };
        Ok(set.into_iter().chain([Call::new("give the gate the role", MANAGER, manager, &grant)]).collect())
    }
}

/// Returns what an answer of the contracts means; `None` for a number that they do not give.
pub(crate) fn conflict_reason(answer: u8) -> Option<&'static str> {
    CONFLICTS.get(usize::from(answer)).copied()
}

fn creation(reader: Address) -> Creation {
    let (terms, licensing) = (Contract::LicenseTerms.address(), Contract::Licensing.address());
    Creation { name: GATE.name, init_code: built(&abi::BYTECODE, &abi::constructorCall { terms, licensing, reader_: reader }) }
}
