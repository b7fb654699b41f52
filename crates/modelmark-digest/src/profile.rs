//! The parameters that decide a UnixFS CID: the same bytes have another CID under another profile.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The parameters that decide a UnixFS CID (IPIP-499 calls such a set a profile).
///
/// Both make version 1 CIDs over SHA-256, raw leaves, balanced trees, and directory shards of 256 slots. A file that fits in one leaf of both has
/// the same CID under both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CidProfile {
    /// Leaves of 256 KiB, at most 174 links a node: `ipfs add -r --cid-version 1 --raw-leaves`, what Kubo makes without configuration.
    #[default]
    #[serde(rename = "unixfs-v1-256KiB-174")]
    UnixfsV1Legacy,
    /// Leaves of 1 MiB, at most 1,024 links a node: `unixfs-v1-2025` of IPIP-499.
    #[serde(rename = "unixfs-v1-2025")]
    UnixfsV1Of2025,
}

/// How the size of a directory is measured against [`SHARD_THRESHOLD`](crate::unixfs::SHARD_THRESHOLD).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DirectoryMeasure {
    /// Names and ids alone (`links-bytes` of IPIP-499).
    Links,
    /// The whole encoded block (`block-bytes`).
    Block,
}

/// There is no profile of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no CID profile is called {0:?}; there are unixfs-v1-256KiB-174 and unixfs-v1-2025")]
pub struct ParseProfileError(String);

impl CidProfile {
    /// All profiles, the default first.
    pub const ALL: [Self; 2] = [Self::UnixfsV1Legacy, Self::UnixfsV1Of2025];

    /// Returns the profile's name as it stands in manifests and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnixfsV1Legacy => "unixfs-v1-256KiB-174",
            Self::UnixfsV1Of2025 => "unixfs-v1-2025",
        }
    }

    /// Returns the bytes of file content in each leaf but the last.
    #[must_use]
    pub const fn leaf_bytes(self) -> usize {
        match self {
            Self::UnixfsV1Legacy => 256 << 10,
            Self::UnixfsV1Of2025 => 1 << 20,
        }
    }

    /// Returns how many links an inner node of a file has at most.
    #[must_use]
    pub const fn max_links(self) -> usize {
        match self {
            Self::UnixfsV1Legacy => 174,
            Self::UnixfsV1Of2025 => 1024,
        }
    }

    pub(crate) const fn directory_measure(self) -> DirectoryMeasure {
        match self {
            Self::UnixfsV1Legacy => DirectoryMeasure::Links,
            Self::UnixfsV1Of2025 => DirectoryMeasure::Block,
        }
    }
}

impl fmt::Display for CidProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for CidProfile {
    type Err = ParseProfileError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|profile| profile.name() == name);
        named.ok_or_else(|| ParseProfileError(name.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_manifests() {
        for profile in CidProfile::ALL {
            assert_eq!(profile.name().parse(), Ok(profile));
            assert_eq!(serde_json::to_value(profile).ok(), Some(profile.name().into()));
        }
        assert!("unixfs-v0-2015".parse::<CidProfile>().is_err());
    }
}
