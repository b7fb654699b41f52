//! The files at hand against the signed list.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use modelmark_digest::{DigestError, FileEntry, ManifestKind, Observer, Request, Scope, Selection, Sha256Digest};

use crate::code::{Code, Refused, shown};
use crate::predicate::{Predicate, Resource, THE_FILE_ITSELF};
use crate::report::Report;
use crate::resource_digest::{Hasher, ResourceDigest};
use crate::serialization::{HashType, Method};
use crate::shards;
use crate::uncovered::{GIT_PATHS, first_file};

/// Most reasons that are told one by one.
const MAX_TOLD: usize = 100;

/// What the caller accepts. Nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Files that are not listed are not looked at.
    pub ignore_unsigned_files: bool,
    /// Links to files count as what they lead to. Links to folders never do: nothing behind them is signed.
    pub allow_symlinks: bool,
    /// Files are accepted where the specification lets signatures not look: `.git`, `.github`, what the signer left out, and empty files when
    /// files were hashed in shards.
    pub accept_uncovered: bool,
    /// Files that are hardly more than holes are read too, which takes as long as their length says. Without, they are an error.
    pub holes: bool,
    /// Paths, as they stand below the model's folder, that are not looked at.
    pub ignore_paths: BTreeSet<String>,
    /// Where the bundle lies, when it lies in the model's folder.
    pub signature_path: Option<String>,
}

/// Compares the model at `path` with what was signed, and adds to `report`.
pub(crate) fn check(
    path: &Path,
    predicate: &Predicate,
    options: &Options,
    bundle: Sha256Digest,
    observer: &dyn Observer,
    report: &mut Report,
) -> Result<(), DigestError> {
    let scope = scope(predicate, options);
    let left_out = scope.leave_out.clone();
    let looked = Selection::of(path, scope).and_then(|selection| {
        if !options.holes {
            selection.refuse_hollow()?;
        }
        let digests = digests(&selection, predicate, observer)?;
        Ok((selection, digests))
    });
    let (selection, digests) = match looked {
        Ok(found) => found,
        Err(error) => {
            report.refused.push(refusal(error)?);
            return Ok(());
        }
    };
    compare(&selection, digests, predicate, options, report);
    if selection.kind() == ManifestKind::Directory {
        left_out.iter().for_each(|name| uncovered(path, name, options, bundle, report));
    }
    links(path, &selection, report);
    bounded(&mut report.refused);
    Ok(())
}

/// What is not looked at: what the specification, the signer and the caller leave out, but nothing that is listed.
fn scope(predicate: &Predicate, options: &Options) -> Scope {
    let named = GIT_PATHS.into_iter().map(str::to_owned).chain(predicate.serialization().ignore_paths.iter().cloned());
    let named = named.chain(options.ignore_paths.iter().cloned()).chain(options.signature_path.clone());
    Scope {
        leave_out: named.filter(|name| !predicate.lists_below(name)).collect(),
        follow_links: options.allow_symlinks,
        only: options.ignore_unsigned_files.then(|| predicate.resources().keys().cloned().collect()),
    }
}

/// A file of the model as it is.
struct Local {
    name: String,
    size: u64,
    resource: Resource,
}

fn digests(selection: &Selection, predicate: &Predicate, observer: &dyn Observer) -> Result<Vec<Local>, DigestError> {
    let names = selection.files().map(|(path, size)| (path.as_str().to_owned(), size));
    let hash = predicate.serialization().hash;
    let resources: Vec<Resource> = match predicate.serialization().method {
        // The engine for records does not know this hash: each file is one piece, and an empty one has the digest of nothing.
        Method::Files if hash == HashType::Blake2b => {
            let pieces = shards::digest(selection, u64::MAX, hash, observer)?;
            let whole = |pieces: Vec<_>| pieces.into_iter().next().unwrap_or_else(|| Hasher::new(hash).finish());
            pieces.into_iter().map(whole).map(Resource::Whole).collect()
        }
        Method::Files => {
            let request = Request { sha256: hash == HashType::Sha256, blake3: hash == HashType::Blake3, holes: true, ..Request::cids() };
            selection.digest(&request, observer)?.iter().filter_map(|entry| digest_of(entry, hash)).map(Resource::Whole).collect()
        }
        Method::Shards(size) => {
            let pieces = shards::digest(selection, size, hash, observer)?;
            pieces.into_iter().zip(selection.files()).map(|(pieces, (_, size))| Resource::Pieces(pieces, size)).collect()
        }
    };
    Ok(names.zip(resources).map(|((name, size), resource)| Local { name, size, resource }).collect())
}

