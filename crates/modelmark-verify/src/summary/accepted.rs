//! A summary that another verifier signed, for a gate that takes its word for the bytes: as it was brought, and as it is read.

use std::collections::BTreeMap;

use modelmark_digest::Sha256Digest;
use modelmark_record::{Timestamp, Uri};
use serde::Deserialize;

use super::{PREDICATE_TYPE, STATEMENT_TYPE};
use crate::SampleSize;

/// Longest statement that is read, in bytes.
pub const MAX_SUMMARY_BYTES: usize = 64 << 20;

/// A summary that stands for the bytes of the local files, and whose word it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtSummary {
    /// Where it came from, for people.
    pub source: String,
    /// The signed statement, when the signature is that of the key that the caller trusts; else why it is not believed.
    pub signed: Result<Vec<u8>, String>,
    /// The key, for people.
    pub signer: String,
    /// Who has to have verified.
    pub verifier: Uri,
    /// The first time at which a verification counts.
    pub oldest: Timestamp,
    /// The last one: now, and what clocks may differ by.
    pub latest: Timestamp,
    /// How many leaves are looked at besides.
    pub sample: Option<SampleSize>,
}

/// A SLSA Verification Summary, as far as it is believed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationSummary {
    /// The files by name, each with its SHA-256.
    pub files: BTreeMap<String, Sha256Digest>,
    /// Who verified.
    pub verifier: String,
    /// When.
    pub time: Timestamp,
    /// What was verified: a token, or the record's address.
    pub resource: String,
    /// SHA-256 of the policy that was demanded.
    pub policy: Sha256Digest,
    /// SHA-256 of what the verification rests on; the record's is among them.
    pub inputs: Vec<Sha256Digest>,
    /// Whether it passed.
    pub passed: bool,
    /// What the verifier calls what was reached.
    pub levels: Vec<String>,
}

impl VerificationSummary {
    /// Reads a statement. What is not known in it is ignored, as in-toto has it.
    ///
    /// # Errors
    /// Says what is wrong: no statement with such a summary, a field that is missing or no such value, a file named twice.
    pub fn read(statement: &[u8]) -> Result<Self, String> {
        if statement.len() > MAX_SUMMARY_BYTES {
            return Err(format!("it has more than {MAX_SUMMARY_BYTES} bytes"));
        }
        let read: Statement = serde_json::from_slice(statement).map_err(|error| error.to_string())?;
        if read.kind != STATEMENT_TYPE || read.predicate_type != PREDICATE_TYPE {
            return Err(format!(
                "it is a {:.80?} with a {:.80?}, not a {STATEMENT_TYPE} with a {PREDICATE_TYPE}",
                read.kind, read.predicate_type
            ));
        }
        let mut files = BTreeMap::new();
        for subject in read.subject {
            if files.contains_key(&subject.name) {
                return Err(format!("it names {:.200?} twice", subject.name));
            }
            files.insert(subject.name, subject.digest.sha256);
        }
        let predicate = read.predicate;
        Ok(Self {
            files,
            verifier: predicate.verifier.id,
            time: predicate.time_verified,
            resource: predicate.resource_uri,
            policy: predicate.policy.digest.sha256,
            inputs: predicate.input_attestations.into_iter().map(|input| input.digest.sha256).collect(),
            passed: predicate.verification_result == "PASSED",
            levels: predicate.verified_levels,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: Digest,
}

#[derive(Deserialize)]
struct Digest {
    sha256: Sha256Digest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    verifier: Verifier,
    time_verified: Timestamp,
    resource_uri: String,
    policy: Attested,
    #[serde(default)]
    input_attestations: Vec<Attested>,
    verification_result: String,
    verified_levels: Vec<String>,
}

#[derive(Deserialize)]
struct Verifier {
    id: String,
}

#[derive(Deserialize)]
struct Attested {
    digest: Digest,
}
