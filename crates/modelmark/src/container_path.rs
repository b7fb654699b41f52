//! Paths as a container sees them: a link in it leads to what is in it, never to what this host has under that name.

use std::path::{Component, Path, PathBuf};

use crate::error::{CommandError, Result};

/// How many links one after the other are followed in a container, as Linux does it.
const MAX_LINKS: usize = 40;

/// Resolves the links of a path in another process's root (`/proc/PID/root/…`) as that process sees them: a link in a container to `/models` is the
/// container's, never this host's.
pub(crate) fn in_container(path: &Path) -> Result<PathBuf> {
    let parts: Vec<Component<'_>> = path.components().collect();
    match parts.as_slice() {
        [Component::RootDir, Component::Normal(proc), Component::Normal(_), Component::Normal(root), inside @ ..]
            if *proc == "proc" && *root == "root" =>
        {
            let root: PathBuf = parts.iter().take(4).collect();
            let inside: PathBuf = inside.iter().collect();
            resolve(&root, &inside).map_err(|error| CommandError::usage(format!("`{}`: {error}", path.display())))
        }
        _ => Ok(path.to_owned()),
    }
}

/// Resolves every link of `path` as if `root` were the root of the file system.
pub(crate) fn resolve(root: &Path, path: &Path) -> std::io::Result<PathBuf> {
    let mut ahead: Vec<std::ffi::OsString> = reversed(path);
    let (mut here, mut links) = (PathBuf::new(), 0);
    while let Some(name) = ahead.pop() {
        if name == ".." {
            // The root's parent is the root.
            here.pop();
            continue;
        }
        let next = here.join(&name);
        match std::fs::read_link(root.join(&next)) {
            Ok(target) => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(std::io::Error::other(format!("more than {MAX_LINKS} links one after the other")));
                }
                if target.is_absolute() {
                    here = PathBuf::new();
                }
                ahead.extend(reversed(&target));
            }
            // What is no link, or is not there, is what it is called.
            Err(_) => here = next,
        }
    }
    Ok(root.join(here))
}

/// The names in a path, the last one first, without those that lead nowhere.
fn reversed(path: &Path) -> Vec<std::ffi::OsString> {
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    });
    let mut names: Vec<_> = names.collect();
    names.reverse();
    names
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_in_a_container_lead_nowhere_else() {
        let root = tempfile::tempdir().unwrap();
        let within = |path: &str| root.path().join(path);
        std::fs::create_dir_all(within("data/model")).unwrap();
        symlink("/data/model", within("model")).unwrap();
        symlink("../../../../../data", within("data/up")).unwrap();
        symlink("/etc", within("out")).unwrap();
        symlink("round", within("round")).unwrap();
        for (path, found) in [
            ("model", "data/model"),
            ("model/../model", "data/model"),
            ("data/up/model", "data/model"),
            ("out/passwd", "etc/passwd"),
            ("../../etc/passwd", "etc/passwd"),
            ("nothing/here", "nothing/here"),
        ] {
            assert_eq!(resolve(root.path(), Path::new(path)).unwrap(), within(found), "{path}");
        }
        assert!(resolve(root.path(), Path::new("round")).is_err());
    }
}
