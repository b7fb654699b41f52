//! What a creator states about a model when its token is minted, in checked types.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::{Address, B256, U256, keccak256};
use modelmark_digest::Sha256Digest;
use serde::Serialize;

use crate::bindings::ModelRegistry as abi;
use crate::{BasisPoints, ChainId, TokenId};

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

/// Defines an enum that is one byte on chain and one word everywhere else.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident ($what:literal) { $($(#[$variant_doc:meta])* $variant:ident = $number:literal $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "lowercase")]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_doc])* $variant = $number),* }

        impl $name {
            /// Returns the word that records, the command line and reports use.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Returns the number on chain.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = ModelInputError;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(ModelInputError::Word { what: $what, word: word.chars().take(80).collect() }),
                }
            }
        }

        impl TryFrom<u8> for $name {
            type Error = ModelInputError;

            fn try_from(number: u8) -> Result<Self, Self::Error> {
                match number {
                    $($number => Ok(Self::$variant),)*
                    _ => Err(ModelInputError::Word { what: $what, word: number.to_string() }),
                }
            }
        }
    };
}

words! {
    /// What a token stands for.
    Kind ("kind of token") {
        /// A whole model.
        Model = 0 "model",
        /// An adapter, useless without its base model.
        Adapter = 1 "adapter",
        /// A dataset.
        Dataset = 2 "dataset",
    }
}

words! {
    /// Where a token stands in its life.
    Status ("status") {
        /// Nothing speaks against it.
        Active = 0 "active",
        /// The creator advises against new use.
        Deprecated = 1 "deprecated",
        /// A newer version replaces it.
        Superseded = 2 "superseded",
        /// The creator withdraws it.
        Recalled = 3 "recalled",
        /// A curator disputes it.
        Disputed = 4 "disputed",
        /// A dispute was confirmed.
        Revoked = 5 "revoked",
    }
}

words! {
    /// How a child came from its parent.
    Relation ("relation") {
        /// The next version of the parent.
        Version = 0 "version",
        /// Trained further from the parent's weights.
        FineTune = 1 "finetune",
        /// An adapter for the parent.
        Adapter = 2 "adapter",
        /// Merged from the parent and others.
        Merge = 3 "merge",
        /// The parent with fewer bits.
        Quantized = 4 "quantized",
        /// The parent with parts removed.
        Pruned = 5 "pruned",
        /// Trained on the parent's outputs.
        Distilled = 6 "distilled",
        /// The parent in another format.
        Converted = 7 "converted",
    }
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

    #[test]
    fn words_and_numbers_agree() {
        for number in 0..8 {
            let relation = Relation::try_from(number).unwrap();
            assert_eq!((relation.number(), relation.word().parse()), (number, Ok(relation)));
        }
        assert!(Relation::try_from(8).is_err() && Kind::try_from(3).is_err() && Status::try_from(6).is_err());
        assert!("Merge".parse::<Relation>().is_err());
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
