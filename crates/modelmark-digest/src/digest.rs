//! From a path to its manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cache::{DigestCache, Memo};
use crate::engine::{self, FileDigests};
use crate::fingerprint::TensorDigest;
use crate::hub;
use crate::tensor_stream::NOT_READ;
use crate::unixfs::Folder;
use crate::walk::Tree;
use crate::{
    CidProfile, ContentId, DigestError, Manifest, ManifestKind, ModelPath, Observer, Request, Sha256Digest, TensorSummary, Weights,
    external, weights,
};

const SAFETENSORS: &str = "safetensors";

/// Fingerprints the model at `path`, a file or a directory.
///
/// Every file is read once, on all cores, in a fixed amount of memory. `path` itself may be a symbolic link; links below it are refused, and so is
/// everything else that is neither a regular file nor a directory. A top-level `.git` (whatever it is) and `.cache/huggingface` directory are left
/// out and listed in [`Manifest::ignored`].
///
/// # Errors
/// Names the file and the fault; see [`DigestError`]. Nothing is returned for a model that could be read only in part.
pub fn digest(path: &Path, request: &Request, observer: &dyn Observer) -> Result<Manifest, DigestError> {
    run(path, request, observer, None).map(|(manifest, _)| manifest)
}

/// Fingerprints the model at `path` as [`digest`] does, but does not read again the files that `cache` knows; see [`crate::cache`] for what that
/// trusts. Digests that are made are kept there.
///
/// # Errors
/// As [`digest`]. A cache has no errors: what it cannot give is computed.
pub fn digest_with(path: &Path, request: &Request, observer: &dyn Observer, cache: &dyn DigestCache) -> Result<Manifest, DigestError> {
    run(path, request, observer, Some(Memo::new(cache, request))).map(|(manifest, _)| manifest)
}

/// The tensors of one weights file with their digests, in the order of the file.
pub type FileTensorDigests = (ModelPath, Vec<TensorDigest>);

/// Fingerprints the model at `path` as [`digest`] does, or as [`digest_with`] with a cache, and gives the digests of its tensors one by one too: none when
/// [`Weights::tensors`] is absent.
///
/// # Errors
/// As [`digest`].
pub fn digest_tensors(
    path: &Path,
    request: &Request,
    observer: &dyn Observer,
    cache: Option<&dyn DigestCache>,
) -> Result<(Manifest, Vec<FileTensorDigests>), DigestError> {
    run(path, request, observer, cache.map(|cache| Memo::new(cache, request)))
}

fn run(
    path: &Path,
    request: &Request,
    observer: &dyn Observer,
    memo: Option<Memo<'_>>,
) -> Result<(Manifest, Vec<FileTensorDigests>), DigestError> {
    digest_tree(&Tree::find(path)?, &[], request, observer, memo).map(|digested| (digested.manifest, digested.tensors))
}

/// What comes out of a run.
pub(crate) struct Digested {
    pub(crate) manifest: Manifest,
    /// The tensors that the fingerprint of the weights is made of.
    pub(crate) tensors: Vec<FileTensorDigests>,
    /// The tensors of the files that were asked for besides, or why they are not known.
    pub(crate) also: BTreeMap<ModelPath, Result<Vec<TensorDigest>, String>>,
}

/// Fingerprints what was found, so that the caller can look at the same files again. `also` lists further files whose tensors are read.
pub(crate) fn digest_tree(
    tree: &Tree,
    also: &[usize],
    request: &Request,
    observer: &dyn Observer,
    memo: Option<Memo<'_>>,
) -> Result<Digested, DigestError> {
    observer.planned(tree.files.len() as u64, tree.size);
    tree.empty_folders().for_each(|path| observer.empty_folder(path));
    let paths: Vec<_> = tree.files.iter().map(|file| &file.path).collect();
    // Files that others name hold tensors, but do not describe them.
    let (describing, chosen) = match weights::select(&paths, &paths) {
        Some((_, files)) => {
            let (files, named) = external::join(tree, &tree.files.iter().collect::<Vec<_>>(), files)?;
            (files.iter().copied().filter(|file| !named.contains_key(file)).collect(), Some(files))
        }
        None => (Vec::new(), None),
    };
    let of_weights = if request.tensors { describing.as_slice() } else { &[] };
    let with_tensors: BTreeSet<usize> = of_weights.iter().chain(also).copied().collect();
    let with_tensors: Vec<usize> = with_tensors.into_iter().collect();
    let mut digests = engine::run(tree, &with_tensors, request, observer, memo)?;
    hub::check(tree, &digests)?;
    let also = pick(&digests, also).filter_map(listed).collect();
    let found = tensors(&mut digests, of_weights)?;
    let cid = folder(tree, request.profile, &digests, observer)?;
    let (weights_cid, chosen) = match &chosen {
        Some(files) => (selected(tree, request.profile, &digests, files, observer)?, files.clone()),
        None => (cid, (0..digests.len()).collect()),
    };
    let weights = Weights {
        cid: weights_cid,
        sha256: weights_sha256(&digests, &chosen),
        files: pick(&digests, &chosen).map(|file| file.entry.path.clone()).collect(),
        format: found.format,
        tensors: found.summary,
        unread: found.unread,
    };
    let manifest = Manifest {
        cid,
        kind: tree.kind,
        profile: request.profile,
        // Each file was as large when it was read as when it was found, or the run would have failed.
        size: tree.size,
        files: digests.into_iter().map(|file| file.entry).collect(),
        origin: tree.origin().cloned(),
        ignored: tree.ignored.clone(),
        weights,
    };
    Ok(Digested { manifest, tensors: found.listed, also })
}

