//! How much is taken on.

use std::time::Duration;

/// The bounds of a router.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Most bytes of a request's body (8 MiB: an API server sends the old and the new object, each of up to 1.5 MiB, and a manifest of 20,000 files fits).
    pub body: usize,
    /// How long a request may take, its body included (8 s: an API server waits for 10 s).
    pub deadline: Duration,
    /// Most requests that are worked on at once; who comes on top is told to come back in a second (32).
    pub at_once: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { body: 8 << 20, deadline: Duration::from_secs(8), at_once: 32 }
    }
}
