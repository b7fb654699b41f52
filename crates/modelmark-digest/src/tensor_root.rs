//! The exact tensor root (level 1 of the weight fingerprint): one digest of all named tensors, whatever their order, file or sharding.
//!
//! ```text
//! D    = SHA-256(tensor bytes, row-major, little-endian, no padding)
//! leaf = SHA-256(0x00 ‖ "mpv1:tensor\0" ‖ u32le(len name) ‖ name ‖ u32le(len dtype) ‖ dtype ‖ u32le(rank) ‖ u64le(dim)… ‖ u64le(len bytes) ‖ D)
//! node = SHA-256(0x01 ‖ left ‖ right), the tree of RFC 9162 section 2.1.1 over the leaves in the byte order of their names; no leaf: SHA-256("")
//! ```
//!
//! `D` is the plain digest of a tensor's bytes for tensors of every size. Vectors stand in `vectors/weights/`, made by the slow twin
//! `reference/weight_fingerprint.py`.

use ring::digest::{Context, SHA256};

use crate::{Sha256Digest, merkle};

const DOMAIN: &[u8] = b"mpv1:tensor\0";

/// What a leaf binds besides the name.
#[derive(Clone, Copy, Debug)]
pub struct TensorFacts<'a> {
    /// Type token, such as `F32`.
    pub dtype: &'a str,
    /// Dimensions, outermost first.
    pub shape: &'a [u64],
    /// Length of the tensor's bytes.
    pub len: u64,
    /// SHA-256 of the tensor's bytes.
    pub digest: Sha256Digest,
}

/// Returns the leaf of one named tensor.
#[must_use]
pub fn leaf(name: &str, facts: &TensorFacts<'_>) -> Sha256Digest {
    let mut context = Context::new(&SHA256);
    context.update(&[0]);
    context.update(DOMAIN);
    put_text(&mut context, name);
    put_text(&mut context, facts.dtype);
    context.update(&length(facts.shape.len()));
    facts.shape.iter().for_each(|dim| context.update(&dim.to_le_bytes()));
    context.update(&facts.len.to_le_bytes());
    context.update(facts.digest.as_bytes());
    Sha256Digest::from_ring(&context.finish())
}

/// Returns the root over leaves that stand in the byte order of their names.
#[must_use]
pub fn root(leaves: &[Sha256Digest]) -> Sha256Digest {
    merkle::root(leaves)
}

fn put_text(context: &mut Context, text: &str) {
    context.update(&length(text.len()));
    context.update(text.as_bytes());
}

// Names, tokens and ranks are capped far below 2^32 where they are read.
fn length(value: usize) -> [u8; 4] {
    (value as u32).to_le_bytes()
}
