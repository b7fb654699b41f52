//! What a creator states about a model when its token is minted, in checked types.

use std::str::FromStr;

use alloy::primitives::{Address, B256, U256, keccak256};
use modelmark_digest::Sha256Digest;
use serde::Serialize;

use crate::bindings::ModelRegistry as abi;
use crate::{BasisPoints, ChainId, Kind, Relation, TokenId};

/// The largest royalty that a registry accepts, in basis points.
pub const MAX_ROYALTY_BPS: u16 = 1_000;
/// The most direct parents that a registry accepts.
pub const MAX_PARENTS: usize = 16;

/// The statement that a mint puts on chain. `weights`, `record`, `license`, `kind`, `creator` and `lineage` make the token's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInput {
    /// Digest inside the content id of the weights (`Manifest.weights.cid`).
    pub weights: Sha256Digest,
    /// Record id: SHA-256 of the record's canonical bytes.
    pub record: Sha256Digest,
    /// Digest inside the content id of the first training dataset.
    pub dataset: Option<Sha256Digest>,
    /// Digest that describes the architecture.
    pub architecture: Option<Sha256Digest>,
    /// Framework and version.
    pub framework: Option<ShortText>,
    /// Short canonical text or digest of the evaluation results.
    pub metrics: Option<B256>,
    /// The licence.
    pub license: License,
    /// What the token stands for.
    pub kind: Kind,
    /// ERC-2981 royalty, at most [`MAX_ROYALTY_BPS`].
    pub royalty: BasisPoints,
    /// Who made the model and consents to the mint.
    pub creator: Address,
    /// Direct parents.
    pub lineage: Lineage,
}

/// A licence: its SPDX expression byte for byte as the record spells it, and where a `LicenseRef-` licence's terms are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct License {
    spdx: String,
    uri: String,
}

/// Text of 1 to 31 bytes, which fits one word on chain (an OpenZeppelin `ShortString`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ShortText(String);

/// Direct parents in the order that the contract demands, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Lineage(Vec<Parent>);

/// One edge of the lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Parent {
    /// Where the parent's token is, when it is not in the child's own registry. The contract cannot look there: it is a claim.
    pub external: Option<ExternalRegistry>,
    /// The parent's token id in its registry.
    pub token_id: TokenId,
    /// How the child came from this parent.
    pub relation: Relation,
    /// Share of the child's revenue that its creator promises this parent.
    pub share: BasisPoints,
    /// Digest of a document that supports the edge; zero for none.
    pub evidence: B256,
}

/// An ERC-721 contract other than the registry itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalRegistry {
    /// Its chain.
    pub chain: ChainId,
    /// Its address.
    pub contract: Address,
}

/// The statement is not one that a registry accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelInputError {
    /// Royalty above the maximum.
    #[error("a royalty of {0} is above the maximum of {max} %", max = MAX_ROYALTY_BPS / 100)]
    Royalty(BasisPoints),
    /// More parents than the maximum.
    #[error("{0} parents are more than the {MAX_PARENTS} that a token can have")]
    TooManyParents(usize),
    /// One token is named twice as a parent.
    #[error("token {0} is named twice as a parent")]
    DuplicateParent(TokenId),
    /// The parents' shares exceed the whole.
    #[error("the parents' shares sum to {0} basis points, more than the whole (10000)")]
    Shares(u32),
    /// The licence expression is empty or too long for the licence book.
    #[error("a licence expression has 1 to 255 bytes, this one has {0}")]
    License(usize),
    /// The licence book has other terms under this `LicenseRef-` name.
    #[error(
        "the licence book has {there:?} as the terms of {spdx:?}, not {here:?}; choose another LicenseRef- name, such as one with a digest of the terms"
    )]
    LicenseTaken {
        /// The expression.
        spdx: String,
        /// Where the terms are by the book.
        there: String,
        /// Where they are by the record.
        here: String,
    },
    /// The licence book has terms under this `LicenseRef-` name, but the record names none: anyone may have put them there.
    #[error(
        "the licence book has {there:?} as the terms of {spdx:?}, but the record does not say where its terms are; if they are these, state that as the record's licence uri (`license-uri`), else choose another LicenseRef- name"
    )]
    LicenseUnstated {
        /// The expression.
        spdx: String,
        /// Where the terms are by the book.
        there: String,
    },
    /// The text does not fit one word on chain.
    #[error("{0:?} does not fit on chain: 1 to 31 bytes do")]
    ShortText(String),
    /// The creator of the statement is not the account that signs.
    #[error("the record names {creator} as creator, but the key is that of {signer}; use the creator's key, or let the creator sign")]
    NotCreator {
        /// Creator of the statement.
        creator: Address,
        /// Account of the key.
        signer: Address,
    },
    /// The word names no kind or relation.
    #[error("not a {what}: {word:?}")]
    Word {
        /// What was wanted.
        what: &'static str,
        /// The word.
        word: String,
    },
}

