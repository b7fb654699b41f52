//! Keys that secure credentials: Ed25519 and P-256, named by `did:key`, and nothing else.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::Verifier as _;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::report::{Code, Fault};

/// Longer than any multibase text of a key or signature that is read here; decoding base 58 takes time that grows with the square of the length.
const MAX_MULTIBASE: usize = 128;
/// What stands before a key in a multikey: the multicodec number as a varint.
const ED25519_PREFIX: [u8; 2] = [0xed, 0x01];
const P256_PREFIX: [u8; 2] = [0x80, 0x24];

/// What a key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032); in JOSE `EdDSA`.
    Ed25519,
    /// ECDSA over P-256 with SHA-256; in JOSE `ES256`.
    P256,
}

/// A key cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The system gave no random bytes.
    #[error("the system's random source failed")]
    Random,
    /// The number is not a private key of the curve.
    #[error("not a private key of {0}")]
    Secret(Algorithm),
    /// The text names no algorithm.
    #[error("{0:?} is not a kind of key (wanted ed25519 or p-256)")]
    Algorithm(String),
    /// The text or document is not a public key that is used here.
    #[error("not a public key: {0}")]
    Public(String),
}

/// A public key that was checked: a point of its curve, and not one of small order, under which anybody could sign.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Point);

#[derive(Clone, PartialEq, Eq)]
enum Point {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
}

/// A private key. Shown nowhere, and wiped from memory when it is dropped.
pub struct SecretKey(Secret);

enum Secret {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

impl Algorithm {
    /// Returns the name in JOSE headers.
    #[must_use]
    pub const fn jose(self) -> &'static str {
        match self {
            Self::Ed25519 => "EdDSA",
            Self::P256 => "ES256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "ed25519",
            Self::P256 => "p-256",
        })
    }
}

impl FromStr for Algorithm {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        match text {
            "ed25519" => Ok(Self::Ed25519),
            "p-256" => Ok(Self::P256),
            _ => Err(KeyError::Algorithm(text.chars().take(80).collect())),
        }
    }
}

impl SecretKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// The random source failed.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        // For P-256 one number in 2^32 is not a key.
        for _ in 0..8 {
            let mut secret = Zeroizing::new([0; 32]);
            fill(secret.as_mut_slice())?;
            if let Ok(key) = Self::from_secret(algorithm, &secret) {
                return Ok(key);
            }
        }
        Err(KeyError::Random)
    }

    /// Takes the 32 bytes of a private key: for Ed25519 the seed of RFC 8032, for P-256 the number, high byte first.
    ///
    /// # Errors
    /// P-256 has no such key.
    pub fn from_secret(algorithm: Algorithm, secret: &Zeroizing<[u8; 32]>) -> Result<Self, KeyError> {
        let secret = match algorithm {
            Algorithm::Ed25519 => Secret::Ed25519(ed25519_dalek::SigningKey::from_bytes(secret)),
            Algorithm::P256 => {
                let key = p256::ecdsa::SigningKey::from_slice(secret.as_slice());
                Secret::P256(key.map_err(|_| KeyError::Secret(algorithm))?)
            }
        };
        Ok(Self(secret))
    }

    /// Returns the 32 bytes, to be kept encrypted.
    #[must_use]
    pub fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(match &self.0 {
            Secret::Ed25519(key) => key.to_bytes(),
            Secret::P256(key) => key.to_bytes().into(),
        })
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(match &self.0 {
            Secret::Ed25519(key) => Point::Ed25519(key.verifying_key()),
            Secret::P256(key) => Point::P256(*key.verifying_key()),
        })
    }

    /// Signs a message: 64 bytes, for P-256 r and s with the nonce of RFC 6979.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        match &self.0 {
            Secret::Ed25519(key) => key.sign(message).to_bytes(),
            Secret::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().into()
            }
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretKey").field(&self.public()).finish()
    }
}

