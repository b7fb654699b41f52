//! What is in a registry's log and not in its storage: tokens that were minted into the log, until somebody stores their statement, and records.

use alloy::primitives::{Address, B256, Bytes};
use alloy::sol_types::{SolCall, SolEvent as _};
use modelmark_digest::Sha256Digest;
use serde::Serialize;

use crate::bindings::ModelRegistry as abi;
use crate::history::LogQuery;
use crate::model::word;
use crate::revert::{NO_SUCH_TOKEN, NOT_STORED};
use crate::{
    BasisPoints, Block, Call, ChainError, Contract, Kind, License, Lineage, MintedAt, ModelInput, ModelInputError, Registry, Revert,
    Stated, Status, TokenId, TokenRef,
};

/// More gas than a mint into the log takes without parents, and what each parent and each further model of a batch add at most.
const MINT_GAS: u64 = 200_000;
const PARENT_GAS: u64 = 60_000;
const MODEL_GAS: u64 = 40_000;
/// How many models one transaction mints at most: Osaka's limit of 16.8 million gas for a transaction has room for more.
pub const MAX_LOGGED_AT_ONCE: usize = 400;
/// A record that was logged more often than this was logged to keep readers busy; each time says the same.
const MAX_LOGGED: usize = 1;

impl ModelInput {
    /// Returns what of the statement a mint into the log can have: what the id commits to. `None` when there is a royalty, which would be lost.
    #[must_use]
    pub fn bare(&self) -> Option<Self> {
        let bare = Self { dataset: None, architecture: None, framework: None, metrics: None, ..self.clone() };
        (self.royalty == BasisPoints::default()).then_some(bare)
    }

    /// Tells whether two models can be minted into the log with one call: by one creator, under one licence, of one kind, without parents.
    #[must_use]
    pub fn shares_a_batch_with(&self, other: &Self) -> bool {
        let parentless = self.lineage.parents().is_empty() && other.lineage.parents().is_empty();
        parentless && self.creator == other.creator && self.license.digest() == other.license.digest() && self.kind == other.kind
    }
}

/// What the logs of its mint tell of a token of which nothing is stored: all that the token's id binds but the licence, which its record
/// states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedToken {
    /// The token.
    pub token: TokenRef,
    /// Who made the model, fixed at mint.
    pub creator: Address,
    /// Digest inside the content id of the weights.
    pub weights: Sha256Digest,
    /// Record id.
    pub record: Sha256Digest,
    /// What the token stands for.
    pub kind: Kind,
    /// Direct parents.
    pub lineage: Lineage,
    /// The mint.
    pub minted: MintedAt,
    /// The block at which all of this was read.
    pub seen_at: Block,
}

impl LoggedToken {
    /// Returns what the token states with this licence, the SPDX expression of its record: if the id follows from that, nothing of it can be
    /// another ([`Stated::is_bound`]). It is active and without a royalty, since nobody can say otherwise of what is not stored.
    #[must_use]
    pub fn under(self, license: &str) -> Stated {
        Stated {
            token: self.token,
            creator: self.creator,
            weights: self.weights,
            record: self.record,
            license: License::told(license.to_owned(), String::new()),
            kind: self.kind,
            status: Status::Active,
            royalty: BasisPoints::default(),
            lineage: self.lineage,
            seen_at: self.seen_at,
        }
    }
}

impl Registry {
    /// Returns the calls by which a creator mints models into the log, all to one owner: one for all that can share a call, at most
    /// [`MAX_LOGGED_AT_ONCE`] a call, and one for each other. The statements have to be [`ModelInput::bare`].
    #[must_use]
    pub fn mint_log_only(&self, to: Address, models: &[ModelInput]) -> Vec<Call> {
        let mut groups: Vec<Vec<&ModelInput>> = Vec::new();
        for model in models {
            let fits = |group: &&mut Vec<&ModelInput>| {
                group.len() < MAX_LOGGED_AT_ONCE && group.first().is_some_and(|first| first.shares_a_batch_with(model))
            };
            match groups.iter_mut().find(fits) {
                Some(group) => group.push(model),
                None => groups.push(vec![model]),
            }
        }
        groups.iter().filter_map(|group| self.mint_of(to, group)).collect()
    }

