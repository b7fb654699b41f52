//! The few words that matter of a JSON object which may hold anything: known keys are kept, all else is passed over without being built.
//!
//! A known key that stands twice is a fault, whatever its values: programs differ in which of the two they take. So are control characters in a text that
//! is kept, which no name of a model or method has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::contents::short;

/// Most values of a list that are kept.
const MAX_LIST: usize = 64;

/// Keys whose values are words.
const WORDS: &[&str] = &[
    "_class_name",
    "_name_or_path",
    "architectures",
    "attention_heads",
    "base_model_name_or_path",
    "bits",
    "d_model",
    "depth",
    "dim",
    "dtype",
    "group_size",
    "hidden_size",
    "load_in_4bit",
    "load_in_8bit",
    "lora_alpha",
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
    "peft_type",
    "q_group_size",
    "quant_method",
    "r",
    "revision",
    "seq_length",
    "target_modules",
    "task_type",
    "torch_dtype",
    "transformers_version",
    "vocab_size",
    "w_bit",
];

/// Keys whose values are objects of the same kind.
const NESTED: &[&str] = &["llm_config", "quantization_config", "text_config", "vision_config"];

/// A JSON object, in so far as it is understood.
#[derive(Debug, Default)]
pub(crate) struct Object {
    words: BTreeMap<&'static str, Word>,
    nested: BTreeMap<&'static str, Object>,
}

/// A value that is kept.
#[derive(Debug)]
pub(crate) enum Word {
    Text(String),
    Number(Number),
    Truth(bool),
    /// Something else, in a list.
    Nothing,
    /// The first values of a list; those that are lists themselves stand as their first value.
    List(Vec<Self>),
}

impl Word {
    /// Returns the text; of a list its first value.
    pub(crate) fn text(&self) -> Option<&str> {
        match self.first()? {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number; of a list its first value.
    pub(crate) fn number(&self) -> Option<&Number> {
        match self.first()? {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the value, or all of a list.
    pub(crate) fn all(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => std::slice::from_ref(self),
        }
    }

    fn first(&self) -> Option<&Self> {
        self.all().first()
    }
}

impl Object {
    /// Returns what stands under a key.
    pub(crate) fn word(&self, key: &str) -> Option<&Word> {
        self.words.get(key)
    }

    /// Returns a text; of a list its first.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.word(key)?.text()
    }

    /// Returns the first number that stands under one of several keys.
    pub(crate) fn number(&self, keys: &[&str]) -> Option<u64> {
        keys.iter().find_map(|key| self.word(key)?.number()?.as_u64())
    }

    pub(crate) fn is_true(&self, key: &str) -> bool {
        matches!(self.word(key), Some(Word::Truth(true)))
    }

    pub(crate) fn object(&self, key: &str) -> Option<&Self> {
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
                let mut seen = BTreeSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    let (word, nested) = (known(WORDS, &key), known(NESTED, &key));
                    if word.or(nested).is_some_and(|key| !seen.insert(key)) {
                        return Err(Error::custom(format_args!("duplicate field `{key}`")));
                    }
                    if let Some(key) = word {
                        let Kept(word) = map.next_value()?;
                        object.words.extend(word.map(|word| (key, word)));
                    } else if let Some(key) = nested {
                        let Inner(inner) = map.next_value()?;
                        object.nested.extend(inner.map(|inner| (key, inner)));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Outer)
    }
}

/// A value, if it is a word.
pub(crate) struct Kept(pub(crate) Option<Word>);

/// A value, if it is an object.
struct Inner(Option<Object>);

macro_rules! visits {
    ($($method:ident: $kind:ty),+) => {
        $(fn $method<E: Error>(self, _: $kind) -> Result<Self::Value, E> { Ok(Inner(None)) })+
    };
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Kept;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E: Error>(self) -> Result<Kept, E> {
                Ok(Kept(None))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Kept, E> {
                Ok(Kept(Some(Word::Number(number.into()))))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Kept, E> {
                Ok(Kept(Number::from_f64(number).map(Word::Number)))
            }

            fn visit_bool<E: Error>(self, truth: bool) -> Result<Kept, E> {
                Ok(Kept(Some(Word::Truth(truth))))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Kept, E> {
                Ok(Kept(Some(Word::Number(number.into()))))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Kept, E> {
                if text.chars().any(char::is_control) {
                    return Err(E::custom(format_args!("control character in {:?}", short(text))));
                }
                Ok(Kept(Some(Word::Text(text.to_owned()))))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kept, A::Error> {
                let mut kept = Vec::new();
                while kept.len() < MAX_LIST {
                    let Some(Kept(word)) = list.next_element()? else { return Ok(Kept(Some(Word::List(kept)))) };
                    kept.push(match word {
                        Some(Word::List(inner)) => inner.into_iter().next().unwrap_or(Word::Nothing),
                        word => word.unwrap_or(Word::Nothing),
                    });
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Kept(Some(Word::List(kept))))
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
