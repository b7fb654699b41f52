//! A model registry, read: who claims which weights, and what a token says.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::{SolCall, SolEvent};
use modelmark_digest::Sha256Digest;
use serde::Serialize;

use crate::bindings::{LicenseBook, ModelRegistry as abi};
use crate::contracts::Collection;
use crate::history::{LogQuery, PlacedLog};
use crate::identity::id_of;
use crate::model::{digest, word};
use crate::revert::NO_SUCH_TOKEN;
use crate::{
    BasisPoints, Block, Chain, ChainError, ExternalRegistry, Kind, License, Lineage, ModelInput, Parent, Revert, ShortText, Status,
    TokenId, TokenRef, Wei,
};

/// How many claims of one digest are returned at most. Anyone can claim a public file, and the oldest come first: what a flood of
/// claims pushes out is younger than it.
pub const MAX_CLAIMS: usize = 1_000;
/// More logs than a mint with 16 parents writes.
const MAX_BIRTH_LOGS: usize = 64;

/// A registry on a chain. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    chain: Chain,
    address: Address,
    since: u64,
}

/// Somebody registered these weights. It says who and when, not that they made them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// The token.
    pub token_id: TokenId,
    /// The account that claims to have made the model.
    pub creator: Address,
    /// Record id.
    pub record: Sha256Digest,
    /// Block of the mint.
    pub block: u64,
    /// Position of the mint in its block: claims are ordered by block, then by this.
    pub log_index: u64,
    /// Transaction of the mint.
    pub tx: B256,
}

/// All that a registry says about one token, seen at one block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Model {
    /// The token.
    pub token: TokenRef,
    /// Who owns the token now.
    pub owner: Address,
    /// Who made the model, fixed at mint.
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
    /// The licence.
    pub license: License,
    /// What the token stands for.
    pub kind: Kind,
    /// Where it stands in its life.
    pub status: Status,
    /// ERC-2981 royalty.
    pub royalty: Royalty,
    /// Where the token says its record is.
    pub token_uri: String,
    /// Direct parents.
    pub lineage: Lineage,
    /// Where it stands in a series of versions; `None` when it continues none.
    pub version: Option<VersionOf>,
    /// The mint.
    pub minted: MintedAt,
    /// The block at which all of this was read.
    pub seen_at: Block,
}

/// Who is owed which share of a sale. ERC-2981 tells what is owed; no contract makes a market pay it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Royalty {
    /// Who is owed.
    pub receiver: Address,
    /// Which share.
    pub share: BasisPoints,
}

/// A token's place in its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VersionOf {
    /// First token of the series.
    pub series: TokenId,
    /// Counts the tokens of the series; the first is 1.
    pub version: u64,
    /// The token this one is the next version of.
    pub previous: TokenId,
}

/// When and where a token was minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MintedAt {
    /// Block.
    pub block: u64,
    /// Transaction.
    pub tx: B256,
    /// Unix time in seconds.
    pub time: u64,
}

/// What the mint's own logs tell.
struct Birth {
    block: u64,
    tx: B256,
    lineage: Lineage,
    version: Option<VersionOf>,
}

impl Registry {
    /// Returns the canonical registry of `chain`, deployed there or not.
    #[must_use]
    pub fn canonical(chain: &Chain) -> Self {
        Self::at(chain, Collection::canonical().address())
    }

    /// Returns the registry at `address`, which is not looked at yet.
    #[must_use]
    pub fn at(chain: &Chain, address: Address) -> Self {
        Self { chain: chain.clone(), address, since: 0 }
    }

    /// Returns the same registry, known to have been deployed in block `block`: logs are searched from there.
    #[must_use]
    pub fn since(self, block: u64) -> Self {
        Self { since: block, ..self }
    }

    /// Returns the chain.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Returns the contract's address.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Returns the name of token `id` of this registry.
    #[must_use]
    pub const fn token(&self, id: TokenId) -> TokenRef {
        TokenRef::new(self.chain.id(), self.address, id)
    }

    /// Returns the oldest [`MAX_CLAIMS`] claims of these weights, oldest first.
    ///
    /// # Errors
    /// The endpoint cannot be asked, answers nonsense, or gives its logs in too small pieces.
    pub async fn find_by_weights(&self, weights: Sha256Digest) -> Result<Vec<Claim>, ChainError> {
        self.claims(weights, None).await
    }

    /// Returns one creator's claims of these weights, oldest first: what a flood of strangers' claims cannot hide.
    ///
    /// # Errors
    /// As [`Registry::find_by_weights`].
    pub async fn find_by_creator(&self, weights: Sha256Digest, creator: Address) -> Result<Vec<Claim>, ChainError> {
        self.claims(weights, Some(creator)).await
    }

