//! Who gave how much.

use serde::{Deserialize, Serialize};

/// What one read brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Number of blocks that were handed on.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What each place gave, in the order of the places.
    pub places: Vec<Served>,
}

/// What a place gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Served {
    /// The place's URL.
    pub place: String,
    /// Number of blocks from it that were right.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Why it was dismissed, if it was: what it sent is not what it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed: Option<String>,
}