    fn mint_of(&self, to: Address, group: &[&ModelInput]) -> Option<Call> {
        let first = *group.first()?;
        if group.len() == 1 {
            let parents = u64::try_from(first.lineage.parents().len()).unwrap_or(u64::MAX);
            let call = self.logging("mint the token into the log", &abi::mintLogOnlyCall { to, model: first.to_abi() });
            return Some(call.taking_at_most(MINT_GAS.saturating_add(PARENT_GAS.saturating_mul(parents))));
        }
        let shared = first.to_abi();
        let call = abi::mintLogOnlyBatchCall {
            to,
            creator: shared.creator,
            license: shared.license,
            kind: shared.kind,
            models: group
                .iter()
                .map(|model| abi::ModelDigests { weightsDigest: word(model.weights), recordDigest: word(model.record) })
                .collect(),
        };
        let count = u64::try_from(group.len()).unwrap_or(u64::MAX);
        Some(
            self.logging(&format!("mint {count} tokens into the log"), &call)
                .taking_at_most(MINT_GAS.saturating_add(MODEL_GAS.saturating_mul(count))),
        )
    }

    /// Returns the call by which anybody puts the statement of a token that was minted into the log in storage.
    #[must_use]
    pub fn store_statement(&self, model: &ModelInput) -> Call {
        self.logging("store the statement", &abi::storeCall { model: model.to_abi() }).taking_at_most(MINT_GAS)
    }

    /// Tells whether a token is there and its statement is in storage; `None` when there is no such token.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn is_stored(&self, token: TokenId) -> Result<Option<bool>, ChainError> {
        let newest = self.newest();
        let block = newest.chain().block().await?;
        newest.stored_at(token, &block).await
    }

    /// Tells the same at one block.
    pub(crate) async fn stored_at(&self, token: TokenId, block: &Block) -> Result<Option<bool>, ChainError> {
        match self.view(abi::creatorOfCall { tokenId: token.get() }, block).await {
            Ok(_) => Ok(Some(true)),
            Err(ChainError::Reverted { reason: Revert { error: Some(NOT_STORED), .. }, .. }) => Ok(Some(false)),
            Err(ChainError::Reverted { reason: Revert { error: Some(NO_SUCH_TOKEN), .. }, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns what the logs of its mint tell of a token whose statement is in the log alone; `None` when there is no such token, or its
    /// statement is stored.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn logged(&self, token: TokenId) -> Result<Option<LoggedToken>, ChainError> {
        let block = self.chain().block().await?;
        if self.stored_at(token, &block).await? != Some(false) {
            return Ok(None);
        }
        let birth = self.birth(token, 0, &block).await?;
        let kind = birth.stated.kind.try_into();
        Ok(Some(LoggedToken {
            token: self.token(token),
            creator: birth.stated.creator,
            weights: Sha256Digest::from(birth.stated.weightsDigest.0),
            record: Sha256Digest::from(birth.stated.recordDigest.0),
            kind: kind.map_err(|error: ModelInputError| self.chain().nonsense("the logs of the mint", &error.to_string()))?,
            lineage: birth.lineage,
            minted: MintedAt { block: birth.block, tx: birth.tx, time: birth.time },
            seen_at: block,
        }))
    }

    /// Returns the call by which anybody puts a record's bytes into the log. The registry checks them against the token's digest.
    #[must_use]
    pub fn publish_record(&self, token: TokenId, record: Bytes) -> Call {
        self.logging("put the record into the log", &abi::publishRecordCall { tokenId: token.get(), record }).taking_at_most(16_000_000)
    }

    /// Returns a record's bytes that somebody put into the log, checked against the digest that the token has; `None` when nobody did.
    ///
    /// # Errors
    /// The endpoint cannot be asked, answers nonsense or other bytes.
    pub async fn published_record(&self, token: TokenId, record: Sha256Digest) -> Result<Option<Bytes>, ChainError> {
        let block = self.chain().block().await?;
        let topics = [vec![abi::ProvenanceDataRecorded::SIGNATURE_HASH], vec![B256::from(token.get())], vec![], vec![]];
        let query = LogQuery { contract: self.address(), topics };
        let logs = self.chain().logs(&query, self.first_block(), block.number, MAX_LOGGED).await?;
        let Some(placed) = logs.first() else { return Ok(None) };
        let lie = |detail: &str| self.chain().nonsense("eth_getLogs", detail);
        let event = abi::ProvenanceDataRecorded::decode_log_validate(&placed.log).map_err(|error| lie(&error.to_string()))?;
        match Sha256Digest::of(&event.record) == record {
            true => Ok(Some(event.data.record)),
            false => Err(lie("bytes that are not those of the token's record")),
        }
    }

    fn logging(&self, what: &str, call: &impl SolCall) -> Call {
        Call::new(what, Contract::ModelRegistry.interface(), self.address(), call)
    }
}
