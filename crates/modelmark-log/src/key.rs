//! Keys that sign checkpoints: Ed25519, named and identified as signed notes do.

use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::str::FromStr;

use data_encoding::BASE64;
use modelmark_digest::Sha256Digest;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::LogError;

/// The signature type of Ed25519 in signed notes.
const ED25519_TYPE: u8 = 1;
/// A key file is some hundred bytes.
const MAX_KEY_FILE: u64 = 16 << 10;
/// Longest name of a key, which is the log's origin.
const MAX_NAME_BYTES: usize = 255;
const PEM_START: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// A log's own key. Shown nowhere.
pub struct LogKey {
    name: String,
    pair: Ed25519KeyPair,
    pkcs8: Option<Vec<u8>>,
}

/// A public key under a name. Shown as Go's `note` package does: `name+id+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: [u8; 32],
}

impl LogKey {
    /// Makes a new key for the log called `name`.
    ///
    /// # Errors
    /// The name has spaces, control characters or a plus, or the random source failed.
    pub fn generate(name: &str) -> Result<Self, LogError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|error| LogError::Key(error.to_string()))?;
        let mut key = Self::from_pkcs8(name, document.as_ref())?;
        key.pkcs8 = Some(document.as_ref().to_vec());
        Ok(key)
    }

    /// Reads a key in PKCS #8, as PEM or DER: what `openssl genpkey -algorithm ed25519` writes.
    ///
    /// # Errors
    /// The file cannot be read or holds no Ed25519 key, or the name is not one.
    pub fn read(name: &str, path: &Path) -> Result<Self, LogError> {
        use std::io::Read as _;
        let shown = path.display().to_string();
        let mut bytes = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(MAX_KEY_FILE).read_to_end(&mut bytes));
        read.map_err(LogError::file(&shown))?;
        let der = match std::str::from_utf8(&bytes) {
            Ok(text) if text.contains(PEM_START) => unwrap_pem(text)?,
            _ => bytes,
        };
        Self::from_pkcs8(name, &der)
    }

    /// Writes a key that was just made to a new file that only its owner can read. An existing file is never overwritten.
    ///
    /// # Errors
    /// The file exists or cannot be written, or the key was read and not made.
    pub fn write(&self, path: &Path) -> Result<(), LogError> {
        let der = self.pkcs8.as_ref().ok_or_else(|| LogError::Key("only a key that was just made is written".into()))?;
        let text = format!("{PEM_START}\n{}\n{PEM_END}\n", BASE64.encode(der));
        let shown = path.display().to_string();
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(LogError::file(&shown))
    }

    fn from_pkcs8(name: &str, der: &[u8]) -> Result<Self, LogError> {
        check_name(name)?;
        // Without the public key in it, as openssl writes it, there is nothing to check against.
        let pair =
            Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|error| LogError::Key(format!("not Ed25519 in PKCS #8: {error}")))?;
        Ok(Self { name: name.into(), pair, pkcs8: None })
    }

    /// Returns the log's name, which is the origin of its checkpoints.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the public key.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        let mut key = [0; 32];
        key.iter_mut().zip(self.pair.public_key().as_ref()).for_each(|(to, from)| *to = *from);
        VerifierKey { name: self.name.clone(), key }
    }

    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }
}

impl VerifierKey {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what signature lines say beside the name: the first four bytes of SHA-256 over name and key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let hashed = [self.name.as_bytes(), b"\n", &[ED25519_TYPE], &self.key].concat();
        let [a, b, c, d, ..] = *Sha256Digest::of(&hashed).as_bytes();
        [a, b, c, d]
    }

    pub(crate) fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key).verify(text, signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_TYPE], self.key.as_slice()].concat();
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id()), BASE64.encode(&key))
    }
}

impl FromStr for VerifierKey {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |reason: &str| LogError::form("log's public key (wanted `name+id+base64`)", reason);
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("three parts are needed"));
        };
        check_name(name)?;
        let bytes = BASE64.decode(key.as_bytes()).map_err(|_| wrong("the key is not base64"))?;
        let key = bytes.strip_prefix(&[ED25519_TYPE]).and_then(|key| key.try_into().ok()).ok_or_else(|| wrong("not an Ed25519 key"))?;
        let read = Self { name: name.into(), key };
        if format!("{:08x}", u32::from_be_bytes(read.id())) == id { Ok(read) } else { Err(wrong("the id is not that of name and key")) }
    }
}

/// Checks a name: what may stand in a signature line.
pub(crate) fn check_name(name: &str) -> Result<(), LogError> {
    let bad = name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+');
    if bad {
        return Err(LogError::form("log's name", "1 to 255 bytes without spaces, control characters and plus, such as models.example/log"));
    }
    Ok(())
}

fn unwrap_pem(text: &str) -> Result<Vec<u8>, LogError> {
    let (_, rest) = text.split_once(PEM_START).unwrap_or(("", text));
    let (body, _) = rest.split_once(PEM_END).ok_or_else(|| LogError::Key("the PEM block has no end".into()))?;
    let body: String = body.split_whitespace().collect();
    BASE64.decode(body.as_bytes()).map_err(|_| LogError::Key("the PEM block is not base64".into()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a key that is not read is a failed test")]
mod tests {
    use super::*;

    /// The verifier key of the Go checksum database, which the Go tool carries.
    const SUM_GOLANG: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

    #[test]
    fn foreign_keys_are_read_and_their_ids_agree() {
        let key: VerifierKey = SUM_GOLANG.parse().unwrap();
        assert_eq!(key.to_string(), SUM_GOLANG);
        assert!(SUM_GOLANG.replace("033de0ae", "033de0af").parse::<VerifierKey>().is_err());
        assert!(SUM_GOLANG.replace("sum.", "bum.").parse::<VerifierKey>().is_err());
    }

    #[test]
    fn the_published_example_of_a_signed_note_verifies() {
        let key: VerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse().unwrap();
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let bytes = BASE64.decode(line.as_bytes()).unwrap();
        let signature = bytes.strip_prefix(&key.id()).unwrap();
        assert!(key.verify(text.as_bytes(), signature));
        assert!(!key.verify(text.trim_end().as_bytes(), signature) && !key.verify(text.as_bytes(), &bytes));
    }

    #[test]
    fn a_key_is_kept_in_a_file_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.pem");
        let key = LogKey::generate("models.example/log").unwrap();
        key.write(&path).unwrap();
        let read = LogKey::read("models.example/log", &path).unwrap();
        assert_eq!(read.verifier(), key.verifier());
        assert!(read.verifier().verify(b"text", &key.sign(b"text")) && !key.verifier().verify(b"texts", &key.sign(b"text")));
        assert!(matches!(key.write(&path), Err(LogError::File { .. })));
        assert!(LogKey::generate("two words").is_err() && LogKey::generate("a+b").is_err());
        std::fs::write(&path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
        assert!(matches!(LogKey::read("x", &path), Err(LogError::Key(_))));
    }
}
