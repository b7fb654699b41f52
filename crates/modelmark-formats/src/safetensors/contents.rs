//! safetensors behind the common seam.

use super::{HeaderError, MAX_HEADER_BYTES, read_header};
use crate::contents::Contents;
use crate::cursor::Cursor;
use crate::read::Format;
use crate::{ByteRange, FormatError, ReadAt, Tensor};

pub(crate) const FORMAT: Format = Format { token: "safetensors", extensions: &["safetensors"], recognises, read: |file, _| read(file) };

/// There is no magic number: a plausible header length, then the start of an object.
fn recognises(opening: &[u8]) -> bool {
    let length = opening.first_chunk().map(|length| u64::from_le_bytes(*length));
    length.is_some_and(|length| (2..=MAX_HEADER_BYTES).contains(&length)) && opening.get(8) == Some(&b'{')
}

fn read(file: &dyn ReadAt) -> Result<Contents, FormatError> {
    let mut cursor = Cursor::new(file)?;
    let size = cursor.left();
    let header = read_header(&mut cursor, size).map_err(|error| match error {
        HeaderError::Read(error) => FormatError::Read(error),
        error => FormatError::Safetensors(error),
    })?;
    let mut contents = Contents::of(FORMAT.token);
    for (key, value) in header.metadata() {
        contents.describe(key, value);
    }
    for tensor in header.tensors() {
        let range = tensor.range();
        // The reader has checked that the sum stays inside the file.
        let place = ByteRange { offset: header.data_start().saturating_add(range.start), len: range.end - range.start };
        let shape = tensor.shape().to_vec();
        contents.tensors.push(Tensor::plain(tensor.name(), tensor.dtype().token(), shape, tensor.elements(), place));
    }
    Ok(contents)
}
