//! A description held against the files that are there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Croissant, FileObject};
use crate::FileEntry;
use crate::glob::matches;

/// What became of the files of a description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Each file of the description that is described by itself, by id.
    pub files: Vec<(String, Outcome)>,
    /// Each file set by id, and how many files are in it. Nothing binds them to their bytes.
    pub sets: Vec<(String, usize)>,
    /// Paths of files that the description does not speak of.
    pub undescribed: Vec<String>,
}

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is there with the SHA-256 that is written.
    Same,
    /// It is there with other bytes.
    Differs,
    /// It is there; no SHA-256 is written.
    Unbound,
    /// It is not there.
    Missing,
    /// It is a part of something else, such as an archive, and was not looked for.
    Inside,
}

impl Comparison {
    /// Tells whether a file has other bytes than the description says.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.files.iter().any(|(_, outcome)| *outcome == Outcome::Differs)
    }
}

impl Croissant {
    /// Holds the description against files with paths relative to it.
    #[must_use]
    pub fn compare(&self, files: &[FileEntry]) -> Comparison {
        let by_path: BTreeMap<&str, &FileEntry> = files.iter().map(|file| (file.path.as_str(), file)).collect();
        let mut described = BTreeSet::new();
        let mut comparison = Comparison::default();
        for object in &self.files {
            let found = places(object).find_map(|place| by_path.get(place));
            described.extend(found.map(|file| file.path.as_str()));
            comparison.files.push((object.id.clone(), outcome(object, found.copied())));
        }
        for set in &self.sets {
            let within =
                |path: &str| set.includes.iter().any(|glob| matches(glob, path)) && !set.excludes.iter().any(|glob| matches(glob, path));
            let members: Vec<_> = by_path.keys().filter(|path| within(path)).collect();
            comparison.sets.push((set.id.clone(), members.len()));
            described.extend(members);
        }
        comparison.undescribed = by_path.keys().filter(|path| !described.contains(*path)).map(|path| (*path).to_owned()).collect();
        comparison
    }
}

/// Returns where a file may lie: at its path, or, when it is to be downloaded, under its name.
fn places(object: &FileObject) -> impl Iterator<Item = &str> {
    let url = object.content_url.as_deref();
    let path = url.filter(|url| !url.contains("://")).map(|path| path.trim_start_matches("./"));
    let downloaded = url.and_then(|url| url.split(['?', '#']).next()?.rsplit('/').next());
    path.into_iter().chain(object.name.as_deref()).chain(downloaded).chain([object.id.as_str()])
}

fn outcome(object: &FileObject, found: Option<&FileEntry>) -> Outcome {
    match (found, object.sha256) {
        (None, _) if !object.contained_in.is_empty() => Outcome::Inside,
        (None, _) => Outcome::Missing,
        (Some(file), Some(sha256)) if file.sha256 != sha256 => Outcome::Differs,
        (Some(file), _) if object.size.is_some_and(|size| size != file.size) => Outcome::Differs,
        (Some(_), Some(_)) => Outcome::Same,
        (Some(_), None) => Outcome::Unbound,
    }
}
