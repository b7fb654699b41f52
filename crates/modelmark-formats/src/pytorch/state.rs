//! Tensors and plain values of a pickle under dotted names.

use std::collections::HashSet;

use super::super::FormatError;
use crate::pickle::{Id, Pickle, Tensor, Value};

/// Longest accepted name of a tensor in bytes, as for safetensors.
pub const MAX_NAME_BYTES: usize = 4096;

/// Most bytes of all names together.
pub const MAX_NAMES_BYTES: usize = 64 << 20;

/// Most values that are looked at. A pickle can hold one list many times over: this bounds what comes out of it, not what is in it.
pub const MAX_VISITS: usize = 8 << 20;

/// Folders of settings whose values are metadata; other nested numbers are the business of optimisers and loops.
const SETTINGS: [&str; 4] = ["hyper_parameters", "hparams", "config", "args"];

pub(super) struct State<'p> {
    pub(super) tensors: Vec<(String, &'p Tensor)>,
    pub(super) metadata: Vec<(String, String)>,
}

/// Names everything that the pickle at byte `at` of the file holds.
pub(super) fn flatten(pickle: &Pickle, at: u64) -> Result<State<'_>, FormatError> {
    let mut walk = Walk { pickle, at, visits: 0, bytes: 0, ahead: vec![(String::new(), pickle.root())], metadata: Vec::new() };
    let mut tensors = Vec::new();
    while let Some((name, id)) = walk.ahead.pop() {
        match pickle.value(id) {
            Value::Tensor(tensor) => tensors.push((name, &**tensor)),
            _ => walk.open(&name, id)?,
        }
    }
    let mut seen = HashSet::with_capacity(tensors.len());
    if let Some((twin, _)) = tensors.iter().find(|(name, _)| !seen.insert(name.as_str())) {
        return Err(FormatError::tensor(twin, "two tensors have this name"));
    }
    Ok(State { tensors, metadata: walk.metadata })
}

struct Walk<'p> {
    pickle: &'p Pickle,
    at: u64,
    visits: usize,
    bytes: usize,
    // Containers and tensors still to come, last first.
    ahead: Vec<(String, Id)>,
    metadata: Vec<(String, String)>,
}

impl Walk<'_> {
    /// Puts what is in a container on the list.
    fn open(&mut self, name: &str, id: Id) -> Result<(), FormatError> {
        let first = self.ahead.len();
        match self.pickle.value(id) {
            Value::Dict(dict) => {
                self.charge(dict.entries().len())?;
                for (key, value) in dict.entries() {
                    self.child(name, *key, *value)?;
                }
            }
            Value::List(items) => self.items(name, items)?,
            Value::Tuple(items) => self.items(name, items)?,
            _ => {}
        }
        if let Some(new) = self.ahead.get_mut(first..) {
            new.reverse();
        }
        Ok(())
    }

    fn charge(&mut self, visits: usize) -> Result<(), FormatError> {
        self.visits = self.visits.saturating_add(visits);
        let limit = MAX_VISITS as u64;
        if self.visits > MAX_VISITS {
            return Err(FormatError::Limit { what: "values of the pickle, unfolded", declared: self.visits as u64, limit });
        }
        Ok(())
    }

    fn items(&mut self, name: &str, items: &[Id]) -> Result<(), FormatError> {
        self.charge(items.len())?;
        for (index, item) in items.iter().enumerate() {
            if self.is_open(*item) {
                let name = self.joined(name, &index.to_string())?;
                self.ahead.push((name, *item));
            }
        }
        Ok(())
    }

    fn is_open(&self, id: Id) -> bool {
        match self.pickle.value(id) {
            Value::Tensor(_) => true,
            Value::Dict(dict) => !dict.entries().is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Tuple(items) => !items.is_empty(),
            _ => false,
        }
    }

    fn child(&mut self, name: &str, key: Id, value: Id) -> Result<(), FormatError> {
        let opens = self.is_open(value);
        if !opens && !name.is_empty() && !SETTINGS.contains(&name) {
            return Ok(());
        }
        let number;
        let key = match self.pickle.value(key) {
            Value::Str(key) => key,
            Value::Int(key) => {
                number = key.to_string();
                number.as_str()
            }
            Value::Bool(true) => "True",
            Value::Bool(false) => "False",
            Value::None => "None",
            _ => return Err(FormatError::malformed(self.at, "a key that is bytes")),
        };
        if opens {
            let name = self.joined(name, key)?;
            self.ahead.push((name, value));
        } else if let Some(text) = plain(self.pickle.value(value)) {
            let name = self.joined(name, key)?;
            self.bytes = self.bytes.saturating_add(text.len());
            self.metadata.push((name, text));
        }
        Ok(())
    }

    fn joined(&mut self, name: &str, key: &str) -> Result<String, FormatError> {
        let length = name.len().saturating_add(key.len()).saturating_add(1);
        if length > MAX_NAME_BYTES {
            return Err(FormatError::Limit { what: "a name", declared: length as u64, limit: MAX_NAME_BYTES as u64 });
        }
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > MAX_NAMES_BYTES {
            return Err(FormatError::Limit { what: "all names", declared: self.bytes as u64, limit: MAX_NAMES_BYTES as u64 });
        }
        if key.chars().any(char::is_control) {
            return Err(FormatError::malformed(self.at, format!("control character in name {key:?}")));
        }
        Ok(if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") })
    }
}

/// A number or a text, cut to what is worth showing.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Str(text) => Some(super::super::contents::short(text)),
        _ => None,
    }
}
