//! Collects a token's proof: what it says and what it comes from by calls, then all of it by one set of proofs.

use std::collections::{BTreeSet, VecDeque};

use alloy::primitives::{Address, B256};

use super::statement::{Logged, Statement};
use super::{MAX_CURATORS, MAX_TOKENS, TokenProof, TokenProofError, mint};
use crate::receipt_proof::{self, ReceiptProof, ReceiptProofError};
use crate::state_proof::{ProvenState, StateProof, StateProofError, Wanted, fetch};
use crate::storage_layout::{JudgementSlots, TokenSlots, priority_slot};
use crate::{AddressBook, Authenticity, Block, Chain, Contract, ReadAt, Registry, TokenId, TokenRef, authenticity};

/// How many generations are followed.
const MAX_GENERATIONS: usize = 16;

/// A token and what it comes from.
#[derive(Default)]
struct Family {
    /// Nearest first.
    statements: Vec<Statement>,
    /// Ancestors whose statements are in the log alone.
    logged: Vec<TokenId>,
    /// Where the token was minted, if its own statement is in the log alone: block and transaction.
    mint: Option<(u64, B256)>,
}

impl TokenProof {
    /// Fetches a token's proof at the block that `chain` reads at, and checks it: its ancestors in the same registry with it, as far as they
    /// are followed, and what `curators` say of all of them.
    ///
    /// # Errors
    /// The endpoint cannot be asked, answers nonsense or does not prove what it says; there is no such token; or nothing can be proven of it:
    /// [`TokenProofError::NotStored`] of a token whose statement is in the log alone, see [`TokenProof::fetch_logged`].
    pub async fn fetch(chain: &Chain, token: TokenRef, curators: &[Address]) -> Result<Self, TokenProofError> {
        Self::collect(chain, token, curators, None).await
    }

    /// Fetches the same of a token whose statement may be in the log alone. `license` is the SPDX expression of its record
    /// ([`Registry::logged`] says which that is), which the log does not tell, and the id binds. The receipt of the mint comes along,
    /// except from chains whose receipts have encodings of their own.
    ///
    /// # Errors
    /// As [`TokenProof::fetch`], or the licence is another.
    pub async fn fetch_logged(chain: &Chain, token: TokenRef, curators: &[Address], license: &str) -> Result<Self, TokenProofError> {
        Self::collect(chain, token, curators, Some(license)).await
    }

    async fn collect(chain: &Chain, token: TokenRef, curators: &[Address], license: Option<&str>) -> Result<Self, TokenProofError> {
        let block = chain.block().await.map_err(StateProofError::from)?;
        let chain = chain.clone().at(ReadAt::Block(block));
        let registry = Registry::at(&chain, token.contract());
        let contract = authenticity(&chain, token.contract(), &AddressBook::default()).await.map_err(StateProofError::from)?;
        if !contract.is_our_code() {
            return Err(TokenProofError::UnknownCode(token));
        }
        let mut curators = curators.to_vec();
        curators.sort();
        curators.dedup();
        curators.truncate(MAX_CURATORS);
        let family = family(&registry, token, license, &block).await?;
        let minted = mint_of(&chain, &family).await?;
        let mut wanted = wanted(&token, &contract, &family, &curators);
        wanted.extend(minted.as_ref().and_then(|(at, _)| mint::wanted(at, &block)));
        let state = state(&chain, &block, wanted, minted.as_ref().map(|(at, _)| at)).await?;
        let proof = Self {
            token,
            collection: match contract {
                Authenticity::Collection { collection, .. } => Some(collection),
                _ => None,
            },
            curators,
            statements: family.statements,
            mint: minted.map(|(_, receipt)| receipt),
            state,
        };
        proof.check()?;
        Ok(proof)
    }
}

/// Fetches the state, without the contracts that turn out to keep nothing that a token could be proven by.
async fn state(chain: &Chain, block: &Block, mut wanted: Vec<Wanted>, mint: Option<&Block>) -> Result<StateProof, TokenProofError> {
    let (state, proven) = fetch(chain, block, &wanted).await?;
    let idle = idle(&proven, mint);
    let all = wanted.len();
    wanted.retain(|account| !idle.contains(&account.address));
    Ok(if wanted.len() == all { state } else { fetch(chain, block, &wanted).await?.0 })
}