impl PublicKey {
    /// Returns the algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Point::Ed25519(_) => Algorithm::Ed25519,
            Point::P256(_) => Algorithm::P256,
        }
    }

    /// Tells whether `signature` is this key's over `message`. Ed25519 as `verify_strict` has it; P-256 takes either s, as JOSE does.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Point::Ed25519(key) => {
                ed25519_dalek::Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
            }
            Point::P256(key) => {
                p256::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
        }
    }

    /// Returns the multikey: `z` and the base 58 of the key with its multicodec number.
    #[must_use]
    pub fn multikey(&self) -> String {
        let bytes = match &self.0 {
            Point::Ed25519(key) => [&ED25519_PREFIX, key.as_bytes().as_slice()].concat(),
            Point::P256(key) => [&P256_PREFIX, key.to_encoded_point(true).as_bytes()].concat(),
        };
        encode_multibase(&bytes)
    }

    /// Returns the public JSON Web Key.
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        match &self.0 {
            Point::Ed25519(key) => json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(key.as_bytes())}),
            Point::P256(key) => {
                let point = key.to_encoded_point(false);
                let text =
                    |coordinate: Option<&p256::FieldBytes>| coordinate.map(|bytes| BASE64URL_NOPAD.encode(bytes)).unwrap_or_default();
                json!({"kty": "EC", "crv": "P-256", "x": text(point.x()), "y": text(point.y())})
            }
        }
    }

    /// Returns `did:key:` and the multikey.
    #[must_use]
    pub fn did(&self) -> String {
        format!("did:key:{}", self.multikey())
    }

    /// Returns the verification method of [`did`](Self::did): the DID and its only fragment.
    #[must_use]
    pub fn verification_method(&self) -> String {
        let multikey = self.multikey();
        format!("did:key:{multikey}#{multikey}")
    }

    /// Reads a multikey.
    ///
    /// # Errors
    /// The text is no multikey, of another kind of key, not a point of the curve, or a point of small order.
    pub fn from_multikey(text: &str) -> Result<Self, KeyError> {
        let bytes = decode_multibase(text).ok_or_else(|| KeyError::Public("not a multibase text in base 58".into()))?;
        if let Some(key) = bytes.strip_prefix(&ED25519_PREFIX) {
            return Self::ed25519(key);
        }
        match bytes.strip_prefix(&P256_PREFIX) {
            // Of the two spellings of a point the multikey has the short one alone.
            Some(key) if key.len() == 33 => Self::p256(key),
            Some(_) => Err(KeyError::Public("a P-256 multikey has 33 bytes".into())),
            None => Err(KeyError::Public("a key of another kind than Ed25519 and P-256".into())),
        }
    }

    /// Reads a public JSON Web Key of type `OKP` on Ed25519 or `EC` on P-256.
    ///
    /// # Errors
    /// As [`from_multikey`](Self::from_multikey).
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let text = |key: &str| jwk.get(key).and_then(Value::as_str).unwrap_or_default();
        let bytes = |key: &str| {
            let decoded = BASE64URL_NOPAD.decode(text(key).get(..64).unwrap_or(text(key)).as_bytes()).ok();
            decoded.filter(|bytes| bytes.len() == 32).ok_or_else(|| KeyError::Public(format!("`{key}` of a JSON Web Key is not 32 bytes")))
        };
        match (text("kty"), text("crv")) {
            ("OKP", "Ed25519") => Self::ed25519(&bytes("x")?),
            ("EC", "P-256") => Self::p256(&[&[4], bytes("x")?.as_slice(), bytes("y")?.as_slice()].concat()),
            (kty, crv) => {
                let shown = format!("{kty}/{crv}");
                Err(KeyError::Public(format!("a JSON Web Key of another kind than OKP/Ed25519 and EC/P-256: {:?}", shorten(&shown))))
            }
        }
    }

    fn ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        let key = bytes.try_into().ok().and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(bytes).ok());
        let key = key.ok_or_else(|| KeyError::Public("not a point of Ed25519".into()))?;
        // The curve's library reduces a coordinate beyond the field, and one key would have two names.
        if key.to_edwards().compress().as_bytes() != key.as_bytes() {
            return Err(KeyError::Public("not the one spelling of a point of Ed25519".into()));
        }
        if key.is_weak() {
            return Err(KeyError::Public("a point of small order, under which anybody can sign".into()));
        }
        Ok(Self(Point::Ed25519(key)))
    }

    fn p256(sec1: &[u8]) -> Result<Self, KeyError> {
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(sec1).map_err(|_| KeyError::Public("not a point of P-256".into()))?;
        Ok(Self(Point::P256(key)))
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    /// Reads a `did:key`, its verification method, a multikey, or a JSON Web Key.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.starts_with('{') {
            let jwk = crate::json::read(text.as_bytes()).map_err(|fault| KeyError::Public(fault.to_string()))?;
            return Self::from_jwk(&jwk);
        }
        let multikey = text.strip_prefix("did:key:").unwrap_or(text);
        match multikey.split_once('#') {
            Some((key, fragment)) if key == fragment => Self::from_multikey(key),
            Some(_) => Err(KeyError::Public("the fragment of a did:key is not its key".into())),
            None => Self::from_multikey(multikey),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.multikey())
    }
}

