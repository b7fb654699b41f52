//! `modelmark dataset prove`: a proof that a file is, or is not, in a dataset, or that a row is in a file.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use modelmark_dataset::{DataPath, FileSet, Proof, read_leaf_list};
use modelmark_digest::{Request, Sha256Digest};
use modelmark_verify::exit_codes;

use super::row::{self, RowOfFile};
use super::{SaltArgs, explain, of_document};
use crate::commands::digest::manifest;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::CacheArgs;
use crate::session::Session;

/// Prove that a file is, or is not, in a dataset, or that a row is in a file
///
/// Prints a proof, a JSON document that stands alone, and on stderr the root that it is about. It is for `modelmark dataset check`, or any reader of
/// docs/spec/dataset.md.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("claim").required(true).args(["file", "absent_path", "absent_content", "row"]))]
#[command(after_help = "Examples:\n  modelmark dataset prove ./data train/a.jsonl > proof.json\n  \
    modelmark dataset prove data.leaves --from-leaves --absent-content \"$(sha256sum < book.txt | cut -c -64)\" > proof.json\n  \
    modelmark dataset prove ./data --row train/a.jsonl:41 > row.json")]
pub(crate) struct ProveArgs {
    /// Dataset: a directory or one file; with --from-leaves, a list of its files
    path: PathBuf,
    /// Path, inside the dataset, of the file to prove there
    file: Option<String>,
    /// Prove that no file has this path inside the dataset
    #[arg(long, value_name = "PATH")]
    absent_path: Option<String>,
    /// Prove that no file has the content with this SHA-256
    #[arg(long, value_name = "DIGEST")]
    absent_content: Option<Sha256Digest>,
    /// Prove row N, counted from 0, of a .jsonl, .ndjson, .csv or .parquet file: the proof is about the root of its rows, as `dataset root --rows` tells it. A
    /// dataset of one file needs no PATH
    #[arg(long, value_name = "PATH:N", conflicts_with_all = ["from_leaves", "salted", "salt_key_file", "recheck"])]
    row: Option<RowOfFile>,
    /// Read what `dataset root --leaves` wrote instead of the data
    #[arg(long)]
    from_leaves: bool,
    #[command(flatten)]
    salt: SaltArgs,
    #[command(flatten)]
    cache: CacheArgs,
}

pub(super) fn run(session: &Session<'_>, args: &ProveArgs) -> Result<u8> {
    if let Some(row) = &args.row {
        let proof = row::prove(&args.path, row)?;
        session.output.document(&proof.to_bytes().map_err(explain)?)?;
        session.output.step("proven", format!("for {} rows with the root {}", proof.proof.size(), proof.root()));
        return Ok(exit_codes::VERIFIED);
    }
    let key = args.salt.key()?;
    let path = |text: &String| {
        let hint = "write it relative to the dataset, without `./` or `..`, as `modelmark dataset root` lists it";
        DataPath::normalised(text).or_usage().map_err(|error| error.hint(hint))
    };
    let (file, absent_path) = (args.file.as_ref().map(path).transpose()?, args.absent_path.as_ref().map(path).transpose()?);
    let set = if args.from_leaves {
        FileSet::new(listed(&args.path)?, key)
    } else {
        let request = Request { tensors: false, holes: args.cache.holes.read_holes, ..Request::default() };
        FileSet::of(&manifest(session, &args.path, &request, args.cache)?, key)
    };
    let proof = set.and_then(|set| prove(&set, file, absent_path, args.absent_content)).map_err(explain)?;
    session.output.document(&proof.to_bytes().map_err(explain)?)?;
    session.output.step("proven", format!("for the dataset with the root {}", proof.dataset.root()));
    Ok(exit_codes::VERIFIED)
}

fn prove(
    set: &FileSet,
    file: Option<DataPath>,
    absent_path: Option<DataPath>,
    absent_content: Option<Sha256Digest>,
) -> std::result::Result<Proof, modelmark_dataset::DatasetError> {
    // The arguments name exactly one of the three.
    match (file, absent_path) {
        (Some(file), _) => set.prove_member(&file),
        (None, Some(path)) => set.prove_absent_path(&path),
        (None, None) => set.prove_absent_content(absent_content.unwrap_or_else(|| Sha256Digest::of(b""))),
    }
}

fn listed(path: &Path) -> Result<Vec<modelmark_dataset::FileEntry>> {
    let file = File::open(path).map_err(|error| CommandError::usage(format!("cannot read `{}`: {error}", path.display())))?;
    read_leaf_list(BufReader::new(file)).map_err(of_document(path))
}