fn listed(file: &FileDigests) -> Option<(ModelPath, Result<Vec<TensorDigest>, String>)> {
    Some((file.entry.path.clone(), file.tensors.as_ref()?.listed.clone()))
}

fn pick<'d>(digests: &'d [FileDigests], chosen: &[usize]) -> impl Iterator<Item = &'d FileDigests> {
    chosen.iter().filter_map(|index| digests.get(*index))
}

/// What is known of the tensors of all weights files.
#[derive(Default)]
struct Tensors {
    format: Option<String>,
    summary: Option<TensorSummary>,
    unread: Option<String>,
    listed: Vec<FileTensorDigests>,
}

/// Brings the tensors of the weights files together. A part of them is no fingerprint of the model.
fn tensors(digests: &mut [FileDigests], with_tensors: &[usize]) -> Result<Tensors, DigestError> {
    let mut found = Tensors::default();
    for file in with_tensors {
        let Some(file) = digests.get_mut(*file) else { continue };
        let Some(tensors) = file.tensors.take() else { return Ok(Tensors::default()) };
        match tensors.listed {
            Ok(listed) => found.listed.push((file.entry.path.clone(), listed)),
            Err(reason) if reason == NOT_READ => return Ok(Tensors::default()),
            Err(reason) => {
                found.unread.get_or_insert_with(|| format!("{}: {reason}", file.entry.path));
            }
        }
        if !tensors.format.is_empty() && *found.format.get_or_insert_with(|| tensors.format.clone()) != tensors.format {
            found.unread.get_or_insert_with(|| format!("{} is in another format than other files: {}", file.entry.path, tensors.format));
        }
    }
    if found.listed.is_empty() || found.unread.is_some() {
        found.listed.clear();
        return Ok(found);
    }
    let files: Vec<weights::Listed<'_>> = found.listed.iter().map(|(path, tensors)| (path, tensors.as_slice())).collect();
    match weights::summarise(&files, found.format.as_deref() == Some(SAFETENSORS))? {
        Ok(summary) => found.summary = Some(summary),
        Err(reason) => {
            found.unread = Some(reason);
            found.listed.clear();
        }
    }
    Ok(found)
}

/// CID of the model: of its one file, or of the directory with everything in it.
fn folder(tree: &Tree, profile: CidProfile, digests: &[FileDigests], observer: &dyn Observer) -> Result<ContentId, DigestError> {
    match (tree.kind, digests) {
        (ManifestKind::File, [only]) => Ok(only.dag.cid),
        _ => {
            let mut folder = Folder::new(profile);
            tree.folders.iter().for_each(|path| folder.add_folder(path));
            digests.iter().for_each(|file| folder.add_file(&file.entry.path, &file.dag));
            close(tree, folder, observer)
        }
    }
}

/// CID of the weights: of the one file, or of a directory with only these files.
fn selected(
    tree: &Tree,
    profile: CidProfile,
    digests: &[FileDigests],
    chosen: &[usize],
    observer: &dyn Observer,
) -> Result<ContentId, DigestError> {
    if let [only] = pick(digests, chosen).collect::<Vec<_>>().as_slice() {
        return Ok(only.dag.cid);
    }
    let mut folder = Folder::new(profile);
    pick(digests, chosen).for_each(|file| folder.add_file(&file.entry.path, &file.dag));
    close(tree, folder, observer)
}

fn close(tree: &Tree, folder: Folder, observer: &dyn Observer) -> Result<ContentId, DigestError> {
    let root = folder.finish(&mut |cid, block| observer.node(cid, block));
    root.map(|dag| dag.cid).map_err(|source| DigestError::Directory { path: tree.root().to_owned(), source })
}

fn weights_sha256(digests: &[FileDigests], chosen: &[usize]) -> Option<Sha256Digest> {
    let listed: Option<Vec<_>> = pick(digests, chosen).map(|file| file.entry.sha256.map(|digest| (&file.entry.path, digest))).collect();
    match listed?.as_slice() {
        [(_, only)] => Some(*only),
        several => Some(weights::listing_digest(several.iter().copied())),
    }
}
