//! The picture of a model that brings none: its name, and its weights' digest as a pattern that differs visibly when one bit does.

use std::fmt::Write as _;

use data_encoding::BASE64;

use crate::Provenance;
use crate::compose::short;
use crate::value::{ImageUri, Label, ValueError};

/// Longest line of text in characters, so that it stays inside the picture.
const MAX_LINE: usize = 30;

/// Draws a picture; the same facts give the same bytes. A few kilobytes at most.
pub(crate) fn draw(name: &Label, provenance: &Provenance) -> Result<ImageUri, ValueError> {
    let digest = *provenance.weights.cid.digest().as_bytes();
    let [hue, ..] = digest;
    let hue = u32::from(hue) * 360 / 256;
    let facts: Vec<String> = [
        provenance.model_architecture.as_ref().map(Label::to_string),
        provenance.weights.tensors.as_ref().map(|tensors| format!("{} parameters", short(tensors.parameters))),
        Some(provenance.license.spdx.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let svg = format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 500" role="img">"#,
            r#"<rect width="400" height="500" fill="hsl({hue},30%,12%)"/>"#,
            r#"<path transform="translate(72 40) scale(16)" fill="hsl({hue},70%,65%)" d="{pattern}"/>"#,
            r##"<g font-family="sans-serif" text-anchor="middle" fill="#fff">"##,
            r#"<text x="200" y="380" font-size="24" font-weight="bold">{name}</text>"#,
            r#"<text x="200" y="415" font-size="15">{facts}</text>"#,
            r#"<text x="200" y="465" font-size="13" font-family="monospace" fill-opacity=".7">{digest}</text></g></svg>"#,
        ),
        hue = hue,
        pattern = pattern(&digest),
        name = line(name.as_str(), MAX_LINE),
        facts = line(&facts.join(" · "), MAX_LINE * 3 / 2),
        digest = line(&provenance.weights.cid.digest().to_string(), 24),
    );
    format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes())).parse()
}

/// The 256 bits of the digest as squares of a 16 × 16 grid.
fn pattern(digest: &[u8; 32]) -> String {
    let bits = digest.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    let mut path = String::new();
    for (at, _) in bits.enumerate().filter(|(_, set)| *set) {
        // Writing to a string cannot fail.
        let _ = write!(path, "M{} {}h1v1h-1z", at % 16, at / 16);
    }
    path
}

/// Cuts a text to a number of characters and escapes it for XML.
fn line(text: &str, limit: usize) -> String {
    let cut: String = if text.chars().count() > limit { text.chars().take(limit - 1).chain(['…']).collect() } else { text.to_owned() };
    let mut escaped = String::new();
    for c in cut.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Not characters of XML 1.0.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