fn digest_of(entry: &FileEntry, hash: HashType) -> Option<ResourceDigest> {
    match hash {
        HashType::Sha256 => entry.sha256.map(|digest| ResourceDigest::from(*digest.as_bytes())),
        HashType::Blake3 => entry.blake3.map(|digest| ResourceDigest::from(*digest.as_bytes())),
        HashType::Blake2b => None,
    }
}

fn compare(selection: &Selection, locals: Vec<Local>, predicate: &Predicate, options: &Options, report: &mut Report) {
    let single = selection.kind() == ManifestKind::File;
    let mut seen = BTreeSet::new();
    for mut local in locals {
        // The specification lists a single file by its name, the reference client by a dot.
        if single && predicate.resources().contains_key(THE_FILE_ITSELF) {
            THE_FILE_ITSELF.clone_into(&mut local.name);
        }
        match predicate.resources().get(&local.name) {
            Some(resource) if *resource == local.resource => report.matched += 1,
            Some(_) => {
                report.refused.push(Refused::new(Code::FileMismatch, format!("{} is not the file that was signed", shown(&local.name))))
            }
            None => extra(&local, predicate, options, report),
        }
        seen.insert(local.name);
    }
    if !single && predicate.resources().contains_key(THE_FILE_ITSELF) {
        report.refused.push(Refused::new(Code::Name, "the signature is of a single file, the model is a folder"));
    }
    let missing = predicate.resources().keys().filter(|name| !seen.contains(*name) && *name != THE_FILE_ITSELF);
    report.refused.extend(missing.map(|name| Refused::new(Code::FileMissing, format!("{} was signed and is not there", shown(name)))));
}

fn extra(local: &Local, predicate: &Predicate, options: &Options, report: &mut Report) {
    let unlisted_by_rule = local.size == 0 && matches!(predicate.serialization().method, Method::Shards(_));
    report.refused.push(match (unlisted_by_rule, options.accept_uncovered) {
        (true, true) => {
            report.notes.push(format!("{} is empty, and shards do not cover empty files", shown(&local.name)));
            return;
        }
        (true, false) => Refused::new(Code::FileUncovered, format!("{} is empty, and shards do not cover empty files", shown(&local.name))),
        (false, _) => Refused::new(Code::FileExtra, format!("{} was not signed", shown(&local.name))),
    });
}

/// Looks at a path that was left out.
fn uncovered(model: &Path, name: &str, options: &Options, bundle: Sha256Digest, report: &mut Report) {
    let Some(first) = first_file(model, name, bundle) else { return };
    let is_signature = options.signature_path.as_deref() == Some(name);
    let is_file = fs::symlink_metadata(model.join(name)).is_ok_and(|found| found.is_file());
    if (is_signature && is_file) || options.ignore_paths.contains(name) {
        return;
    }
    let told = format!("{} is there, where the signature does not look ({})", shown(&first.to_string_lossy()), shown(name));
    if options.accept_uncovered || options.ignore_unsigned_files {
        report.notes.push(told);
    } else {
        report.refused.push(Refused::new(Code::FileUncovered, told));
    }
}

fn links(model: &Path, selection: &Selection, report: &mut Report) {
    let Ok(root) = fs::canonicalize(model) else { return };
    for (name, path) in selection.links() {
        if !fs::canonicalize(path).is_ok_and(|target| target.starts_with(&root)) {
            report.notes.push(format!("{} is a link that leads out of the model", shown(name.as_str())));
        }
    }
}

/// What a model is refused for, as against what could not be read.
pub(crate) fn refusal(error: DigestError) -> Result<Refused, DigestError> {
    let code = match &error {
        DigestError::Link { path, .. } if fs::metadata(path).is_ok_and(|target| target.is_dir()) => Code::LinkFolder,
        DigestError::Link { .. } | DigestError::Hub(_) => Code::Link,
        DigestError::Special { .. } => Code::SpecialFile,
        DigestError::Name { .. } => Code::LocalName,
        DigestError::TooDeep { .. } | DigestError::TooMany { .. } | DigestError::TooLarge { .. } => Code::Bounds,
        DigestError::Pointer(_) => Code::FileMismatch,
        _ => return Err(error),
    };
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Ok(Refused::new(code, format!("{error}{cause}")))
}

fn bounded(refused: &mut Vec<Refused>) {
    if refused.len() > MAX_TOLD {
        let more = refused.len() - MAX_TOLD;
        refused.truncate(MAX_TOLD);
        refused.push(Refused::new(Code::Bounds, format!("and {more} more")));
    }
}
