//! A set of files: its commitment, and the proofs that it can give.

use modelmark_digest::merkle::{InclusionProof, root};
use modelmark_digest::{Manifest, Sha256Digest};

use crate::proof::{Claim, Member, Placed, Proof};
use crate::{Commitment, DataPath, DatasetError, FileEntry, MAX_FILE_BYTES, SaltKey};

/// Most files of a set.
pub const MAX_FILES: usize = 1_000_000;

/// Files with distinct paths, and the key of the salts if there are any.
#[derive(Debug)]
pub struct FileSet {
    // By path.
    entries: Vec<FileEntry>,
    // Positions in `entries`, by digest and then path. Empty for a salted set.
    by_content: Vec<usize>,
    key: Option<SaltKey>,
}

impl FileSet {
    /// Takes files in any order.
    ///
    /// # Errors
    /// [`DatasetError::SamePath`] and [`DatasetError::TooLarge`].
    pub fn new(mut entries: Vec<FileEntry>, key: Option<SaltKey>) -> Result<Self, DatasetError> {
        let bytes = entries.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
        if entries.len() > MAX_FILES || bytes > MAX_FILE_BYTES {
            return Err(DatasetError::TooLarge { files: entries.len(), bytes });
        }
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        if let Some([first, _]) = entries.array_windows().find(|[a, b]| a.path == b.path) {
            return Err(DatasetError::SamePath(first.path.clone()));
        }
        let mut keyed: Vec<(Sha256Digest, usize)> = Vec::new();
        if key.is_none() {
            keyed.extend(entries.iter().enumerate().map(|(position, entry)| (entry.sha256, position)));
        }
        // Positions are in the order of the paths.
        keyed.sort_unstable();
        Ok(Self { entries, by_content: keyed.into_iter().map(|(_, position)| position).collect(), key })
    }

    /// Takes the files of a fingerprinted directory, or the one file.
    ///
    /// # Errors
    /// See [`Self::new`]; and [`DatasetError::NoDigest`] when the fingerprints were made without SHA-256.
    pub fn of(manifest: &Manifest, key: Option<SaltKey>) -> Result<Self, DatasetError> {
        let entries = manifest.files.iter().map(|file| {
            let path = DataPath::normalised(file.path.as_str())?;
            let sha256 = file.sha256.ok_or_else(|| DatasetError::NoDigest(path.clone()))?;
            Ok(FileEntry { path, sha256, size: file.size })
        });
        Self::new(entries.collect::<Result<_, DatasetError>>()?, key)
    }

    /// Returns the files, by path.
    #[must_use]
    pub fn entries(&self) -> &[FileEntry] {
        &self.entries
    }

    /// Returns what the set is committed to with.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        let leaves = self.leaves();
        Commitment {
            files: self.entries.len() as u64,
            bytes: self.entries.iter().map(|entry| entry.size).sum(),
            path_root: root(&leaves),
            content_root: self.key.is_none().then(|| root(&self.by_content(&leaves))),
        }
    }

    /// Proves that the file at `path` is in the set.
    ///
    /// # Errors
    /// [`DatasetError::NoSuchPath`].
    pub fn prove_member(&self, path: &DataPath) -> Result<Proof, DatasetError> {
        let found = self.entries.binary_search_by(|entry| entry.path.cmp(path));
        let position = found.map_err(|_| DatasetError::NoSuchPath(path.clone()))?;
        let file = self.entries.get(position).ok_or_else(|| DatasetError::NoSuchPath(path.clone()))?.clone();
        let salt = self.key.as_ref().map(|key| key.salt(path));
        let proof = InclusionProof::of(&self.leaves(), position as u64)?;
        Ok(Proof::new(self.commitment(), Claim::Member(Member { file, salt, proof })))
    }

    /// Proves that no file of the set has this path.
    ///
    /// # Errors
    /// [`DatasetError::PathPresent`] and [`DatasetError::SaltedAbsence`].
    pub fn prove_absent_path(&self, path: &DataPath) -> Result<Proof, DatasetError> {
        self.refuse_salted()?;
        let after = match self.entries.binary_search_by(|entry| entry.path.cmp(path)) {
            Ok(_) => return Err(DatasetError::PathPresent(path.clone())),
            Err(after) => after,
        };
        let leaves = self.leaves();
        let at = |position: usize| self.placed(self.entries.get(position), &leaves, position);
        let before = after.checked_sub(1).map(at).transpose()?.flatten();
        Ok(Proof::new(self.commitment(), Claim::AbsentPath { path: path.clone(), before, after: at(after)? }))
    }

    /// Proves that no file of the set has this content.
    ///
    /// # Errors
    /// [`DatasetError::ContentPresent`] and [`DatasetError::SaltedAbsence`].
    pub fn prove_absent_content(&self, sha256: Sha256Digest) -> Result<Proof, DatasetError> {
        self.refuse_salted()?;
        let entry = |place: usize| self.by_content.get(place).and_then(|position| self.entries.get(*position));
        let digest = |position: &usize| self.entries.get(*position).map(|entry| entry.sha256);
        let after = self.by_content.partition_point(|position| digest(position) < Some(sha256));
        if let Some(same) = entry(after).filter(|entry| entry.sha256 == sha256) {
            return Err(DatasetError::ContentPresent { digest: sha256, path: same.path.clone() });
        }
        let leaves = self.by_content(&self.leaves());
        let at = |place: usize| self.placed(entry(place), &leaves, place);
        let before = after.checked_sub(1).map(at).transpose()?.flatten();
        Ok(Proof::new(self.commitment(), Claim::AbsentContent { sha256, before, after: at(after)? }))
    }

    fn refuse_salted(&self) -> Result<(), DatasetError> {
        if self.key.is_some() { Err(DatasetError::SaltedAbsence) } else { Ok(()) }
    }

    fn leaves(&self) -> Vec<Sha256Digest> {
        self.entries.iter().map(|entry| entry.leaf(self.key.as_ref().map(|key| key.salt(&entry.path)).as_ref())).collect()
    }

    fn by_content(&self, leaves: &[Sha256Digest]) -> Vec<Sha256Digest> {
        self.by_content.iter().filter_map(|position| leaves.get(*position).copied()).collect()
    }

    fn placed(&self, file: Option<&FileEntry>, leaves: &[Sha256Digest], place: usize) -> Result<Option<Placed>, DatasetError> {
        let Some(file) = file else { return Ok(None) };
        Ok(Some(Placed { file: file.clone(), proof: InclusionProof::of(leaves, place as u64)? }))
    }
}
