//! What a policy file may demand besides signers, licences and standing: contracts and chains, parents, measurements, files, age and copies.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use modelmark_chain::{Address, ChainId, TokenRef};
use modelmark_digest::{ContentId, ContentIdError, Sha256Digest};
use modelmark_record::{Decimal, Label, Relation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::some;
use crate::{ChainLevel, ContractLevel, Finality};

/// Which contracts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContractRules {
    /// Contracts of which the token's has to be one.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub collections: Vec<Collection>,
    /// What has to be known of the contract's code, at least (docs/reference/assurance.md).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<ContractLevel>,
}

/// Which chains, and on whose word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChainRules {
    /// Chains of which the token's has to be one, as CAIP-2 ids.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ChainText>", length(min = 1))]
    pub allow: Vec<ChainId>,
    /// On whose word the state of the chain has to rest, at least (docs/reference/assurance.md).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<ChainLevel>,
    /// How final the block has to be, at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finality: Option<Finality>,
}

/// Which parents there have to be, and which must not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ParentRules {
    /// Each of these has to be an ancestor.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub require: Vec<ParentRule>,
    /// None of these may be an ancestor. What cannot be looked at from here, such as parents in other registries, may be.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub forbid: Vec<ParentRule>,
}

/// Ancestors, by all that is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ParentRule {
    /// The ancestor's token, CAIP-19.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<TokenText>")]
    pub token: Option<TokenRef>,
    /// The ancestor's record id, 0x-hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Digest>,
    /// CID of the ancestor's weights, or its digest as 0x-hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Digest>,
    /// How the step was made that ends at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// How many steps it is away at most: 1 for a parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<NonZeroU32>,
}

/// What measurements on the record have to say. They are the creator's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MetricRule {
    /// What was measured, letter by letter as records have it.
    pub metric: Label,
    /// The task that was measured; any when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Label>")]
    pub task: Option<Label>,
    /// The dataset that it was measured on; any when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Label>")]
    pub dataset: Option<Label>,
    /// The least value that will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// The greatest value that will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
}

/// Which formats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FormatRules {
    /// Formats of which every weights file has to be, by its content, such as `safetensors` and `gguf`.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub allow: Vec<Label>,
}

/// How old.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgeRules {
    /// How many days ago, at most, the record was made by its own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_days: Option<NonZeroU32>,
}

/// Where the model has to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StorageRules {
    /// Places that have to have taken it, such as `2 of {ipfs, arweave, s3}`: by the receipts that the store knows of, which are the places' word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
}

/// Declares a type that is written as text.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident($inner:ty), $schema:tt) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name($inner);

        impl $name {
            /// Returns the value.
            #[must_use]
            pub const fn get(&self) -> &$inner {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        schema!($name, $schema);
    };
}

macro_rules! schema {
    ($name:ident, $schema:tt) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}

text! {
    /// A contract: an address, on any chain, or `eip155:<chain>:0x…`.
    Collection((Option<ChainId>, Address)), {"type": "string", "pattern": "^(eip155:[1-9][0-9]{0,19}:)?0x[0-9a-fA-F]{40}$"}
}
text! {
    /// A SHA-256: 0x and 64 hexadecimal digits, or a CID that holds one.
    Digest(Sha256Digest), {"type": "string", "pattern": "^(0x[0-9a-f]{64}|b[a-z2-7]+|Qm[1-9A-HJ-NP-Za-km-z]{44})$"}
}
text! {
    /// A demand on places, such as `2 of {ipfs, arweave}`.
    Keep(modelmark_remote::Policy), {"type": "string", "maxLength": 4096}
}

/// A decimal number, as a number or a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Number(Decimal);

/// How the schema speaks of chains.
struct ChainText;
/// How the schema speaks of tokens.
struct TokenText;

schema!(Number, {"anyOf": [{"type": "number"}, {"type": "string", "maxLength": 64, "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?$"}]});
schema!(ChainText, {"type": "string", "pattern": "^eip155:[1-9][0-9]{0,19}$"});
schema!(TokenText, {"type": "string", "pattern": "^eip155:[1-9][0-9]{0,19}/erc721:0x[0-9a-fA-F]{40}/(0|[1-9][0-9]{0,77})$"});

impl Collection {
    /// Tells whether a token is of this contract.
    #[must_use]
    pub fn holds(&self, token: &TokenRef) -> bool {
        let (chain, address) = self.0;
        address == token.contract() && chain.is_none_or(|chain| chain == token.chain())
    }
}

impl FromStr for Collection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = |text: &str| modelmark_chain::parse_address(text).map_err(|error| error.to_string());
        match text.rsplit_once(':') {
            Some((chain, contract)) => Ok(Self((Some(chain.parse().map_err(|error| format!("{error}"))?), address(contract)?))),
            None => Ok(Self((None, address(text)?))),
        }
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (chain, address) = self.0;
        if let Some(chain) = chain {
            write!(f, "{chain}:")?;
        }
        f.write_str(&address.to_checksum(None))
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shown = || text.chars().take(100).collect::<String>();
        if text.starts_with("0x") {
            return text.parse().map(Self).map_err(|_| format!("{:?} is not 0x and the 64 hexadecimal digits of a SHA-256", shown()));
        }
        text.parse::<ContentId>().map(|id| Self(id.digest())).map_err(|error| match error {
            ContentIdError::Unsupported(_) => error.to_string(),
            _ => format!("{:?} is neither 0x-hex nor a CID", shown()),
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_0x())
    }
}

impl From<Sha256Digest> for Digest {
    fn from(digest: Sha256Digest) -> Self {
        Self(digest)
    }
}

impl FromStr for Keep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Number {
    /// Returns the number.
    #[must_use]
    pub const fn get(&self) -> &Decimal {
        &self.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(i64),
            // The shortest decimal that a float stands for is the one that was written, up to 15 digits.
            Float(f64),
            Text(Decimal),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Whole(number) => number.to_string(),
            Written::Float(number) => number.to_string(),
            Written::Text(text) => return Ok(Self(text)),
        };
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl ParentRule {
    /// Tells whether the rule names which ancestor it means; without, any of the relation is meant.
    #[must_use]
    pub const fn names_one(&self) -> bool {
        self.token.is_some() || self.record.is_some() || self.weights.is_some()
    }

    /// Tells whether the rule can be held against an ancestor of which only the token is known.
    #[must_use]
    pub const fn needs_a_look(&self) -> bool {
        self.record.is_some() || self.weights.is_some()
    }
}
