//! Looking at a part of a model: what was asked, and what was found.

use std::ops::Range;

use modelmark_digest::fingerprint::SliceProof;
use modelmark_digest::partial::{Held, RangeProof};

use crate::BroughtSummary;

/// How much of the local files is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    #[default]
    Whole,
    /// These bytes of these files.
    Ranges(Vec<FileRange>),
    /// Leaves chosen at random.
    Sample(SampleSize),
    /// Whatever is there of a download that may not be finished.
    Partial,
    /// The bytes that a proof speaks of; what is there may be the model, the file, or only the leaves that hold these bytes.
    RangeProof(Box<RangeProof>),
    /// The bytes of a tensor that a proof speaks of; what is there are the chunks that hold them.
    SliceProof(Box<SliceProof>),
    /// Names and sizes, and what a summary's sample asks for: the summary's verifier read the rest.
    Summary(Box<BroughtSummary>),
}

/// Bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRange {
    /// Path inside the model; any for a model that is one file.
    pub path: String,
    /// The bytes. The largest end there is stands for the file's; any other has to be in the file.
    pub range: Range<u64>,
}

/// How many leaves a sample has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleSize {
    /// So many.
    Leaves(u64),
    /// So many of a million, rounded up.
    PerMillion(u32),
}

impl SampleSize {
    /// Returns the number of leaves out of `total`.
    #[must_use]
    pub fn of(self, total: u64) -> u64 {
        match self {
            Self::Leaves(count) => count.min(total),
            Self::PerMillion(share) => {
                let product = u128::from(total) * u128::from(share);
                u64::try_from(product.div_ceil(1_000_000)).unwrap_or(total).min(total)
            }
        }
    }
}

/// What was found of a part of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartEvidence {
    /// What was asked.
    pub scope: Scope,
    /// Number of leaves of the whole model.
    pub leaves: u64,
    /// The files that were looked at.
    pub files: Vec<FilePart>,
    /// What is wrong besides: files that are missing or added, ranges that the model does not have.
    pub faults: Vec<String>,
}

/// What was found of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePart {
    /// Path inside the model; of a slice, the name of its tensor.
    pub path: String,
    /// The file that was looked at: the path, or the name of an unfinished download. None when there is none.
    pub found: Option<String>,
    /// Size in bytes that the model's file has.
    pub size: u64,
    /// Size in bytes of what is there.
    pub present: u64,
    /// Which of the leaves looked at are the model's.
    pub held: Held,
}

impl FilePart {
    /// Tells whether everything looked at is the model's.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.held.is_good() && self.present <= self.size
    }
}
