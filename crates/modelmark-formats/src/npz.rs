//! NPZ, the archives of NumPy: one `.npy` array per member, stored or compressed.
//!
//! Arrays of Python objects hold a pickle; they are reported as carrying code and never looked into. Of a compressed member only the header is
//! inflated here: that the rest inflates to the declared length shows when the tensor streams.

use std::io;

use flate2::read::DeflateDecoder;

use crate::contents::{Contents, FindingCode, elements};
use crate::cursor::Cursor;
use crate::npy::{self, Elements, NpyError};
use crate::read::Format;
use crate::zip::{Member, Method, members};
use crate::{ByteRange, FormatError, Pieces, ReadAt, Source, Tensor, column_major};

pub(crate) const FORMAT: Format = Format { token: "npz", extensions: &["npz"], recognises, read: |file, _| read(file) };

/// An archive whose first member is an array: other formats are archives too.
fn recognises(opening: &[u8]) -> bool {
    let name_length = opening.get(26..28).and_then(|length| length.try_into().ok()).map_or(0, u16::from_le_bytes);
    let name = opening.get(30..).and_then(|rest| rest.get(..usize::from(name_length)));
    opening.starts_with(b"PK\x03\x04") && name.is_some_and(|name| name.ends_with(b".npy"))
}

fn read(file: &dyn ReadAt) -> Result<Contents, FormatError> {
    let mut contents = Contents::of(FORMAT.token);
    for member in members(file)? {
        match member.name.strip_suffix(".npy") {
            Some(name) => array(file, &member, name, &mut contents)?,
            None => contents.note(FindingCode::Stray, format!("member {:?} is no array", member.name)),
        }
    }
    Ok(contents)
}

fn array(file: &dyn ReadAt, member: &Member, name: &str, contents: &mut Contents) -> Result<(), FormatError> {
    let header = header(file, member).map_err(|error| match error {
        NpyError::Malformed(fault) => FormatError::tensor(name, fault),
        NpyError::Read(error)
            if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) =>
        {
            FormatError::tensor(name, format!("its header cannot be read from the archive: {error}"))
        }
        NpyError::Read(error) => FormatError::Read(error),
    })?;
    let (dtype, bytes, endian) = match header.elements {
        Elements::Plain { dtype, bytes, endian } => (dtype, bytes, endian),
        Elements::Object => {
            contents.note(FindingCode::CodeBearing, format!("array {name:?} holds pickled Python objects"));
            return Ok(());
        }
        Elements::Structured => {
            contents.note(FindingCode::Stray, format!("array {name:?} is a table of records, not a tensor"));
            return Ok(());
        }
    };
    let count = elements(&header.shape);
    let needed = count.and_then(|count| count.checked_mul(bytes)).and_then(|data| data.checked_add(header.length));
    let (Some(count), true) = (count, needed == Some(member.size)) else {
        let needed = needed.map_or_else(|| "more than 64 bits".to_owned(), |needed| needed.to_string());
        return Err(FormatError::tensor(name, format!("{} bytes declared, {needed} needed by shape and type", member.size)));
    };
    let inflated = member.size - header.length;
    let strides = column_major(&header.shape).filter(|_| header.column_major);
    let pieces = match (member.method, strides) {
        (Method::Stored, strides) => {
            let place = ByteRange { offset: member.place.offset + header.length, len: inflated };
            strides.map_or(Pieces::Range(place), |strides| Pieces::view(place, &header.shape, strides))
        }
        (Method::Deflated, strides) => {
            let strides = strides.filter(|strides| !matches!(Pieces::view(member.place, &header.shape, strides.clone()), Pieces::Range(_)));
            Pieces::Deflated { place: member.place, skip: header.length, inflated, strides }
        }
    };
    let source = Source { file: None, endian, pieces };
    contents.tensors.push(Tensor { name: name.to_owned(), dtype, shape: header.shape, elements: count, source });
    Ok(())
}

fn header(file: &dyn ReadAt, member: &Member) -> Result<npy::Header, NpyError> {
    let mut data = Cursor::within(file, member.place.offset, member.place.offset + member.place.len);
    match member.method {
        Method::Stored => npy::read_header(&mut data),
        Method::Deflated => npy::read_header(&mut DeflateDecoder::new(data)),
    }
}
