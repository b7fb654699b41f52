//! The header of a NumPy array, `.npy` versions 1 to 3: a Python dictionary that is read as a format, never evaluated.
//!
//! Source: `numpy/lib/_format_impl.py`. Accepted is what NumPy writes: exactly the keys `descr`, `fortran_order` and `shape`, then spaces up to a
//! newline.

use std::io::{self, Read};

use crate::Endian;

/// Longest accepted header. NumPy itself refuses more than 10,000 by default.
const MAX_HEADER_BYTES: usize = 65_535;
const MAX_RANK: usize = 64;

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) elements: Elements,
    pub(super) column_major: bool,
    pub(super) shape: Vec<u64>,
    /// Bytes before the data.
    pub(super) length: u64,
}

/// What the elements are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Elements {
    /// Values of a fixed number of bytes.
    Plain { dtype: String, bytes: u64, endian: Endian },
    /// Python objects: the data is a pickle.
    Object,
    /// Records with named fields; possibly with objects among them.
    Structured,
}

/// Why a header is refused.
#[derive(Debug)]
pub(super) enum NpyError {
    Read(io::Error),
    Malformed(String),
}

impl From<&str> for NpyError {
    fn from(fault: &str) -> Self {
        Self::Malformed(fault.to_owned())
    }
}

/// Reads the header and leaves `data` at the first element.
pub(super) fn read_header(data: &mut dyn Read) -> Result<Header, NpyError> {
    let mut fixed = [0; 8];
    data.read_exact(&mut fixed).map_err(NpyError::Read)?;
    let [magic @ .., major, minor] = fixed;
    if magic != *b"\x93NUMPY" {
        return Err("it does not start as a NumPy array".into());
    }
    if !(1..=3).contains(&major) || minor != 0 {
        return Err(NpyError::Malformed(format!("version {major}.{minor} of the array format")));
    }
    let (prefix, length) = if major == 1 {
        let mut length = [0; 2];
        data.read_exact(&mut length).map_err(NpyError::Read)?;
        (10, usize::from(u16::from_le_bytes(length)))
    } else {
        let mut length = [0; 4];
        data.read_exact(&mut length).map_err(NpyError::Read)?;
        (12, usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX))
    };
    if length > MAX_HEADER_BYTES {
        return Err(NpyError::Malformed(format!("header of {length} bytes, at most {MAX_HEADER_BYTES} accepted")));
    }
    let mut text = vec![0; length];
    data.read_exact(&mut text).map_err(NpyError::Read)?;
    let mut header = Text(&text).dictionary()?;
    header.length = prefix + length as u64;
    Ok(header)
}

/// What is still to be read of a header.
struct Text<'t>(&'t [u8]);

