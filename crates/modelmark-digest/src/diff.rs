//! What changed from one model to another: files, tensors, and what it comes to.
//!
//! Both models are fingerprinted once; of the tensors that stand in both and differ, elements are compared while both stream by a second time. Models
//! may be of any size and in any two formats that are read.

mod apart;
mod element;
mod files;
mod measure;
mod tensors;
mod verdict;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use modelmark_formats::{Tensor, read};
use serde::Serialize;

pub use files::{ChangedFile, FileChanges, RenamedFile};
pub use measure::Distance;
pub use tensors::{ChangedTensor, MovedTensor, TensorChanges, TensorOutline};
pub use verdict::Verdict;

use crate::cache::{DigestCache, Memo};
use crate::digest::{Digested, FileTensorDigests, digest_tree};
use crate::fingerprint::{Overlap, TensorDigest};
use crate::walk::Tree;
use crate::{DigestError, Manifest, ModelPath, Observer, Request, Weights};
pub(crate) use apart::{Placed, distance};
use tensors::Known;

/// What changed from one model to another.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// The weights of the first model.
    pub first: Weights,
    /// The weights of the second model.
    pub second: Weights,
    /// The files.
    pub files: FileChanges,
    /// The tensors; absent when those of one model cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tensors: Option<TensorChanges>,
    /// How many of the first model's weights the second has, whatever their names, types of the same values taken as one; absent as `tensors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
}

/// How a comparison is made.
#[derive(Clone, Copy, Debug)]
pub struct DiffRequest {
    /// Whether the elements of tensors that differ are compared, which reads those tensors a second time.
    pub distances: bool,
    /// Whether to read files that are hardly more than holes; see [`Request::holes`].
    pub holes: bool,
    /// Threads to use; one for each core when absent.
    pub threads: Option<std::num::NonZeroUsize>,
}

impl Default for DiffRequest {
    fn default() -> Self {
        Self { distances: true, holes: false, threads: None }
    }
}

/// One model of a comparison.
struct Side {
    tree: Tree,
    manifest: Manifest,
    tensors: Vec<FileTensorDigests>,
}

/// Compares two models, each a file or a directory.
///
/// # Errors
/// As [`digest`](crate::digest()) for each of them; when a file changes between the two looks at it; when a header that was read cannot be read any more.
pub fn diff(
    first: &Path,
    second: &Path,
    request: DiffRequest,
    observer: &dyn Observer,
    cache: Option<&dyn DigestCache>,
) -> Result<Diff, DigestError> {
    let first = Side::of(first, request, observer, cache)?;
    let second = Side::of(second, request, observer, cache)?;
    let files = FileChanges::between(&first.manifest.files, &second.manifest.files);
    let readable = first.manifest.weights.tensors.is_some() && second.manifest.weights.tensors.is_some();
    let mut tensors = readable.then(|| TensorChanges::between(&first.known(), &second.known()));
    let overlap = readable.then(|| Overlap::of_values(&first.digests(), &second.digests()));
    if let Some(tensors) = tensors.as_mut().filter(|_| request.distances) {
        measure(&first, &second, tensors)?;
    }
    Ok(Diff { first: first.manifest.weights, second: second.manifest.weights, files, tensors, overlap })
}

impl Side {
    fn of(path: &Path, request: DiffRequest, observer: &dyn Observer, cache: Option<&dyn DigestCache>) -> Result<Self, DigestError> {
        let tree = Tree::find(path)?;
        let request = Request { threads: request.threads, holes: request.holes, sha256: false, ..Request::default() };
        let memo = cache.map(|cache| Memo::new(cache, &request));
        let Digested { manifest, tensors, .. } = digest_tree(&tree, &[], &request, observer, memo)?;
        Ok(Self { tree, manifest, tensors })
    }

    fn known(&self) -> Vec<Known> {
        self.tensors.iter().flat_map(|(file, tensors)| tensors.iter().map(|tensor| known(file, tensor))).collect()
    }

    fn digests(&self) -> Vec<TensorDigest> {
        self.tensors.iter().flat_map(|(_, tensors)| tensors).cloned().collect()
    }

    /// Reads the headers again of the files that describe the tensors with these names.
    fn described<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Described, DigestError> {
        let wanted: std::collections::BTreeSet<&str> = names.collect();
        let mut described = Described::default();
        for (path, tensors) in &self.tensors {
            if !tensors.iter().any(|tensor| wanted.contains(tensor.name.as_str())) {
                continue;
            }
            let Some(at) = self.tree.files.iter().position(|file| file.path == *path) else { continue };
            let Some(found) = self.tree.files.get(at) else { continue };
            let file: File = self.tree.open(found)?;
            let contents = read(&file, found.path.file_name()).ok().flatten().ok_or_else(|| self.tree.changed(found))?;
            let tensors = contents.tensors.into_iter().filter(|tensor| wanted.contains(tensor.name.as_str()));
            described.extend(tensors.map(|tensor| (tensor.name.clone(), (at, tensor))));
        }
        Ok(described)
    }

    fn placed<'a>(&'a self, described: &'a Described, name: &str) -> Option<Placed<'a>> {
        let (at, tensor) = described.get(name)?;
        Some(Placed { tree: &self.tree, found: self.tree.files.get(*at)?, tensor })
    }
}

/// Tensors by name, with the position of their file.
type Described = BTreeMap<String, (usize, Tensor)>;

fn known(file: &ModelPath, tensor: &TensorDigest) -> Known {
    // The leaf of level 1 without a name binds everything else, of every type of tensor.
    let nameless = |dtype: &str, bytes, digest| {
        TensorDigest { name: String::new(), dtype: dtype.to_owned(), bytes, digest, narrowed: None, ..tensor.clone() }.exact_leaf()
    };
    let content = nameless(&tensor.dtype, tensor.bytes, tensor.digest);
    let value = tensor.narrowed.as_ref().map_or(content, |narrowed| nameless(&narrowed.dtype, narrowed.bytes, narrowed.digest));
    Known { name: tensor.name.clone(), dtype: tensor.dtype.clone(), shape: tensor.shape.clone(), file: file.clone(), content, value }
}

fn measure(first: &Side, second: &Side, tensors: &mut TensorChanges) -> Result<(), DigestError> {
    let alike = |changed: &&mut ChangedTensor| changed.first.shape == changed.second.shape && !changed.quantised;
    let names: Vec<String> = tensors.changed.iter_mut().filter(alike).map(|changed| changed.first.name.clone()).collect();
    let of_first = first.described(names.iter().map(String::as_str))?;
    let of_second = second.described(names.iter().map(String::as_str))?;
    for changed in tensors.changed.iter_mut().filter(alike) {
        let name = &changed.first.name;
        if let (Some(one), Some(other)) = (first.placed(&of_first, name), second.placed(&of_second, name)) {
            changed.distance = distance(one, other)?;
        }
    }
    Ok(())
}
