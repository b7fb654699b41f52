//! The files beside a model, and in the folder of a training run, that facts are captured from. What they say is for `modelmark-record`.

use std::io::Read as _;
use std::path::Path;

use modelmark_record::{MAX_SOURCE_BYTES, SOURCE_FILES, SOURCE_FOLDERS, is_source};

use crate::commands::digest;
use crate::error::{CommandError, Result};
use crate::output::printable;
use crate::session::Session;

/// Most entries of a folder that are looked at.
const MAX_ENTRIES: usize = 10_000;
/// Most files that are read from one folder.
const MAX_FILES: usize = 128;
/// Most bytes that are read of one run.
const MAX_BYTES: usize = 64 << 20;
/// Where a run of Weights & Biases keeps its files.
const WANDB_FILES: [&str; 3] = ["wandb-metadata.json", "wandb-summary.json", "config.yaml"];

/// A file's path as the record names it, and its bytes.
pub(crate) type Found = (String, Vec<u8>);

/// Reads what lies in a model's own folder: training tools that were told to write there leave one run, and of several nobody can tell which it was.
pub(crate) fn in_model(session: &Session<'_>, folder: &Path) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    named(folder, "", &mut found)?;
    listed(&folder.join(".eval_results"), ".eval_results/", &mut found)?;
    let wandb: Vec<String> = folders(&folder.join("wandb"))?.into_iter().filter(|name| name.starts_with("run-")).collect();
    match wandb.as_slice() {
        [] => {}
        [run] => wandb_run(&folder.join("wandb").join(run).join("files"), &format!("wandb/{run}/files/"), &mut found)?,
        several => session.output.note(format!("wandb/ has {} runs; name the one that made the model with --run", several.len())),
    }
    let mut runs = Vec::new();
    for experiment in folders(&folder.join("mlruns"))? {
        let within = format!("mlruns/{experiment}/");
        runs.extend(folders(&folder.join(&within))?.into_iter().filter(|run| run.len() == 32).map(|run| format!("{within}{run}/")));
    }
    match runs.as_slice() {
        [] => {}
        [run] => mlflow_run(&folder.join(run), run, &mut found)?,
        several => session.output.note(format!("mlruns/ has {} runs; name the one that made the model with --run", several.len())),
    }
    Ok(found)
}

/// Reads the folder of a training run. Its files are named after the folder alone: where it lies is nobody else's business.
pub(crate) fn in_run(session: &Session<'_>, folder: &Path) -> Result<Vec<Found>> {
    if !folder.is_dir() {
        return Err(CommandError::usage(format!("--run `{}` is no folder", folder.display()))
            .hint("name the folder that the training tool wrote, such as wandb/run-20260101_120000-abc or mlruns/0/<run>"));
    }
    let name = std::fs::canonicalize(folder).ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let within = format!("../{}/", name.as_deref().unwrap_or("run"));
    let mut found = Vec::new();
    named(folder, &within, &mut found)?;
    if folder.join("wandb-metadata.json").is_file() {
        one(folder, &within, "config.yaml", &mut found)?;
    }
    if folder.join("files").is_dir() {
        wandb_run(&folder.join("files"), &format!("{within}files/"), &mut found)?;
    }
    if folder.join("meta.yaml").is_file() {
        mlflow_run(folder, &within, &mut found)?;
    }
    if found.is_empty() {
        session.output.note(format!("--run {}: nothing in it is known", printable(&folder.display().to_string())));
    }
    Ok(found)
}

fn named(folder: &Path, within: &str, found: &mut Vec<Found>) -> Result<()> {
    SOURCE_FILES.iter().filter(|name| **name != "meta.yaml").try_for_each(|name| one(folder, within, name, found))
}

fn wandb_run(folder: &Path, within: &str, found: &mut Vec<Found>) -> Result<()> {
    WANDB_FILES.iter().try_for_each(|name| one(folder, within, name, found))
}

fn mlflow_run(folder: &Path, within: &str, found: &mut Vec<Found>) -> Result<()> {
    one(folder, within, "meta.yaml", found)?;
    SOURCE_FOLDERS.iter().skip(1).try_for_each(|inner| listed(&folder.join(inner), &format!("{within}{inner}/"), found))
}

fn one(folder: &Path, within: &str, name: &str, found: &mut Vec<Found>) -> Result<()> {
    let taken: usize = found.iter().map(|(_, bytes)| bytes.len()).sum();
    if let Some(bytes) = beside(folder, name)?.filter(|bytes| taken + bytes.len() <= MAX_BYTES) {
        found.push((format!("{within}{name}"), bytes));
    }
    Ok(())
}

/// Reads the files of a folder that are sources, in the order of their names.
fn listed(folder: &Path, within: &str, found: &mut Vec<Found>) -> Result<()> {
    let names = entries(folder, false)?.into_iter().filter(|name| is_source(&format!("{within}{name}")));
    names.take(MAX_FILES).try_for_each(|name| one(folder, within, &name, found))
}

fn folders(folder: &Path) -> Result<Vec<String>> {
    entries(folder, true)
}

/// The names of the folders or of the plain files in a folder, sorted; links lead elsewhere and are passed over.
fn entries(folder: &Path, directories: bool) -> Result<Vec<String>> {
    let unreadable = |error: std::io::Error| CommandError::unreachable(format!("cannot read `{}`: {error}", folder.display()));
    match std::fs::symlink_metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        _ => return Ok(Vec::new()),
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)?.take(MAX_ENTRIES) {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        if if directories { kind.is_dir() } else { kind.is_file() } {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort();
    Ok(names)
}

/// Reads a file beside the model, if there is one. It may not be fingerprinted yet: a link could lead anywhere, and opening a pipe would wait for ever.
pub(crate) fn beside(folder: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    let path = folder.join(name);
    let unreadable = |error: std::io::Error| CommandError::unreachable(format!("cannot read `{}`: {error}", path.display()));
    match std::fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => std::fs::File::open(&path).and_then(read_start).map(Some).map_err(unreadable),
        Ok(metadata) if metadata.is_symlink() && modelmark_digest::hub::origin(&path).is_some() => {
            let file = modelmark_digest::hub::open_linked(&path).map_err(digest::explain)?;
            file.map(read_start).transpose().map_err(unreadable)
        }
        Ok(metadata) => {
            let kind = if metadata.is_symlink() { "is a symbolic link" } else { "is no regular file" };
            Err(CommandError::refused(format!("`{}` {kind}", path.display())))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error)),
    }
}

/// Reads one byte more than is used at all, so that the reader sees that a file is too long and says so.
fn read_start(file: std::fs::File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_SOURCE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
