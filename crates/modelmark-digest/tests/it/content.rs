//! File content as `vectors/unixfs/generate.mjs` defines it, and where the vectors stand.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// 32-bit words in little-endian order, each a mix of its own number; cut to the size.
pub(crate) fn content(size: usize) -> Vec<u8> {
    let mut out: Vec<u8> = (0..size.div_ceil(4) as u32).flat_map(|word| mix(word).to_le_bytes()).collect();
    out.truncate(size);
    out
}

fn mix(word: u32) -> u32 {
    let mut x = word.wrapping_mul(0x9E37_79B1);
    x ^= x >> 15;
    x = x.wrapping_mul(0x85EB_CA77);
    x ^= x >> 13;
    x = x.wrapping_mul(0xC2B2_AE3D);
    x ^ x >> 16
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn vectors(name: &str) -> Value {
    let path = repository().join("vectors").join(name);
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

pub(crate) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap()
}

pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

pub(crate) fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap()
}

pub(crate) fn bytes(value: &Value, key: &str) -> Vec<u8> {
    let hex = text(value, key);
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Writes a file and the directories on the way.
pub(crate) fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
