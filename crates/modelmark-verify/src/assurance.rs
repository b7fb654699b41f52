//! On whose word the chain part of a report rests, so that a policy can demand more than that it verifies. `docs/reference/assurance.md` says what each level
//! proves and what it does not; a test holds that page against these types.

use std::fmt;

use modelmark_chain::{Authenticity, Block, ReadAt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::stored;

/// How well the chain part of a report is known. There is none when nothing was read from a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Assurance {
    /// What is known of the code of the token's contract; absent when no contract was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractLevel>,
    /// On whose word the state of the chain rests.
    pub chain: ChainLevel,
    /// How many endpoints had to say the same, when several were named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
    /// The block that all of it was read at.
    pub block: SeenBlock,
}

/// How many endpoints had to say the same for an answer to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Agreement {
    /// How many.
    pub needed: usize,
    /// Of how many.
    pub of: usize,
}

/// The block that a verification saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SeenBlock {
    /// Height.
    pub number: u64,
    /// Hash, 0x-hex.
    pub hash: String,
    /// Unix time in seconds, as the block's maker states it.
    pub time: u64,
    /// Whether it can still be removed from the chain.
    pub finality: Finality,
}

/// The state of the chain that was looked at: plain data, as all evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChainView {
    /// On whose word it rests.
    pub level: ChainLevel,
    /// How many endpoints had to say the same, when several were named.
    pub agreement: Option<Agreement>,
    /// The block.
    #[serde(with = "stored::block")]
    #[schemars(with = "stored::BlockWords")]
    pub block: Block,
    /// Whether the block can still be removed.
    pub finality: Finality,
}

macro_rules! levels {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl $name {
            /// Every level, the weakest first.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the level as reports and policies spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

levels! {
    /// What is known of the code of a token's contract. Ordered: a greater level is a stronger one.
    ContractLevel {
        /// It forwards to other code, which its keeper may replace.
        Proxy = "proxy",
        /// A contract whose code is not known.
        Foreign = "foreign",
        /// The address book vouches for it; its code was not recognised.
        Listed = "listed",
        /// Our registry with constructor arguments of its maker's choice.
        Collection = "collection",
        /// Our registry, made by the canonical factory.
        FactoryCollection = "factory-collection",
        /// The canonical registry, which has no administrator.
        Canonical = "canonical",
    }
}

levels! {
    /// On whose word the state of the chain rests. Ordered: a greater level is a stronger one.
    ChainLevel {
        /// A bundle's proofs lead to the hash of a block, and its maker said that this is one of the chain's, at the time of the bundle.
        Bundle = "bundle",
        /// One endpoint said so.
        Endpoint = "endpoint",
        /// More than half of the endpoints that the user named said the same.
        Agreement = "agreement",
        /// Storage proofs lead to the hash of a block that the user named.
        Proof = "proof",
    }
}

levels! {
    /// Whether the block can still be removed from the chain. Ordered: a greater level is a stronger one.
    Finality {
        /// Nothing is known but that an endpoint has the block: a reorganisation may remove it.
        Latest = "latest",
        /// The chain's consensus calls the block safe.
        Safe = "safe",
        /// The chain's consensus calls the block finalized.
        Finalized = "finalized",
    }
}

impl ContractLevel {
    /// Returns the level of a contract; `None` where there is no contract.
    #[must_use]
    pub const fn of(contract: &Authenticity) -> Option<Self> {
        Some(match contract {
            Authenticity::Canonical => Self::Canonical,
            Authenticity::Collection { .. } => Self::Collection,
            Authenticity::FactoryCollection { .. } => Self::FactoryCollection,
            Authenticity::Listed { .. } => Self::Listed,
            Authenticity::Proxy { .. } => Self::Proxy,
            Authenticity::NoCode => return None,
            _ => Self::Foreign,
        })
    }
}

impl From<ReadAt> for Finality {
    fn from(read_at: ReadAt) -> Self {
        match read_at {
            ReadAt::Finalized => Self::Finalized,
            ReadAt::Safe => Self::Safe,
            // Whoever names a block knows it for other reasons than these.
            _ => Self::Latest,
        }
    }
}

impl ChainView {
    pub(crate) fn assurance(&self, contract: Option<&Authenticity>) -> Assurance {
        let Self { level, agreement, block, finality } = *self;
        Assurance {
            contract: contract.and_then(ContractLevel::of),
            chain: level,
            agreement,
            block: SeenBlock { number: block.number, hash: block.hash.to_string(), time: block.time, finality },
        }
    }
}

impl fmt::Display for Assurance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SeenBlock { number, finality, .. } = &self.block;
        if let Some(contract) = self.contract {
            write!(f, "contract {contract}, ")?;
        }
        write!(f, "chain by {}", self.chain)?;
        if let Some(Agreement { needed, of }) = self.agreement {
            write!(f, " of {needed} of {of} endpoints")?;
        }
        write!(f, ", block {number} ({finality})")
    }
}
