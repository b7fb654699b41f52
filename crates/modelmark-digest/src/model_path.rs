//! The path of a file inside a model, as it is hashed and written into records.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest accepted path in bytes.
pub const MAX_PATH_BYTES: usize = 4096;

/// A relative path inside a model: UTF-8, `/` between components, no empty, `.` or `..` component, no control character.
///
/// Ordered by its bytes. Names are neither case-folded nor Unicode-normalised: two spellings are two files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelPath(String);

/// The text cannot be a path inside a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unsafe path inside a model ({reason}): {path:?}")]
pub struct ModelPathError {
    path: String,
    reason: &'static str,
}

impl ModelPath {
    /// Returns the path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl ModelPathError {
    /// The name is not UTF-8; `lossy` is the nearest text.
    pub(crate) fn not_utf8(lossy: String) -> Self {
        Self { path: lossy, reason: "not UTF-8" }
    }
}

impl TryFrom<String> for ModelPath {
    type Error = ModelPathError;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        match fault(&path) {
            None => Ok(Self(path)),
            Some(reason) => Err(ModelPathError { path: path.chars().take(200).collect(), reason }),
        }
    }
}

impl TryFrom<&str> for ModelPath {
    type Error = ModelPathError;

    fn try_from(path: &str) -> Result<Self, Self::Error> {
        Self::try_from(path.to_owned())
    }
}

fn fault(path: &str) -> Option<&'static str> {
    if path.len() > MAX_PATH_BYTES {
        return Some("longer than 4096 bytes");
    }
    if path.chars().any(char::is_control) {
        return Some("control character");
    }
    path.split('/').find_map(|component| match component {
        "" => Some("empty component"),
        "." | ".." => Some("`.` or `..` component"),
        _ => None,
    })
}

impl fmt::Display for ModelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ModelPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ModelPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_names_as_they_are_and_refuses_escapes() {
        for good in ["a", "a/b.txt", "модель.txt", "a b", "…/x", "..a/b"] {
            assert!(ModelPath::try_from(good).is_ok(), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "../a", "a/./b", "a\0b", "a\nb", "\u{1b}[2J"] {
            assert!(ModelPath::try_from(bad).is_err(), "{bad:?}");
        }
    }
}
