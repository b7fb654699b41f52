//! The report: what every check found, and the one verdict that follows.
//!
//! Machine output is a promise: the JSON form of [`Report`] is versioned and has a published schema (`schemas/report-v1.schema.json`). The sentences in it are for people and may change.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Assurance, Code, Severity};

/// The outcome of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Report {
    /// Version of this format; 1.
    pub version: u32,
    /// The verdict that follows from the checks.
    pub verdict: Verdict,
    /// What was verified, as the caller named it (a path), when local files were part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// CID of the local files, when all of them were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
    /// The token that was found or named, as a CAIP-19 id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Record id: SHA-256 of the record's bytes, 0x-hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The creator's account, CAIP-10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// Number of the block that the chain was read at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// On whose word the chain part rests; absent when nothing was read from a chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    /// The checks, in the order of [`Code::ALL`].
    pub checks: Vec<Check>,
    /// Who else claims the weights, when that was looked at and somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rivals: Option<Rivals>,
    /// What is there of each file, when a part of the files was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Remarks that change no verdict, such as other claims to the same weights.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Claims of others to the same weights. The check `claim.first` says what follows from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rivals {
    /// How many are earlier than the first of the token's creator.
    pub earlier: usize,
    /// How many are later.
    pub later: usize,
    /// Whether that is all: of weights that a flood of claims is about, the oldest are looked at.
    pub complete: bool,
    /// Why commitments could not be looked at, so that the order is that of the mints alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unranked: Option<String>,
    /// The claims, the earliest first; no more than 100 are listed.
    pub claims: Vec<RivalClaim>,
}

/// Somebody else's claim to the same weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RivalClaim {
    /// Their token, as a CAIP-19 id.
    pub token: String,
    /// Who claims to have made the model: an address in EIP-55 spelling.
    pub creator: String,
    /// Whether it is earlier than the first claim of the token's creator.
    pub earlier: bool,
    /// What was shown of when they claimed it first.
    pub by: ClaimedBy,
    /// The time that was shown, in Unix seconds, when that is by a commitment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<u64>,
    /// Block of their mint.
    pub block: u64,
}

/// What shows when weights were claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClaimedBy {
    /// A commitment that was published before the mint, and shown later.
    Commitment,
    /// The mint.
    Mint,
}

/// What is there of a file. Ranges are in bytes; no more than 1000 of each kind are listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Part {
    /// Path inside the model; of a slice, the name of its tensor.
    pub path: String,
    /// The file that was looked at, when there is one: the path, or the name of an unfinished download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// Size that the model's file has, in bytes.
    pub size: u64,
    /// Size of what is there, in bytes.
    pub present: u64,
    /// Looked at, and as recorded.
    pub good: Vec<Span>,
    /// Looked at, and not as recorded.
    pub bad: Vec<Span>,
    /// Not there.
    pub absent: Vec<Span>,
    /// The byte from which a download has to go on, unless the file is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_at: Option<u64>,
}

/// The bytes from `start` up to, and without, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
}

/// One check and what it found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Check {
    /// Which check.
    pub code: Code,
    /// What it means when it fails.
    pub severity: Severity,
    /// What it found.
    pub status: Status,
    /// Where it is explained: a path in the documentation of modelmark.
    pub page: Cow<'static, str>,
    /// One sentence for people.
    pub message: Cow<'static, str>,
    /// The things it speaks of, such as file names; bounded in number by the judge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It holds for what was chosen at random; the rest was not looked at.
    Sampled,
    /// It could not be looked at: something needed was out of reach.
    Unknown,
    /// It does not apply, or was not asked for.
    Skipped,
}

/// What a verification comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check that applies passed.
    Verified,
    /// Every check that applies passed, but there is no record: a digest in the metadata of a foreign token, or a signature of OpenSSF model signing, is
    /// all that speaks for the files.
    VerifiedWithoutRecord,
    /// The record, and its token if one was named or found, are what they should be, and no files were looked at: nothing is known of any copy of the model.
    RecordVerified,
    /// Every check that applies passed, but only a part of the files was looked at.
    PartVerified,
    /// Nothing wrong was found in a random sample. That is not a verification.
    Sampled,
    /// Every check that applies passed, but nobody read the files here: a summary that a trusted verifier signed speaks for their bytes.
    VerifiedBySummary,
    /// At least one check failed.
    DoesNotVerify,
    /// No check failed, but one could not be looked at.
    CouldNotLook,
    /// Everything verified, but the policy refuses it.
    PolicyRefused,
}

