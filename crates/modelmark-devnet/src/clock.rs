//! The chain's clock: the machine's, moved forward by what `evm_increaseTime` asked for.

use std::time::{SystemTime, UNIX_EPOCH};

/// The settings of the clock, kept with the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clock {
    /// Seconds ahead of the machine's clock.
    pub(crate) ahead: u64,
    /// The timestamp that the next block must have.
    pub(crate) next: Option<u64>,
}

impl Clock {
    /// Returns the timestamp for the block after `parent`, which must be later than its parent's, and the clock from then on.
    pub(crate) fn tick(self, parent: u64) -> (u64, Self) {
        let earliest = parent.saturating_add(1);
        match self.next {
            Some(promised) => {
                let timestamp = promised.max(earliest);
                (timestamp, Self { ahead: timestamp.saturating_sub(now()), next: None })
            }
            None => (now().saturating_add(self.ahead).max(earliest), self),
        }
    }

    /// Returns the clock moved forward.
    pub(crate) fn forward(self, seconds: u64) -> Self {
        Self { ahead: self.ahead.saturating_add(seconds), ..self }
    }
}

/// Returns the machine's time in Unix seconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_never_share_a_timestamp() {
        let future = now() + 1_000;
        assert_eq!(Clock::default().tick(future).0, future + 1);
    }

    #[test]
    fn a_promised_timestamp_is_kept_once_and_the_clock_runs_on_from_it() {
        let promised = now() + 5_000;
        let (timestamp, after) = Clock { ahead: 0, next: Some(promised) }.tick(0);
        assert_eq!(timestamp, promised);
        assert_eq!(after.next, None);
        assert!(after.tick(0).0 >= promised);
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        assert_eq!(Clock::default().forward(u64::MAX).tick(0).0, u64::MAX);
        assert_eq!(Clock::default().tick(u64::MAX).0, u64::MAX);
    }
}