impl<'t> Text<'t> {
    fn dictionary(mut self) -> Result<Header, NpyError> {
        let (mut elements, mut column_major, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.take(b'}') {
            match self.string()? {
                b"descr" if elements.is_none() => {
                    self.expect(b':')?;
                    let kind = self.elements()?;
                    if kind == Elements::Structured {
                        // The rest nests; nobody asks for it.
                        return Ok(Header { elements: kind, column_major: false, shape: Vec::new(), length: 0 });
                    }
                    elements = Some(kind);
                }
                b"fortran_order" if column_major.is_none() => {
                    self.expect(b':')?;
                    column_major = Some(self.truth()?);
                }
                b"shape" if shape.is_none() => {
                    self.expect(b':')?;
                    shape = Some(self.shape()?);
                }
                key => return Err(NpyError::Malformed(format!("key {:?} is unknown or stands twice", String::from_utf8_lossy(key)))),
            }
            if !self.take(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        let newline = self.0.last() == Some(&b'\n');
        if !newline || self.0.iter().rev().skip(1).any(|byte| *byte != b' ') {
            return Err("something else than spaces and a newline follows the header".into());
        }
        match (elements, column_major, shape) {
            (Some(elements), Some(column_major), Some(shape)) => Ok(Header { elements, column_major, shape, length: 0 }),
            _ => Err("a key is missing in the header".into()),
        }
    }

    fn elements(&mut self) -> Result<Elements, NpyError> {
        self.spaces();
        match self.0.first() {
            Some(b'[' | b'(') => Ok(Elements::Structured),
            _ => elements_of(self.string()?),
        }
    }

    fn truth(&mut self) -> Result<bool, NpyError> {
        self.spaces();
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if let Some(rest) = self.0.strip_prefix(word) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err("fortran_order is neither True nor False".into())
    }

    fn shape(&mut self) -> Result<Vec<u64>, NpyError> {
        let mut shape = Vec::new();
        self.expect(b'(')?;
        while !self.take(b')') {
            if shape.len() == MAX_RANK {
                return Err("more than 64 dimensions".into());
            }
            shape.push(self.number()?);
            if !self.take(b',') {
                self.expect(b')')?;
                // `(3)` is a number in Python, not a tuple.
                if shape.len() == 1 {
                    return Err("the shape is not a tuple".into());
                }
                break;
            }
        }
        Ok(shape)
    }

    fn number(&mut self) -> Result<u64, NpyError> {
        self.spaces();
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(digits);
        self.0 = rest;
        let number =
            std::str::from_utf8(digits).ok().filter(|text| *text == "0" || !text.starts_with('0')).and_then(|text| text.parse().ok());
        number.ok_or_else(|| "a dimension is no number below 2^64".into())
    }

    fn string(&mut self) -> Result<&'t [u8], NpyError> {
        self.spaces();
        let (quote, rest) = self.0.split_first().filter(|(quote, _)| matches!(quote, b'\'' | b'"')).ok_or("a string is missing")?;
        let end = rest.iter().position(|byte| byte == quote).ok_or("a string does not end")?;
        let (text, rest) = rest.split_at(end);
        if text.iter().any(|byte| !(b' '..=b'~').contains(byte) || *byte == b'\\') {
            return Err("escape or control character in a string".into());
        }
        self.0 = rest.get(1..).unwrap_or_default();
        Ok(text)
    }

    fn expect(&mut self, byte: u8) -> Result<(), NpyError> {
        if self.take(byte) { Ok(()) } else { Err(NpyError::Malformed(format!("`{}` is missing", char::from(byte)))) }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.spaces();
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn spaces(&mut self) {
        while let Some(rest) = self.0.strip_prefix(b" ") {
            self.0 = rest;
        }
    }
}

fn elements_of(descr: &[u8]) -> Result<Elements, NpyError> {
    let text = String::from_utf8_lossy(descr);
    let unknown = || NpyError::Malformed(format!("unknown element type {text:?}"));
    let [order @ (b'<' | b'>' | b'|'), kind, size @ ..] = descr else { return Err(unknown()) };
    if *kind == b'O' {
        return Ok(Elements::Object);
    }
    // Times carry their unit after the size: `<M8[ns]`.
    let digits = size.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, unit) = size.split_at(digits);
    let count: u64 = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or_else(unknown)?;
    let time = matches!(kind, b'M' | b'm') && count == 8 && (unit.is_empty() || (unit.starts_with(b"[") && unit.ends_with(b"]")));
    let bytes = match (kind, count) {
        (b'b', 1) | (b'i' | b'u', 1 | 2 | 4 | 8) | (b'f', 2 | 4 | 8 | 12 | 16) | (b'c', 8 | 16 | 24 | 32) | (b'S' | b'V', _)
            if unit.is_empty() =>
        {
            count
        }
        (b'U', _) if unit.is_empty() => count.checked_mul(4).ok_or_else(unknown)?,
        _ if time => count,
        _ => return Err(unknown()),
    };
    let endian = if *order == b'>' { Endian::Big } else { Endian::Little };
    // Under the little-endian name, as the canonical bytes are.
    let dtype = common(*kind, count).map_or_else(|| format!("NPY:{}", text.replacen('>', "<", 1)), str::to_owned);
    Ok(Elements::Plain { dtype, bytes, endian })
}

/// The token of a type that other formats have too.
const fn common(kind: u8, bytes: u64) -> Option<&'static str> {
    Some(match (kind, bytes) {
        (b'b', 1) => "BOOL",
        (b'u', 1) => "U8",
        (b'u', 2) => "U16",
        (b'u', 4) => "U32",
        (b'u', 8) => "U64",
        (b'i', 1) => "I8",
        (b'i', 2) => "I16",
        (b'i', 4) => "I32",
        (b'i', 8) => "I64",
        (b'f', 2) => "F16",
        (b'f', 4) => "F32",
        (b'f', 8) => "F64",
        (b'c', 8) => "C64",
        (b'c', 16) => "C128",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn header(text: &str) -> Result<Header, NpyError> {
        let file = [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes()].concat();
        read_header(&mut &*file)
    }

    #[test]
    fn keys_come_in_any_order() {
        let read = header("{'shape': (2, 3), \"descr\": '<f4', 'fortran_order': True}  \n").unwrap();
        assert_eq!((read.shape, read.column_major, read.length), (vec![2, 3], true, 69));
        assert_eq!(read.elements, Elements::Plain { dtype: "F32".to_owned(), bytes: 4, endian: Endian::Little });
    }

    #[test]
    fn types_that_safetensors_lacks_keep_their_name() {
        for (descr, dtype, bytes, endian) in [
            (">f4", "F32", 4, Endian::Big),
            (">i2", "I16", 2, Endian::Big),
            ("<U8", "NPY:<U8", 32, Endian::Little),
            (">U8", "NPY:<U8", 32, Endian::Big),
            ("|S3", "NPY:|S3", 3, Endian::Little),
            ("<M8[ns]", "NPY:<M8[ns]", 8, Endian::Little),
            ("|V2", "NPY:|V2", 2, Endian::Little),
            ("<c16", "C128", 16, Endian::Little),
        ] {
            assert_eq!(elements_of(descr.as_bytes()).unwrap(), Elements::Plain { dtype: dtype.to_owned(), bytes, endian });
        }
        assert_eq!(elements_of(b"|O").unwrap(), Elements::Object);
    }

    #[test]
    fn what_is_not_written_by_numpy_is_refused() {
        for text in [
            "",
            "\n",
            "{}\n",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\0\n",
            "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}\n",
            "{'descr': '<f4', 'fortran_order': False}\n",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}\n",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}\n",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551616,)}\n",
            "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}\n",
            "{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}\n",
            "{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}\n",
            "{'descr': '<U18446744073709551615', 'fortran_order': False, 'shape': (2,)}\n",
            "{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (2,)}\n",
        ] {
            assert!(header(text).is_err(), "{text}");
        }
    }
}