/// Returns `z` and base 58.
pub(crate) fn encode_multibase(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Returns the bytes of a multibase text in base 58, the only base that proofs of these suites use.
pub(crate) fn decode_multibase(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix('z').filter(|digits| digits.len() <= MAX_MULTIBASE)?;
    bs58::decode(digits).into_vec().ok()
}

/// Reads the 64 bytes of a signature in multibase.
pub(crate) fn read_signature(text: &str) -> Result<[u8; 64], Fault> {
    let bytes = decode_multibase(text).and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
    bytes.ok_or_else(|| Fault::new(Code::Malformed, "a signature is not 64 bytes in base 58 multibase"))
}

/// Fills a slice with random bytes.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), KeyError> {
    SystemRandom::new().fill(bytes).map_err(|_| KeyError::Random)
}

fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a broken expectation is a failed test")]
mod tests {
    use super::*;

    /// The key of the W3C's vectors for Data Integrity with EdDSA.
    const W3C: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

    #[test]
    fn keys_have_one_name_and_sign() {
        for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
            let key = SecretKey::generate(algorithm).unwrap();
            let public = key.public();
            assert_eq!(public.did().parse::<PublicKey>().unwrap(), public);
            assert_eq!(public.verification_method().parse::<PublicKey>().unwrap(), public);
            assert_eq!(PublicKey::from_jwk(&public.to_jwk()).unwrap(), public);
            assert_eq!(SecretKey::from_secret(algorithm, &key.secret()).unwrap().public(), public);
            let signature = key.sign(b"text");
            assert!(public.verifies(b"text", &signature) && !public.verifies(b"texts", &signature));
            assert!(!public.verifies(b"text", &signature[..63]) && !public.verifies(b"text", &[0; 64]));
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
            assert!(!format!("{key:?}").contains("secret"));
        }
        assert_eq!(PublicKey::from_multikey(W3C).unwrap().multikey(), W3C);
        assert!("ES256K".parse::<Algorithm>().is_err());
        assert!(SecretKey::from_secret(Algorithm::P256, &Zeroizing::new([0; 32])).is_err());
    }

    #[test]
    fn weak_and_foreign_keys_are_refused() {
        let weak = |y: [u8; 32]| encode_multibase(&[ED25519_PREFIX.as_slice(), &y].concat());
        let mut neutral = [0; 32];
        neutral[0] = 1;
        for bad in [
            weak([0; 32]),
            weak(neutral),
            weak([0xff; 32]),
            W3C[1..].to_owned(),
            format!("{W3C}1"),
            format!("u{}", &W3C[1..]),
            // The first is of secp256k1, the second of X25519.
            "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme".to_owned(),
            "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc".to_owned(),
            format!("z{}", "2".repeat(1_000_000)),
            format!("did:key:{W3C}#{W3C}x"),
            r#"{"kty":"oct","k":"AAAA"}"#.to_owned(),
            r#"{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}"#.to_owned(),
            r#"{"kty":"EC","crv":"secp256k1"}"#.to_owned(),
            String::new(),
        ] {
            assert!(bad.parse::<PublicKey>().is_err(), "{}", bad.chars().take(80).collect::<String>());
        }
    }
}
