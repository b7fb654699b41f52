//! Strict reading of foreign JSON: bounded before anything is built, no key twice, no integer that readers disagree about.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::report::{Code, Fault};

/// Longest credential in bytes: a record of full length in base64, with all its disclosures.
pub const MAX_CREDENTIAL_BYTES: usize = 4 << 20;
/// Deepest nesting of a credential. A record may be 32 deep and lies two levels down.
pub const MAX_CREDENTIAL_DEPTH: usize = 48;
/// The largest integer that JavaScript holds exactly.
const MAX_EXACT: u64 = (1 << 53) - 1;

/// Reads JSON, refusing what the bounds forbid, a key twice and integers beyond 2^53 - 1.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, Fault> {
    check_length(bytes)?;
    if depth(bytes) > MAX_CREDENTIAL_DEPTH {
        return Err(Fault::new(Code::TooDeep, format!("nested deeper than {MAX_CREDENTIAL_DEPTH} levels")));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| {
        let text = error.to_string();
        Fault::new(if text.starts_with(TWICE) { Code::DuplicateKey } else { Code::NotJson }, text)
    })
}

/// Refuses what is longer than any credential.
pub(crate) fn check_length(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.len() > MAX_CREDENTIAL_BYTES {
        return Err(Fault::new(Code::TooLarge, format!("{} bytes; the limit is {MAX_CREDENTIAL_BYTES}", bytes.len())));
    }
    Ok(())
}

/// Reads JSON whose outermost value has to be an object.
pub(crate) fn read_object(bytes: &[u8], what: &str) -> Result<Map<String, Value>, Fault> {
    match read(bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(Fault::new(Code::Malformed, format!("{what} is not a JSON object"))),
    }
}

/// Returns the canonical bytes (RFC 8785) of a value.
pub(crate) fn canonical(value: &Value) -> Result<Vec<u8>, Fault> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| Fault::new(Code::NotJson, error.to_string()))
}

/// Returns the text under `key`, which has to be there.
pub(crate) fn text<'v>(object: &'v Map<String, Value>, key: &str) -> Result<&'v str, Fault> {
    optional_text(object, key)?.ok_or_else(|| Fault::new(Code::Malformed, format!("`{key}` is missing")))
}

/// Returns the text under `key`, which may be absent but not something else.
pub(crate) fn optional_text<'v>(object: &'v Map<String, Value>, key: &str) -> Result<Option<&'v str>, Fault> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Fault::new(Code::Malformed, format!("`{key}` is not a text"))),
    }
}

/// Returns what stands under `key`: one value, or those of a list.
pub(crate) fn one_or_many<'v>(object: &'v Map<String, Value>, key: &str) -> &'v [Value] {
    match object.get(key) {
        None => &[],
        Some(Value::Array(values)) => values,
        Some(value) => std::slice::from_ref(value),
    }
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

const TWICE: &str = "a key occurs twice";

/// Builds a value and refuses what readers disagree about.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        exact(value.unsigned_abs()).map(|_| Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        exact(value).map(|value| Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        // An integer too long for 64 bits comes as a float as well; it is one that readers disagree about.
        let integer = value.fract() == 0.0 && value.abs() > MAX_EXACT as f64;
        if integer {
            return Err(E::custom("a number is an integer beyond 2^53 - 1, which readers round differently"));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("{TWICE}: {:?}", key.chars().take(80).collect::<String>())));
            }
            let value = entries.next_value_seed(Self)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

fn exact<E: Error>(value: u64) -> Result<u64, E> {
    if value > MAX_EXACT {
        return Err(E::custom(format_args!("the integer {value} is larger than 2^53 - 1, and readers round it differently")));
    }
    Ok(value)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken expectation is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn what_readers_disagree_about_is_refused() {
        assert_eq!(read(br#"{"a":[1,-1,0.5,1e-7,null,true,{"a":"b"}]}"#).unwrap()["a"][3], 1e-7);
        let code = |text: &str| read(text.as_bytes()).unwrap_err().code;
        for twice in [r#"{"a":1,"a":1}"#, r#"[{"x":{"a":1,"\u0061":2}}]"#] {
            assert_eq!(code(twice), Code::DuplicateKey, "{twice}");
        }
        for bad in ["", "{", "NaN", "1e400", "9007199254740992", "99999999999999999999", "\"\\ud800\"", "{} {}", "[1,]"] {
            assert_eq!(code(bad), Code::NotJson, "{bad}");
        }
        assert_eq!(code(&"[".repeat(10_000)), Code::TooDeep);
        assert_eq!(read(&vec![b' '; MAX_CREDENTIAL_BYTES + 1]).unwrap_err().code, Code::TooLarge);
    }

    #[test]
    fn canonical_bytes_are_those_of_javascript() {
        let value = read("{\"\u{fb33}\":1,\"\u{1f600}\":2,\"n\":[1e21,1e-7,0.00001]}".as_bytes());
        assert!(value.is_err(), "1e21 is an integer beyond 2^53 - 1");
        let value = read("{\"\u{fb33}\":1,\"\u{1f600}\":2,\"n\":[1e-7,0.00001,-0]}".as_bytes()).unwrap();
        assert_eq!(canonical(&value).unwrap(), "{\"n\":[1e-7,0.00001,0],\"\u{1f600}\":2,\"\u{fb33}\":1}".as_bytes());
    }
}
