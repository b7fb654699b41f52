//! Checkpoints: an index that says of each tensor in which data file beside it, and where there, its bytes are.
//!
//! Of strict mind where two readers could differ: one entry for each name, tensors do not overlap, sizes are those of shape and type, and a partitioned
//! tensor has all of its slices and no slice is left over. Source: `tensorflow/core/protobuf/tensor_bundle.proto` and
//! `tensorflow/core/util/tensor_bundle/tensor_bundle.cc`.

use std::collections::HashMap;

use super::element::Element;
use super::slices::{self, Extent};
use super::{table, tensor};
use crate::contents::{Contents, FindingCode};
use crate::protobuf::{Field, Message, Wire};
use crate::read::Format;
use crate::{ByteRange, Endian, FormatError, Piece, Pieces, ReadAt, Source, Sum, Tensor};

pub(crate) const FORMAT: Format = Format { token: "tensorflow-checkpoint", extensions: &["index"], recognises: |_| false, read };

/// Shards are counted in five digits.
const MAX_SHARDS: u64 = 99_999;
/// Most slices of a tensor.
const MAX_SLICES: usize = 4096;
const MAX_NAME_BYTES: usize = 4096;
/// Version of the format that is read.
const VERSION: u64 = 1;
/// How the objects of the program that wrote the checkpoint hang together: no weights.
const OBJECT_GRAPH: &str = "_CHECKPOINTABLE_OBJECT_GRAPH";

/// What the index says of all tensors.
#[derive(Clone, Copy)]
struct Header {
    shards: u64,
    endian: Endian,
}

/// What the index says of one tensor or slice.
#[derive(Default)]
struct Entry {
    dtype: u64,
    shape: Vec<u64>,
    shard: u64,
    place: ByteRange,
    /// Checksum of the bytes as they stand in the data file, masked; one that is not stated is zero, as TensorFlow takes it.
    crc32c: u32,
    slices: Vec<Vec<Extent>>,
}

impl Entry {
    const fn sum(&self) -> Sum {
        Sum { place: self.place, crc32c: table::unmasked(self.crc32c) }
    }
}

fn read(file: &dyn ReadAt, name: &str) -> Result<Contents, FormatError> {
    let mut reader = Reader { header: None, whole: Vec::new(), slices: HashMap::new(), contents: Contents::of(FORMAT.token) };
    table::read(file, &mut |key, at, value| reader.pair(key, at, value))?;
    let Some(header) = reader.header else { return Err(FormatError::malformed(0, "the index has no header")) };
    reader.contents.describe("tensorflow.shards", &header.shards.to_string());
    reader.tensors(header, stem(name))
}

