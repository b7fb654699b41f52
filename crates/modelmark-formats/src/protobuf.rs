//! The wire format of protocol buffers, walked in place: no message is built and no bytes of a field are copied.
//!
//! Stricter than the libraries where they repair or merge: a field that may stand once stands once, and a field has the type that its schema gives it.
//! Groups, long deprecated, are refused. Unknown fields are skipped, as they have to be.
//! Source: the encoding page of protobuf.dev.

use crate::cursor::Cursor;
use crate::{ByteRange, FormatError, ReadAt};

/// Most messages inside each other, as in the libraries.
const MAX_DEPTH: u32 = 100;
/// Field numbers take 29 bits.
const MAX_NUMBER: u64 = (1 << 29) - 1;

/// A file of messages.
pub(crate) struct Wire<'f> {
    cursor: Cursor<'f>,
}

/// A message that is being walked. Walking another one meanwhile does not disturb it.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    at: u64,
    end: u64,
    depth: u32,
    // Fields that were taken with `Message::once`, by number.
    seen: u64,
}

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Where its tag starts.
    pub(crate) at: u64,
    pub(crate) number: u32,
    value: Value,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Varint(u64),
    /// Four or eight bytes.
    Fixed(ByteRange),
    Bytes(ByteRange),
}

/// How the elements of a repeated field of numbers stand in one occurrence of the field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numbers {
    /// One varint.
    Varint(u64),
    /// A run of elements, packed or a single fixed one.
    Run(ByteRange),
}

impl<'f> Wire<'f> {
    pub(crate) fn new(file: &'f dyn ReadAt) -> Result<Self, FormatError> {
        Cursor::new(file).map(|cursor| Self { cursor })
    }

    /// The message that the whole file is.
    pub(crate) const fn whole(&self) -> Message {
        Message { at: 0, end: self.cursor.left() + self.cursor.position(), depth: 0, seen: 0 }
    }

    /// The message whose fields stand at `place`, which lies inside the file.
    #[expect(clippy::unused_self, reason = "a message is of one file")]
    pub(crate) const fn at(&self, place: ByteRange) -> Message {
        Message { at: place.offset, end: place.offset.saturating_add(place.len), depth: 0, seen: 0 }
    }

    /// The message that is the value of a field of `outer`.
    pub(crate) fn inside(&self, outer: &Message, field: &Field) -> Result<Message, FormatError> {
        let place = field.bytes()?;
        if outer.depth >= MAX_DEPTH {
            return Err(FormatError::malformed(field.at, format!("more than {MAX_DEPTH} messages inside each other")));
        }
        Ok(Message { at: place.offset, end: place.offset + place.len, depth: outer.depth + 1, seen: 0 })
    }

    /// Takes the next field; `None` at the end of the message.
    pub(crate) fn next(&mut self, message: &mut Message) -> Result<Option<Field>, FormatError> {
        if message.at >= message.end {
            return Ok(None);
        }
        let at = message.at;
        self.cursor.go_to(at);
        let tag = self.varint(message.end)?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| *number > 0 && u64::from(*number) <= MAX_NUMBER);
        let number = number.ok_or_else(|| FormatError::malformed(at, format!("field number {}", tag >> 3)))?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint(message.end)?),
            1 => Value::Fixed(self.run(8, message.end)?),
            2 => {
                let len = self.varint(message.end)?;
                Value::Bytes(self.run(len, message.end)?)
            }
            5 => Value::Fixed(self.run(4, message.end)?),
            3 | 4 => return Err(FormatError::Unsupported(format!("a group of protocol buffers (field {number} at byte {at})"))),
            kind => return Err(FormatError::malformed(at, format!("wire type {kind} of field {number}"))),
        };
        message.at = self.cursor.position();
        Ok(Some(Field { at, number, value }))
    }

    /// Takes a number of four bytes.
    pub(crate) fn fixed32(&mut self, field: &Field, what: &'static str) -> Result<u32, FormatError> {
        match field.value {
            Value::Fixed(place) if place.len == 4 => {
                self.cursor.go_to(place.offset);
                self.cursor.u32(what)
            }
            _ => Err(field.mistyped()),
        }
    }

    /// Returns the text of a field that is a name: at most `limit` bytes, no control characters.
    pub(crate) fn name(&mut self, field: &Field, limit: u64, what: &'static str) -> Result<String, FormatError> {
        let place = field.bytes()?;
        self.cursor.go_to(place.offset);
        self.cursor.name(place.len, limit, what)
    }

    /// Returns the start of a field's text, as much as is kept for people.
    pub(crate) fn text(&mut self, field: &Field, what: &'static str) -> Result<String, FormatError> {
        let place = field.bytes()?;
        self.cursor.go_to(place.offset);
        self.cursor.text(place.len, what)
    }

    /// Hands the varints of a packed field to `each`.
    pub(crate) fn varints<E: From<FormatError>>(&mut self, place: ByteRange, each: &mut dyn FnMut(u64) -> Result<(), E>) -> Result<(), E> {
        let end = place.offset.saturating_add(place.len);
        let mut at = place.offset;
        while at < end {
            self.cursor.go_to(at);
            each(self.varint(end)?)?;
            at = self.cursor.position();
        }
        Ok(())
    }

    /// A number of at most ten bytes that ends before `end`.
    fn varint(&mut self, end: u64) -> Result<u64, FormatError> {
        const WHAT: &str = "a varint";
        let at = self.cursor.position();
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            if self.cursor.position() >= end {
                return Err(FormatError::Ends { what: WHAT, at });
            }
            let [byte] = self.cursor.array(WHAT)?;
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(FormatError::malformed(at, "a varint of more than 64 bits"))
    }

    fn run(&mut self, len: u64, end: u64) -> Result<ByteRange, FormatError> {
        let offset = self.cursor.position();
        let limit = end.saturating_sub(offset);
        if len > limit {
            return Err(FormatError::Limit { what: "bytes of a field", declared: len, limit });
        }
        self.cursor.skip(len, "a field")?;
        Ok(ByteRange { offset, len })
    }
}

