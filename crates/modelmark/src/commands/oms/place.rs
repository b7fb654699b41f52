//! Where a path lies in a model, as signatures write it.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::error::{CommandError, Result};

/// Returns the path as it stands below the model's folder; nothing when it lies elsewhere. What it names need not be there, and is not followed if it is a link.
pub(crate) fn below(model: &Path, path: &Path) -> Option<String> {
    let root = std::fs::canonicalize(model).ok()?;
    let found = resolved(path)?;
    let inside = found.strip_prefix(&root).ok()?.to_str()?;
    (!inside.is_empty()).then(|| inside.to_owned())
}

/// Returns the paths that are to be ignored.
///
/// # Errors
/// Of kind usage for one that is not inside the model.
pub(super) fn ignored(model: &Path, paths: &[PathBuf]) -> Result<BTreeSet<String>> {
    let one = |path: &PathBuf| {
        below(model, path).ok_or_else(|| {
            CommandError::usage(format!("`{}` does not lie in the model `{}`", path.display(), model.display()))
                .hint("paths are taken from the working directory, not from the model's")
        })
    };
    paths.iter().map(one).collect()
}

/// Resolves the folders on the way that are there.
fn resolved(path: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(path).ok()?;
    let (parent, mut rest) = (whole.parent()?, vec![whole.file_name()?.to_owned()]);
    let mut here = parent;
    let base = loop {
        if let Ok(base) = std::fs::canonicalize(here) {
            break base;
        }
        rest.push(here.file_name()?.to_owned());
        here = here.parent()?;
    };
    let rest: PathBuf = rest.iter().rev().collect();
    rest.components().all(|part| matches!(part, Component::Normal(_))).then(|| base.join(rest))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn paths_are_found_by_where_they_lead() {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        std::fs::create_dir_all(model.join("sub")).unwrap();
        std::os::unix::fs::symlink(&model, dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink("/etc", model.join("out")).unwrap();
        let inside = |path: &str| below(&dir.path().join("link"), &dir.path().join(path));
        assert_eq!(inside("model/a").as_deref(), Some("a"));
        assert_eq!(inside("link/sub/").as_deref(), Some("sub"));
        assert_eq!(inside("model/sub/../b").as_deref(), Some("b"));
        assert_eq!(inside("model/new/c").as_deref(), Some("new/c"));
        assert_eq!(inside("model/out").as_deref(), Some("out"));
        for elsewhere in ["model", "a", "model/..", "model/out/hostname", "model/new/../../a"] {
            assert_eq!(inside(elsewhere), None, "{elsewhere}");
        }
    }
}
