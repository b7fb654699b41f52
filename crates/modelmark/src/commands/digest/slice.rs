//! The proof that bytes of a tensor belong to a model: `modelmark digest --slice`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use modelmark_digest::cache::{DigestCache, Renewed};
use modelmark_digest::fingerprint::{Run, SliceError, SliceOfModelError, SliceProof, prove_slice};
use modelmark_digest::{Request, Sha256Digest};
use serde::Serialize;

use super::{DigestArgs, explain, write_whole};
use crate::byte_range::ByteRange;
use crate::error::{CommandError, Kind, Result};
use crate::output::{bytes, printable};
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
    let cannot = |path: &Path, error: io::Error| CommandError::usage(format!("cannot write `{}`: {error}", path.display()));
    let mut out: Box<dyn Write> = match &args.bytes {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|error| cannot(path, error))?)),
        None => Box::new(io::sink()),
    };
    let progress = Progress::new(session.output, "digest");
    let renewed = session.cache().map(|cache| Renewed(cache));
    let cache = match &renewed {
        Some(renewed) if args.cache.recheck => Some(renewed as &dyn DigestCache),
        _ => session.cache().map(|cache| cache as &dyn DigestCache),
    };
    let run = Run { request, observer: &progress, cache };
    let found = prove_slice(model, &asked.name, asked.range.clone(), run, &mut out).map_err(told)?;
    drop(out);
    if let Some(path) = &args.proof {
        let document = serde_json::to_vec(&found.proof).map_err(|error| CommandError::refused(error.to_string()))?;
        write_whole(path, &document)?;
    }
    let proven = Proven { root: found.root, proof: &found.proof };
    session.output.result(&proven, || text(&proven))
}

fn told(error: SliceOfModelError) -> CommandError {
    match error {
        SliceOfModelError::Digest(error) => explain(error),
        SliceOfModelError::Slice(error @ SliceError::Name(_)) => {
            CommandError::new(Kind::Usage, error).hint("`modelmark digest MODEL --tensors` lists the tensors")
        }
        SliceOfModelError::Slice(error @ SliceError::Range { .. }) => CommandError::new(Kind::Usage, error),
        error @ SliceOfModelError::Write(_) => CommandError::new(Kind::Usage, error),
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