/// The name of the index without directories and extension; its data files start with it.
fn stem(name: &str) -> &str {
    let file = name.rsplit_once('/').map_or(name, |(_, file)| file);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

struct Reader {
    header: Option<Header>,
    whole: Vec<(String, Entry)>,
    slices: HashMap<Vec<u8>, Entry>,
    contents: Contents,
}

impl Reader {
    fn pair(&mut self, key: &[u8], at: u64, value: &[u8]) -> Result<(), FormatError> {
        if key.is_empty() {
            if self.header.is_some() {
                return Err(FormatError::malformed(at, "two headers"));
            }
            self.header = Some(header(value, &mut self.contents)?);
            return Ok(());
        }
        if slices::is_slice(key) {
            let entry = entry(value).map_err(|error| FormatError::malformed(at, format!("the entry of a slice: {error}")))?;
            self.slices.insert(key.to_vec(), entry);
            return Ok(());
        }
        let name = str::from_utf8(key).ok().filter(|name| name.len() <= MAX_NAME_BYTES && !name.chars().any(char::is_control));
        let name =
            name.ok_or_else(|| FormatError::malformed(at, "the name of a tensor is too long, not UTF-8, or has control characters"))?;
        let entry = entry(value).map_err(|error| FormatError::tensor(name, format!("its entry: {error}")))?;
        self.whole.push((name.to_owned(), entry));
        Ok(())
    }

    /// Puts slices together and gives every tensor its place.
    fn tensors(mut self, header: Header, stem: &str) -> Result<Contents, FormatError> {
        let mut places = Vec::new();
        for (name, entry) in std::mem::take(&mut self.whole) {
            let Some((dtype, bytes)) = self.number(&name, entry.dtype)? else { continue };
            let (elements, length) = tensor::measure(&name, &entry.shape, bytes)?;
            let (shard, pieces) = if entry.slices.is_empty() { whole(&name, &entry, length)? } else { self.sliced(&name, &entry, bytes)? };
            if shard >= header.shards {
                return Err(FormatError::tensor(&name, format!("in shard {shard} of {}", header.shards)));
            }
            if let Pieces::Checked { sums, .. } = &pieces {
                places.extend(sums.iter().map(|sum| (shard, sum.place)));
            }
            let file = Some(format!("{stem}.data-{shard:05}-of-{:05}", header.shards));
            let source = Source { file, endian: header.endian, pieces };
            self.contents.tensors.push(Tensor { name, dtype: dtype.to_owned(), shape: entry.shape, elements, source });
        }
        if let Some(left) = self.slices.values().next() {
            return Err(FormatError::malformed(left.place.offset, "a slice belongs to no tensor"));
        }
        apart(places)?;
        Ok(self.contents)
    }

    /// Returns token and size of a type of numbers; tensors of others are noted.
    fn number(&mut self, name: &str, dtype: u64) -> Result<Option<(&'static str, u64)>, FormatError> {
        match Element::from_number(dtype) {
            Some(Element::Number(token, bytes)) => Ok(Some((token, bytes))),
            Some(Element::Other("texts")) if name == OBJECT_GRAPH => Ok(None),
            Some(Element::Other(what)) => {
                self.contents.note(FindingCode::Stray, format!("{name:?} holds {what}, not numbers"));
                Ok(None)
            }
            None => Err(FormatError::tensor(name, format!("unknown type {dtype}"))),
        }
    }

    /// Looks up the slices of a tensor.
    fn sliced(&mut self, name: &str, entry: &Entry, bytes: u64) -> Result<(u64, Pieces), FormatError> {
        let mut pieces = Vec::new();
        let (mut shards, mut sums) = (Vec::new(), Vec::new());
        for extents in &entry.slices {
            if extents.len() != entry.shape.len() {
                return Err(FormatError::tensor(name, "a slice of another rank"));
            }
            let extent: Vec<u64> = extents.iter().zip(&entry.shape).map(|(extent, dim)| extent.length.unwrap_or(*dim)).collect();
            let found = slices::key(name, extents).and_then(|key| self.slices.remove(&key));
            let found = found.ok_or_else(|| FormatError::tensor(name, "a slice is missing, or listed twice"))?;
            let (_, length) = tensor::measure(name, &extent, bytes)?;
            if found.dtype != entry.dtype || found.shape != extent || found.place.len != length || !found.slices.is_empty() {
                return Err(FormatError::tensor(name, "a slice differs from what the tensor says of it"));
            }
            shards.push(found.shard);
            sums.push(found.sum());
            pieces.push(Piece {
                place: found.place,
                origin: extents.iter().map(|extent| extent.start).collect(),
                extent,
                filters: Vec::new(),
            });
        }
        match shards.first() {
            Some(first) if shards.iter().all(|shard| shard == first) => {
                Ok((*first, Pieces::Checked { pieces: Box::new(Pieces::Grid(pieces)), sums }))
            }
            _ => Err(FormatError::Unsupported(format!(
                "slices of tensor {name:?} in several data files; save the checkpoint again in one piece"
            ))),
        }
    }
}

fn whole(name: &str, entry: &Entry, length: u64) -> Result<(u64, Pieces), FormatError> {
    if entry.place.len != length {
        return Err(FormatError::tensor(name, format!("{} bytes declared, {length} needed by shape and type", entry.place.len)));
    }
    Ok((entry.shard, Pieces::Checked { pieces: Box::new(Pieces::Range(entry.place)), sums: vec![entry.sum()] }))
}

/// Makes sure that no two tensors share bytes.
fn apart(mut places: Vec<(u64, ByteRange)>) -> Result<(), FormatError> {
    places.retain(|(_, place)| place.len > 0);
    places.sort_unstable_by_key(|(shard, place)| (*shard, place.offset));
    for ((shard, place), (next, after)) in places.iter().zip(places.iter().skip(1)) {
        if shard == next && place.end().is_none_or(|end| end > after.offset) {
            return Err(FormatError::malformed(after.offset, format!("two tensors share these bytes of shard {shard}")));
        }
    }
    Ok(())
}

fn header(value: &[u8], contents: &mut Contents) -> Result<Header, FormatError> {
    let mut wire = Wire::new(&value)?;
    let mut message = wire.whole();
    let mut header = Header { shards: 0, endian: Endian::Little };
    while let Some(field) = wire.next(&mut message)? {
        match field.number {
            1 => header.shards = field.number()?,
            2 if field.number()? == 0 => {}
            2 if field.number()? == 1 => header.endian = Endian::Big,
            2 => return Err(FormatError::malformed(field.at, "unknown order of bytes")),
            3 => version(&mut wire, &message, &field, contents)?,
            _ => continue,
        }
        message.once(&field)?;
    }
    if header.shards == 0 || header.shards > MAX_SHARDS {
        return Err(FormatError::Limit { what: "data files", declared: header.shards, limit: MAX_SHARDS });
    }
    Ok(header)
}

fn version(wire: &mut Wire<'_>, outer: &Message, field: &Field, contents: &mut Contents) -> Result<(), FormatError> {
    let mut message = wire.inside(outer, field)?;
    while let Some(field) = wire.next(&mut message)? {
        match field.number {
            1 => contents.describe("tensorflow.checkpointVersion", &field.number()?.to_string()),
            2 if field.number()? > VERSION => {
                return Err(FormatError::Unsupported(format!("a checkpoint for readers of version {}", field.number()?)));
            }
            _ => {}
        }
    }
    Ok(())
}

fn entry(value: &[u8]) -> Result<Entry, FormatError> {
    let mut wire = Wire::new(&value)?;
    let mut message = wire.whole();
    let mut entry = Entry::default();
    while let Some(field) = wire.next(&mut message)? {
        match field.number {
            1 => entry.dtype = field.number()?,
            2 => entry.shape = tensor::shape(&mut wire, &message, &field)?,
            3 => entry.shard = tensor::positive(&field, "the number of a shard")?,
            4 => entry.place.offset = tensor::positive(&field, "an offset")?,
            5 => entry.place.len = tensor::positive(&field, "a size")?,
            6 => entry.crc32c = wire.fixed32(&field, "a checksum")?,
            7 => {
                if entry.slices.len() == MAX_SLICES {
                    return Err(FormatError::Limit { what: "slices", declared: MAX_SLICES as u64 + 1, limit: MAX_SLICES as u64 });
                }
                entry.slices.push(slice(&mut wire, &message, &field)?);
                continue;
            }
            _ => continue,
        }
        message.once(&field)?;
    }
    Ok(entry)
}

fn slice(wire: &mut Wire<'_>, outer: &Message, field: &Field) -> Result<Vec<Extent>, FormatError> {
    let mut message = wire.inside(outer, field)?;
    let mut extents = Vec::new();
    while let Some(field) = wire.next(&mut message)? {
        if field.number == 1 {
            extents.push(extent(wire, &message, &field)?);
        }
    }
    Ok(extents)
}

fn extent(wire: &mut Wire<'_>, outer: &Message, field: &Field) -> Result<Extent, FormatError> {
    let mut message = wire.inside(outer, field)?;
    let mut extent = Extent { start: 0, length: None };
    while let Some(field) = wire.next(&mut message)? {
        match field.number {
            1 => extent.start = tensor::positive(&field, "the start of a slice")?,
            2 => extent.length = Some(tensor::positive(&field, "the length of a slice")?),
            _ => continue,
        }
        message.once(&field)?;
    }
    Ok(extent)
}
