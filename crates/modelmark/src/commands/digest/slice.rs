//! The proof that bytes of a tensor belong to a model: `modelmark digest --slice`.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use modelmark_digest::cache::{DigestCache, Renewed};
use modelmark_digest::fingerprint::{Run, SliceError, SliceOfModelError, SliceProof, prove_slice};
use modelmark_digest::{Request, Sha256Digest};
use serde::Serialize;

use super::{DigestArgs, explain};
use crate::byte_range::ByteRange;
use crate::error::{CommandError, Kind, Result};
use crate::output::{bytes, printable};
use crate::output_file::{OutputFile, unwritten, write_whole};
use crate::progress::Progress;
use crate::session::Session;

/// A tensor, and the canonical bytes of it that are meant.
#[derive(Clone, Debug)]
pub(super) struct SliceOfTensor {
    name: String,
    range: Range<u64>,
}

impl FromStr for SliceOfTensor {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        // Names of tensors have colons too (`kernel:0`); a range has two dots.
        let sliced = text.rsplit_once(':').filter(|(_, range)| range.contains(".."));
        match sliced {
            Some((name, range)) => Ok(Self { name: name.to_owned(), range: range.parse::<ByteRange>()?.0 }),
            None => Ok(Self { name: text.to_owned(), range: 0..u64::MAX }),
        }
    }
}

/// What is told of the slice.
#[derive(Serialize)]
struct Proven<'p> {
    root: Sha256Digest,
    proof: &'p SliceProof,
}

/// Proves the slice, and writes what was asked for.
pub(super) fn run(session: &Session<'_>, model: &Path, request: &Request, asked: &SliceOfTensor, args: &DigestArgs) -> Result<()> {
    let mut out = args.bytes.as_deref().map(OutputFile::create).transpose()?;
    let mut nowhere = io::sink();
    let bytes: &mut dyn Write = match &mut out {
        Some(file) => file,
        None => &mut nowhere,
    };
    let progress = Progress::new(session.output, "digest");
    let renewed = session.cache().map(|cache| Renewed(cache));
    let cache = match &renewed {
        Some(renewed) if args.cache.recheck => Some(renewed as &dyn DigestCache),
        _ => session.cache().map(|cache| cache as &dyn DigestCache),
    };
    let run = Run { request, observer: &progress, cache };
    let found = prove_slice(model, &asked.name, asked.range.clone(), run, bytes).map_err(|error| told(error, args.bytes.as_deref()))?;
    if let Some(out) = out {
        out.finish()?;
    }
    if let Some(path) = &args.proof {
        let document = serde_json::to_vec(&found.proof).map_err(|error| CommandError::refused(error.to_string()))?;
        write_whole(path, &document)?;
    }
    let proven = Proven { root: found.root, proof: &found.proof };
    session.output.result(&proven, || text(&proven))
}

fn told(error: SliceOfModelError, bytes: Option<&Path>) -> CommandError {
    match error {
        SliceOfModelError::Digest(error) => explain(error),
        SliceOfModelError::Slice(error @ SliceError::Name(_)) => {
            CommandError::new(Kind::Usage, error).hint("`modelmark digest MODEL --tensors` lists the tensors")
        }
        SliceOfModelError::Slice(error @ SliceError::Range { .. }) => CommandError::new(Kind::Usage, error),
        SliceOfModelError::Write(error) => unwritten(bytes.unwrap_or(Path::new("")), &error),
        error => CommandError::new(Kind::Refused, error),
    }
}

fn text(proven: &Proven<'_>) -> String {
    let (tensor, range) = (proven.proof.tensor(), proven.proof.range());
    format!(
        "root     {}  of all {} tensors\ntensor   {}  {} {:?} {}\nbytes    {}..{} ({}) of {}",
        proven.root,
        proven.proof.tensors(),
        tensor.digest,
        tensor.dtype,
        tensor.shape,
        printable(&tensor.name),
        range.start,
        range.end,
        bytes(range.end - range.start),
        bytes(tensor.bytes),
    )
}
