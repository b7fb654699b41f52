//! Checkpoints: a log's name, size and root, signed. The form is C2SP's tlog-checkpoint over signed-note.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{MAX_LEAVES, empty_root};

use crate::key::check_name;
use crate::{LogError, LogKey, VerifierKey};

/// The largest note that is read, in bytes. Post-quantum signatures take some thousand.
const MAX_NOTE_BYTES: usize = 256 << 10;
/// The most signatures that are read.
const MAX_SIGNATURES: usize = 64;
const WHAT: &str = "checkpoint";

/// What a log says about itself: its name, how many entries it has, and the root over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Sha256Digest,
}

/// A checkpoint with its signatures, as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    /// What is signed, byte for byte: lines that we do not know may follow the three.
    text: String,
    signatures: Vec<Signature>,
}

/// A signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    name: String,
    /// Key id, then the signature.
    bytes: Vec<u8>,
}

impl Checkpoint {
    /// Returns the checkpoint of a log with this name.
    ///
    /// # Errors
    /// The name is not one, the size is beyond what proofs speak about, or an empty log has another root than SHA-256 of nothing.
    pub fn new(origin: &str, size: u64, root: Sha256Digest) -> Result<Self, LogError> {
        check_name(origin)?;
        if size > MAX_LEAVES {
            return Err(LogError::form(WHAT, format!("{size} entries are more than a log has")));
        }
        if size == 0 && root != empty_root() {
            return Err(LogError::form(WHAT, "a log without entries has the root SHA-256 of nothing"));
        }
        Ok(Self { origin: origin.into(), size, root })
    }

    /// Returns the log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the root over the entries.
    #[must_use]
    pub const fn root(&self) -> Sha256Digest {
        self.root
    }

    /// Signs the checkpoint with the log's key.
    #[must_use]
    pub fn sign(self, key: &LogKey) -> SignedCheckpoint {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root.as_bytes()));
        let verifier = key.verifier();
        let bytes = [verifier.id().as_slice(), &key.sign(text.as_bytes())].concat();
        SignedCheckpoint { checkpoint: self, text, signatures: vec![Signature { name: verifier.name().into(), bytes }] }
    }

    fn read(text: &str) -> Result<Self, LogError> {
        let mut lines = text.strip_suffix('\n').ok_or_else(|| LogError::form(WHAT, "its text does not end with a line's end"))?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(LogError::form(WHAT, "it has fewer than three lines"));
        };
        if lines.any(str::is_empty) {
            return Err(LogError::form(WHAT, "an empty line in its text"));
        }
        let size = decimal(size).ok_or_else(|| LogError::form(WHAT, "its second line is not a number of entries"))?;
        Self::new(origin, size, hash(root).ok_or_else(|| LogError::form(WHAT, "its third line is not a root"))?)
    }
}

impl SignedCheckpoint {
    /// Returns what is signed. Nothing says that it is true before [`SignedCheckpoint::verify`].
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Checks that one of these keys signed it. Signatures of other keys are ignored, as the specification wants it.
    ///
    /// # Errors
    /// No signature is of one of the keys, or one that claims to be is wrong.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<(), LogError> {
        let mut signed = false;
        for key in keys {
            for signature in self.signatures.iter().filter(|signature| signature.name == key.name()) {
                let Some(bytes) = signature.bytes.strip_prefix(&key.id()) else { continue };
                if !key.verify(self.text.as_bytes(), bytes) {
                    return Err(LogError::Signature(key.name().into()));
                }
                signed = true;
            }
        }
        let names: Vec<_> = keys.iter().map(VerifierKey::name).collect();
        if signed { Ok(()) } else { Err(LogError::Signature(names.join(", "))) }
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "— {} {}", signature.name, BASE64.encode(&signature.bytes)))
    }
}

impl FromStr for SignedCheckpoint {
    type Err = LogError;

