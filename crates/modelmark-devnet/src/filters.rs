//! Installed filters: what a client wants to hear about, and up to where it has heard. They live in memory, as in every node.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use alloy::rpc::types::Filter;

/// How many filters are installed at most; a further one removes the one that was asked for the longest time ago.
const CAPACITY: usize = 256;

/// A filter that nobody asked about for this long is gone, as in geth.
const IDLE: Duration = Duration::from_secs(300);

/// What a filter listens to.
#[derive(Clone, Debug)]
pub(crate) enum Listening {
    /// Logs that match.
    Logs(Box<Filter>),
    /// Hashes of new blocks.
    Blocks,
    /// Hashes of new transactions; as every transaction is mined at once, those of new blocks.
    Transactions,
}

#[derive(Debug)]
struct Installed {
    listening: Listening,
    next_block: u64,
    used: Instant,
}

/// The installed filters.
#[derive(Debug, Default)]
pub(crate) struct Filters {
    installed: BTreeMap<u64, Installed>,
    last_id: u64,
}

impl Filters {
    /// Installs a filter that hears of blocks from `next_block` on, and returns its id.
    pub(crate) fn install(&mut self, listening: Listening, next_block: u64) -> u64 {
        self.installed.retain(|_, filter| filter.used.elapsed() < IDLE);
        if self.installed.len() >= CAPACITY
            && let Some(oldest) = self.installed.iter().min_by_key(|(_, filter)| filter.used).map(|(id, _)| *id)
        {
            self.installed.remove(&oldest);
        }
        self.last_id += 1;
        self.installed.insert(self.last_id, Installed { listening, next_block, used: Instant::now() });
        self.last_id
    }

    /// Removes a filter; `false` when there was none.
    pub(crate) fn uninstall(&mut self, id: u64) -> bool {
        self.installed.remove(&id).is_some()
    }

    /// Returns what a filter listens to and the first block that it has not heard of.
    pub(crate) fn get(&mut self, id: u64) -> Option<(Listening, u64)> {
        let filter = self.installed.get_mut(&id)?;
        filter.used = Instant::now();
        Some((filter.listening.clone(), filter.next_block))
    }

    /// Notes that a filter has heard of everything before `next_block`.
    pub(crate) fn heard(&mut self, id: u64, next_block: u64) {
        if let Some(filter) = self.installed.get_mut(&id) {
            filter.next_block = next_block;
        }
    }

    /// Makes every filter go on after `head`, because the blocks above it are gone.
    pub(crate) fn go_back(&mut self, head: u64) {
        for filter in self.installed.values_mut() {
            filter.next_block = filter.next_block.min(head.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_used_filter_makes_room() {
        let mut filters = Filters::default();
        let first = filters.install(Listening::Blocks, 0);
        let second = filters.install(Listening::Blocks, 0);
        for _ in 2..CAPACITY {
            filters.install(Listening::Transactions, 0);
        }
        assert!(filters.get(first).is_some());
        filters.install(Listening::Blocks, 0);
        assert!(filters.get(second).is_none());
        assert!(filters.get(first).is_some());
    }

    #[test]
    fn going_back_never_moves_forward() {
        let mut filters = Filters::default();
        let id = filters.install(Listening::Blocks, 9);
        filters.go_back(4);
        assert_eq!(filters.get(id).map(|(_, next)| next), Some(5));
        filters.go_back(7);
        assert_eq!(filters.get(id).map(|(_, next)| next), Some(5));
    }
}