/// What decides about a verdict.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one question to all checks")]
struct Outcomes {
    failed: bool,
    unseen: bool,
    refused: bool,
    sampled: bool,
    part: bool,
    by_summary: bool,
    foreign: bool,
    record: bool,
    no_files: bool,
}

impl Outcomes {
    fn note(&mut self, check: &Check) {
        let (code, policy) = (check.code, check.code.is_policy());
        match check.status {
            Status::Fail if policy => self.refused = true,
            Status::Fail => self.failed = true,
            Status::Unknown if policy && !code.is_of_standing() && code != Code::PolicySignatures => self.refused = true,
            Status::Unknown => self.unseen = true,
            Status::Sampled => self.sampled |= !policy,
            Status::Pass => {
                self.part |= code.is_of_a_part();
                self.by_summary |= code == Code::SummaryFiles;
                self.foreign |= matches!(code, Code::ForeignWeights | Code::OmsSignature);
                self.record |= code == Code::RecordValid;
            }
            Status::Skipped => {}
        }
        self.no_files |= code == Code::ModelFiles && check.status != Status::Pass;
    }
}

impl Verdict {
    /// Returns the process exit code of this verdict (see [`crate::exit_codes`]).
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            // Whoever gets one of the last five has asked for it.
            Self::Verified
            | Self::VerifiedWithoutRecord
            | Self::RecordVerified
            | Self::PartVerified
            | Self::Sampled
            | Self::VerifiedBySummary => crate::exit_codes::VERIFIED,
            Self::DoesNotVerify => crate::exit_codes::DOES_NOT_VERIFY,
            Self::CouldNotLook => crate::exit_codes::COULD_NOT_LOOK,
            Self::PolicyRefused => crate::exit_codes::POLICY_REFUSED,
        }
    }

    /// Returns the verdict that follows from `checks`: a failure outweighs what could not be seen, which outweighs the policy.
    #[must_use]
    pub fn of(checks: &[Check]) -> Self {
        let mut seen = Outcomes::default();
        checks.iter().for_each(|check| seen.note(check));
        if seen.failed {
            Self::DoesNotVerify
        } else if seen.unseen {
            Self::CouldNotLook
        } else if seen.refused {
            Self::PolicyRefused
        } else if seen.by_summary {
            Self::VerifiedBySummary
        } else if seen.sampled {
            Self::Sampled
        } else if seen.part {
            Self::PartVerified
        } else if seen.foreign && !seen.record {
            Self::VerifiedWithoutRecord
        } else if !seen.no_files {
            Self::Verified
        } else if seen.record {
            Self::RecordVerified
        } else {
            // Nothing is wrong where nothing was seen.
            Self::CouldNotLook
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified => "VERIFIED",
            Self::VerifiedWithoutRecord => "VERIFIED, BUT WITHOUT A RECORD",
            Self::RecordVerified => "THE RECORD VERIFIED, NO FILES LOOKED AT",
            Self::PartVerified => "A PART VERIFIED, NOT THE MODEL",
            Self::Sampled => "SAMPLED, NOT VERIFIED",
            Self::VerifiedBySummary => "VERIFIED BY ANOTHER'S SUMMARY, NOT READ",
            Self::DoesNotVerify => "DOES NOT VERIFY",
            Self::CouldNotLook => "COULD NOT LOOK",
            Self::PolicyRefused => "REFUSED BY POLICY",
        })
    }
}

impl Report {
    /// Returns the check with this code, if the report has it.
    #[must_use]
    pub fn check(&self, code: Code) -> Option<&Check> {
        self.checks.iter().find(|check| check.code == code)
    }

    /// Returns the JSON Schema of the report's JSON form.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}
