//! `FlatBuffers`, walked in place: every step is held against the end of the file.
//!
//! The crate `flatbuffers` verifies a buffer that is in memory as a whole; a model may be larger than that, and keep its weights behind the buffer.
//! Source: the page "Internals" of the documentation of `FlatBuffers`.

use crate::cursor::Cursor;
use crate::{ByteRange, FormatError, ReadAt};

/// A file that starts with a buffer.
pub(super) struct Flat<'f> {
    file: &'f dyn ReadAt,
    size: u64,
}

/// A table: where its fields are told from.
#[derive(Clone, Copy)]
pub(super) struct Table {
    at: u64,
    length: u64,
    fields: u64,
    fields_length: u64,
}

/// Elements side by side.
#[derive(Clone, Copy)]
pub(super) struct Vector {
    first: u64,
    pub(super) count: u64,
}

impl<'f> Flat<'f> {
    pub(super) fn open(file: &'f dyn ReadAt) -> Result<Self, FormatError> {
        let size = file.size().map_err(FormatError::Read)?;
        Ok(Self { file, size })
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The table that everything hangs on.
    pub(super) fn root(&self) -> Result<Table, FormatError> {
        let at = self.follow(0)?;
        self.table(at)
    }

    fn array<const N: usize>(&self, at: u64, what: &'static str) -> Result<[u8; N], FormatError> {
        let mut bytes = [0; N];
        let inside = at.checked_add(N as u64).is_some_and(|end| end <= self.size);
        if !inside {
            return Err(FormatError::Ends { what, at });
        }
        self.file.read_exact_at(&mut bytes, at).map_err(FormatError::Read)?;
        Ok(bytes)
    }

    /// Follows the offset that stands at a position.
    fn follow(&self, at: u64) -> Result<u64, FormatError> {
        let offset = u64::from(u32::from_le_bytes(self.array(at, "an offset")?));
        if offset == 0 { Err(FormatError::malformed(at, "an offset of nothing")) } else { Ok(at.saturating_add(offset)) }
    }

    fn table(&self, at: u64) -> Result<Table, FormatError> {
        const WHAT: &str = "a table";
        let distance = i64::from(i32::from_le_bytes(self.array(at, WHAT)?));
        let fields =
            at.checked_add_signed(-distance).ok_or_else(|| FormatError::malformed(at, "the fields of a table lie before the file"))?;
        let fields_length = u64::from(u16::from_le_bytes(self.array(fields, WHAT)?));
        let length = u64::from(u16::from_le_bytes(self.array(fields.saturating_add(2), WHAT)?));
        let ends = (at.saturating_add(length), fields.saturating_add(fields_length));
        if length < 4 || fields_length < 4 || ends.0 > self.size || ends.1 > self.size {
            return Err(FormatError::malformed(at, "a table that does not fit"));
        }
        Ok(Table { at, length, fields, fields_length })
    }

    /// The position of a field; `None` when the table has none.
    fn field(&self, table: &Table, slot: u64, width: u64) -> Result<Option<u64>, FormatError> {
        let entry = 4 + 2 * slot;
        if entry + 2 > table.fields_length {
            return Ok(None);
        }
        let offset = u64::from(u16::from_le_bytes(self.array(table.fields + entry, "the fields of a table")?));
        match offset {
            0 => Ok(None),
            _ if offset >= 4 && offset + width <= table.length => Ok(Some(table.at + offset)),
            _ => Err(FormatError::malformed(table.at, format!("field {slot} of a table lies outside it"))),
        }
    }

    /// A field of one to eight bytes; its default is zero.
    pub(super) fn number<const N: usize>(&self, table: &Table, slot: u64) -> Result<u64, FormatError> {
        let Some(at) = self.field(table, slot, N as u64)? else { return Ok(0) };
        let bytes: [u8; N] = self.array(at, "a number")?;
        Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A field that is a vector of elements of `width` bytes.
    pub(super) fn vector(&self, table: &Table, slot: u64, width: u64) -> Result<Vector, FormatError> {
        let Some(at) = self.field(table, slot, 4)? else { return Ok(Vector { first: 0, count: 0 }) };
        let at = self.follow(at)?;
        let count = u64::from(u32::from_le_bytes(self.array(at, "a vector")?));
        let limit = self.size.saturating_sub(at + 4) / width;
        if count > limit {
            return Err(FormatError::Limit { what: "elements of a vector", declared: count, limit });
        }
        Ok(Vector { first: at + 4, count })
    }

    /// The table that an element of a vector leads to.
    pub(super) fn element(&self, vector: &Vector, index: u64) -> Result<Table, FormatError> {
        if index >= vector.count {
            return Err(FormatError::Limit { what: "the number of an element", declared: index, limit: vector.count });
        }
        let at = self.follow(vector.first + 4 * index)?;
        self.table(at)
    }

    /// The table that a field leads to; `None` when there is none.
    pub(super) fn inner(&self, table: &Table, slot: u64) -> Result<Option<Table>, FormatError> {
        let Some(at) = self.field(table, slot, 4)? else { return Ok(None) };
        self.follow(at).and_then(|at| self.table(at)).map(Some)
    }

    /// A number of a vector of integers of 32 bits.
    pub(super) fn integer(&self, vector: &Vector, index: u64) -> Result<i32, FormatError> {
        if index >= vector.count {
            return Err(FormatError::Limit { what: "the number of an element", declared: index, limit: vector.count });
        }
        self.array(vector.first + 4 * index, "an integer").map(i32::from_le_bytes)
    }

    /// The numbers of a vector of integers of 32 bits, which must not be negative; at most `most`.
    pub(super) fn numbers(&self, vector: &Vector, most: u64) -> Result<Vec<u64>, FormatError> {
        if vector.count > most {
            return Err(FormatError::Limit { what: "dimensions", declared: vector.count, limit: most });
        }
        let number = |index| {
            let at = vector.first + 4 * index;
            let number = i32::from_le_bytes(self.array(at, "a dimension")?);
            u64::try_from(number).map_err(|_| FormatError::malformed(at, format!("{number} as a dimension")))
        };
        (0..vector.count).map(number).collect()
    }

    /// A field that is a name.
    pub(super) fn name(&self, table: &Table, slot: u64, most: u64) -> Result<String, FormatError> {
        let text = self.vector(table, slot, 1)?;
        Cursor::within(self.file, text.first, self.size).name(text.count, most, "a name")
    }

    /// A field that is a text for people.
    pub(super) fn text(&self, table: &Table, slot: u64) -> Result<String, FormatError> {
        let text = self.vector(table, slot, 1)?;
        Cursor::within(self.file, text.first, self.size).text(text.count, "a text")
    }
}

impl Vector {
    /// The bytes of a vector of bytes.
    pub(super) const fn bytes(self) -> ByteRange {
        ByteRange { offset: self.first, len: self.count }
    }
}
