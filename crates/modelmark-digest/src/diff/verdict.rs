//! What the differences come to, in one line.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Diff;
use super::tensors::{MovedTensor, TensorChanges};
use crate::{ModelPath, Weights, weights};

/// The file beside which an adapter's weights lie.
const ADAPTER_CONFIG: &str = "adapter_config.json";

/// What the differences come to. Machines read the code, people the line of [`Diff::summary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// The same files with the same content.
    Identical,
    /// The same files under other names.
    FilesRenamed,
    /// The weights are the same files; of the rest only the tokenizer's files differ.
    Tokenizer,
    /// The weights are the same files; other files differ.
    Documents,
    /// An adapter lies beside the same weights.
    AdapterAdded,
    /// The same tensors in files of the same format, which are others only in order, metadata or padding.
    Rewritten,
    /// The same tensors in another split into files.
    Resharded,
    /// The same tensors in another format of file.
    Container,
    /// The same tensors, some under other names.
    Renamed,
    /// The same values, some in types of another width; nothing was lost.
    Retyped,
    /// All tensors of the first, and more.
    TensorsAdded,
    /// A part of the first's tensors, and no other.
    TensorsRemoved,
    /// The same values at other names: whoever swaps two layers gets another model of the same weights.
    Swapped,
    /// The same names and shapes, other values in some: a fine-tune, or another run.
    Changed,
    /// Some tensors in common, others only in one of them.
    Related,
    /// No tensor in common.
    Unrelated,
    /// One of the models, or both, have no file that is recognised as weights.
    NoWeights,
    /// The weights differ and cannot be compared tensor by tensor.
    Opaque,
}

impl Diff {
    /// Returns what the differences come to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.files.is_empty() {
            return Verdict::Identical;
        }
        if lacks_weights(&self.first) || lacks_weights(&self.second) {
            return Verdict::NoWeights;
        }
        if self.same_files_of_weights() {
            return self.beside_the_weights();
        }
        if self.adapter_added() {
            return Verdict::AdapterAdded;
        }
        match &self.tensors {
            None => Verdict::Opaque,
            Some(tensors) if tensors.is_empty() => self.same_tensors(tensors),
            Some(tensors) => of_tensors(tensors),
        }
    }

    /// Returns the verdict as a line for people.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.verdict() {
            Verdict::Identical => "identical: the same files with the same content".to_owned(),
            Verdict::FilesRenamed => "same content, files renamed".to_owned(),
            Verdict::Tokenizer => "same weights, only the tokenizer changed".to_owned(),
            Verdict::Documents => "same weights, other files changed".to_owned(),
            Verdict::AdapterAdded => "same weights, adapter added".to_owned(),
            Verdict::Rewritten => "same tensors, file rewritten".to_owned(),
            Verdict::Resharded => "same tensors, sharded differently".to_owned(),
            Verdict::Container => format!("same weights in another container ({} → {})", format(&self.first), format(&self.second)),
            Verdict::Renamed => format!("same weights, {} renamed", tensors(self.moved(MovedTensor::renamed))),
            Verdict::Retyped => format!("same values, {} in another type without loss", tensors(self.moved(MovedTensor::retyped))),
            Verdict::TensorsAdded => {
                format!("all tensors of the first, and {} more", self.tensors.as_ref().map_or(0, |tensors| tensors.added.len()))
            }
            Verdict::TensorsRemoved => {
                format!("a part of the first: {} left out", tensors(self.tensors.as_ref().map_or(0, |tensors| tensors.removed.len())))
            }
            Verdict::Swapped => "same values under swapped names: another model made of the same weights".to_owned(),
            Verdict::Changed => {
                let (changed, all) = self.tensors.as_ref().map_or((0, 0), |tensors| (tensors.changed.len(), tensors.first));
                format!("same architecture, {changed} of {all} tensors changed")
            }
            Verdict::Related => {
                let (shared, all) = self.tensors.as_ref().map_or((0, 0), |tensors| (tensors.shared(), tensors.second));
                format!("related: {shared} of {all} tensors of the second are in the first")
            }
            Verdict::Unrelated => "no tensor in common".to_owned(),
            Verdict::NoWeights => match (lacks_weights(&self.first), lacks_weights(&self.second)) {
                (true, true) => "no weights in either; the files differ".to_owned(),
                (true, false) => "no weights in the first".to_owned(),
                _ => "no weights in the second".to_owned(),
            },
            Verdict::Opaque => "weights differ, and cannot be compared tensor by tensor".to_owned(),
        }
    }

    fn moved(&self, which: fn(&MovedTensor) -> bool) -> usize {
        self.tensors.as_ref().map_or(0, |tensors| tensors.moved.iter().filter(|moved| which(moved)).count())
    }

    fn same_files_of_weights(&self) -> bool {
        self.first.cid == self.second.cid || self.kept().is_some_and(|kept| kept == self.second.files.iter().collect())
    }

    /// Paths in the second model of the first's weights files; none when one of them is gone or changed.
    fn kept(&self) -> Option<BTreeSet<&ModelPath>> {
        let files = &self.files;
        let lost: BTreeSet<&ModelPath> = files.removed.iter().chain(files.changed.iter().map(|file| &file.path)).collect();
        let renamed: BTreeMap<&ModelPath, &ModelPath> = files.renamed.iter().map(|file| (&file.first, &file.second)).collect();
        let kept = self.first.files.iter().map(|path| (!lost.contains(path)).then(|| renamed.get(path).copied().unwrap_or(path)));
        kept.collect()
    }

    /// Tells whether the first's weights files are all there as they were, and the second's others are the weights of an adapter that was added.
    fn adapter_added(&self) -> bool {
        let configs = self.files.added.iter().filter(|path| path.file_name() == ADAPTER_CONFIG);
        let folders: BTreeSet<&str> = configs.map(folder).collect();
        let of_adapter = |path: &ModelPath| path.file_name().starts_with("adapter_model") && folders.contains(folder(path));
        self.kept().is_some_and(|kept| self.second.files.iter().all(|path| kept.contains(path) || of_adapter(path))) && !folders.is_empty()
    }

    /// The weights are byte for byte the same; what is it then?
    fn beside_the_weights(&self) -> Verdict {
        let files = &self.files;
        if files.added.is_empty() && files.removed.is_empty() && files.changed.is_empty() {
            return Verdict::FilesRenamed;
        }
        if files.added.iter().any(|path| path.file_name() == ADAPTER_CONFIG) {
            return Verdict::AdapterAdded;
        }
        if files.touched().all(is_tokenizer) { Verdict::Tokenizer } else { Verdict::Documents }
    }

    /// Every tensor is the same; so the files that hold them must be others.
    fn same_tensors(&self, tensors: &TensorChanges) -> Verdict {
        match () {
            () if self.files.added.iter().any(|path| path.file_name() == ADAPTER_CONFIG) => Verdict::AdapterAdded,
            () if self.first.format != self.second.format => Verdict::Container,
            () if tensors.resharded => Verdict::Resharded,
            () => Verdict::Rewritten,
        }
    }
}

