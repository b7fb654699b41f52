//! Private keys: PKCS#8, encrypted or not, and SEC 1, as OpenSSL and Python's cryptography write them.

use p256::ecdsa::signature::Signer as _;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::{EncryptedPrivateKeyInfo, PrivateKeyInfo};
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

use crate::curve::Curve;
use crate::public_key::PublicKey;

/// Most bytes of a file with a key.
pub const MAX_KEY_BYTES: usize = 64 << 10;

/// More rounds than any tool uses by itself; a file could ask for hours.
const MAX_PBKDF2_ROUNDS: u32 = 20_000_000;
/// Bytes that scrypt may take.
const MAX_SCRYPT_BYTES: u64 = 1 << 30;

/// A key that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file holds no such key.
    #[error("no {0} in PEM form")]
    NoKey(String),
    /// The key is encrypted, and there is no password.
    #[error("the private key is encrypted: a password is needed")]
    PasswordNeeded,
    /// The password does not open the key.
    #[error("the password does not open the private key")]
    WrongPassword,
    /// The key is encrypted in a way that is not supported.
    #[error("the private key is encrypted in a way that is not supported ({0}); `openssl pkcs8 -topk8 -v2 aes256` encrypts it anew")]
    Encryption(&'static str),
    /// Another curve or kind of key.
    #[error("the key is {0}; model signing knows P-256, P-384 and P-521")]
    Curve(String),
    /// The block cannot be read.
    #[error("the block `{label}` cannot be read: {reason}")]
    Malformed {
        /// Label of the PEM block.
        label: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// A private key on one of the curves. It is wiped from memory when dropped.
pub struct PrivateKey(Inner);

enum Inner {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
}

impl PrivateKey {
    /// Reads a PEM file with a `PRIVATE KEY`, `ENCRYPTED PRIVATE KEY` or `EC PRIVATE KEY` block.
    ///
    /// # Errors
    /// [`KeyError::PasswordNeeded`] when the key is encrypted and `password` absent; else what is wrong with the file.
    pub fn from_pem(pem: &[u8], password: Option<&[u8]>) -> Result<Self, KeyError> {
        let (label, der) = pem_block(pem, &["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY"])?;
        match label.as_str() {
            "PRIVATE KEY" => Self::from_pkcs8(&der),
            "EC PRIVATE KEY" => Self::from_sec1(&der, None),
            _ => Self::from_encrypted(&der, password.ok_or(KeyError::PasswordNeeded)?),
        }
    }

    fn from_encrypted(der: &[u8], password: &[u8]) -> Result<Self, KeyError> {
        let label = "ENCRYPTED PRIVATE KEY";
        let info = EncryptedPrivateKeyInfo::try_from(der).map_err(|_| malformed(label, "not encrypted PKCS#8 as it is supported"))?;
        refuse_costly(&info.encryption_algorithm)?;
        let opened = info.decrypt(password).map_err(|_| KeyError::WrongPassword)?;
        Self::from_pkcs8(opened.as_bytes())
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfo::try_from(der).map_err(|_| malformed("PRIVATE KEY", "not PKCS#8"))?;
        let curve = Curve::named(info.algorithm.oid, info.algorithm.parameters_oid().ok()).map_err(KeyError::Curve)?;
        Self::from_sec1(info.private_key, Some(curve))
    }

    fn from_sec1(der: &[u8], curve: Option<Curve>) -> Result<Self, KeyError> {
        let key = EcPrivateKey::try_from(der).map_err(|_| malformed("EC PRIVATE KEY", "not SEC 1"))?;
        let named = key.parameters.and_then(EcParameters::named_curve);
        let curve = match curve {
            Some(curve) => curve,
            None => Curve::named(crate::curve::EC_PUBLIC_KEY, named).map_err(KeyError::Curve)?,
        };
        let no_scalar = || malformed("EC PRIVATE KEY", "the secret number is not one of the curve");
        Ok(Self(match curve {
            Curve::P256 => Inner::P256(p256::ecdsa::SigningKey::from_slice(key.private_key).map_err(|_| no_scalar())?),
            Curve::P384 => Inner::P384(p384::ecdsa::SigningKey::from_slice(key.private_key).map_err(|_| no_scalar())?),
            Curve::P521 => Inner::P521(p521::ecdsa::SigningKey::from_slice(key.private_key).map_err(|_| no_scalar())?),
        }))
    }

    /// Returns the public half.
    ///
    /// # Errors
    /// None is known; the libraries could refuse the point.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        match &self.0 {
            Inner::P256(key) => PublicKey::from_point(Curve::P256, key.verifying_key().to_encoded_point(false).as_bytes()),
            Inner::P384(key) => PublicKey::from_point(Curve::P384, key.verifying_key().to_encoded_point(false).as_bytes()),
            Inner::P521(key) => PublicKey::from_point(Curve::P521, p521::ecdsa::VerifyingKey::from(key).to_encoded_point(false).as_bytes()),
        }
    }

    /// Returns the signature over `message` in ASN.1 DER, with the curve's own hash: deterministic (RFC 6979), but for P-521, where it is random.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, p256::ecdsa::Error> {
        Ok(match &self.0 {
            Inner::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message)?;
                signature.to_der().as_bytes().to_vec()
            }
            Inner::P384(key) => {
                let signature: p384::ecdsa::Signature = key.try_sign(message)?;
                signature.to_der().as_bytes().to_vec()
            }
            Inner::P521(key) => {
                let signature: p521::ecdsa::Signature = key.try_sign(message)?;
                signature.to_der().as_bytes().to_vec()
            }
        })
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// Finds the first PEM block with one of the labels.
pub(crate) fn pem_block(pem: &[u8], labels: &[&str]) -> Result<(String, Zeroizing<Vec<u8>>), KeyError> {
    let none = || KeyError::NoKey(labels.first().unwrap_or(&"block").to_lowercase());
    let text = std::str::from_utf8(pem).map_err(|_| none())?;
    let begins = |label: &&str| text.find(&format!("-----BEGIN {label}-----"));
    let (start, label) = labels.iter().filter_map(|label| Some((begins(label)?, *label))).min().ok_or_else(none)?;
    let block = text.get(start..).unwrap_or_default();
    let end = format!("-----END {label}-----");
    let length = block.find(&end).ok_or_else(|| malformed(label, "it has no end"))? + end.len();
    let block = block.get(..length).unwrap_or_default();
    if block.contains("Proc-Type:") {
        return Err(KeyError::Encryption("the PEM headers of old OpenSSL"));
    }
    let (_, der) = pem_rfc7468::decode_vec(block.as_bytes()).map_err(|_| malformed(label, "not PEM as RFC 7468 has it"))?;
    Ok((label.to_owned(), Zeroizing::new(der)))
}

fn refuse_costly(scheme: &EncryptionScheme<'_>) -> Result<(), KeyError> {
    let EncryptionScheme::Pbes2(parameters) = scheme else { return Err(KeyError::Encryption("PBES1")) };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) if kdf.iteration_count > MAX_PBKDF2_ROUNDS => Err(KeyError::Encryption("too many rounds of PBKDF2")),
        Kdf::Scrypt(kdf)
            if kdf.cost_parameter.saturating_mul(u64::from(kdf.block_size)).saturating_mul(128) > MAX_SCRYPT_BYTES
                || kdf.parallelization > 64 =>
        {
            Err(KeyError::Encryption("scrypt parameters out of bounds"))
        }
        _ => Ok(()),
    }
}

fn malformed(label: &str, reason: &'static str) -> KeyError {
    KeyError::Malformed { label: label.to_owned(), reason }
}
