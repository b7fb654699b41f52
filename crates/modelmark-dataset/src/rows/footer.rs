//! A look at a Parquet footer before the reader sees it: the reader recurses as deep as the schema says, and reserves memory for as many children and
//! list elements as are announced.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use super::RowError;

const MAX_FOOTER_BYTES: u64 = 1 << 26;
const MAX_SCHEMA_DEPTH: usize = 32;
const MAX_COLUMNS: u64 = 1 << 16;
const MAX_THRIFT_DEPTH: u32 = 16;
const TAIL: u64 = 8;

// Field numbers of parquet.thrift.
const SCHEMA: i64 = 2;
const NUM_CHILDREN: i64 = 5;

/// Makes sure that the footer is inside the file and announces nothing that is not there.
pub(super) fn check(file: &File) -> Result<(), RowError> {
    let bytes = read(file)?;
    let mut walk = Walk { rest: &bytes };
    let mut field = 0;
    while let Some(kind) = walk.field(&mut field)? {
        if field == SCHEMA && kind == Kind::List { walk.schema()? } else { walk.skip(kind, 0)? }
    }
    Ok(())
}

fn read(mut file: &File) -> Result<Vec<u8>, RowError> {
    let size = file.seek(SeekFrom::End(0))?;
    let start = size.checked_sub(TAIL).ok_or_else(|| wrong("shorter than a footer"))?;
    file.seek(SeekFrom::Start(start))?;
    let mut tail = [0; TAIL as usize];
    file.read_exact(&mut tail)?;
    let ([length, magic], []) = tail.as_chunks::<4>() else { return Err(wrong("shorter than a footer")) };
    if magic != b"PAR1" {
        return Err(wrong("it does not end with PAR1"));
    }
    let length = u64::from(u32::from_le_bytes(*length));
    if length > MAX_FOOTER_BYTES || length > start {
        return Err(wrong("the footer is larger than the file, or than 64 MiB"));
    }
    file.seek(SeekFrom::Start(start - length))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn wrong(reason: &str) -> RowError {
    RowError::Table(reason.to_owned())
}

/// The types of the compact protocol of Thrift.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Byte,
    Integer,
    Double,
    Binary,
    List,
    Map,
    Struct,
}

struct Walk<'b> {
    rest: &'b [u8],
}

impl Walk<'_> {
    fn byte(&mut self) -> Result<u8, RowError> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| wrong("the footer is cut off"))?;
        self.rest = rest;
        Ok(*first)
    }

    fn varint(&mut self) -> Result<u64, RowError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(wrong("a number in the footer has no end"))
    }

    fn integer(&mut self) -> Result<i64, RowError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn pass(&mut self, count: u64) -> Result<(), RowError> {
        let rest = usize::try_from(count).ok().and_then(|count| self.rest.get(count..));
        self.rest = rest.ok_or_else(|| wrong("the footer announces more than it holds"))?;
        Ok(())
    }

    /// Returns the type of the next field of a struct and its number in `field`, or nothing at the end. A field that is a truth value has no bytes.
    fn field(&mut self, field: &mut i64) -> Result<Option<Kind>, RowError> {
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Ok(None);
            }
            let step = i64::from(header >> 4);
            *field = if step == 0 { self.integer()? } else { field.saturating_add(step) };
            let kind = kind(header & 15)?;
            if kind != Kind::Bool {
                return Ok(Some(kind));
            }
        }
    }

    /// Returns how many elements of which type follow; each takes a byte at least.
    fn list(&mut self) -> Result<(u64, Kind), RowError> {
        let header = self.byte()?;
        let count = if header >> 4 == 15 { self.varint()? } else { u64::from(header >> 4) };
        if count > self.rest.len() as u64 {
            return Err(wrong("the footer announces more than it holds"));
        }
        Ok((count, kind(header & 15)?))
    }

    fn skip(&mut self, kind: Kind, depth: u32) -> Result<(), RowError> {
        if depth > MAX_THRIFT_DEPTH {
            return Err(wrong("the footer is nested too deeply"));
        }
        match kind {
            Kind::Bool | Kind::Byte => self.pass(1),
            Kind::Integer => self.varint().map(|_| ()),
            Kind::Double => self.pass(8),
            Kind::Binary => self.varint().and_then(|length| self.pass(length)),
            Kind::List => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip(kind, depth + 1))
            }
            // The footer's definition has none.
            Kind::Map => Err(wrong("the footer holds a map")),
            Kind::Struct => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.skip(kind, depth + 1)?;
                }
                Ok(())
            }
        }
    }

    /// Walks the schema: a tree whose nodes are listed depth first, each with the number of its children.
    fn schema(&mut self) -> Result<(), RowError> {
        let (count, kind) = self.list()?;
        if count > MAX_COLUMNS || kind != Kind::Struct {
            return Err(wrong("the schema has more than 65536 elements, or they are no structs"));
        }
        // Children still to come, of each open group.
        let mut open: Vec<u64> = Vec::new();
        for seen in 0..count {
            let children = self.children()?;
            if children > count - seen {
                return Err(wrong("an element of the schema announces more children than there are elements"));
            }
            while open.pop_if(|left| *left == 0).is_some() {}
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            if open.len() > MAX_SCHEMA_DEPTH {
                return Err(wrong("the schema is nested more than 32 deep"));
            }
        }
        Ok(())
    }

    fn children(&mut self) -> Result<u64, RowError> {
        let (mut field, mut children) = (0, 0);
        while let Some(kind) = self.field(&mut field)? {
            if field == NUM_CHILDREN && kind == Kind::Integer {
                children = self.integer()?;
            } else {
                self.skip(kind, 1)?;
            }
        }
        u64::try_from(children).map_err(|_| wrong("an element of the schema has less than no children"))
    }
}

fn kind(code: u8) -> Result<Kind, RowError> {
    Ok(match code {
        1 | 2 => Kind::Bool,
        3 => Kind::Byte,
        4..=6 => Kind::Integer,
        7 => Kind::Double,
        8 => Kind::Binary,
        9 | 10 => Kind::List,
        11 => Kind::Map,
        12 => Kind::Struct,
        _ => return Err(wrong("the footer holds a type that does not exist")),
    })
}
