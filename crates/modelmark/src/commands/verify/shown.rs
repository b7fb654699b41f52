//! A report as text.

use std::fmt::Write as _;

use modelmark_verify::{Check, Report, Status, Verdict};

use crate::output::{Tone, paint, printable};

/// The report as a tired person reads it: what is wrong first to the eye, the verdict last.
pub(crate) fn text(report: &Report, verbose: bool) -> String {
    let mut text = String::new();
    for check in report.checks.iter().filter(|check| verbose || check.status != Status::Skipped) {
        line(&mut text, check);
    }
    for note in &report.notes {
        let _ = writeln!(text, "{} {}", paint(Tone::Doubt, "   note"), printable(note));
    }
    let _ = writeln!(text);
    if let Some(token) = &report.token {
        let _ = writeln!(text, "token    {token}");
    }
    if let Some(creator) = &report.creator {
        let _ = writeln!(text, "creator  {creator}");
    }
    if let Some(assurance) = &report.assurance {
        let _ = writeln!(text, "assured  {assurance}");
    }
    let tone = match report.verdict {
        Verdict::Verified => Tone::Good,
        Verdict::CouldNotLook
        | Verdict::VerifiedWithoutRecord
        | Verdict::RecordVerified
        | Verdict::PartVerified
        | Verdict::Sampled
        | Verdict::VerifiedBySummary => Tone::Doubt,
        _ => Tone::Bad,
    };
    let _ = write!(text, "{}", paint(tone, &report.verdict.to_string()));
    if let Some(path) = &report.path {
        let _ = write!(text, "  {}", printable(path));
    }
    text
}

pub(crate) fn line(text: &mut String, check: &Check) {
    let (tone, word) = match check.status {
        Status::Pass => (Tone::Good, "   pass"),
        Status::Fail => (Tone::Bad, "   FAIL"),
        Status::Unknown => (Tone::Doubt, "unknown"),
        Status::Sampled => (Tone::Doubt, "sampled"),
        Status::Skipped => (Tone::Faint, "skipped"),
    };
    let _ = writeln!(text, "{} {:<18} {}", paint(tone, word), check.code, printable(&check.message));
    for detail in &check.details {
        let _ = writeln!(text, "{:27}{}", "", printable(detail));
    }
}
