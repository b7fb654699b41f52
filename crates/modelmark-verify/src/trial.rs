//! What evidence from a file would come to under a policy. That is no verification, and has a form of its own so that nobody takes it for one.

use modelmark_chain::Address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Assurance, Check, Evidence, Look, Policy, Rivals, Standing, Verdict, exit_codes, judge};

/// The outcome of a judgement over evidence that somebody stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Trial {
    /// Version of this format; 1.
    pub version: u32,
    /// The verdict that a verification which finds just this would come to.
    pub would_be: Verdict,
    /// On whose word all of this rests.
    pub assurance: TrialAssurance,
    /// What was verified when the evidence was gathered, as its file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The token, as its file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The checks, as in a report.
    pub checks: Vec<Check>,
    /// Who else claims the weights, as in a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rivals: Option<Rivals>,
    /// Remarks that change no verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// On whose word a trial rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TrialAssurance {
    /// Always `evidence`: the word of whoever wrote the file. No report has this level.
    pub chain: StatedLevel,
    /// What the file says of how well the chain was known when it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<Assurance>,
}

/// The level of what nobody looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatedLevel {
    /// Somebody stated it.
    Evidence,
}

impl Trial {
    /// Judges evidence as a verification does, and says what that would come to.
    #[must_use]
    pub fn of(evidence: &Evidence, policy: &Policy) -> Self {
        let evidence = heeding(evidence, &policy.curators());
        let mut report = judge(&evidence, policy);
        if report.verdict.exit_code() == exit_codes::VERIFIED {
            report = judge(&unlooked(evidence), policy);
        }
        Self {
            version: 1,
            would_be: report.verdict,
            assurance: TrialAssurance { chain: StatedLevel::Evidence, stated: report.assurance },
            path: report.path,
            token: report.token,
            checks: report.checks,
            rivals: report.rivals,
            notes: report.notes,
        }
    }

    /// Returns the process exit code, which is never that of what verified.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.would_be.exit_code() {
            exit_codes::VERIFIED => exit_codes::WOULD_VERIFY,
            other => other,
        }
    }

    /// Returns the JSON Schema of the trial's JSON form.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}

/// Returns the evidence with the words of these curators alone, as a verification for who follows them has it. One who was not asked may have said anything.
fn heeding(evidence: &Evidence, curators: &[Address]) -> Evidence {
    let mut evidence = evidence.clone();
    if let Look::Found(token) = &mut evidence.token {
        heed(&mut token.standing, curators);
    }
    if let Look::Found(ancestry) = &mut evidence.ancestry {
        ancestry.ancestors.iter_mut().for_each(|ancestor| heed(&mut ancestor.standing, curators));
    }
    evidence
}

fn heed(standing: &mut Standing, curators: &[Address]) {
    if let Look::Found(words) = &mut standing.curators {
        words.retain(|word| curators.contains(&word.curator));
    }
    if !matches!(standing.curators, Look::Found(_) | Look::NotAsked) {
        return;
    }
    let asked = |curator: &Address| standing.curators.found().is_some_and(|words| words.iter().any(|word| word.curator == *curator));
    if let Some(curator) = curators.iter().find(|curator| !asked(curator)) {
        standing.curators = Look::Unreachable(format!("what {curator} says was not looked at when the evidence was gathered"));
    }
}

/// What was not looked at, because the policy of that time was not met anyway, is nothing that another policy may take for good.
fn unlooked(evidence: Evidence) -> Evidence {
    let mut evidence = evidence;
    if evidence.stopped {
        evidence.model = Look::Unreachable("the bytes of the files were not read when the evidence was gathered".to_owned());
    }
    if evidence.token.found().is_some() && evidence.ancestry == Look::NotAsked {
        evidence.ancestry = Look::Unreachable("ancestors were not looked at when the evidence was gathered".to_owned());
    }
    evidence
}
