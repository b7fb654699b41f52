//! Elements that a protobuf holds as packed varints, as ONNX does for small types.

use super::{READ_BYTES, Stop, Stream};
use crate::cursor::Cursor;
use crate::{ByteRange, FormatError, ReadAt};

const WHAT: &str = "a varint";

impl Stream<'_> {
    pub(super) fn varints(&mut self, file: &dyn ReadAt, place: ByteRange) -> Result<(), Stop> {
        let word =
            usize::try_from(self.layout.word).ok().filter(|word| *word <= 8).ok_or_else(|| self.fault("elements wider than a varint"))?;
        let end = place.offset.saturating_add(place.len);
        let mut cursor = Cursor::within(file, place.offset, end);
        let mut out = Vec::with_capacity(usize::try_from(self.length).unwrap_or(READ_BYTES).min(READ_BYTES));
        let mut left = self.length / word as u64;
        while left > 0 {
            let value = varint(&mut cursor)?;
            let (low, high) = value.to_le_bytes().split_at_checked(word).map_or(([0; 8], true), |(low, high)| fitted(low, high));
            if !high {
                return Err(self.fault(format!("the number {value} is too large for its type")));
            }
            out.extend(low.iter().take(word));
            left -= 1;
            if out.len() + word > READ_BYTES || left == 0 {
                // Numbers, whatever their order in a file.
                self.output.reversed = None;
                self.output.give(&mut out)?;
                out.clear();
            }
        }
        if cursor.left() > 0 {
            return Err(self.fault("more numbers than elements"));
        }
        Ok(())
    }
}

/// The low bytes, and whether the high ones only extend the sign or are zero.
fn fitted(low: &[u8], high: &[u8]) -> ([u8; 8], bool) {
    let mut out = [0; 8];
    out.iter_mut().zip(low).for_each(|(to, from)| *to = *from);
    let negative = low.last().is_some_and(|byte| *byte >= 0x80);
    let fits = high.iter().all(|byte| *byte == 0) || (negative && high.iter().all(|byte| *byte == 0xff));
    (out, fits)
}

fn varint(cursor: &mut Cursor<'_>) -> Result<u64, FormatError> {
    let at = cursor.position();
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let [byte] = cursor.array(WHAT)?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            break;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(FormatError::malformed(at, "a varint of more than 64 bits"))
}
