//! How a run is laid out: how many files are open, how much is in memory, and how much is hashed in one go.
//!
//! A kernel of sixteen lanes takes as long for one message as for sixteen, so work for it is gathered until it fills the lanes: leaves from several
//! blocks and files, the small files of a directory, and the whole-file SHA-256 of files that are read side by side.

use super::{BLOCK_BYTES, page_cache};
use crate::Request;
use crate::lanes::Backend;
use crate::walk::Tree;

/// A file of at most so many bytes is one leaf in every profile; such files are read and hashed in batches.
pub(super) const SMALL_FILE_BYTES: u64 = 256 << 10;

// All workers together keep at most so many small files open.
const OPEN_SMALL_FILES: usize = 512;

/// The layout of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) threads: usize,
    /// Blocks whose leaves are hashed in one go.
    pub(super) leaf_blocks: usize,
    /// Files whose SHA-256 is computed in one go; one when each goes its own way.
    pub(super) streams: usize,
    /// Most files of several blocks that are open at a time.
    pub(super) open_files: usize,
    /// Small files that are hashed in one go.
    pub(super) batch: usize,
    /// Number of block buffers, and so the memory of a run.
    pub(super) buffers: usize,
    /// Whether pages are given back behind the reader.
    pub(super) gives_back: bool,
}

impl Plan {
    pub(super) fn of(tree: &Tree, request: &Request, threads: usize) -> Self {
        let lanes = Backend::current().lanes();
        let leaf = request.profile.leaf_bytes();
        let chains = tree.files.iter().filter(|file| file.size > leaf as u64).count();
        let plan = Self::new(lanes, leaf, if request.sha256 { chains } else { 0 }, threads);
        Self { gives_back: page_cache::is_crowded_by(tree.size), ..plan }
    }

    /// `chains` is the number of files whose SHA-256 has to be computed beside that of their leaves.
    fn new(lanes: usize, leaf: usize, chains: usize, threads: usize) -> Self {
        let leaf_blocks = (lanes * leaf / BLOCK_BYTES).max(1);
        // Two files do not fill the wide lanes better than each its own core.
        let together = chains > 1 && (lanes == 2 || chains > 2) && lanes > 1;
        let streams = if together { lanes } else { 1 };
        // More than sixteen files at a time bring more buffers, not more speed.
        let open_files = if together { threads.max((lanes * threads).min(16)).min(chains.max(threads)) } else { threads };
        let buffers = 8 + threads * leaf_blocks.max(8) + if together { 2 * open_files.min(16) } else { 0 };
        Self { threads, leaf_blocks, streams, open_files, batch: (OPEN_SMALL_FILES / threads).clamp(1, 64), buffers, gives_back: false }
    }

    /// Most blocks that one of `files` open files may hold: one whose digests lag behind must not take the buffers of the others.
    pub(super) fn share(&self, files: usize) -> usize {
        (self.buffers / files.clamp(1, self.open_files)).max(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CidProfile;

    #[test]
    fn memory_stays_below_64_mib_and_16_for_each_core() {
        for (lanes, profile, chains) in [1, 2, 8, 16].into_iter().flat_map(|lanes| {
            CidProfile::ALL.into_iter().flat_map(move |profile| [0, 1, 2, 16, 1000].map(|chains| (lanes, profile, chains)))
        }) {
            for threads in 1..=64 {
                let plan = Plan::new(lanes, profile.leaf_bytes(), chains, threads);
                assert!(plan.buffers * BLOCK_BYTES < (64 << 20) + threads * (16 << 20), "{plan:?}");
                assert!(plan.buffers >= plan.open_files + plan.threads, "{plan:?}");
            }
        }
    }
}
