//! Attributes that are texts: where each stands in the file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::fields::Fields;
use super::file::File;
use super::types::{self, Element};
use crate::{ByteRange, FormatError};

/// The heaps of long texts that were read so far: the places of their objects by number.
#[derive(Default)]
pub(super) struct Heaps(HashMap<u64, HashMap<u64, ByteRange>>);

/// Returns name and place of an attribute that is one text; `None` for others.
pub(super) fn text(file: &mut File<'_>, heaps: &mut Heaps, mut fields: Fields<'_>) -> Result<Option<(String, ByteRange)>, FormatError> {
    let at = fields.at();
    let version = fields.u8()?;
    let flags = fields.u8()?;
    let (name, datatype, dataspace) = (fields.u16()?, fields.u16()?, fields.u16()?);
    if !(1..=3).contains(&version) {
        return Err(FormatError::Unsupported(format!("version {version} of an attribute")));
    }
    fields.take(if version == 3 { 1 } else { 0 })?;
    let padded = |length: u16| if version == 1 { usize::from(length).next_multiple_of(8) } else { length.into() };
    let name = fields.take(padded(name))?;
    let mut datatype = Fields::new(fields.take(padded(datatype))?, at, "the type of an attribute");
    let dataspace = Fields::new(fields.take(padded(dataspace))?, at, "the shape of an attribute");
    if version > 1 && flags & 3 != 0 {
        return Ok(None);
    }
    let name = String::from_utf8_lossy(name.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
    let single = types::shape(dataspace)?.is_some_and(|shape| shape.dims.iter().all(|dim| *dim == 1));
    let place = match types::element(&mut datatype)? {
        Element::Text(length) if single => {
            let at = fields.at();
            let text = fields.take(usize::try_from(length).unwrap_or(usize::MAX))?;
            let length = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            ByteRange { offset: at, len: length as u64 }
        }
        Element::LongText if single => {
            let length = u64::from(fields.u32()?);
            let (heap, number) = (fields.u64()?, u64::from(fields.u32()?));
            let place = heaps.object(file, heap, number)?;
            if length > place.len {
                return Err(fields.fault("a text is longer than its place in the heap"));
            }
            ByteRange { len: length, ..place }
        }
        _ => return Ok(None),
    };
    Ok(Some((name, place)))
}

impl Heaps {
    fn object(&mut self, file: &mut File<'_>, at: u64, number: u64) -> Result<ByteRange, FormatError> {
        if number == 0 {
            return Ok(ByteRange::default());
        }
        let heap = match self.0.entry(at) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(heap(file, at)?),
        };
        heap.get(&number).copied().ok_or_else(|| FormatError::malformed(at, format!("a global heap has no object {number}")))
    }
}

/// Reads where the objects of a global heap are.
fn heap(file: &mut File<'_>, at: u64) -> Result<HashMap<u64, ByteRange>, FormatError> {
    const WHAT: &str = "a global heap";
    let head = file.take(at, 16, WHAT)?;
    let mut fields = Fields::new(&head, at, WHAT);
    fields.expect(b"GCOL")?;
    fields.version(1)?;
    fields.take(3)?;
    let length = fields.u64()?;
    let body = file.take(at.saturating_add(16), length.saturating_sub(16), WHAT)?;
    let mut fields = Fields::new(&body, at.saturating_add(16), WHAT);
    let mut objects = HashMap::new();
    while fields.left() >= 16 {
        let number = u64::from(fields.u16()?);
        fields.take(6)?;
        let length = fields.u64()?;
        if number == 0 {
            break;
        }
        let place = ByteRange { offset: fields.at(), len: length };
        fields.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        // The padding of the last object may be missing.
        let padding = usize::try_from(length.wrapping_neg() % 8).unwrap_or(0);
        fields.take(padding.min(fields.left()))?;
        if objects.insert(number, place).is_some() {
            return Err(fields.fault("two objects have one number"));
        }
    }
    Ok(objects)
}
