//! What to beware of in a model, from the names of its files and the headers of its weights.

use modelmark_digest::ManifestKind;
use modelmark_digest::Survey;
use modelmark_formats::{FindingCode, Severity};
use serde::Serialize;
use serde_json::Value;

use super::Documents;
use crate::error::Result;
use crate::output::printable;

/// Most files that one remark names.
const MAX_NAMED: usize = 3;

/// Something to beware of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingLine {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    pub(super) message: String,
}

impl FindingLine {
    pub(super) fn of(code: FindingCode, file: &str, message: String) -> Self {
        Self { code: code.as_str(), severity: code.severity(), file: Some(file.to_owned()), message }
    }
}

/// Returns everything that is noticed without what the record's facts say.
pub(super) fn all(survey: &Survey, documents: &Documents) -> Vec<FindingLine> {
    let noticed = survey.findings.iter().map(|(file, finding)| FindingLine {
        code: finding.code.as_str(),
        severity: finding.code.severity(),
        file: file.as_ref().map(ToString::to_string),
        message: finding.message.clone(),
    });
    let mut findings: Vec<FindingLine> = noticed.collect();
    findings.extend(own_code(documents));
    findings
}

/// Returns, as remarks, what somebody who is about to publish the model has to know.
pub(crate) fn warnings(survey: &Survey) -> Result<Vec<String>> {
    const BESIDE_THE_POINT: [FindingCode; 3] = [FindingCode::Trailing, FindingCode::Stray, FindingCode::Cut];
    let mut grouped: Vec<(String, Vec<String>)> = Vec::new();
    for finding in all(survey, &Documents::read(survey)?) {
        if BESIDE_THE_POINT.iter().any(|code| code.as_str() == finding.code) {
            continue;
        }
        match grouped.iter_mut().find(|(message, _)| *message == finding.message) {
            Some((_, files)) => files.extend(finding.file),
            None => grouped.push((finding.message, finding.file.into_iter().collect())),
        }
    }
    let mut warnings: Vec<String> = grouped.into_iter().map(|(message, files)| printable(&remark(&message, &files))).collect();
    if survey.sets.is_empty() && survey.kind() == ManifestKind::Directory {
        warnings.push("no weights are recognised by their names: the whole folder counts as weights".to_owned());
    }
    Ok(warnings)
}

fn remark(message: &str, files: &[String]) -> String {
    if files.is_empty() { message.to_owned() } else { format!("{}: {message}", some(files)) }
}

/// Names the first of several files.
fn some(files: &[String]) -> String {
    let named = files.iter().take(MAX_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(MAX_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Tells which configurations ask a loader to run code of the model's own.
fn own_code(documents: &Documents) -> impl Iterator<Item = FindingLine> {
    let asks = |bytes: &Option<Vec<u8>>| {
        let value: Option<Value> = bytes.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
        value.is_some_and(|value| value.get("auto_map").is_some_and(|map| !map.is_null()))
    };
    let files = [("config.json", asks(&documents.config)), ("tokenizer_config.json", asks(&documents.tokenizer))];
    files.into_iter().filter(|(_, asks)| *asks).map(|(file, _)| FindingLine {
        code: FindingCode::CodeBearing.as_str(),
        severity: FindingCode::CodeBearing.severity(),
        file: Some(file.to_owned()),
        message: "`auto_map` asks the loader to run code of the model's own (`trust_remote_code`)".to_owned(),
    })
}
