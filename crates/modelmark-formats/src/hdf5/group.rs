//! What hangs in a group: old groups have a tree of symbols and a heap of names, new ones link messages, which are elsewhere once they are many.

use super::dense::{Dense, LINKS};
use super::fields::Fields;
use super::file::File;
use super::header::{Header, Message, kind};
use crate::FormatError;

const MAX_NAME_BYTES: usize = 4096;
const SYMBOL_BYTES: u64 = 40;

/// Where a name in a group leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// To the object header at an address.
    Object(u64),
    /// To a path in this file.
    Soft(String),
    /// Into another file, in words.
    External(String),
}

/// A name in a group.
pub(super) struct Link {
    pub(super) name: String,
    pub(super) target: Target,
}

/// Returns the links of a group; `None` when the object is no group.
pub(super) fn links(file: &mut File<'_>, header: &Header) -> Result<Option<Vec<Link>>, FormatError> {
    if let Some(table) = header.one(kind::SYMBOL_TABLE)? {
        return old(file, table).map(Some);
    }
    let Some(info) = header.one(kind::LINK_INFO)? else { return Ok(None) };
    let messages = header.messages.iter().filter(|message| message.kind == kind::LINK);
    let mut links = messages.map(|message| link(message.own("a link")?)).collect::<Result<Vec<_>, _>>()?;
    if let Some(dense) = Dense::of(info, 8)? {
        dense.messages(file, LINKS, &mut |at, bytes| {
            links.push(link(Fields::new(bytes, at, "a link"))?);
            Ok(())
        })?;
        // They come in the order of the heap.
        links.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(Some(links))
}

fn link(mut fields: Fields<'_>) -> Result<Link, FormatError> {
    fields.version(1)?;
    let flags = fields.u8()?;
    let kind = if flags & 8 == 0 { 0 } else { fields.u8()? };
    fields.take(if flags & 4 == 0 { 0 } else { 8 })?;
    fields.take(if flags & 16 == 0 { 0 } else { 1 })?;
    let length = fields.number(1 << (flags & 3))?;
    let bytes = fields.take(usize::try_from(length).unwrap_or(usize::MAX))?;
    let name = name(bytes, &fields)?;
    let target = match kind {
        0 => Target::Object(fields.u64()?),
        1 => {
            let length = fields.u16()?;
            Target::Soft(words(fields.take(length.into())?))
        }
        64 => {
            let length = fields.u16()?;
            let mut place = Fields::new(fields.take(length.into())?, fields.at(), "an external link");
            place.u8()?;
            Target::External(format!("{:?} of {:?}", words(place.text()?), words(place.text()?)))
        }
        other => return Err(FormatError::Unsupported(format!("link {name:?} of kind {other} in an HDF5 file"))),
    };
    Ok(Link { name, target })
}

/// A name that can be a part of a path.
fn name(bytes: &[u8], fields: &Fields<'_>) -> Result<String, FormatError> {
    let name = str::from_utf8(bytes).ok().filter(|name| name.len() <= MAX_NAME_BYTES && !name.chars().any(char::is_control));
    let name = name.ok_or_else(|| fields.fault("a name is too long, not UTF-8, or has control characters"))?;
    if name.is_empty() || name == "." || name.contains('/') {
        return Err(fields.fault(&format!("{name:?} is no name")));
    }
    Ok(name.to_owned())
}

/// A text for people.
fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

fn old(file: &mut File<'_>, table: &Message) -> Result<Vec<Link>, FormatError> {
    let mut fields = table.own("a symbol table message")?;
    let (tree, heap) = (fields.u64()?, fields.u64()?);
    let heap = heap_of(file, heap)?;
    let mut links = Vec::new();
    tree_of(file, tree, None, &mut |file, at| symbols(file, at, &heap, &mut links))?;
    Ok(links)
}

/// The names of an old group.
fn heap_of(file: &mut File<'_>, at: u64) -> Result<(u64, Vec<u8>), FormatError> {
    const WHAT: &str = "the heap of a group";
    let head = file.take(at, 32, WHAT)?;
    let mut fields = Fields::new(&head, at, WHAT);
    fields.expect(b"HEAP")?;
    fields.version(0)?;
    fields.take(3)?;
    let (length, _free, at) = (fields.u64()?, fields.u64()?, fields.u64()?);
    Ok((at, file.take(at, length, WHAT)?))
}

/// Takes the address of a leaf's child.
type Leaf<'l, 'f> = dyn FnMut(&mut File<'f>, u64) -> Result<(), FormatError> + 'l;

/// Walks the tree of a group.
fn tree_of<'f>(file: &mut File<'f>, at: u64, above: Option<u8>, leaf: &mut Leaf<'_, 'f>) -> Result<(), FormatError> {
    const WHAT: &str = "the tree of a group";
    let head = file.take(at, 24, WHAT)?;
    let mut fields = Fields::new(&head, at, WHAT);
    fields.expect(b"TREE")?;
    let (kind, level, used) = (fields.u8()?, fields.u8()?, fields.u16()?);
    if kind != 0 || above.is_some_and(|above| above != level.saturating_add(1)) {
        return Err(fields.fault("a node of another kind or level than its place asks for"));
    }
    let body = file.take(at + 24, u64::from(used) * 16 + 8, WHAT)?;
    let mut fields = Fields::new(&body, at + 24, WHAT);
    for _ in 0..used {
        fields.u64()?;
        let child = fields.u64()?;
        if level == 0 { leaf(file, child)? } else { tree_of(file, child, Some(level), leaf)? }
    }
    Ok(())
}

fn symbols(file: &mut File<'_>, at: u64, heap: &(u64, Vec<u8>), links: &mut Vec<Link>) -> Result<(), FormatError> {
    const WHAT: &str = "a table of symbols";
    let head = file.take(at, 8, WHAT)?;
    let mut fields = Fields::new(&head, at, WHAT);
    fields.expect(b"SNOD")?;
    fields.version(1)?;
    fields.u8()?;
    let count = u64::from(fields.u16()?);
    let body = file.take(at + 8, count * SYMBOL_BYTES, WHAT)?;
    let mut fields = Fields::new(&body, at + 8, WHAT);
    for _ in 0..count {
        let (named, object) = (fields.u64()?, fields.u64()?);
        let cached = fields.u32()?;
        fields.u32()?;
        let mut scratch = Fields::new(fields.take(16)?, fields.at(), WHAT);
        let name = name(text_in(heap, named)?, &fields)?;
        let target = if cached == 2 { Target::Soft(words(text_in(heap, scratch.u32()?.into())?)) } else { Target::Object(object) };
        links.push(Link { name, target });
    }
    Ok(())
}

fn text_in(heap: &(u64, Vec<u8>), offset: u64) -> Result<&[u8], FormatError> {
    const WHAT: &str = "a name in the heap of a group";
    let rest = usize::try_from(offset).ok().and_then(|offset| heap.1.get(offset..));
    // Names of other symbols follow: only so much of them is looked at.
    let rest = rest.map(|rest| rest.get(..=MAX_NAME_BYTES).unwrap_or(rest)).unwrap_or_default();
    Fields::new(rest, heap.0.saturating_add(offset), WHAT).text()
}
