//! The values of GGUF metadata, of which only the short form is kept.

use std::fmt;

use super::super::FormatError;
use super::super::cursor::Cursor;

const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// Most elements of an array that are kept.
const MAX_SHOWN: u64 = 8;

/// A metadata value in short.
pub(super) enum Value {
    /// An unsigned number of 32 bits: the one type that the format itself looks at.
    U32(u32),
    /// Any other number or truth value, as text.
    Plain(String),
    /// The start of a string.
    Text(String),
    /// The first elements of an array, and how many it has.
    List(Vec<Value>, u64),
}

impl Value {
    /// Reads a type and a value of that type.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, FormatError> {
        match cursor.u32("the type of a metadata value")? {
            ARRAY => Self::list(cursor),
            kind => Self::single(cursor, kind),
        }
    }

    fn single(cursor: &mut Cursor<'_>, kind: u32) -> Result<Self, FormatError> {
        const WHAT: &str = "a metadata value";
        let at = cursor.position();
        let plain = match kind {
            0 => u8::from_le_bytes(cursor.number(WHAT)?).to_string(),
            1 => i8::from_le_bytes(cursor.number(WHAT)?).to_string(),
            2 => u16::from_le_bytes(cursor.number(WHAT)?).to_string(),
            3 => i16::from_le_bytes(cursor.number(WHAT)?).to_string(),
            4 => return cursor.u32(WHAT).map(Self::U32),
            5 => i32::from_le_bytes(cursor.number(WHAT)?).to_string(),
            6 => f32::from_le_bytes(cursor.number(WHAT)?).to_string(),
            7 => match cursor.array(WHAT)? {
                [0] => "false".to_owned(),
                [1] => "true".to_owned(),
                [other] => return Err(FormatError::malformed(at, format!("truth value {other}"))),
            },
            STRING => {
                let length = cursor.u64("the length of a string")?;
                return cursor.text(length, "a string").map(Self::Text);
            }
            ARRAY => return Err(FormatError::Unsupported("arrays of arrays in GGUF metadata".to_owned())),
            10 => u64::from_le_bytes(cursor.number(WHAT)?).to_string(),
            11 => i64::from_le_bytes(cursor.number(WHAT)?).to_string(),
            12 => f64::from_le_bytes(cursor.number(WHAT)?).to_string(),
            other => return Err(FormatError::malformed(at, format!("unknown type {other} of a metadata value"))),
        };
        Ok(Self::Plain(plain))
    }

    fn list(cursor: &mut Cursor<'_>) -> Result<Self, FormatError> {
        let kind = cursor.u32("the type of an array's elements")?;
        let count = cursor.u64("the length of an array")?;
        let limit = cursor.left() / element_bytes(kind);
        if count > limit {
            return Err(FormatError::Limit { what: "elements of an array", declared: count, limit });
        }
        let mut shown = Vec::new();
        for _ in 0..count.min(MAX_SHOWN) {
            shown.push(Self::single(cursor, kind)?);
        }
        let rest = count.saturating_sub(MAX_SHOWN);
        if kind == STRING {
            for _ in 0..rest {
                let length = cursor.u64("the length of a string")?;
                cursor.skip(length, "a string")?;
            }
        } else {
            // An unknown type has failed above, if there was a first element at all.
            cursor.skip(rest.saturating_mul(element_bytes(kind)), "an array")?;
        }
        Ok(Self::List(shown, count))
    }
}

/// Least bytes of an element in the file: exact for numbers, the length prefix for strings.
const fn element_bytes(kind: u32) -> u64 {
    match kind {
        2 | 3 => 2,
        4..=6 => 4,
        8 | 10..=12 => 8,
        _ => 1,
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::U32(number) => write!(f, "{number}"),
            Self::Plain(text) | Self::Text(text) => f.write_str(text),
            Self::List(shown, count) => {
                f.write_str("[")?;
                for (index, value) in shown.iter().enumerate() {
                    write!(f, "{}{value}", if index == 0 { "" } else { ", " })?;
                }
                match count.saturating_sub(shown.len() as u64) {
                    0 => f.write_str("]"),
                    more => write!(f, ", and {more} more]"),
                }
            }
        }
    }
}
