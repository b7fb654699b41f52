//! The models that a server has, by names: no caller ever sends a path.

use std::path::{Path, PathBuf};

/// Longest name of a model, in bytes.
const MAX_NAME: usize = 512;
/// Most folders that a name leads through.
const MAX_DEPTH: usize = 8;

/// Folders whose models may be asked for, each under a name: `weights/llama/v1` is `llama/v1` in the folder called `weights`.
#[derive(Clone, Debug, Default)]
pub struct Roots(Vec<(String, PathBuf)>);

/// Why a folder cannot be a root.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RootsError {
    /// Its name would not be found again.
    #[error("a root is called by 1 to 64 of the characters a-z, A-Z, 0-9, `.`, `_` and `-`, not beginning with a dot: {0:?}")]
    Name(String),
    /// Two have one name.
    #[error("two roots are called {0:?}")]
    Twice(String),
    /// It is not there.
    #[error("the root {path} cannot be opened")]
    Open {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Roots {
    /// Adds a folder.
    ///
    /// # Errors
    /// [`RootsError`].
    pub fn add(&mut self, name: &str, path: &Path) -> Result<(), RootsError> {
        if name.len() > 64 || !component(name) {
            return Err(RootsError::Name(name.to_owned()));
        }
        if self.0.iter().any(|(have, _)| have == name) {
            return Err(RootsError::Twice(name.to_owned()));
        }
        // Links in the way to the root are the administrator's own.
        let real = path.canonicalize().map_err(|source| RootsError::Open { path: path.to_owned(), source })?;
        self.0.push((name.to_owned(), real));
        Ok(())
    }

    /// Returns where the model of this name lies. There is none for a name that leads out of a root, through a link, or nowhere; which of these it is, nobody
    /// outside is told.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        if name.len() > MAX_NAME {
            return None;
        }
        let (root, rest) = name.split_once('/')?;
        let components: Vec<&str> = rest.split('/').collect();
        if components.len() > MAX_DEPTH || !components.iter().all(|name| component(name)) {
            return None;
        }
        let (_, root) = self.0.iter().find(|(have, _)| have == root)?;
        let path = components.iter().fold(root.clone(), |path, name| path.join(name));
        // What is a link anywhere below the root has another real path.
        path.canonicalize().ok().filter(|real| *real == path)
    }
}

/// Names that mean the same on every system, and nothing to any.
fn component(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn names_lead_to_models_below_the_root_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("models");
        std::fs::create_dir_all(root.join("llama/v1")).unwrap();
        std::fs::create_dir_all(dir.path().join("secret/v1")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret"), root.join("out")).unwrap();
        std::os::unix::fs::symlink(root.join("llama"), root.join("inside")).unwrap();
        let mut roots = Roots::default();
        roots.add("weights", &root).unwrap();
        assert_eq!(roots.find("weights/llama/v1"), Some(root.canonicalize().unwrap().join("llama/v1")));
        let deep = format!("weights/{}", ["a"; 9].join("/"));
        for name in [
            "",
            "weights",
            "weights/",
            "weights/..",
            "weights/../secret/v1",
            "weights/./llama",
            "weights//llama",
            "weights/llama/",
            "weights/out",
            "weights/out/v1",
            "weights/inside/v1",
            "weights/none",
            "weights/llama\0/v1",
            "weights/llama\\v1",
            "other/llama",
            "/etc/passwd",
            "/llama",
            deep.as_str(),
        ] {
            assert_eq!(roots.find(name), None, "{name:?}");
        }
    }

    #[test]
    fn roots_have_plain_names_once_and_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let mut roots = Roots::default();
        roots.add("a", dir.path()).unwrap();
        assert!(matches!(roots.add("a", dir.path()), Err(RootsError::Twice(_))));
        assert!(matches!(roots.add("", dir.path()), Err(RootsError::Name(_))));
        assert!(matches!(roots.add("..", dir.path()), Err(RootsError::Name(_))));
        assert!(matches!(roots.add("b/c", dir.path()), Err(RootsError::Name(_))));
        assert!(matches!(roots.add("b", &dir.path().join("none")), Err(RootsError::Open { .. })));
    }
}
