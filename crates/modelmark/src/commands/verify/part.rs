//! How much of a model is looked at, as the command line says it.

use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use modelmark_digest::fingerprint::{MAX_SLICE_PROOF_BYTES, SLICE_PROOF, SliceProof};
use modelmark_digest::outboard::{MAX_OUTBOARD_BYTES, Outboard};
use modelmark_digest::partial::{MAX_RANGE_PROOF_BYTES, RangeProof};
use modelmark_verify::{FileRange, SampleSize, Scope};

use super::VerifyArgs;
use crate::byte_range::ByteRange;
use crate::error::{CommandError, Result};
use crate::session::read_input;

/// A range of bytes, and the file that has them; a model that is one file need not name it.
#[derive(Clone, Debug)]
pub(super) struct FileRangeArg {
    path: Option<String>,
    range: Range<u64>,
}

impl FromStr for FileRangeArg {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (path, range) = text.rsplit_once(':').map_or((None, text), |(path, range)| (Some(path.to_owned()), range));
        Ok(Self { path, range: range.parse::<ByteRange>()?.0 })
    }
}

impl FileRangeArg {
    /// Returns the range as one of the model at `model`.
    fn of(&self, model: &Path) -> Result<FileRange> {
        let only = (!model.is_dir()).then(|| model.file_name().unwrap_or_default().to_string_lossy().into_owned());
        let path = match (&self.path, only) {
            (Some(path), Some(only)) if *path != only => {
                return Err(CommandError::usage(format!("there is no file {path} in the model, which is the file {only}"))
                    .hint("leave the path out: `--range START..END`"));
            }
            (None, None) => return Err(CommandError::usage("the model is a directory").hint("name the file: `--range PATH:START..END`")),
            (Some(path), None) => path.clone(),
            (_, Some(only)) => only,
        };
        Ok(FileRange { path, range: self.range.clone() })
    }
}

/// A number of leaves or a share of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct SampleArg(SampleSize);

impl SampleArg {
    pub(super) const fn size(self) -> SampleSize {
        self.0
    }
}

impl FromStr for SampleArg {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("{text:?} is neither a number of leaves, such as 1000, nor a share of them, such as 1%");
        let size = match text.strip_suffix('%') {
            // A millionth is fine enough, and whole numbers have no surprises.
            Some(percent) => percent
                .parse::<f64>()
                .ok()
                .filter(|percent| *percent > 0.0 && *percent <= 100.0)
                .map(|percent| SampleSize::PerMillion((percent * 10_000.0).ceil() as u32)),
            None => text.parse().ok().filter(|count| *count > 0).map(SampleSize::Leaves),
        };
        size.map(Self).ok_or_else(wrong)
    }
}

/// Returns how much is to be looked at.
pub(super) fn scope(args: &VerifyArgs, path: &Path) -> Result<Scope> {
    let scope = match args {
        _ if !args.range.is_empty() => Scope::Ranges(args.range.iter().map(|range| range.of(path)).collect::<Result<_>>()?),
        VerifyArgs { sample: Some(SampleArg(size)), .. } => Scope::Sample(*size),
        VerifyArgs { partial: true, .. } => Scope::Partial,
        VerifyArgs { proof: Some(proof), .. } => read_proof(proof)?,
        _ => return Ok(Scope::Whole),
    };
    if matches!(scope, Scope::SliceProof(_)) && path.is_dir() {
        let told = format!("`{}` is a directory, and the proof of a slice is checked against the bytes alone", path.display());
        return Err(CommandError::usage(told).hint("give the file that `modelmark digest MODEL --slice TENSOR --bytes FILE` writes"));
    }
    if args.token.is_none() && args.record.is_none() && args.outboard.is_none() {
        return Err(CommandError::usage("from a part of a model its token cannot be found")
            .hint("name it with --token, or bring its --record or its --outboard"));
    }
    Ok(scope)
}

/// Reads a proof; which of the two kinds it is stands in the document.
fn read_proof(path: &Path) -> Result<Scope> {
    let bytes = read_input(path, MAX_RANGE_PROOF_BYTES.max(MAX_SLICE_PROOF_BYTES) as u64)?;
    let wrong = |error: anyhow::Error| {
        CommandError::refused(format!("`{}`: {error}", path.display()))
            .hint("`modelmark digest MODEL --range PATH:START..END --proof FILE` makes one")
    };
    #[derive(serde::Deserialize)]
    struct Kind {
        format: String,
    }
    match serde_json::from_slice::<Kind>(&bytes) {
        Ok(Kind { format }) if format == SLICE_PROOF => {
            SliceProof::parse(&bytes).map(|proof| Scope::SliceProof(Box::new(proof))).map_err(|error| wrong(error.into()))
        }
        _ => RangeProof::parse(&bytes).map(|proof| Scope::RangeProof(Box::new(proof))).map_err(|error| wrong(error.into())),
    }
}

/// Reads an outboard file.
pub(crate) fn read_outboard(path: &Path) -> Result<Outboard> {
    let bytes = read_input(path, MAX_OUTBOARD_BYTES)?;
    Outboard::parse(&bytes).map_err(|error| {
        CommandError::refused(format!("`{}`: {error}", path.display())).hint("`modelmark digest MODEL --outboard FILE` makes one")
    })
}
