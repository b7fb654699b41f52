//! What a gateway refuses, and how much it does at once.

use std::collections::BTreeSet;
use std::time::Duration;

use modelmark_digest::Sha256Digest;

/// The bounds of a gateway.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Most answers that are being made or streamed at once; who comes on top is told to come back in a second (32).
    pub answers: usize,
    /// Most blocks of one CAR; a longer one is broken off (1,048,576: 256 GiB of leaves in the default profile).
    pub blocks: u64,
    /// Most names in a path (64).
    pub names: usize,
    /// How long a client may take to accept the next piece of an answer before it is broken off (30 s).
    pub patience: Duration,
    /// Digests of blocks that are not given out, whatever their codec.
    pub denied: BTreeSet<Sha256Digest>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { answers: 32, blocks: 1 << 20, names: 64, patience: Duration::from_secs(30), denied: BTreeSet::new() }
    }
}
