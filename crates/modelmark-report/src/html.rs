//! One page for auditors: no script, nothing loaded from elsewhere, every foreign text escaped by the template engine.

use askama::Template;
use modelmark_verify::{Check, Code, Report, Verdict};

use crate::visible::visible;
use crate::{FormError, subject, word};

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'r> {
    reports: Vec<Section<'r>>,
    made_by: &'r str,
}

struct Section<'r> {
    subject: String,
    verdict: String,
    tone: &'static str,
    facts: Vec<(&'static str, String)>,
    checks: Vec<Row<'r>>,
    notes: Vec<String>,
}

struct Row<'r> {
    check: &'r Check,
    word: &'static str,
    message: String,
    details: Vec<String>,
    explanation: String,
}

/// Returns the page.
pub(crate) fn page(reports: &[Report], made_by: &str) -> Result<String, FormError> {
    let page = Page { reports: reports.iter().map(section).collect(), made_by };
    page.render().map_err(|error| FormError::Writer(error.into()))
}

fn section(report: &Report) -> Section<'_> {
    let block = report.block.map(|block| block.to_string());
    let facts = [
        ("Token", report.token.clone()),
        ("Record", report.record.clone()),
        ("Creator", report.creator.clone()),
        ("CID of the files", report.cid.clone()),
        ("Read at block", block),
        ("Assurance", report.assurance.as_ref().map(ToString::to_string)),
    ];
    Section {
        subject: subject(report),
        verdict: report.verdict.to_string(),
        tone: match report.verdict {
            Verdict::Verified => "good",
            Verdict::DoesNotVerify | Verdict::PolicyRefused => "bad",
            _ => "doubt",
        },
        facts: facts.into_iter().filter_map(|(name, value)| Some((name, visible(&value?)))).collect(),
        checks: report.checks.iter().map(row).collect(),
        notes: report.notes.iter().map(|note| visible(note)).collect(),
    }
}

fn row(check: &Check) -> Row<'_> {
    Row {
        check,
        word: word(check.status),
        message: visible(&check.message),
        details: check.details.iter().map(|detail| visible(detail)).collect(),
        explanation: Code::explanation(check.code),
    }
}
