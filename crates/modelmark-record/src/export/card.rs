//! The model card of the Hugging Face hub: whatever stands in it stays as it is; a section between two marks says where the model comes from.

use std::fmt::Write as _;

use crate::{AssetId, CanonicalRecord, Edge, Provenance, Record};

use super::ExportError;
use super::front_matter::front_matter;
use super::markdown::{code, line, link, quote};

/// Longest model card in bytes.
pub const MAX_CARD_BYTES: usize = 1 << 22;

const START: &str = "<!-- modelmark:provenance:start -->";
const END: &str = "<!-- modelmark:provenance:end -->";

/// Returns a model card (`README.md`) with a provenance section and a badge.
///
/// An `existing` card keeps its front matter and its text byte for byte; its provenance section is replaced, or one is added at the end. Without one, a card
/// is made of the record. Every text of the record is escaped. The section is the same however often it is written.
///
/// # Errors
///
/// Refuses a card that is too long, not UTF-8, or whose marks are not one pair.
pub fn card(record: &CanonicalRecord, token: Option<&AssetId>, existing: Option<&[u8]>) -> Result<Vec<u8>, ExportError> {
    let section = section(record, token);
    let Some(existing) = existing else {
        let Record { name, description, .. } = record.record();
        let head = front_matter(record.record());
        return Ok(format!("{head}\n# {}\n\n{}\n\n{section}\n", line(name.as_str()), quote(description.as_str())).into_bytes());
    };
    if existing.len() > MAX_CARD_BYTES {
        return Err(ExportError::CardTooLarge { size: existing.len(), limit: MAX_CARD_BYTES });
    }
    let text = std::str::from_utf8(existing).map_err(ExportError::CardNotText)?;
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let section = section.replace('\n', eol);
    let (before, after) = around(text)?;
    Ok(match after {
        Some(after) => format!("{before}{section}{after}"),
        None if before.is_empty() => format!("{section}{eol}"),
        None => format!("{}{eol}{eol}{section}{eol}", before.trim_end_matches(['\n', '\r'])),
    }
    .into_bytes())
}

/// Returns what stands before and after the section; nothing after it when there is none yet.
fn around(text: &str) -> Result<(&str, Option<&str>), ExportError> {
    let (starts, ends) = (text.matches(START).count(), text.matches(END).count());
    if (starts, ends) == (0, 0) {
        return Ok((text, None));
    }
    let pair = text.split_once(START).and_then(|(before, rest)| Some((before, Some(rest.split_once(END)?.1))));
    pair.filter(|_| (starts, ends) == (1, 1)).ok_or(ExportError::CardMarks { starts, ends })
}

fn section(record: &CanonicalRecord, token: Option<&AssetId>) -> String {
    let provenance = &record.record().provenance;
    let cid = record.cid().to_string();
    // The badge is a picture of text; what it shows is not checked by whoever shows it, so that it names what can be.
    let badge = format!("https://img.shields.io/badge/provenance-{}-2f6f4f", cid.get(..16).unwrap_or_default());
    let mut text = format!("{START}\n## Provenance\n\n[![provenance record {cid}](<{badge}>)](<https://ipfs.io/ipfs/{cid}>)\n\n");
    text.push_str("| | |\n|---|---|\n");
    for (name, value) in rows(record, token) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {name} | {value} |");
    }
    let _ = write!(
        text,
        "\nThese are statements of the creator's; the badge proves nothing. Check the files at hand: `{}`\n{END}",
        command(provenance, token)
    );
    text
}

fn command(provenance: &Provenance, token: Option<&AssetId>) -> String {
    let token = token.map(|token| format!(" --token {token}")).unwrap_or_default();
    format!("modelmark verify .{token} --creator {}", provenance.creator.account.as_str().rsplit(':').next().unwrap_or_default())
}

fn rows(record: &CanonicalRecord, token: Option<&AssetId>) -> Vec<(&'static str, String)> {
    let provenance = &record.record().provenance;
    let account = code(&provenance.creator.account);
    let named = provenance.creator.name.as_ref().map(|name| format!("{} ({account}; the name is a claim)", line(name.as_str())));
    let license = code(&provenance.license.spdx);
    let text = provenance.license.uri.as_ref().map(|uri| format!("{license}, {}", link("text", uri)));
    let tensors = provenance.weights.tensors.as_ref();
    let mut rows = vec![
        ("Record", code(record.id().token_uri())),
        ("Creator", named.unwrap_or(account)),
        ("Licence", text.unwrap_or(license)),
        ("Model", code(provenance.model.cid)),
        ("Weights", code(provenance.weights.cid)),
        ("SHA-256 of the weights", code(provenance.weights_hash)),
    ];
    rows.extend(token.map(|token| ("Token", code(token))));
    rows.extend(tensors.map(|tensors| ("Weight fingerprint", code(tensors.root.to_0x()))));
    rows.extend(tensors.map(|tensors| ("Parameters", tensors.parameters.to_string())));
    rows.extend(provenance.lineage.iter().map(|edge| ("Derived from", parent(edge))));
    for dataset in &provenance.datasets {
        let address = dataset.cid.map(|cid| format!(", {}", code(cid))).unwrap_or_default();
        rows.push(("Dataset", format!("{}{address}", line(dataset.name.as_str()))));
    }
    rows
}

fn parent(edge: &Edge) -> String {
    let parent = &edge.parent;
    let name = parent.name.as_ref().map(|name| line(name.as_str()));
    let digest = parent.token.as_ref().map(code).or_else(|| parent.cid.map(code)).or_else(|| parent.weights_hash.map(code));
    let digest = digest.or_else(|| parent.token_id.as_ref().map(code));
    let words = [name, digest].into_iter().flatten().collect::<Vec<_>>().join(", ");
    format!("{words} ({})", super::word(edge.relation).unwrap_or_default())
}
