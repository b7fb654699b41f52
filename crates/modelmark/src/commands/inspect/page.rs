//! What was seen, as a page for a person.

use std::fmt::Write as _;

use modelmark_digest::{ManifestKind, ModelPath};
use modelmark_formats::{Endian, Pieces, Source, Tensor};

use super::{Architecture, Inside, Inspected, WeightsPage};
use crate::output::{bytes, printable};

/// Most metadata entries of a file that a person is shown.
const MAX_METADATA: usize = 12;

/// Lays the page out: one row for each thing, the name of the row first.
pub(super) fn text(seen: &Inspected) -> String {
    let mut rows = vec![("model", about(seen))];
    rows.extend(seen.origin.as_ref().map(|origin| ("origin", format!("{origin} (says the cache; not checked)"))));
    rows.extend(seen.name.clone().map(|name| ("name", name)));
    rows.extend(seen.architecture.as_ref().map(|architecture| ("architecture", described(architecture))));
    rows.extend(seen.license.clone().map(|license| ("licence", license)));
    for page in &seen.weights {
        rows.push(("weights", format!("{}: {}", page.path, weights(page))));
        rows.extend(page.contents.iter().flat_map(metadata).map(|line| ("  metadata", line)));
        let tensors = page.contents.iter().filter_map(|inside| inside.tensor_list.as_ref()).flatten();
        rows.extend(tensors.map(|one| ("  tensor", tensor(one))));
    }
    rows.extend(total(&seen.weights).map(|total| ("  together", total)));
    if seen.weights.is_empty() {
        rows.push(("weights", "none recognised".to_owned()));
    }
    for finding in &seen.findings {
        let file = finding.file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
        rows.push(("finding", format!("{}  {file}{}", finding.code, finding.message)));
    }
    let mut text = String::new();
    for (name, value) in rows {
        let _ = writeln!(text, "{name:<12} {}", printable(&value));
    }
    text
}

fn about(seen: &Inspected) -> String {
    match seen.kind {
        ManifestKind::File => format!("file, {}", bytes(seen.size)),
        ManifestKind::Directory if seen.files == 1 => format!("directory, 1 file, {}", bytes(seen.size)),
        ManifestKind::Directory => format!("directory, {} files, {}", seen.files, bytes(seen.size)),
    }
}

fn described(architecture: &Architecture) -> String {
    let Architecture { family, name, layers, hidden_size, context_length, vocabulary, quantization } = architecture;
    let title = match (family, name) {
        (Some(family), Some(name)) => Some(format!("{family} ({name})")),
        (family, name) => family.clone().or_else(|| name.clone()),
    };
    let parts = [
        title,
        layers.map(|layers| format!("{layers} layers")),
        hidden_size.map(|size| format!("hidden size {size}")),
        context_length.map(|length| format!("context length {length}")),
        vocabulary.map(|words| format!("vocabulary {words}")),
        quantization.as_ref().map(|method| format!("quantised by {method}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn weights(page: &WeightsPage) -> String {
    let size = bytes(page.size);
    match &page.contents {
        Some(inside) => format!("{}, {}, {size}", inside.format, counts(inside.tensors, inside.parameters, inside.dtypes.keys())),
        None if page.holder.is_some() => format!("tensors of {}, {size}", page.holder.iter().map(ModelPath::as_str).collect::<String>()),
        None if page.readable => format!("format not read, {size}"),
        None => format!("cannot be read, {size}"),
    }
}

fn counts<'d>(tensors: u64, parameters: u64, dtypes: impl Iterator<Item = &'d String>) -> String {
    let dtypes: Vec<&str> = dtypes.map(String::as_str).collect();
    let dtypes = if dtypes.is_empty() { String::new() } else { format!(" ({})", dtypes.join(", ")) };
    let plural = if tensors == 1 { "" } else { "s" };
    format!("{tensors} tensor{plural}, {parameters} parameters{dtypes}")
}

/// Sums up the shards of one model: several files of one format.
fn total(pages: &[WeightsPage]) -> Option<String> {
    let inside: Vec<&Inside> = pages.iter().filter_map(|page| page.contents.as_ref()).collect();
    let one_format = inside.array_windows().all(|[a, b]| a.format == b.format);
    (inside.len() > 1 && inside.len() == pages.len() && one_format).then(|| {
        let dtypes: std::collections::BTreeSet<&String> = inside.iter().flat_map(|inside| inside.dtypes.keys()).collect();
        let sum = |count: fn(&Inside) -> u64| inside.iter().fold(0_u64, |sum, inside| sum.saturating_add(count(inside)));
        format!("{} files, {}", inside.len(), counts(sum(|inside| inside.tensors), sum(|inside| inside.parameters), dtypes.into_iter()))
    })
}

/// The entries that say most; a tokenizer's are long and say little.
fn metadata(inside: &Inside) -> Vec<String> {
    let told = inside.metadata.iter().filter(|(key, _)| !key.starts_with("tokenizer."));
    let mut lines: Vec<String> = told.take(MAX_METADATA).map(|(key, value)| format!("{key} = {value}")).collect();
    if inside.metadata.len() > lines.len() {
        lines.push(format!("and {} more, see --json", inside.metadata.len() - lines.len()));
    }
    lines
}

fn tensor(tensor: &Tensor) -> String {
    let Source { file, endian, pieces } = &tensor.source;
    let mut marks = Vec::new();
    marks.extend((*endian == Endian::Big).then(|| "big-endian".to_owned()));
    match pieces {
        Pieces::Range(_) => {}
        Pieces::Deflated { .. } => marks.push("compressed".to_owned()),
        Pieces::Strided { .. } => marks.push("not row-major".to_owned()),
        Pieces::Grid(pieces) => marks.push(format!("in {} pieces", pieces.len())),
        Pieces::Varints(_) | Pieces::Fields { .. } => marks.push("one by one".to_owned()),
    }
    marks.extend(file.as_ref().map(|file| format!("in {file}")));
    let marks: String = marks.iter().map(|mark| format!(", {mark}")).collect();
    let size = tensor.bytes().map_or_else(|| "no fixed size".to_owned(), bytes);
    format!("{}  {} {:?}  {size}{marks}", tensor.name, tensor.dtype, tensor.shape)
}
