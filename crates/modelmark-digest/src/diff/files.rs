//! Which files of two models are the same, told by their CIDs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{ContentId, FileEntry, ModelPath};

/// How the files of two models stand to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileChanges {
    /// Number of files with the same path and content.
    pub identical: u64,
    /// Files of the second model only.
    pub added: Vec<ModelPath>,
    /// Files of the first model only.
    pub removed: Vec<ModelPath>,
    /// Files of both with different content.
    pub changed: Vec<ChangedFile>,
    /// Files with the same content under another path.
    pub renamed: Vec<RenamedFile>,
}

/// A file whose content is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedFile {
    /// Path in both models.
    pub path: ModelPath,
    /// Length in bytes in the first model.
    pub first_size: u64,
    /// Length in bytes in the second model.
    pub second_size: u64,
}

/// A file under another path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RenamedFile {
    /// Path in the first model.
    pub first: ModelPath,
    /// Path in the second model.
    pub second: ModelPath,
}

impl FileChanges {
    pub(super) fn between(first: &[FileEntry], second: &[FileEntry]) -> Self {
        let of_second: BTreeMap<&ModelPath, &FileEntry> = second.iter().map(|file| (&file.path, file)).collect();
        let mut changes = Self::default();
        let mut gone = Vec::new();
        for file in first {
            match of_second.get(&file.path) {
                Some(other) if other.cid == file.cid => changes.identical += 1,
                Some(other) => {
                    changes.changed.push(ChangedFile { path: file.path.clone(), first_size: file.size, second_size: other.size });
                }
                None => gone.push(file),
            }
        }
        let of_first: BTreeMap<&ModelPath, &FileEntry> = first.iter().map(|file| (&file.path, file)).collect();
        let mut came: BTreeMap<ContentId, Vec<&FileEntry>> = BTreeMap::new();
        // Last path first, because they are taken from the end.
        for file in second.iter().rev().filter(|file| !of_first.contains_key(&file.path)) {
            came.entry(file.cid).or_default().push(file);
        }
        for file in gone {
            // Empty files are all alike: none of them is another one's new name.
            match came.get_mut(&file.cid).filter(|_| file.size > 0).and_then(Vec::pop) {
                Some(other) => changes.renamed.push(RenamedFile { first: file.path.clone(), second: other.path.clone() }),
                None => changes.removed.push(file.path.clone()),
            }
        }
        changes.added = came.into_values().flatten().map(|file| file.path.clone()).collect();
        changes.added.sort();
        changes
    }

    /// Paths of everything that is not the same in both, in either model.
    pub(super) fn touched(&self) -> impl Iterator<Item = &ModelPath> {
        let renamed = self.renamed.iter().flat_map(|file| [&file.first, &file.second]);
        self.added.iter().chain(&self.removed).chain(self.changed.iter().map(|file| &file.path)).chain(renamed)
    }

    /// Tells whether both models have the same files.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.touched().next().is_none()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn model(files: &[(&str, &[u8])]) -> Vec<FileEntry> {
        let entry = |(path, content): &(&str, &[u8])| FileEntry {
            path: (*path).try_into().unwrap(),
            size: content.len() as u64,
            sha256: None,
            keccak256: None,
            blake3: None,
            cid: ContentId::raw(content),
        };
        files.iter().map(entry).collect()
    }

    #[test]
    fn files_are_told_by_path_and_content() {
        let first = model(&[("a", b"1"), ("b", b"2"), ("c", b"3"), ("d", b"4"), ("e", b"")]);
        let second = model(&[("a", b"1"), ("b", b"x"), ("c2", b"3"), ("c3", b"3"), ("f", b"")]);
        let changes = FileChanges::between(&first, &second);
        let names = |paths: &[ModelPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(changes.identical, 1);
        assert_eq!(names(&changes.added), ["c3", "f"]);
        assert_eq!(names(&changes.removed), ["d", "e"]);
        assert_eq!(changes.changed.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(changes.renamed.iter().map(|file| (file.first.as_str(), file.second.as_str())).collect::<Vec<_>>(), [("c", "c2")]);
        assert!(!changes.is_empty() && FileChanges::between(&first, &first).is_empty());
    }
}
