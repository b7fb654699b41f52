//! Dataspaces and datatypes: the shape of a dataset and what its elements are.

use super::fields::Fields;
use crate::{Endian, FormatError};

/// As in the library.
const MAX_RANK: u8 = 32;

/// The shape of a dataset.
pub(super) struct Shape {
    pub(super) dims: Vec<u64>,
    /// What the dimensions may grow to; the same as `dims` unless the file says otherwise.
    pub(super) most: Vec<u64>,
}

/// What the elements of a dataset are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Number {
        token: &'static str,
        bytes: u64,
        endian: Endian,
    },
    /// Bytes without a meaning; an attribute may say more.
    Opaque(u64),
    /// A text of so many bytes.
    Text(u64),
    /// A text of any length, kept in a global heap.
    LongText,
    /// Something that is no tensor, in words.
    Other(&'static str),
}

/// Reads a dataspace message; `None` for one that holds nothing.
pub(super) fn shape(mut fields: Fields<'_>) -> Result<Option<Shape>, FormatError> {
    let version = fields.u8()?;
    let (rank, flags) = (fields.u8()?, fields.u8()?);
    match version {
        1 => drop(fields.take(5)?),
        2 if fields.u8()? == 2 => return Ok(None),
        2 => {}
        other => return Err(FormatError::Unsupported(format!("version {other} of a dataspace"))),
    }
    if rank > MAX_RANK {
        return Err(FormatError::Limit { what: "dimensions", declared: rank.into(), limit: MAX_RANK.into() });
    }
    let dims = (0..rank).map(|_| fields.u64()).collect::<Result<Vec<_>, _>>()?;
    let most = if flags & 1 == 0 { dims.clone() } else { (0..rank).map(|_| fields.u64()).collect::<Result<_, _>>()? };
    Ok(Some(Shape { dims, most }))
}

/// Reads a datatype message.
pub(super) fn element(fields: &mut Fields<'_>) -> Result<Element, FormatError> {
    let kind = fields.u8()?;
    let bits = fields.number(3)?;
    let size = u64::from(fields.u32()?);
    let (class, version) = (kind & 15, kind >> 4);
    match class {
        0 => integer(fields, bits, size),
        1 => float(fields, bits, size),
        3 => Ok(Element::Text(size)),
        5 => Ok(Element::Opaque(size)),
        6 => complex(fields, version, bits, size),
        8 => enumeration(fields, version, bits),
        9 if bits & 15 == 1 => Ok(Element::LongText),
        2 => Ok(Element::Other("times")),
        4 => Ok(Element::Other("bit fields")),
        7 => Ok(Element::Other("references")),
        9 => Ok(Element::Other("lists")),
        10 => Ok(Element::Other("arrays")),
        _ => Err(fields.fault(&format!("unknown class {class}"))),
    }
}

const fn endian(bits: u64) -> Endian {
    if bits & 1 == 0 { Endian::Little } else { Endian::Big }
}

fn integer(fields: &mut Fields<'_>, bits: u64, size: u64) -> Result<Element, FormatError> {
    let (offset, precision) = (fields.u16()?, fields.u16()?);
    let token = match (size, bits & 8 != 0) {
        (1, true) => "I8",
        (2, true) => "I16",
        (4, true) => "I32",
        (8, true) => "I64",
        (1, false) => "U8",
        (2, false) => "U16",
        (4, false) => "U32",
        (8, false) => "U64",
        _ => return Ok(Element::Other("integers of an odd length")),
    };
    if offset != 0 || u64::from(precision) != size * 8 {
        return Ok(Element::Other("integers that do not fill their bytes"));
    }
    Ok(Element::Number { token, bytes: size, endian: endian(bits) })
}

fn float(fields: &mut Fields<'_>, bits: u64, size: u64) -> Result<Element, FormatError> {
    let (offset, precision) = (fields.u16()?, fields.u16()?);
    let layout = [fields.u8()?, fields.u8()?, fields.u8()?, fields.u8()?];
    let bias = fields.u32()?;
    let sign = bits >> 8 & 0xff;
    // Exponent: place and length, mantissa: place and length; bias; place of the sign.
    let token = match (size, layout, bias, sign) {
        (2, [10, 5, 0, 10], 15, 15) => "F16",
        (2, [7, 8, 0, 7], 127, 15) => "BF16",
        (4, [23, 8, 0, 23], 127, 31) => "F32",
        (8, [52, 11, 0, 52], 1023, 63) => "F64",
        _ => return Ok(Element::Other("floats of an unknown layout")),
    };
    // VAX floats swap words; the mantissa has its leading one implied in all of these.
    if offset != 0 || u64::from(precision) != size * 8 || bits & 0x40 != 0 || bits >> 4 & 3 != 2 {
        return Ok(Element::Other("floats of an unknown layout"));
    }
    Ok(Element::Number { token, bytes: size, endian: endian(bits) })
}

/// A compound of two equal floats `r` and `i`, as h5py keeps complex numbers. Compounds of other things are no tensors.
fn complex(fields: &mut Fields<'_>, version: u8, bits: u64, size: u64) -> Result<Element, FormatError> {
    let mut parts = Vec::new();
    if bits & 0xffff != 2 || !matches!(version, 1 | 3..=5) {
        return Ok(Element::Other("compounds"));
    }
    for name in [b"r", b"i"] {
        if fields.text()? != name {
            return Ok(Element::Other("compounds"));
        }
        let offset = if version == 1 {
            // Names are padded to eight bytes; rank, permutation and dimensions of a member follow its offset.
            fields.take(6)?;
            let offset = u64::from(fields.u32()?);
            fields.take(28)?;
            offset
        } else {
            fields.number(if size < 256 { 1 } else { 2 })?
        };
        parts.push((offset, element(fields)?));
    }
    let token = match parts.as_slice() {
        [(0, Element::Number { token: "F32", endian, .. }), (4, second)] if size == 8 => ("C64", *endian, second),
        [(0, Element::Number { token: "F64", endian, .. }), (8, second)] if size == 16 => ("C128", *endian, second),
        _ => return Ok(Element::Other("compounds")),
    };
    let same = parts.first().is_some_and(|(_, first)| first == token.2);
    Ok(if same { Element::Number { token: token.0, bytes: size, endian: token.1 } } else { Element::Other("compounds") })
}

/// An enumeration of `FALSE` and `TRUE`, as h5py keeps truth values; any other is what its numbers are.
fn enumeration(fields: &mut Fields<'_>, version: u8, bits: u64) -> Result<Element, FormatError> {
    let base = element(fields)?;
    let Element::Number { bytes: 1, endian, .. } = base else { return Ok(base) };
    if bits & 0xffff != 2 {
        return Ok(base);
    }
    for name in [&b"FALSE"[..], b"TRUE"] {
        if fields.text()? != name {
            return Ok(base);
        }
        let padding = if version < 3 { 8 - (name.len() + 1) % 8 } else { 0 };
        fields.take(padding % 8)?;
    }
    let truth = fields.take(2)? == [0, 1];
    Ok(if truth { Element::Number { token: "BOOL", bytes: 1, endian } } else { base })
}
