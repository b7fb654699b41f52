//! `modelmark digest`: fingerprint a file or directory.

mod range;
mod slice;
mod tensors;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use modelmark_digest::cache::{DigestCache, Renewed};
use modelmark_digest::outboard::Recorder;
use modelmark_digest::{DigestError, Manifest, Observer, Request, digest_with};

use self::range::RangeOfFile;
use self::slice::SliceOfTensor;
use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::hub;
use crate::options::{CacheArgs, ProfileArgs};
use crate::output::{bytes, printable};
use crate::output_file::{refuse_overlaps, write_whole};
use crate::progress::{Both, Progress, Reading};
use crate::session::Session;

/// Fingerprint a model file or directory
///
/// Prints the SHA-256 and CID of every file, the CID of the whole (as `ipfs add -r --hidden --cid-version 1 --raw-leaves` computes it) and what
/// the tensors are, from one read. With several digests they stand in the order SHA-256, Keccak-256, BLAKE3.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  modelmark digest ./my-model --json > manifest.json\n  modelmark digest ./my-model --hash sha256,blake3\n  \
                  modelmark digest ./my-model --range model.safetensors:4MiB..8MiB --proof range.json\n  \
                  modelmark digest ./my-model --slice model.embed_tokens.weight:0..4MiB --proof slice.json --bytes slice.bin"
)]
pub(crate) struct DigestArgs {
    /// Model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache
    path: PathBuf,
    /// What to compute, separated by commas; CIDs are always made, and alone they are the fastest
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_enum, default_values_t = [Hash::Sha256, Hash::Tensors])]
    hash: Vec<Hash>,
    #[command(flatten)]
    profile: ProfileArgs,
    /// List the digest of every tensor too
    #[arg(long)]
    tensors: bool,
    /// Threads to use [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Write the digests of all leaves into this file, with which any part of the model can be verified alone
    #[arg(long, value_name = "FILE", conflicts_with = "tensors")]
    outboard: Option<PathBuf>,
    /// Digest these bytes of one file, and name the leaves that hold them; a model that is one file needs no PATH
    #[arg(long, value_name = "PATH:START..END", conflicts_with_all = ["tensors", "outboard", "recheck"], help_heading = "A part")]
    range: Option<RangeOfFile>,
    /// Take the leaves from what `--outboard` wrote, so that only those that hold the range are read
    #[arg(long, value_name = "FILE", requires = "range", conflicts_with = "cid_profile", help_heading = "A part")]
    from_outboard: Option<PathBuf>,
    /// Prove that a tensor, or these of its canonical bytes, belongs to the model, whatever file or format it is in
    #[arg(long, value_name = "TENSOR[:START..END]", conflicts_with_all = ["tensors", "outboard", "range", "hash", "cid_profile"], help_heading = "A part")]
    slice: Option<SliceOfTensor>,
    /// Write the proof that the range or the slice belongs to the file or the model into this file, for `verify --proof`
    #[arg(long, value_name = "FILE", help_heading = "A part")]
    proof: Option<PathBuf>,
    /// Write the bytes that `verify --proof` wants beside the proof of a slice: those of the chunks that hold it
    #[arg(long, value_name = "FILE", requires = "slice", help_heading = "A part")]
    bytes: Option<PathBuf>,
    #[command(flatten)]
    cache: CacheArgs,
}

/// What can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Hash {
    /// CIDs of files, directories and weights
    Cid,
    /// SHA-256 of every file
    Sha256,
    /// Keccak-256 of every file, as Ethereum uses it
    Keccak256,
    /// BLAKE3 of every file
    Blake3,
    /// Number, types and fingerprint of the tensors
    Tensors,
}

pub(crate) fn run(session: &Session<'_>, args: &DigestArgs) -> Result<()> {
    let wants = |hash| args.hash.contains(&hash);
    let request = Request {
        profile: args.profile.cid_profile,
        sha256: wants(Hash::Sha256),
        keccak256: wants(Hash::Keccak256),
        blake3: wants(Hash::Blake3),
        tensors: wants(Hash::Tensors) || args.tensors,
        holes: args.cache.holes.read_holes,
        threads: args.threads,
    };
    let path = hub::locate(session, &args.path)?;
    refuse_overlaps(&[args.outboard.as_deref(), args.proof.as_deref(), args.bytes.as_deref()], &path, "model")?;
    if let Some(range) = &args.range {
        return range::run(session, &path, &request, range, args);
    }
    if let Some(slice) = &args.slice {
        return slice::run(session, &path, &request, slice, args);
    }
    if args.proof.is_some() {
        return Err(CommandError::usage("a proof is of a range or a slice").hint("name one with `--range` or `--slice`"));
    }
    if args.tensors {
        return tensors::run(session, &path, &request, args.cache);
    }
    let manifest = match &args.outboard {
        Some(file) => with_outboard(session, &path, &request, args.cache, file)?,
        None => manifest(session, &path, &request, args.cache)?,
    };
    session.output.result(&manifest, || table(&manifest))
}

