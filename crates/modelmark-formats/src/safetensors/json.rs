//! The JSON of a safetensors header, read as a stream into exactly the values it may hold.
//!
//! Every level has its own visitor, because `serde_json` keeps the last of two equal keys. Nothing nests deeper than the format does: a value of
//! another type is a fault where it starts.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::Dtype;
use super::header::{HeaderError, MAX_NAME_BYTES, MAX_RANK, Tensor};

/// What stands in a header, unchecked against the file.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) tensors: Vec<Tensor>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// Reads a header of `length` bytes: one JSON object at the very start, then nothing but spaces.
pub(super) fn read(text: impl Read, length: u64) -> Result<Contents, HeaderError> {
    let mut text = Framed { inner: text, first: None, last: 0, count: 0 };
    let mut json = serde_json::Deserializer::from_reader(&mut text);
    let contents = Contents::deserialize(&mut json).and_then(|contents| json.end().map(|()| contents));
    let contents = contents.map_err(|error| match error.classify() {
        serde_json::error::Category::Io => HeaderError::Read(error.into()),
        _ => HeaderError::Json(error.to_string()),
    })?;
    match text {
        Framed { first: Some(b'{'), last: b'}', count, .. } if count == length => Ok(contents),
        Framed { count, .. } if count != length => Err(HeaderError::Read(io::ErrorKind::UnexpectedEof.into())),
        _ => Err(HeaderError::Json("the object does not start at the first byte, or something else than spaces follows it".to_owned())),
    }
}

/// Notes the first byte, the last byte that is not a space, and the length: `serde_json` would let any white space pass around the object.
struct Framed<R> {
    inner: R,
    first: Option<u8>,
    last: u8,
    count: u64,
}

impl<R: Read> Read for &mut Framed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        self.first = self.first.or(bytes.first().copied());
        self.last = bytes.iter().rev().copied().find(|byte| *byte != b' ').unwrap_or(self.last);
        self.count += read as u64;
        Ok(read)
    }
}

impl<'de> Deserialize<'de> for Contents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ContentsVisitor)
    }
}

struct ContentsVisitor;

impl<'de> Visitor<'de> for ContentsVisitor {
    type Value = Contents;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Contents, A::Error> {
        let mut contents = Contents::default();
        let mut seen_metadata = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                if std::mem::replace(&mut seen_metadata, true) {
                    return Err(Error::custom("two `__metadata__` keys"));
                }
                contents.metadata = map.next_value::<Option<Metadata>>()?.unwrap_or_default().0;
            } else {
                let name = tensor_name(name)?;
                let Entry { dtype, shape, begin, end } = map.next_value()?;
                contents.tensors.push(Tensor { name, dtype, shape, begin, end });
            }
        }
        Ok(contents)
    }
}

fn tensor_name<E: Error>(name: String) -> Result<Box<str>, E> {
    if name.len() > MAX_NAME_BYTES {
        return Err(E::custom("tensor name longer than 4096 bytes"));
    }
    if name.chars().any(char::is_control) {
        return Err(E::custom(format_args!("control character in tensor name {name:?}")));
    }
    Ok(name.into_boxed_str())
}

#[derive(Default)]
struct Metadata(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MetadataVisitor;
        impl<'de> Visitor<'de> for MetadataVisitor {
            type Value = Metadata;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
                let mut metadata = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, String>()? {
                    if let Some((twin, _)) = metadata.remove_entry(&key) {
                        return Err(Error::custom(format_args!("two metadata keys {twin:?}")));
                    }
                    metadata.insert(key, value);
                }
                Ok(Metadata(metadata))
            }
        }
        deserializer.deserialize_map(MetadataVisitor)
    }
}

/// One tensor's object. The derive refuses unknown, missing and repeated keys.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    dtype: Token,
    shape: Shape,
    data_offsets: (u64, u64),
}

struct Entry {
    dtype: Dtype,
    shape: Box<[u64]>,
    begin: u64,
    end: u64,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;
        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with `dtype`, `shape` and `data_offsets`")
            }

            // Only a map: the derive alone would also take the three values as a list.
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
                let RawEntry { dtype, shape, data_offsets: (begin, end) } =
                    RawEntry::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Entry { dtype: dtype.0, shape: shape.0, begin, end })
            }
        }
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct Token(Dtype);

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TokenVisitor;
        impl Visitor<'_> for TokenVisitor {
            type Value = Token;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an element type of safetensors 0.8")
            }

            fn visit_str<E: Error>(self, token: &str) -> Result<Token, E> {
                let unknown = || E::custom(format_args!("unknown element type {:?}", token.chars().take(40).collect::<String>()));
                Dtype::from_token(token).map(Token).ok_or_else(unknown)
            }
        }
        deserializer.deserialize_str(TokenVisitor)
    }
}

struct Shape(Box<[u64]>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShapeVisitor;
        impl<'de> Visitor<'de> for ShapeVisitor {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of at most 64 dimensions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
                let mut shape = Vec::with_capacity(4);
                while let Some(dim) = list.next_element()? {
                    if shape.len() == MAX_RANK {
                        return Err(Error::custom("more than 64 dimensions"));
                    }
                    shape.push(dim);
                }
                Ok(Shape(shape.into_boxed_slice()))
            }
        }
        deserializer.deserialize_seq(ShapeVisitor)
    }
}
