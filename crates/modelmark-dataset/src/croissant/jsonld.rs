//! Values of JSON-LD in the shapes that Croissant descriptions have.

use serde_json::{Map, Value};

/// Longest text that is taken over, in characters.
const MAX_TEXT: usize = 10_000;
const VOCABULARIES: [&str; 8] = [
    "sc:",
    "cr:",
    "dct:",
    "https://schema.org/",
    "http://schema.org/",
    "http://mlcommons.org/croissant/",
    "https://mlcommons.org/croissant/",
    "http://purl.org/dc/terms/",
];

/// A node: an object whose keys are known by their short names.
#[derive(Clone, Copy)]
pub(super) struct Node<'v>(pub(super) &'v Map<String, Value>);

impl<'v> Node<'v> {
    pub(super) fn of(value: &'v Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// Returns the values of a property: none, one, or those of a list.
    pub(super) fn all(self, term: &str) -> impl Iterator<Item = &'v Value> {
        let found = self.0.get(term).or_else(|| self.0.iter().find(|(key, _)| short(key) == term).map(|(_, value)| value));
        let (one, many): (Option<&Value>, &[Value]) = match found {
            None | Some(Value::Null) => (None, &[]),
            Some(Value::Array(list)) => (None, list),
            Some(value) => (Some(value), &[]),
        };
        one.into_iter().chain(many)
    }

    pub(super) fn texts(self, term: &str) -> impl Iterator<Item = String> {
        self.all(term).filter_map(text)
    }

    pub(super) fn text(self, term: &str) -> Option<String> {
        self.texts(term).next()
    }

    pub(super) fn is(self, class: &str) -> bool {
        self.texts("@type").any(|kind| short(&kind) == class)
    }
}

/// Returns a name of one of the vocabularies without its prefix.
pub(super) fn short(name: &str) -> &str {
    VOCABULARIES.iter().find_map(|vocabulary| name.strip_prefix(vocabulary)).unwrap_or(name)
}

/// Returns the text of a value: a text, a number, a typed or tagged text, a reference, or of texts by language the English one, else the first.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.chars().take(MAX_TEXT).collect()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(map) => {
            let named = ["@value", "@id", "en", "name", "url"].iter().find_map(|key| map.get(*key));
            match named.or_else(|| map.values().next())? {
                Value::Object(_) => None,
                Value::Array(list) => list.first().filter(|value| value.is_string()).and_then(text),
                value => text(value),
            }
        }
        _ => None,
    }
}
