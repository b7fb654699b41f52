//! Weights that lie beside the file that describes them, as ONNX and the checkpoints of TensorFlow keep them: they are weights too, whatever they are called.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use modelmark_formats::{Contents, Finding, FindingCode, FormatError, first_few, read};

use crate::walk::{FoundFile, Tree};
use crate::{DigestError, ManifestKind, ModelPath, weights};

/// The formats whose files name others, by extension.
const DESCRIBING: [&str; 2] = ["index", "onnx"];

/// Adds to the chosen ones among `files` those that they name; gives all in order, and who names the added ones.
///
/// A file that cannot be read for what it is names none: that is told elsewhere.
pub(crate) fn join(tree: &Tree, files: &[&FoundFile], chosen: Vec<usize>) -> Result<(Vec<usize>, BTreeMap<usize, ModelPath>), DigestError> {
    let mut holders = BTreeMap::new();
    if tree.kind == ManifestKind::File {
        return Ok((chosen, holders));
    }
    for found in chosen.iter().filter_map(|index| files.get(*index)).filter(|found| describes(&found.path)) {
        for path in names(tree, found)? {
            if let Ok(index) = files.binary_search_by(|file| file.path.as_str().cmp(&path)) {
                holders.entry(index).or_insert_with(|| found.path.clone());
            }
        }
    }
    // Data files of a checkpoint are told by their names too: nothing else can be in them.
    let is_data = |index: &usize| files.get(*index).is_some_and(|found| weights::is_data(&found.path));
    holders.retain(|index, _| chosen.binary_search(index).is_err() || is_data(index));
    let mut all: Vec<usize> = chosen.into_iter().chain(holders.keys().copied()).collect();
    all.sort_unstable();
    all.dedup();
    Ok((all, holders))
}

/// The files that hold tensors of the one at `found`, by their paths in the model, whether they are there or not.
pub(crate) fn names(tree: &Tree, found: &FoundFile) -> Result<Vec<String>, DigestError> {
    let handle = tree.open(found)?;
    let contents = match read(&handle, found.path.file_name()) {
        Err(FormatError::Read(source)) => return Err(tree.failed(&found.path, source)),
        other => other.ok().flatten(),
    };
    Ok(contents.iter().flat_map(|contents| named(&found.path, contents)).map(|(path, _)| path).collect())
}

/// Tells whether files of this name may name others.
pub(crate) fn describes(path: &ModelPath) -> bool {
    let extension = path.file_name().rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| DESCRIBING.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// The files that hold tensors of `contents`, by their paths in the model, and where the last tensor in each ends.
fn named(path: &ModelPath, contents: &Contents) -> BTreeMap<String, u64> {
    let folder = path.as_str().strip_suffix(path.file_name()).unwrap_or_default();
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    for tensor in &contents.tensors {
        if let Some(file) = &tensor.source.file {
            let end = ends.entry(file).or_default();
            *end = (*end).max(tensor.source.pieces.end());
        }
    }
    ends.into_iter().map(|(file, end)| (format!("{folder}{file}"), end)).collect()
}

/// Tells of files that are named and not there, too short, or reachable by other names.
pub(crate) fn check(tree: &Tree, path: &ModelPath, contents: &Contents) -> Result<Vec<Finding>, DigestError> {
    let mut findings = Vec::new();
    let mut note = |code, message| findings.push(Finding { code, message });
    let named = named(path, contents);
    let names = |names: &[&str]| first_few(names.iter().copied());
    if tree.kind == ManifestKind::File {
        if !named.is_empty() {
            let beside: Vec<&str> = named.keys().map(String::as_str).collect();
            let message = format!("its weights lie beside it, in {}: the whole folder is the model", names(&beside));
            note(FindingCode::ExternalBeside, message);
        }
        return Ok(findings);
    }
    let (mut missing, mut short, mut linked) = (Vec::new(), Vec::new(), Vec::new());
    for (file, end) in &named {
        let found = tree.files.binary_search_by(|found| found.path.as_str().cmp(file)).ok().and_then(|index| tree.files.get(index));
        let Some(found) = found else {
            missing.push(file.as_str());
            continue;
        };
        if found.size < *end {
            short.push(file.as_str());
        }
        if tree.open(found)?.metadata().map_err(|source| tree.failed(&found.path, source))?.nlink() > 1 {
            linked.push(file.as_str());
        }
    }
    for (code, files, what) in [
        (FindingCode::ExternalMissing, missing, "its weights lie in files that are not in the model"),
        (FindingCode::ExternalMissing, short, "its weights reach beyond the end of files"),
        (FindingCode::ExternalLinked, linked, "its weights lie in files that have further names on this disk (hard links)"),
    ] {
        if !files.is_empty() {
            note(code, format!("{what}: {}", names(&files)));
        }
    }
    Ok(findings)
}
