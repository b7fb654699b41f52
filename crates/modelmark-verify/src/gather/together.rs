//! What many verifications ask of one chain, asked for all of them at once and at one block: what their tokens state, what the contracts are, what the tokens come
//! from, what curators say, and who else claims their weights.
//!
//! Only answers are kept. What could not be had is asked again by the verification that wants it, which says so then.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use modelmark_chain::{Address, AddressBook, Authenticity, Chain, ChainError, Judgement, RankedClaim, Registry, Stated, TokenId, TokenRef};
use modelmark_digest::Sha256Digest;

use super::ancestry::MAX_GENERATIONS;
use super::pinned::{self, Pinned};
use crate::Policy;

/// How many ancestors are looked at ahead for all tokens together.
const MAX_AHEAD: usize = 4096;

/// What a chain says about many tokens, all of it at one block.
pub struct Together {
    pub(super) pinned: Pinned,
    contracts: BTreeMap<Address, Authenticity>,
    stated: BTreeMap<TokenRef, Option<Stated>>,
    judgements: BTreeMap<(TokenRef, Address), Judgement>,
    /// Claims to the weights of the tokens, by their registry.
    pub(super) rivals: BTreeMap<(Address, Sha256Digest), Vec<RankedClaim>>,
}

impl Together {
    /// Looks at all of the tokens that are on this chain, within the time that the network may take. `None` when there is no block to look at: each
    /// verification finds out by itself then, and says why.
    pub async fn look(registry: &Registry, book: &AddressBook, tokens: &[TokenRef], policy: &Policy, deadline: Duration) -> Option<Self> {
        tokio::time::timeout(deadline, async {
            let pinned = pinned::pin(registry).await.ok()?;
            let (contracts, stated, judgements, rivals) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
            let mut all = Self { pinned, contracts, stated, judgements, rivals };
            let chain = all.pinned.registry.chain().clone();
            let mut by_contract: BTreeMap<Address, BTreeSet<TokenId>> = BTreeMap::new();
            for token in tokens.iter().filter(|token| token.chain() == chain.id()) {
                by_contract.entry(token.contract()).or_default().insert(token.id());
            }
            for (contract, ids) in by_contract {
                if let Ok(what) = modelmark_chain::authenticity(&chain, contract, book).await {
                    all.contracts.insert(contract, what);
                }
                // What is missing in the middle of it is asked again by whoever wants it.
                drop(all.follow(&Registry::at(&chain, contract), ids.iter().copied().collect()).await);
                if policy.wants_first_claim() {
                    drop(all.rival(&pinned::registry_at(&all.pinned.registry, contract), &ids).await);
                }
            }
            drop(all.judge(&chain, &policy.curators()).await);
            Some(all)
        })
        .await
        .ok()
        .flatten()
    }

    /// Tells whether the chain still has the block that was read, and with it what was read.
    pub async fn stands(&self) -> bool {
        self.pinned.stands().await
    }

    /// Looks at tokens of one contract, then at their parents there, generation by generation.
    async fn follow(&mut self, registry: &Registry, tokens: Vec<TokenId>) -> Result<(), ChainError> {
        let (mut ids, mut ahead) = (tokens, MAX_AHEAD);
        for _ in 0..=MAX_GENERATIONS {
            if ids.is_empty() {
                break;
            }
            let mut parents = BTreeSet::new();
            for (id, stated) in ids.iter().zip(registry.all_stated(&ids).await?) {
                let Ok(stated) = stated else { continue };
                let named = stated.iter().flat_map(|stated| stated.lineage.parents());
                parents.extend(named.filter(|parent| parent.external.is_none()).map(|parent| parent.token_id));
                self.stated.insert(registry.token(*id), stated);
            }
            ids = parents.into_iter().filter(|id| !self.stated.contains_key(&registry.token(*id))).take(ahead).collect();
            ahead -= ids.len();
        }
        Ok(())
    }

    /// Looks who else claims the weights of tokens of one contract.
    async fn rival(&mut self, registry: &Registry, tokens: &BTreeSet<TokenId>) -> Result<(), ChainError> {
        let stated = tokens.iter().filter_map(|id| self.stated.get(&registry.token(*id))?.as_ref());
        let weights: Vec<_> = stated.map(|stated| stated.weights).collect();
        let found = registry.rivals(&weights).await?;
        self.rivals.extend(found.into_iter().map(|(weights, claims)| ((registry.address(), weights), claims)));
        Ok(())
    }

    /// Asks each curator about everything that was seen.
    async fn judge(&mut self, chain: &Chain, curators: &[Address]) -> Result<(), ChainError> {
        let tokens: Vec<TokenRef> = self.stated.iter().filter(|(_, stated)| stated.is_some()).map(|(token, _)| *token).collect();
        for curator in curators {
            let told = modelmark_chain::judgements(chain, *curator, &tokens).await?;
            let told = tokens.iter().zip(told).filter_map(|(token, told)| Some(((*token, *curator), told.ok()?)));
            self.judgements.extend(told);
        }
        Ok(())
    }
}

/// Says what the contract is: as it was seen for all, else as the chain says it now.
pub(super) async fn authenticity(
    together: Option<&Together>,
    chain: &Chain,
    contract: Address,
    book: &AddressBook,
) -> Result<Authenticity, ChainError> {
    match together.and_then(|together| together.contracts.get(&contract)) {
        Some(known) => Ok(known.clone()),
        None => modelmark_chain::authenticity(chain, contract, book).await,
    }
}

/// Returns what a token states, in the same way.
pub(super) async fn stated(together: Option<&Together>, registry: &Registry, id: TokenId) -> Result<Option<Stated>, ChainError> {
    match together.and_then(|together| together.stated.get(&registry.token(id))) {
        Some(known) => Ok(known.clone()),
        None => registry.stated(id).await,
    }
}

/// Returns what a curator says of a token, in the same way.
pub(super) async fn judgement(
    together: Option<&Together>,
    chain: &Chain,
    curator: Address,
    token: &TokenRef,
) -> Result<Judgement, ChainError> {
    match together.and_then(|together| together.judgements.get(&(*token, curator))) {
        Some(known) => Ok(*known),
        None => modelmark_chain::judgement(chain, curator, token).await,
    }
}
