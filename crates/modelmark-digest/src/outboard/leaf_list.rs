//! The leaves of one file, known to be those of its CID.

use std::io;
use std::ops::Range;

use modelmark_formats::ReadAt;

use super::OutboardError;
use super::tree::{self, leaf_bytes, leaf_count};
use crate::partial::leaf_digests;
use crate::unixfs::NodeSink;
use crate::{CidProfile, ContentId, Sha256Digest};

/// Leaves that [`LeafList::read`] reads in one go.
const READ_AT_ONCE: usize = 1 << 14;

/// The leaf digests of a file. There is none whose leaves are not those of its CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafList {
    profile: CidProfile,
    size: u64,
    cid: ContentId,
    leaves: Vec<Sha256Digest>,
}

/// Bytes that are not those of their leaf.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LeafError {
    /// The leaf is there, and is another.
    #[error("bytes {} to {} are not those of the model", .0.start, .0.end)]
    Differs(Range<u64>),
    /// The file goes on where it should end.
    #[error("the file is longer than the {0} bytes of the model's")]
    Longer(u64),
}

impl LeafList {
    /// Holds the leaf digests of a file of `size` bytes, in order, against the file's CID.
    ///
    /// # Errors
    /// When their number is not that of a file of this size, or they are those of another file.
    pub fn new(profile: CidProfile, size: u64, leaves: Vec<Sha256Digest>, cid: &ContentId) -> Result<Self, OutboardError> {
        if leaves.len() as u64 != leaf_count(profile, size) {
            return Err(OutboardError::Leaves { found: leaves.len(), size });
        }
        let found = tree::file(profile, size, &leaves, &mut |_, _| {}).cid;
        if found == *cid { Ok(Self { profile, size, cid: found, leaves }) } else { Err(OutboardError::OtherModel { found, wanted: *cid }) }
    }

    /// Reads all of `file`, which has `size` bytes, on all cores.
    ///
    /// # Errors
    /// When it cannot be read or is shorter.
    pub fn read(profile: CidProfile, file: &(dyn ReadAt + Sync), size: u64) -> io::Result<Self> {
        let place = |index: usize| {
            let start = (index as u64).saturating_mul(leaf_bytes(profile)).min(size);
            start..start.saturating_add(leaf_bytes(profile)).min(size)
        };
        // A list in memory is indexed by a `usize`; a file that has more leaves does not fit in any case.
        let count = usize::try_from(leaf_count(profile, size)).unwrap_or(usize::MAX);
        let mut leaves = Vec::new();
        // Step by step: memory is taken for what was read, not for what a sparse file says.
        for first in (0..count).step_by(READ_AT_ONCE) {
            leaves.extend(leaf_digests(file, &place, first..first.saturating_add(READ_AT_ONCE).min(count))?);
        }
        let cid = tree::file(profile, size, &leaves, &mut |_, _| {}).cid;
        Ok(Self { profile, size, cid, leaves })
    }

    /// The caller has computed `cid` from the other parts.
    pub(super) const fn computed(profile: CidProfile, size: u64, leaves: Vec<Sha256Digest>, cid: ContentId) -> Self {
        Self { profile, size, cid, leaves }
    }

    /// Returns how the file's CID is made.
    #[must_use]
    pub const fn profile(&self) -> CidProfile {
        self.profile
    }

    /// Returns the file's CID.
    #[must_use]
    pub const fn cid(&self) -> ContentId {
        self.cid
    }

    /// Returns the file's size in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the number of leaves; an empty file has none.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.leaves.len()
    }

    /// Tells whether the file is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    /// Returns the bytes of each leaf but the last.
    #[must_use]
    pub const fn leaf_bytes(&self) -> u64 {
        leaf_bytes(self.profile)
    }

    /// Returns the digest of leaf number `index`, if there is one.
    #[must_use]
    pub fn digest(&self, index: usize) -> Option<Sha256Digest> {
        self.leaves.get(index).copied()
    }

    /// Returns where leaf number `index` lies in the file.
    #[must_use]
    pub fn place(&self, index: usize) -> Range<u64> {
        let start = (index as u64).saturating_mul(self.leaf_bytes()).min(self.size);
        start..start.saturating_add(self.leaf_bytes()).min(self.size)
    }

    /// Returns the numbers of the leaves that hold the bytes `range`, as far as the file goes.
    #[must_use]
    pub fn covering(&self, range: &Range<u64>) -> Range<usize> {
        let end = range.end.min(self.size);
        if range.start >= end {
            return 0..0;
        }
        // A list in memory is indexed by a `usize`, so that these fit.
        let number = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        number(range.start / self.leaf_bytes())..number(end.div_ceil(self.leaf_bytes()))
    }

    /// Tells whether `bytes` are leaf number `index`.
    #[must_use]
    pub fn verify(&self, index: usize, bytes: &[u8]) -> bool {
        self.digest(index).is_some_and(|digest| Sha256Digest::of(bytes) == digest)
    }

    /// Builds the file's tree again; every dag-pb node goes to `sink`, children before parents.
    pub fn nodes(&self, sink: &mut NodeSink<'_>) {
        let _ = tree::file(self.profile, self.size, &self.leaves, sink);
    }
}
