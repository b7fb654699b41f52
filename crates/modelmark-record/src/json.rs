//! Strict reading of hostile JSON: bounded before anything is built, no key twice, no number that readers disagree about, canonical bytes only.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::RecordError;
use crate::value::MAX_COUNT;

/// What a kind of document is called and how large it may be.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) what: &'static str,
    pub(crate) bytes: usize,
    pub(crate) depth: usize,
}

impl Bounds {
    fn invalid(self, error: &serde_json::Error) -> RecordError {
        RecordError::Invalid { what: self.what, reason: error.to_string() }
    }
}

/// Refuses bytes beyond the bounds, then JSON with a key twice or a number that is not an exact integer.
pub(crate) fn admit(bytes: &[u8], bounds: Bounds) -> Result<(), RecordError> {
    if bytes.len() > bounds.bytes {
        return Err(RecordError::TooLarge { what: bounds.what, size: bytes.len(), limit: bounds.bytes });
    }
    if depth(bytes) > bounds.depth {
        return Err(RecordError::TooDeep { what: bounds.what, limit: bounds.depth });
    }
    serde_json::from_slice::<Exact>(bytes).map(|Exact| ()).map_err(|error| bounds.invalid(&error))
}

/// Reads a document whose bytes must be the canonical form of its value.
pub(crate) fn read_canonical<T: DeserializeOwned + Serialize>(bytes: &[u8], bounds: Bounds) -> Result<T, RecordError> {
    admit(bytes, bounds)?;
    let value: T = serde_json::from_slice(bytes).map_err(|error| bounds.invalid(&error))?;
    let canonical = write_canonical(&value, bounds)?;
    if canonical == bytes {
        return Ok(value);
    }
    let offset = canonical.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(RecordError::NotCanonical { what: bounds.what, offset })
}

/// Returns the canonical bytes (RFC 8785) of a value.
pub(crate) fn write_canonical<T: Serialize>(value: &T, bounds: Bounds) -> Result<Vec<u8>, RecordError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| bounds.invalid(&error))
}

/// Deepest nesting of brackets outside strings; exact for valid JSON, and an upper bound of what a parser would follow in any other bytes.
fn depth(bytes: &[u8]) -> usize {
    let (mut deepest, mut open) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Any JSON value without duplicate keys and with exact integers only; keeps nothing of it.
struct Exact;

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> DeserializeSeed<'de> for Exact {
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Exact {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self, E> {
        self.visit_u64(value.unsigned_abs())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self, E> {
        if value > MAX_COUNT { Err(E::custom(format_args!("the integer {value} is larger than 2^53 - 1"))) } else { Ok(self) }
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Err(E::custom("a number is not an integer up to 2^53 - 1; decimals are written as text"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element_seed(Self)?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            entries.next_value_seed(Self)?;
            if let Some(twice) = seen.replace(key) {
                return Err(A::Error::custom(format_args!("key {:?} occurs twice", twice.chars().take(80).collect::<String>())));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { what: "test", bytes: 100_000, depth: 32 };

    #[test]
    fn admits_plain_json() {
        for good in ["null", "true", "\"\"", "[]", "{}", "[1,-1,9007199254740991,{\"a\":{\"a\":[]}}]", "\"[[[[{{{{\\\"[[[[\""] {
            assert_eq!(admit(good.as_bytes(), BOUNDS), Ok(()), "{good}");
        }
    }

    #[test]
    fn refuses_what_readers_disagree_about() {
        for bad in [
            "",
            "{",
            "nul",
            "NaN",
            "Infinity",
            "1.0",
            "1e5",
            "-0",
            "1e400",
            "9007199254740992",
            "-9007199254740992",
            "99999999999999999999",
            "{\"a\":1,\"a\":1}",
            "[{\"x\":{\"a\":1,\"\\u0061\":2}}]",
            "\"\\ud800\"",
            "[1,]",
            "{} {}",
            "// x\n{}",
        ] {
            assert!(matches!(admit(bad.as_bytes(), BOUNDS), Err(RecordError::Invalid { .. })), "{bad}");
        }
        assert!(admit(b"\"\xff\"", BOUNDS).is_err(), "not UTF-8");
        assert!(admit(b"\xef\xbb\xbf{}", BOUNDS).is_err(), "byte order mark");
    }

    #[test]
    fn bounds_come_first() {
        let deep = "[".repeat(10_000);
        assert!(matches!(admit(deep.as_bytes(), BOUNDS), Err(RecordError::TooDeep { limit: 32, .. })));
        assert_eq!(admit(format!("{}{}", "[".repeat(32), "]".repeat(32)).as_bytes(), BOUNDS), Ok(()));
        assert!(admit(format!("{}{}", "[".repeat(33), "]".repeat(33)).as_bytes(), BOUNDS).is_err());
        assert!(matches!(admit(&vec![b' '; 100_001], BOUNDS), Err(RecordError::TooLarge { .. })));
    }
}
