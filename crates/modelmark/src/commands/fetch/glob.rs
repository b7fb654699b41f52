//! Patterns for names of files.

use std::str::FromStr;

/// Longest pattern, in bytes.
const MAX_BYTES: usize = 1024;

/// A pattern of [`modelmark_dataset::glob`]. Without a slash it is held against the name, else against the whole path.
#[derive(Clone, Debug)]
pub(crate) struct Glob(String);

impl FromStr for Glob {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() > MAX_BYTES {
            Err(format!("a pattern has 1 to {MAX_BYTES} bytes"))
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl Glob {
    pub(crate) fn matches(&self, path: &str) -> bool {
        let name = if self.0.contains('/') { path } else { path.rsplit('/').next().unwrap_or(path) };
        modelmark_dataset::glob::matches(&self.0, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_hold_what_they_should() {
        for (pattern, path, matches) in [
            ("*.safetensors", "model.safetensors", true),
            ("*.safetensors", "sub/model.safetensors", true),
            ("*.safetensors", "model.safetensors.index.json", false),
            ("model-0000?-of-*", "model-00001-of-00002.safetensors", true),
            ("model-0000?-of-*", "model-00010-of-00020.safetensors", false),
            ("sub/*", "sub/a", true),
            ("sub/*", "sub/a/b", false),
            ("*/b", "a/b", true),
            ("*/b", "a/c/b", false),
            ("**/b", "a/c/b", true),
            ("a*b*c", "axxbxbxc", true),
            ("a*b*c", "axxbxbx", false),
            ("*", "", true),
            ("?", "я", true),
            ("config.json", "config.json", true),
            ("config.json", "configXjson", false),
        ] {
            assert_eq!(Glob(pattern.to_owned()).matches(path), matches, "{pattern} {path}");
        }
        assert!("".parse::<Glob>().is_err());
    }

    #[test]
    fn patterns_of_many_stars_end() {
        let pattern = Glob("*a".repeat(500));
        assert!(!pattern.matches(&"a".repeat(499)));
        assert!(!pattern.matches(&"b".repeat(4000)));
    }
}
