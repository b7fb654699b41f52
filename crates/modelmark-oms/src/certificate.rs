//! Certificate chains: whose key it is that signed, vouched for by roots that the caller trusts.
//!
//! Paths are built and checked by `webpki`. What it leaves to its callers is done here: roots have validity too, a leaf says what its key is for, and a
//! signer's certificate may itself be what is trusted.

use std::time::Duration;

use pem_rfc7468::decode_vec;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, TrustAnchor, UnixTime, alg_id,
};
use webpki::{EndEntityCert, KeyUsage as Purpose};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::oid::db::rfc5280::ID_KP_CODE_SIGNING;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};

use crate::code::{Code, Refused};
use crate::curve::Curve;
use crate::key::KeyError;
use crate::path;
use crate::public_key::PublicKey;

/// Most certificates in a chain.
pub const MAX_CHAIN: usize = 16;
/// Most trusted certificates in one file.
const MAX_ROOTS: usize = 1000;

/// DER of id-kp-codeSigning, without its tag and length.
const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];

/// Certificates from PEM files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates(Vec<Vec<u8>>);

impl Certificates {
    /// Reads all `CERTIFICATE` blocks of a PEM file; what stands between them is left aside.
    ///
    /// # Errors
    /// When there is none, or one cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let malformed = |reason| KeyError::Malformed { label: "CERTIFICATE".to_owned(), reason };
        let text = std::str::from_utf8(pem).map_err(|_| KeyError::NoKey("certificate".to_owned()))?;
        let mut found = Vec::new();
        for rest in text.split(BEGIN).skip(1) {
            let (body, _) = rest.split_once(END).ok_or_else(|| malformed("it has no end"))?;
            let block = format!("{BEGIN}{body}{END}\n");
            let (_, der) = decode_vec(block.as_bytes()).map_err(|_| malformed("not PEM as RFC 7468 has it"))?;
            Certificate::from_der(&der).map_err(|_| malformed("not an X.509 certificate"))?;
            found.push(der);
            if found.len() > MAX_ROOTS {
                return Err(malformed("there are more than 1,000"));
            }
        }
        if found.is_empty() { Err(KeyError::NoKey("certificate".to_owned())) } else { Ok(Self(found)) }
    }

    /// Adds those of another file.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the certificates in one PEM text, the same for the same certificates whatever their file looked like.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let sorted: std::collections::BTreeSet<_> = self.0.iter().collect();
        let pem = |der: &Vec<u8>| pem_rfc7468::encode_string("CERTIFICATE", pem_rfc7468::LineEnding::LF, der).unwrap_or_default();
        sorted.into_iter().map(pem).collect()
    }

    /// The certificates in DER.
    #[must_use]
    pub fn der(&self) -> &[Vec<u8>] {
        &self.0
    }

    /// Returns the key of the first certificate.
    ///
    /// # Errors
    /// [`KeyError::Curve`] when it is of another kind than model signing knows.
    pub fn first_key(&self) -> Result<PublicKey, KeyError> {
        let none = || KeyError::NoKey("certificate".to_owned());
        let der = CertificateDer::from(self.0.first().ok_or_else(none)?.as_slice());
        let leaf = EndEntityCert::try_from(&der)
            .map_err(|_| KeyError::Malformed { label: "CERTIFICATE".to_owned(), reason: "not an X.509 certificate of version 3" })?;
        PublicKey::from_spki(&leaf.subject_public_key_info())
    }
}

/// Returns the key of the signer's certificate, the first of `chain`, if `roots` vouch for it at `now`; and the name in it.
pub(crate) fn trusted_key(chain: &[Vec<u8>], roots: &Certificates, now: Duration) -> Result<(PublicKey, String), Refused> {
    let Some((leaf, others)) = chain.split_first() else {
        return Err(Refused::new(Code::Certificate, "the chain is empty"));
    };
    let parsed = parse(leaf)?;
    let der = CertificateDer::from(leaf.as_slice());
    let end = EndEntityCert::try_from(&der).map_err(|error| unreadable(&error))?;
    let name = parsed.tbs_certificate.subject.to_string();
    if roots.0.contains(leaf) {
        // Trusted by itself, so that nobody has to vouch for it; self-signed certificates are of this kind.
        check_time(&parsed, now, "the signer's certificate")?;
    } else if is_authority(&parsed) {
        path::leads_to_root(leaf, others, &roots.0, now)?;
    } else {
        vouched(&end, others, roots, now)?;
    }
    check_purpose(&parsed)?;
    Ok((key_of(&end)?, name))
}

/// Returns the key of a keyless signer's certificate, if it is one for signing code. Who vouches for it is not looked at.
#[cfg(feature = "keyless")]
pub(crate) fn signing_key(der: &[u8]) -> Result<PublicKey, Refused> {
    check_purpose(&parse(der)?)?;
    key_of(&EndEntityCert::try_from(&CertificateDer::from(der)).map_err(|error| unreadable(&error))?)
}

/// Returns whom a certificate names as its holder, an e-mail address or a URI, when it names one and nobody else.
pub(crate) fn named_in(der: &[u8]) -> Option<String> {
    let certificate = Certificate::from_der(der).ok()?;
    let (_, names) = certificate.tbs_certificate.get::<SubjectAltName>().ok()??;
    match names.0.as_slice() {
        [GeneralName::Rfc822Name(name) | GeneralName::UniformResourceIdentifier(name)] => Some(name.to_string()),
        _ => None,
    }
}

