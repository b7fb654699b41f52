//! Markdown for job summaries and comments, where anybody's text may stand in a table.

use std::fmt::Write as _;

use modelmark_verify::{Report, Status, Verdict};

use crate::visible::visible;
use crate::{subject, word};

/// How many details of a check are listed.
const MAX_DETAILS: usize = 20;

/// Returns one section for each report: the verdict, then what did not pass, then the rest folded away.
pub(crate) fn summary(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        section(&mut text, report);
    }
    text
}

fn section(text: &mut String, report: &Report) {
    let _ = writeln!(text, "## {} {}\n\n**{}**\n", mark(report.verdict), escaped(&subject(report)), report.verdict);
    let assurance = report.assurance.as_ref().map(ToString::to_string);
    let facts = [
        ("Token", &report.token),
        ("Record", &report.record),
        ("Creator", &report.creator),
        ("CID", &report.cid),
        ("Assurance", &assurance),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            let _ = writeln!(text, "- {name}: {}", escaped(&visible(value)));
        }
    }
    let bad = |status: Status| matches!(status, Status::Fail | Status::Unknown | Status::Sampled);
    table(text, report, bad);
    for note in &report.notes {
        let _ = writeln!(text, "> {}\n", escaped(&visible(note)));
    }
    let _ = writeln!(text, "\n<details><summary>Checks that passed or were skipped</summary>");
    table(text, report, |status| !bad(status));
    text.push_str("</details>\n\n");
}

fn table(text: &mut String, report: &Report, wanted: impl Fn(Status) -> bool) {
    let mut checks = report.checks.iter().filter(|check| wanted(check.status)).peekable();
    text.push('\n');
    if checks.peek().is_none() {
        return;
    }
    text.push_str("| | check | finding |\n|---|---|---|\n");
    for check in checks {
        let mut finding = escaped(&visible(&check.message));
        for detail in check.details.iter().take(MAX_DETAILS) {
            let _ = write!(finding, "<br>{}", escaped(&visible(detail)));
        }
        if check.details.len() > MAX_DETAILS {
            let _ = write!(finding, "<br>and {} more", check.details.len() - MAX_DETAILS);
        }
        let _ = writeln!(text, "| {} | `{}` | {finding} |", word(check.status), check.code);
    }
    text.push('\n');
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "✅",
        Verdict::VerifiedWithoutRecord
        | Verdict::RecordVerified
        | Verdict::PartVerified
        | Verdict::Sampled
        | Verdict::VerifiedBySummary => "⚠️",
        Verdict::DoesNotVerify | Verdict::CouldNotLook | Verdict::PolicyRefused => "❌",
    }
}

/// Takes the meaning out of every character that has one in Markdown or HTML, and out of `@name` and `#1`, which forges turn into links.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = [' '; 3];
    for c in text.chars() {
        match c {
            // What begins so is a link without any mark.
            '.' if before.iter().all(|c| c.eq_ignore_ascii_case(&'w')) => out.push_str("&#46;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' | '#' | ':' | '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '!' | '~' | '$' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
        before.rotate_left(1);
        before[2] = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_in_a_name_is_markup() {
        assert_eq!(escaped("a|b <img src=x> @ada"), "a&#124;b &lt;img src=x&gt; &#64;ada");
        assert_eq!(escaped("[x](javascript:y)"), "&#91;x&#93;&#40;javascript&#58;y&#41;");
        assert_eq!(escaped("www.example.org/a.b WWW.x wwww.x ww."), "www&#46;example.org/a.b WWW&#46;x wwww&#46;x ww.");
    }
}