    /// Tells whether the token was minted.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn exists(&self, id: TokenId) -> Result<bool, ChainError> {
        let block = self.chain.block().await?;
        Ok(self.view_token(abi::ownerOfCall { tokenId: id.get() }, &block).await?.is_some())
    }

    /// Returns who is owed what for a sale of a token at `price`.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn royalty_info(&self, id: TokenId, price: Wei) -> Result<(Address, Wei), ChainError> {
        let block = self.chain.block().await?;
        let info = self.view(abi::royaltyInfoCall { tokenId: id.get(), salePrice: price.get() }, &block).await?;
        Ok((info.receiver, Wei::new(info.royaltyAmount)))
    }

    /// Returns what the registry says about a token, all of it at one block, or `None` when there is no such token.
    ///
    /// # Errors
    /// The endpoint cannot be asked, answers nonsense or contradicts itself, or no registry is there.
    pub async fn model(&self, id: TokenId) -> Result<Option<Model>, ChainError> {
        let block = self.chain.block().await?;
        match self.view_token(abi::getModelDataCall { tokenId: id.get() }, &block).await? {
            Some(data) => self.assemble(id, data, block).await.map(Some),
            None => Ok(None),
        }
    }

    async fn assemble(&self, id: TokenId, data: abi::ModelData, block: Block) -> Result<Model, ChainError> {
        let token = id.get();
        let (owner, token_uri, license, royalty, birth) = tokio::try_join!(
            self.view(abi::ownerOfCall { tokenId: token }, &block),
            self.view(abi::tokenURICall { tokenId: token }, &block),
            self.view(abi::viewLicenseCall { tokenId: token }, &block),
            self.view(abi::royaltyInfoCall { tokenId: token, salePrice: U256::from(10_000) }, &block),
            self.birth(id, data.mintedAt.to(), &block),
        )?;
        let lie = |error: &dyn std::error::Error| self.chain.nonsense("getModelData", &error.to_string());
        Ok(Model {
            token: self.token(id),
            owner,
            creator: data.creator,
            weights: Sha256Digest::from(data.weightsDigest.0),
            record: Sha256Digest::from(data.recordDigest.0),
            dataset: digest(data.datasetDigest),
            architecture: digest(data.architectureDigest),
            framework: ShortText::from_word(&data.framework),
            metrics: (data.metrics != B256::ZERO).then_some(data.metrics),
            license: License::told(license.spdx, license.uri),
            kind: data.kind.try_into().map_err(|error| lie(&error))?,
            status: data.status.try_into().map_err(|error| lie(&error))?,
            royalty: Royalty { receiver: royalty.receiver, share: data.royaltyBps.try_into().map_err(|error| lie(&error))? },
            token_uri,
            lineage: birth.lineage,
            version: birth.version,
            minted: MintedAt { block: birth.block, tx: birth.tx, time: data.mintedAt.to() },
            seen_at: block,
        })
    }

    /// Reads the logs of a token's mint.
    async fn birth(&self, id: TokenId, time: u64, block: &Block) -> Result<Birth, ChainError> {
        let query = self.birth_query(id);
        let logs = match self.chain.logs_between(&query, self.since.min(block.number), block.number).await {
            Ok(logs) => logs,
            // The endpoint does not look through all of the chain at once. The token knows its time, so ask for that block alone.
            Err(ChainError::Refused { .. } | ChainError::Nonsense { .. }) => {
                let (first, last) = self.chain.blocks_at(time, block).await?;
                self.chain.logs(&query, first, last, MAX_BIRTH_LOGS).await?
            }
            Err(error) => return Err(error),
        };
        let lie = |detail: &str| self.chain.nonsense("the logs of the mint", detail);
        let born = logs.iter().find(|log| log.is::<abi::ModelInitialized>()).ok_or_else(|| lie("no ModelInitialized"))?;
        let same_mint: Vec<_> = logs.iter().filter(|log| log.transaction == born.transaction).collect();
        let mut parents = Vec::new();
        for log in &same_mint {
            parents.extend(parent_in(log).map_err(|error| lie(&error))?);
        }
        let version = same_mint.iter().find_map(|log| version_in(log));
        let lineage = Lineage::new(parents).map_err(|error| lie(&error.to_string()))?;
        Ok(Birth { block: born.block, tx: born.transaction, lineage, version })
    }

    fn birth_query(&self, id: TokenId) -> LogQuery {
        let events = vec![
            abi::ModelInitialized::SIGNATURE_HASH,
            abi::ModelFineTuned::SIGNATURE_HASH,
            abi::ExternalParentClaimed::SIGNATURE_HASH,
            abi::ModelVersionMinted::SIGNATURE_HASH,
        ];
        LogQuery { contract: self.address, topics: [events, vec![id.get().into()], vec![], vec![]] }
    }

    async fn claims(&self, weights: Sha256Digest, creator: Option<Address>) -> Result<Vec<Claim>, ChainError> {
        let topics = [
            vec![abi::ModelInitialized::SIGNATURE_HASH],
            vec![],
            creator.map(|account| account.into_word()).into_iter().collect(),
            vec![word(weights)],
        ];
        let block = self.chain.block().await?;
        let logs = self.chain.logs(&LogQuery { contract: self.address, topics }, self.since, block.number, MAX_CLAIMS).await?;
        logs.iter().map(|log| self.claim(log)).collect()
    }

    fn claim(&self, placed: &PlacedLog) -> Result<Claim, ChainError> {
        let event = abi::ModelInitialized::decode_log_validate(&placed.log)
            .map_err(|error| self.chain.nonsense("eth_getLogs", &error.to_string()))?;
        Ok(Claim {
            token_id: event.id.into(),
            creator: event.creator,
            record: Sha256Digest::from(event.recordDigest.0),
            block: placed.block,
            log_index: placed.index,
            tx: placed.transaction,
        })
    }

    /// Returns the licence book that this registry looks licences up in.
    pub(crate) async fn license_book(&self, block: &Block) -> Result<Address, ChainError> {
        self.view(abi::licenseBookCall {}, block).await
    }

    /// Tells whether a licence is in the book.
    pub(crate) async fn knows_license(&self, book: Address, license: &License, block: &Block) -> Result<bool, ChainError> {
        let call = LicenseBook::idOfCall { license: license.digest() };
        let id = self.chain.view(book, call, block).await?.ok_or(self.missing())?;
        Ok(!id.is_zero())
    }

    /// Asks the registry something that it answers for every token id.
    pub(crate) async fn view<C: SolCall>(&self, call: C, block: &Block) -> Result<C::Return, ChainError> {
        self.chain.view(self.address, call, block).await?.ok_or_else(|| self.missing())
    }

    /// Asks the registry about a token; `None` when there is no such token.
    async fn view_token<C: SolCall>(&self, call: C, block: &Block) -> Result<Option<C::Return>, ChainError> {
        match self.view(call, block).await {
            Ok(answer) => Ok(Some(answer)),
            Err(ChainError::Reverted { reason: Revert { error: Some(NO_SUCH_TOKEN), .. }, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) const fn missing(&self) -> ChainError {
        ChainError::NoRegistry { address: self.address, chain: self.chain.id() }
    }
}

impl Model {
    /// Returns the id that follows from what was read. An honest registry's token has this id: the id binds weights, record, parents,
    /// licence, kind and creator, so that an endpoint which lies about one of them is caught without any other source.
    #[must_use]
    pub fn recomputed_id(&self) -> TokenId {
        id_of(self.weights, self.record, &self.lineage, &self.license, self.kind, self.creator)
    }

    /// Tells whether the token's id follows from what was read.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.recomputed_id() == self.token.id()
    }

    /// Tells whether the token is the one that this statement makes, royalty and descriptive fields aside.
    #[must_use]
    pub fn is_of(&self, input: &ModelInput) -> bool {
        self.token.id() == crate::token_id_of(input)
    }
}

impl PlacedLog {
    fn is<E: SolEvent>(&self) -> bool {
        self.log.topics().first() == Some(&E::SIGNATURE_HASH)
    }
}

/// Returns the parent that a log adds, if it adds one.
fn parent_in(placed: &PlacedLog) -> Result<Option<Parent>, String> {
    if placed.is::<abi::ModelFineTuned>() {
        let event = abi::ModelFineTuned::decode_log_validate(&placed.log).map_err(|error| error.to_string())?;
        return parent(None, event.parentId, event.relation, event.shareBps, event.evidence).map(Some);
    }
    if placed.is::<abi::ExternalParentClaimed>() {
        let event = abi::ExternalParentClaimed::decode_log_validate(&placed.log).map_err(|error| error.to_string())?;
        let chain = event.chainId.try_into().map_err(|_| "an external parent on chain 0")?;
        let external = ExternalRegistry { chain, contract: event.registry };
        return parent(Some(external), event.parentId, event.relation, event.shareBps, event.evidence).map(Some);
    }
    Ok(None)
}

fn parent(external: Option<ExternalRegistry>, id: U256, relation: u8, share_bps: u16, evidence: B256) -> Result<Parent, String> {
    Ok(Parent {
        external,
        token_id: id.into(),
        relation: relation.try_into().map_err(|error: crate::ModelInputError| error.to_string())?,
        share: share_bps.try_into().map_err(|error: crate::BasisPointsError| error.to_string())?,
        evidence,
    })
}

fn version_in(placed: &PlacedLog) -> Option<VersionOf> {
    let event = abi::ModelVersionMinted::decode_log_validate(&placed.log).ok()?;
    Some(VersionOf { series: U256::from_be_bytes(event.series.0).into(), version: event.version, previous: event.previous.into() })
}
