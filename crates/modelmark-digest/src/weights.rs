//! Which files of a model are its weights, and their digests taken together.

use std::collections::BTreeMap;

use crate::tensor_stream::TensorLeaf;
use crate::{DigestError, ModelPath, Sha256Digest, TensorSummary, tensor_root};

/// Extensions of weights files; the first that occurs in a model decides, so that a model kept in two formats has one set of weights.
const EXTENSIONS: [&str; 13] = ["safetensors", "gguf", "onnx", "pt", "pth", "bin", "ckpt", "h5", "keras", "tflite", "npz", "pb", "msgpack"];

/// The weights files among `paths`, by position, and their extension; none when no name is recognised.
pub(crate) fn select(paths: &[&ModelPath]) -> Option<(&'static str, Vec<usize>)> {
    EXTENSIONS.into_iter().find_map(|extension| {
        let chosen: Vec<usize> = paths.iter().enumerate().filter(|(_, path)| is_weights(path, extension)).map(|(index, _)| index).collect();
        (!chosen.is_empty()).then_some((extension, chosen))
    })
}

fn is_weights(path: &ModelPath, extension: &str) -> bool {
    let name = path.file_name();
    let state_of_training = matches!(name, "training_args.bin" | "optimizer.pt" | "scheduler.pt")
        || name.strip_prefix("rng_state").is_some_and(|rest| rest.ends_with(".pth"));
    let matches = name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case(extension));
    matches && !state_of_training
}

/// Digest of several files: of the text that `sha256sum` prints for them.
pub(crate) fn listing_digest<'a>(files: impl Iterator<Item = (&'a ModelPath, Sha256Digest)>) -> Sha256Digest {
    Sha256Digest::of(files.map(|(path, digest)| listing_line(path, digest)).collect::<String>().as_bytes())
}

// `sha256sum` doubles backslashes and marks the line with one. It also escapes line ends, which a path inside a model cannot hold.
fn listing_line(path: &ModelPath, digest: Sha256Digest) -> String {
    match path.as_str() {
        plain if !plain.contains('\\') => format!("{digest}  {plain}\n"),
        escaped => format!("\\{digest}  {}\n", escaped.replace('\\', r"\\")),
    }
}

/// Sums up the tensors of all weights files.
///
/// Shards of one set (`…-00001-of-00003.…`) must not share a tensor name. Files that belong to different sets may, as the parts of an image
/// pipeline do; they are then no single set of named tensors, and there is no summary.
pub(crate) fn summarise(files: Vec<(&ModelPath, Vec<TensorLeaf>)>) -> Result<Option<TensorSummary>, DigestError> {
    let mut all: Vec<(&ModelPath, TensorLeaf)> =
        files.into_iter().flat_map(|(path, leaves)| leaves.into_iter().map(move |leaf| (path, leaf))).collect();
    all.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    let mut one_set = true;
    for namesakes in all.chunk_by(|(_, a), (_, b)| a.name == b.name).filter(|namesakes| namesakes.len() > 1) {
        one_set = false;
        refuse_shared(namesakes)?;
    }
    Ok(one_set.then(|| summary(&all)))
}

fn refuse_shared(namesakes: &[(&ModelPath, TensorLeaf)]) -> Result<(), DigestError> {
    let mut seen = BTreeMap::new();
    for (path, tensor) in namesakes {
        if let Some(first) = shard_set(path).and_then(|set| seen.insert(set, *path)) {
            return Err(DigestError::SharedTensor { name: tensor.name.to_string(), first: first.clone(), second: (*path).clone() });
        }
    }
    Ok(())
}

fn summary(all: &[(&ModelPath, TensorLeaf)]) -> TensorSummary {
    let mut dtypes = BTreeMap::new();
    for (_, tensor) in all {
        let elements: &mut u64 = dtypes.entry(tensor.dtype.token().to_owned()).or_default();
        *elements = elements.saturating_add(tensor.elements);
    }
    let leaves: Vec<Sha256Digest> = all.iter().map(|(_, tensor)| tensor.leaf).collect();
    TensorSummary {
        count: all.len() as u64,
        parameters: dtypes.values().fold(0, |sum, elements| sum.saturating_add(*elements)),
        dtypes,
        root: tensor_root::root(&leaves),
    }
}

/// What the shards of one set have in common: everything but their own number.
fn shard_set(path: &ModelPath) -> Option<(&str, &str)> {
    let (stem, _) = path.as_str().rsplit_once('.')?;
    let (stem, total) = stem.rsplit_once("-of-")?;
    let (stem, number) = stem.rsplit_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    (digits(total) && digits(number)).then_some((stem, total))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn chosen(names: &[&str]) -> Vec<String> {
        let paths: Vec<ModelPath> = names.iter().map(|name| (*name).try_into().unwrap()).collect();
        let (_, chosen) = select(&paths.iter().collect::<Vec<_>>()).unwrap_or_default();
        paths.iter().enumerate().filter(|(index, _)| chosen.contains(index)).map(|(_, path)| path.to_string()).collect()
    }

    #[test]
    fn one_format_wins_and_training_state_is_never_weights() {
        assert_eq!(chosen(&["a.bin", "m.safetensors", "sub/n.safetensors"]), ["m.safetensors", "sub/n.safetensors"]);
        assert_eq!(chosen(&["optimizer.pt", "rng_state_0.pth", "pytorch_model.bin", "training_args.bin"]), ["pytorch_model.bin"]);
        assert_eq!(chosen(&["MODEL.ONNX", "README.md"]), ["MODEL.ONNX"]);
        assert!(chosen(&["README.md", "safetensors", "config.json"]).is_empty());
    }

    #[test]
    fn the_listing_is_what_sha256sum_prints() {
        let path: ModelPath = "a b.bin".try_into().unwrap();
        let digest = Sha256Digest::of(b"x");
        assert_eq!(listing_digest([(&path, digest)].into_iter()), Sha256Digest::of(format!("{digest}  a b.bin\n").as_bytes()));
    }

    #[test]
    fn shards_are_told_by_their_numbers() {
        let set = |text: &str| shard_set(&text.try_into().unwrap()).map(|(stem, total)| (stem.to_owned(), total.to_owned()));
        assert_eq!(set("x/m-00001-of-00002.safetensors"), set("x/m-00002-of-00002.safetensors"));
        assert_ne!(set("x/m-00001-of-00002.safetensors"), set("y/m-00001-of-00002.safetensors"));
        assert_eq!(set("model.safetensors"), None);
        assert_eq!(set("state-of-art.safetensors"), None);
    }
}
