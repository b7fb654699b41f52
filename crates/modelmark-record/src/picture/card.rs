//! The card: what stands where.

use std::fmt::Write as _;

use crate::{Label, Provenance, Relation};

use super::text::{cells, clipped, escaped, two_lines, visible, width};
use super::{measured, pattern};

/// The room for text between the margins, in pixels.
const ROOM: u32 = 560;
/// Size of a title in pixels, the largest that fits is taken; a title that is too long for the last stands in two lines.
const TITLE_SIZES: [u32; 4] = [44, 38, 32, 27];
const SUBTITLE_SIZE: u32 = 20;
/// Of the letters in notes, in pixels.
const NOTE_CELL: u32 = 9;
/// Longest note, and longest name of a measurement, in letters.
const MAX_NOTE: u32 = 24;
const MAX_METRIC: u32 = 14;

const SANS: &str = r#"font-family="Inter,Helvetica,Arial,DejaVu Sans,sans-serif""#;
const MONO: &str = r#"font-family="JetBrains Mono,Menlo,Consolas,DejaVu Sans Mono,monospace""#;

/// What a picture shows. Texts are visible already, and not escaped yet.
pub(super) struct Card {
    kind: &'static str,
    version: String,
    title: String,
    subtitle: String,
    notes: Vec<String>,
    creator: String,
    digest: [u8; 32],
}

impl Card {
    pub(super) fn of(name: &Label, provenance: &Provenance) -> Self {
        let title = visible(name.as_str());
        let version = provenance.version.as_ref().map(|version| visible(version.as_str())).unwrap_or_default();
        let metrics = measured::best(&provenance.evaluations);
        let metrics = metrics.into_iter().map(|(name, value)| format!("{} {value}", clipped_cells(&name, MAX_METRIC)));
        Self {
            kind: kind(provenance),
            version: clipped(&version, 1_500),
            title: if title.is_empty() { "unnamed".to_owned() } else { title },
            subtitle: subtitle(provenance),
            notes: std::iter::once(clipped_cells(provenance.license.spdx.as_str(), MAX_NOTE)).chain(metrics).collect(),
            creator: format!("{:x}", provenance.creator.account.address()),
            digest: *provenance.weights.cid.digest().as_bytes(),
        }
    }

