//! `modelmark dataset root`: one digest that commits to all files of a dataset.

use std::fmt::Write as _;
use std::fs::File;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_dataset::{Commitment, FileSet, RowError, RowKind, RowsRoot, rows_root, write_leaf_list};
use modelmark_digest::{Manifest, ManifestKind, ModelPath, Request, Sha256Digest};
use modelmark_verify::exit_codes;
use serde::Serialize;

use super::row::told;
use super::{SaltArgs, explain};
use crate::commands::digest::{files, manifest};
use crate::error::{CommandError, Result};
use crate::options::CacheArgs;
use crate::output::{bytes, printable};
use crate::output_file::{OutputFile, refuse_overlaps, unwritten, write_whole};
use crate::session::Session;

/// Compute the root of a dataset: one digest that commits to all its files
///
/// The root stays the same wherever the files lie and in whatever order they are found. With --rows also what the rows of JSON Lines, CSV and Parquet
/// files are, however they are written down.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark dataset root ./data --leaves data.leaves --rows")]
pub(crate) struct RootArgs {
    /// Dataset: a directory or one file
    path: PathBuf,
    /// Also compute a root over the rows of each .jsonl, .ndjson, .csv and .parquet file
    #[arg(long)]
    rows: bool,
    /// Write the list of files to FILE, from which `dataset prove --from-leaves` proves without the data
    #[arg(long, value_name = "FILE")]
    leaves: Option<PathBuf>,
    /// Write a Croissant description with the digests of all files and the root to FILE, outside of the dataset
    #[arg(long, value_name = "FILE", conflicts_with_all = ["salted", "salt_key_file"])]
    croissant: Option<PathBuf>,
    #[command(flatten)]
    salt: SaltArgs,
    #[command(flatten)]
    cache: CacheArgs,
    /// Threads to use [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rooted {
    root: Sha256Digest,
    dataset: Commitment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<FileRows>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<String>,
}

#[derive(Serialize)]
struct FileRows {
    path: ModelPath,
    rows: RowsRoot,
}

pub(super) fn run(session: &Session<'_>, args: &RootArgs) -> Result<u8> {
    let key = args.salt.key()?;
    refuse_overlaps(&[args.leaves.as_deref(), args.croissant.as_deref()], &args.path, "dataset")?;
    let request = Request { tensors: false, threads: args.threads, holes: args.cache.holes.read_holes, ..Request::default() };
    let manifest = manifest(session, &args.path, &request, args.cache)?;
    let set = FileSet::of(&manifest, key).map_err(explain)?;
    let rows = if args.rows { all_rows(&manifest, args)? } else { Vec::new() };
    if let Some(path) = &args.leaves {
        write_list(path, &set)?;
    }
    if let Some(path) = &args.croissant {
        write_description(path, &args.path, &set)?;
    }
    let dataset = set.commitment();
    let rooted = Rooted { root: dataset.root(), dataset, rows, ignored: manifest.ignored };
    session.output.result(&rooted, || table(&set, &rooted))?;
    Ok(exit_codes::VERIFIED)
}

fn write_list(path: &Path, set: &FileSet) -> Result<()> {
    let mut file = OutputFile::create(path)?;
    write_leaf_list(set.entries(), &mut file).map_err(|error| unwritten(path, &error))?;
    file.finish()
}

fn write_description(path: &Path, dataset: &Path, set: &FileSet) -> Result<()> {
    let full = std::fs::canonicalize(dataset).ok();
    let name = full.and_then(|full| full.file_name().map(|name| name.to_string_lossy().into_owned())).unwrap_or_else(|| "data".to_owned());
    let described = set.croissant(&name).map_err(explain)?;
    let text = serde_json::to_string_pretty(&described).map_err(|error| CommandError::refused(error.to_string()))?;
    write_whole(path, (text + "\n").as_bytes())
}

fn all_rows(manifest: &Manifest, args: &RootArgs) -> Result<Vec<FileRows>> {
    let found = manifest.files.iter().filter_map(|file| RowKind::of_name(file.path.as_str()).map(|kind| (file, kind)));
    found
        .map(|(file, kind)| {
            let path = if manifest.kind == ManifestKind::File { args.path.clone() } else { args.path.join(file.path.as_str()) };
            let rows = quietly(|| read_rows(&path, kind, file.size, args.threads));
            let rows = rows.map_err(|error| told(&path.display().to_string(), error))?;
            Ok(FileRows { path: file.path.clone(), rows })
        })
        .collect()
}

/// Reads the rows of what should be the file that was fingerprinted a moment ago.
fn read_rows(path: &Path, kind: RowKind, size: u64, threads: Option<NonZeroUsize>) -> std::result::Result<RowsRoot, RowError> {
    let file = File::open(path)?;
    let again = file.try_clone()?;
    let before = file.metadata()?;
    let rows = rows_root(file, kind, threads)?;
    let after = again.metadata()?;
    if before.len() != size || after.len() != size || before.modified()? != after.modified()? {
        return Err(std::io::Error::other("it changed while it was read").into());
    }
    Ok(rows)
}

/// Runs something whose panics are caught inside and told as errors: the default hook would print each on the terminal before.
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = work();
    std::panic::set_hook(hook);
    result
}

fn table(set: &FileSet, rooted: &Rooted) -> String {
    let mut text = String::new();
    for file in set.entries() {
        let _ = writeln!(text, "{}  {:>12}  {}", file.sha256, file.size, printable(file.path.as_str()));
    }
    if !rooted.rows.is_empty() {
        let _ = writeln!(text);
    }
    for FileRows { path, rows } in &rooted.rows {
        let _ = writeln!(text, "rows     {}  {} in {}", rows.root, rows.rows, printable(path.as_str()));
    }
    let dataset = &rooted.dataset;
    let salted = if dataset.is_salted() { ", salted" } else { "" };
    let count = usize::try_from(dataset.files).unwrap_or(usize::MAX);
    let _ = writeln!(text, "\ndataset  {}  {}, {}{salted}", rooted.root, files(count), bytes(dataset.bytes));
    for name in &rooted.ignored {
        let _ = writeln!(text, "left out {name} (not part of a dataset)");
    }
    text
}
