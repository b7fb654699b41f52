//! From a bundle and a model to a report.

use std::path::Path;
use std::time::Duration;

use modelmark_digest::{DigestError, Observer, Sha256Digest};

use crate::bundle::{Bundle, Material};
use crate::certificate::{Certificates, trusted_key};
use crate::check::{Options, check};
use crate::code::{Code, Refused, shown};
use crate::early::{self, EARLY_PREDICATE};
use crate::keyless::TrustRoot;
use crate::predicate::Predicate;
use crate::public_key::PublicKey;
use crate::report::{Report, Signer};
use crate::statement::Statement;

/// Whom the caller believes.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Trust<'t> {
    /// The holder of this key.
    Key(&'t PublicKey),
    /// Whoever these certificates vouch for.
    Certificates {
        /// The trusted certificates: authorities, or the signer's own.
        roots: &'t Certificates,
        /// The time, since 1970, at which all certificates have to be valid.
        now: Duration,
    },
    /// Whoever was logged in somewhere, with no key to be kept.
    Keyless {
        /// Who vouches: the authority and the logs.
        root: &'t TrustRoot,
        /// The signer, an e-mail address or a URI, letter by letter.
        identity: &'t str,
        /// Where the signer was logged in, letter by letter.
        issuer: &'t str,
    },
}

impl Trust<'_> {
    const fn method(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Certificates { .. } => "certificate",
            Self::Keyless { .. } => "keyless",
        }
    }
}

/// A verification that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The model could not be read.
    #[error(transparent)]
    Model(#[from] DigestError),
}

/// Verifies the model at `path` against the bytes of a bundle.
///
/// What does not verify is no error, but stands in the report.
///
/// # Errors
/// When the model cannot be read.
pub fn verify(path: &Path, bundle: &[u8], trust: Trust<'_>, options: &Options, observer: &dyn Observer) -> Result<Report, VerifyError> {
    let mut report = Report::empty();
    match signed(bundle, trust, &mut report) {
        Ok(predicate) => check(path, &predicate, options, Sha256Digest::of(bundle), observer, &mut report)?,
        Err(refused) => report.refused.push(refused),
    }
    Ok(report)
}

fn signed(bytes: &[u8], trust: Trust<'_>, report: &mut Report) -> Result<Predicate, Refused> {
    let bundle = Bundle::read(bytes)?;
    let signer = authenticate(&bundle, trust)?;
    if bundle.material() == &Material::Key(None) {
        report.notes.push("the bundle does not say which key signed it, as those of the first versions".to_owned());
    }
    report.signer = Some(signer);
    let statement = Statement::read(bundle.payload())?;
    let predicate = Predicate::read(&statement)?;
    if statement.predicate_type == EARLY_PREDICATE {
        report.notes.push("the statement is of version 0.2, which says neither what was ignored nor what the model is called".to_owned());
    }
    report.statement = Some(statement);
    report.predicate = Some(predicate.clone());
    Ok(predicate)
}

/// Makes sure that all signatures of a bundle are those of somebody whom the caller believes, and says whose they are.
///
/// # Errors
/// The reason when they are not.
pub fn authenticate(bundle: &Bundle, trust: Trust<'_>) -> Result<Signer, Refused> {
    let (key, signer) = match (bundle.material(), trust) {
        (Material::Key(hint), Trust::Key(key)) => {
            let own = key.hint();
            if let Some(hint) = hint.as_ref().filter(|hint| **hint != own.to_string()) {
                let told = format!("the bundle was signed with the key {}, the trusted one is {own}", shown(hint));
                return Err(Refused::new(Code::KeyHint, told));
            }
            (key.clone(), Signer::Key { hint: own, curve: key.curve() })
        }
        (Material::Certificates(chain), Trust::Certificates { roots, now }) => {
            let (key, subject) = trusted_key(chain, roots, now)?;
            let signer = Signer::Certificate { subject, hint: key.hint(), curve: key.curve() };
            (key, signer)
        }
        (Material::Keyless(evidence), Trust::Keyless { root, identity, issuer }) => root.signer(bundle, evidence, identity, issuer)?,
        (material, trust) => {
            let told = format!("the bundle was signed by {}, and is to be verified by {}", material.method(), trust.method());
            return Err(Refused::new(Code::SigningMethod, told));
        }
    };
    let message = bundle.signed_bytes();
    // Version 0.2 signed keyless as DSSE has it.
    let may_be_early = !matches!(signer, Signer::Keyless { .. });
    let verifies =
        |signature: &Vec<u8>| key.verifies(&message, signature) || may_be_early && early::verifies(&key, bundle.payload(), signature);
    match bundle.signatures().iter().position(|signature| !verifies(signature)) {
        None => Ok(signer),
        Some(_) if bundle.signatures().len() == 1 => {
            Err(Refused::new(Code::Signature, format!("the signature is not that of the {} key over the payload", key.curve())))
        }
        Some(wrong) => {
            let told = format!("signature {} of {} is not that of the key over the payload", wrong + 1, bundle.signatures().len());
            Err(Refused::new(Code::Signature, told))
        }
    }
}
