//! Which block a reader sees, and whether it may be believed to be of now.
//!
//! An endpoint that answers an old block hides whatever came after it: a recall, a dispute, an older claim. What can be held against that is the time that
//! the block's maker states, and the clock of this machine. Neither alone is worth much, so that a block from the future is refused as one of the past is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{Block, Chain, ChainError, ChainId, Network, ReadAt};

/// How far a block may be ahead of this machine's clock.
const MAX_AHEAD: Duration = Duration::from_secs(15 * 60);

/// The block that all reads of a [`Chain`] made by [`Chain::sight`] see.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The chain, read at that block and no other.
    pub chain: Chain,
    /// The block.
    pub block: Block,
    /// The strongest of [`ReadAt::Finalized`], [`ReadAt::Safe`] and [`ReadAt::Latest`] that holds for the block.
    pub finality: ReadAt,
}

/// There is no block to read at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SightError {
    /// The endpoint was asked for it and has no answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The block is older than was allowed.
    #[error(
        "{endpoint} answers an old block: block {} is of Unix time {}, {age} s before this machine's clock, and {bound} s are allowed; use another endpoint, \
         see that the clock is right, or allow more with --max-block-age",
        .block.number, .block.time
    )]
    Old {
        /// Who answered.
        endpoint: String,
        /// What.
        block: Block,
        /// How long before this machine's time, in seconds.
        age: u64,
        /// How long is allowed, in seconds.
        bound: u64,
    },
    /// The block is of the future.
    #[error(
        "{endpoint} answers a block of the future: block {} is of Unix time {}, {ahead} s after this machine's clock; set the clock, or use another endpoint",
        .block.number, .block.time
    )]
    Future {
        /// Who answered.
        endpoint: String,
        /// What.
        block: Block,
        /// How long after this machine's time, in seconds.
        ahead: u64,
    },
}

impl Chain {
    /// Finds the block that reads see now, and returns the chain read at that one.
    ///
    /// # Errors
    /// There is none, or it is too old or of the future.
    pub async fn sight(&self) -> Result<Sight, SightError> {
        let block = self.block().await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        // Whoever names a block by its number wants an old one.
        if !matches!(self.read_at(), ReadAt::Number(_) | ReadAt::Block(_)) {
            self.check_age(block, now)?;
        }
        let finality = match self.read_at() {
            ReadAt::Number(_) | ReadAt::Block(_) => self.finality_of(&block).await,
            tag => tag,
        };
        Ok(Sight { chain: self.clone().at(ReadAt::Block(block)), block, finality })
    }

    /// Tells whether the chain still has this block.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn still_has(&self, block: &Block) -> Result<bool, ChainError> {
        Ok(self.hash_at(block.number).await? == Some(block.hash))
    }

    fn check_age(&self, block: Block, now: u64) -> Result<(), SightError> {
        let Some(bound) = self.max_age().map(|bound| bound.as_secs()) else { return Ok(()) };
        let (age, ahead) = (now.saturating_sub(block.time), block.time.saturating_sub(now));
        let endpoint = self.endpoint().to_owned();
        if age > bound {
            return Err(SightError::Old { endpoint, block, age, bound });
        }
        if ahead > MAX_AHEAD.as_secs() {
            return Err(SightError::Future { endpoint, block, ahead });
        }
        Ok(())
    }

    /// What is below a final block of the same chain is final.
    async fn finality_of(&self, block: &Block) -> ReadAt {
        for tag in [ReadAt::Finalized, ReadAt::Safe] {
            if self.clone().at(tag).block().await.is_ok_and(|head| head.number >= block.number) {
                return tag;
            }
        }
        ReadAt::Latest
    }
}

impl ChainId {
    /// Returns how old a block may be by default: 3 hours on the networks that modelmark knows, whose blocks are final within the hour; no bound elsewhere,
    /// where blocks may be made when there is need of one.
    #[must_use]
    pub fn max_block_age(self) -> Option<Duration> {
        Network::of(self).map(|_| Duration::from_secs(3 * 3600))
    }
}
