//! The few words that matter of a JSON object which may hold anything: known keys are kept, all else is passed over without being built.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Keys whose values are words.
const WORDS: &[&str] = &[
    "_class_name",
    "_name_or_path",
    "architectures",
    "attention_heads",
    "bits",
    "d_model",
    "depth",
    "dim",
    "dtype",
    "group_size",
    "hidden_size",
    "load_in_4bit",
    "load_in_8bit",
    "max_position_embeddings",
    "max_seq_len",
    "max_sequence_length",
    "model_type",
    "n_ctx",
    "n_embd",
    "n_head",
    "n_heads",
    "n_kv_heads",
    "n_layer",
    "n_layers",
    "n_positions",
    "n_routed_experts",
    "num_attention_heads",
    "num_experts",
    "num_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "num_kv_heads",
    "num_layers",
    "num_local_experts",
    "q_group_size",
    "quant_method",
    "seq_length",
    "torch_dtype",
    "transformers_version",
    "vocab_size",
    "w_bit",
];

/// Keys whose values are objects of the same kind.
const NESTED: &[&str] = &["llm_config", "quantization_config", "text_config", "vision_config"];

/// A JSON object, in so far as it is understood.
#[derive(Debug, Default)]
pub(super) struct Object {
    words: BTreeMap<&'static str, Word>,
    nested: BTreeMap<&'static str, Object>,
}

/// A value that is kept.
#[derive(Debug)]
enum Word {
    Text(String),
    Number(u64),
    Truth(bool),
}

impl Object {
    /// Returns a text; of a list its first.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.words.get(key) {
            Some(Word::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the first number that stands under one of several keys.
    pub(super) fn number(&self, keys: &[&str]) -> Option<u64> {
        keys.iter().find_map(|key| match self.words.get(key) {
            Some(Word::Number(number)) => Some(*number),
            _ => None,
        })
    }

    pub(super) fn is_true(&self, key: &str) -> bool {
        matches!(self.words.get(key), Some(Word::Truth(true)))
    }

    pub(super) fn object(&self, key: &str) -> Option<&Self> {
        self.nested.get(key)
    }
}

fn known(keys: &'static [&'static str], key: &str) -> Option<&'static str> {
    keys.iter().find(|known| **known == key).copied()
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Outer;
        impl<'de> Visitor<'de> for Outer {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut object = Object::default();
                while let Some(key) = map.next_key::<String>()? {
                    let twice = if let Some(key) = known(WORDS, &key) {
                        let Kept(word) = map.next_value()?;
                        word.and_then(|word| object.words.insert(key, word)).is_some()
                    } else if let Some(key) = known(NESTED, &key) {
                        let Inner(inner) = map.next_value()?;
                        inner.and_then(|inner| object.nested.insert(key, inner)).is_some()
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        false
                    };
                    if twice {
                        return Err(Error::custom(format_args!("duplicate field `{key}`")));
                    }
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Outer)
    }
}

/// A value, if it is a word.
struct Kept(Option<Word>);

/// A value, if it is an object.
struct Inner(Option<Object>);

macro_rules! visits {
    ($($method:ident: $kind:ty),+) => {
        $(fn $method<E: Error>(self, _: $kind) -> Result<Self::Value, E> { Ok(Self::Value::none()) })+
    };
}

impl Kept {
    const fn none() -> Self {
        Self(None)
    }
}

impl Inner {
    const fn none() -> Self {
        Self(None)
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Kept;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            visits!(visit_i64: i64, visit_f64: f64);

            fn visit_unit<E: Error>(self) -> Result<Kept, E> {
                Ok(Kept(None))
            }

            fn visit_bool<E: Error>(self, truth: bool) -> Result<Kept, E> {
                Ok(Kept(Some(Word::Truth(truth))))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Kept, E> {
                Ok(Kept(Some(Word::Number(number))))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Kept, E> {
                Ok(Kept(Some(Word::Text(text.to_owned()))))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kept, A::Error> {
                let first = list.next_element::<Kept>()?.unwrap_or(Kept(None));
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(first)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kept, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Kept(None))
            }
        }
        deserializer.deserialize_any(One)
    }
}

impl<'de> Deserialize<'de> for Inner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Inner;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            visits!(visit_i64: i64, visit_f64: f64, visit_bool: bool, visit_u64: u64, visit_str: &str);

            fn visit_unit<E: Error>(self) -> Result<Inner, E> {
                Ok(Inner(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Inner, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Inner(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Inner, A::Error> {
                Object::deserialize(MapAccessDeserializer::new(map)).map(|object| Inner(Some(object)))
            }
        }
        deserializer.deserialize_any(One)
    }
}