    fn from_str(note: &str) -> Result<Self, Self::Err> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(LogError::form(WHAT, format!("{} bytes are more than any has", note.len())));
        }
        if note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(LogError::form(WHAT, "it has control characters"));
        }
        // The text is separated from the signatures by the last empty line.
        let (text, lines) = note.rsplit_once("\n\n").ok_or_else(|| LogError::form(WHAT, "no empty line before its signatures"))?;
        let lines = lines.strip_suffix('\n').ok_or_else(|| LogError::form(WHAT, "it does not end with a line's end"))?;
        let text = format!("{text}\n");
        let signatures: Vec<_> = lines.split('\n').take(MAX_SIGNATURES + 1).map(signature).collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(LogError::form(WHAT, format!("more than {MAX_SIGNATURES} signatures")));
        }
        Ok(Self { checkpoint: Checkpoint::read(&text)?, text, signatures })
    }
}

fn signature(line: &str) -> Result<Signature, LogError> {
    let wrong = || LogError::form(WHAT, "a line is no signature");
    let (name, base64) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or_else(wrong)?;
    check_name(name)?;
    let bytes = BASE64.decode(base64.as_bytes()).map_err(|_| wrong())?;
    if bytes.len() < 5 { Err(wrong()) } else { Ok(Signature { name: name.into(), bytes }) }
}

/// Reads a number with one spelling: digits without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

/// Reads a hash in base64.
pub(crate) fn hash(text: &str) -> Option<Sha256Digest> {
    let bytes: [u8; 32] = BASE64.decode(text.as_bytes()).ok()?.try_into().ok()?;
    Some(bytes.into())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a checkpoint that is not read is a failed test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_signed_checkpoint_is_read_back_and_verifies() {
        let key = LogKey::generate("models.example/log").unwrap();
        let other = LogKey::generate("models.example/log").unwrap();
        let signed = Checkpoint::new("models.example/log", 5, Sha256Digest::of(b"root")).unwrap().sign(&key);
        let read: SignedCheckpoint = signed.to_string().parse().unwrap();
        assert_eq!(read, signed);
        read.verify(&[other.verifier(), key.verifier()]).unwrap();
        assert!(read.verify(&[other.verifier()]).is_err() && read.verify(&[]).is_err());
        let lied: SignedCheckpoint = signed.to_string().replace("\n5\n", "\n6\n").parse().unwrap();
        assert!(lied.verify(&[key.verifier()]).is_err());
        // Who witnesses adds a line; lines of strangers are not ours to judge.
        let witnessed = format!("{signed}— witness.example AAAAAAAA\n");
        witnessed.parse::<SignedCheckpoint>().unwrap().verify(&[key.verifier()]).unwrap();
    }

    #[test]
    fn the_empty_log_has_one_root() {
        assert!(Checkpoint::new("x", 0, empty_root()).is_ok());
        assert!(Checkpoint::new("x", 0, Sha256Digest::of(b"x")).is_err());
        assert!(Checkpoint::new("x", MAX_LEAVES + 1, empty_root()).is_err());
    }

    #[test]
    fn other_forms_are_refused() {
        let good = "a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— a AAAAAAAA\n";
        assert!(good.parse::<SignedCheckpoint>().is_ok());
        for (from, to) in [
            ("\n1\n", "\n01\n"),
            ("\n1\n", "\n-1\n"),
            ("AAA=", "AA="),
            ("\n\n", "\n"),
            ("— ", "- "),
            ("a\n", "\n"),
            ("AAAAAAAA\n", "AAAA\n"),
            ("1", "\u{1}"),
        ] {
            assert!(good.replacen(from, to, 1).parse::<SignedCheckpoint>().is_err(), "{from:?} -> {to:?}");
        }
        assert!(good.trim_end().parse::<SignedCheckpoint>().is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "(.|\n){0,300}") {
            let _ = text.parse::<SignedCheckpoint>();
        }
    }
}
