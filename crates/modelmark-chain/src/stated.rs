//! What a token states, as far as a verification asks: what its id binds, what of it its creator may change, and nothing that only its owner decides.
//!
//! The logs of the mint, which are what endpoints are slowest to give, are asked for parents alone, and not when the id shows that there are none.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use alloy::sol_types::SolCall;
use modelmark_digest::Sha256Digest;
use serde::Serialize;

use crate::bindings::ModelRegistry as abi;
use crate::identity::Bound;
use crate::registry::unless_missing;
use crate::{BasisPoints, Block, ChainError, Kind, License, Lineage, Model, Registry, Status, TokenId, TokenRef};

/// What was answered about one token, or why nothing was.
type Answer<T> = Result<T, ChainError>;

/// What a token states, seen at one block: the part of a [`Model`] that a verification judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stated {
    /// The token.
    pub token: TokenRef,
    /// Who made the model, fixed at mint.
    pub creator: Address,
    /// Digest inside the content id of the weights.
    pub weights: Sha256Digest,
    /// Record id.
    pub record: Sha256Digest,
    /// The licence.
    pub license: License,
    /// What the token stands for.
    pub kind: Kind,
    /// Where it stands in its life.
    pub status: Status,
    /// Share of a sale that is owed.
    pub royalty: BasisPoints,
    /// Direct parents.
    pub lineage: Lineage,
    /// The block at which all of this was read.
    pub seen_at: Block,
}

impl Stated {
    /// Returns the id that follows from what was read; see [`Model::recomputed_id`].
    #[must_use]
    pub fn recomputed_id(&self) -> TokenId {
        let Self { weights, record, ref license, kind, creator, ref lineage, .. } = *self;
        Bound { weights, record, license, kind, creator, lineage }.id()
    }

    /// Tells whether the token's id follows from what was read.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.recomputed_id() == self.token.id()
    }
}

impl From<Model> for Stated {
    fn from(model: Model) -> Self {
        Self {
            token: model.token,
            creator: model.creator,
            weights: model.weights,
            record: model.record,
            license: model.license,
            kind: model.kind,
            status: model.status,
            royalty: model.royalty.share,
            lineage: model.lineage,
            seen_at: model.seen_at,
        }
    }
}

impl Registry {
    /// Returns what a token states, all of it at one block, or `None` when there is no such token, or none whose statement is in storage.
    ///
    /// # Errors
    /// As [`Registry::model`].
    pub async fn stated(&self, id: TokenId) -> Result<Option<Stated>, ChainError> {
        let block = self.chain().block().await?;
        let (data, license) = tokio::join!(
            self.view(abi::getModelDataCall { tokenId: id.get() }, &block),
            self.view(abi::viewLicenseCall { tokenId: id.get() }, &block),
        );
        let Some(data) = unless_missing(data)? else { return Ok(None) };
        let minted = data.mintedAt.to();
        let stated = self.read(id, &data, license?, block)?;
        if stated.is_bound() {
            return Ok(Some(stated));
        }
        Ok(Some(Stated { lineage: self.birth(id, minted, &block).await?.lineage, ..stated }))
    }

    /// Returns what each of the tokens states, in their order and all of it at one block: what [`Registry::stated`] returns, or why it fails, of each. A thousand
    /// tokens without parents are half a dozen questions where the chain has Multicall3, and JSON-RPC batches elsewhere.
    ///
    /// # Errors
    /// The endpoint cannot be asked, or does not say which block it is at. What is wrong with one token stands in its place.
    pub async fn all_stated(&self, ids: &[TokenId]) -> Result<Vec<Answer<Option<Stated>>>, ChainError> {
        let block = self.chain().block().await?;
        let told = self.ask_each(ids.iter().map(|id| abi::getModelDataCall { tokenId: id.get() }), &block).await?;
        let mut there = Vec::new();
        let mut all: Vec<Answer<Option<Stated>>> = Vec::with_capacity(ids.len());
        for (place, (id, told)) in ids.iter().zip(told).enumerate() {
            all.push(unless_missing(told).map(|data| {
                there.extend(data.map(|data| (place, *id, data)));
                None
            }));
        }
        let licenses = self.licenses(&there, &block).await?;
        let mut open = Vec::new();
        for (place, id, data) in there {
            let license = licenses.get(&data.licenseId.to::<u32>());
            let stated = license.and_then(|license| self.read(id, &data, license.clone(), block).ok());
            match (stated.filter(Stated::is_bound), all.get_mut(place)) {
                (Some(stated), Some(at)) => *at = Ok(Some(stated)),
                _ => open.push((place, id, data, license.cloned())),
            }
        }
        self.with_parents(open, &block, &mut all).await?;
        Ok(all)
    }

    /// Looks up the parents of those whose id says that they have some, and asks alone about what is still not bound then.
    async fn with_parents(
        &self,
        open: Vec<(usize, TokenId, abi::ModelData, Option<LicenseText>)>,
        block: &Block,
        all: &mut [Answer<Option<Stated>>],
    ) -> Result<(), ChainError> {
        let born: Vec<_> = open.iter().map(|(_, id, data, _)| (*id, data.mintedAt.to())).collect();
        for ((place, id, data, license), birth) in open.into_iter().zip(self.births(&born, block).await?) {
            let lineage = birth.ok().map(|birth| birth.lineage);
            let read = license.and_then(|license| self.read(id, &data, license, *block).ok());
            let stated = read.zip(lineage).map(|(stated, lineage)| Stated { lineage, ..stated }).filter(Stated::is_bound);
            let stated = match stated {
                Some(stated) => Ok(Some(stated)),
                None => match self.clone().read_at(crate::ReadAt::Block(*block)).stated(id).await {
                    Err(error @ ChainError::Unreachable { .. }) => return Err(error),
                    answer => answer,
                },
            };
            if let Some(at) = all.get_mut(place) {
                *at = stated;
            }
        }
        Ok(())
    }

    /// Asks for the text of each licence once, of a token that has it. In our registries a licence's number is one text for ever; elsewhere the id, which binds
    /// the text, shows that it is not.
    async fn licenses(&self, there: &[(usize, TokenId, abi::ModelData)], block: &Block) -> Result<BTreeMap<u32, LicenseText>, ChainError> {
        let numbers: BTreeMap<u32, TokenId> = there.iter().map(|(_, id, data)| (data.licenseId.to(), *id)).collect();
        let texts = self.ask_each(numbers.values().map(|id| abi::viewLicenseCall { tokenId: id.get() }), block).await?;
        Ok(numbers.into_keys().zip(texts).filter_map(|(number, text)| Some((number, text.ok()?))).collect())
    }

    /// Reads what a token says of itself; parents aside.
    fn read(&self, id: TokenId, data: &abi::ModelData, license: LicenseText, block: Block) -> Answer<Stated> {
        let lie = |error: &dyn std::error::Error| self.chain().nonsense("getModelData", &error.to_string());
        Ok(Stated {
            token: self.token(id),
            creator: data.creator,
            weights: Sha256Digest::from(data.weightsDigest.0),
            record: Sha256Digest::from(data.recordDigest.0),
            license: License::told(license.spdx, license.uri),
            kind: data.kind.try_into().map_err(|error| lie(&error))?,
            status: data.status.try_into().map_err(|error| lie(&error))?,
            royalty: data.royaltyBps.try_into().map_err(|error| lie(&error))?,
            lineage: Lineage::default(),
            seen_at: block,
        })
    }
}

/// The text of a licence, and where its terms are.
type LicenseText = <abi::viewLicenseCall as SolCall>::Return;
