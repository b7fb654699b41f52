//! Digests of a range of bytes.

use std::io;
use std::ops::Range;

use modelmark_formats::ReadAt;
use ring::digest::{Context, SHA256};
use serde::Serialize;
use sha3::Digest as _;

use crate::{Blake3Digest, Keccak256Digest, Request, Sha256Digest};

/// Bytes that are read at a time.
const BUFFER_BYTES: u64 = 1 << 20;

/// The digests of a range of bytes that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RangeDigests {
    /// SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
    /// Keccak-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keccak256: Option<Keccak256Digest>,
    /// BLAKE3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blake3: Option<Blake3Digest>,
}

impl RangeDigests {
    /// Reads the bytes `range` of `file` once and makes those digests that `request` names. A [`VerifyingFile`](crate::outboard::VerifyingFile) lets
    /// only bytes of the model through.
    ///
    /// # Errors
    /// When the file cannot be read or ends early.
    pub fn of(file: &dyn ReadAt, range: &Range<u64>, request: &Request) -> io::Result<Self> {
        let mut sha256 = request.sha256.then(|| Context::new(&SHA256));
        let mut keccak256 = request.keccak256.then(sha3::Keccak256::new);
        let mut blake3 = request.blake3.then(blake3::Hasher::new);
        let mut buffer = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let length = (range.end - at).min(BUFFER_BYTES);
            buffer.resize(usize::try_from(length).unwrap_or_default(), 0);
            file.read_exact_at(&mut buffer, at)?;
            sha256.iter_mut().for_each(|hasher| hasher.update(&buffer));
            keccak256.iter_mut().for_each(|hasher| hasher.update(&buffer));
            if let Some(hasher) = &mut blake3 {
                hasher.update(&buffer);
            }
            at += length;
        }
        Ok(Self {
            sha256: sha256.map(|hasher| Sha256Digest::from_ring(&hasher.finish())),
            keccak256: keccak256.map(Keccak256Digest::finish),
            blake3: blake3.map(|hasher| Blake3Digest::from(*hasher.finalize().as_bytes())),
        })
    }
}
