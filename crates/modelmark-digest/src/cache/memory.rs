//! A cache that lives as long as the process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{CacheKey, DigestCache};

/// A cache in memory, without a bound: for tests and for programs that fingerprint the same files again and again.
#[derive(Debug, Default)]
pub struct MemoryCache(Mutex<HashMap<CacheKey, Vec<u8>>>);

impl DigestCache for MemoryCache {
    fn name(&self) -> &str {
        "memory"
    }

    fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: &CacheKey, value: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, value.to_vec());
    }
}