fn of_tensors(tensors: &TensorChanges) -> Verdict {
    let TensorChanges { changed, added, removed, moved, .. } = tensors;
    match (changed.is_empty(), added.is_empty(), removed.is_empty()) {
        (true, true, true) if moved.iter().any(MovedTensor::retyped) => Verdict::Retyped,
        (true, true, true) => Verdict::Renamed,
        (true, false, true) => Verdict::TensorsAdded,
        (true, true, false) if tensors.shared() > 0 => Verdict::TensorsRemoved,
        (false, true, true) if changed.iter().all(|changed| changed.stood_at.is_some()) => Verdict::Swapped,
        (false, true, true) if changed.iter().all(|changed| changed.first.shape == changed.second.shape) => Verdict::Changed,
        _ if tensors.shared() > 0 => Verdict::Related,
        _ => Verdict::Unrelated,
    }
}

/// A model without a recognised weights file counts as weights whole.
fn lacks_weights(weights: &Weights) -> bool {
    let files: Vec<&ModelPath> = weights.files.iter().collect();
    weights.tensors.is_none() && weights::select(&files, &files).is_none()
}

fn folder(path: &ModelPath) -> &str {
    path.as_str().strip_suffix(path.file_name()).unwrap_or_default()
}

fn is_tokenizer(path: &ModelPath) -> bool {
    const NAMES: [&str; 9] = [
        "tokenizer.json",
        "tokenizer.model",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "spiece.model",
    ];
    NAMES.contains(&path.file_name())
}

fn format(weights: &Weights) -> &str {
    weights.format.as_deref().unwrap_or("unknown")
}

fn tensors(count: usize) -> String {
    if count == 1 { "1 tensor".to_owned() } else { format!("{count} tensors") }
}
