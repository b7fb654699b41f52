//! HDF5, as far as Keras and h5py write it: groups, datasets of numbers, and the texts that describe a model.
//!
//! Own reader, because it has to say where bytes are and must not trust a file: every structure lies in the file and is read about once, so that cycles
//! and things hung up many times end; no group is in itself. Read are superblocks 0 to 3, old and new object headers, symbol tables, compact and dense
//! links, compact, contiguous and chunked layouts with all indexes of chunks, the filters deflate, lzf, shuffle and fletcher32, and what was never written.
//! Links into other files are never followed.
//! Source: the HDF5 File Format Specification, version 3.0.

mod arrays;
mod attribute;
mod checksum;
mod chunks;
mod dense;
mod fields;
mod file;
mod fill;
mod filters;
mod group;
mod header;
mod heap;
mod layout;
mod tree;
mod types;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::contents::{Contents, FindingCode, elements};
use crate::read::Format;
use crate::{ByteRange, Endian, FormatError, Piece, Pieces, ReadAt, Source, Tensor, keras};
use attribute::Heaps;
use dense::{ATTRIBUTES, Dense};
use fields::Fields;
use file::File;
use group::{Link, Target};
use header::{Header, Message, kind};
use layout::Layout;
use types::Element;

pub(crate) const FORMAT: Format =
    Format { token: "hdf5", extensions: &["h5", "hdf5"], recognises: |opening| opening.starts_with(file::MAGIC), read };

/// Longest path of a dataset.
const MAX_PATH_BYTES: usize = 4096;
/// How many times the length of a file its elements that were never written may take, and what is allowed on top for small files.
const MAX_FILL_TIMES: u64 = 4;
const MAX_FILL_BYTES: u64 = 256 << 20;
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
    let fill_left = size.saturating_mul(MAX_FILL_TIMES).saturating_add(MAX_FILL_BYTES);
    let (groups, datasets, places) = (HashSet::new(), HashMap::new(), Vec::new());
    let mut walk = Walk { file, heaps: Heaps::default(), contents, groups, datasets, places, fill_left };
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
    /// Datasets that were read, and which tensor each is, if it is one.
    datasets: HashMap<u64, Option<usize>>,
    /// Where elements are, and of the dataset at which address.
    places: Vec<(ByteRange, u64)>,
    /// Bytes of elements that may still be found never to have been written.
    fill_left: u64,
}

impl Walk<'_, '_> {
    /// The texts among the attributes of an object.
    fn texts(&mut self, header: &Header) -> Result<BTreeMap<String, ByteRange>, FormatError> {
        let mut texts = BTreeMap::new();
        for message in header.messages.iter().filter(|message| message.kind == kind::ATTRIBUTE) {
            self.text(message.own("an attribute")?, &mut texts)?;
        }
        if let Some(info) = header.one(kind::ATTRIBUTE_INFO)?
            && let Some(dense) = Dense::of(info, 2)?
        {
            let mut messages = Vec::new();
            let read = dense.messages(&mut self.file, ATTRIBUTES, &mut |at, bytes| {
                messages.push((at, bytes.to_vec()));
                Ok(())
            });
            match read {
                Err(FormatError::Unsupported(what)) => {
                    self.contents.note(FindingCode::Cut, format!("attributes are not looked into: {what}"))
                }
                other => other?,
            }
            for (at, bytes) in messages {
                self.text(Fields::new(&bytes, at, "an attribute"), &mut texts)?;
            }
        }
        Ok(texts)
    }

    fn text(&mut self, message: Fields<'_>, texts: &mut BTreeMap<String, ByteRange>) -> Result<(), FormatError> {
        if let Some((name, place)) = attribute::text(&mut self.file, &mut self.heaps, message)?
            && texts.insert(name, place).is_some()
        {
            return Err(FormatError::malformed(message.at(), "two attributes have one name"));
        }
        Ok(())
    }

    /// Walks all groups from the root on.
    fn groups(&mut self, root: u64, header: &Header) -> Result<(), FormatError> {
        let links = group::links(&mut self.file, header)?;
        let links = links.ok_or_else(|| FormatError::malformed(root, "the root is no group"))?;
        self.groups.insert(root);
        let mut waiting = Vec::new();
        self.hang(links, "", &mut waiting)?;
        while let Some((path, at)) = waiting.pop() {
            if self.again(&path, at)? {
                continue;
            }
            let header = Header::read(&mut self.file, at)?;
            if let Some(links) = group::links(&mut self.file, &header)? {
                if !self.groups.insert(at) {
                    return Err(FormatError::malformed(at, format!("group {path:?} hangs in several places, or in itself")));
                }
                self.hang(links, &path, &mut waiting)?;
            } else if let Some(layout) = header.one(kind::LAYOUT)? {
                let before = self.contents.tensors.len();
                self.dataset(&path, at, &header, layout)?;
                self.datasets.insert(at, (self.contents.tensors.len() > before).then_some(before));
            }
        }
        Ok(())
    }

    /// Gives a dataset that was read before another name, as tied weights have; tells whether it was.
    fn again(&mut self, path: &str, at: u64) -> Result<bool, FormatError> {
        let Some(known) = self.datasets.get(&at) else { return Ok(false) };
        if let Some(tensor) = known.and_then(|index| self.contents.tensors.get(index)) {
            let pieces = match &tensor.source.pieces {
                Pieces::Grid(pieces) | Pieces::Filled { pieces, .. } => pieces.len(),
                _ => 0,
            };
            // They are listed again, and count again.
            (0..pieces).try_for_each(|_| self.file.chunk())?;
            self.contents.tensors.push(Tensor { name: path.to_owned(), ..tensor.clone() });
        }
        Ok(true)
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
            Layout::Run(None) => self.filled(path, header, Vec::new(), (count, size))?,
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
                    _ => self.filled(path, header, pieces, (count, size))?,
                }
            }
        };
        match &pieces {
            Pieces::Grid(pieces) | Pieces::Filled { pieces, .. } => self.places.extend(pieces.iter().map(|piece| (piece.place, at))),
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

    /// Describes a dataset of so many elements of a size, some of which, or all, were never written.
    fn filled(&mut self, path: &str, header: &Header, pieces: Vec<Piece>, (count, size): (u64, u64)) -> Result<Pieces, FormatError> {
        let value = fill::value(header, size)?;
        let value = value.ok_or_else(|| FormatError::tensor(path, "parts of it were never written, and may be anything"))?;
        let written = pieces.iter().fold(0_u64, |sum, piece| sum.saturating_add(elements(&piece.extent).unwrap_or(u64::MAX)));
        // No more than is worth its time: the file may say that there are exabytes of zeros.
        let bytes = count.saturating_sub(written).saturating_mul(size);
        let left = self.fill_left.checked_sub(bytes);
        self.fill_left =
            left.ok_or(FormatError::Limit { what: "bytes that were never written", declared: bytes, limit: self.fill_left })?;
        Ok(Pieces::Filled { pieces, value })
    }

    /// Makes sure that no two datasets, and no two chunks, share bytes.
    fn apart(&mut self) -> Result<(), FormatError> {
        self.places.retain(|(place, _)| place.len > 0);
        self.places.sort_unstable_by_key(|(place, at)| (place.offset, place.len, *at));
        for ((place, _), (after, at)) in self.places.iter().zip(self.places.iter().skip(1)) {
            if place.end().is_none_or(|end| end > after.offset) {
                return Err(FormatError::malformed(after.offset, format!("the dataset at byte {at} shares these bytes with another")));
            }
        }
        Ok(())
    }
}