    /// Returns the whole file.
    pub(super) fn svg(&self) -> String {
        let mut svg = String::from(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640" width="640" height="640">"#);
        let _ = write!(svg, "<title>{}</title>", escaped(&clipped(&self.title, 6_000)));
        self.ground(&mut svg);
        // Whatever a viewer's fonts do, no letter leaves the card: an inner `svg` clips what it holds.
        svg.push_str(r#"<svg x="36" width="568" height="640" viewBox="36 0 568 640">"#);
        self.heading(&mut svg);
        self.name(&mut svg);
        self.facts(&mut svg);
        self.footer(&mut svg);
        svg.push_str("</svg></svg>");
        svg
    }

    /// The colours and the pattern, which two digests that differ never share.
    fn ground(&self, svg: &mut String) {
        let (one, other) = pattern::hues(&self.digest);
        // Keeps the names inside this picture apart from those of other pictures on one page.
        let mark = self.digest.iter().take(4).fold(String::new(), |mark, byte| format!("{mark}{byte:02x}"));
        let _ = write!(
            svg,
            concat!(
                r#"<defs><linearGradient id="ground{mark}" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl({one},45%,18%)"/>"#,
                r#"<stop offset="1" stop-color="hsl({other},55%,6%)"/></linearGradient><linearGradient id="dots{mark}" "#,
                r#"gradientUnits="userSpaceOnUse" x1="160" y1="102" x2="480" y2="422"><stop offset="0" stop-color="hsl({one},90%,72%)"/>"#,
                r#"<stop offset="1" stop-color="hsl({other},85%,60%)"/></linearGradient></defs>"#,
                r#"<rect width="640" height="640" fill="url(#ground{mark})"/><g fill="url(#dots{mark})">{dots}</g>"#,
            ),
            mark = mark,
            one = one,
            other = other,
            dots = pattern::dots(&self.digest),
        );
    }

    fn heading(&self, svg: &mut String) {
        let _ = write!(
            svg,
            concat!(
                r##"<g fill="#fff" {sans}><text x="40" y="54" font-size="20" font-weight="700">modelmark</text>"##,
                r#"<text x="40" y="76" font-size="13" letter-spacing="3" fill-opacity=".7">{kind}</text>"#,
                r#"<text x="600" y="54" font-size="17" text-anchor="end" fill-opacity=".7">{version}</text>"#,
            ),
            sans = SANS,
            kind = self.kind,
            version = escaped(&self.version),
        );
    }

    fn name(&self, svg: &mut String) {
        let fitting = TITLE_SIZES.into_iter().find(|size| width(&self.title) <= ROOM * 100 / size);
        let lines = match fitting {
            Some(size) => vec![(490, size, self.title.clone())],
            None => {
                let (first, second) = two_lines(&self.title, ROOM * 100 / 27);
                vec![(460, 27, first), (491, 27, second)]
            }
        };
        for (y, size, line) in lines {
            let _ = write!(svg, r#"<text x="40" y="{y}" font-weight="700" font-size="{size}">{}</text>"#, escaped(&line));
        }
        let subtitle = escaped(&clipped(&self.subtitle, ROOM * 100 / SUBTITLE_SIZE));
        let _ = write!(svg, r#"<text x="40" y="522" font-size="{SUBTITLE_SIZE}" fill-opacity=".8">{subtitle}</text></g>"#);
    }

    /// Licence and measurements, each in a frame of its own, as many as there is room for. Letters of one width, so that the frames fit unmeasured.
    fn facts(&self, svg: &mut String) {
        let _ = write!(svg, r##"<g fill="#fff" font-size="15" {MONO}>"##);
        let mut x = 40;
        for note in &self.notes {
            let width = 24 + NOTE_CELL * cells(note);
            if x + width > 40 + ROOM {
                break;
            }
            let _ = write!(
                svg,
                concat!(
                    r#"<rect x="{x}" y="542" width="{width}" height="32" rx="16" fill-opacity=".14"/>"#,
                    r#"<text x="{middle}" y="563" text-anchor="middle">{note}</text>"#,
                ),
                x = x,
                width = width,
                middle = x + width / 2,
                note = escaped(note),
            );
            x += width + 10;
        }
        svg.push_str("</g>");
    }

    fn footer(&self, svg: &mut String) {
        let digest = self.digest.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
        let _ = write!(
            svg,
            concat!(
                r##"<g fill="#fff" fill-opacity=".7" font-size="14" {mono}><text x="40" y="610">sha256 {digest}</text>"##,
                r#"<text x="600" y="610" text-anchor="end">by {creator}</text></g>"#,
            ),
            mono = MONO,
            digest = abbreviated(&digest),
            creator = abbreviated(&self.creator),
        );
    }
}

/// What the model is to its parents: the word for all of them if they agree.
fn kind(provenance: &Provenance) -> &'static str {
    let mut relations = provenance.lineage.iter().map(|edge| edge.relation);
    let Some(first) = relations.next() else { return "MODEL" };
    if relations.any(|relation| relation != first) {
        return "DERIVED MODEL";
    }
    match first {
        Relation::Version => "NEW VERSION",
        Relation::Finetune => "FINE-TUNE",
        Relation::Adapter => "ADAPTER",
        Relation::Merge => "MERGE",
        Relation::Quantized => "QUANTIZED",
        Relation::Pruned => "PRUNED",
        Relation::Distilled => "DISTILLED",
        Relation::Converted => "CONVERTED",
    }
}

fn subtitle(provenance: &Provenance) -> String {
    let family = provenance.model_architecture.as_ref().map(|family| isolated(&clipped(&visible(family.as_str()), 1_400)));
    let parameters = provenance.weights.tensors.as_ref().map(|tensors| tensors.parameters.get()).filter(|count| *count != 0);
    let parameters = parameters.map(|count| format!("{} parameters", magnitude(count)));
    let task = provenance.task.as_ref().map(|task| isolated(&visible(task.as_str())));
    [family, parameters, task].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Keeps letters that run from right to left from drawing what stands beside them to their side.
fn isolated(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { format!("\u{2068}{text}\u{2069}") }
}

/// Returns a number as people say it, rounded down, as the contracts do: `999`, `1.5K`, `7.2B`, `405B`.
fn magnitude(number: u64) -> String {
    let units = [(1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")];
    let Some((scale, unit)) = units.into_iter().find(|(scale, _)| number >= *scale) else { return number.to_string() };
    let (whole, tenth) = (number / scale, number % scale * 10 / scale);
    if whole < 100 && tenth != 0 { format!("{whole}.{tenth}{unit}") } else { format!("{whole}{unit}") }
}

/// Returns the first and last digits.
fn abbreviated(digits: &str) -> String {
    let first = digits.get(..6).unwrap_or(digits);
    let last = digits.get(digits.len().saturating_sub(6)..).unwrap_or_default();
    format!("{first}..{last}")
}

/// Cuts a text to a number of letters of one width.
fn clipped_cells(text: &str, room: u32) -> String {
    if cells(text) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if cells(&kept) >= room {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_the_contracts_say_them() {
        for (number, said) in [(999, "999"), (1_000, "1K"), (1_500, "1.5K"), (99_999, "99.9K"), (100_500, "100K"), (7_241_732_096, "7.2B")]
        {
            assert_eq!(magnitude(number), said);
        }
        assert_eq!(magnitude(u64::MAX), "18446744T");
    }
}
