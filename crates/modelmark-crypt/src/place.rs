//! Directories that appear when they are whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

use crate::CryptError;

/// A directory in the making, beside where it goes, gone again unless it is finished.
pub(crate) struct NewFolder {
    work: TempDir,
    target: PathBuf,
}

impl NewFolder {
    pub(crate) fn begin(target: &Path) -> Result<Self, CryptError> {
        if target.symlink_metadata().is_ok() {
            return Err(CryptError::Exists(target.to_owned()));
        }
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".part-");
        let work = tempfile::Builder::new().prefix(&name).tempdir_in(folder_of(target)).map_err(CryptError::io("write beside", target))?;
        // What is finished is as readable as any other directory; what is in the making is its owner's.
        fs::create_dir(work.path().join("content")).map_err(CryptError::io("create", work.path()))?;
        Ok(Self { work, target: target.to_owned() })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.work.path().join("content")
    }

    pub(crate) fn finish(self) -> Result<(), CryptError> {
        let wrong = || CryptError::io("write", &self.target);
        File::open(self.path()).and_then(|folder| folder.sync_all()).map_err(wrong())?;
        let renamed = match renameat_with(CWD, self.path(), CWD, &self.target, RenameFlags::NOREPLACE) {
            // A file system without the flag: nothing but an empty directory can be replaced.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => fs::rename(self.path(), &self.target),
            renamed => renamed.map_err(io::Error::from),
        };
        renamed.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => CryptError::Exists(self.target.clone()),
            _ => wrong()(error),
        })?;
        File::open(folder_of(&self.target)).and_then(|folder| folder.sync_all()).map_err(wrong())
    }
}

/// Returns the directory that `path` is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
