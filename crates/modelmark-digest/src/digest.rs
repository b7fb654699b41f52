//! From a path to its manifest.

use std::path::Path;

use crate::cache::{DigestCache, Memo};
use crate::engine::{self, FileDigests};
use crate::hub;
use crate::tensor_stream::TensorLeaf;
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
    run(path, request, observer, None)
}

/// Fingerprints the model at `path` as [`digest`] does, but does not read again the files that `cache` knows; see [`crate::cache`] for what that
/// trusts. Digests that are made are kept there.
///
/// # Errors
/// As [`digest`]. A cache has no errors: what it cannot give is computed.
pub fn digest_with(path: &Path, request: &Request, observer: &dyn Observer, cache: &dyn DigestCache) -> Result<Manifest, DigestError> {
    run(path, request, observer, Some(Memo::new(cache, request)))
}

fn run(path: &Path, request: &Request, observer: &dyn Observer, memo: Option<Memo<'_>>) -> Result<Manifest, DigestError> {
    let tree = Tree::find(path)?;
    observer.planned(tree.files.len() as u64, tree.size);
    tree.empty_folders().for_each(|path| observer.empty_folder(path));
    let paths: Vec<_> = tree.files.iter().map(|file| &file.path).collect();
    let chosen = match weights::select(&paths, &paths) {
        Some((extension, files)) => Some((extension, external::join(&tree, &tree.files.iter().collect::<Vec<_>>(), files)?.0)),
        None => None,
    };
    let with_tensors = match &chosen {
        Some((SAFETENSORS, files)) if request.tensors => files.as_slice(),
        _ => &[],
    };
    let mut digests = engine::run(&tree, with_tensors, request, observer, memo)?;
    hub::check(&tree, &digests)?;
    let tensors = summarise(&mut digests, with_tensors)?;
    let cid = folder(&tree, request.profile, &digests, observer)?;
    let (weights_cid, chosen) = match &chosen {
        Some((_, files)) => (selected(&tree, request.profile, &digests, files, observer)?, files.clone()),
        None => (cid, (0..digests.len()).collect()),
    };
    let weights = Weights {
        cid: weights_cid,
        sha256: weights_sha256(&digests, &chosen),
        files: pick(&digests, &chosen).map(|file| file.entry.path.clone()).collect(),
        format: (!with_tensors.is_empty()).then(|| SAFETENSORS.to_owned()),
        tensors,
    };
    Ok(Manifest {
        cid,
        kind: tree.kind,
        profile: request.profile,
        // Each file was as large when it was read as when it was found, or the run would have failed.
        size: tree.size,
        files: digests.into_iter().map(|file| file.entry).collect(),
        origin: tree.origin().cloned(),
        ignored: tree.ignored,
        weights,
    })
}

fn pick<'d>(digests: &'d [FileDigests], chosen: &[usize]) -> impl Iterator<Item = &'d FileDigests> {
    chosen.iter().filter_map(|index| digests.get(*index))
}

fn summarise(digests: &mut [FileDigests], with_tensors: &[usize]) -> Result<Option<TensorSummary>, DigestError> {
    if with_tensors.is_empty() {
        return Ok(None);
    }
    let read = digests.iter_mut().filter_map(|file| file.tensors.take().map(|leaves| (&file.entry.path, leaves)));
    weights::summarise(read.collect::<Vec<(&ModelPath, Vec<TensorLeaf>)>>())
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
