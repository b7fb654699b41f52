//! What to beware of in a model, from the names of its files and the headers of its weights.

use modelmark_digest::ManifestKind;
use modelmark_digest::Survey;
use modelmark_formats::{FindingCode, Severity};
use serde::Serialize;

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
pub(super) fn all(survey: &Survey) -> Vec<FindingLine> {
    let noticed = survey.findings.iter().map(|(file, finding)| FindingLine {
        code: finding.code.as_str(),
        severity: finding.code.severity(),
        file: file.as_ref().map(ToString::to_string),
        message: finding.message.clone(),
    });
    noticed.collect()
}

/// Returns, as remarks, what somebody who is about to publish the model has to know before it is read. How its sets of weights stand to each other is known
/// only then.
pub(crate) fn warnings(survey: &Survey) -> Vec<String> {
    const BESIDE_THE_POINT: [FindingCode; 3] = [FindingCode::Trailing, FindingCode::Stray, FindingCode::Cut];
    let compares = survey.has_variants();
    let mut grouped: Vec<(String, Vec<String>)> = Vec::new();
    for finding in all(survey) {
        let later = compares && finding.code == FindingCode::SeveralSets.as_str();
        if later || BESIDE_THE_POINT.iter().any(|code| code.as_str() == finding.code) {
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
    warnings
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