fn idle(proven: &ProvenState, mint: Option<&Block>) -> Vec<Address> {
    let priority = Contract::Priority.address();
    let there = proven.has_code(priority) == Some(true);
    let told = mint.is_some_and(|mint| mint::is_told(mint, proven));
    [(!there).then_some(priority), (!told).then_some(mint::HISTORY)].into_iter().flatten().collect()
}

/// Fetches the receipt of the mint, and names its block. Nothing where receipts cannot be proven: the state proves all that matters.
async fn mint_of(chain: &Chain, family: &Family) -> Result<Option<(Block, ReceiptProof)>, TokenProofError> {
    let Some((number, transaction)) = family.mint else { return Ok(None) };
    let block = chain.block_at(number).await.map_err(StateProofError::from)?;
    match receipt_proof::fetch(chain, &block, transaction).await {
        Ok(receipt) => Ok(Some((block, receipt))),
        Err(ReceiptProofError::Kind { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns the token and those that it comes from, nearest first.
async fn family(registry: &Registry, token: TokenRef, license: Option<&str>, block: &Block) -> Result<Family, TokenProofError> {
    let mut found = Family::default();
    let (mut known, mut ahead) = (BTreeSet::from([token.id()]), VecDeque::from([(token.id(), 0)]));
    while let Some((id, generation)) = ahead.pop_front() {
        if found.statements.len() + found.logged.len() >= MAX_TOKENS {
            break;
        }
        let lineage = match registry.model(id).await.map_err(StateProofError::from)? {
            Some(model) => {
                found.statements.push(Statement::of(&model));
                model.lineage
            }
            None if id == token.id() => {
                let stored = registry.stored_at(id, block).await.map_err(StateProofError::from)?;
                let license = match (stored, license) {
                    (Some(false), Some(license)) => license,
                    (Some(false), None) => return Err(TokenProofError::NotStored(token)),
                    _ => return Err(TokenProofError::NoToken(token)),
                };
                let birth = registry.birth(id, 0, block).await.map_err(StateProofError::from)?;
                found.statements.push(Statement::new(id, license, &birth.lineage, Some(Logged::of(&birth.stated))));
                found.mint = Some((birth.block, birth.tx));
                birth.lineage
            }
            None => {
                found.logged.push(id);
                continue;
            }
        };
        let own = lineage.parents().iter().filter(|parent| parent.external.is_none() && generation < MAX_GENERATIONS);
        ahead.extend(own.map(|parent| parent.token_id).filter(|id| known.insert(*id)).map(|id| (id, generation + 1)));
    }
    Ok(found)
}

fn wanted(token: &TokenRef, contract: &Authenticity, family: &Family, curators: &[Address]) -> Vec<Wanted> {
    let registry = token.contract();
    let of = |statement: &Statement| {
        let slots = TokenSlots::of(statement.id);
        if statement.logged.is_some() { slots.logged().to_vec() } else { slots.all().to_vec() }
    };
    let mut slots: Vec<_> = family.statements.iter().flat_map(of).collect();
    slots.extend(family.logged.iter().flat_map(|id| TokenSlots::of(*id).logged()));
    let mut wanted = vec![Wanted { address: registry, code: matches!(contract, Authenticity::FactoryCollection { .. }), slots }];
    let priority = vec![priority_slot(registry, token.id())];
    wanted.push(Wanted { address: Contract::Priority.address(), code: false, slots: priority });
    if !curators.is_empty() {
        let of =
            |statement: &Statement| curators.iter().map(|curator| JudgementSlots::of(*curator, registry, statement.id)).collect::<Vec<_>>();
        let slots = family.statements.iter().flat_map(of).flat_map(|slots| [slots.evidence, slots.until]).collect();
        wanted.push(Wanted { address: Contract::StatusBoard.address(), code: false, slots });
    }
    wanted
}