impl Message {
    /// Makes sure that a field that may stand once does.
    pub(crate) fn once(&mut self, field: &Field) -> Result<(), FormatError> {
        let bit = 1_u64.checked_shl(field.number).unwrap_or(0);
        if self.seen & bit != 0 {
            return Err(FormatError::malformed(field.at, format!("field {} stands twice in one message", field.number)));
        }
        self.seen |= bit;
        Ok(())
    }
}

impl Field {
    /// The value as a number.
    pub(crate) fn number(&self) -> Result<u64, FormatError> {
        match self.value {
            Value::Varint(number) => Ok(number),
            _ => Err(self.mistyped()),
        }
    }

    /// The place of the value, which is bytes, text or a message.
    pub(crate) fn bytes(&self) -> Result<ByteRange, FormatError> {
        match self.value {
            Value::Bytes(place) => Ok(place),
            _ => Err(self.mistyped()),
        }
    }

    /// The value as a part of a repeated field of varints.
    pub(crate) fn integers(&self) -> Result<Numbers, FormatError> {
        match self.value {
            Value::Varint(number) => Ok(Numbers::Varint(number)),
            Value::Bytes(place) => Ok(Numbers::Run(place)),
            Value::Fixed(_) => Err(self.mistyped()),
        }
    }

    /// The value as a part of a repeated field of numbers of `width` bytes each.
    pub(crate) fn fixed(&self, width: u64) -> Result<ByteRange, FormatError> {
        match self.value {
            Value::Fixed(place) if place.len == width => Ok(place),
            Value::Bytes(place) if place.len.is_multiple_of(width) => Ok(place),
            _ => Err(self.mistyped()),
        }
    }

    fn mistyped(&self) -> FormatError {
        FormatError::malformed(self.at, format!("field {} has another type than its schema gives it", self.number))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step is a failed test")]
    use super::*;

    /// Walks everything as fields of one message.
    fn walk(file: &[u8]) -> Result<Vec<Field>, FormatError> {
        let file: &dyn ReadAt = &file;
        let mut wire = Wire::new(file)?;
        let mut message = wire.whole();
        let mut fields = Vec::new();
        while let Some(field) = wire.next(&mut message)? {
            fields.push(field);
        }
        Ok(fields)
    }

    #[test]
    fn every_wire_type_is_read() {
        let fields = walk(b"\x08\x96\x01\x12\x02hi\x1d\x01\x02\x03\x04\x21\0\0\0\0\0\0\0\0").unwrap();
        assert_eq!(fields.iter().map(|field| field.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!((fields[0].number().unwrap(), fields[1].bytes().unwrap()), (150, ByteRange { offset: 5, len: 2 }));
        assert_eq!(fields[2].fixed(4).unwrap(), ByteRange { offset: 8, len: 4 });
        assert!(fields[2].fixed(8).is_err() && fields[0].bytes().is_err() && fields[1].number().is_err());
    }

    #[test]
    fn malformed_fields_are_refused() {
        for (file, fault) in [
            (&b"\x00\x00"[..], "field number 0"),
            (b"\x0b\x0c", "group"),
            (b"\x0e", "wire type 6"),
            (b"\x08", "ends inside a varint"),
            (b"\x08\x80", "ends inside a varint"),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "more than 64 bits"),
            (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "18446744073709551615 declared, at most 0"),
            (b"\x0a\x02a", "2 declared, at most 1"),
            (b"\x0d\0\0\0", "4 declared, at most 3"),
            (b"\xf8\xff\xff\xff\xff\x01\x00", "field number"),
        ] {
            let error = walk(file).unwrap_err().to_string();
            assert!(error.contains(fault), "{file:?}: {error}");
        }
        assert_eq!(walk(b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").unwrap()[0].number().unwrap(), u64::MAX);
    }

    #[test]
    fn messages_end_where_they_say_and_nest_so_deep() {
        let file: &[u8] = b"\x0a\x02\x08\x80\x01";
        let mut wire = Wire::new(&file).unwrap();
        let mut outer = wire.whole();
        let field = wire.next(&mut outer).unwrap().unwrap();
        let mut inner = wire.inside(&outer, &field).unwrap();
        assert!(wire.next(&mut inner).unwrap_err().to_string().contains("ends inside a varint"));
        outer.depth = MAX_DEPTH;
        assert!(wire.inside(&outer, &field).is_err());
        outer.once(&field).unwrap();
        assert!(outer.once(&field).unwrap_err().to_string().contains("twice"));
    }
}
