//! Stacks: ancestors that each get a fixed part of all that a token earns, however far up the lineage they are.
//!
//! The vault keeps one word that commits to a stack. Who calls brings the stack along as a witness; it stands in the log, and no endpoint can
//! name another.

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::sol_types::{SolEvent as _, SolValue as _};
use serde::Serialize;

use crate::bindings::LineageVault as abi;
use crate::history::LogQuery;
use crate::royalties::statement;
use crate::{BasisPoints, BasisPointsError, Block, Call, ChainError, Model, RoyaltyVault, TokenId, Wei};

/// A stack is declared once; more logs than that are another contract's business.
const MAX_LOGS: usize = 16;
/// More gas than the declaration of the largest stack takes: 64 ancestors, merged from 16 parents.
const DECLARE_GAS: u64 = 3_000_000;
/// The part of a commitment that is not of the hash: the parts in all.
const TOTAL: u64 = 0xffff;

/// Somebody up the lineage who gets a fixed part of what a token earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ancestor {
    /// The ancestor, as [`ancestor_key`] has it.
    pub token: B256,
    /// The part.
    pub part: BasisPoints,
    /// Whether the part is the ancestor's alone, because its own ancestors are in the same stack; if not, it is passed on.
    pub settled: bool,
}

/// What an ancestor is due and was not given yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inheritance {
    /// Its place in the stack.
    pub place: u64,
    /// The ancestor.
    pub ancestor: Ancestor,
    /// What it would get now.
    pub due: Wei,
}

/// Returns what stands for a token in stacks: keccak256 of its registry and id.
#[must_use]
pub fn ancestor_key(registry: Address, token: TokenId) -> B256 {
    keccak256((registry, token.get()).abi_encode_params())
}

/// Returns the word by which a vault commits to a stack.
#[must_use]
pub fn stack_commitment(stack: &[Ancestor]) -> B256 {
    commitment_to(&stack.iter().copied().map(Ancestor::to_abi).collect())
}

impl RoyaltyVault {
    /// Returns the stack that a token declared; `None` when it declared none.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, such as a log without the stack that the vault commits to.
    pub async fn stack(&self, token: TokenId) -> Result<Option<Vec<Ancestor>>, ChainError> {
        let block = self.chain().block().await?;
        let found = self.declared(self.registry.address(), token.get(), &block).await?;
        let ancestor = |entry: abi::Ancestor| {
            entry.try_into().map_err(|error: BasisPointsError| self.chain().nonsense("StackDeclared", &error.to_string()))
        };
        found.map(|stack| stack.into_iter().map(ancestor).collect()).transpose()
    }

    /// Returns the call by which its creator has a token pay each ancestor a fixed part from now on, for good.
    ///
    /// # Errors
    /// As [`RoyaltyVault::stack`].
    pub async fn declare_stack(&self, model: &Model) -> Result<Call, ChainError> {
        let block = self.chain().block().await?;
        let model = statement(model);
        let mut inherited = Vec::new();
        for parent in &model.parents {
            let registry = if parent.chainId == 0 { self.registry.address() } else { parent.registry };
            // Money does not cross chains: a parent elsewhere has no stack here.
            let here = parent.chainId == 0 || parent.chainId == self.chain().id().get();
            inherited.push(match here {
                true => self.declared(registry, parent.tokenId, &block).await?.unwrap_or_default(),
                false => Vec::new(),
            });
        }
        let call = abi::declareStackCall { registry: self.registry.address(), model, inherited };
        Ok(self.call("have the token pay each ancestor a fixed part", &call).taking_at_most(DECLARE_GAS))
    }

    /// Returns what each ancestor of a stack would get now.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn inheritances(&self, token: TokenId, currency: Address, stack: &[Ancestor]) -> Result<Vec<Inheritance>, ChainError> {
        let block = self.chain().block().await?;
        let (registry, id) = (self.registry.address(), token.get());
        let revenue = self.view(abi::sharedRevenueOfCall { registry, tokenId: id, currency }, &block).await?;
        let mut all = Vec::new();
        for (place, ancestor) in (0_u64..).zip(stack) {
            let paid = self.view(abi::inheritedByCall { registry, tokenId: id, currency, place: U256::from(place) }, &block).await?;
            let part = revenue.saturating_mul(U256::from(ancestor.part.get())) / U256::from(10_000);
            all.push(Inheritance { place, ancestor: *ancestor, due: Wei::new(part.saturating_sub(paid)) });
        }
        Ok(all)
    }

    /// Returns the call that gives the ancestors at these places of a token's stack what was set aside for them.
    #[must_use]
    pub fn distribute_stack(&self, token: TokenId, currency: Address, stack: &[Ancestor], places: &[u64]) -> Call {
        let stack = stack.iter().copied().map(Ancestor::to_abi).collect();
        let which = places.iter().copied().map(U256::from).collect();
        let call = abi::distributeStackCall { registry: self.registry.address(), tokenId: token.get(), currency, stack, which };
        self.call("give the ancestors their parts", &call).taking_at_most(DECLARE_GAS)
    }

    /// Returns the stack of a token of any registry on this chain, by the log, as far as it is the one that the vault commits to.
    async fn declared(&self, registry: Address, token: U256, block: &Block) -> Result<Option<Vec<abi::Ancestor>>, ChainError> {
        let commitment = self.view(abi::stackOfCall { registry, tokenId: token }, block).await?;
        if commitment == B256::ZERO {
            return Ok(None);
        }
        let topics = [vec![abi::StackDeclared::SIGNATURE_HASH], vec![registry.into_word()], vec![token.into()], Vec::new()];
        let query = LogQuery { contract: self.address, topics };
        let first = if registry == self.registry.address() { self.registry.first_block() } else { 0 };
        let logs = self.chain().logs(&query, first, block.number, MAX_LOGS).await?;
        let stacks = logs.iter().filter_map(|placed| abi::StackDeclared::decode_log_validate(&placed.log).ok());
        let found = stacks.map(|event| event.data.stack).find(|stack| commitment_to(stack) == commitment);
        found.map(Some).ok_or_else(|| self.chain().nonsense("eth_getLogs", "no log has the stack that the vault commits to"))
    }
}

/// Returns the word that the vault keeps of a stack: the hash, with the parts in all, in 1/10 000, in place of its low 16 bits.
fn commitment_to(stack: &Vec<abi::Ancestor>) -> B256 {
    let hash: U256 = keccak256(stack.abi_encode()).into();
    let parts: u64 = stack.iter().map(|ancestor| u64::from(ancestor.bps)).sum();
    B256::from((hash & !U256::from(TOTAL)) | U256::from(parts))
}

impl Ancestor {
    const fn to_abi(self) -> abi::Ancestor {
        abi::Ancestor { token: self.token, bps: self.part.get(), settled: self.settled }
    }
}

impl TryFrom<abi::Ancestor> for Ancestor {
    type Error = BasisPointsError;

    fn try_from(ancestor: abi::Ancestor) -> Result<Self, Self::Error> {
        Ok(Self { token: ancestor.token, part: ancestor.bps.try_into()?, settled: ancestor.settled })
    }
}
