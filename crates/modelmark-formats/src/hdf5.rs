//! HDF5, as far as Keras and h5py write it: groups, datasets of numbers, and the texts that describe a model.
//!
//! Own reader, because it has to say where bytes are and must not trust a file: every structure lies in the file and is read about once, so that cycles
//! and things hung up many times end; no group is in itself. Read are superblocks 0 to 3, old and new object headers, symbol tables and compact links,
//! compact, contiguous and chunked layouts, and the filters deflate, shuffle and fletcher32. Links into other files are never followed.
//! Source: the HDF5 File Format Specification, version 3.0.

mod attribute;
mod checksum;
mod chunks;
mod fields;
mod file;
mod filters;
mod group;
mod header;
mod layout;
mod types;

use std::collections::{BTreeMap, HashSet};

use crate::contents::{Contents, FindingCode, elements};
use crate::read::Format;
use crate::{ByteRange, Endian, FormatError, Pieces, ReadAt, Source, Tensor, keras};
use attribute::Heaps;
use file::File;
use group::{Link, Target};
use header::{Header, Message, kind};
use layout::Layout;
use types::Element;

pub(crate) const FORMAT: Format =
    Format { token: "hdf5", extensions: &["h5", "hdf5"], recognises: |opening| opening.starts_with(file::MAGIC), read };

/// Longest path of a dataset.
const MAX_PATH_BYTES: usize = 4096;
/// Longest text of an attribute that says a type.
const MAX_TYPE_BYTES: u64 = 64;

fn read(file: &dyn ReadAt, _name: &str) -> Result<Contents, FormatError> {
    let mut contents = Contents::of(FORMAT.token);
    let texts = walk(file, &mut contents)?;
    keras::judge_attributes(file, &texts, &mut contents)?;
    Ok(contents)
}

/// Puts the tensors of a file into `contents`, and returns where the texts are that are attributes of the root group.
pub(crate) fn walk(file: &dyn ReadAt, contents: &mut Contents) -> Result<BTreeMap<String, ByteRange>, FormatError> {
    let size = file.size().map_err(FormatError::Read)?;
    let file = File::open(file)?;
    if file.end < size {
        contents.note(FindingCode::Trailing, format!("{} bytes follow the end that the file itself gives", size - file.end));
    }
    let root = file.root;
    let mut walk = Walk { file, heaps: Heaps::default(), contents, groups: HashSet::new(), places: Vec::new() };
    let header = Header::read(&mut walk.file, root)?;
    let texts = walk.texts(&header)?;
    walk.groups(root, &header)?;
    walk.apart()?;
    Ok(texts)
}

struct Walk<'f, 'c> {
    file: File<'f>,
    heaps: Heaps,
    contents: &'c mut Contents,
    /// Addresses of the groups that were met.
    groups: HashSet<u64>,
    /// Where elements are, and of the dataset at which address.
    places: Vec<(ByteRange, u64)>,
}

impl Walk<'_, '_> {
    /// The texts among the attributes of an object.
    fn texts(&mut self, header: &Header) -> Result<BTreeMap<String, ByteRange>, FormatError> {
        let mut texts = BTreeMap::new();
        for message in header.messages.iter().filter(|message| message.kind == kind::ATTRIBUTE) {
            if let Some((name, place)) = attribute::text(&mut self.file, &mut self.heaps, message)?
                && texts.insert(name, place).is_some()
            {
                return Err(FormatError::malformed(message.at, "two attributes have one name"));
            }
        }
        Ok(texts)
    }

    /// Walks all groups from the root on.
    fn groups(&mut self, root: u64, header: &Header) -> Result<(), FormatError> {
        if header.one(kind::ATTRIBUTE_INFO)?.is_some_and(attributes_are_elsewhere) {
            self.contents.note(FindingCode::Cut, "the attributes of the root group are kept in a heap, which is not looked into");
        }
        let links = group::links(&mut self.file, header)?;
        let links = links.ok_or_else(|| FormatError::malformed(root, "the root is no group"))?;
        self.groups.insert(root);
        let mut waiting = Vec::new();
        self.hang(links, "", &mut waiting)?;
        while let Some((path, at)) = waiting.pop() {
            let header = Header::read(&mut self.file, at)?;
            if let Some(links) = group::links(&mut self.file, &header)? {
                if !self.groups.insert(at) {
                    return Err(FormatError::malformed(at, format!("group {path:?} hangs in several places, or in itself")));
                }
                self.hang(links, &path, &mut waiting)?;
            } else if let Some(layout) = header.one(kind::LAYOUT)? {
                self.dataset(&path, at, &header, layout)?;
            }
        }
        Ok(())
    }

    /// Puts what hangs in a group on the list of what is still to be walked.
    fn hang(&mut self, links: Vec<Link>, path: &str, waiting: &mut Vec<(String, u64)>) -> Result<(), FormatError> {
        let mut names = HashSet::new();
        let first = waiting.len();
        for Link { name, target } in links {
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            if path.len() > MAX_PATH_BYTES {
                return Err(FormatError::Limit { what: "bytes of a path", declared: path.len() as u64, limit: MAX_PATH_BYTES as u64 });
            }
            if !names.insert(name) {
                return Err(FormatError::tensor(&path, "two links have this name"));
            }
            match target {
                Target::Object(at) => waiting.push((path, at)),
                Target::Soft(to) => self.contents.note(FindingCode::Stray, format!("{path:?} is a link to {to:?}; it is not followed")),
                Target::External(to) => self.contents.note(FindingCode::Outside, format!("{path:?} is a link to {to}; it is not followed")),
            }
        }
        // The last is taken first.
        waiting.get_mut(first..).unwrap_or_default().reverse();
        Ok(())
    }

