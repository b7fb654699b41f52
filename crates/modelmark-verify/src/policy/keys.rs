//! Keys that no policy has. Each is named with its place and with the nearest key there is.

use schemars::JsonSchema as _;
use serde_json::{Map, Value};

use super::rules::Rules;

/// So many unknown keys are named at once.
const MAX_NAMED: usize = 16;
/// Keys that differ in more places are not meant.
const MOST_EDITS: usize = 3;

/// Returns what is wrong with the keys of a policy, one sentence a key.
pub(super) fn unknown(policy: &Value) -> Vec<String> {
    let mut generator = schemars::SchemaGenerator::default();
    let schema = Rules::json_schema(&mut generator);
    let definitions = generator.definitions();
    let mut walk = Walk { definitions, found: Vec::new() };
    walk.visit(policy, schema.as_value(), "");
    walk.found
}

struct Walk<'d> {
    definitions: &'d Map<String, Value>,
    found: Vec<String>,
}

impl Walk<'_> {
    fn visit(&mut self, value: &Value, schema: &Value, path: &str) {
        if self.found.len() >= MAX_NAMED {
            return;
        }
        let Some(schema) = self.resolved(schema) else { return };
        match value {
            Value::Object(object) => self.object(object, schema, path),
            Value::Array(items) => {
                let Some(schema) = schema.get("items").cloned() else { return };
                for (n, item) in items.iter().enumerate() {
                    self.visit(item, &schema, &format!("{path}[{n}]"));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, object: &Map<String, Value>, schema: Value, path: &str) {
        let Some(Value::Object(properties)) = schema.get("properties") else { return };
        for (key, value) in object {
            let place = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match properties.get(key) {
                Some(schema) => self.visit(value, schema, &place),
                None if self.found.len() < MAX_NAMED => self.found.push(named(&place, key, properties)),
                None => {}
            }
        }
    }

    /// Follows references, and the one object among alternatives.
    fn resolved(&self, schema: &Value) -> Option<Value> {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return self.definitions.get(name.rsplit('/').next()?).cloned();
        }
        match schema.get("anyOf").and_then(Value::as_array) {
            Some(alternatives) => alternatives.iter().filter_map(|one| self.resolved(one)).find(|one| one.get("properties").is_some()),
            None => Some(schema.clone()),
        }
    }
}

fn named(place: &str, key: &str, properties: &Map<String, Value>) -> String {
    let place: String = place.chars().take(160).collect();
    let distance = |known: &String| edits(&key.to_lowercase().replace('_', "-"), known);
    let nearest = properties.keys().filter(|known| distance(known) <= MOST_EDITS.min(known.len() / 2)).min_by_key(|known| distance(known));
    match nearest {
        Some(known) => format!("unknown key {place:?}; did you mean `{known}`?"),
        None => {
            let known: Vec<_> = properties.keys().map(|known| format!("`{known}`")).collect();
            format!("unknown key {place:?}; there are {}", known.join(", "))
        }
    }
}

/// Returns how many letters have to be changed, added or taken away (Levenshtein); of long texts no more than can matter is looked at.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(40).collect(), b.chars().take(40).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for ((to, above), diagonal) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(from != to)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
