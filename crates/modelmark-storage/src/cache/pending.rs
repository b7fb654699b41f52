//! What a process has found out and not yet written: a transaction for each of a million small files would take longer than reading them.

use std::collections::{HashMap, HashSet};

use modelmark_digest::cache::CacheKey;
use rusqlite::Transaction;

use super::guard_of;

/// So many values, or so many bytes of them, are written together.
const BATCH_VALUES: usize = 4096;
const BATCH_BYTES: usize = 8 << 20;
/// A use is noted when the last note is this old, in seconds; finer would turn every read into a write.
const USE_GRAIN: i64 = 3600;

/// Values to keep and keys that were used.
#[derive(Debug, Default)]
pub(super) struct Pending {
    values: HashMap<CacheKey, Vec<u8>>,
    bytes: usize,
    used: HashSet<CacheKey>,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.used.is_empty()
    }

    /// Returns the value that is to be kept under `key`.
    pub(super) fn kept(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.values.get(key).cloned()
    }

    /// Adds a value; returns everything when it is time to write it.
    pub(super) fn keep(&mut self, key: &CacheKey, value: &[u8]) -> Option<Self> {
        self.bytes += value.len();
        self.values.insert(*key, value.to_vec());
        (self.values.len() >= BATCH_VALUES || self.bytes >= BATCH_BYTES).then(|| std::mem::take(self))
    }

    /// Notes that a value was used. Beyond a bound it is not noted: the value only seems older than it is.
    pub(super) fn touch(&mut self, key: &CacheKey) {
        if self.used.len() < 16 * BATCH_VALUES {
            self.used.insert(*key);
        }
    }

    pub(super) fn write(&self, transaction: &Transaction<'_>, now: i64) -> rusqlite::Result<()> {
        let mut use_again = transaction.prepare_cached("UPDATE digests SET used = ?2 WHERE key = ?1 AND abs(?2 - used) > ?3")?;
        for key in &self.used {
            use_again.execute((key.as_bytes().as_slice(), now, USE_GRAIN))?;
        }
        let sql = "INSERT OR REPLACE INTO digests (key, value, guard, used) VALUES (?1, ?2, ?3, ?4)";
        let mut keep = transaction.prepare_cached(sql)?;
        for (key, value) in &self.values {
            keep.execute((key.as_bytes().as_slice(), value, guard_of(key, value), now))?;
        }
        Ok(())
    }
}
