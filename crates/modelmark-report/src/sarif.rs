//! SARIF 2.1.0 (OASIS): <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use modelmark_verify::{Check, Code, Report, Severity, Status};
use serde_json::{Value, json};

use crate::subject;
use crate::visible::visible;

/// How many locations a result names; viewers refuse more than a thousand.
const MAX_LOCATIONS: usize = 100;

/// Returns the log: one run, every check a rule, every finding that did not pass a result.
pub(crate) fn log(reports: &[Report], made_by: &str) -> Value {
    let (name, version) = made_by.split_once(' ').unwrap_or((made_by, "0"));
    let rules: Vec<_> = Code::ALL.iter().map(|code| rule(*code)).collect();
    let results: Vec<_> = reports.iter().flat_map(|report| report.checks.iter().filter_map(|check| result(report, check))).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": name, "semanticVersion": version, "rules": rules}},
            "results": results,
            "columnKind": "unicodeCodePoints",
        }],
    })
}

fn rule(code: Code) -> Value {
    let level = match code.severity() {
        Severity::Error => "error",
        Severity::Policy => "warning",
    };
    json!({
        "id": code.as_str(),
        "shortDescription": {"text": code.as_str()},
        "fullDescription": {"text": code.explanation()},
        "help": {"text": code.explanation()},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["security", "supply-chain"]},
    })
}

fn result(report: &Report, check: &Check) -> Option<Value> {
    let (kind, level) = match (check.status, check.code.severity()) {
        (Status::Fail, Severity::Error) => ("fail", "error"),
        (Status::Fail, Severity::Policy) => ("fail", "warning"),
        // A kind other than `fail` takes the level `none` by the standard.
        (Status::Unknown, _) => ("open", "none"),
        (Status::Sampled, _) => ("review", "none"),
        (Status::Pass | Status::Skipped, _) => return None,
    };
    let rule = Code::ALL.iter().position(|code| *code == check.code)?;
    let subject = subject(report);
    let text = std::iter::once(format!("{subject}: {}", visible(&check.message)));
    let text: Vec<_> = text.chain(check.details.iter().take(MAX_LOCATIONS).map(|detail| visible(detail))).collect();
    Some(json!({
        "ruleId": check.code.as_str(),
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": {"text": text.join("\n")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(report)}}}],
        "partialFingerprints": {"modelmark/v1": format!("{}:{subject}", check.code)},
    }))
}

/// The model as a URI reference: a token's and a CID's stand as they are, a path relative and percent-encoded.
fn uri(report: &Report) -> String {
    if let Some(path) = &report.path {
        return encoded(path);
    }
    match (&report.token, &report.cid) {
        (Some(token), _) => encoded(token),
        (_, Some(cid)) => format!("ipfs://{cid}"),
        _ => "unknown".to_owned(),
    }
}

fn encoded(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
