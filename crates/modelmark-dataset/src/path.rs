//! The path of a file inside a dataset: one spelling whatever the file system.

use std::fmt;

use modelmark_digest::{ModelPath, ModelPathError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// A relative path in Unicode Normalization Form C, `/` between components, otherwise as a [`ModelPath`].
///
/// File systems differ in how they store `é`, and datasets travel between them; a root must not depend on it. Ordered by its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataPath(String);

impl DataPath {
    /// Returns the path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path that `typed` names, in whatever normal form it was typed.
    ///
    /// # Errors
    /// [`ModelPathError`] when it is no relative path inside anything.
    pub fn normalised(typed: &str) -> Result<Self, ModelPathError> {
        // Composition can lengthen a text, and never makes a separator or control character.
        ModelPath::try_from(typed.nfc().collect::<String>()).map(|path| Self(path.as_str().to_owned()))
    }
}

impl TryFrom<String> for DataPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if !is_nfc(&text) {
            return Err(format!("path is not in Unicode Normalization Form C: {:?}", text.chars().take(200).collect::<String>()));
        }
        Self::normalised(&text).map_err(|error| error.to_string())
    }
}

impl fmt::Display for DataPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for DataPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DataPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
