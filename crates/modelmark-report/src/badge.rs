//! A badge: `model | verified`, in the colour of the worst verdict.

use std::fmt::Write as _;

use modelmark_verify::{Report, Verdict};

const LABEL: &str = "model";
/// Width of a character in the badge's font, in tenths of a pixel; generous, because fonts differ.
const CHARACTER: usize = 68;

/// Returns the badge of `reports`: of several, the worst counts.
pub(crate) fn of(reports: &[Report]) -> String {
    let worst = reports.iter().map(|report| report.verdict).max_by_key(|verdict| rank(*verdict));
    let (word, colour) = worst.map_or(("nothing verified", "#6e7781"), shown);
    let (left, right) = (width(LABEL), width(word));
    let (total, middle, centre) = (left + right, left / 2, left + right / 2);
    let mut svg = String::new();
    let _ =
        writeln!(svg, r#"<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" role="img" aria-label="{LABEL}: {word}">"#);
    let _ = writeln!(svg, "<title>{LABEL}: {word}</title>");
    let _ = writeln!(svg, r##"<rect width="{total}" height="20" rx="3" fill="#24292f"/>"##);
    let _ = writeln!(svg, r#"<path d="M{left} 0h{}a3 3 0 0 1 3 3v14a3 3 0 0 1 -3 3h-{}z" fill="{colour}"/>"#, right - 3, right - 3);
    let _ = writeln!(svg, r##"<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">"##);
    let _ = writeln!(svg, r#"<text x="{middle}" y="14">{LABEL}</text><text x="{centre}" y="14">{word}</text>"#);
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn width(text: &str) -> usize {
    text.len() * CHARACTER / 10 + 12
}

/// How bad a verdict is.
pub(crate) const fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Verified => 0,
        Verdict::VerifiedWithoutRecord => 1,
        Verdict::PartVerified => 2,
        Verdict::RecordVerified => 3,
        Verdict::Sampled => 4,
        Verdict::VerifiedBySummary => 5,
        Verdict::PolicyRefused => 6,
        Verdict::CouldNotLook => 7,
        Verdict::DoesNotVerify => 8,
    }
}

const fn shown(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Verified => ("verified", "#1a7f37"),
        Verdict::VerifiedWithoutRecord => ("verified, no record", "#9a6700"),
        Verdict::RecordVerified => ("record only, no files", "#9a6700"),
        Verdict::PartVerified => ("part verified", "#9a6700"),
        Verdict::Sampled => ("sampled, not verified", "#9a6700"),
        Verdict::VerifiedBySummary => ("verified by another", "#9a6700"),
        Verdict::PolicyRefused => ("refused by policy", "#cf222e"),
        Verdict::CouldNotLook => ("not looked at", "#6e7781"),
        Verdict::DoesNotVerify => ("does not verify", "#cf222e"),
    }
}
