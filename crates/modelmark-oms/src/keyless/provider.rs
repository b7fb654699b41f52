//! The arithmetic for `sigstore-verify`, from `ring`, so that no second cryptographic library is built.

use ring::digest::{Algorithm, Context, SHA256, SHA384, SHA512};
use ring::signature as known;
use sigstore_verify::crypto::provider::{CryptoProvider, HashContext};
use sigstore_verify::crypto::{Error, SigningScheme, install_default_provider};
use sigstore_verify::types::HashAlgorithm;

/// Has `sigstore-verify` use `ring` from here on.
pub(super) fn install() {
    // Fails when it is installed already, and nobody else installs another.
    let _ = install_default_provider(&Ring);
}

#[derive(Debug)]
struct Ring;

struct Hash(Context);

impl HashContext for Hash {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self: Box<Self>) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

impl CryptoProvider for Ring {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, Error> {
        let algorithm: &'static Algorithm = match algorithm {
            HashAlgorithm::Sha2256 => &SHA256,
            HashAlgorithm::Sha2384 => &SHA384,
            HashAlgorithm::Sha2512 => &SHA512,
            other => return Err(Error::UnsupportedAlgorithm(other.to_string())),
        };
        Ok(Box::new(Hash(Context::new(algorithm))))
    }

    fn verify_raw(&self, scheme: SigningScheme, key: &[u8], data: &[u8], signature: &[u8]) -> Result<(), Error> {
        let algorithm: &'static dyn known::VerificationAlgorithm = match scheme {
            SigningScheme::EcdsaP256Sha256 => &known::ECDSA_P256_SHA256_ASN1,
            SigningScheme::EcdsaP256Sha384 => &known::ECDSA_P256_SHA384_ASN1,
            SigningScheme::EcdsaP384Sha256 => &known::ECDSA_P384_SHA256_ASN1,
            SigningScheme::EcdsaP384Sha384 => &known::ECDSA_P384_SHA384_ASN1,
            SigningScheme::Ed25519 => &known::ED25519,
            SigningScheme::RsaPssSha256 => &known::RSA_PSS_2048_8192_SHA256,
            SigningScheme::RsaPssSha384 => &known::RSA_PSS_2048_8192_SHA384,
            SigningScheme::RsaPssSha512 => &known::RSA_PSS_2048_8192_SHA512,
            SigningScheme::RsaPkcs1Sha256 => &known::RSA_PKCS1_2048_8192_SHA256,
            SigningScheme::RsaPkcs1Sha384 => &known::RSA_PKCS1_2048_8192_SHA384,
            SigningScheme::RsaPkcs1Sha512 => &known::RSA_PKCS1_2048_8192_SHA512,
            other => return Err(Error::UnsupportedAlgorithm(other.name().to_owned())),
        };
        known::UnparsedPublicKey::new(algorithm, key)
            .verify(data, signature)
            .map_err(|_| Error::Verification(format!("the {} signature is wrong", scheme.name())))
    }

    fn verify_prehashed(&self, scheme: SigningScheme, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), Error> {
        // Only bundles without an envelope need it, which model signing has not.
        Err(Error::UnsupportedAlgorithm(format!("{} over a digest", scheme.name())))
    }
}
