//! What a registry tells about tokens, as values.

use alloy::primitives::{Address, B256};
use modelmark_digest::Sha256Digest;
use serde::Serialize;

use crate::{BasisPoints, Block, Kind, License, Lineage, ModelInput, ShortText, Stated, Status, TokenId, TokenRef, token_id_of};

/// Somebody registered these weights. It says who and when, not that they made them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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
#[serde(rename_all = "camelCase")]
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
#[serde(rename_all = "camelCase")]
pub struct Royalty {
    /// Who is owed.
    pub receiver: Address,
    /// Which share.
    pub share: BasisPoints,
}

/// A token's place in its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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
#[serde(rename_all = "camelCase")]
pub struct MintedAt {
    /// Block.
    pub block: u64,
    /// Transaction.
    pub tx: B256,
    /// Unix time in seconds.
    pub time: u64,
}

impl Model {
    /// Returns the id that follows from what was read. An honest registry's token has this id: the id binds weights, record, parents,
    /// licence, kind and creator, so that an endpoint which lies about one of them is caught without any other source.
    #[must_use]
    pub fn recomputed_id(&self) -> TokenId {
        Stated::from(self.clone()).recomputed_id()
    }

    /// Tells whether the token's id follows from what was read.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.recomputed_id() == self.token.id()
    }

    /// Tells whether the token is the one that this statement makes, royalty and descriptive fields aside.
    #[must_use]
    pub fn is_of(&self, input: &ModelInput) -> bool {
        self.token.id() == token_id_of(input)
    }
}
