//! JSON that leaves no two readings: no key twice, no byte order mark, no deep nesting; and typed access that names the place.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::code::{Code, Refused, shown};

/// Most arrays and objects inside each other.
const MAX_DEPTH: usize = 32;

/// Reads one JSON text.
pub(crate) fn parse(bytes: &[u8], what: &str) -> Result<Value, Refused> {
    let refused = |error: &dyn fmt::Display| Refused::new(Code::Json, format!("{what} is not acceptable JSON: {error}"));
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(refused(&"it starts with a byte order mark"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|error| refused(&error))?;
    reader.end().map_err(|error| refused(&error))?;
    Ok(value)
}

/// Builds a value and refuses a key that comes twice.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format!("more than {MAX_DEPTH} arrays and objects inside each other")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

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

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {} stands twice in one object", shown(&key))));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// An object, and how it is called in messages.
#[derive(Clone, Copy)]
pub(crate) struct Object<'v> {
    map: &'v Map<String, Value>,
    place: &'static str,
}

impl<'v> Object<'v> {
    pub(crate) fn of(value: &'v Value, place: &'static str) -> Result<Self, Refused> {
        value.as_object().map(|map| Self { map, place }).ok_or_else(|| Refused::new(Code::Field, format!("{place} is not an object")))
    }

    /// Refuses keys that are not in `known`.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self, Refused> {
        match self.map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Refused::new(Code::Field, format!("{} has an unknown field {}", self.place, shown(key)))),
            None => Ok(self),
        }
    }

    /// Returns a field; a `null` counts as absent.
    pub(crate) fn optional(self, key: &str) -> Option<&'v Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn required(self, key: &str) -> Result<&'v Value, Refused> {
        self.optional(key).ok_or_else(|| Refused::new(Code::Field, format!("{} has no `{key}`", self.place)))
    }

    pub(crate) fn text(self, key: &str) -> Result<&'v str, Refused> {
        self.required(key)?.as_str().ok_or_else(|| self.not_a(key, "text"))
    }

    pub(crate) fn list(self, key: &str) -> Result<&'v [Value], Refused> {
        self.required(key)?.as_array().map(Vec::as_slice).ok_or_else(|| self.not_a(key, "list"))
    }

    pub(crate) fn object(self, key: &str, place: &'static str) -> Result<Self, Refused> {
        Self::of(self.required(key)?, place)
    }

    pub(crate) fn base64(self, key: &str) -> Result<Vec<u8>, Refused> {
        let text = self.text(key)?;
        data_encoding::BASE64
            .decode(text.as_bytes())
            .map_err(|error| Refused::new(Code::Base64, format!("`{key}` of {} is not standard base64 with padding: {error}", self.place)))
    }

    pub(crate) fn not_a(self, key: &str, what: &str) -> Refused {
        Refused::new(Code::Field, format!("`{key}` of {} is not a {what}", self.place))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn says_the_same_as_serde_json_where_it_accepts() {
        for text in ["null", "[1,-2,2.5,\"x\\u0000\",{\"a\":{\"b\":[]}},true]", " {} ", "18446744073709551615"] {
            assert_eq!(parse(text.as_bytes(), "it").unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
    }

    #[test]
    fn refuses_what_has_two_readings() {
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        let deeper = "[".repeat(1_000_000);
        for text in ["{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "\u{feff}{}", "{} {}", "", "{", "[1,]", "NaN", &deep, &deeper] {
            assert_eq!(parse(text.as_bytes(), "it").unwrap_err().code, Code::Json, "{text:.40}");
        }
        assert_eq!(parse(b"\"\xff\"", "it").unwrap_err().code, Code::Json);
    }
}
