//! JSON Schema of the documents, and of the digest types whose crate knows nothing of schemas.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use crate::{Record, SignatureDocument};

/// Returns the JSON Schema (draft 2020-12) of a record; committed as `schemas/record-v1.schema.json`.
#[must_use]
pub fn record_schema() -> Value {
    generate::<Record>("https://modelmark.dev/schemas/record-v1.schema.json")
}

/// Returns the JSON Schema (draft 2020-12) of a signature document; committed as `schemas/signatures-v1.schema.json`.
#[must_use]
pub fn signatures_schema() -> Value {
    generate::<SignatureDocument>("https://modelmark.dev/schemas/signatures-v1.schema.json")
}

fn generate<T: JsonSchema>(id: &str) -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), id.into());
    schema.insert("$comment".to_owned(), "Generated from the types of modelmark-record; do not edit.".into());
    schema.to_value()
}

/// Defines a type that stands for another one's schema.
macro_rules! stand_in {
    ($name:ident, $schema:tt) => {
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                match serde_json::json!($schema) {
                    Value::Object(map) => map.into(),
                    _ => Schema::default(),
                }
            }
        }
    };
}

stand_in!(Hash, { "type": "string", "description": "SHA-256, 0x and 64 lower-case hex digits", "pattern": "^0x[0-9a-f]{64}$" });
stand_in!(Cid, { "type": "string", "description": "CIDv1, SHA-256, codec raw or dag-pb, base32", "pattern": "^b[a-z2-7]{58}$" });
stand_in!(Kind, { "type": "string", "enum": ["file", "directory"] });
stand_in!(Profile, { "type": "string", "enum": ["unixfs-v1-256KiB-174", "unixfs-v1-2025"] });
stand_in!(Path, {
    "type": "string",
    "description": "relative path, / between components, no empty, . or .. component, no control character, at most 4096 bytes",
    "minLength": 1,
    "maxLength": 4096,
    "pattern": "^[^/\u{0}-\u{1f}\u{7f}-\u{9f}][^\u{0}-\u{1f}\u{7f}-\u{9f}]*$"
});
