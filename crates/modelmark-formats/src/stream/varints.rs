//! Elements that a protobuf message holds as numbers: packed varints, or a repeated field in any of its encodings. ONNX keeps small types so.

use super::{READ_BYTES, Stop, Stream};
use crate::protobuf::{Numbers, Wire};
use crate::{ByteRange, FormatError, ReadAt};

/// Elements on their way out.
struct Batch {
    /// Bytes of a number.
    word: usize,
    /// Bytes that are still needed.
    left: u64,
    out: Vec<u8>,
}

impl Stream<'_> {
    /// Gives packed varints.
    pub(super) fn varints(&mut self, file: &dyn ReadAt, place: ByteRange) -> Result<(), Stop> {
        let mut batch = self.batch()?;
        Wire::new(file)?.varints(place, &mut |value| batch.number(self, value))?;
        batch.finish(self)
    }

    /// Gives all occurrences of a field of a message.
    pub(super) fn fields(&mut self, file: &dyn ReadAt, message: ByteRange, field: u32, varints: bool) -> Result<(), Stop> {
        let mut batch = self.batch()?;
        let mut wire = Wire::new(file)?;
        let mut message = wire.at(message);
        while let Some(found) = wire.next(&mut message)? {
            if found.number != field {
                continue;
            }
            match varints {
                false => batch.run(self, file, found.fixed(batch.word as u64)?)?,
                true => match found.integers()? {
                    Numbers::Varint(value) => batch.number(self, value)?,
                    Numbers::Run(place) => wire.varints(place, &mut |value| batch.number(self, value))?,
                },
            }
        }
        batch.finish(self)
    }

    fn batch(&mut self) -> Result<Batch, Stop> {
        let word = usize::try_from(self.layout.word).ok().filter(|word| *word <= 8);
        let word = word.ok_or_else(|| self.fault("elements wider than a number of a message"))?;
        // Numbers, whatever their order in a file.
        self.output.reversed = None;
        let out = Vec::with_capacity(usize::try_from(self.length).unwrap_or(READ_BYTES).min(READ_BYTES));
        Ok(Batch { word, left: self.length, out })
    }
}

impl Batch {
    fn number(&mut self, stream: &mut Stream<'_>, value: u64) -> Result<(), Stop> {
        let (low, fits) = value.to_le_bytes().split_at_checked(self.word).map_or(([0; 8], true), |(low, high)| fitted(low, high));
        if !fits {
            return Err(stream.fault(format!("the number {value} is too large for its type")));
        }
        self.take(stream, low.get(..self.word).unwrap_or_default())
    }

    /// Copies a run of whole numbers.
    fn run(&mut self, stream: &mut Stream<'_>, file: &dyn ReadAt, place: ByteRange) -> Result<(), Stop> {
        let mut buffer = vec![0; usize::try_from(place.len).unwrap_or(READ_BYTES).min(READ_BYTES)];
        let (mut at, mut left) = (place.offset, place.len);
        while left > 0 {
            let length = usize::try_from(left).unwrap_or(READ_BYTES).min(READ_BYTES);
            let bytes = buffer.get_mut(..length).unwrap_or_default();
            file.read_exact_at(bytes, at).map_err(FormatError::Read)?;
            self.take(stream, bytes)?;
            at += length as u64;
            left -= length as u64;
        }
        Ok(())
    }

    /// Takes whole numbers, at most [`READ_BYTES`].
    fn take(&mut self, stream: &mut Stream<'_>, bytes: &[u8]) -> Result<(), Stop> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| stream.fault("more numbers than elements"))?;
        if self.out.len() + bytes.len() > READ_BYTES {
            self.give(stream)?;
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn give(&mut self, stream: &mut Stream<'_>) -> Result<(), Stop> {
        if !self.out.is_empty() {
            stream.output.give(&mut self.out)?;
            self.out.clear();
        }
        Ok(())
    }

    fn finish(mut self, stream: &mut Stream<'_>) -> Result<(), Stop> {
        self.give(stream)?;
        if self.left == 0 { Ok(()) } else { Err(stream.fault("fewer numbers than elements")) }
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
