//! Names that a model of somebody else may bring to this machine: only such as every usual file system can hold and tells apart.
//!
//! A [`ModelPath`] cannot leave its directory. What it may still do is collide with another one where case or Unicode spelling do not count, mean a device
//! elsewhere, hide, or lay traps for tools that look into the directory later, as `.git` does. A model with such names is written nowhere.

use std::collections::{BTreeMap, HashSet};

use unicode_normalization::UnicodeNormalization as _;

use crate::ModelPath;
use crate::walk::MAX_DEPTH;

/// Longest name of a file or directory, in bytes: what usual file systems take.
pub const MAX_NAME_BYTES: usize = 255;

/// A name that is not written to disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// A name that means something else, or nothing, on some system.
    #[error("the model has a name that is not written to disk, {path:?}: {reason}")]
    Unsafe {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Two names that some file systems take for one.
    #[error("the model has two names that some file systems take for one: {first:?} and {second:?}")]
    Twins {
        /// One of them.
        first: String,
        /// The other one.
        second: String,
    },
    /// A name for a file and for a directory.
    #[error("the model has a file and a directory of one name: {0:?}")]
    FileAndFolder(String),
}

/// Makes sure that a model of these files and empty directories can be written to any usual file system, and is the same model there.
///
/// # Errors
/// [`NameError`] that names the first path at fault.
pub fn check<'p>(
    files: impl IntoIterator<Item = &'p ModelPath>,
    empty_folders: impl IntoIterator<Item = &'p ModelPath>,
) -> Result<(), NameError> {
    let mut names = Names::default();
    for path in files {
        names.add(path.as_str(), true)?;
    }
    for path in empty_folders {
        names.add(path.as_str(), false)?;
    }
    Ok(())
}

/// What was seen: every path and every directory on the way to one, by how a careless file system reads it.
#[derive(Default)]
struct Names<'p> {
    seen: BTreeMap<String, (&'p str, bool)>,
    folders: HashSet<&'p str>,
}

impl<'p> Names<'p> {
    fn add(&mut self, path: &'p str, file: bool) -> Result<(), NameError> {
        let at_fault = |reason| NameError::Unsafe { path: path.chars().take(200).collect(), reason };
        if path.split('/').count() > MAX_DEPTH {
            return Err(at_fault("it lies deeper than a model goes"));
        }
        if folded(path).starts_with(".cache/huggingface/") {
            return Err(at_fault("`.cache/huggingface` is no part of a model"));
        }
        path.split('/').find_map(fault).map_or(Ok(()), |reason| Err(at_fault(reason)))?;
        for (end, _) in path.match_indices('/') {
            let folder = path.get(..end).unwrap_or_default();
            if self.folders.insert(folder) {
                self.note(folder, false)?;
            }
        }
        self.note(path, file)
    }

    fn note(&mut self, path: &'p str, file: bool) -> Result<(), NameError> {
        match self.seen.insert(folded(path), (path, file)) {
            None => Ok(()),
            Some((other, _)) if other != path => Err(NameError::Twins { first: other.to_owned(), second: path.to_owned() }),
            Some((_, other)) if other || file => Err(NameError::FileAndFolder(path.to_owned())),
            Some(_) => Ok(()),
        }
    }
}

/// Spells a name as file systems do that do not tell case or composition apart.
fn folded(name: &str) -> String {
    name.nfd().collect::<String>().to_lowercase().nfc().collect()
}

fn fault(name: &str) -> Option<&'static str> {
    if name.len() > MAX_NAME_BYTES {
        return Some("a part of it is longer than 255 bytes");
    }
    if name.ends_with(['.', ' ']) {
        return Some("a part of it ends with a dot or space, which some systems drop");
    }
    if name.contains(['\\', ':', '<', '>', '"', '|', '?', '*']) {
        return Some("it has a character that some systems keep for themselves");
    }
    if name.contains(|c| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')) {
        return Some("it has a character that is not seen");
    }
    if [".git", "git~1"].iter().any(|git| name.eq_ignore_ascii_case(git)) {
        return Some("Git would take it for a repository");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|number| matches!(number, "¹" | "²" | "³") || (number.len() == 1 && number.bytes().all(|c| c.is_ascii_digit())))
    };
    (matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || numbered("COM") || numbered("LPT"))
        .then_some("it names a device on Windows")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn checked(files: &[&str]) -> Result<(), NameError> {
        let paths: Vec<ModelPath> = files.iter().map(|path| (*path).try_into().unwrap()).collect();
        check(&paths, [])
    }

    #[test]
    fn names_of_usual_models_pass() {
        checked(&[
            "config.json",
            "model-00001-of-00002.safetensors",
            "tokenizer/слова.txt",
            "tokenizer/vocab.json",
            ".gitattributes",
            "nullable.py",
        ])
        .unwrap();
        checked(&["a/b/c", "a/b/d", "a/e"]).unwrap();
        let (file, empty): (ModelPath, ModelPath) = ("a/b".try_into().unwrap(), "a/c".try_into().unwrap());
        check([&file], [&empty]).unwrap();
    }

    #[test]
    fn names_that_mean_something_elsewhere_are_refused() {
        for bad in [
            ".git/config",
            "sub/.GIT/hooks/pre-commit",
            "GIT~1/config",
            "con",
            "NUL.txt",
            "Aux .json",
            "lpt1",
            "COM².bin",
            "a:b",
            "a\\..\\b",
            "x?",
            "trailing.",
            "trailing ",
            "dir./x",
            "zero\u{200b}width",
            "right\u{202e}left",
            ".cache/huggingface/download/x",
            ".Cache/HuggingFace/x",
        ] {
            assert!(matches!(checked(&[bad]), Err(NameError::Unsafe { .. })), "{bad:?}");
        }
        assert!(checked(&["x".repeat(256).as_str()]).is_err());
        assert!(checked(&["x".repeat(255).as_str()]).is_ok());
        assert!(checked(&[vec!["d"; MAX_DEPTH + 1].join("/").as_str()]).is_err());
    }

    #[test]
    fn names_that_are_one_on_some_file_system_are_refused() {
        for twins in [
            ["README.md", "readme.md"],
            ["caf\u{e9}", "cafe\u{301}"],
            ["\u{c9}.txt", "e\u{301}.txt"],
            ["Data/a", "data/b"],
            ["\u{212b}", "\u{e5}"],
            ["a/b", "A"],
        ] {
            assert!(matches!(checked(&twins), Err(NameError::Twins { .. })), "{twins:?}");
        }
        assert_eq!(checked(&["a", "a/b"]), Err(NameError::FileAndFolder("a".to_owned())));
        assert_eq!(checked(&["a/b", "a"]), Err(NameError::FileAndFolder("a".to_owned())));
    }
}
