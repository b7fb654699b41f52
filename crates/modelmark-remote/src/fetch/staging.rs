//! The directory in the making.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use modelmark_digest::{ModelPath, Sha256Digest};
use rustix::fs::{CWD, FlockOperation, OFlags, RenameFlags, flock, renameat_with, statvfs};
use rustix::io::Errno;

use super::{FetchError, Wanted};

/// Longest stamp, in bytes.
const MAX_STAMP_BYTES: u64 = 4096;

/// `DIR.part`, locked for as long as this lives.
pub(super) struct Staging {
    target: PathBuf,
    dir: PathBuf,
    _lock: File,
}

impl Staging {
    /// Makes the directory beside `target`, or goes on with the one that an earlier fetch of the same files left.
    pub(super) fn begin(target: &Path, wanted: &Wanted) -> Result<Self, FetchError> {
        if target.symlink_metadata().is_ok() {
            return Err(FetchError::Exists(target.to_owned()));
        }
        let mut name = target.file_name().map(OsString::from).unwrap_or_default();
        name.push(".part");
        let dir = target.with_file_name(name);
        match DirBuilder::new().create(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => real_folder(&dir)?,
            made => made.map_err(FetchError::io("create", &dir))?,
        }
        let lock = lock(&dir)?;
        let staging = Self { target: target.to_owned(), dir, _lock: lock };
        staging.stamp(wanted)?;
        make_folder(&staging.files())?;
        for path in &wanted.empty_folders {
            staging.make_folders(path.as_str())?;
        }
        Ok(staging)
    }

    fn files(&self) -> PathBuf {
        self.dir.join("files")
    }

    pub(super) fn path_of(&self, path: &ModelPath) -> PathBuf {
        self.files().join(path.as_str())
    }

    /// Notes what is fetched, or makes sure that it is what was fetched before.
    fn stamp(&self, wanted: &Wanted) -> Result<(), FetchError> {
        let path = self.dir.join("of");
        let stamp = stamp_of(wanted);
        match read_stamp(&path) {
            Ok(found) if found == stamp => Ok(()),
            Ok(_) => {
                let reason = "it was begun for another model or other files of it; finish that fetch, or remove the directory".to_owned();
                Err(FetchError::Foreign { path: self.dir.clone(), reason })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Nothing but the lock: either it is new, or the first fetch was killed at once.
                for entry in fs::read_dir(&self.dir).map_err(FetchError::io("list", &self.dir))? {
                    let entry = entry.map_err(FetchError::io("list", &self.dir))?;
                    if !matches!(entry.file_name().to_str(), Some("lock" | "of.new")) {
                        let reason = "there are other files in it".to_owned();
                        return Err(FetchError::Foreign { path: self.dir.clone(), reason });
                    }
                }
                let new = self.dir.join("of.new");
                let file = OpenOptions::new().write(true).create(true).truncate(true).custom_flags(NO_LINK).open(&new);
                let written = file.and_then(|mut file| file.write_all(stamp.as_bytes()).and_then(|()| file.sync_all()));
                written.and_then(|()| fs::rename(&new, &path)).map_err(FetchError::io("write", &path))
            }
            Err(error) => Err(FetchError::io("read", &path)(error)),
        }
    }

