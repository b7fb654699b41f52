//! What an entry says: its kind, so that no entry of one kind can be read as another, and a digest.

use std::fmt;
use std::str::FromStr;

use modelmark_digest::Sha256Digest;

use crate::LogError;

/// What an entry commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A record, by its id: SHA-256 of its canonical bytes. Shows that the record was there.
    Record,
    /// A mint authorisation, by its EIP-712 struct hash. Its creator can turn it into a token with `BatchAnchor.claim`.
    Mint,
    /// A commitment to weights that are shown later, for `Priority.revealAnchored`.
    Commit,
}

/// One entry of a list of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    kind: EntryKind,
    digest: Sha256Digest,
}

impl EntryKind {
    const ALL: [Self; 3] = [Self::Record, Self::Mint, Self::Commit];

    /// Returns the word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Mint => "mint",
            Self::Commit => "commit",
        }
    }

    /// Returns what the bytes of such entries start with.
    const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Record => b"mmb1:record\0",
            Self::Mint => b"mmb1:mint\0",
            Self::Commit => b"mmb1:commit\0",
        }
    }
}

impl Entry {
    /// Returns the entry of a kind with this digest.
    #[must_use]
    pub const fn new(kind: EntryKind, digest: Sha256Digest) -> Self {
        Self { kind, digest }
    }

    /// Returns the entry of a record, by its id.
    #[must_use]
    pub const fn record(id: Sha256Digest) -> Self {
        Self::new(EntryKind::Record, id)
    }

    /// Returns what it commits to.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        self.kind
    }

    /// Returns the digest.
    #[must_use]
    pub const fn digest(&self) -> Sha256Digest {
        self.digest
    }

    /// Returns the entry's bytes: what the tree's leaf is the hash of.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        [self.kind.prefix(), self.digest.as_bytes()].concat()
    }

    /// Reads an entry's bytes; `None` when they are of no kind that is known here.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        EntryKind::ALL.into_iter().find_map(|kind| {
            let digest: [u8; 32] = bytes.strip_prefix(kind.prefix())?.try_into().ok()?;
            Some(Self { kind, digest: digest.into() })
        })
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.digest)
    }
}

/// Reads `record:…`, `mint:…` or `commit:…` with 64 hex digits; the digits alone are a record's.
impl FromStr for Entry {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (word, digits) = text.split_once(':').unwrap_or((EntryKind::Record.word(), text));
        let wrong = |reason: String| LogError::form("entry (wanted `record:`, `mint:` or `commit:` and 64 hex digits)", reason);
        let kind = EntryKind::ALL.into_iter().find(|kind| kind.word() == word);
        let kind = kind.ok_or_else(|| wrong(format!("{:?}", text.chars().take(80).collect::<String>())))?;
        let digest = digits.parse().map_err(|error| wrong(format!("{error}")))?;
        Ok(Self { kind, digest })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "an entry that is not read is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_back_and_kinds_kept_apart() {
        let digest = Sha256Digest::of(b"x");
        for kind in EntryKind::ALL {
            let entry = Entry::new(kind, digest);
            assert_eq!(Entry::read(&entry.bytes()), Some(entry));
            assert_eq!(entry.to_string().parse::<Entry>().unwrap(), entry);
        }
        assert_eq!(digest.to_string().parse::<Entry>().unwrap(), Entry::record(digest));
        assert_eq!(Entry::read(b"mmb1:mint\0short"), None);
        assert!("token:00".parse::<Entry>().is_err() && "record:00".parse::<Entry>().is_err());
    }
}
