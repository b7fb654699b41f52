//! Files that stand behind a record: those that values were captured from, and those that travel with it.

use modelmark_digest::{ContentId, Sha256Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;
use crate::value::{Count, Label, MediaType, hash};

/// Which file a value was captured from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRef {
    /// Key of `provenance`, or of the record, that was filled; keys inside it after a dot.
    pub field: Label,
    /// Path of the file within the model; one outside starts with `../`.
    pub file: Label,
    /// SHA-256 of the file as it was read.
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub sha256: Sha256Digest,
}

/// A document that travels with the record, such as a bill of materials. Its bytes are fetched by their CID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Attachment {
    /// Its name; no two attachments share one.
    pub name: Label,
    /// Its media type.
    pub media_type: MediaType,
    /// CID of its bytes.
    #[schemars(with = "schema::Cid")]
    pub cid: ContentId,
    /// SHA-256 of its bytes; the digest inside a raw CID is the same.
    #[serde(with = "hash")]
    #[schemars(with = "schema::Hash")]
    pub sha256: Sha256Digest,
    /// Its size in bytes.
    pub size: Count,
}
