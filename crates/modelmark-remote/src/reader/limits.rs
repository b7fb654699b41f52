//! How much is read, and how long anybody is waited for.

use std::time::Duration;

use modelmark_digest::ContentId;
use modelmark_storage::{MAX_BLOCK_BYTES, MAX_DEPTH};

use crate::RemoteError;

/// How much is read before a reader gives up, and how long it waits for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of all blocks of one read.
    pub bytes: u64,
    /// Most blocks of one read.
    pub blocks: u64,
    /// Most levels of a file's tree, and most folders below each other.
    pub depth: u32,
    /// Longest time for one read.
    pub time: Duration,
    /// How long a place may send nothing.
    pub idle: Duration,
    /// Bytes per second that a place has to send at least, counted over [`Limits::idle`].
    pub rate: u64,
    /// After how long the next place is asked too.
    pub stagger: Duration,
    /// How often a place is asked again that broke off, or asked to wait.
    pub retries: u32,
    /// Longest time that a place may ask to wait.
    pub wait: Duration,
    /// How many blocks are fetched at once.
    pub parallel: usize,
}

impl Limits {
    /// Enough for a record, its signatures and metadata: 4096 blocks, 64 MiB, two minutes.
    pub const RECORD: Self = Self {
        bytes: 64 << 20,
        blocks: 4096,
        depth: MAX_DEPTH,
        time: Duration::from_secs(120),
        idle: Duration::from_secs(30),
        rate: 32 << 10,
        stagger: Duration::from_millis(750),
        retries: 3,
        wait: Duration::from_secs(30),
        parallel: 8,
    };
    /// Enough for a model: 64 Mi blocks, 16 TiB, 30 days.
    pub const MODEL: Self = Self {
        bytes: 16 << 40,
        blocks: 64 << 20,
        time: Duration::from_secs(30 * 24 * 3600),
        wait: Duration::from_secs(300),
        retries: 6,
        ..Self::RECORD
    };

    /// Returns how long a place may take for one block.
    pub(super) fn block_time(&self) -> Duration {
        self.idle + Duration::from_secs_f64(MAX_BLOCK_BYTES as f64 / self.rate.max(1) as f64)
    }

    /// Runs `work` for as long as one read may take.
    pub(super) async fn in_time<T>(&self, root: &ContentId, work: impl Future<Output = Result<T, RemoteError>>) -> Result<T, RemoteError> {
        let late = || RemoteError::Limit { root: *root, limit: self.time.as_secs(), what: "seconds" };
        tokio::time::timeout(self.time, work).await.map_err(|_| late())?
    }
}
