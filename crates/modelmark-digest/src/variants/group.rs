//! Which sets of weights say by their names that they are the same model.
//!
//! A set is one file, or the shards of one model. Two sets of one folder are the same model when their names mean the same to the programs that load
//! them, whatever the format: `model.safetensors`, `pytorch_model.bin`, `onnx/model_fp16.onnx`. Files of other names (an encoder and a decoder, the
//! parts of a pipeline) say nothing of each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ModelPath, Survey};

/// Formats, the one first that the others of a group are compared with: the one that most programs load, and that keeps values as they were trained.
const PRECEDENCE: [&str; 15] =
    ["safetensors", "bin", "pt", "pth", "ckpt", "h5", "hdf5", "keras", "index", "npz", "onnx", "pb", "tflite", "gguf", "msgpack"];

/// Names under which programs look for the weights of a model, without what says how they are split or stored.
const NAMES_OF_A_MODEL: [&str; 10] = [
    "model",
    "pytorch_model",
    "tf_model",
    "flax_model",
    "rust_model",
    "consolidated",
    "diffusion_pytorch_model",
    "diffusion_flax_model",
    "open_clip_model",
    "open_clip_pytorch_model",
];
/// The same for adapters.
const NAMES_OF_AN_ADAPTER: [&str; 3] = ["adapter_model", "adapter", "pytorch_lora_weights"];

/// Folders that say how what is in them is stored; it belongs to the folder around them.
const FOLDERS_OF_FORMATS: [&str; 12] =
    ["onnx", "original", "gguf", "ggml", "tflite", "tf", "pytorch", "safetensors", "fp16", "bf16", "fp32", "saved_model"];

/// What the end of a name says of how the values are stored.
const STORED: [&str; 18] = [
    "fp32",
    "fp16",
    "bf16",
    "fp8",
    "f32",
    "f16",
    "float32",
    "float16",
    "bfloat16",
    "int8",
    "uint8",
    "int4",
    "q4",
    "q4f16",
    "bnb4",
    "8bit",
    "4bit",
    "quantized",
];

/// One set of weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    /// The file or the index that stands for it, or the shards with a star for their numbers.
    pub(crate) name: String,
    /// The files that describe its tensors, in path order.
    pub(crate) files: Vec<ModelPath>,
}

/// What a set claims to be: the folder, and what it is in there.
type Claim = (String, String);

/// Finds the sets that are to be compared: groups of at least two, in each the one first that the others are compared with.
pub(super) fn groups(survey: &Survey) -> Vec<Vec<Variant>> {
    let mut variants: BTreeMap<String, (Claim, Rank, Variant)> = BTreeMap::new();
    for file in survey.sets.iter().flat_map(|set| &set.files).filter(|file| file.holder.is_none()) {
        let name = name_of_set(survey, &file.path);
        let indexed = survey.indexes.contains_key(file.path.as_str());
        let new = || (claim(&name), rank(&name, indexed), Variant { name: name.clone(), files: Vec::new() });
        variants.entry(name.clone()).or_insert_with(new).2.files.push(file.path.clone());
    }
    name_gguf_by_their_model(&mut variants);
    let mut groups: BTreeMap<Claim, Vec<(Rank, Variant)>> = BTreeMap::new();
    for (claim, rank, variant) in variants.into_values() {
        groups.entry(claim).or_default().push((rank, variant));
    }
    let several = groups.into_values().filter(|group| group.len() > 1);
    several
        .map(|mut group| {
            group.sort_by(|(a, one), (b, two)| (a, &one.name).cmp(&(b, &two.name)));
            group.into_iter().map(|(_, variant)| variant).collect()
        })
        .collect()
}

/// Format, whether no index lists it, whether its name says that it is stored in a way of its own.
type Rank = (usize, bool, bool);

fn rank(set: &str, indexed: bool) -> Rank {
    let (_, name) = folder_and_name(set);
    let (stem, extension) = stem_and_extension(name);
    let format = PRECEDENCE.iter().position(|known| *known == extension).unwrap_or(PRECEDENCE.len());
    let plain = without_numbers(&stem);
    (format, !indexed, without_storage(&plain) != plain)
}

/// Names the set that a file belongs to.
pub(super) fn name_of_set(survey: &Survey, path: &ModelPath) -> String {
    survey.indexes.get(path.as_str()).map_or_else(|| name_without_index(path), ToString::to_string)
}

/// The set that a file without an index belongs to.
fn name_without_index(path: &ModelPath) -> String {
    let folder = path.as_str().strip_suffix(path.file_name()).unwrap_or_default();
    let Some((stem, extension)) = path.file_name().rsplit_once('.') else { return path.to_string() };
    if let Some((stem, total)) = stem.rsplit_once("-of-")
        && let Some((stem, number)) = stem.rsplit_once('-')
        && digits(number)
        && digits(total)
    {
        return format!("{folder}{stem}-*-of-{total}.{extension}");
    }
    match stem.rsplit_once('.') {
        Some(("consolidated", number)) if digits(number) => format!("{folder}consolidated.*.{extension}"),
        _ => path.to_string(),
    }
}

