//! What a leaf of each level binds, byte by byte.

use crate::Sha256Digest;
use crate::merkle::leaf_hash_of;

const EXACT: &[u8] = b"mpv1:tensor\0";
const CONTENT: &[u8] = b"mpv1:content\0";
const VALUE: &[u8] = b"mpv1:value\0";

/// Element types whose tensors are weights, beside ggml's.
const FLOATS: [&str; 12] =
    ["F64", "F32", "F16", "BF16", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F6_E2M3", "F6_E3M2", "F4"];

/// Returns whether tensors of the type with this token take part in levels 2 and 3.
#[must_use]
pub fn is_float(dtype: &str) -> bool {
    FLOATS.contains(&dtype) || dtype.starts_with("GGML:")
}

/// What a leaf says of a tensor's bytes.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) dtype: &'a str,
    pub(super) shape: &'a [u64],
    pub(super) bytes: u64,
    pub(super) digest: &'a Sha256Digest,
}

impl Facts<'_> {
    pub(super) fn exact(&self, name: &str) -> Sha256Digest {
        self.hashed(EXACT, &[&length(name.len()), name.as_bytes()])
    }

    pub(super) fn content(&self) -> Sha256Digest {
        self.hashed(CONTENT, &[])
    }

    pub(super) fn value(&self) -> Sha256Digest {
        self.hashed(VALUE, &[])
    }

    fn hashed(&self, domain: &[u8], name: &[&[u8]]) -> Sha256Digest {
        let dims: Vec<u8> = self.shape.iter().flat_map(|dim| dim.to_le_bytes()).collect();
        let (dtype, rank, bytes) = (length(self.dtype.len()), length(self.shape.len()), self.bytes.to_le_bytes());
        let facts: [&[u8]; 6] = [&dtype, self.dtype.as_bytes(), &rank, &dims, &bytes, self.digest.as_bytes()];
        leaf_hash_of(&[&[domain], name, &facts].concat())
    }
}

// Names, tokens and ranks are capped far below 2^32 where they are read.
fn length(value: usize) -> [u8; 4] {
    (value as u32).to_le_bytes()
}
