//! Keyless bundles against the roots of Sigstore's public instance, which are built in, or of a private one.

use std::collections::HashSet;
use std::fmt;

use sigstore_verify::trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, SIGSTORE_STAGING_TRUSTED_ROOT, TrustedRoot};
use sigstore_verify::types::{Bundle as SigstoreBundle, KindVersion, Sha256Hash, TransparencyLogEntry};
use sigstore_verify::{VerificationPolicy, VerificationResult, Verifier};

use super::{MAX_TRUST_ROOT_BYTES, TrustRootError, provider, reason};
use crate::bundle::{Bundle, Evidence};
use crate::certificate;
use crate::code::{Code, Refused, shown};
use crate::curve::Curve;
use crate::json;
use crate::public_key::PublicKey;
use crate::report::Signer;
use crate::statement::Statement;

/// Whom a keyless verification believes: authorities, their log of certificates, and the log of signatures.
pub struct TrustRoot {
    verifier: Verifier,
    /// The names of the logs of signatures, to tell a foreign log from a wrong proof.
    logs: HashSet<Vec<u8>>,
}

impl fmt::Debug for TrustRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustRoot").field("logs", &self.logs.len()).finish_non_exhaustive()
    }
}

impl TrustRoot {
    /// The public instance of Sigstore, as it was when this was built.
    ///
    /// # Errors
    /// [`TrustRootError::NotBuilt`] without the feature `keyless`.
    pub fn public() -> Result<Self, TrustRootError> {
        Self::from_json(SIGSTORE_PRODUCTION_TRUSTED_ROOT.as_bytes())
    }

    /// The staging instance of Sigstore, which gives certificates to everybody, for tests.
    ///
    /// # Errors
    /// [`TrustRootError::NotBuilt`] without the feature `keyless`.
    pub fn staging() -> Result<Self, TrustRootError> {
        Self::from_json(SIGSTORE_STAGING_TRUSTED_ROOT.as_bytes())
    }

    /// Reads a `trusted_root.json`, or a client's configuration that holds one in `trustedRoot`.
    ///
    /// # Errors
    /// When it is no trusted root, or names no authority, no log of certificates or no log of signatures.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustRootError> {
        if bytes.len() > MAX_TRUST_ROOT_BYTES {
            return Err(TrustRootError::TooLarge);
        }
        let malformed = |error: &dyn fmt::Display| TrustRootError::Malformed(shown(&error.to_string()));
        let value = json::parse(bytes, "it").map_err(|refused| TrustRootError::Malformed(refused.message))?;
        let value = value.get("trustedRoot").unwrap_or(&value);
        let root = TrustedRoot::from_json(&value.to_string()).map_err(|error| malformed(&error))?;
        let lacks = [
            (root.certificate_authorities.is_empty(), "authority of certificates"),
            (root.ctlogs.is_empty(), "log of certificates"),
            (root.tlogs.is_empty(), "log of signatures"),
        ];
        if let Some((_, what)) = lacks.into_iter().find(|(lacks, _)| *lacks) {
            return Err(TrustRootError::Lacks(what));
        }
        provider::install();
        let logs = root.tlogs.iter().map(|log| log.log_id.key_id.as_bytes().to_vec()).collect();
        Ok(Self { verifier: Verifier::new(&root).map_err(|error| malformed(&error))?, logs })
    }

    /// Returns the key that signed, and whose certificate it was, if everything shows that `identity` signed while it was logged in at `issuer`.
    pub(crate) fn signer(
        &self,
        bundle: &Bundle,
        evidence: &Evidence,
        identity: &str,
        issuer: &str,
    ) -> Result<(PublicKey, Signer), Refused> {
        if bundle.signatures().len() != 1 {
            let told = format!("a keyless bundle has one signature, and this one {}", bundle.signatures().len());
            return Err(Refused::new(Code::Signature, told));
        }
        let key = certificate::signing_key(&evidence.certificate)?;
        if key.curve() == Curve::P521 {
            return Err(Refused::new(Code::KeyCurve, "the signer's certificate: keyless signatures are on P-256 and P-384, not on P-521"));
        }
        // Written anew from what was read strictly, so that both readers see the same.
        let text = String::from_utf8(bundle.bytes()).unwrap_or_default();
        let read = SigstoreBundle::from_json(&text).map_err(|error| {
            Refused::new(Code::LogEntry, format!("the evidence of the log cannot be read: {}", shown(&error.to_string())))
        })?;
        let entry = self.entry(&read)?;
        let digest = Sha256Hash::new(*Statement::read(bundle.payload())?.digest.as_bytes());
        let policy = VerificationPolicy::new(identity, issuer);
        let untimely = || {
            let seen = entry.integrated_time.and_then(|time| u64::try_from(time.as_second()).ok());
            seen.is_some_and(|seen| !certificate::is_valid_at(&evidence.certificate, seen))
        };
        let found = self.verifier.verify(digest, &read, &policy).map_err(|error| reason::refused(&error, untimely()))?;
        let signer =
            Signer::Keyless { identity: identity.to_owned(), issuer: issuer.to_owned(), signed_at: signed_at(&found)?, curve: key.curve() };
        Ok((key, signer))
    }

    /// Returns the one entry of the log, if it is of a log that is trusted and has a proof.
    fn entry<'b>(&self, bundle: &'b SigstoreBundle) -> Result<&'b TransparencyLogEntry, Refused> {
        let [entry] = bundle.verification_material.tlog_entries.as_slice() else {
            let told =
                format!("{} entries of a log of signatures, where there has to be one", bundle.verification_material.tlog_entries.len());
            return Err(Refused::new(Code::LogEntry, told));
        };
        if !self.logs.contains(entry.log_id.key_id.as_bytes()) {
            let told =
                format!("the signature is in the log {}, which is not one of the trusted root", shown(&entry.log_id.key_id.to_string()));
            return Err(Refused::new(Code::LogUntrusted, told));
        }
        let Some(proof) = &entry.inclusion_proof else {
            return Err(Refused::new(Code::LogProof, "nothing proves that the signature is in the log"));
        };
        // In the first logs the size stands twice, and the crate goes by the one that nobody signed.
        let signed = proof.checkpoint.checkpoint().map(|checkpoint| checkpoint.tree_size());
        if entry.kind_version != KindVersion::HashedRekordV002 && signed.is_some_and(|size| size != proof.tree_size) {
            return Err(Refused::new(Code::LogProof, "the proof is for a log of another size than the one that the log signed"));
        }
        Ok(entry)
    }
}

/// The earliest time that somebody vouches for, in seconds since 1970. The crate's results say what was skipped, and nothing may have been.
fn signed_at(found: &VerificationResult) -> Result<u64, Refused> {
    let whole = found.certificate_verified() && found.sct_verified() && found.tlog_verified() && found.identity_policy_checked();
    let earliest = found.verified_timestamps().iter().min().and_then(|time| u64::try_from(time.as_second()).ok());
    earliest.filter(|_| whole).ok_or_else(|| Refused::new(Code::SigningTime, "nothing shows when the signature was made"))
}