/// Fingerprints the model and writes its outboard.
fn with_outboard(session: &Session<'_>, path: &Path, request: &Request, cache: CacheArgs, file: &Path) -> Result<Manifest> {
    let recorder = Recorder::default();
    let progress = Progress::new(session.output, "digest");
    let manifest = observed(session, path, request, &Both(&progress, &recorder), cache)?;
    let outboard = recorder.finish(&manifest).or_refused()?.encode();
    write_whole(file, &outboard)?;
    Ok(manifest)
}

/// Fingerprints `path` behind a progress bar, and says when not every byte was read for it.
pub(crate) fn manifest(session: &Session<'_>, path: &Path, request: &Request, cache: CacheArgs) -> Result<Manifest> {
    let reading = Reading::default();
    let manifest = observed(session, path, request, &Both(&Progress::new(session.output, "digest"), &reading), cache)?;
    reading.remark().into_iter().for_each(|remark| session.output.note(remark));
    Ok(manifest)
}

/// Fingerprints `path` under the eyes of `observer`, without reading again what the cache knows, unless that is wanted.
pub(crate) fn observed(
    session: &Session<'_>,
    path: &Path,
    request: &Request,
    observer: &dyn Observer,
    cache: CacheArgs,
) -> Result<Manifest> {
    with_cache(session, cache, |cache| match cache {
        Some(cache) => digest_with(path, request, observer, cache),
        None => modelmark_digest::digest(path, request, observer),
    })
}

/// Runs something with the digests of earlier runs, which it renews without taking any when that is wanted.
pub(crate) fn with_cache<T>(
    session: &Session<'_>,
    CacheArgs { recheck, .. }: CacheArgs,
    run: impl FnOnce(Option<&dyn DigestCache>) -> std::result::Result<T, DigestError>,
) -> Result<T> {
    match session.cache() {
        Some(cache) if recheck => run(Some(&Renewed(cache))),
        Some(cache) => run(Some(cache)),
        None => run(None),
    }
    .map_err(explain)
}

/// What to do about a file that is hardly more than holes.
pub(crate) const HOLES: &str = "have it read for as long as that takes with `--read-holes`, or leave the file out";

/// Gives a failed fingerprint run its exit code and says what to do next.
pub(crate) fn explain(error: DigestError) -> CommandError {
    if let DigestError::Hub(error) = error {
        return hub::explain(error);
    }
    match &error {
        DigestError::Link { target, .. } if hub::is_of_a_cache(target) => CommandError::new(Kind::Refused, error).hint(hub::COPY),
        DigestError::Pointer(_) => {
            CommandError::new(Kind::Refused, error).hint("fetch the files with `git lfs pull`, or download the model with `hf download`")
        }
        DigestError::Hollow { .. } => CommandError::new(Kind::Unreachable, error).hint(HOLES),
        DigestError::Missing(_) => CommandError::new(Kind::Usage, error).hint("check the path"),
        DigestError::Read { .. } | DigestError::Changed(_) => CommandError::new(Kind::Unreachable, error),
        _ => CommandError::new(Kind::Refused, error),
    }
}

fn table(manifest: &Manifest) -> String {
    let mut text = String::new();
    for file in &manifest.files {
        let digests = [file.sha256.map(|d| d.to_string()), file.keccak256.map(|d| d.to_string()), file.blake3.map(|d| d.to_string())];
        let digests: String = digests.into_iter().flatten().map(|digest| digest + "  ").collect();
        let _ = writeln!(text, "{digests}{}  {:>12}  {}", file.cid, file.size, printable(file.path.as_str()));
    }
    if let Some(origin) = &manifest.origin {
        let _ = writeln!(text, "\norigin   {origin} (says the cache; not checked)");
    }
    let _ = writeln!(text, "\nmodel    {}  {}, {}", manifest.cid, files(manifest.files.len()), bytes(manifest.size));
    let _ = writeln!(text, "weights  {}  {}", manifest.weights.cid, weights_line(manifest));
    if let Some(tensors) = &manifest.weights.tensors {
        let _ = writeln!(text, "tensors  {}  names, types, shapes and bytes", tensors.root);
        let _ = writeln!(text, "content  {}  float tensors, whatever their names", tensors.content);
        let _ = writeln!(text, "value    {}  the same, whatever their width", tensors.value);
    }
    if let Some(reason) = &manifest.weights.unread {
        let _ = writeln!(text, "tensors  no fingerprint: {}", printable(reason));
    }
    for name in &manifest.ignored {
        let _ = writeln!(text, "left out {name} (not part of a model)");
    }
    text
}

/// Counts files in words.
pub(crate) fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// Says in a few words what the weights are.
pub(crate) fn weights_line(manifest: &Manifest) -> String {
    let files = files(manifest.weights.files.len());
    match &manifest.weights.tensors {
        Some(tensors) => {
            let dtypes: Vec<_> = tensors.dtypes.keys().map(String::as_str).collect();
            format!("{files}, {} tensors, {} parameters ({})", tensors.count, tensors.parameters, dtypes.join(", "))
        }
        None => files,
    }
}
