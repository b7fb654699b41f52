//! A model registry, read: who claims which weights, and what a token says.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::{SolCall, SolEvent};
use modelmark_digest::Sha256Digest;

use crate::bindings::{LicenseBook, ModelRegistry as abi};
use crate::birth::Birth;
use crate::error::tame;
use crate::history::{LogQuery, PlacedLog};
use crate::model::{digest, word};
use crate::revert::{NO_SUCH_TOKEN, NOT_STORED};
use crate::{
    Block, Chain, ChainError, Claim, Contract, License, MintedAt, Model, ModelInputError, ReadAt, Revert, Royalty, ShortText, TokenId,
    TokenRef, Wei,
};

/// How many claims of one digest are returned at most. Anyone can claim a public file, and the oldest come first: what a flood of
/// claims pushes out is younger than it.
pub const MAX_CLAIMS: usize = 1_000;
/// The price for which a registry is asked who is owed a royalty; only who matters.
pub(crate) const ROYALTY_PRICE: u64 = 10_000;

/// What a registry and the logs of a mint tell about one token.
pub(crate) struct Told {
    pub(crate) data: abi::ModelData,
    pub(crate) owner: Address,
    pub(crate) token_uri: String,
    pub(crate) license: <abi::viewLicenseCall as SolCall>::Return,
    /// Who is owed the royalty.
    pub(crate) royalty: Address,
    pub(crate) birth: Birth,
}

/// A registry on a chain. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    chain: Chain,
    address: Address,
    since: u64,
}

impl Registry {
    /// Returns the canonical registry of `chain`, deployed there or not.
    #[must_use]
    pub fn canonical(chain: &Chain) -> Self {
        Self::at(chain, Contract::ModelRegistry.address())
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

    /// Returns the same registry, asked through another handle on its chain.
    #[must_use]
    pub fn on(self, chain: &Chain) -> Self {
        Self { chain: chain.clone(), ..self }
    }

    /// Returns the same registry, read at another block.
    #[must_use]
    pub fn read_at(self, read_at: ReadAt) -> Self {
        Self { chain: self.chain.at(read_at), ..self }
    }

    /// Returns the first block whose logs can be the registry's.
    pub(crate) const fn first_block(&self) -> u64 {
        self.since
    }

    /// Returns the same registry, read at the newest block whatever the chain handle says: what a sender has to look at.
    pub(crate) fn newest(&self) -> Self {
        Self { chain: self.chain.clone().at(ReadAt::Latest), ..self.clone() }
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

    /// Returns what the registry says about a token, all of it at one block, or `None` when there is no such token, or none whose statement
    /// is in storage: a mint into the log alone says nothing that could be read here.
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
            self.view(abi::royaltyInfoCall { tokenId: token, salePrice: U256::from(ROYALTY_PRICE) }, &block),
            self.birth(id, data.mintedAt.to(), &block),
        )?;
        self.model_of(id, Told { data, owner, token_uri, license, royalty: royalty.receiver, birth }, block)
    }

    /// Puts together what was told about a token.
    pub(crate) fn model_of(&self, id: TokenId, told: Told, block: Block) -> Result<Model, ChainError> {
        let Told { data, owner, token_uri, license, royalty, birth } = told;
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
            royalty: Royalty { receiver: royalty, share: data.royaltyBps.try_into().map_err(|error| lie(&error))? },
            token_uri,
            lineage: birth.lineage,
            version: birth.version,
            minted: MintedAt { block: birth.block, tx: birth.tx, time: birth.time },
            seen_at: block,
        })
    }

    async fn claims(&self, weights: Sha256Digest, creator: Option<Address>) -> Result<Vec<Claim>, ChainError> {
        let found = self.claims_of(&[weights], creator, MAX_CLAIMS).await?;
        Ok(found.into_iter().map(|(_, claim)| claim).collect())
    }

    /// Returns the oldest `most` claims of any of these weights, each with those that it is of.
    pub(crate) async fn claims_of(
        &self,
        weights: &[Sha256Digest],
        creator: Option<Address>,
        most: usize,
    ) -> Result<Vec<(Sha256Digest, Claim)>, ChainError> {
        let topics = [
            vec![abi::ModelInitialized::SIGNATURE_HASH],
            vec![],
            creator.map(|account| account.into_word()).into_iter().collect(),
            weights.iter().map(|weights| word(*weights)).collect(),
        ];
        let block = self.chain.block().await?;
        let logs = self.chain.logs(&LogQuery { contract: self.address, topics }, self.since, block.number, most).await?;
        logs.iter().map(|log| self.claim(log)).collect()
    }

    fn claim(&self, placed: &PlacedLog) -> Result<(Sha256Digest, Claim), ChainError> {
        let event = abi::ModelInitialized::decode_log_validate(&placed.log)
            .map_err(|error| self.chain.nonsense("eth_getLogs", &error.to_string()))?;
        let claim = Claim {
            token_id: event.id.into(),
            creator: event.creator,
            record: Sha256Digest::from(event.recordDigest.0),
            block: placed.block,
            log_index: placed.index,
            tx: placed.transaction,
        };
        Ok((Sha256Digest::from(event.weightsDigest.0), claim))
    }

    /// Returns the licence book that this registry looks licences up in.
    pub(crate) async fn license_book(&self, block: &Block) -> Result<Address, ChainError> {
        self.view(abi::licenseBookCall {}, block).await
    }

    /// Tells whether a licence is in the book. Refuses when it is there with other terms than the record states, or, for a `LicenseRef-`,
    /// with terms while the record states none: the book is open to everybody, and the token would carry a stranger's terms.
    pub(crate) async fn knows_license(&self, book: Address, license: &License, block: &Block) -> Result<bool, ChainError> {
        let id = self.chain.view(book, LicenseBook::idOfCall { license: license.digest() }, block).await?.ok_or_else(|| self.missing())?;
        let stated = !license.uri().is_empty();
        if id.is_zero() || !(stated || license.is_custom()) {
            return Ok(!id.is_zero());
        }
        let there = self.chain.view(book, LicenseBook::getCall { id }, block).await?.ok_or_else(|| self.missing())?.uri;
        if there == license.uri() {
            return Ok(true);
        }
        let (spdx, there) = (license.spdx().into(), tame(&there));
        Err(match stated {
            true => ModelInputError::LicenseTaken { spdx, there, here: license.uri().into() }.into(),
            false => ModelInputError::LicenseUnstated { spdx, there }.into(),
        })
    }

    /// Asks the registry something that it answers for every token id.
    pub(crate) async fn view<C: SolCall>(&self, call: C, block: &Block) -> Result<C::Return, ChainError> {
        self.chain.view(self.address, call, block).await?.ok_or_else(|| self.missing())
    }

    /// Asks the registry about a token; `None` when there is no such token.
    async fn view_token<C: SolCall>(&self, call: C, block: &Block) -> Result<Option<C::Return>, ChainError> {
        unless_missing(self.view(call, block).await)
    }

    pub(crate) const fn missing(&self) -> ChainError {
        ChainError::NoContract { contract: Contract::ModelRegistry, address: self.address, chain: self.chain.id() }
    }
}

/// Takes the registry's word that there is no such token, or none whose statement is in storage, for an answer.
pub(crate) fn unless_missing<T>(answer: Result<T, ChainError>) -> Result<Option<T>, ChainError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ChainError::Reverted { reason: Revert { error: Some(NO_SUCH_TOKEN | NOT_STORED), .. }, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
