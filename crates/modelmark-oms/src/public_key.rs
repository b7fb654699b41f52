//! Public keys: read from PEM or a certificate, named by their hint, and asked about signatures.

use modelmark_digest::Sha256Digest;
use p256::ecdsa::signature::Verifier as _;
use pkcs8::der::{Encode as _, asn1::BitStringRef};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use pkcs8::{ObjectIdentifier, der};

use crate::curve::{Curve, EC_PUBLIC_KEY};
use crate::key::{KeyError, pem_block};

/// A point on one of the curves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    curve: Curve,
    /// Uncompressed, as SEC 1 writes it.
    point: Vec<u8>,
}

impl PublicKey {
    /// Reads a PEM file with a `PUBLIC KEY` block (RFC 5480).
    ///
    /// # Errors
    /// Says what the file is instead; [`KeyError::Curve`] for other kinds of keys.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let (label, der) = pem_block(pem, &["PUBLIC KEY"])?;
        Self::from_spki(&der).map_err(|error| match error {
            KeyError::Malformed { .. } => KeyError::Malformed { label, reason: "not a SubjectPublicKeyInfo" },
            other => other,
        })
    }

    /// Reads a DER SubjectPublicKeyInfo.
    pub(crate) fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let malformed = || KeyError::Malformed { label: "PUBLIC KEY".to_owned(), reason: "not a SubjectPublicKeyInfo" };
        let info = SubjectPublicKeyInfoRef::try_from(der).map_err(|_| malformed())?;
        let parameters = info.algorithm.parameters.and_then(|any| ObjectIdentifier::try_from(any).ok());
        let curve = Curve::named(info.algorithm.oid, parameters).map_err(KeyError::Curve)?;
        Self::from_point(curve, info.subject_public_key.as_bytes().ok_or_else(malformed)?)
    }

    /// Reads a point as SEC 1 writes it.
    pub(crate) fn from_point(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        let off = || KeyError::Malformed { label: "PUBLIC KEY".to_owned(), reason: "the point is not on its curve" };
        let point = match curve {
            Curve::P256 => {
                p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| off())?.to_encoded_point(false).as_bytes().to_vec()
            }
            Curve::P384 => {
                p384::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| off())?.to_encoded_point(false).as_bytes().to_vec()
            }
            Curve::P521 => {
                p521::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| off())?.to_encoded_point(false).as_bytes().to_vec()
            }
        };
        Ok(Self { curve, point })
    }

    /// Returns the curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// Returns the key as OpenSSL writes it in PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        // Neither the lengths nor the labels can be wrong here; an empty text would match no hint.
        let der = self.spki().unwrap_or_default();
        pem_rfc7468::encode_string("PUBLIC KEY", pem_rfc7468::LineEnding::LF, &der).unwrap_or_default()
    }

    fn spki(&self) -> der::Result<Vec<u8>> {
        let curve = self.curve.oid();
        SubjectPublicKeyInfoRef {
            algorithm: AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters: Some((&curve).into()) },
            subject_public_key: BitStringRef::from_bytes(&self.point)?,
        }
        .to_der()
    }

    /// Returns what bundles name the key by: the SHA-256 of its PEM text, what `sha256sum` prints for the file that OpenSSL writes.
    #[must_use]
    pub fn hint(&self) -> Sha256Digest {
        Sha256Digest::of(self.to_pem().as_bytes())
    }

    /// Tells whether `signature`, in ASN.1 DER, is the key's over `message`. High and low `s` are both right: ECDSA has both.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify(message, signature).is_ok()
    }

    /// Does the same with SHA-256, whatever the curve.
    pub(crate) fn verifies_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
        let digest = Sha256Digest::of(message);
        let digest = digest.as_bytes();
        let verified = match self.curve {
            Curve::P256 => self.verify(message, signature),
            Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)
                .and_then(|key| key.verify_prehash(digest, &p384::ecdsa::Signature::from_der(signature)?)),
            Curve::P521 => self.verify_p521_digest(digest, signature),
        };
        verified.is_ok()
    }

    /// Does the same on P-521 with a digest of another hash than the curve's own, as certificates have it.
    pub(crate) fn verify_p521_digest(&self, digest: &[u8], signature: &[u8]) -> Result<(), p256::ecdsa::Error> {
        use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
        // The curve takes no digest that is shorter than half of it, and a digest is a number: leading zeros do not change it.
        let mut padded = vec![0; 66_usize.saturating_sub(digest.len())];
        padded.extend_from_slice(digest);
        p521::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)?.verify_prehash(&padded, &p521::ecdsa::Signature::from_der(signature)?)
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), p256::ecdsa::Error> {
        match self.curve {
            Curve::P256 => {
                p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)?.verify(message, &p256::ecdsa::Signature::from_der(signature)?)
            }
            Curve::P384 => {
                p384::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)?.verify(message, &p384::ecdsa::Signature::from_der(signature)?)
            }
            Curve::P521 => {
                p521::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)?.verify(message, &p521::ecdsa::Signature::from_der(signature)?)
            }
        }
    }
}
