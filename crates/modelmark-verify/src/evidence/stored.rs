//! How evidence spells the values of other crates in its file: each by one word or text, and read back by the type's own rules.

use std::borrow::Cow;

use data_encoding::BASE64;
use modelmark_chain::{Address, Authenticity, Block, Collection, CollectionTerms, Judgement, Relation, Status, TokenRef};
use modelmark_record::{SignatureBytes, Signer, WalletQuestion};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Descent, Finding, Look};

/// What a type says of itself as text.
pub(crate) mod spelled {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Declares how a value of another crate is written: as a type of ours, from which it is read back.
macro_rules! stored_as {
    ($name:ident: $type:ty as $stored:ty) => {
        pub(crate) mod $name {
            use super::*;

            pub(crate) fn serialize<S: Serializer>(value: &$type, serializer: S) -> Result<S::Ok, S::Error> {
                <$stored>::from(value.clone()).serialize(serializer)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                <$type>::try_from(<$stored>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

stored_as!(contract: Authenticity as Contract);
stored_as!(block: Block as BlockWords);
stored_as!(question: WalletQuestion as Question);

/// Bytes as base64 (RFC 4648, padded).
pub(crate) mod packed {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        BASE64.decode(String::deserialize(deserializer)?.as_bytes()).map_err(serde::de::Error::custom)
    }
}

/// The code of a finding.
pub(crate) mod finding {
    use modelmark_formats::FindingCode;

    use super::*;

    pub(crate) fn serialize<S: Serializer>(code: &FindingCode, serializer: S) -> Result<S::Ok, S::Error> {
        Finding::from(*code).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FindingCode, D::Error> {
        Ok(Finding::deserialize(deserializer)?.code())
    }
}

/// What curators say.
pub(crate) mod judgements {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(words: &Look<Vec<Judgement>>, serializer: S) -> Result<S::Ok, S::Error> {
        let stored: Look<Vec<CuratorWord>> = words.clone().map(|words| words.into_iter().map(CuratorWord::from).collect());
        stored.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Look<Vec<Judgement>>, D::Error> {
        let read = |words: Vec<CuratorWord>| words.into_iter().map(Judgement::try_from).collect::<Result<Vec<_>, _>>();
        Ok(match Look::<Vec<CuratorWord>>::deserialize(deserializer)?.map(read) {
            Look::Found(words) => Look::Found(words.map_err(serde::de::Error::custom)?),
            Look::Absent(why) => Look::Absent(why),
            Look::Unreachable(why) => Look::Unreachable(why),
            Look::NotAsked => Look::NotAsked,
        })
    }
}

/// What is known of a contract.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(crate) enum Contract {
    /// The canonical registry.
    Canonical,
    /// Our registry with other constructor arguments.
    Collection {
        /// The constructor arguments.
        #[schemars(with = "Object")]
        collection: Collection,
        /// Whether its licences are in the canonical licence book.
        canonical_license_book: bool,
    },
    /// A collection that the canonical factory made.
    FactoryCollection {
        /// ERC-721 name.
        name: String,
        /// ERC-721 symbol.
        symbol: String,
        /// Who decides who may submit mints.
        #[serde(with = "spelled")]
        #[schemars(with = "String")]
        authority: Address,
    },
    /// One that the address book has.
    Listed {
        /// What the book calls it.
        name: String,
    },
    /// One that forwards to other code.
    Proxy {
        /// Where it forwards to.
        #[serde(with = "spelled")]
        #[schemars(with = "String")]
        target: Address,
    },
    /// One that is not ours.
    Foreign,
    /// None.
    NoCode,
}

impl From<Authenticity> for Contract {
    fn from(contract: Authenticity) -> Self {
        match contract {
            Authenticity::Canonical => Self::Canonical,
            Authenticity::Collection { collection, canonical_license_book } => Self::Collection { collection, canonical_license_book },
            Authenticity::FactoryCollection { terms: CollectionTerms { name, symbol, authority } } => {
                Self::FactoryCollection { name, symbol, authority }
            }
            Authenticity::Listed { name } => Self::Listed { name },
            Authenticity::Proxy { target } => Self::Proxy { target },
            Authenticity::NoCode => Self::NoCode,
            // A kind that is not known here is judged as one that is not ours.
            _ => Self::Foreign,
        }
    }
}

impl From<Contract> for Authenticity {
    fn from(contract: Contract) -> Self {
        match contract {
            Contract::Canonical => Self::Canonical,
            Contract::Collection { collection, canonical_license_book } => Self::Collection { collection, canonical_license_book },
            Contract::FactoryCollection { name, symbol, authority } => {
                Self::FactoryCollection { terms: CollectionTerms { name, symbol, authority } }
            }
            Contract::Listed { name } => Self::Listed { name },
            Contract::Proxy { target } => Self::Proxy { target },
            Contract::Foreign => Self::Foreign,
            Contract::NoCode => Self::NoCode,
        }
    }
}

/// A block.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct BlockWords {
    /// Height.
    number: u64,
    /// Hash, 0x-hex.
    hash: String,
    /// Unix time in seconds.
    time: u64,
}

impl From<Block> for BlockWords {
    fn from(block: Block) -> Self {
        Self { number: block.number, hash: block.hash.to_string(), time: block.time }
    }
}

impl TryFrom<BlockWords> for Block {
    type Error = String;

    fn try_from(words: BlockWords) -> Result<Self, String> {
        Ok(Self { number: words.number, hash: words.hash.parse().map_err(|_| "no hash of a block".to_owned())?, time: words.time })
    }
}

/// What a contract wallet was asked.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Question {
    /// The wallet, CAIP-10.
    wallet: Signer,
    /// What was signed, 0x-hex.
    digest: String,
    /// The signature, 0x-hex.
    signature: SignatureBytes,
}

impl From<WalletQuestion> for Question {
    fn from(question: WalletQuestion) -> Self {
        let WalletQuestion { wallet, digest, signature } = question;
        Self { wallet, digest: digest.to_string(), signature }
    }
}

impl TryFrom<Question> for WalletQuestion {
    type Error = String;

    fn try_from(question: Question) -> Result<Self, String> {
        let Question { wallet, digest, signature } = question;
        Ok(Self { wallet, digest: digest.parse().map_err(|_| "no digest of what was signed".to_owned())?, signature })
    }
}

/// What a curator says of a token.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CuratorWord {
    /// Who says it.
    #[serde(with = "spelled")]
    #[schemars(with = "String")]
    curator: Address,
    /// What.
    #[serde(with = "spelled")]
    #[schemars(with = "String")]
    status: Status,
    /// Last second, in Unix time, at which it counts.
    until: Option<u64>,
    /// Digest of the document with the reasons, 0x-hex.
    evidence: String,
}

impl From<Judgement> for CuratorWord {
    fn from(word: Judgement) -> Self {
        let Judgement { curator, status, until, evidence } = word;
        Self { curator, status, until, evidence: evidence.to_string() }
    }
}

impl TryFrom<CuratorWord> for Judgement {
    type Error = String;

    fn try_from(word: CuratorWord) -> Result<Self, String> {
        let CuratorWord { curator, status, until, evidence } = word;
        Ok(Self { curator, status, until, evidence: evidence.parse().map_err(|_| "no digest of a document".to_owned())? })
    }
}

/// One step from a token to a parent.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Step {
    /// How the child came from the parent.
    #[serde(with = "spelled")]
    #[schemars(with = "String")]
    relation: Relation,
    /// The parent, CAIP-19.
    #[schemars(with = "String")]
    token: TokenRef,
}

impl From<Descent> for Vec<Step> {
    fn from(descent: Descent) -> Self {
        descent.0.into_iter().map(|(relation, token)| Step { relation, token }).collect()
    }
}

impl From<Vec<Step>> for Descent {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps.into_iter().map(|step| (step.relation, step.token)).collect())
    }
}

impl JsonSchema for Descent {
    fn schema_name() -> Cow<'static, str> {
        "Descent".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<Step>::json_schema(generator)
    }
}

/// How the schema speaks of what has a form of its own: fingerprints as `modelmark digest --json` gives them, receipts as the block store keeps them.
pub(crate) struct Object;

impl JsonSchema for Object {
    fn schema_name() -> Cow<'static, str> {
        "Object".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object"})
    }
}
