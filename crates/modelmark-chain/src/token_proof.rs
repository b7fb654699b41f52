//! What is true of a token at one block, proven: its registry's storage against the block's hash, and what the storage lacks by the token's id.
//!
//! The storage holds digests, creator, status and royalty. The licence's text and the parents come along as plain words: the id of a token is
//! the hash of both and of what is stored, so that other words make another id. Of a token that was minted into the log, all that the id
//! binds comes along so, and the mint's log with its receipt. Which contract it is follows from its address, which commits to its code, and
//! from there being code.

mod fetch;
mod mint;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, B256};
use modelmark_digest::Sha256Digest;
use serde::{Deserialize, Serialize};

use self::statement::{Logged, Statement};
use crate::contracts::{Collection, license_book_address};
use crate::model::digest;
use crate::receipt_proof::{ReceiptProof, ReceiptProofError};
use crate::state_proof::{ProvenState, StateProof, StateProofError};
use crate::storage_layout::{Facts, JudgementSlots, TokenSlots, priority_slot};
use crate::{Authenticity, BasisPoints, Block, CollectionTerms, Contract, Judgement, Kind, Lineage, ShortText, Status, TokenId, TokenRef};

pub use self::mint::{MintLink, ProvenMint};

/// The most tokens that one proof speaks of: the first, and what it comes from.
const MAX_TOKENS: usize = 257;
/// The most curators that one proof speaks of.
const MAX_CURATORS: usize = 16;

/// A token's facts with their proof, its ancestors in the same registry included. It stands by itself: nothing else has to be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TokenProof {
    token: TokenRef,
    /// The registry's constructor arguments, where its address follows from others than the canonical ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collection: Option<Collection>,
    /// The curators whose words come along.
    curators: Vec<Address>,
    /// What the ids bind and the storage does not hold: of the token first, then of its ancestors.
    statements: Vec<Statement>,
    /// The receipt of the mint, of a token whose statement is in the log alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mint: Option<ReceiptProof>,
    state: StateProof,
}

/// What a proof proved of a token and its ancestors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvenTokens {
    /// The token that the proof is about.
    pub token: TokenRef,
    /// The block that all of it is true of, if its hash is one of the chain's.
    pub block: Block,
    /// What its contract is.
    pub authenticity: Authenticity,
    /// The token, and those of its ancestors whose statements are known.
    pub tokens: BTreeMap<TokenId, ProvenToken>,
    /// Ancestors that exist, and whose statements are in the log alone and did not come along.
    pub logged: BTreeSet<TokenId>,
    /// The curators whose words are in [`ProvenToken::judgements`].
    pub curators: Vec<Address>,
    /// The earliest time, in Unix time, at which the creator is shown to have committed to the weights; `None` when nobody has shown any.
    pub priority: Option<u64>,
    /// The mint of the token, if its receipt came along.
    pub mint: Option<ProvenMint>,
}

/// What is proven of one token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvenToken {
    /// Whether the token's statement is in the registry's storage. If not, it is in the log alone: the id binds what is said here, and the
    /// creator cannot have said anything of the token since.
    pub stored: bool,
    /// Who owned the token.
    pub owner: Address,
    /// Who made the model.
    pub creator: Address,
    /// Digest inside the content id of the weights.
    pub weights: Sha256Digest,
    /// Record id.
    pub record: Sha256Digest,
    /// Digest inside the content id of the first training dataset.
    pub dataset: Option<Sha256Digest>,
    /// Digest that describes the architecture.
    pub architecture: Option<Sha256Digest>,
    /// Framework and version.
    pub framework: Option<ShortText>,
    /// Short text or digest of the evaluation results.
    pub metrics: Option<B256>,
    /// SPDX expression of the licence. Where the terms of a `LicenseRef-` are is not proven.
    pub license: String,
    /// What the token stands for.
    pub kind: Kind,
    /// Where it stood in its life.
    pub status: Status,
    /// ERC-2981 royalty.
    pub royalty: BasisPoints,
    /// When it was minted, Unix time in seconds; `None` for a token that was minted into the log.
    pub minted_at: Option<u64>,
    /// Direct parents.
    pub lineage: Lineage,
    /// What the curators said.
    pub judgements: Vec<Judgement>,
}

