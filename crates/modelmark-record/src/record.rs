//! The record: ERC-721 metadata that carries the provenance of a model. One document, so that `tokenURI` points at the bytes that were signed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canonical::CanonicalRecord;
use crate::value::{ImageUri, Label, Prose, Scalar, Uri};
use crate::{Provenance, RecordError};

/// A provenance record, version 1. Its canonical bytes (RFC 8785) are what is signed, stored and named on chain.
///
/// The keys outside `provenance` are those that wallets and marketplaces render; `provenance` is what counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Name of the model, as wallets show it and as the creator signs it.
    pub name: Label,
    /// What the model is, for people.
    pub description: Prose,
    /// Picture that wallets and marketplaces show.
    pub image: ImageUri,
    /// Page about the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub external_url: Option<Uri>,
    /// Traits that marketplaces list; presentation only, `provenance` decides. At most 100.
    #[schemars(length(max = 100))]
    pub attributes: Vec<Attribute>,
    /// Where the model comes from.
    pub provenance: Provenance,
}

/// One trait of the ERC-721 metadata conventions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Name of the trait.
    pub trait_type: Label,
    /// Text or integer.
    pub value: Scalar,
    /// `number` exactly when the value is an integer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "DisplayType")]
    pub display_type: Option<DisplayType>,
}

/// How a marketplace shows an integer trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DisplayType {
    /// As a plain number.
    Number,
}

impl Record {
    /// Reads a record from its canonical bytes.
    ///
    /// # Errors
    ///
    /// Refuses bytes beyond the bounds before reading them, JSON with duplicate keys or inexact numbers, unknown keys, values that their types
    /// refuse, contradictions between parts, and bytes that are not the canonical form.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        CanonicalRecord::parse(bytes).map(CanonicalRecord::into_record)
    }

    /// Returns the record with its canonical bytes and id.
    ///
    /// # Errors
    ///
    /// Refuses a record whose parts contradict each other, that is too large, or that holds something private.
    pub fn canonical(&self) -> Result<CanonicalRecord, RecordError> {
        CanonicalRecord::encode(self)
    }
}

impl Attribute {
    /// Returns a trait with a text.
    #[must_use]
    pub const fn text(trait_type: Label, value: Label) -> Self {
        Self { trait_type, value: Scalar::Text(value), display_type: None }
    }

    /// Returns a trait with an integer.
    #[must_use]
    pub fn number(trait_type: Label, value: crate::Count) -> Self {
        // A count is below 2^53.
        let value = Scalar::Integer(i64::try_from(value.get()).unwrap_or(i64::MAX));
        Self { trait_type, value, display_type: Some(DisplayType::Number) }
    }
}
