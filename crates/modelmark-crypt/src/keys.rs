//! Who may read a model, and by which secret.

use std::fmt;
use std::str::FromStr;

use age::secrecy::ExposeSecret as _;
use age::x25519;
use zeroize::Zeroizing;

use crate::CryptError;

/// Most recipients of one key file: as many as its header has room for, see [`MAX_HEADER_BYTES`](crate::MAX_HEADER_BYTES).
pub const MAX_RECIPIENTS: usize = 64;

/// Longest identity file, in bytes.
pub const MAX_IDENTITIES_BYTES: u64 = 64 << 10;

/// Whoever a model is encrypted for: an X25519 public key as `age-keygen` shows it (`age1…`).
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(pub(crate) x25519::Recipient);

impl FromStr for Recipient {
    type Err = CryptError;

    fn from_str(text: &str) -> Result<Self, CryptError> {
        let text = text.trim();
        if text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("AGE-SECRET-KEY-")) {
            return Err(CryptError::Recipient("a recipient is a public key (age1…), and this is a secret key: keep it to yourself"));
        }
        text.parse().map(Self).map_err(|_| CryptError::Recipient("not a recipient: write a public key as `age-keygen` shows it (age1…)"))
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Secret keys, at least one. They are wiped from memory when dropped, and never shown.
#[derive(Clone)]
pub struct Identities(pub(crate) Vec<x25519::Identity>);

impl Identities {
    /// Reads an identity file as `age-keygen` writes it: one key a line, empty lines and lines with `#` left out.
    ///
    /// # Errors
    /// [`CryptError::Identity`] for a line that is something else, [`CryptError::Count`] when there is no key.
    pub fn parse(text: &str) -> Result<Self, CryptError> {
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                keys.push(line.parse().map_err(|_| CryptError::Identity { line: number + 1 })?);
            }
        }
        if keys.is_empty() {
            Err(CryptError::Count("there is no identity (AGE-SECRET-KEY-1…) to decrypt with".to_owned()))
        } else {
            Ok(Self(keys))
        }
    }

    /// Returns a new secret key.
    #[must_use]
    pub fn generate() -> Self {
        Self(vec![x25519::Identity::generate()])
    }

    /// Returns the public keys, in the order of the secret ones.
    pub fn recipients(&self) -> impl Iterator<Item = Recipient> + '_ {
        self.0.iter().map(|key| Recipient(key.to_public()))
    }

    /// Returns the keys as an identity file.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for key in &self.0 {
            text.push_str(key.to_string().expose_secret());
            text.push('\n');
        }
        text
    }

    pub(crate) fn as_age(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|key| key as &dyn age::Identity)
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({} keys)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    #[test]
    fn identity_files_read_back_and_keys_stay_out_of_messages() {
        let keys = Identities::generate();
        let text = keys.to_text();
        let file = format!("# created: 2026-01-01\n\n{}", *text);
        let read = Identities::parse(&file).unwrap();
        assert!(read.recipients().eq(keys.recipients()));
        assert_eq!(format!("{read:?}"), "Identities(1 keys)");

        let secret = text.trim().to_owned();
        let wrong = secret.parse::<Recipient>().unwrap_err().to_string();
        assert!(wrong.contains("secret key") && !wrong.contains(&secret), "{wrong}");
        let cut = Identities::parse(&secret[..secret.len() - 1]).unwrap_err().to_string();
        assert!(cut.contains("line 1") && !cut.contains(&secret[..30]), "{cut}");
        assert!(Identities::parse("# nothing\n").is_err());
        assert!("age1".parse::<Recipient>().is_err());
    }
}