/// A proof of a token does not hold, or cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenProofError {
    /// The state is not proven.
    #[error(transparent)]
    State(#[from] StateProofError),
    /// Storage means something only to the code that writes it.
    #[error("nothing can be proven of {0}: its contract is no registry of our code, so that what its storage means is not known")]
    UnknownCode(TokenRef),
    /// There is no such token, by the proof.
    #[error("there is no token {0}")]
    NoToken(TokenRef),
    /// The token's statement is in the log alone.
    #[error("the statement of token {0} is in the log alone, and nothing in storage can be proven of it; `modelmark log store` stores it")]
    NotStored(TokenRef),
    /// The contract's packed word is none that our code writes.
    #[error("what the storage says of token {0} is nothing that our contract writes")]
    Packed(TokenId),
    /// The words that come along are not those that the id binds.
    #[error("the id of token {0} is not the hash of what is stored, and of the licence and the parents that came along")]
    NotBound(TokenId),
    /// The proof has words for tokens that it does not speak of, none where it needs some, or more than is read.
    #[error("not a proof of a token: {0}")]
    Form(&'static str),
    /// The receipt of the mint does not hold, or cannot be had.
    #[error(transparent)]
    Receipt(#[from] ReceiptProofError),
    /// The receipt that came along is not that of the token's mint.
    #[error("the token's mint is not proven: {0}")]
    Mint(&'static str),
    /// A contract is not on this chain.
    #[error("there is no {0} on this chain, so that nothing can be proven of what it says")]
    NoContract(Contract),
}

impl TokenProof {
    /// Returns the token that the proof is about.
    #[must_use]
    pub const fn token(&self) -> TokenRef {
        self.token
    }

    /// Tells whether the receipt of the token's mint came along.
    #[must_use]
    pub const fn proves_mint(&self) -> bool {
        self.mint.is_some()
    }

    /// Returns how many bytes of headers, trie nodes and code there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.state.size() + self.mint.as_ref().map_or(0, ReceiptProof::size)
    }

    /// Checks the proof. What comes out is true of the block that it names, and of the chain if that block is one of it: the hash has to be
    /// held against one that the reader trusts.
    ///
    /// # Errors
    /// Something is not proven or not bound, or there is no such token.
    pub fn check(&self) -> Result<ProvenTokens, TokenProofError> {
        if self.statements.len() > MAX_TOKENS || self.curators.len() > MAX_CURATORS {
            return Err(TokenProofError::Form("it speaks of more tokens or curators than are read"));
        }
        let state = self.state.check()?;
        let reading = Reading { proof: self, state: &state, registry: self.token.contract() };
        let proven = reading.tokens()?;
        if reading.slots(&proven) != state.slots() {
            return Err(TokenProofError::Form("it has slots that nothing is read from"));
        }
        if reading.accounts(&proven) != state.accounts() {
            return Err(TokenProofError::Form("it has accounts that nothing is read from"));
        }
        Ok(proven)
    }
}

/// Slots on their way to facts.
struct Reading<'p> {
    proof: &'p TokenProof,
    state: &'p ProvenState,
    registry: Address,
}

impl Reading<'_> {
    fn tokens(&self) -> Result<ProvenTokens, TokenProofError> {
        let token = self.proof.token;
        let authenticity = self.authenticity();
        if !authenticity.is_our_code() {
            return Err(TokenProofError::UnknownCode(token));
        }
        let board = Contract::StatusBoard;
        if !self.proof.curators.is_empty() && self.state.has_code(board.address()) != Some(true) {
            return Err(TokenProofError::NoContract(board));
        }
        let (mut tokens, mut logged) = (BTreeMap::new(), BTreeSet::new());
        for statement in &self.proof.statements {
            let proven = self.token(statement)?;
            if tokens.insert(statement.id, proven).is_some() {
                return Err(TokenProofError::Form("a token is there twice"));
            }
        }
        if !tokens.contains_key(&token.id()) {
            return Err(if self.is_logged(token.id())? { TokenProofError::NotStored(token) } else { TokenProofError::NoToken(token) });
        }
        for parent in tokens.values().flat_map(|token: &ProvenToken| token.lineage.parents()) {
            let known = parent.external.is_some() || tokens.contains_key(&parent.token_id);
            let said = self.state.knows(self.registry, TokenSlots::of(parent.token_id).facts);
            if !known && said && self.is_logged(parent.token_id)? {
                logged.insert(parent.token_id);
            }
        }
        let reachable = reachable(token.id(), &tokens);
        if tokens.keys().any(|id| !reachable.contains(id)) {
            return Err(TokenProofError::Form("it speaks of a token that is no ancestor"));
        }
        let curators = self.proof.curators.clone();
        let mint = self.mint(&tokens)?;
        Ok(ProvenTokens { token, block: self.state.block(), authenticity, tokens, logged, curators, priority: self.priority()?, mint })
    }

    fn mint(&self, tokens: &BTreeMap<TokenId, ProvenToken>) -> Result<Option<ProvenMint>, TokenProofError> {
        let id = self.proof.token.id();
        let (Some(receipt), Some(token)) = (&self.proof.mint, tokens.get(&id)) else { return Ok(None) };
        mint::check(&receipt.check()?, self.registry, id, token, self.state).map(Some)
    }

    /// Says what the contract is, from its address, its code where that came along, and whether there is any.
    fn authenticity(&self) -> Authenticity {
        if self.state.has_code(self.registry) != Some(true) {
            return Authenticity::NoCode;
        }
        let terms = self.state.code(self.registry).and_then(|code| CollectionTerms::behind(code));
        if let Some(terms) = terms.filter(|terms| terms.address() == self.registry) {
            return Authenticity::FactoryCollection { terms };
        }
        if self.registry == Collection::canonical().address() {
            return Authenticity::Canonical;
        }
        match self.proof.collection.clone().filter(|collection| collection.address() == self.registry) {
            Some(collection) => {
                let canonical_license_book = collection.license_book == license_book_address();
                Authenticity::Collection { collection, canonical_license_book }
            }
            None => Authenticity::Foreign,
        }
    }

    fn token(&self, statement: &Statement) -> Result<ProvenToken, TokenProofError> {
        let id = statement.id;
        let slots = TokenSlots::of(id);
        let read = |slot| self.state.slot(self.registry, slot);
        let packed = read(slots.facts)?;
        let owner = Address::from_word(read(slots.owner)?.into());
        if owner.is_zero() || (packed.is_zero() && statement.logged.is_none()) {
            return Err(TokenProofError::NoToken(TokenRef::new(self.proof.token.chain(), self.registry, id)));
        }
        let proven = match &statement.logged {
            // Once it is stored, the creator may have said more.
            Some(_) if !packed.is_zero() => return Err(TokenProofError::Form("it has words for a token that the storage speaks of")),
            Some(logged) => self.logged(statement, logged, owner)?,
            None => self.stored(statement, &slots, owner)?,
        };
        if proven.id() == id { Ok(proven) } else { Err(TokenProofError::NotBound(id)) }
    }

    /// Returns what storage holds of a token.
    fn stored(&self, statement: &Statement, slots: &TokenSlots, owner: Address) -> Result<ProvenToken, TokenProofError> {
        let id = statement.id;
        let read = |slot| self.state.slot(self.registry, slot);
        let stored = |slot| read(slot).map(B256::from);
        let facts = Facts::of(read(slots.facts)?).ok_or(TokenProofError::Packed(id))?;
        Ok(ProvenToken {
            stored: true,
            owner,
            creator: facts.creator,
            weights: Sha256Digest::from(stored(slots.weights)?.0),
            record: Sha256Digest::from(stored(slots.record)?.0),
            dataset: digest(stored(slots.dataset)?),
            architecture: digest(stored(slots.architecture)?),
            framework: ShortText::from_word(&stored(slots.framework)?),
            metrics: Some(stored(slots.metrics)?).filter(|metrics| !metrics.is_zero()),
            license: statement.license.clone(),
            kind: facts.kind,
            status: facts.status,
            royalty: facts.royalty,
            minted_at: Some(facts.minted_at).filter(|time| *time != 0),
            lineage: statement.lineage().ok_or(TokenProofError::NotBound(id))?,
            judgements: self.judgements(id)?,
        })
    }

    /// Returns what the id of a token binds that was minted into the log, and of which nothing is stored.
    fn logged(&self, statement: &Statement, logged: &Logged, owner: Address) -> Result<ProvenToken, TokenProofError> {
        let id = statement.id;
        let (weights, record) = logged.digests();
        Ok(ProvenToken {
            stored: false,
            owner,
            creator: logged.creator,
            weights,
            record,
            dataset: None,
            architecture: None,
            framework: None,
            metrics: None,
            license: statement.license.clone(),
            kind: logged.kind().ok_or(TokenProofError::NotBound(id))?,
            // The contract lets nobody change what is not stored.
            status: Status::Active,
            royalty: BasisPoints::default(),
            minted_at: None,
            lineage: statement.lineage().ok_or(TokenProofError::NotBound(id))?,
            judgements: self.judgements(id)?,
        })
    }

    fn judgements(&self, token: TokenId) -> Result<Vec<Judgement>, TokenProofError> {
        let board = Contract::StatusBoard.address();
        let judgement = |curator: &Address| {
            let slots = JudgementSlots::of(*curator, self.registry, token);
            let (evidence, until) = (self.state.slot(board, slots.evidence)?, self.state.slot(board, slots.until)?);
            Ok(JudgementSlots::read(*curator, evidence, until, self.state.block().time))
        };
        self.proof.curators.iter().map(judgement).collect()
    }

    /// Tells whether a token exists and has no statement in storage.
    fn is_logged(&self, token: TokenId) -> Result<bool, TokenProofError> {
        let slots = TokenSlots::of(token);
        let (owner, facts) = (self.state.slot(self.registry, slots.owner)?, self.state.slot(self.registry, slots.facts)?);
        Ok(!owner.is_zero() && facts.is_zero())
    }

    fn priority(&self) -> Result<Option<u64>, TokenProofError> {
        let contract = Contract::Priority.address();
        if self.state.has_code(contract) != Some(true) {
            return Ok(None);
        }
        let time = self.state.slot(contract, priority_slot(self.registry, self.proof.token.id()))?;
        Ok(u64::try_from(time).ok().filter(|time| *time != 0))
    }

    /// Returns how many slots were read.
    fn slots(&self, proven: &ProvenTokens) -> usize {
        let of = |token: &ProvenToken| if token.stored { TokenSlots::COUNT } else { TokenSlots::LOGGED };
        let tokens: usize = proven.tokens.values().map(|token| of(token) + 2 * proven.curators.len()).sum();
        tokens + TokenSlots::LOGGED * proven.logged.len() + usize::from(self.has_priority()) + usize::from(self.has_history(proven))
    }

    /// Returns how many accounts were read: the registry's, and what else came along.
    fn accounts(&self, proven: &ProvenTokens) -> usize {
        let others = [self.has_priority(), !proven.curators.is_empty(), self.has_history(proven)];
        1 + others.into_iter().filter(|there| *there).count()
    }

    fn has_priority(&self) -> bool {
        self.state.has_code(Contract::Priority.address()) == Some(true)
    }

    fn has_history(&self, proven: &ProvenTokens) -> bool {
        proven.mint.is_some_and(|mint| mint::reads_history(&mint.block, self.state))
    }
}

/// Returns the tokens that a walk from `first` to the parents reaches.
fn reachable(first: TokenId, tokens: &BTreeMap<TokenId, ProvenToken>) -> BTreeSet<TokenId> {
    let (mut seen, mut ahead) = (BTreeSet::from([first]), vec![first]);
    while let Some(token) = ahead.pop().and_then(|id| tokens.get(&id)) {
        let own = token.lineage.parents().iter().filter(|parent| parent.external.is_none());
        ahead.extend(own.map(|parent| parent.token_id).filter(|id| tokens.contains_key(id) && seen.insert(*id)));
    }
    seen
}
