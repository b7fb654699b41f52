//! The tags of a data item: names with values, as Avro writes an array of them.
//!
//! Avro array: blocks of `long count, items`, where a negative count is followed by the block's length in bytes, ended by a count of 0. A string is
//! a `long` length and UTF-8; a `long` is zigzag and then 7 bits a byte, low bits first.

use super::ItemError;

/// Most tags of an item (ANS-104).
pub const MAX_TAGS: usize = 128;
/// Most bytes of all tags of an item, as they are encoded.
pub const MAX_TAG_BYTES: usize = 4096;

/// A tag. Neither name nor value need be UTF-8, whatever the standard says: the signature is over bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

impl Tag {
    /// Returns a tag of two texts.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into().into_bytes(), value: value.into().into_bytes() }
    }
}

/// Returns the value of the first tag of this name.
pub(crate) fn value_of<'t>(tags: &'t [Tag], name: &str) -> Option<&'t [u8]> {
    tags.iter().find(|tag| tag.name == name.as_bytes()).map(|tag| tag.value.as_slice())
}

/// Writes tags; none are no bytes at all.
pub(crate) fn encode(tags: &[Tag]) -> Result<Vec<u8>, ItemError> {
    let mut bytes = Vec::new();
    if tags.is_empty() {
        return Ok(bytes);
    }
    if tags.len() > MAX_TAGS {
        return Err(too_many(tags.len()));
    }
    write_long(&mut bytes, tags.len());
    for Tag { name, value } in tags {
        for text in [name, value] {
            write_long(&mut bytes, text.len());
            bytes.extend_from_slice(text);
        }
    }
    bytes.push(0);
    if bytes.len() > MAX_TAG_BYTES { Err(too_long(bytes.len())) } else { Ok(bytes) }
}

/// Reads exactly `count` tags that take up exactly `bytes`.
pub(crate) fn decode(bytes: &[u8], count: u64) -> Result<Vec<Tag>, ItemError> {
    if bytes.len() > MAX_TAG_BYTES {
        return Err(too_long(bytes.len()));
    }
    if count > MAX_TAGS as u64 {
        return Err(too_many(count));
    }
    let (mut rest, mut tags) = (bytes, Vec::new());
    if bytes.is_empty() && count == 0 {
        return Ok(tags);
    }
    loop {
        let mut length = read_long(&mut rest)?;
        if length == 0 {
            break;
        }
        if length < 0 {
            length = length.checked_neg().ok_or_else(|| wrong("a block of no possible length"))?;
            // The block's length in bytes is for readers that skip it.
            read_long(&mut rest)?;
        }
        for _ in 0..length {
            if tags.len() as u64 == count {
                return Err(wrong("there are more than the item says"));
            }
            tags.push(Tag { name: read_bytes(&mut rest)?, value: read_bytes(&mut rest)? });
        }
    }
    match (rest.len(), tags.len() as u64 == count) {
        (0, true) => Ok(tags),
        (0, false) => Err(wrong("there are fewer than the item says")),
        _ => Err(wrong("bytes follow their end")),
    }
}

fn write_long(bytes: &mut Vec<u8>, length: usize) {
    let mut left = (length as u64) << 1;
    while left >= 0x80 {
        bytes.push(left as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
}

fn read_long(rest: &mut &[u8]) -> Result<i64, ItemError> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first().ok_or(ItemError::Cut("tags"))?;
        *rest = after;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            break;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    Err(wrong("a number of more than 64 bits"))
}

fn read_bytes(rest: &mut &[u8]) -> Result<Vec<u8>, ItemError> {
    let length = usize::try_from(read_long(rest)?).map_err(|_| wrong("a negative length"))?;
    let (bytes, after) = rest.split_at_checked(length).ok_or(ItemError::Cut("tags"))?;
    *rest = after;
    Ok(bytes.to_vec())
}

fn wrong(reason: &str) -> ItemError {
    ItemError::Tags(reason.to_owned())
}

fn too_many(count: impl std::fmt::Display) -> ItemError {
    ItemError::Tags(format!("{count} of them; at most {MAX_TAGS} are accepted"))
}

fn too_long(length: usize) -> ItemError {
    ItemError::Tags(format!("{length} bytes; at most {MAX_TAG_BYTES} are accepted"))
}
