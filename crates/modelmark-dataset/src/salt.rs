//! Salts: leaves that nobody can guess who was not told.

use std::fmt;
use std::str::FromStr;

use modelmark_digest::Sha256Digest;
use ring::hmac;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{DataPath, DatasetError};

const KEY_BYTES: usize = 32;

/// The secret that all salts of a set come from. Whoever has it can test any guess about the set, so it is never shown.
pub struct SaltKey(Zeroizing<[u8; KEY_BYTES]>);

/// The salt of one file: HMAC-SHA256 of its path. A proof reveals it for its own file, which says nothing of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Salt(Sha256Digest);

impl SaltKey {
    /// Returns the salt of the file at `path`.
    #[must_use]
    pub fn salt(&self, path: &DataPath) -> Salt {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*self.0), path.as_str().as_bytes());
        let mut salt = [0; KEY_BYTES];
        salt.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        Salt(salt.into())
    }
}

impl Salt {
    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl FromStr for SaltKey {
    type Err = DatasetError;

    /// Reads 64 hex digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.len() != 2 * KEY_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(DatasetError::Key { length: text.len() });
        }
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        for (byte, pair) in key.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
            let mut digits = pair.map(|digit| char::from(digit).to_digit(16).unwrap_or_default() as u8);
            let [high, low] = digits;
            *byte = high << 4 | low;
            digits.zeroize();
        }
        Ok(Self(key))
    }
}

impl fmt::Debug for SaltKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SaltKey(…)")
    }
}