impl ModelInput {
    /// Checks what no single field can.
    ///
    /// # Errors
    /// The royalty is above the maximum.
    pub fn check(&self) -> Result<(), ModelInputError> {
        if self.royalty.get() > MAX_ROYALTY_BPS { Err(ModelInputError::Royalty(self.royalty)) } else { Ok(()) }
    }

    /// Returns the statement as the contract takes it.
    pub(crate) fn to_abi(&self) -> abi::ModelInput {
        let optional = |digest: Option<Sha256Digest>| digest.map_or(B256::ZERO, word);
        abi::ModelInput {
            weightsDigest: word(self.weights),
            recordDigest: word(self.record),
            datasetDigest: optional(self.dataset),
            architectureDigest: optional(self.architecture),
            framework: self.framework.as_ref().map_or(B256::ZERO, ShortText::to_word),
            metrics: self.metrics.unwrap_or_default(),
            license: self.license.digest(),
            kind: self.kind.number(),
            royaltyBps: self.royalty.get(),
            creator: self.creator,
            parents: self.lineage.to_abi(),
        }
    }
}

impl License {
    /// Returns the licence with this SPDX expression. `uri` is for `LicenseRef-` licences; SPDX's own have theirs derived.
    ///
    /// # Errors
    /// The expression is empty or longer than 255 bytes. Its grammar is the record's business, its characters the licence book's.
    pub fn new(spdx: &str, uri: Option<&str>) -> Result<Self, ModelInputError> {
        if spdx.is_empty() || spdx.len() > 255 {
            return Err(ModelInputError::License(spdx.len()));
        }
        Ok(Self { spdx: spdx.into(), uri: uri.unwrap_or_default().into() })
    }

    /// Returns a licence as a chain tells it, which may be any text.
    pub(crate) const fn told(spdx: String, uri: String) -> Self {
        Self { spdx, uri }
    }

    /// Returns the SPDX expression.
    #[must_use]
    pub fn spdx(&self) -> &str {
        &self.spdx
    }

    /// Returns where the terms are; empty when the expression has no page of its own.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Tells whether the expression has a part outside SPDX's list, whose terms are where the licence book's first registrant said.
    pub(crate) fn is_custom(&self) -> bool {
        self.spdx.contains("LicenseRef-")
    }

    /// Returns what stands for the licence in token ids: keccak256 of the expression.
    #[must_use]
    pub fn digest(&self) -> B256 {
        keccak256(self.spdx.as_bytes())
    }
}

impl ShortText {
    /// Returns the text as one word: bytes from the left, length in the last byte.
    #[must_use]
    pub fn to_word(&self) -> B256 {
        let mut word = [0; 32];
        for (to, from) in word.iter_mut().zip(self.0.as_bytes()) {
            *to = *from;
        }
        // At most 31 by construction.
        word[31] = u8::try_from(self.0.len()).unwrap_or_default();
        word.into()
    }