    /// Makes sure that the disk can hold what is missing, as far as the sizes of what is there tell.
    pub(super) fn check_space(&self, wanted: &Wanted) -> Result<(), FetchError> {
        let taken = |path: &ModelPath| self.path_of(path).symlink_metadata().map_or(0, |file| file.blocks().saturating_mul(512));
        let needed: u64 = wanted.files.iter().map(|file| file.size.saturating_sub(taken(&file.path))).fold(0, u64::saturating_add);
        let disk = statvfs(&self.dir).map_err(|errno| FetchError::io("ask for the space at", &self.dir)(errno.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if needed <= free { Ok(()) } else { Err(FetchError::Space { path: self.dir.clone(), needed, free }) }
    }

    /// Opens a file to be filled, and returns how many bytes are there.
    pub(super) fn open(&self, path: &ModelPath) -> Result<(File, u64), FetchError> {
        if let Some((folder, _)) = path.as_str().rsplit_once('/') {
            self.make_folders(folder)?;
        }
        let full = self.path_of(path);
        let flags = NO_LINK | OFlags::NONBLOCK.bits().cast_signed();
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).custom_flags(flags).open(&full);
        let file = file.map_err(FetchError::io("write", &full))?;
        let metadata = file.metadata().map_err(FetchError::io("look at", &full))?;
        // A second name would be written too.
        if !metadata.is_file() || metadata.nlink() > 1 {
            return Err(FetchError::Foreign { path: full, reason: "it is no file of its own".to_owned() });
        }
        Ok((file, metadata.len()))
    }

    fn make_folders(&self, path: &str) -> Result<(), FetchError> {
        let mut folder = self.files();
        for name in path.split('/') {
            folder.push(name);
            make_folder(&folder)?;
        }
        Ok(())
    }

    /// Renames the files into place when nothing else is among them.
    pub(super) fn finish(&self, wanted: &Wanted) -> Result<(), FetchError> {
        let files = self.files();
        let expected: HashSet<&str> = wanted.files.iter().map(|file| file.path.as_str()).collect();
        self.settle(&files, &expected)?;
        match renameat_with(CWD, &files, CWD, &self.target, RenameFlags::NOREPLACE) {
            // A file system without the flag: nothing but an empty directory can be replaced.
            Err(Errno::INVAL | Errno::NOSYS) => fs::rename(&files, &self.target),
            renamed => renamed.map_err(io::Error::from),
        }
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => FetchError::Exists(self.target.clone()),
            _ => FetchError::io("write", &self.target)(error),
        })?;
        let parent = self.target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|folder| folder.sync_all()).map_err(FetchError::io("write", parent))?;
        self.clear();
        Ok(())
    }

    /// Removes what is left of the directory. It is of no harm if that fails: the files are where they belong.
    fn clear(&self) {
        for name in ["of", "lock"] {
            let _ = fs::remove_file(self.dir.join(name));
        }
        let _ = fs::remove_dir(&self.dir);
    }

    /// Makes sure that `folder` holds nothing that was not fetched, and is on disk.
    fn settle(&self, folder: &Path, expected: &HashSet<&str>) -> Result<(), FetchError> {
        for entry in fs::read_dir(folder).map_err(FetchError::io("list", folder))? {
            let path = entry.map_err(FetchError::io("list", folder))?.path();
            let metadata = path.symlink_metadata().map_err(FetchError::io("look at", &path))?;
            let name = path.strip_prefix(self.files()).ok().and_then(Path::to_str);
            if metadata.is_dir() {
                self.settle(&path, expected)?;
            } else if !metadata.is_file() || !name.is_some_and(|name| expected.contains(name)) {
                return Err(FetchError::Foreign { path, reason: "it is no file of the model; remove it".to_owned() });
            }
        }
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(FetchError::io("write", folder))
    }
}

const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

fn lock(dir: &Path) -> Result<File, FetchError> {
    let path = dir.join("lock");
    let wrong = || FetchError::io("lock", &path);
    loop {
        let file = OpenOptions::new().write(true).create(true).truncate(false).custom_flags(NO_LINK).open(&path).map_err(wrong())?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(FetchError::Busy(dir.with_extension(""))),
            Err(errno) => return Err(wrong()(errno.into())),
        }
        // One who finished in between has removed it: a lock on a file without a name keeps nobody out.
        let (held, named) = (file.metadata().map_err(wrong())?, path.symlink_metadata());
        if named.is_ok_and(|named| (named.dev(), named.ino()) == (held.dev(), held.ino())) {
            return Ok(file);
        }
        make_folder(dir)?;
    }
}

fn make_folder(path: &Path) -> Result<(), FetchError> {
    match DirBuilder::new().create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => real_folder(path),
        made => made.map_err(FetchError::io("create", path)),
    }
}

/// Makes sure that what stands there is a directory, and no link to one.
fn real_folder(path: &Path) -> Result<(), FetchError> {
    let metadata = path.symlink_metadata().map_err(FetchError::io("look at", path))?;
    if metadata.is_dir() { Ok(()) } else { Err(FetchError::Foreign { path: path.to_owned(), reason: "it is no directory".to_owned() }) }
}

fn read_stamp(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = OpenOptions::new().read(true).custom_flags(NO_LINK).open(path)?;
    io::Read::read_to_string(&mut io::Read::take(file, MAX_STAMP_BYTES), &mut text)?;
    Ok(text)
}

/// Names the model, and which of its files are fetched.
fn stamp_of(wanted: &Wanted) -> String {
    let mut lines: Vec<String> = wanted.files.iter().map(|file| format!("{} {} {}\n", file.cid, file.size, file.path)).collect();
    lines.extend(wanted.empty_folders.iter().map(|path| format!("- 0 {path}\n")));
    lines.sort();
    format!("modelmark fetch 1\n{}\n{}\n", wanted.model, Sha256Digest::of(lines.concat().as_bytes()))
}
