//! The leaves of all files of a model.

use super::tree::ModelTree;
use super::{LeafList, ListedFile, Outboard};
use crate::{ContentId, ManifestKind, ModelPath};

/// The leaf lists of a model's files, each known to be that of its file's CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafLists {
    kind: ManifestKind,
    weights: Option<ContentId>,
    /// Sorted by path; the one file of a single-file model has none.
    files: Vec<(Option<ModelPath>, LeafList)>,
}

impl LeafLists {
    /// Puts lists together that were checked one by one, as from a block store. Files come in any order.
    #[must_use]
    pub fn collect(kind: ManifestKind, files: impl IntoIterator<Item = (ModelPath, LeafList)>) -> Self {
        let named = |(path, list)| (Some(path).filter(|_| kind == ManifestKind::Directory), list);
        let mut files: Vec<_> = files.into_iter().map(named).collect();
        files.sort_by(|(a, _): &(Option<ModelPath>, _), (b, _)| a.cmp(b));
        Self { kind, weights: None, files }
    }

    pub(super) fn of(outboard: Outboard, tree: &ModelTree, weights: Option<ContentId>) -> Self {
        let Outboard { profile, kind, files, .. } = outboard;
        let list =
            |(ListedFile { path, size, leaves }, dag): (_, &crate::unixfs::Dag)| (path, LeafList::computed(profile, size, leaves, dag.cid));
        Self { kind, weights, files: files.into_iter().zip(&tree.files).map(list).collect() }
    }

    /// Returns whether the model is a file or a directory.
    #[must_use]
    pub const fn kind(&self) -> ManifestKind {
        self.kind
    }

    /// Returns the CID of the weights, when the lists come from an outboard that tells.
    #[must_use]
    pub const fn weights(&self) -> Option<ContentId> {
        self.weights
    }

    /// Returns the leaves of the file at `path`. A model that is one file has that file under any name.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&LeafList> {
        let place = match self.kind {
            ManifestKind::File => Some(0),
            ManifestKind::Directory => self.files.binary_search_by(|(have, _)| have.as_ref().map(ModelPath::as_str).cmp(&Some(path))).ok(),
        };
        place.and_then(|place| self.files.get(place)).map(|(_, list)| list)
    }

    /// Returns the files in path order.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (Option<&ModelPath>, &LeafList)> {
        self.files.iter().map(|(path, list)| (path.as_ref(), list))
    }

    /// Returns the number of leaves of all files together.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.files.iter().map(|(_, list)| list.len() as u64).sum()
    }
}