fn claim(set: &str) -> Claim {
    let (folder, name) = folder_and_name(set);
    let (around, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    let folder = if FOLDERS_OF_FORMATS.contains(&last.to_ascii_lowercase().as_str()) { around } else { folder };
    let (stem, extension) = stem_and_extension(name);
    let stem = without_storage(&without_numbers(&stem));
    let role = match stem.as_str() {
        known if NAMES_OF_A_MODEL.contains(&known) => "model".to_owned(),
        known if NAMES_OF_AN_ADAPTER.contains(&known) => "adapter_model".to_owned(),
        _ if extension == "gguf" => format!("gguf {}", without_quantisation(&stem)),
        _ => stem,
    };
    (folder.to_owned(), role)
}

/// GGUF files are called after their model. When all of a folder are, they say that they are the model of that folder.
fn name_gguf_by_their_model(variants: &mut BTreeMap<String, (Claim, Rank, Variant)>) {
    let mut models: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let of_gguf = |role: &str| role.starts_with("gguf ") && !role.contains("mmproj") && !role.contains("imatrix");
    for ((folder, role), ..) in variants.values() {
        if of_gguf(role) {
            models.entry(folder.clone()).or_default().insert(role.clone());
        }
    }
    for ((folder, role), ..) in variants.values_mut() {
        if of_gguf(role) && models.get(folder).is_some_and(|models| models.len() == 1) {
            "model".clone_into(role);
        }
    }
}

/// Splits the name of a set; an index is called like the file that it stands for.
fn folder_and_name(set: &str) -> (&str, &str) {
    let file = set.strip_suffix(".index.json").unwrap_or(set);
    file.rsplit_once('/').unwrap_or(("", file))
}

fn stem_and_extension(name: &str) -> (String, String) {
    let lower = name.to_ascii_lowercase();
    lower.rsplit_once('.').map_or_else(|| (lower.clone(), String::new()), |(stem, extension)| (stem.to_owned(), extension.to_owned()))
}

/// Takes the number of a shard off a name.
fn without_numbers(stem: &str) -> String {
    let numbers = |text: &str| text == "*" || digits(text);
    let sharded = stem.rsplit_once("-of-").filter(|(_, total)| digits(total)).and_then(|(stem, _)| stem.rsplit_once('-'));
    let sharded = sharded.filter(|(_, number)| numbers(number)).map(|(stem, _)| stem);
    let parallel = stem.rsplit_once('.').filter(|(stem, number)| *stem == "consolidated" && numbers(number)).map(|(stem, _)| stem);
    sharded.or(parallel).unwrap_or(stem).to_owned()
}

fn without_storage(stem: &str) -> String {
    let end = STORED.iter().find_map(|stored| stem.strip_suffix(stored)?.strip_suffix(['.', '-', '_']));
    end.filter(|rest| !rest.is_empty()).unwrap_or(stem).to_owned()
}

/// Takes the type of quantisation off the name of a GGUF file: `tiny-q4_k_m`, `tiny.iq2_xs`, `tiny-ud-q4_k_xl`.
fn without_quantisation(stem: &str) -> String {
    let quantised = |part: &str| {
        let bits = part.trim_start_matches("ud-").trim_start_matches('i').trim_start_matches("tq").trim_start_matches('q');
        bits.len() < part.len() && bits.starts_with(|c: char| c.is_ascii_digit())
    };
    let at = stem.rfind(['-', '.']).filter(|at| stem.get(at + 1..).is_some_and(quantised));
    let rest = at.and_then(|at| stem.get(..at)).unwrap_or(stem);
    rest.strip_suffix("-ud").unwrap_or(rest).to_owned()
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn claims(path: &str) -> (String, String) {
        claim(path)
    }

    #[test]
    fn names_that_mean_the_model_are_one() {
        for path in [
            "model.safetensors",
            "pytorch_model.bin",
            "model.fp16.safetensors",
            "pytorch_model-00001-of-00003.bin",
            "tf_model.h5",
            "onnx/model.onnx",
            "onnx/model_q4f16.onnx",
            "original/consolidated.00.pth",
        ] {
            assert_eq!(claims(path), (String::new(), "model".to_owned()), "{path}");
        }
        assert_eq!(claims("unet/diffusion_pytorch_model.fp16.safetensors"), ("unet".to_owned(), "model".to_owned()));
        assert_ne!(claims("encoder.onnx"), claims("decoder.onnx"));
        assert_ne!(claims("adapter_model.bin"), claims("pytorch_model.bin"));
        assert_eq!(claims("Tiny-Q4_K_M.gguf"), claims("Tiny-IQ2_XS.gguf"));
        assert_eq!(claims("Tiny.f16.gguf"), claims("Tiny-UD-Q4_K_XL.gguf"));
        assert_ne!(claims("v1.4.ckpt"), claims("v1.5.ckpt"));
        assert_ne!(claims("Tiny-1B-Q8_0.gguf"), claims("Tiny-3B-Q8_0.gguf"));
    }

    #[test]
    fn shards_are_one_set() {
        let set = |path: &str| name_without_index(&path.try_into().unwrap());
        assert_eq!(set("x/m-00002-of-00003.bin"), "x/m-*-of-00003.bin");
        assert_eq!(set("consolidated.01.pth"), "consolidated.*.pth");
        assert_eq!(set("model.fp16.safetensors"), "model.fp16.safetensors");
    }
}
