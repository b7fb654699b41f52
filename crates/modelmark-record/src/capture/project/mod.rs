//! `modelmark.toml`: what a model's owner writes down beside it once. A closed format; a mistake in it is an error, not a finding.

mod convert;
mod screen;
mod tables;
mod text;

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

pub use text::project_text;

use super::intake::Intake;
use super::{CaptureError, Claims};

/// Longest `modelmark.toml` in bytes.
const MAX_BYTES: usize = 1 << 18;

/// Tables that belong to the caller: they say where things go, not what the record states.
const OF_THE_CALLER: [&str; 2] = ["chain", "storage"];

/// What the project file says.
pub(in crate::capture) struct Read {
    /// What the record is to state.
    pub(in crate::capture) claims: Claims,
    /// The `[chain]` table.
    pub(in crate::capture) chain: Map<String, Value>,
    /// The `[storage]` table.
    pub(in crate::capture) storage: Map<String, Value>,
}

/// Reads the project file.
pub(in crate::capture) fn read(file: &str, bytes: &[u8], intake: &mut Intake<'_>) -> Result<Read, CaptureError> {
    let refuse = |reason: String| CaptureError::Project { file: file.to_owned(), reason };
    if bytes.len() > MAX_BYTES {
        return Err(refuse(format!("has {} bytes; the limit is {MAX_BYTES}", bytes.len())));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| refuse(error.to_string()))?;
    let table = DeTable::parse(text).map_err(|error| refuse(error.to_string()))?;
    let mut document = object(table.get_ref()).map_err(refuse)?;
    let unscreened: Vec<_> = OF_THE_CALLER.into_iter().filter_map(|key| Some((key.to_owned(), document.remove(key)?))).collect();
    screen::screen("", &mut document, intake);
    document.extend(unscreened);
    let project: tables::Project = serde_json::from_value(Value::Object(document)).map_err(|error| refuse(error.to_string()))?;
    convert::claims(project).map_err(|error| refuse(error.to_string()))
}

fn object(table: &DeTable<'_>) -> Result<Map<String, Value>, String> {
    table.iter().map(|(key, value)| Ok((key.get_ref().to_string(), json(value.get_ref())?))).collect()
}

/// Turns a TOML value into JSON without a detour through doubles: a decimal stays the text that was typed.
fn json(value: &DeValue<'_>) -> Result<Value, String> {
    Ok(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            Value::Number(number.map_err(|_| format!("the integer {integer} is too large"))?.into())
        }
        DeValue::Float(float) => Value::String(float.as_str().to_owned()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(|item| json(item.get_ref())).collect::<Result<_, _>>()?),
        DeValue::Table(table) => Value::Object(object(table)?),
    })
}
