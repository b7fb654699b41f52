//! The deep hash: SHA-384 over nested lists of byte strings, in which every string and list has its length. It is what Arweave signs.

use sha2::{Digest as _, Sha384};

/// A deep hash, or a part of one.
pub type DeepHash = [u8; 48];

/// Returns the deep hash of a byte string.
#[must_use]
pub fn blob(bytes: &[u8]) -> DeepHash {
    let mut hash = BlobHash::default();
    hash.update(bytes);
    hash.finish()
}

/// Returns the deep hash of a list of what these are the deep hashes of.
#[must_use]
pub fn list(parts: &[DeepHash]) -> DeepHash {
    let start = sha384(&[b"list", parts.len().to_string().as_bytes()]);
    parts.iter().fold(start, |hash, part| sha384(&[&hash, part]))
}

/// The deep hash of a byte string that arrives in pieces. Its length need not be known before.
#[derive(Clone, Debug, Default)]
pub struct BlobHash {
    hasher: Sha384,
    length: u64,
}

impl BlobHash {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// Returns how many bytes there were until now.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.length
    }

    /// Tells whether there were none until now.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns the deep hash.
    #[must_use]
    pub fn finish(self) -> DeepHash {
        sha384(&[&sha384(&[b"blob", self.length.to_string().as_bytes()]), &self.hasher.finalize()])
    }
}

fn sha384(parts: &[&[u8]]) -> DeepHash {
    let mut hasher = Sha384::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}
