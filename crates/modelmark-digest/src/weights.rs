//! Which files of a model are its weights, and their digests taken together.

use std::collections::BTreeMap;

use crate::fingerprint::{Roots, TensorDigest};
use crate::{DigestError, ModelPath, Sha256Digest, TensorSummary};

/// Extensions of weights files; the first that occurs in a model decides, so that a model kept in two formats has one set of weights.
const EXTENSIONS: [&str; 15] =
    ["safetensors", "gguf", "onnx", "pt", "pth", "bin", "ckpt", "h5", "hdf5", "keras", "index", "tflite", "npz", "pb", "msgpack"];

/// Formats whose files name others that hold their tensors: which files are the weights stands in them, not in their names.
pub(crate) const SCATTERED: [&str; 3] = ["onnx", "index", "pb"];

/// The weights files among `paths`, some or all of those of `model`, which are sorted, by position, and their extension; none when no name is recognised.
pub(crate) fn select(paths: &[&ModelPath], model: &[&ModelPath]) -> Option<(&'static str, Vec<usize>)> {
    EXTENSIONS.into_iter().find_map(|extension| {
        let chosen: Vec<usize> =
            paths.iter().enumerate().filter(|(_, path)| is_weights(path, extension, model)).map(|(index, _)| index).collect();
        (!chosen.is_empty()).then_some((extension, chosen))
    })
}

fn is_weights(path: &ModelPath, extension: &str, model: &[&ModelPath]) -> bool {
    let name = path.file_name();
    if extension == "index" && is_data(path) {
        return index_of(path).is_some_and(|index| has(model, &index));
    }
    let state_of_training = matches!(name, "training_args.bin" | "optimizer.pt" | "scheduler.pt")
        || name.strip_prefix("rng_state").is_some_and(|rest| rest.ends_with(".pth"));
    let matches = name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case(extension));
    let of_another_kind = match extension {
        "index" => !is_checkpoint(path, model),
        "pb" => has_no_weights(path, model),
        _ => false,
    };
    matches && !state_of_training && !of_another_kind
}

/// Tells whether a file is named as the data of a TensorFlow checkpoint: `….data-00000-of-00001`.
pub(crate) fn is_data(path: &ModelPath) -> bool {
    let numbers = path.file_name().rsplit_once(".data-").and_then(|(_, numbers)| numbers.split_once("-of-"));
    let five = |digits: &str| digits.len() == 5 && digits.bytes().all(|c| c.is_ascii_digit());
    numbers.is_some_and(|(number, count)| five(number) && five(count))
}

fn index_of(data: &ModelPath) -> Option<String> {
    data.as_str().rsplit_once(".data-").map(|(stem, _)| format!("{stem}.index"))
}

/// Tells whether an index is that of a TensorFlow checkpoint: data files of its name lie beside it, or it was named alone.
fn is_checkpoint(path: &ModelPath, model: &[&ModelPath]) -> bool {
    let data = path.as_str().strip_suffix("index").map(|stem| format!("{stem}data-")).unwrap_or_default();
    let first = model.partition_point(|other| other.as_str() < data.as_str());
    model.len() == 1 || (!data.is_empty() && model.get(first).is_some_and(|other| other.as_str().starts_with(&data)))
}

/// Tells whether a file of TensorFlow describes weights that are kept elsewhere: in the variables of a `SavedModel`.
fn has_no_weights(path: &ModelPath, model: &[&ModelPath]) -> bool {
    let folder = path.as_str().strip_suffix(path.file_name()).unwrap_or_default();
    match path.file_name() {
        "fingerprint.pb" | "keras_metadata.pb" => model.len() > 1,
        "saved_model.pb" => has(model, &format!("{folder}variables/variables.index")),
        _ => false,
    }
}

fn has(model: &[&ModelPath], path: &str) -> bool {
    model.binary_search_by(|other| other.as_str().cmp(path)).is_ok()
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

/// The tensors of one weights file.
pub(crate) type Listed<'f> = (&'f ModelPath, &'f [TensorDigest]);

/// Sums up the tensors of all weights files, or says why that cannot be done.
///
/// Shards of one set (`…-00001-of-00003.…`) must not share a tensor name. Files that belong to different sets may, as the parts of an image
/// pipeline do; they are then no single set of named tensors, and there is no summary.
pub(crate) fn summarise(files: &[Listed<'_>], strict: bool) -> Result<Result<TensorSummary, String>, DigestError> {
    let mut all: Vec<(&ModelPath, &TensorDigest)> =
        files.iter().flat_map(|(path, tensors)| tensors.iter().map(move |tensor| (*path, tensor))).collect();
    all.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    let namesakes = all.chunk_by(|(_, a), (_, b)| a.name == b.name).filter(|namesakes| namesakes.len() > 1);
    let mut reason = None;
    for namesakes in namesakes {
        if strict {
            refuse_shared(namesakes)?;
        }
        if let [(first, tensor), (second, _), ..] = namesakes {
            reason.get_or_insert_with(|| format!("several tensors are named {:?}: in {first} and in {second}", tensor.name));
        }
    }
    Ok(reason.map_or_else(|| Ok(summary(&all)), Err))
}

fn refuse_shared(namesakes: &[(&ModelPath, &TensorDigest)]) -> Result<(), DigestError> {
    let mut seen = BTreeMap::new();
    for (path, tensor) in namesakes {
        if let Some(first) = shard_set(path).and_then(|set| seen.insert(set, *path)) {
            return Err(DigestError::SharedTensor { name: tensor.name.clone(), first: first.clone(), second: (*path).clone() });
        }
    }
    Ok(())
}

fn summary(all: &[(&ModelPath, &TensorDigest)]) -> TensorSummary {
    let mut dtypes = BTreeMap::new();
    for (_, tensor) in all {
        let elements: &mut u64 = dtypes.entry(tensor.dtype.clone()).or_default();
        *elements = elements.saturating_add(tensor.elements);
    }
    let Roots { exact, content, value } = Roots::over(all.iter().map(|(_, tensor)| *tensor));
    TensorSummary {
        count: all.len() as u64,
        parameters: dtypes.values().fold(0, |sum, elements| sum.saturating_add(*elements)),
        dtypes,
        root: exact,
        content,
        value,
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
        let all: Vec<&ModelPath> = paths.iter().collect();
        let (_, chosen) = select(&all, &all).unwrap_or_default();
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
    fn the_weights_of_a_saved_model_are_its_variables() {
        let (data, variables) = ("variables/variables.data-00000-of-00001", "variables/variables.index");
        assert_eq!(chosen(&["fingerprint.pb", "saved_model.pb", data, variables]), [data, variables]);
        assert_eq!(chosen(&["fingerprint.pb", "saved_model.pb"]), ["saved_model.pb"]);
        let checkpoint = ["model.data-00000-of-00002", "model.data-00001-of-00002", "model.index"];
        assert_eq!(chosen(&["checkpoint", checkpoint[0], checkpoint[1], checkpoint[2], "words.index"]), checkpoint);
        assert_eq!(chosen(&["variables.index"]), ["variables.index"]);
        assert!(chosen(&["search.index", "README.md"]).is_empty());
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
