//! What elements are that were never written.

use super::header::{Header, kind};
use crate::FormatError;

/// Returns the bytes of such an element, which takes `size` bytes; `None` when the file says that it is anything.
pub(super) fn value(header: &Header, size: u64) -> Result<Option<Vec<u8>>, FormatError> {
    let zeros = vec![0; usize::try_from(size).unwrap_or(0)];
    let Some(message) = header.one(kind::FILL)? else {
        // Very old files have it in another message, or not at all.
        let Some(message) = header.one(kind::OLD_FILL)? else { return Ok(Some(zeros)) };
        let mut fields = message.own("a fill value")?;
        let length = fields.u32()?;
        return of(fields.take(usize::try_from(length).unwrap_or(usize::MAX))?, zeros).map(Some);
    };
    let mut fields = message.own("a fill value")?;
    let has_value = match fields.u8()? {
        version @ (1 | 2) => {
            fields.take(2)?;
            let defined = fields.u8()?;
            version == 1 || defined != 0
        }
        3 => {
            let flags = fields.u8()?;
            if flags & 0x10 != 0 {
                return Ok(None);
            }
            flags & 0x20 != 0
        }
        other => return Err(FormatError::Unsupported(format!("version {other} of a fill value"))),
    };
    let length = if has_value { fields.u32()? } else { 0 };
    of(fields.take(usize::try_from(length).unwrap_or(usize::MAX))?, zeros).map(Some)
}

/// A value as stored, which may be nothing: then it is zero.
fn of(stored: &[u8], zeros: Vec<u8>) -> Result<Vec<u8>, FormatError> {
    match stored.len() {
        0 => Ok(zeros),
        length if length == zeros.len() => Ok(stored.to_vec()),
        length => Err(FormatError::Unsupported(format!("a fill value of {length} bytes for elements of {}", zeros.len()))),
    }
}
