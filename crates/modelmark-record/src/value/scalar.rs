//! A value whose kind the writer chooses: text or a whole number, never a fraction.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::value::{Label, MAX_COUNT, ValueError};

/// A text of one line, or an integer between -(2^53 - 1) and 2^53 - 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scalar {
    /// Text; decimals are text too.
    Text(Label),
    /// A whole number; made by `TryFrom<i64>`, which checks the bound, and checked again when a record is encoded.
    Integer(i64),
}

impl TryFrom<i64> for Scalar {
    type Error = ValueError;

    fn try_from(value: i64) -> Result<Self, ValueError> {
        if value.unsigned_abs() > MAX_COUNT {
            return Err(ValueError::new("number", &value.to_string(), "is outside -(2^53 - 1) to 2^53 - 1"));
        }
        Ok(Self::Integer(value))
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Integer(value) => value.fmt(f),
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Integer(value) => serializer.serialize_i64(*value),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;
        impl Visitor<'_> for ScalarVisitor {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or an integer (decimals are written as text)")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
                text.parse().map(Scalar::Text).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
                value.try_into().map_err(E::custom)
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
                self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
            }
        }
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Schema::default();
        let text = generator.subschema_for::<Label>();
        let integer = serde_json::json!({ "type": "integer", "minimum": -9_007_199_254_740_991_i64, "maximum": MAX_COUNT });
        schema.insert("anyOf".to_owned(), serde_json::Value::Array(vec![text.to_value(), integer]));
        schema
    }
}
