//! From leaves back to CIDs.

use super::{ListedFile, Outboard, OutboardError};
use crate::partial::Listing;
use crate::unixfs::{Dag, FileTree, Folder, NodeSink};
use crate::{CidProfile, Codec, ContentId, ManifestKind, ModelPath, Sha256Digest, external, weights};

/// The CIDs that follow from an outboard.
pub(super) struct ModelTree {
    pub(super) cid: ContentId,
    /// In the order of the outboard.
    pub(super) files: Vec<Dag>,
}

/// Bytes of each leaf of a file but the last.
pub(super) const fn leaf_bytes(profile: CidProfile) -> u64 {
    profile.leaf_bytes() as u64
}

pub(super) fn profile_named(name: &str) -> Option<CidProfile> {
    name.parse().ok()
}

/// Number of leaves of a file of `size` bytes. An empty file has none here.
pub(super) const fn leaf_count(profile: CidProfile, size: u64) -> u64 {
    size.div_ceil(leaf_bytes(profile))
}

/// Builds the tree of a file; every node goes to `sink`.
pub(super) fn file(profile: CidProfile, size: u64, leaves: &[Sha256Digest], sink: &mut NodeSink<'_>) -> Dag {
    let mut tree = FileTree::new(profile);
    let mut left = size;
    for digest in leaves {
        let length = left.min(leaf_bytes(profile));
        tree.push(ContentId::from_digest(Codec::Raw, *digest), length, sink);
        left -= length;
    }
    tree.finish(sink)
}

pub(super) fn model(outboard: &Outboard) -> Result<ModelTree, OutboardError> {
    let files: Vec<Dag> = outboard.files.iter().map(|listed| file(outboard.profile, listed.size, &listed.leaves, &mut |_, _| {})).collect();
    let cid = match (outboard.kind, files.as_slice()) {
        (ManifestKind::File, [only]) => only.cid,
        _ => {
            let mut folder = folder_of(outboard.profile, outboard.files.iter().zip(&files));
            outboard.empty_folders.iter().for_each(|path| folder.add_folder(path));
            folder.finish(&mut |_, _| {})?.cid
        }
    };
    Ok(ModelTree { cid, files })
}

/// CID of the weights, chosen among the files as [`digest`](crate::digest()) chooses them; none where names alone do not tell.
pub(super) fn weights(outboard: &Outboard, tree: &ModelTree) -> Result<Option<ContentId>, OutboardError> {
    let paths: Vec<&ModelPath> = outboard.files.iter().filter_map(|listed| listed.path.as_ref()).collect();
    let Some((extension, chosen)) = weights::select(&paths, &paths) else { return Ok(Some(tree.cid)) };
    if weights::SCATTERED.contains(&extension) {
        return Ok(None);
    }
    selected(outboard, tree, &chosen).map(Some)
}

/// CID of the weights where files among them name others, as far as those files can be read from `listing`.
pub(super) fn weights_beside(outboard: &Outboard, tree: &ModelTree, listing: &Listing) -> Result<Option<ContentId>, OutboardError> {
    let paths: Vec<&ModelPath> = outboard.files.iter().filter_map(|listed| listed.path.as_ref()).collect();
    let Some((_, mut chosen)) = weights::select(&paths, &paths) else { return Ok(Some(tree.cid)) };
    let describing: Vec<&ModelPath> =
        chosen.iter().filter_map(|index| paths.get(*index)).copied().filter(|path| external::describes(path)).collect();
    for path in describing {
        let Some(Ok(named)) = listing.names(path.as_str()) else { return Ok(None) };
        chosen.extend(named.iter().filter_map(|name| paths.binary_search_by(|path| path.as_str().cmp(name)).ok()));
    }
    selected(outboard, tree, &chosen).map(Some)
}

/// CID of the file, or of a directory with only these files.
fn selected(outboard: &Outboard, tree: &ModelTree, chosen: &[usize]) -> Result<ContentId, OutboardError> {
    let chosen: Vec<_> = outboard.files.iter().zip(&tree.files).enumerate().filter(|(index, _)| chosen.contains(index)).collect();
    match chosen.as_slice() {
        [(_, (_, only))] => Ok(only.cid),
        _ => Ok(folder_of(outboard.profile, chosen.into_iter().map(|(_, pair)| pair)).finish(&mut |_, _| {})?.cid),
    }
}

fn folder_of<'a>(profile: CidProfile, files: impl Iterator<Item = (&'a ListedFile, &'a Dag)>) -> Folder {
    let mut folder = Folder::new(profile);
    for (listed, dag) in files {
        if let Some(path) = &listed.path {
            folder.add_file(path, dag);
        }
    }
    folder
}
