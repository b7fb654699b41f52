//! The files of a model by somebody else's rules: formats of other people sign what they, not we, count as part of a model.

use std::collections::BTreeSet;
use std::fs::File;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use crate::walk::Tree;
use crate::{DigestError, FileEntry, ManifestKind, ModelPath, Observer, Request, engine, hub};

/// Which files of a folder count. Nothing is left out but what is named here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Paths that are left out as they stand below the root: files, and folders with everything in them.
    pub leave_out: BTreeSet<String>,
    /// Whether links to files count as the files that they lead to, wherever those are. Links to folders are refused all the same.
    pub follow_links: bool,
    /// The only files that count, when present; nothing else is looked at.
    pub only: Option<BTreeSet<String>>,
}

impl Scope {
    /// Tells whether something at `path` counts, or could hold what counts.
    pub(crate) fn concerns(&self, path: &str) -> bool {
        let Some(only) = &self.only else { return true };
        let inside = format!("{path}/");
        let next = only.range::<str, _>((Bound::Included(inside.as_str()), Bound::Unbounded)).next();
        only.contains(path) || next.is_some_and(|next| next.starts_with(&inside))
    }
}

/// The files that a [`Scope`] chooses, found and not read yet.
///
/// ```
/// use modelmark_digest::{Request, Scope, Selection};
///
/// let model = tempfile::tempdir()?;
/// std::fs::write(model.path().join("weights.bin"), "hello\n")?;
/// std::fs::write(model.path().join("model.sig"), "not a part of it")?;
///
/// let scope = Scope { leave_out: ["model.sig".to_owned()].into(), ..Scope::default() };
/// let files = Selection::of(model.path(), scope)?.digest(&Request::default(), &())?;
/// assert_eq!(files.len(), 1);
/// assert_eq!(files[0].path.as_str(), "weights.bin");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Selection {
    tree: Tree,
}

impl Selection {
    /// Looks at the model at `path`, a file or a directory. That there is no file in it is no error here.
    ///
    /// # Errors
    /// As [`digest`](crate::digest()): links that are not followed, special files, unusable names, and what cannot be read.
    pub fn of(path: &Path, scope: Scope) -> Result<Self, DigestError> {
        Tree::find_by(path, Some(scope)).map(|tree| Self { tree })
    }

    /// Looks at the model at `path` by the rules of [`digest`](crate::digest()): exactly the files that it reads.
    ///
    /// # Errors
    /// As [`digest`](crate::digest()); also when there is no file.
    pub fn of_model(path: &Path) -> Result<Self, DigestError> {
        Tree::find(path).map(|tree| Self { tree })
    }

    /// Tells whether the model is one file or a directory.
    #[must_use]
    pub const fn kind(&self) -> ManifestKind {
        self.tree.kind
    }

    /// The files and their sizes in bytes, sorted by the bytes of their paths. A single file stands under its own name.
    pub fn files(&self) -> impl Iterator<Item = (&ModelPath, u64)> {
        self.tree.files.iter().map(|file| (&file.path, file.size))
    }

    /// The directories below the root that count, empty ones too, each after what is in it.
    pub fn folders(&self) -> impl Iterator<Item = &ModelPath> {
        self.tree.folders.iter()
    }

