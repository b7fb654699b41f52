//! A directory tree in memory, filled path by path and closed from the leaves up.

use std::collections::BTreeMap;

use super::directory::{DirectoryError, directory};
use super::node::{Dag, Link, NodeSink};
use crate::{CidProfile, ModelPath};

/// A directory that is being filled with finished files.
#[derive(Debug, Default)]
pub struct Folder {
    profile: CidProfile,
    files: Vec<Link>,
    folders: BTreeMap<String, Folder>,
}

impl Folder {
    /// Returns an empty directory.
    #[must_use]
    pub fn new(profile: CidProfile) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Adds a finished file under its path; directories on the way come into being.
    pub fn add_file(&mut self, path: &ModelPath, file: &Dag) {
        let (parent, name) = match path.as_str().rsplit_once('/') {
            Some((parent, name)) => (self.at(parent), name),
            None => (self, path.as_str()),
        };
        parent.files.push(Link { name: name.to_owned(), cid: file.cid, tsize: file.tsize });
    }

    /// Adds a directory, which may stay empty.
    pub fn add_folder(&mut self, path: &ModelPath) {
        self.at(path.as_str());
    }

    /// Builds all directories and returns the outermost; every block goes to `sink`, children before parents.
    ///
    /// # Errors
    /// When a name stands for two things, or a directory cannot be sharded.
    pub fn finish(self, sink: &mut NodeSink<'_>) -> Result<Dag, DirectoryError> {
        let mut links = self.files;
        for (name, folder) in self.folders {
            let below = folder.finish(sink)?;
            links.push(Link { name, cid: below.cid, tsize: below.tsize });
        }
        directory(self.profile, links, sink)
    }

    fn at(&mut self, path: &str) -> &mut Self {
        path.split('/').fold(self, |folder, name| folder.folders.entry(name.to_owned()).or_insert_with(|| Self::new(folder.profile)))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;
    use crate::ContentId;

    #[test]
    fn an_empty_directory_has_the_well_known_id() {
        let root = Folder::default().finish(&mut |_, _| {}).unwrap();
        // `ipfs add -r --cid-version 1` of an empty directory.
        assert_eq!(root.cid.to_string(), "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
        assert_eq!(root.tsize, 4);
    }

    #[test]
    fn one_name_for_two_things_is_refused() {
        let file = Dag { cid: ContentId::raw(b""), size: 0, tsize: 0 };
        let mut folder = Folder::default();
        folder.add_file(&"a".try_into().unwrap(), &file);
        folder.add_file(&"a/b".try_into().unwrap(), &file);
        assert_eq!(folder.finish(&mut |_, _| {}), Err(DirectoryError::Duplicate("a".to_owned())));
    }
}
