//! Digests kept from earlier runs, so that publishing a large model again after an edit of its README reads the README only.
//!
//! # What this trusts
//!
//! A file is taken for unchanged when device, inode, size, modification time and *change time* (ctime) are what they were. Tools set the
//! modification time at will; the change time is the kernel's own, and every write, truncation, rename, link and change of times moves it on. So the
//! cache trusts the kernel and its clock, and whoever may write the directory that the cache lies in. It can be fooled
//!
//! - by root, who can set the clock back, write to the raw device, or mount a file system whose times were written elsewhere;
//! - by a program that writes through a shared memory mapping: the kernel moves the times on at the first write after a page was written back, so
//!   further writes within the next half minute or so can carry the time of the first;
//! - by whoever can write the cache itself: that is the user, and what the user runs.
//!
//! For these reasons checks that guard something do not use it unless asked to.
//!
//! # What is never taken from it
//!
//! - A **racy** entry: one whose file was changed, by either of its times, less than [`RACY_MARGIN`] before it was read. A second write within one
//!   tick of the file system's clock (two seconds on FAT) would leave the same times behind. Such an entry is not even kept.
//! - An entry of a file whose times lie in the future, which is what a clock that was set back looks like.
//! - Anything from file systems that do not take their times from this machine's clock (network and user-space file systems).
//! - An entry that is damaged, of another version, or lacks a digest that is asked for now.

mod known;
mod memo;
mod memory;

use std::time::Duration;

use ring::digest::{Context, SHA256};

pub use memory::MemoryCache;

pub(crate) use memo::Memo;

use crate::walk::Stamp;
use crate::{CidProfile, Sha256Digest};

/// How long a file must have been left alone before it is read for its digests to be kept.
pub const RACY_MARGIN: Duration = Duration::from_secs(2);

/// Longest value that a cache is asked to keep, in bytes: the leaves of some hundred thousand tensors.
pub const MAX_VALUE_BYTES: usize = 16 << 20;

/// Raised with every change of what a value says or of how a digest is made, so that nothing of another version is ever found.
const FORMAT: u32 = 3;

/// What identifies the content of a file without reading it: device, inode, size, both times, and the profile of its CID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey(Sha256Digest);

impl CacheKey {
    pub(crate) fn new(stamp: &Stamp, profile: CidProfile) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(b"modelmark digest cache\0");
        context.update(&FORMAT.to_le_bytes());
        // The name is what manifests call the profile; it ends where a byte that no name has stands.
        context.update(profile.name().as_bytes());
        context.update(&[0]);
        stamp.numbers().iter().for_each(|number| context.update(&number.to_le_bytes()));
        Self(Sha256Digest::from_ring(&context.finish()))
    }

    /// Returns the 32 bytes under which a value is kept.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl From<[u8; 32]> for CacheKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes.into())
    }
}

/// A place that keeps digests. Values are opaque to it; they are checked when they come back.
///
/// It may forget at any time, and must not fail: a cache that is out of order holds nothing.
pub trait DigestCache: Send + Sync {
    /// Returns the cache's name for messages.
    fn name(&self) -> &str;

    /// Returns what was last kept under `key`, if it is still there and undamaged.
    fn get(&self, key: &CacheKey) -> Option<Vec<u8>>;

    /// Keeps `value` under `key`, in the place of what was there.
    fn put(&self, key: &CacheKey, value: &[u8]);
}

/// Takes nothing from a cache, but keeps in it what is computed.
pub struct Renewed<'a>(pub &'a dyn DigestCache);

impl DigestCache for Renewed<'_> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn get(&self, _key: &CacheKey) -> Option<Vec<u8>> {
        None
    }

    fn put(&self, key: &CacheKey, value: &[u8]) {
        self.0.put(key, value);
    }
}
