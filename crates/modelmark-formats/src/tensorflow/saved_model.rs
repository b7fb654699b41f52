//! `saved_model.pb`, frozen graphs, and `fingerprint.pb`: the three files of TensorFlow that end in `.pb`, told by their first fields.
//!
//! Source: `saved_model.proto`, `meta_graph.proto`, `fingerprint.proto` and `graph.proto` of TensorFlow 2.21.

use super::graph::Reader;
use crate::contents::{Contents, FindingCode};
use crate::protobuf::{Field, Message};
use crate::read::Format;
use crate::{FormatError, ReadAt};

pub(crate) const FORMAT: Format = Format { token: "tensorflow-graph", extensions: &["pb"], recognises, read };

/// The version of the schema, which is 1, and the first graph.
fn recognises(opening: &[u8]) -> bool {
    opening.starts_with(b"\x08\x01\x12")
}

const MAX_NAME_BYTES: u64 = 4096;
/// Most graphs of a model. There is one, or one each for training and serving.
const MAX_GRAPHS: usize = 64;

/// The fields of `fingerprint.pb`, which is all varints but for its version and, in later versions, texts.
const FINGERPRINTS: [&str; 5] = ["graphDefChecksum", "graphDefProgramHash", "signatureDefHash", "savedObjectGraphHash", "checkpointHash"];

fn read(file: &dyn ReadAt, _name: &str) -> Result<Contents, FormatError> {
    let mut reader = Reader::new(file, FORMAT.token)?;
    let mut message = reader.wire.whole();
    let first = reader.wire.next(&mut message)?;
    let Some(first) = first else { return Err(FormatError::malformed(0, "an empty file")) };
    let mut message = reader.wire.whole();
    match first.number() {
        Ok(1) if first.number == 1 => saved_model(&mut reader, &mut message)?,
        Ok(_) => return fingerprint(&mut reader, &mut message).map(|()| reader.contents),
        Err(_) => reader.graph(message, "")?,
    }
    reader.finish()
}

fn saved_model(reader: &mut Reader<'_>, message: &mut Message) -> Result<(), FormatError> {
    let mut graphs = Vec::new();
    while let Some(field) = reader.wire.next(message)? {
        match field.number {
            1 => message.once(&field)?,
            2 if graphs.len() == MAX_GRAPHS => {
                return Err(FormatError::Limit { what: "graphs", declared: MAX_GRAPHS as u64 + 1, limit: MAX_GRAPHS as u64 });
            }
            2 => graphs.push(field),
            _ => unknown(reader, &field),
        }
    }
    let several = graphs.len() > 1;
    for (number, field) in graphs.iter().enumerate() {
        let way = if several { format!("graph[{number}]/") } else { String::new() };
        meta_graph(reader, message, field, &way)?;
    }
    Ok(())
}

fn unknown(reader: &mut Reader<'_>, field: &Field) {
    reader.contents.note(FindingCode::Stray, format!("field {} at byte {}, which this format does not have", field.number, field.at));
}

fn meta_graph(reader: &mut Reader<'_>, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
    let mut message = reader.wire.inside(outer, field)?;
    let mut signatures = Vec::new();
    while let Some(field) = reader.wire.next(&mut message)? {
        match field.number {
            1 => info(reader, &message, &field, way)?,
            2 => {
                message.once(&field)?;
                let graph = reader.wire.inside(&message, &field)?;
                reader.graph(graph, way)?;
            }
            5 if signatures.len() < MAX_GRAPHS => signatures.push(key(reader, &message, &field)?),
            6 => asset(reader, &message, &field)?,
            _ => {}
        }
    }
    signatures.sort_unstable();
    reader.contents.describe(&format!("{way}tensorflow.signatures"), &signatures.join(", "));
    Ok(())
}

/// `MetaInfoDef`: who made the graph and what for.
fn info(reader: &mut Reader<'_>, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
    let mut message = reader.wire.inside(outer, field)?;
    let mut tags = Vec::new();
    while let Some(field) = reader.wire.next(&mut message)? {
        match field.number {
            4 if tags.len() < MAX_GRAPHS => tags.push(reader.wire.text(&field, "a tag")?),
            5 => {
                let version = reader.wire.text(&field, "the version of TensorFlow")?;
                reader.contents.describe(&format!("{way}tensorflow.version"), &version);
            }
            6 => {
                let version = reader.wire.text(&field, "the version of TensorFlow")?;
                reader.contents.describe(&format!("{way}tensorflow.gitVersion"), &version);
            }
            _ => {}
        }
    }
    reader.contents.describe(&format!("{way}tensorflow.tags"), &tags.join(", "));
    Ok(())
}

/// The key of an entry of a map.
fn key(reader: &mut Reader<'_>, outer: &Message, field: &Field) -> Result<String, FormatError> {
    let mut message = reader.wire.inside(outer, field)?;
    while let Some(field) = reader.wire.next(&mut message)? {
        if field.number == 1 {
            return reader.wire.name(&field, MAX_NAME_BYTES, "the name of a signature");
        }
    }
    Ok(String::new())
}

fn asset(reader: &mut Reader<'_>, outer: &Message, field: &Field) -> Result<(), FormatError> {
    let mut message = reader.wire.inside(outer, field)?;
    while let Some(field) = reader.wire.next(&mut message)? {
        if field.number == 2 {
            let name = reader.wire.name(&field, MAX_NAME_BYTES, "the name of an asset")?;
            let leads_out = name.starts_with('/') || name.contains('\\') || name.split('/').any(|part| part == "..");
            if leads_out {
                reader.contents.note(FindingCode::Outside, format!("asset {name:?} lies outside the model"));
            }
            reader.contents.describe(&format!("tensorflow.asset.{name}"), "");
        }
    }
    Ok(())
}

/// `FingerprintDef`: what TensorFlow itself computed of the parts of the model, as a claim.
fn fingerprint(reader: &mut Reader<'_>, message: &mut Message) -> Result<(), FormatError> {
    while let Some(field) = reader.wire.next(message)? {
        let name = usize::try_from(field.number).ok().and_then(|number| FINGERPRINTS.get(number.checked_sub(1)?));
        match (name, field.number) {
            (Some(name), _) => {
                message.once(&field)?;
                let value = field.number()?;
                reader.contents.describe(&format!("tensorflow.fingerprint.{name}"), &format!("{value:016x}"));
            }
            (None, 6 | 7) => {}
            (None, _) => {
                return Err(FormatError::malformed(field.at, "neither a SavedModel, nor a graph, nor a fingerprint of TensorFlow"));
            }
        }
    }
    Ok(())
}