/// Tells whether a certificate was valid at `seconds` since 1970; one that cannot be read was not.
#[cfg(feature = "keyless")]
pub(crate) fn is_valid_at(der: &[u8], seconds: u64) -> bool {
    parse(der).is_ok_and(|certificate| check_time(&certificate, Duration::from_secs(seconds), "").is_ok())
}

fn unreadable(error: &webpki::Error) -> Refused {
    Refused::new(Code::Certificate, format!("the signer's certificate: {error}"))
}

fn key_of(end: &EndEntityCert<'_>) -> Result<PublicKey, Refused> {
    PublicKey::from_spki(&end.subject_public_key_info()).map_err(|error| {
        let code = if matches!(error, KeyError::Curve(_)) { Code::KeyCurve } else { Code::Certificate };
        Refused::new(code, format!("the signer's certificate: {error}"))
    })
}

/// Builds a path from the signer's certificate to a root.
fn vouched(end: &EndEntityCert<'_>, others: &[Vec<u8>], roots: &Certificates, now: Duration) -> Result<(), Refused> {
    let anchors_der: Vec<CertificateDer<'_>> = roots.0.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let mut anchors: Vec<TrustAnchor<'_>> = Vec::new();
    let mut untimely = None;
    for der in &anchors_der {
        let root = parse(der)?;
        // A certificate that is no authority vouches for nobody but itself.
        if !is_authority(&root) {
            continue;
        }
        match check_time(&root, now, "the trusted root") {
            Ok(()) => anchors.push(webpki::anchor_from_trusted_cert(der).map_err(|error| untrusted(error, None))?),
            Err(refused) => untimely = Some(refused),
        }
    }
    let intermediates: Vec<CertificateDer<'_>> = others.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let purpose = Purpose::required_if_present(CODE_SIGNING);
    end.verify_for_usage(ALGORITHMS, &anchors, &intermediates, UnixTime::since_unix_epoch(now), purpose, None, None)
        .map(|_| ())
        .map_err(|error| untrusted(error, untimely))
}

fn untrusted(error: webpki::Error, untimely: Option<Refused>) -> Refused {
    use webpki::Error;
    let code = match &error {
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity => Code::CertificateTime,
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => Code::CertificateUsage,
        // Had the root been valid, there would perhaps have been a path.
        Error::UnknownIssuer => match untimely {
            Some(refused) => return refused,
            None => Code::CertificateUntrusted,
        },
        _ => Code::CertificateUntrusted,
    };
    Refused::new(code, format!("the chain of certificates does not hold: {error}"))
}

pub(crate) fn parse(der: &[u8]) -> Result<Certificate, Refused> {
    Certificate::from_der(der).map_err(|error| Refused::new(Code::Certificate, format!("a certificate cannot be read: {error}")))
}

fn is_authority(certificate: &Certificate) -> bool {
    certificate.tbs_certificate.get::<BasicConstraints>().is_ok_and(|found| found.is_some_and(|(_, constraints)| constraints.ca))
}

pub(crate) fn check_time(certificate: &Certificate, now: Duration, what: &str) -> Result<(), Refused> {
    let validity = certificate.tbs_certificate.validity;
    // RFC 5280: both ends belong to it.
    if now < validity.not_before.to_unix_duration() || now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
        let told = format!("{what} is valid from {} to {}, and not now", validity.not_before, validity.not_after);
        return Err(Refused::new(Code::CertificateTime, told));
    }
    Ok(())
}

/// A signer's certificate says that it is for signing code, and if it says what its key does, that it signs.
fn check_purpose(certificate: &Certificate) -> Result<(), Refused> {
    let refused = |why: &str| Err(Refused::new(Code::CertificateUsage, format!("the signer's certificate {why}")));
    let leaf = &certificate.tbs_certificate;
    match leaf.get::<KeyUsage>() {
        Ok(Some((_, usage))) if !usage.digital_signature() => return refused("is not for digital signatures"),
        Err(_) => return refused("has an extension that cannot be read"),
        Ok(_) => {}
    }
    match leaf.get::<ExtendedKeyUsage>() {
        Ok(Some((_, usage))) if usage.0.contains(&ID_KP_CODE_SIGNING) => Ok(()),
        Err(_) => refused("has an extension that cannot be read"),
        Ok(_) => refused("is not for signing code"),
    }
}

/// What certificates may be signed with.
pub(crate) static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    webpki::ring::ECDSA_P256_SHA256,
    webpki::ring::ECDSA_P256_SHA384,
    webpki::ring::ECDSA_P384_SHA256,
    webpki::ring::ECDSA_P384_SHA384,
    &P521_SHA256,
    &P521_SHA384,
    &P521_SHA512,
    webpki::ring::ED25519,
    webpki::ring::RSA_PKCS1_2048_8192_SHA256,
    webpki::ring::RSA_PKCS1_2048_8192_SHA384,
    webpki::ring::RSA_PKCS1_2048_8192_SHA512,
];

static P521_SHA256: P521 = P521 { hash: &ring::digest::SHA256, id: alg_id::ECDSA_SHA256 };
static P521_SHA384: P521 = P521 { hash: &ring::digest::SHA384, id: alg_id::ECDSA_SHA384 };
static P521_SHA512: P521 = P521 { hash: &ring::digest::SHA512, id: alg_id::ECDSA_SHA512 };

/// ECDSA on P-521, which `ring` does not have.
#[derive(Debug)]
struct P521 {
    hash: &'static ring::digest::Algorithm,
    id: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let digest = ring::digest::digest(self.hash, message);
        let key = PublicKey::from_point(Curve::P521, public_key).map_err(|_| InvalidSignature)?;
        key.verify_p521_digest(digest.as_ref(), signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.id
    }
}
