//! Digests of files in any of the hashes that signatures name.

use crate::serialization::HashType;

/// A digest of 32 or 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceDigest(Box<[u8]>);

impl ResourceDigest {
    /// Reads hex digits, in either case, of a digest of `hash` and nothing else.
    pub(crate) fn read(hex: &str, hash: HashType) -> Option<Self> {
        if hex.len() != 2 * hash.length() {
            return None;
        }
        data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok().map(|bytes| Self(bytes.into()))
    }

    /// The digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; 32]> for ResourceDigest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes.into())
    }
}

/// A hash that is fed piece by piece.
pub(crate) enum Hasher {
    Sha256(Box<ring::digest::Context>),
    Blake2b(Box<blake2::Blake2b512>),
    Blake3(Box<blake3::Hasher>),
}

impl Hasher {
    pub(crate) fn new(hash: HashType) -> Self {
        match hash {
            HashType::Sha256 => Self::Sha256(Box::new(ring::digest::Context::new(&ring::digest::SHA256))),
            HashType::Blake2b => Self::Blake2b(Box::default()),
            HashType::Blake3 => Self::Blake3(Box::default()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        use blake2::Digest as _;
        match self {
            Self::Sha256(context) => context.update(bytes),
            Self::Blake2b(hasher) => hasher.update(bytes),
            Self::Blake3(hasher) => {
                hasher.update(bytes);
            }
        }
    }

    pub(crate) fn finish(self) -> ResourceDigest {
        use blake2::Digest as _;
        match self {
            Self::Sha256(context) => ResourceDigest(context.finish().as_ref().into()),
            Self::Blake2b(hasher) => ResourceDigest(hasher.finalize().as_slice().into()),
            Self::Blake3(hasher) => ResourceDigest::from(*hasher.finalize().as_bytes()),
        }
    }
}
