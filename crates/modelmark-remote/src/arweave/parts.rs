//! What is too large for one item: a list of items, each a CAR with the same root and some of the blocks, in their order.

use modelmark_digest::ContentId;
use serde::{Deserialize, Serialize};

use super::ItemId;

/// Media type of a list of parts.
pub(crate) const PARTS_TYPE: &str = "application/vnd.modelmark.car-parts+json";
/// Longest list that is read, in bytes.
pub(crate) const MAX_LIST_BYTES: u64 = 2 << 20;
/// Most parts: with the longest that we write 1.5 TiB.
const MAX_PARTS: usize = 16_384;
const FORMAT: &str = "modelmark-car-parts/1";

/// The parts of a CAR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parts {
    format: String,
    /// The root of each part.
    root: ContentId,
    /// The parts in order.
    pub(crate) parts: Vec<PartOf>,
}

/// A part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartOf {
    id: String,
    /// Its length in bytes.
    pub(crate) bytes: u64,
}

impl Parts {
    pub(crate) fn new(root: ContentId, parts: &[(ItemId, u64)]) -> Self {
        let part = |(id, bytes): &(ItemId, u64)| PartOf { id: id.to_string(), bytes: *bytes };
        Self { format: FORMAT.to_owned(), root, parts: parts.iter().map(part).collect() }
    }

    /// Reads a list of the parts of `root`.
    pub(crate) fn read(bytes: &[u8], root: &ContentId) -> Result<Self, String> {
        let list: Self = serde_json::from_slice(bytes).map_err(|error| format!("no list of parts: {error}"))?;
        if list.format != FORMAT {
            return Err("a list of parts of another format".to_owned());
        }
        if list.root != *root {
            return Err("a list of the parts of something else".to_owned());
        }
        if list.parts.is_empty() || list.parts.len() > MAX_PARTS {
            return Err(format!("a list of {} parts, where 1 to {MAX_PARTS} are accepted", list.parts.len()));
        }
        if list.parts.iter().any(|part| part.id().is_none()) {
            return Err("a list with a part that has no id".to_owned());
        }
        Ok(list)
    }
}

impl PartOf {
    /// Returns the item's id.
    pub(crate) fn id(&self) -> Option<ItemId> {
        self.id.parse().ok()
    }
}
