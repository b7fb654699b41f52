//! Verification of a credential in any form: the form gives what was signed, the rest is the same for all.

use modelmark_record::CanonicalRecord;
use serde_json::{Map, Value};

use crate::credential::V2_CONTEXT;
use crate::did::{resolve, shorten};
use crate::key::{Algorithm, PublicKey};
use crate::report::{Check, Code, Fault, Report};
use crate::{Instant, data_integrity, json, jwt, sd_jwt, subject};

/// What a credential is held against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The time of the check.
    pub at: Instant,
    /// The DID document of an issuer whose DID is not a key, from a source that the caller trusts.
    pub did_document: Option<&'a [u8]>,
    /// The issuer's key, from a source that the caller trusts.
    pub issuer_key: Option<&'a PublicKey>,
    /// The record that the credential should be about.
    pub record: Option<&'a CanonicalRecord>,
    /// Who checks, as a token that is meant for somebody has to name them.
    pub audience: Option<&'a str>,
    /// What the one who checks gave the holder of a token with disclosures to sign, once. With it, the holder has to have signed.
    pub nonce: Option<&'a str>,
}

impl Against<'_> {
    /// Holds a credential against the time alone.
    #[must_use]
    pub const fn time(at: Instant) -> Self {
        Self { at, did_document: None, issuer_key: None, record: None, audience: None, nonce: None }
    }
}

/// What a form makes of its bytes: who signed which message, and what that says.
pub(crate) struct Secured {
    pub(crate) issuer: String,
    pub(crate) method: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) windows: Vec<Window>,
    /// Where the credential says that its status stands elsewhere.
    pub(crate) status: &'static str,
    /// How many digests of hidden claims have no disclosure.
    pub(crate) withheld: usize,
    pub(crate) credential: Map<String, Value>,
}

/// Where a credential of the data model 2.0 says that its status stands elsewhere.
pub(crate) const V2_STATUS: &str = "credentialStatus";

/// A time outside of which something is not valid; both ends belong to it.
pub(crate) struct Window {
    pub(crate) what: &'static str,
    pub(crate) from: Option<Instant>,
    pub(crate) until: Option<Instant>,
}

/// Verifies a credential. Whatever the bytes are, the answer is a report.
#[must_use]
pub fn verify(bytes: &[u8], against: &Against<'_>) -> Report {
    let mut report = Report::new();
    let bytes = bytes.trim_ascii();
    // The base64 of a brace begins with this letter, and no JSON does.
    let secured = match std::str::from_utf8(bytes) {
        Ok(text) if text.starts_with('e') && text.contains('~') => sd_jwt::open(text, against, &mut report),
        Ok(text) if text.starts_with('e') => jwt::open(text, against, &mut report),
        _ => data_integrity::open(bytes, &mut report),
    };
    if let Some(secured) = secured {
        judge(&secured, against, &mut report);
    }
    report.judged()
}

fn judge(secured: &Secured, against: &Against<'_>, report: &mut Report) {
    let key = report.note(
        Check::Key,
        resolve(secured, against).and_then(|(key, told)| {
            let wrong = || format!("the key is {}, the proof wants {}", key.algorithm(), secured.algorithm);
            if key.algorithm() == secured.algorithm { Ok((key, told)) } else { Err(Fault::new(Code::WrongAlgorithm, wrong())) }
        }),
    );
    if let Some(key) = &key {
        report.note(Check::Signature, check_signature(secured, key));
    }
    report.note(Check::Validity, check_windows(&secured.windows, against.at));
    match secured.credential.contains_key(secured.status) {
        true => {
            let detail = "the issuer may have taken it back; its status stands elsewhere, and nothing is fetched";
            report.note::<()>(Check::Revocation, Err(Fault::new(Code::StatusNotChecked, detail)));
        }
        false => report.skip(Check::Revocation, "the credential has no status that could change"),
    }
    subject::check(secured, key.as_ref(), against, report);
}

fn check_signature(secured: &Secured, key: &PublicKey) -> Result<((), String), Fault> {
    if key.verifies(&secured.message, &secured.signature) {
        Ok(((), format!("{} by {}", secured.algorithm, key.multikey())))
    } else {
        Err(Fault::new(Code::BadSignature, "the signature does not belong to this content and this key"))
    }
}

pub(crate) fn check_windows(windows: &[Window], at: Instant) -> Result<((), String), Fault> {
    for window in windows {
        if let Some(from) = window.from.filter(|from| at < *from) {
            return Err(Fault::new(Code::NotYetValid, format!("{} is valid from {from}; it is {at}", window.what)));
        }
        if let Some(until) = window.until.filter(|until| at > *until) {
            return Err(Fault::new(Code::Expired, format!("{} was valid until {until}; it is {at}", window.what)));
        }
    }
    Ok(((), format!("valid at {at}")))
}

/// Checks that a document is a credential of the data model 2.0.
pub(crate) fn check_credential(document: &Map<String, Value>) -> Result<(), Fault> {
    let malformed = |detail: &str| Err(Fault::new(Code::Malformed, detail));
    if json::one_or_many(document, "@context").first() != Some(&V2_CONTEXT.into()) {
        return malformed("the first context is not that of the data model 2.0");
    }
    if !json::one_or_many(document, "type").contains(&"VerifiableCredential".into()) {
        return malformed("the types do not have VerifiableCredential");
    }
    issuer_of(document)?;
    windows_of(document)?;
    let subjects = json::one_or_many(document, "credentialSubject");
    if subjects.is_empty() || !subjects.iter().all(|subject| subject.as_object().is_some_and(|subject| !subject.is_empty())) {
        return malformed("`credentialSubject` is missing or claims nothing");
    }
    Ok(())
}

/// Returns the issuer's identifier, which may stand inside an object.
pub(crate) fn issuer_of(document: &Map<String, Value>) -> Result<&str, Fault> {
    let issuer = match document.get("issuer") {
        Some(Value::Object(issuer)) => json::text(issuer, "id"),
        _ => json::text(document, "issuer"),
    }?;
    let url = issuer.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    if url { Ok(issuer) } else { Err(Fault::new(Code::Malformed, format!("the issuer {:?} is not a URL", shorten(issuer)))) }
}

/// Returns when the credential says that it is valid.
pub(crate) fn windows_of(document: &Map<String, Value>) -> Result<Vec<Window>, Fault> {
    let time = |key: &str| {
        let parse = |text: &str| text.parse().map_err(|error: crate::NotATime| Fault::new(Code::Malformed, format!("`{key}`: {error}")));
        json::optional_text(document, key)?.map(parse).transpose()
    };
    Ok(vec![Window { what: "the credential", from: time("validFrom")?, until: time("validUntil")? }])
}
