//! Keys as `did:key` writes them, which is the key itself in base 58.

use crate::curve::Curve;
use crate::key::KeyError;
use crate::public_key::PublicKey;

/// No key of these curves has more digits.
const MAX_DIGITS: usize = 160;

impl PublicKey {
    /// Reads a `did:key` of P-256, P-384 or P-521.
    ///
    /// # Errors
    /// It is none, or of another kind of key; a `did:web` says nothing of its key, but only where somebody would have to ask for it.
    pub fn from_did(text: &str) -> Result<Self, KeyError> {
        let wrong = |reason| KeyError::Malformed { label: "did:key".to_owned(), reason };
        let digits = text.strip_prefix("did:key:z").ok_or_else(|| wrong("of DIDs only did:key says by itself which key it is"))?;
        let bytes = Some(digits).filter(|digits| digits.len() <= MAX_DIGITS).and_then(|digits| bs58::decode(digits).into_vec().ok());
        let bytes = bytes.ok_or_else(|| wrong("not base 58, or too long"))?;
        // Multicodec prefixes, as varints.
        match bytes.as_slice() {
            [0x80, 0x24, point @ ..] if point.len() == 33 => Self::from_point(Curve::P256, point),
            [0x81, 0x24, point @ ..] if point.len() == 49 => Self::from_point(Curve::P384, point),
            [0x82, 0x24, point @ ..] if point.len() == 67 => Self::from_point(Curve::P521, point),
            [0xed, 0x01, ..] => Err(KeyError::Curve("Ed25519".to_owned())),
            [0xe7, 0x01, ..] => Err(KeyError::Curve("secp256k1".to_owned())),
            _ => Err(wrong("not a compressed point of P-256, P-384 or P-521")),
        }
    }
}
