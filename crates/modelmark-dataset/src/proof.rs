//! Proofs that a file is, or is not, in a committed set: documents that stand alone.

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{InclusionProof, empty_root};
use serde::{Deserialize, Serialize};

use crate::{Commitment, DataPath, DatasetError, FileEntry, MAX_FILE_BYTES, Salt};

/// What a proof document says it is.
pub const PROOF: &str = "modelmark-dataset-proof-v1";

/// Largest proof document: two paths of 4,096 bytes, spelled as escapes at worst, and 130 hashes, with room to spare.
pub const MAX_PROOF_BYTES: usize = 1 << 18;

/// A claim about a set, with what shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with the fields of a dataset proof")]
pub struct Proof {
    format: String,
    /// The set that the claim is about.
    pub dataset: Commitment,
    /// What is claimed.
    pub claim: Claim,
}

/// What is claimed of the set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Claim {
    /// This file is in the set.
    Member(Member),
    /// No file of the set has this path.
    AbsentPath {
        /// The path.
        path: DataPath,
        /// The last file before it, unless it would be the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Placed>,
        /// The first file after it, unless it would be the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Placed>,
    },
    /// No file of the set has this content.
    AbsentContent {
        /// SHA-256 of the content.
        sha256: Sha256Digest,
        /// The last file with a smaller digest, unless it would be the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Placed>,
        /// The first file with a larger digest, unless it would be the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Placed>,
    },
}

/// A file of the set, its salt if the set is salted, and its place in the order of the paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The file.
    pub file: FileEntry,
    /// Its salt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Salt>,
    /// Its inclusion proof.
    pub proof: InclusionProof,
}

/// A file of the set and its place in the order that the claim is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// The file.
    pub file: FileEntry,
    /// Its inclusion proof.
    pub proof: InclusionProof,
}

/// Why a proof does not show its claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// It is about a set with another root.
    #[error("the proof is about another dataset: its commitment has another root")]
    OtherDataset,
    /// A salt where the set has none, or none where it has.
    #[error("the file has a salt exactly when the set is salted; here it is not so")]
    Salt,
    /// Absence from a salted set, which no proof shows.
    #[error("a proof of absence cannot be about a salted set")]
    SaltedAbsence,
    /// A file is not under the root of the tree, at the place that is claimed.
    #[error("a file of the proof is not in the tree of the dataset at the place that it claims")]
    NotIncluded,
    /// The tree of an inclusion proof has another number of leaves than the set has files.
    #[error("an inclusion proof is for a tree of another size than the dataset has")]
    OtherSize,
    /// The two files are not side by side, or the one is not at the edge.
    #[error("the files that should enclose what is absent do not stand side by side")]
    NotNeighbours,
    /// What is said to be absent does not lie between the two files.
    #[error("what is said to be absent does not lie between the files that should enclose it")]
    NotBetween,
}

impl Proof {
    pub(crate) fn new(dataset: Commitment, claim: Claim) -> Self {
        Self { format: PROOF.to_owned(), dataset, claim }
    }

    /// Reads a proof document.
    ///
    /// # Errors
    /// [`DatasetError::NotAProof`] with the fault of the document.
    pub fn parse(bytes: &[u8]) -> Result<Self, DatasetError> {
        let wrong = |reason: String| DatasetError::NotAProof(reason);
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(wrong(format!("more than {MAX_PROOF_BYTES} bytes")));
        }
        let proof: Self = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        if proof.format != PROOF {
            return Err(wrong(format!("its format is {:?}, not {PROOF:?}", proof.format.chars().take(80).collect::<String>())));
        }
        let sizes =
            proof.files().flat_map(|(file, inclusion)| [file.size, inclusion.size()]).chain([proof.dataset.bytes, proof.dataset.files]);
        if let Some(size) = sizes.into_iter().find(|size| *size > MAX_FILE_BYTES) {
            return Err(wrong(format!("{size} is more than 2^53 - 1")));
        }
        Ok(proof)
    }

    /// Returns the document: canonical JSON (RFC 8785).
    ///
    /// # Errors
    /// [`DatasetError::NotAProof`], which no proof made or read here gives.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DatasetError> {
        serde_json_canonicalizer::to_vec(self).map_err(|error| DatasetError::NotAProof(error.to_string()))
    }

    /// Returns why this does not show its claim of the dataset with this root; nothing when it does.
    ///
    /// What is shown: that the leaves under `root` hold, or do not hold, such a file. A proof of absence holds for sets that were put in order as the
    /// specification says; who made the root could have broken the order, which only the whole leaf list shows.
    #[must_use]
    pub fn fault(&self, root: &Sha256Digest) -> Option<Fault> {
        if self.dataset.root() != *root {
            return Some(Fault::OtherDataset);
        }
        match &self.claim {
            Claim::Member(member) => self.member(member),
            Claim::AbsentPath { path, before, after } => {
                let key = |placed: &Placed| placed.file.path.as_str().to_owned();
                self.absent(self.dataset.path_root, &path.as_str().to_owned(), key, before.as_ref(), after.as_ref())
            }
            Claim::AbsentContent { sha256, before, after } => {
                let tree = self.dataset.content_root.unwrap_or_else(empty_root);
                self.absent(tree, sha256, |placed| placed.file.sha256, before.as_ref(), after.as_ref())
            }
        }
    }

    /// Returns the files that stand in the document, with their inclusion proofs.
    fn files(&self) -> impl Iterator<Item = (&FileEntry, &InclusionProof)> {
        let (member, before, after) = match &self.claim {
            Claim::Member(member) => (Some((&member.file, &member.proof)), None, None),
            Claim::AbsentPath { before, after, .. } | Claim::AbsentContent { before, after, .. } => (None, before.as_ref(), after.as_ref()),
        };
        member.into_iter().chain(before.into_iter().chain(after).map(|placed| (&placed.file, &placed.proof)))
    }

    fn member(&self, member: &Member) -> Option<Fault> {
        if member.salt.is_some() != self.dataset.is_salted() {
            return Some(Fault::Salt);
        }
        self.included(&member.proof, &member.file.leaf(member.salt.as_ref()), &self.dataset.path_root)
    }

    fn absent<K: Ord>(
        &self,
        tree: Sha256Digest,
        target: &K,
        key: impl Fn(&Placed) -> K,
        before: Option<&Placed>,
        after: Option<&Placed>,
    ) -> Option<Fault> {
        if self.dataset.is_salted() {
            return Some(Fault::SaltedAbsence);
        }
        let included = |placed: &Placed| self.included(&placed.proof, &placed.file.leaf(None), &tree);
        if let Some(fault) = before.and_then(included).or_else(|| after.and_then(included)) {
            return Some(fault);
        }
        let side_by_side = match (before, after) {
            (None, None) => self.dataset.files == 0 && tree == empty_root(),
            (None, Some(after)) => after.proof.index() == 0,
            (Some(before), None) => before.proof.index() + 1 == before.proof.size(),
            (Some(before), Some(after)) => before.proof.index() + 1 == after.proof.index(),
        };
        if !side_by_side {
            return Some(Fault::NotNeighbours);
        }
        let between = before.is_none_or(|before| key(before) < *target) && after.is_none_or(|after| *target < key(after));
        (!between).then_some(Fault::NotBetween)
    }

    fn included(&self, proof: &InclusionProof, leaf: &Sha256Digest, tree: &Sha256Digest) -> Option<Fault> {
        if proof.size() != self.dataset.files {
            return Some(Fault::OtherSize);
        }
        (!proof.verify(leaf, tree)).then_some(Fault::NotIncluded)
    }
}
