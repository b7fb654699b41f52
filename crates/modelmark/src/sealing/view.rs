//! The sealed files: a small file system in memory that holds the verified names and nothing else, and in them copies or the files themselves.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use modelmark_digest::{ModelPath, Selection};
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive, mount_remount, unmount};

use super::is_file;
use crate::commands::digest::explain;
use crate::error::{CommandError, Result};

/// Nothing on these mounts is a device or lends its owner's rights.
const TAME: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// A page of memory at most, on any system.
const PAGE: u64 = 64 * 1024;

/// Where which files are to be seen.
pub(super) struct View<'v> {
    pub(super) found: &'v Selection,
    /// The directory that the file system is mounted on.
    pub(super) point: &'v Path,
    /// The model inside.
    pub(super) at: &'v Path,
}

impl View<'_> {
    /// Mounts it, fills it and makes it read-only.
    pub(super) fn make(&self, copy: bool) -> Result<()> {
        let files = self.found.files().count() as u64;
        let content = if copy { self.found.size() } else { 0 };
        // Every file may leave a page half used; every entry has an inode, and so have folders on the way.
        let room = content.saturating_add(files.saturating_mul(PAGE)).saturating_add(16 * PAGE);
        let data = std::ffi::CString::new(format!("mode=0700,size={room},nr_inodes=0")).unwrap_or_default();
        mount("modelmark", self.point, "tmpfs", TAME, data.as_c_str())
            .map_err(|errno| failed("mount memory on", self.point, errno.into()))?;
        self.fill(copy).inspect_err(|_| {
            // The error is what counts; the namespace ends with the process.
            let _ = unmount(self.point, UnmountFlags::DETACH);
        })?;
        mount_remount(self.point, TAME | MountFlags::RDONLY, "").map_err(|errno| failed("seal", self.point, errno.into()))
    }

    /// Shows it at the place of the model too, for who does not ask where the sealed one is.
    pub(super) fn cover(&self, model: &Path) -> Result<()> {
        let covered = if is_file(self.found) { mount_bind(self.at, model) } else { mount_bind_recursive(self.at, model) };
        covered.map_err(|errno| failed("mount the sealed files on", model, errno.into()))
    }

    fn fill(&self, copy: bool) -> Result<()> {
        if !is_file(self.found) {
            make_folder(self.at)?;
            self.found.folders().try_for_each(|folder| make_folder(&self.at.join(folder.as_str())))?;
        }
        for (position, (path, _)) in self.found.files().enumerate() {
            let Some(opened) = self.found.open(position) else { break };
            let (source, target) = (opened.map_err(explain)?, self.place(path));
            if let Some(folder) = target.parent() {
                make_folder(folder)?;
            }
            let put = if copy { copied(&source, &target) } else { pinned(&source, &target) };
            put.map_err(|error| failed("seal", &target, error))?;
            self.found.check(position, &source).map_err(explain)?;
        }
        Ok(())
    }

    fn place(&self, path: &ModelPath) -> PathBuf {
        if is_file(self.found) { self.at.to_owned() } else { self.at.join(path.as_str()) }
    }
}

fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| failed("make", path, error))
}

/// Copies a file. Whether it may be executed is kept.
fn copied(mut source: &File, target: &Path) -> io::Result<()> {
    let executable = source.metadata()?.permissions().mode() & 0o111 != 0;
    let mut copy = new_file(target, if executable { 0o555 } else { 0o444 })?;
    io::copy(&mut source, &mut copy).map(|_| ())
}

/// Lets a name stand for the very file that is open, whatever happens to the name that it was opened by.
fn pinned(source: &File, target: &Path) -> io::Result<()> {
    new_file(target, 0o400)?;
    mount_bind(format!("/proc/self/fd/{}", source.as_raw_fd()), target)?;
    // Who lent the mount may have forbidden to execute from it, and that must be repeated.
    let lent = rustix::fs::fstatvfs(source.as_fd())?.f_flag.bits() & u64::from(MountFlags::NOEXEC.bits());
    let kept = if lent == 0 { MountFlags::empty() } else { MountFlags::NOEXEC };
    mount_remount(target, MountFlags::BIND | MountFlags::RDONLY | TAME | kept, "")?;
    Ok(())
}

fn new_file(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

fn failed(what: &str, path: &Path, error: io::Error) -> CommandError {
    CommandError::unreachable(format!("cannot {what} `{}`: {error}", path.display()))
        .hint("`--seal recheck` needs no mounts, and seals nothing")
}
