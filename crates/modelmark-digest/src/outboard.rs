//! Outboard files: the leaf digests of a whole model in one small file, so that any part of the model can be checked alone.
//!
//! The format is settled in `docs/spec/outboard.md`. An outboard vouches for nothing by itself: from what it says the CIDs of the files and of the
//! model are recomputed, and [`Outboard::check`] holds them against the one CID that the caller trusts, the record's. Only what passed gives
//! [`LeafList`]s, and only those make verifiers:
//!
//! - [`VerifyingReader`] lets nothing but verified bytes through while they stream;
//! - [`VerifyingFile`] reads at any position, and checks a leaf before it hands out a byte of it;
//! - [`Comparison`] tells which bytes differ while a whole model is fingerprinted;
//! - [`LeafList::verify`] checks a leaf that the caller has, for one who maps a file into memory. (This crate maps nothing itself: a mapped file can
//!   change below a slice, so that doing it soundly is for the caller to promise.)
//!
//! ```
//! use std::io::Read;
//! use modelmark_digest::outboard::{Outboard, Recorder, VerifyingFile, VerifyingReader};
//! use modelmark_digest::{Request, digest};
//! use modelmark_formats::ReadAt;
//!
//! let model = tempfile::tempdir()?;
//! let weights: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
//! std::fs::write(model.path().join("weights.bin"), &weights)?;
//!
//! // The publisher fingerprints the model and keeps the leaf digests.
//! let recorder = Recorder::default();
//! let manifest = digest(model.path(), &Request::default(), &recorder)?;
//! let bytes = recorder.finish(&manifest)?.encode();
//!
//! // The consumer trusts the CID on the record, and nothing else.
//! let leaves = Outboard::parse(&bytes)?.check(&manifest.cid)?;
//! let list = leaves.file("weights.bin").ok_or("not in the model")?;
//!
//! // While it streams …
//! let mut loaded = Vec::new();
//! VerifyingReader::new(weights.as_slice(), list).read_to_end(&mut loaded)?;
//! assert_eq!(loaded, weights);
//!
//! // … or here and there.
//! let file = VerifyingFile::new(std::fs::File::open(model.path().join("weights.bin"))?, list);
//! let mut part = [0; 10];
//! file.read_exact_at(&mut part, 600_000)?;
//! assert_eq!(part, weights[600_000..600_010]);
//!
//! // One changed byte, and its leaf does not come through.
//! let mut changed = weights.clone();
//! changed[600_000] ^= 1;
//! assert!(VerifyingReader::new(changed.as_slice(), list).read_to_end(&mut Vec::new()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod comparison;
mod error;
mod file;
mod leaf_list;
mod leaf_lists;
mod reader;
mod recorder;
mod tree;
mod wire;

pub use comparison::Comparison;
pub use error::OutboardError;
pub use file::VerifyingFile;
pub use leaf_list::{LeafError, LeafList};
pub use leaf_lists::LeafLists;
pub use reader::VerifyingReader;
pub use recorder::Recorder;

use crate::partial::Listing;
use crate::{CidProfile, ContentId, ManifestKind, ModelPath, Sha256Digest};

/// Longest outboard that is read, in bytes: of a model of some 8 TiB in leaves of 256 KiB.
pub const MAX_OUTBOARD_BYTES: u64 = 1 << 30;

/// What an outboard file says; not to be trusted before [`Outboard::check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outboard {
    profile: CidProfile,
    kind: ManifestKind,
    files: Vec<ListedFile>,
    /// Directories with nothing in them, which are part of a model's CID. Sorted.
    empty_folders: Vec<ModelPath>,
}

/// A file of the model and its leaves, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ListedFile {
    /// None for a model that is one file: its name is not part of its CID.
    path: Option<ModelPath>,
    size: u64,
    leaves: Vec<Sha256Digest>,
}

impl Outboard {
    /// Reads an outboard. Time and memory are bounded by the length of `bytes`.
    ///
    /// # Errors
    /// When the bytes are not the one spelling of an outboard of a known version and profile.
    pub fn parse(bytes: &[u8]) -> Result<Self, OutboardError> {
        wire::parse(bytes)
    }

    /// Returns the bytes of the outboard; a model and a profile have one spelling.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Returns how the CIDs were made.
    #[must_use]
    pub const fn profile(&self) -> CidProfile {
        self.profile
    }

    /// Returns the directories with nothing in them, sorted.
    pub fn empty_folders(&self) -> impl ExactSizeIterator<Item = &ModelPath> {
        self.empty_folders.iter()
    }

    /// Returns the CID of the model that the outboard describes, recomputed from its leaves.
    ///
    /// # Errors
    /// When no directory can hold the paths.
    pub fn cid(&self) -> Result<ContentId, OutboardError> {
        tree::model(self).map(|tree| tree.cid)
    }

    /// Returns the CID of the weights of that model; none where the names of the files do not tell which are the weights, as with ONNX, whose tensors
    /// may lie in files beside the model.
    ///
    /// # Errors
    /// As [`Outboard::cid`].
    pub fn weights_cid(&self) -> Result<Option<ContentId>, OutboardError> {
        let tree = tree::model(self)?;
        tree::weights(self, &tree)
    }

    /// Does the same, and where names do not tell reads the files that do from `listing`; none when one of them is not there or not readable. The files
    /// that they name need not be there.
    ///
    /// What is read is anybody's word: look for a record by this CID, and verify what you find.
    ///
    /// # Errors
    /// As [`Outboard::cid`].
    pub fn weights_cid_beside(&self, listing: &Listing) -> Result<Option<ContentId>, OutboardError> {
        let tree = tree::model(self)?;
        match tree::weights(self, &tree)? {
            None => tree::weights_beside(self, &tree, listing),
            known => Ok(known),
        }
    }

    /// Holds the outboard against the CID of the model, and returns the lists of leaves, which are to be trusted as that CID is.
    ///
    /// # Errors
    /// [`OutboardError::OtherModel`] when the outboard is of another model.
    pub fn check(self, root: &ContentId) -> Result<LeafLists, OutboardError> {
        let tree = tree::model(&self)?;
        if tree.cid != *root {
            return Err(OutboardError::OtherModel { found: tree.cid, wanted: *root });
        }
        let weights = tree::weights(&self, &tree)?;
        Ok(LeafLists::of(self, &tree, weights))
    }
}
