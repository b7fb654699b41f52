//! What was seen, as a page for a person.

use std::fmt::Write as _;

use modelmark_digest::{ManifestKind, ModelPath};
use modelmark_formats::{Adapter, Architecture, Dimension, Endian, Pieces, Port, Quantization, Source, Tensor};

use super::tree::Depth;
use super::{Inside, Inspected, WeightsPage};
use crate::output::{bytes, printable};

/// Most metadata entries of a file that a person is shown.
const MAX_METADATA: usize = 12;

/// Most kinds of operators that a person is shown.
const MAX_KINDS: usize = 8;

/// Most inputs, and most outputs, that a person is shown.
const MAX_PORTS: usize = 8;

/// Lays the page out: one row for each thing, the name of the row first.
pub(super) fn text(seen: &Inspected, depth: Depth) -> String {
    let mut rows = vec![("model", about(seen))];
    rows.extend(seen.origin.as_ref().map(|origin| ("origin", format!("{origin} (says the cache; not checked)"))));
    rows.extend(seen.name.clone().map(|name| ("name", name)));
    let described = seen.architecture.as_ref().map(described).filter(|text| !text.is_empty());
    rows.extend(described.map(|text| ("architecture", text)));
    rows.extend(seen.architecture.iter().flat_map(graph));
    let tokenizer = seen.architecture.as_ref().and_then(|architecture| architecture.tokenizer.as_ref());
    rows.extend(
        tokenizer.map(|one| {
            ("tokenizer", [Some(one.kind.as_str()), one.sha256.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", "))
        }),
    );
    rows.extend(seen.adapter.as_ref().map(|adapter| ("adapter", adapted(adapter))));
    rows.extend(seen.license.clone().map(|license| ("licence", license)));
    for page in &seen.weights {
        rows.push(("weights", format!("{}: {}", page.path, weights(page))));
        rows.extend(page.contents.iter().flat_map(metadata).map(|line| ("  metadata", line)));
        let tensors = page.contents.iter().filter_map(|inside| inside.tensor_list.as_ref()).flatten();
        rows.extend(tensors.map(|one| ("  tensor", tensor(one))));
    }
    rows.extend(total(seen).map(|total| ("  together", total)));
    for (set, tree) in &seen.trees {
        let lines = tree.lines(depth);
        if !lines.is_empty() && seen.trees.len() > 1 {
            rows.push(("tensors", format!("of {set}")));
        }
        rows.extend(lines.into_iter().map(|line| ("  tensors", line)));
    }
    if seen.weights.is_empty() {
        rows.push(("weights", "none recognised".to_owned()));
    }
    for finding in &seen.findings {
        let file = finding.file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
        rows.push(("finding", format!("{:<6}  {}  {file}{}", finding.severity, finding.code, finding.message)));
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
    let Architecture { family, name, layers, hidden_size, attention_heads, key_value_heads, experts, vocabulary, .. } = architecture;
    let title = match (family, name) {
        (Some(family), Some(name)) => Some(format!("{family} ({name})")),
        (family, name) => family.clone().or_else(|| name.clone()),
    };
    let heads = attention_heads.map(|heads| match key_value_heads {
        Some(few) if *few != heads => format!("{heads} heads ({few} for keys and values)"),
        _ => format!("{heads} heads"),
    });
    let parts = [
        title,
        layers.map(|layers| format!("{layers} layers")),
        hidden_size.map(|size| format!("hidden size {size}")),
        heads,
        experts.filter(|experts| *experts > 1).map(|experts| format!("{experts} experts")),
        architecture.context_length.map(|length| format!("context length {length}")),
        vocabulary.map(|words| format!("vocabulary {words}")),
        architecture.quantization.as_ref().map(quantised),
        architecture.vision.as_ref().map(|vision| format!("and for images: {}", self::described(vision))),
        (!architecture.components.is_empty()).then(|| {
            let parts: Vec<String> = architecture.components.iter().map(|(part, class)| format!("{part} {class}")).collect();
            format!("of {}", parts.join(", "))
        }),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a network is made of, what goes in and what comes out.
fn graph(architecture: &Architecture) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let mut kinds: Vec<(&String, &u64)> = architecture.operators.iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let shown: Vec<String> = kinds.iter().take(MAX_KINDS).map(|(kind, count)| format!("{count} {kind}")).collect();
    if !shown.is_empty() {
        let more = if kinds.len() > MAX_KINDS { format!(", and {} kinds more", kinds.len() - MAX_KINDS) } else { String::new() };
        rows.push(("made of", format!("{}{more}", shown.join(", "))));
    }
    for (name, ports) in [("input", &architecture.inputs), ("output", &architecture.outputs)] {
        rows.extend(ports.iter().take(MAX_PORTS).map(|one| (name, port(one))));
        if ports.len() > MAX_PORTS {
            rows.push((name, format!("and {} more, see --json", ports.len() - MAX_PORTS)));
        }
    }
    rows
}

fn port(Port { name, dtype, shape }: &Port) -> String {
    let dimension = |dimension: &Dimension| match dimension {
        Dimension::Fixed(count) => count.to_string(),
        Dimension::Named(name) => name.clone(),
        Dimension::Any => "?".to_owned(),
    };
    let shape = shape.as_ref().map(|shape| format!("[{}]", shape.iter().map(dimension).collect::<Vec<_>>().join(", ")));
    [Some(name.as_str()), dtype.as_deref(), shape.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn quantised(Quantization { method, bits, group_size }: &Quantization) -> String {
    let bits = bits.map(|bits| format!(" to {bits} bits")).unwrap_or_default();
    let groups = group_size.map(|size| format!(" in groups of {size}")).unwrap_or_default();
    format!("quantised by {method}{bits}{groups}")
}

fn adapted(adapter: &Adapter) -> String {
    let parts = [
        adapter.kind.clone(),
        adapter.rank.map(|rank| format!("rank {rank}")),
        adapter.alpha.as_ref().map(|alpha| format!("alpha {alpha}")),
        adapter.task.clone(),
        adapter.base_model.as_ref().map(|base| match &adapter.revision {
            Some(revision) => format!("of {base} at {revision}"),
            None => format!("of {base}"),
        }),
        (!adapter.target_modules.is_empty()).then(|| format!("in {}", adapter.target_modules.join(", "))),
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

/// Sums up the shards of one model: several files of one format, each tensor once.
fn total(seen: &Inspected) -> Option<String> {
    let pages: Vec<&WeightsPage> = seen.weights.iter().filter(|page| seen.primary.contains(&page.path)).collect();
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
    // That they can be held against checksums is no difference to the reader of a page.
    let pieces = match pieces {
        Pieces::Checked { pieces, .. } => pieces,
        pieces => pieces,
    };
    let mut marks = Vec::new();
    marks.extend((*endian == Endian::Big).then(|| "big-endian".to_owned()));
    match pieces {
        Pieces::Range(_) | Pieces::Checked { .. } => {}
        Pieces::Deflated { .. } | Pieces::Packed { .. } => marks.push("compressed".to_owned()),
        Pieces::Strided { .. } => marks.push("not row-major".to_owned()),
        Pieces::Grid(pieces) => marks.push(format!("in {} pieces", pieces.len())),
        Pieces::Filled { pieces, .. } if pieces.is_empty() => marks.push("never written".to_owned()),
        Pieces::Filled { pieces, .. } => marks.push(format!("in {} pieces, the rest never written", pieces.len())),
        Pieces::Varints(_) | Pieces::Fields { .. } => marks.push("one by one".to_owned()),
    }
    marks.extend(file.as_ref().map(|file| format!("in {file}")));
    let marks: String = marks.iter().map(|mark| format!(", {mark}")).collect();
    let size = tensor.bytes().map_or_else(|| "no fixed size".to_owned(), bytes);
    format!("{}  {} {:?}  {size}{marks}", tensor.name, tensor.dtype, tensor.shape)
}