    /// Reads a word; `None` when it is zero or not a well-formed short text.
    #[must_use]
    pub fn from_word(word: &B256) -> Option<Self> {
        let text = word.get(..usize::from(*word.last()?))?;
        let text = Self(std::str::from_utf8(text).ok()?.into());
        // Every other spelling of the same text is malformed.
        (!text.0.is_empty() && text.to_word() == *word).then_some(text)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShortText {
    type Err = ModelInputError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > 31 {
            Err(ModelInputError::ShortText(text.chars().take(80).collect()))
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl Lineage {
    /// Puts parents into the contract's order.
    ///
    /// # Errors
    /// There are more than [`MAX_PARENTS`], one is named twice, or their shares exceed the whole.
    pub fn new(mut parents: Vec<Parent>) -> Result<Self, ModelInputError> {
        if parents.len() > MAX_PARENTS {
            return Err(ModelInputError::TooManyParents(parents.len()));
        }
        // The registry itself is (0, 0) on chain and comes first, as `None` does.
        parents.sort_by_key(|parent| (parent.external, parent.token_id));
        let same = |pair: &[Parent]| matches!(pair, [a, b] if (a.external, a.token_id) == (b.external, b.token_id));
        if let Some([twice, _]) = parents.windows(2).find(|pair| same(pair)) {
            return Err(ModelInputError::DuplicateParent(twice.token_id));
        }
        let shares = parents.iter().map(|parent| u32::from(parent.share.get())).sum();
        if shares > 10_000 {
            return Err(ModelInputError::Shares(shares));
        }
        Ok(Self(parents))
    }

    /// Returns the parents in order.
    #[must_use]
    pub fn parents(&self) -> &[Parent] {
        &self.0
    }

    pub(crate) fn to_abi(&self) -> Vec<abi::Parent> {
        self.0.iter().map(Parent::to_abi).collect()
    }
}

impl Parent {
    fn to_abi(&self) -> abi::Parent {
        abi::Parent {
            chainId: self.external.map_or(0, |registry| registry.chain.get()),
            registry: self.external.map_or(Address::ZERO, |registry| registry.contract),
            tokenId: self.token_id.get(),
            relation: self.relation.number(),
            shareBps: self.share.get(),
            evidence: self.evidence,
        }
    }
}

/// Returns a digest as a word on chain.
pub(crate) fn word(digest: Sha256Digest) -> B256 {
    B256::from(*digest.as_bytes())
}

/// Returns a word on chain as a digest; zero stands for none.
pub(crate) fn digest(word: B256) -> Option<Sha256Digest> {
    (word != B256::ZERO).then(|| Sha256Digest::from(word.0))
}

impl From<TokenId> for U256 {
    fn from(id: TokenId) -> Self {
        id.get()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a refused value is a failed test")]
    use super::*;
    use proptest::prelude::*;

    fn parent(external: Option<u64>, id: u64, bps: u16) -> Parent {
        Parent {
            external: external.map(|chain| ExternalRegistry { chain: chain.try_into().unwrap(), contract: Address::repeat_byte(1) }),
            token_id: U256::from(id).into(),
            relation: Relation::Merge,
            share: bps.try_into().unwrap(),
            evidence: B256::ZERO,
        }
    }

    #[test]
    fn parents_are_put_in_order() {
        let lineage = Lineage::new(vec![parent(Some(5), 1, 0), parent(None, 9, 0), parent(Some(1), 7, 0), parent(None, 2, 0)]).unwrap();
        let order: Vec<_> = lineage.to_abi().iter().map(|p| (p.chainId, p.tokenId.to::<u64>())).collect();
        assert_eq!(order, [(0, 2), (0, 9), (1, 7), (5, 1)]);
    }

    #[test]
    fn impossible_parents_are_refused() {
        assert_eq!(
            Lineage::new(vec![parent(None, 1, 0), parent(None, 1, 5)]).unwrap_err(),
            ModelInputError::DuplicateParent(U256::from(1).into())
        );
        assert_eq!(Lineage::new(vec![parent(None, 1, 9_999), parent(None, 2, 2)]).unwrap_err(), ModelInputError::Shares(10_001));
        assert_eq!(Lineage::new((0..17).map(|id| parent(None, id, 0)).collect()).unwrap_err(), ModelInputError::TooManyParents(17));
        assert!(Lineage::new(vec![parent(None, 1, 0), parent(Some(1), 1, 0)]).is_ok());
    }

    proptest! {
        #[test]
        fn short_text_round_trips(text in ".{0,40}") {
            match text.parse::<ShortText>() {
                Ok(short) => prop_assert_eq!(ShortText::from_word(&short.to_word()), Some(short)),
                Err(_) => prop_assert!(text.is_empty() || text.len() > 31),
            }
        }

        #[test]
        fn any_word_is_answered(word: [u8; 32]) {
            if let Some(text) = ShortText::from_word(&word.into()) {
                prop_assert_eq!(text.to_word(), B256::from(word));
            }
        }
    }
}
