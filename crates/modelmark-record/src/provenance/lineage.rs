//! The models that a model was made from.

use modelmark_digest::{ContentId, Sha256Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;
use crate::value::{AssetId, Label, ShareBps, TokenId, Uri, hashes, optional_hash};

/// How a model was made from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The next version of the same model.
    Version,
    /// Trained further.
    Finetune,
    /// Weights to be used together with the parent.
    Adapter,
    /// Combined from several parents.
    Merge,
    /// Stored with fewer bits.
    Quantized,
    /// With parts removed.
    Pruned,
    /// Trained to imitate the parent.
    Distilled,
    /// Stored in another format.
    Converted,
}

/// One step of lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Edge {
    /// How the model was made from the parent.
    pub relation: Relation,
    /// Share of the model's revenue that goes to the parent, in basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ShareBps")]
    pub share_bps: Option<ShareBps>,
    /// The parent.
    pub parent: Parent,
    /// SHA-256 of documents that show it, such as a report of compared weights. At most 16, none twice.
    #[serde(default, with = "hashes", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<schema::Hash>", length(min = 1, max = 16))]
    pub evidence: Vec<Sha256Digest>,
}

/// A parent model, named by at least one of `token`, `tokenId`, `cid` and `weightsHash`: a name alone binds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("anyOf" = [{"required": ["token"]}, {"required": ["tokenId"]}, {"required": ["cid"]}, {"required": ["weightsHash"]}]))]
pub struct Parent {
    /// Its token on a named chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AssetId")]
    pub token: Option<AssetId>,
    /// Its token in the registry that this record is minted in, on whichever chain that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TokenId")]
    pub token_id: Option<TokenId>,
    /// CID of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Cid")]
    pub cid: Option<ContentId>,
    /// SHA-256 of its weights.
    #[serde(default, with = "optional_hash", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Hash")]
    pub weights_hash: Option<Sha256Digest>,
    /// Where it can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub uri: Option<Uri>,
    /// Its name, such as a hub id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Label")]
    pub name: Option<Label>,
}
