//! What a verification found: coded checks, and the verdict that follows from them. "Does not verify" is a value, not an error.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// How a credential is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Form {
    /// JSON with an embedded proof (VC Data Integrity 1.0).
    #[serde(rename = "data-integrity")]
    DataIntegrity,
    /// A JSON Web Token whose claims are the credential (VC-JOSE-COSE).
    #[serde(rename = "vc+jwt")]
    Jwt,
    /// A selective-disclosure token (SD-JWT VC, RFC 9901).
    #[serde(rename = "dc+sd-jwt")]
    SdJwt,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Check {
    /// The bytes are a credential.
    #[serde(rename = "credential.form")]
    Form,
    /// The securing mechanism is one that is verified here.
    #[serde(rename = "proof.suite")]
    Suite,
    /// The key is known, and the issuer's.
    #[serde(rename = "proof.key")]
    Key,
    /// The signature is the key's.
    #[serde(rename = "proof.signature")]
    Signature,
    /// What was disclosed is what was signed.
    #[serde(rename = "proof.disclosures")]
    Disclosures,
    /// The holder showed, for this reader, that the token was issued to them.
    #[serde(rename = "proof.holder")]
    Holder,
    /// The token is meant for this reader.
    #[serde(rename = "token.audience")]
    Audience,
    /// The credential is valid at the time of the check.
    #[serde(rename = "credential.validity")]
    Validity,
    /// The issuer has not taken the credential back.
    #[serde(rename = "credential.status")]
    Revocation,
    /// The record in the credential is the one that the digest names.
    #[serde(rename = "record.digest")]
    RecordDigest,
    /// The credential speaks of the record at hand.
    #[serde(rename = "record.same")]
    RecordSame,
    /// The key and the creator's account are bound to each other.
    #[serde(rename = "account.binding")]
    Binding,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Passed,
    /// Wrong.
    Failed,
    /// Could not be looked at.
    Unknown,
    /// There was nothing to look at.
    Skipped,
}

/// Why a check failed or could not be made. The texts are for programs and do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Code {
    /// Longer than is read.
    TooLarge,
    /// Nested deeper than is read.
    TooDeep,
    /// Not JSON, or with a number that readers disagree about.
    NotJson,
    /// A part of a token is not base64url, or not in its one spelling.
    NotBase64,
    /// An object has a key twice.
    DuplicateKey,
    /// A part is missing or of the wrong type.
    Malformed,
    /// Secured in a way that is not verified here.
    UnsupportedSuite,
    /// The algorithm proves nothing: `none`, or a secret that every verifier has.
    ForbiddenAlgorithm,
    /// The header asks for something that is not followed: a key that it embeds or points to, or an extension.
    ForbiddenHeader,
    /// The algorithm is not that of the key.
    WrongAlgorithm,
    /// No key, or none that is used here.
    BadKey,
    /// The key can be looked up only in a document that was not given.
    KeyUnknown,
    /// The document given is not the issuer's, or has no such key for this purpose.
    KeyNotListed,
    /// The document given is not the one that the credential was issued under.
    OtherDocument,
    /// The key belongs to somebody other than the issuer.
    WrongIssuer,
    /// The proof was made for another purpose.
    WrongPurpose,
    /// The contexts of proof and credential differ.
    WrongContext,
    /// The signature does not belong to these bytes and this key.
    BadSignature,
    /// A disclosure belongs to no digest or to two, or what it discloses stands there already or must not be hidden.
    BadDisclosure,
    /// A nonce was given out, and no holder signed it.
    HolderMissing,
    /// The key binding is not by the holder, or not of this presentation.
    WrongHolder,
    /// The holder signed on another occasion.
    WrongNonce,
    /// The token is meant for somebody else, or for nobody that was named.
    WrongAudience,
    /// The time has not come.
    NotYetValid,
    /// The time is over.
    Expired,
    /// Whether it was taken back can be learned only elsewhere.
    StatusNotChecked,
    /// The record is not one, or its digest is another.
    AlteredRecord,
    /// The credential is about another record.
    OtherRecord,
    /// Nothing binds the key to an account.
    BindingMissing,
    /// The binding names another key or another account.
    WrongAccount,
    /// The account did not sign the binding.
    BadAccountSignature,
    /// The other of two signatures with the same meaning.
    HighS,
    /// The key did not sign the binding.
    BadKeySignature,
}

/// What the checks come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check passed or had nothing to look at.
    Verified,
    /// At least one check failed.
    DoesNotVerify,
    /// None failed, but at least one could not be made.
    CouldNotLook,
}

/// One check and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// The outcome.
    pub status: Status,
    /// Why it failed or could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// For people.
    pub detail: String,
}

/// The outcome of a verification.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What the checks come to.
    pub verdict: Verdict,
    /// How it is secured, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// The cryptosuite or algorithm, as the credential names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// Who issued it, as the credential says; proven only when the verdict is that it verifies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The checks, in the order in which they were made.
    pub checks: Vec<Finding>,
    /// What the credential says, without its proof; of a token with disclosures what is disclosed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<Value>,
}

/// Why a check did not pass, on its way into a [`Finding`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) detail: String,
}

impl Fault {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// Tells whether this is ignorance and no fault of the credential.
    const fn is_ignorance(&self) -> bool {
        matches!(self.code, Code::UnsupportedSuite | Code::KeyUnknown | Code::StatusNotChecked)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Report {
    pub(crate) const fn new() -> Self {
        Self { verdict: Verdict::CouldNotLook, form: None, suite: None, issuer: None, checks: Vec::new(), credential: None }
    }

    /// Notes the outcome of a check and returns what it gave.
    pub(crate) fn note<T>(&mut self, check: Check, outcome: Result<(T, String), Fault>) -> Option<T> {
        let (value, status, code, detail) = match outcome {
            Ok((value, detail)) => (Some(value), Status::Passed, None, detail),
            Err(fault) => {
                let status = if fault.is_ignorance() { Status::Unknown } else { Status::Failed };
                (None, status, Some(fault.code), fault.detail)
            }
        };
        self.checks.push(Finding { check, status, code, detail });
        value
    }

    pub(crate) fn skip(&mut self, check: Check, detail: &str) {
        self.checks.push(Finding { check, status: Status::Skipped, code: None, detail: detail.to_owned() });
    }

    /// Draws the verdict from the checks. Nothing is verified without a signature that was.
    pub(crate) fn judged(mut self) -> Self {
        let any = |status| self.checks.iter().any(|finding| finding.status == status);
        let signed = self.checks.iter().any(|finding| finding.check == Check::Signature && finding.status == Status::Passed);
        self.verdict = match (any(Status::Failed), any(Status::Unknown) || !signed) {
            (true, _) => Verdict::DoesNotVerify,
            (false, true) => Verdict::CouldNotLook,
            (false, false) => Verdict::Verified,
        };
        self
    }

    /// Returns the codes of the checks that failed or could not be made.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        self.checks.iter().filter_map(|finding| finding.code).collect()
    }
}
