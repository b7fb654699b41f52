//! Verification summaries: what a report found, for a gate that trusts the verifier and would rather not hash again.

mod accepted;

use data_encoding::BASE64;
use modelmark_digest::Sha256Digest;
use modelmark_record::{CanonicalRecord, RecordId, Timestamp, Uri};
use serde_json::{Value, json};

use crate::{Code, Policy, Report, Status, Verdict};

pub use self::accepted::{BroughtSummary, MAX_SUMMARY_BYTES, VerificationSummary};

/// The type of the statement.
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The type of what it says.
const PREDICATE_TYPE: &str = "https://slsa.dev/verification_summary/v1";
/// The level that a summary names for what verified; those that begin with `SLSA_` speak of builds, about which a record proves nothing.
pub const VERIFIED_LEVEL: &str = "MODELMARK_VERIFIED";
/// The longest policy in a summary, in bytes of JSON.
const MAX_POLICY_BYTES: usize = 64 << 10;

/// There is nothing that a summary could say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SummaryError {
    /// The files are not known to be those of a record.
    #[error("a summary names the files of a record, and of these the verdict is: {0}")]
    NotThoseFiles(Verdict),
    /// The SHA-256 of the files, by which a summary names them, was not held against the record.
    #[error("a summary names files by SHA-256, and it was not computed")]
    NotHashed,
    /// The record is another one than the report is about.
    #[error("the report is about another record than {0}")]
    OtherRecord(RecordId),
    /// The policy names more accounts or licences than a summary holds.
    #[error("the policy is longer than {MAX_POLICY_BYTES} bytes, and a summary states it whole")]
    PolicyTooLong,
}

/// Returns the report as an unsigned in-toto Statement v1 with a SLSA Verification Summary (`https://slsa.dev/verification_summary/v1`).
///
/// Subjects are the files of the record, which the files at hand are, byte for byte. The result is `PASSED` when everything verified and `FAILED` when
/// the policy refuses it; of other files there is no summary. The policy stands in it whole, as a `data:` URI.
///
/// # Errors
/// The report does not say that the files are those of this record, SHA-256 included.
pub fn summary(
    report: &Report,
    record: &CanonicalRecord,
    policy: &Policy,
    verifier: &Uri,
    time: &Timestamp,
) -> Result<Value, SummaryError> {
    let levels = match report.verdict {
        Verdict::Verified => VERIFIED_LEVEL,
        Verdict::PolicyRefused => "FAILED",
        other => return Err(SummaryError::NotThoseFiles(other)),
    };
    if report.record.as_deref() != Some(record.id().to_string().as_str()) {
        return Err(SummaryError::OtherRecord(record.id()));
    }
    if report.check(Code::ModelSha256).is_none_or(|check| check.status != Status::Pass) {
        return Err(SummaryError::NotHashed);
    }
    let policy = stated(policy).to_string();
    if policy.len() > MAX_POLICY_BYTES {
        return Err(SummaryError::PolicyTooLong);
    }
    let files = record.record().provenance.model.files.iter();
    let uri = record.id().token_uri();
    Ok(json!({
        "_type": STATEMENT_TYPE,
        "subject": files.map(|file| json!({"name": file.path.as_str(), "digest": {"sha256": file.sha256.to_string()}})).collect::<Vec<_>>(),
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "verifier": {"id": verifier.to_string()},
            "timeVerified": time.to_string(),
            "resourceUri": report.token.clone().unwrap_or_else(|| uri.to_string()),
            "policy": {
                "uri": format!("data:application/json;base64,{}", BASE64.encode(policy.as_bytes())),
                "digest": {"sha256": Sha256Digest::of(policy.as_bytes()).to_string()},
            },
            "inputAttestations": [{"uri": uri.to_string(), "digest": {"sha256": record.id().digest().to_string()}}],
            "verificationResult": if levels == VERIFIED_LEVEL { "PASSED" } else { "FAILED" },
            "verifiedLevels": [levels],
        },
    }))
}

/// Returns the digest by which a summary names a policy.
pub(crate) fn policy_digest(policy: &Policy) -> Sha256Digest {
    Sha256Digest::of(stated(policy).to_string().as_bytes())
}

/// Returns a policy as JSON: every rule by name, those that demand nothing included.
fn stated(policy: &Policy) -> Value {
    // Each rule is listed, so that a new one does not go unstated.
    let Policy {
        creators,
        licenses,
        signatures,
        signers,
        deny_code,
        first_claim,
        curators,
        accept_recalled,
        accept_unbound,
        accept_mutable,
        file,
    } = policy;
    let mut stated = json!({
        "creators": creators.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "licenses": licenses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "signatures": signatures,
        "signers": signers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "denyCode": deny_code,
        "firstClaim": first_claim,
        "curators": curators.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "acceptRecalled": accept_recalled,
        "acceptUnbound": accept_unbound,
        "acceptMutable": accept_mutable,
    });
    if let (Some(rules), Some(stated)) = (file, stated.as_object_mut()) {
        stated.insert("file".to_owned(), rules.canonical());
    }
    stated
}
