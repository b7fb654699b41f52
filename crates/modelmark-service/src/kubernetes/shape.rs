//! JSON of a known shape, read so that nothing of another shape is taken for nothing.

use serde_json::{Map, Value};

use super::code::{AdmissionCode, Refusal};

pub(super) type Object = Map<String, Value>;
pub(super) type Found<T> = Result<T, Refusal>;

/// Most entries of one list.
const MAX_ENTRIES: usize = 512;

fn wrong(what: &str) -> Refusal {
    Refusal::new(AdmissionCode::ReviewShape, what)
}

/// Returns a value that has to be an object.
pub(super) fn object<'v>(value: &'v Value, what: &str) -> Found<&'v Object> {
    value.as_object().ok_or_else(|| wrong(&format!("{what} is no object")))
}

/// Returns a field that is an object, if it is there.
pub(super) fn part<'v>(of: &'v Object, key: &str) -> Found<Option<&'v Object>> {
    present(of, key).map(|value| object(value, key)).transpose()
}

/// Returns a field that has to be there and an object.
pub(super) fn needed<'v>(of: &'v Object, key: &str) -> Found<&'v Object> {
    part(of, key)?.ok_or_else(|| wrong(&format!("there is no `{key}`")))
}

/// Returns the objects of a list; none when there is no list.
pub(super) fn objects<'v>(of: &'v Object, key: &str) -> Found<Vec<&'v Object>> {
    list(of, key)?.iter().map(|value| object(value, &format!("an entry of `{key}`"))).collect()
}

/// Returns a list; an empty one when there is none.
pub(super) fn list<'v>(of: &'v Object, key: &str) -> Found<&'v [Value]> {
    let Some(value) = present(of, key) else { return Ok(&[]) };
    let list = value.as_array().ok_or_else(|| wrong(&format!("`{key}` is no list")))?;
    if list.len() > MAX_ENTRIES { Err(wrong(&format!("`{key}` has more than {MAX_ENTRIES} entries"))) } else { Ok(list) }
}

/// Returns a text; an empty one when there is none, as Kubernetes has it.
pub(super) fn text<'v>(of: &'v Object, key: &str) -> Found<&'v str> {
    let Some(value) = present(of, key) else { return Ok("") };
    value.as_str().ok_or_else(|| wrong(&format!("`{key}` is no text")))
}

/// Returns a truth value; false when there is none.
pub(super) fn flag(of: &Object, key: &str) -> Found<bool> {
    let Some(value) = present(of, key) else { return Ok(false) };
    value.as_bool().ok_or_else(|| wrong(&format!("`{key}` is neither true nor false")))
}

/// Returns a field that is there; null is not.
pub(super) fn present<'v>(of: &'v Object, key: &str) -> Option<&'v Value> {
    of.get(key).filter(|value| !value.is_null())
}

/// Tells whether a value says nothing.
pub(super) fn empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}