    fn dataset(&mut self, path: &str, at: u64, header: &Header, layout: &Message) -> Result<(), FormatError> {
        let missing = || FormatError::tensor(path, "a dataset without shape or type");
        if header.one(kind::EXTERNAL_FILES)?.is_some() {
            self.contents.note(FindingCode::Outside, format!("the elements of {path:?} are in other files"));
            return Ok(());
        }
        let shape = types::shape(header.one(kind::DATASPACE)?.ok_or_else(missing)?.own("a shape")?)?;
        let Some(shape) = shape else { return Ok(()) };
        let element = types::element(&mut header.one(kind::DATATYPE)?.ok_or_else(missing)?.own("a type")?)?;
        let Some((token, size, endian)) = self.number(path, header, &element)? else { return Ok(()) };
        let count = elements(&shape.dims);
        let length = count.and_then(|count| count.checked_mul(size));
        let (Some(count), Some(length)) = (count, length) else { return Err(FormatError::tensor(path, "its size passes 64 bits")) };
        let pieces = match layout::layout(layout.own("a data layout")?, shape.dims.len())? {
            Layout::Virtual => {
                self.contents.note(FindingCode::Outside, format!("the elements of {path:?} are in datasets of other files"));
                return Ok(());
            }
            Layout::Run(None) if length == 0 => Pieces::Range(ByteRange::default()),
            Layout::Run(None) => return Err(unwritten(path)),
            Layout::Run(Some(place)) if place.len == length => Pieces::Range(self.file.inside(place, "a dataset")?),
            Layout::Run(Some(place)) => {
                return Err(FormatError::tensor(path, format!("{} bytes stored, {length} needed by shape and type", place.len)));
            }
            Layout::Chunks(chunked) => {
                let filters = header.one(kind::FILTERS)?.map(|message| filters::pipeline(message.own("filters")?)).transpose()?;
                let filters = filters.unwrap_or_default();
                let pieces = chunks::pieces(&mut self.file, &chunked, &shape, &filters, size)?;
                let mut needed = shape.dims.iter().zip(&chunked.extent).map(|(dim, extent)| dim.div_ceil(*extent));
                let needed = needed.try_fold(1_u64, |product, count| product.checked_mul(count));
                match needed {
                    Some(needed) if needed == pieces.len() as u64 => Pieces::Grid(pieces),
                    Some(needed) if needed < pieces.len() as u64 => return Err(FormatError::tensor(path, "a chunk is stored twice")),
                    _ => return Err(unwritten(path)),
                }
            }
        };
        match &pieces {
            Pieces::Grid(pieces) => self.places.extend(pieces.iter().map(|piece| (piece.place, at))),
            Pieces::Range(place) => self.places.push((*place, at)),
            _ => {}
        }
        let source = Source { file: None, endian, pieces };
        self.contents.tensors.push(Tensor { name: path.to_owned(), dtype: token.to_owned(), shape: shape.dims, elements: count, source });
        Ok(())
    }

    /// Returns token, size and order of bytes of elements that are numbers; others are noted.
    fn number(&mut self, path: &str, header: &Header, element: &Element) -> Result<Option<(&'static str, u64, Endian)>, FormatError> {
        let what = match element {
            Element::Number { token, bytes, endian } => return Ok(Some((token, *bytes, *endian))),
            Element::Opaque(size) => {
                // Keras keeps types that HDF5 does not have as bytes, with the name of the type in an attribute.
                let texts = self.texts(header)?;
                let said = texts.get("dtype").map(|place| self.file.text(*place, MAX_TYPE_BYTES)).transpose()?;
                let token = match (said.as_deref(), size) {
                    (Some("bfloat16"), 2) => Some("BF16"),
                    (Some("float8_e4m3fn"), 1) => Some("F8_E4M3"),
                    (Some("float8_e5m2"), 1) => Some("F8_E5M2"),
                    _ => None,
                };
                if let Some(token) = token {
                    return Ok(Some((token, *size, Endian::Little)));
                }
                "bytes of an unknown type"
            }
            Element::Text(_) | Element::LongText => "texts",
            Element::Other(what) => what,
        };
        self.contents.note(FindingCode::Stray, format!("{path:?} holds {what}, not numbers"));
        Ok(None)
    }

    /// Makes sure that no two datasets share bytes; one dataset may have two names.
    fn apart(&mut self) -> Result<(), FormatError> {
        self.places.retain(|(place, _)| place.len > 0);
        self.places.sort_unstable_by_key(|(place, at)| (place.offset, place.len, *at));
        self.places.dedup();
        for ((place, _), (after, at)) in self.places.iter().zip(self.places.iter().skip(1)) {
            if place.end().is_none_or(|end| end > after.offset) {
                return Err(FormatError::malformed(after.offset, format!("the dataset at byte {at} shares these bytes with another")));
            }
        }
        Ok(())
    }
}

fn unwritten(path: &str) -> FormatError {
    FormatError::Unsupported(format!("dataset {path:?} of an HDF5 file, parts of which were never written"))
}

/// Tells whether an attribute info message gives the address of a heap.
fn attributes_are_elsewhere(message: &Message) -> bool {
    let mut fields = message.fields("an attribute info message");
    let address = |fields: &mut fields::Fields<'_>| {
        fields.u8()?;
        let flags = fields.u8()?;
        fields.take(if flags & 1 == 0 { 0 } else { 2 })?;
        fields.u64()
    };
    address(&mut fields).is_ok_and(|address| address != fields::UNDEFINED)
}
