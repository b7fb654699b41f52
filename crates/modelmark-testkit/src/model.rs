//! Small models on disk, generated anew for each test.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

/// Writes a model directory (card, configuration, weights of two tensors) into a fresh temporary directory. `seed` decides the weights, so that
/// different seeds are different models.
///
/// # Errors
/// When the directory cannot be written.
pub fn small(seed: &str) -> io::Result<TempDir> {
    let dir = TempDir::with_prefix("modelmark-model-")?;
    write(dir.path(), seed)?;
    Ok(dir)
}

/// Writes the files of [`small`] into `dir`.
///
/// # Errors
/// When the directory cannot be written.
pub fn write(dir: &Path, seed: &str) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join("model.safetensors"), safetensors(seed))?;
    fs::write(dir.join("config.json"), r#"{"architectures":["TinyModel"],"model_type":"tiny","hidden_size":4}"#)?;
    fs::write(dir.join("README.md"), format!("---\nlicense: apache-2.0\nlibrary_name: tiny\n---\n\n# Tiny {seed}\n\nA generated model.\n"))
}

/// Writes a model of two shards, in a folder below `dir`, with an index and a tokenizer beside them.
///
/// # Errors
/// When the directory cannot be written.
pub fn write_sharded(dir: &Path, seed: &str) -> io::Result<()> {
    fs::create_dir_all(dir.join("weights"))?;
    fs::create_dir_all(dir.join("tokenizer/vocabulary"))?;
    fs::write(dir.join("weights/model-00001-of-00002.safetensors"), tensors(&["embed.bias", "embed.weight"], seed))?;
    fs::write(
        dir.join("weights/model-00002-of-00002.safetensors"),
        tensors(&["head.bias", "head.weight"], &format!("{seed}, second part")),
    )?;
    fs::write(dir.join("tokenizer/vocabulary/words.txt"), "the\nof\nand\n")?;
    fs::write(dir.join("README.md"), format!("# Sharded {seed}\n"))
}

/// Returns a valid safetensors file with the tensors `bias` (F32, 4) and `weight` (F32, 8 x 4).
#[must_use]
pub fn safetensors(seed: &str) -> Vec<u8> {
    tensors(&["bias", "weight"], seed)
}

fn tensors([bias, weight]: &[&str; 2], seed: &str) -> Vec<u8> {
    let header = format!(
        r#"{{"{bias}":{{"dtype":"F32","shape":[4],"data_offsets":[0,16]}},"{weight}":{{"dtype":"F32","shape":[8,4],"data_offsets":[16,144]}}}}"#
    );
    safetensors_of(&header, &values(seed))
}

/// Returns a safetensors file with this header, whether it is true or not, and this data.
#[must_use]
pub fn safetensors_of(header: impl AsRef<[u8]>, data: &[u8]) -> Vec<u8> {
    let mut header = header.as_ref().to_vec();
    header.resize(header.len().next_multiple_of(8), b' ');
    [&(header.len() as u64).to_le_bytes()[..], &header, data].concat()
}

/// Returns 36 numbers between -0.5 and 0.5 as F32.
fn values(seed: &str) -> Vec<u8> {
    let mut state = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f32::from(u16::try_from(state >> 48).unwrap_or_default()) / 65_536.0 - 0.5
    };
    (0..36).flat_map(|_| number().to_le_bytes()).collect()
}
