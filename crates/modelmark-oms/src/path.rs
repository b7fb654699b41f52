//! Ways from a signer's certificate that is an authority's too, which `webpki` does not take for the end of a path.
//!
//! RFC 5280 lets such a certificate sign other things than certificates, and those of the conformance suite are of this kind. Each step is checked as
//! section 6.1 of it has it. Names are never constrained on such a path: authorities that constrain them lead nowhere.

use std::time::Duration;

use rustls_pki_types::CertificateDer;
use webpki::EndEntityCert;
use x509_cert::Certificate;
use x509_cert::der::Encode as _;
use x509_cert::der::oid::db::rfc5280::{ANY_EXTENDED_KEY_USAGE, ID_KP_CODE_SIGNING};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints};

use crate::certificate::{ALGORITHMS, MAX_CHAIN, check_time, parse};
use crate::code::{Code, Refused};

/// Most signatures that are looked at.
const MAX_SIGNATURES: usize = 100;

/// Looks for a way from the certificate `leaf` to one of `roots`, by way of `others`.
pub(crate) fn leads_to_root(leaf: &[u8], others: &[Vec<u8>], roots: &[Vec<u8>], now: Duration) -> Result<(), Refused> {
    let start = parse(leaf)?;
    check_time(&start, now, "the signer's certificate")?;
    let candidates = roots.iter().map(|der| (der, true)).chain(others.iter().map(|der| (der, false)));
    let issuers = candidates.filter_map(|(der, trusted)| Issuer::of(der, trusted)).collect();
    let mut search = Search { issuers, now, left: MAX_SIGNATURES, untimely: None };
    if search.reaches(&start, 0) {
        return Ok(());
    }
    Err(search.untimely.unwrap_or_else(|| {
        Refused::new(Code::CertificateUntrusted, "the chain of certificates does not hold: no way leads from the signer's to a trusted one")
    }))
}

/// A certificate that may sign certificates of those who sign code.
struct Issuer<'c> {
    der: &'c [u8],
    certificate: Certificate,
    trusted: bool,
    /// Most authorities that may stand between it and the signer.
    most_below: usize,
}

impl<'c> Issuer<'c> {
    /// Leaves aside what is no authority: it may be somebody else's certificate, which harms nobody.
    fn of(der: &'c [u8], trusted: bool) -> Option<Self> {
        let certificate = parse(der).ok()?;
        let told = &certificate.tbs_certificate;
        let (_, constraints) = told.get::<BasicConstraints>().ok()??;
        let signs = told.get::<KeyUsage>().ok()?.is_none_or(|(_, usage)| usage.key_cert_sign());
        let for_code = |usage: &ExtendedKeyUsage| usage.0.iter().any(|id| [ID_KP_CODE_SIGNING, ANY_EXTENDED_KEY_USAGE].contains(id));
        let purpose = told.get::<ExtendedKeyUsage>().ok()?.is_none_or(|(_, usage)| for_code(&usage));
        let free = told.get::<NameConstraints>().ok()?.is_none();
        let most_below = constraints.path_len_constraint.map_or(MAX_CHAIN, usize::from);
        (constraints.ca && signs && purpose && free).then_some(Self { der, certificate, trusted, most_below })
    }

    /// Tells whether it signed `certificate`.
    fn signed(&self, certificate: &Certificate) -> bool {
        let Some((message, signature, algorithm)) = signed_parts(certificate) else { return false };
        let der = CertificateDer::from(self.der);
        // Refuses critical extensions that nobody here knows.
        let Ok(key) = EndEntityCert::try_from(&der) else { return false };
        let mut fitting = ALGORITHMS.iter().filter(|known| *known.signature_alg_id() == *algorithm);
        fitting.any(|known| key.verify_signature(*known, &message, signature).is_ok())
    }
}

/// What is signed, the signature, and what it was made with.
fn signed_parts(certificate: &Certificate) -> Option<(Vec<u8>, &[u8], Vec<u8>)> {
    let mut algorithm = certificate.signature_algorithm.oid.to_der().ok()?;
    if let Some(parameters) = &certificate.signature_algorithm.parameters {
        algorithm.extend(parameters.to_der().ok()?);
    }
    let same = certificate.tbs_certificate.signature == certificate.signature_algorithm;
    same.then_some((certificate.tbs_certificate.to_der().ok()?, certificate.signature.as_bytes()?, algorithm))
}

struct Search<'c> {
    issuers: Vec<Issuer<'c>>,
    now: Duration,
    /// How many signatures may still be looked at.
    left: usize,
    /// An authority that would have vouched at another time.
    untimely: Option<Refused>,
}

impl Search<'_> {
    /// Tells whether a trusted authority vouches for `certificate`, below which there are so many authorities already.
    fn reaches(&mut self, certificate: &Certificate, below: usize) -> bool {
        for number in 0..self.issuers.len() {
            let Some(issuer) = self.issuers.get(number) else { return false };
            if issuer.certificate.tbs_certificate.subject != certificate.tbs_certificate.issuer || below > issuer.most_below {
                continue;
            }
            let Some(left) = self.left.checked_sub(1) else { return false };
            self.left = left;
            if !issuer.signed(certificate) {
                continue;
            }
            if let Err(refused) = check_time(&issuer.certificate, self.now, "an authority's certificate") {
                self.untimely = Some(refused);
                continue;
            }
            let (trusted, next) = (issuer.trusted, issuer.certificate.clone());
            if trusted || (below + 1 < MAX_CHAIN && self.reaches(&next, below + 1)) {
                return true;
            }
        }
        false
    }
}