    /// Sum of the sizes of the files in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.tree.size
    }

    /// Looks again and makes sure that the same files are there, none of them changed as far as the system tells: device, inode, size, and the times of last
    /// modification and change. Nothing is read.
    ///
    /// # Errors
    /// [`DigestError::Changed`] for the first file, or for the root when files or folders were added or are gone; what else keeps it from looking.
    pub fn unchanged(&self) -> Result<(), DigestError> {
        let now = Tree::find_by(self.tree.root(), self.tree.scope().cloned())?;
        if let Some((file, _)) = self.tree.files.iter().zip(&now.files).find(|(a, b)| a.path == b.path && a.stamp != b.stamp) {
            return Err(self.tree.changed(file));
        }
        let paths = |tree: &Tree| tree.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
        let folders = |tree: &Tree| tree.folders.iter().cloned().collect::<BTreeSet<_>>();
        if paths(&self.tree) == paths(&now) && folders(&self.tree) == folders(&now) {
            Ok(())
        } else {
            Err(DigestError::Changed(self.tree.root().to_owned()))
        }
    }

    /// What was left out, of what the scope names.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.tree.ignored
    }

    /// The files that are links, with the paths by which the system finds them.
    pub fn links(&self) -> impl Iterator<Item = (&ModelPath, PathBuf)> {
        self.tree.files.iter().filter(|file| self.tree.linked.contains(&file.path)).map(|file| (&file.path, self.tree.full(&file.path)))
    }

    /// Reads every file once, on all cores, and returns their digests in the order of [`Selection::files`]. Tensors are not read.
    ///
    /// # Errors
    /// As [`digest`](crate::digest()).
    pub fn digest(&self, request: &Request, observer: &dyn Observer) -> Result<Vec<FileEntry>, DigestError> {
        observer.planned(self.tree.files.len() as u64, self.tree.size);
        let digests = engine::run(&self.tree, &[], request, observer, None)?;
        hub::check(&self.tree, &digests)?;
        Ok(digests.into_iter().map(|digests| digests.entry).collect())
    }

    /// Makes sure that no file is hardly more than holes, for who reads the files without [`Selection::digest`].
    ///
    /// # Errors
    /// [`DigestError::Hollow`].
    pub fn refuse_hollow(&self) -> Result<(), DigestError> {
        self.tree.refuse_hollow(&self.tree.files, &Request::cids())
    }

    /// Opens file number `position`, which must be what was found.
    ///
    /// # Errors
    /// As [`digest`](crate::digest()). `None` when there are not so many files.
    pub fn open(&self, position: usize) -> Option<Result<File, DigestError>> {
        self.tree.files.get(position).map(|file| self.tree.open_fetched(file))
    }

    /// The error for file number `position` when the system will not read it.
    #[must_use]
    pub fn unreadable(&self, position: usize, source: std::io::Error) -> Option<DigestError> {
        self.tree.files.get(position).map(|file| self.tree.failed(&file.path, source))
    }

    /// Makes sure that file number `position`, opened before, is what was found; to be asked when all of it was read.
    ///
    /// # Errors
    /// [`DigestError::Changed`] when it is not.
    pub fn check(&self, position: usize, handle: &File) -> Result<(), DigestError> {
        use std::os::fd::AsFd as _;
        self.tree.files.get(position).map_or(Ok(()), |file| self.tree.check(file, handle.as_fd()))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::fs;

    use super::*;

    fn paths(selection: &Selection) -> Vec<&str> {
        selection.files().map(|(path, _)| path.as_str()).collect()
    }

    #[test]
    fn nothing_is_left_out_that_is_not_named() {
        let dir = tempfile::tempdir().unwrap();
        for folder in [".git", ".cache/huggingface", "sub/.git"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
            fs::write(dir.path().join(folder).join("x"), folder).unwrap();
        }
        fs::write(dir.path().join("a"), "a").unwrap();
        let all = Selection::of(dir.path(), Scope::default()).unwrap();
        assert_eq!(paths(&all), [".cache/huggingface/x", ".git/x", "a", "sub/.git/x"]);
        let scope = Scope { leave_out: [".git".to_owned(), "gone".to_owned()].into(), ..Scope::default() };
        let some = Selection::of(dir.path(), scope).unwrap();
        assert_eq!(paths(&some), [".cache/huggingface/x", "a", "sub/.git/x"]);
        assert_eq!(some.left_out(), [".git"]);
    }

    #[test]
    fn a_second_look_notices_every_change() {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        fs::create_dir_all(model.join("sub")).unwrap();
        fs::create_dir_all(model.join(".git")).unwrap();
        for file in ["a", "sub/b", ".git/c"] {
            fs::write(model.join(file), file).unwrap();
        }
        let found = Selection::of_model(&model).unwrap();
        assert_eq!((paths(&found), found.size()), (vec!["a", "sub/b"], 6));
        assert_eq!(found.folders().map(ModelPath::as_str).collect::<Vec<_>>(), ["sub"]);
        fs::write(model.join(".git/c"), "no part of the model").unwrap();
        found.unchanged().unwrap();
        type Change = fn(&Path);
        let changes: [Change; 6] = [
            |model| fs::write(model.join("c"), "more").unwrap(),
            |model| fs::create_dir(model.join("empty")).unwrap(),
            |model| fs::remove_file(model.join("a")).unwrap(),
            |model| fs::rename(model.join("a"), model.join("A")).unwrap(),
            // The same bytes in another file of the same name.
            |model| {
                fs::copy(model.join("a"), model.join("../a")).unwrap();
                fs::rename(model.join("../a"), model.join("a")).unwrap();
            },
            |model| {
                fs::rename(model, model.join("../old")).unwrap();
                fs::create_dir(model).unwrap();
                fs::write(model.join("a"), "a").unwrap();
            },
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let dir = tempfile::tempdir().unwrap();
            let model = dir.path().join("model");
            fs::create_dir(&model).unwrap();
            fs::write(model.join("a"), "a").unwrap();
            let found = Selection::of_model(&model).unwrap();
            change(&model);
            assert!(found.unchanged().is_err(), "change {number}");
        }
    }

    #[test]
    fn only_named_files_are_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("sub/deep")).unwrap();
        for file in ["a", "b", "sub/a", "sub/deep/a", "sub-a"] {
            fs::write(dir.path().join(file), file).unwrap();
        }
        std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
        let only = ["a", "sub/deep/a", "gone"].map(str::to_owned).into();
        let some = Selection::of(dir.path(), Scope { only: Some(only), ..Scope::default() }).unwrap();
        assert_eq!(paths(&some), ["a", "sub/deep/a"]);
        assert!(Selection::of(dir.path(), Scope::default()).is_err());
    }

    #[test]
    fn links_to_files_are_followed_on_request_and_links_to_folders_never() {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        fs::create_dir_all(&model).unwrap();
        fs::write(dir.path().join("outside"), "outside").unwrap();
        std::os::unix::fs::symlink("../outside", model.join("a")).unwrap();
        let followed = || Scope { follow_links: true, ..Scope::default() };
        let selection = Selection::of(&model, followed()).unwrap();
        let files = selection.digest(&Request::default(), &()).unwrap();
        assert_eq!(files.first().unwrap().sha256, Some(crate::Sha256Digest::of(b"outside")));
        assert_eq!(selection.links().count(), 1);
        // What a link leads to must not change between looking and reading.
        fs::write(dir.path().join("other"), "outside").unwrap();
        fs::remove_file(model.join("a")).unwrap();
        std::os::unix::fs::symlink("../other", model.join("a")).unwrap();
        assert!(matches!(selection.digest(&Request::default(), &()), Err(DigestError::Changed(_))));
        for bad in ["..", ".", "nowhere", "b"] {
            let _ = fs::remove_file(model.join("b"));
            std::os::unix::fs::symlink(bad, model.join("b")).unwrap();
            assert!(matches!(Selection::of(&model, followed()), Err(DigestError::Link { .. })), "{bad}");
        }
    }
}
