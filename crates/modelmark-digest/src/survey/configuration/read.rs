//! Configurations as Python reads them, of which nothing is kept but what is looked for: a file of a few megabytes can have millions of values.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Keys by which a configuration names classes in files of the model.
const OWN_CLASSES: [&str; 2] = ["auto_map", "custom_pipelines"];
/// What Python reads and JSON does not have, each with a number as long.
const NUMBERS: [(&[u8], &[u8]); 2] = [(b"NaN", b"0  "), (b"Infinity", b"0       ")];

/// What a configuration asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Keys that name classes in files of the model.
    pub(super) own_classes: BTreeSet<&'static str>,
    /// Whether it allows such classes by itself.
    pub(super) trusts: bool,
    /// Whether there is a template for conversations.
    pub(super) template: bool,
    /// The modules that it names and that are files of the model.
    pub(super) modules: BTreeSet<String>,
}

/// How a configuration is read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'r> {
    /// Whether it is the index of a pipeline, whose parts are pairs of module and class.
    pub(super) pipeline: bool,
    /// Tells whether a module is a file of the model.
    pub(super) is_own: &'r dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    /// Reads a configuration.
    ///
    /// # Errors
    /// It is not JSON, not even with the numbers that Python takes.
    pub(super) fn read(self, bytes: &mut [u8]) -> Result<Asked, serde_json::Error> {
        self.parse(bytes).or_else(|_| {
            without_nan(bytes);
            self.parse(bytes)
        })
    }

    fn parse(self, bytes: &[u8]) -> Result<Asked, serde_json::Error> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let asked = self.deserialize(&mut reader)?;
        reader.end()?;
        Ok(asked)
    }

    fn keep(self, module: Option<String>, asked: &mut Asked) {
        asked.modules.extend(module.filter(|module| (self.is_own)(module)));
    }
}

/// Puts zeros in the place of `NaN` and `Infinity` outside of strings.
fn without_nan(bytes: &mut [u8]) {
    let (mut at, mut quoted) = (0, false);
    while let Some(rest) = bytes.get_mut(at..).filter(|rest| !rest.is_empty()) {
        let number = NUMBERS.iter().find(|(word, _)| !quoted && rest.starts_with(word));
        at += match (number, rest.first()) {
            (Some((word, zero)), _) => {
                rest.iter_mut().zip(zero.iter()).for_each(|(byte, zero)| *byte = *zero);
                word.len()
            }
            (None, Some(b'\\')) if quoted => 2,
            (None, byte) => {
                quoted ^= byte == Some(&b'"');
                1
            }
        };
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Asked;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Asked, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Asked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a configuration: an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Asked, A::Error> {
        let mut asked = Asked::default();
        // Of a key that stands there twice each value counts.
        while let Some(key) = map.next_key::<String>()? {
            if let Some(own) = OWN_CLASSES.into_iter().find(|own| *own == key) {
                if map.next_value_seed(Said)?.filled {
                    asked.own_classes.insert(own);
                }
            } else if key == "trust_remote_code" {
                asked.trusts |= map.next_value_seed(Said)?.truth;
            } else if key == "chat_template" {
                asked.template |= map.next_value_seed(Said)?.filled;
            } else if self.pipeline {
                self.keep(map.next_value_seed(Said)?.first, &mut asked);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(asked)
    }

    /// The modules of a sentence transformer, each an object with the name of a class.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Asked, A::Error> {
        let mut asked = Asked::default();
        while let Some(said) = list.next_element_seed(Said)? {
            let module = said.kind.and_then(|kind| kind.split('.').next().map(str::to_owned));
            self.keep(module, &mut asked);
        }
        Ok(asked)
    }
}

/// What one value says.
#[derive(Default)]
struct Value {
    /// Whether it is anything but null, or a text, a list or an object without content.
    filled: bool,
    /// Whether it is true.
    truth: bool,
    /// The text itself.
    text: Option<String>,
    /// The text that a list begins with.
    first: Option<String>,
    /// The text of an object's `type`.
    kind: Option<String>,
}

impl Value {
    fn filled() -> Self {
        Self { filled: true, ..Self::default() }
    }
}

/// Reads one value and forgets what is in it.
struct Said;

impl<'de> DeserializeSeed<'de> for Said {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Said {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::default())
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value { truth, ..Value::filled() })
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Value, E> {
        Ok(Value::filled())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Value, E> {
        Ok(Value::filled())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::filled())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value { filled: !text.is_empty(), text: Some(text.to_owned()), ..Value::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let Some(first) = list.next_element_seed(Said)? else { return Ok(Value::default()) };
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value { first: first.text, ..Value::filled() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut value = Value::default();
        while let Some(key) = map.next_key::<String>()? {
            value.filled = true;
            match key.as_str() {
                "type" => value.kind = map.next_value_seed(Said)?.text,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn asked(text: &str) -> Result<Asked, serde_json::Error> {
        Reader { pipeline: false, is_own: &|_| false }.read(&mut text.as_bytes().to_vec())
    }

    #[test]
    fn what_python_reads_is_read() {
        let deep = format!(r#"{{"x":{}{},"auto_map":{{"a":"b"}}}}"#, "[".repeat(500), "]".repeat(500));
        for text in [
            r#"{"auto_map":{"a":"b"},"x":[NaN,Infinity,-Infinity]}"#,
            r#"{"x":1e999,"auto_map":{"a":"b"}}"#,
            r#"{"x":"\ud800","auto_map":["a"]}"#,
            r#"{"x":"\\","y":NaN,"auto_map":{"a":"b"}}"#,
            r#"{"auto_map":{"a":NaN},"x":"\"NaN"}"#,
            r#"{"auto_map":{"a":"b"},"auto_map":null}"#,
            &deep,
        ] {
            assert_eq!(asked(text).unwrap().own_classes.len(), 1, "{text}");
        }
        for text in ["", "{", "{} {}", "nan", "{\"x\":Nan}", "{\"x\":NaNNaN}", "{\"x\":\"NaN", "\u{feff}{}"] {
            assert!(asked(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_stands_in_strings_stays() {
        let mut bytes = br#"{"NaN":"Infinity \" NaN","x":-Infinity}"#.to_vec();
        without_nan(&mut bytes);
        assert_eq!(String::from_utf8(bytes).unwrap(), r#"{"NaN":"Infinity \" NaN","x":-0       }"#);
    }
}
