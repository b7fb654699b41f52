//! A model as a command is to see it: nobody swaps its files between the verification and the loading. What each level proves, and what it does not, stands in
//! docs/reference/run.md.

#[cfg(not(target_os = "linux"))]
#[path = "sealing/elsewhere.rs"]
mod system;
#[cfg(target_os = "linux")]
#[path = "sealing/linux.rs"]
mod system;

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use modelmark_digest::Selection;

use crate::commands::digest::explain;
use crate::error::{CommandError, Result};

/// How a model is sealed, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Names fixed in a mount namespace, bytes by fs-verity, which every file has to have already (`fsverity enable FILE`)
    Verity,
    /// A copy in memory, read-only, in a mount namespace of its own; what is verified is the copy
    Copy,
    /// Names and files fixed in a mount namespace, read-only; a process outside that may write into these very files still can
    Pin,
    /// Nothing is sealed: the files are looked at once more right before the command starts
    Recheck,
}

impl Level {
    /// What a person is told.
    const fn means(self) -> &'static str {
        match self {
            Self::Verity => "verity: the names in a mount namespace, the bytes by fs-verity",
            Self::Copy => "copy: a read-only copy in memory is what is verified and what the command sees",
            Self::Pin => "pin: no file can be swapped for another, but who may write into these files still can",
            Self::Recheck => "recheck: nothing is sealed, the files are looked at again right before the command starts",
        }
    }
}

/// A model as the command will see it.
#[derive(Debug)]
pub(crate) struct Sealed {
    level: Level,
    path: PathBuf,
    /// Why it is not sealed better, when nobody named a level.
    why: Option<String>,
    /// The files as they were before they were verified, unless nobody can change them.
    before: Option<Selection>,
}

impl Sealed {
    /// Seals the model at `model` as `wanted`, or as well as can be. From then on the process and what it becomes see the sealed files.
    ///
    /// `point` is where they are mounted: a directory that nobody else may write to. To be called before there is a second thread, which could not follow into
    /// the namespace.
    pub(crate) fn new(model: &Path, point: &Path, wanted: Option<Level>) -> Result<Self> {
        let model = real(model)?;
        let (level, path, why) = match wanted {
            Some(Level::Recheck) => (Level::Recheck, model, None),
            wanted => system::seal(&model, point, wanted)?,
        };
        let before = match level {
            Level::Verity | Level::Copy => None,
            Level::Pin | Level::Recheck => Some(Selection::of_model(&path).map_err(explain)?),
        };
        Ok(Self { level, path, why, before })
    }

    /// Where the command finds the model.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What was done, in a line.
    pub(crate) fn told(&self) -> String {
        let why = self.why.as_ref().map(|why| format!("; no better, because {why}")).unwrap_or_default();
        format!("{}{why}", self.level.means())
    }

    /// Makes sure, as far as the level needs it, that the files are what they were before they were verified.
    pub(crate) fn check(&self) -> Result<()> {
        let Some(before) = &self.before else { return Ok(()) };
        before.unchanged().map_err(|error| {
            CommandError::refused(format!("the model changed after it was verified: {error}"))
                .hint("keep others from writing to it, or seal a copy of it: `--seal copy`")
        })
    }
}

/// Returns the path without links. What lies in another process's root has no name here (`/proc/PID/root` leads to `/` by its text), so that another model
/// could be meant.
fn real(model: &Path) -> Result<PathBuf> {
    let unreadable = |error| CommandError::usage(format!("cannot read `{}`: {error}", model.display())).hint("check the path");
    let path = std::fs::canonicalize(model).map_err(unreadable)?;
    let same = |one: &Metadata, other: &Metadata| (one.dev(), one.ino()) == (other.dev(), other.ino());
    if std::fs::metadata(&path).is_ok_and(|there| std::fs::metadata(model).is_ok_and(|meant| same(&meant, &there))) {
        return Ok(path);
    }
    Err(CommandError::usage(format!("`{}` has no name of its own on this system, and cannot be sealed", model.display()))
        .hint("name it below the container's root as it is mounted here, with `--root`"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_model_that_changes_after_it_was_sealed_by_looking_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        std::fs::create_dir(&model).unwrap();
        std::fs::write(model.join("weights"), "good").unwrap();
        let sealed = Sealed::new(&model, dir.path(), Some(Level::Recheck)).unwrap();
        assert_eq!(sealed.path(), std::fs::canonicalize(&model).unwrap());
        sealed.check().unwrap();
        std::fs::write(dir.path().join("evil"), "evil").unwrap();
        std::fs::rename(dir.path().join("evil"), model.join("weights")).unwrap();
        let refused = sealed.check().unwrap_err();
        assert_eq!(refused.exit_code(), modelmark_verify::exit_codes::DOES_NOT_VERIFY);
        assert!(refused.to_string().contains("changed after it was verified"), "{refused}");
    }
}
