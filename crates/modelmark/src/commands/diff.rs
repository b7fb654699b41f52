//! `modelmark diff`: what changed from one model to another.

mod page;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use modelmark_digest::Weights;
use modelmark_digest::diff::{Diff, DiffRequest, FileChanges, TensorChanges, Verdict, diff};
use modelmark_digest::fingerprint::Overlap;
use modelmark_verify::exit_codes;
use serde::Serialize;

use crate::commands::digest::with_cache;
use crate::error::{CommandError, Result};
use crate::hub;
use crate::options::CacheArgs;
use crate::progress::Progress;
use crate::session::Session;

/// Say what changed from one model to another
///
/// Compares files by their content, and tensors by name, type, shape and values, whatever the format, sharding or order of the files that hold them.
/// Of tensors that differ it says how far they are apart. Ends with a verdict, such as "same weights in another container" or "only the tokenizer
/// changed".
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 0 when the models were compared, and with --exit-code with 1 when anything differs; with 2 on bad usage, and with 3 when \
                  they could not be compared, because one cannot be read for what it is or is out of reach.\n\nExamples:\n  modelmark diff ./base ./fine-tuned\n  \
                  modelmark diff model.safetensors model.gguf --json"
)]
pub(crate) struct DiffArgs {
    /// First model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache
    first: PathBuf,
    /// Second model, named in the same ways
    second: PathBuf,
    /// List everything that differs, however much it is
    #[arg(long)]
    all: bool,
    /// Do not measure how far changed tensors are apart, which reads them a second time
    #[arg(long)]
    no_distances: bool,
    /// Exit with 1 when anything differs, with 3 when that could not be seen
    #[arg(long)]
    exit_code: bool,
    /// Threads to use [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    #[command(flatten)]
    cache: CacheArgs,
}

/// A comparison as programs read it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Compared<'a> {
    verdict: Verdict,
    summary: String,
    first: &'a Weights,
    second: &'a Weights,
    files: &'a FileChanges,
    #[serde(skip_serializing_if = "Option::is_none")]
    tensors: Option<&'a TensorChanges>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overlap: Option<Overlap>,
}

impl<'a> Compared<'a> {
    fn of(diff: &'a Diff) -> Self {
        let Diff { first, second, files, tensors, overlap } = diff;
        Self { verdict: diff.verdict(), summary: diff.summary(), first, second, files, tensors: tensors.as_ref(), overlap: *overlap }
    }
}

pub(crate) fn run(session: &Session<'_>, args: &DiffArgs) -> Result<u8> {
    let diff = compare(session, args).map_err(CommandError::not_an_answer)?;
    session.output.result(&Compared::of(&diff), || page::text(&diff, args.all))?;
    Ok(if args.exit_code && diff.verdict() != Verdict::Identical { exit_codes::DOES_NOT_VERIFY } else { exit_codes::VERIFIED })
}

fn compare(session: &Session<'_>, args: &DiffArgs) -> Result<Diff> {
    let (first, second) = (hub::locate(session, &args.first)?, hub::locate(session, &args.second)?);
    let request = DiffRequest { distances: !args.no_distances, holes: args.cache.holes.read_holes, threads: args.threads };
    let progress = Progress::new(session.output, "compare");
    with_cache(session, args.cache, |cache| diff(&first, &second, request, &progress, cache))
}
