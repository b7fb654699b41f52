//! Proof files: everything that shows that an entry stands in a log, in one text (C2SP's tlog-proof).

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use modelmark_digest::merkle::{InclusionProof, MAX_PROOF_HASHES, leaf_hash};

use crate::checkpoint::{SignedCheckpoint, decimal, hash};
use crate::{Checkpoint, LogError, MAX_ENTRY_BYTES};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
const WHAT: &str = "proof file";

/// Shows that an entry stands at an index of the log that the checkpoint speaks of. Who signed the checkpoint is for the reader to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    extra: Option<Vec<u8>>,
    proof: InclusionProof,
    checkpoint: SignedCheckpoint,
}

impl ProofFile {
    /// Puts a proof together. `extra` is carried along and proves nothing by itself; ours is the entry.
    ///
    /// # Errors
    /// The proof is for a tree of another size than the checkpoint's.
    pub fn new(extra: Option<Vec<u8>>, proof: InclusionProof, checkpoint: SignedCheckpoint) -> Result<Self, LogError> {
        if proof.size() != checkpoint.checkpoint().size() {
            return Err(LogError::form(WHAT, "proof and checkpoint are of different sizes"));
        }
        Ok(Self { extra, proof, checkpoint })
    }

    /// Returns what the file carries along: in ours the entry. Use [`ProofFile::entry`] for what is proven.
    #[must_use]
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// Returns the entry, when the file carries one that stands where the proof says.
    #[must_use]
    pub fn entry(&self) -> Option<&[u8]> {
        self.extra().filter(|entry| self.includes(entry))
    }

    /// Returns the proof.
    #[must_use]
    pub const fn proof(&self) -> &InclusionProof {
        &self.proof
    }

    /// Returns the checkpoint.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Tells whether `entry` stands where the proof says.
    #[must_use]
    pub fn includes(&self, entry: &[u8]) -> bool {
        self.proof.verify(&leaf_hash(entry), &self.head().root())
    }

    fn head(&self) -> &Checkpoint {
        self.checkpoint.checkpoint()
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64.encode(extra))?;
        }
        writeln!(f, "index {}", self.proof.index())?;
        self.proof.hashes().iter().try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for ProofFile {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |reason: &str| LogError::form(WHAT, reason);
        let rest = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let (proof, checkpoint) = rest
            .ok_or_else(|| wrong("its first line is not `c2sp.org/tlog-proof@v1`"))?
            .split_once("\n\n")
            .ok_or_else(|| wrong("no empty line before its checkpoint"))?;
        let checkpoint: SignedCheckpoint = checkpoint.parse()?;
        let mut lines = proof.split('\n').peekable();
        let extra = lines.next_if(|line| line.starts_with("extra ")).and_then(|line| line.strip_prefix("extra "));
        let extra = extra.map(read_extra).transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal).ok_or_else(|| wrong("no index"))?;
        let hashes: Option<Vec<_>> = lines.take(MAX_PROOF_HASHES + 1).map(hash).collect();
        let hashes = hashes.ok_or_else(|| wrong("a line of its proof is no hash"))?;
        Self::new(extra, InclusionProof::new(index, checkpoint.checkpoint().size(), hashes)?, checkpoint)
    }
}

fn read_extra(base64: &str) -> Result<Vec<u8>, LogError> {
    let bytes = BASE64.decode(base64.as_bytes()).map_err(|_| LogError::form(WHAT, "its extra line is not base64"))?;
    if bytes.len() > MAX_ENTRY_BYTES { Err(LogError::LongEntry(bytes.len())) } else { Ok(bytes) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a proof that is not read is a failed test")]
mod tests {
    use super::*;
    use crate::LogKey;
    use modelmark_digest::merkle;
    use proptest::prelude::*;

    fn proof(index: u64, size: u8) -> (ProofFile, LogKey) {
        let key = LogKey::generate("models.example/log").unwrap();
        let leaves: Vec<_> = (0..size).map(|byte| leaf_hash(&[byte])).collect();
        let checkpoint = Checkpoint::new(key.name(), u64::from(size), merkle::root(&leaves)).unwrap().sign(&key);
        let entry = vec![u8::try_from(index).unwrap()];
        (ProofFile::new(Some(entry), InclusionProof::of(&leaves, index).unwrap(), checkpoint).unwrap(), key)
    }

    #[test]
    fn a_proof_is_read_back_and_shows_its_entry() {
        for (index, size) in [(0, 1), (4, 7), (6, 7), (200, 255)] {
            let (file, key) = proof(index, size);
            let read: ProofFile = file.to_string().parse().unwrap();
            assert_eq!(read, file);
            read.checkpoint().verify(&[key.verifier()]).unwrap();
            assert_eq!(read.entry().unwrap(), [u8::try_from(index).unwrap()]);
            assert!(!read.includes(b"other"));
        }
    }

    #[test]
    fn what_is_carried_along_is_not_believed() {
        let (file, _) = proof(3, 9);
        let text = file.to_string().replacen("extra Aw==", "extra BA==", 1);
        let read: ProofFile = text.parse().unwrap();
        assert_eq!((read.extra(), read.entry()), (Some([4].as_slice()), None));
        let moved: ProofFile = file.to_string().replacen("index 3", "index 2", 1).parse().unwrap();
        assert_eq!(moved.entry(), None);
    }

    #[test]
    fn other_forms_are_refused() {
        let good = proof(3, 9).0.to_string();
        for (from, to) in [
            ("@v1", "@v2"),
            ("index 3", "index 03"),
            ("index 3", "index 9"),
            ("index 3\n", ""),
            ("extra ", "extra  "),
            ("\n\n", "\n"),
            ("\n9\n", "\n2\n"),
        ] {
            assert!(good.replacen(from, to, 1).parse::<ProofFile>().is_err(), "{from:?} -> {to:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "(.|\n){0,300}") {
            let _ = text.parse::<ProofFile>();
            let _ = format!("{FIRST_LINE}\nindex {text}").parse::<ProofFile>();
        }
    }
}
