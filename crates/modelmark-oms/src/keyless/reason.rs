//! From what `sigstore-verify` says to our codes.

use sigstore_verify::{CertificateError, Error, TransparencyLogError};

use crate::code::{Code, Refused};

/// Most characters of what is passed on: parts of it come from the bundle.
const MOST: usize = 300;

/// Says why a keyless bundle is not believed. `untimely` tells whether its certificate was not valid when the log says that it saw the signature.
pub(super) fn refused(error: &Error, untimely: bool) -> Refused {
    let code = match error {
        Error::IdentityMismatch { .. } => Code::Identity,
        Error::IssuerMismatch { .. } => Code::Issuer,
        Error::SignatureInvalid(_) | Error::Crypto(_) => Code::Signature,
        Error::Certificate(reason) => certificate(reason, untimely),
        Error::TransparencyLog(reason) => log(reason),
        Error::Timestamp(_) => Code::SigningTime,
        Error::Bundle(_) => Code::LogProof,
        Error::InvalidTrustRoot(_) | Error::TrustRoot(_) | Error::TrustedCertificate(_) => Code::CertificateUntrusted,
        _ => Code::LogEntry,
    };
    let told = error.to_string();
    let told: String = told.chars().take(MOST).chain((told.chars().count() > MOST).then_some('…')).collect();
    Refused::new(code, told)
}

const fn certificate(reason: &CertificateError, untimely: bool) -> Code {
    match reason {
        CertificateError::ChainInvalid(_) if untimely => Code::CertificateTime,
        CertificateError::NotYetValid { .. } | CertificateError::Expired { .. } => Code::CertificateTime,
        CertificateError::Sct(_) => Code::CertificateLog,
        CertificateError::Malformed(_) => Code::Certificate,
        _ => Code::CertificateUntrusted,
    }
}

const fn log(reason: &TransparencyLogError) -> Code {
    match reason {
        TransparencyLogError::UnknownLog { .. } => Code::LogUntrusted,
        TransparencyLogError::InclusionProof(_) | TransparencyLogError::Checkpoint(_) | TransparencyLogError::InclusionPromise(_) => {
            Code::LogProof
        }
        TransparencyLogError::IntegratedTime(_) => Code::SigningTime,
        _ => Code::LogEntry,
    }
}
