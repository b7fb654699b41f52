//! Finds the files of a model without ever leaving it.
//!
//! Everything below the root is opened relative to the directory that holds it and without following links, so that swapping a component for a
//! link during the run leads to an error, never out of the root. The links of a snapshot in the cache of the Hugging Face hub are followed by
//! [`Snapshot`], under the same rule for the cache.

use std::collections::HashSet;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::engine::BLOCK_BYTES;
use crate::hub::{Blob, Claim, HubError, HubOrigin, LinkFault, Snapshot, refuse_insides};
use crate::{DigestError, ManifestKind, ModelPath, ModelPathError, Scope};

/// Most directories on the way to a file.
pub const MAX_DEPTH: usize = 64;

/// Most files and directories of one model.
pub const MAX_ENTRIES: usize = 1_000_000;

/// Most bytes of one model, 2^53 - 1: the largest integer that a record can hold, and far from where sums of sizes would wrap.
pub const MAX_MODEL_BYTES: u64 = (1 << 53) - 1;

/// A file this small can be the pointer of Git LFS.
const MAX_POINTER_BYTES: u64 = 1024;

// A FIFO or device that took a file's place must not block the open or become our terminal.
const OPEN: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);
/// How everything inside a model or a cache is opened: never through a link.
pub(crate) const OPEN_INSIDE: OFlags = OPEN.union(OFlags::NOFOLLOW);

/// The files of a model as they were found, nothing read yet.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    handle: OwnedFd,
    /// The snapshot that the model is, or lies in.
    snapshot: Option<Snapshot>,
    pub(crate) kind: ManifestKind,
    /// Sorted by path.
    pub(crate) files: Vec<FoundFile>,
    /// Sum of the file sizes in bytes, at most [`MAX_MODEL_BYTES`].
    pub(crate) size: u64,
    /// The directories below the root; empty ones count, they are part of the CID.
    pub(crate) folders: Vec<ModelPath>,
    pub(crate) ignored: Vec<String>,
    /// The caller's rules in place of ours.
    scope: Option<Scope>,
    /// Files that are links and are read as what they lead to, because the scope says so.
    pub(crate) linked: HashSet<ModelPath>,
}

/// A regular file and what the file system said of it.
#[derive(Debug)]
pub(crate) struct FoundFile {
    pub(crate) path: ModelPath,
    pub(crate) size: u64,
    /// Bytes that the file system keeps of it: far fewer than its size when most of it is holes.
    pub(crate) stored: u64,
    pub(crate) stamp: Stamp,
    /// What the name of the cached file says about its bytes, when it is one.
    pub(crate) claim: Option<Claim>,
}

/// Device, inode, size, and times of last change: equal stamps mean an unchanged file, down to the resolution of the file system's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp([i128; 7]);

impl Stamp {
    fn of(stat: &Stat) -> Self {
        // Field types differ between systems; all of them fit.
        Self([
            stat.st_dev.into(),
            stat.st_ino.into(),
            stat.st_size.into(),
            stat.st_mtime.into(),
            stat.st_mtime_nsec.into(),
            stat.st_ctime.into(),
            stat.st_ctime_nsec.into(),
        ])
    }

    /// Returns all of it as numbers, in an order of its own.
    pub(crate) const fn numbers(&self) -> &[i128; 7] {
        &self.0
    }

    /// Returns the times of last modification and of last change, in nanoseconds since 1970.
    pub(crate) const fn times(&self) -> [i128; 2] {
        let [_, _, _, modified, modified_rest, changed, changed_rest] = self.0;
        [modified * 1_000_000_000 + modified_rest, changed * 1_000_000_000 + changed_rest]
    }
}

impl Tree {
    /// Looks at `root` and, when it is a directory, at everything below it. The root itself may be a link: the user named it.
    pub(crate) fn find(root: &Path) -> Result<Self, DigestError> {
        let tree = Self::find_any(root)?;
        if tree.files.is_empty() { Err(DigestError::Empty(tree.root)) } else { Ok(tree) }
    }

    /// Does the same, and takes a directory without a file.
    pub(crate) fn find_any(root: &Path) -> Result<Self, DigestError> {
        Self::find_by(root, None)
    }

    /// Does the same by the rules of `scope`, if there are any.
    pub(crate) fn find_by(root: &Path, scope: Option<Scope>) -> Result<Self, DigestError> {
        let stat = rustix::fs::stat(root).map_err(|errno| unreadable(root, errno))?;
        refuse_special(root, &stat)?;
        let snapshot = Snapshot::around(root)?;
        let (handle, claim) = open_root(root, &stat, snapshot.as_ref())?;
        let stat = rustix::fs::fstat(&handle).map_err(|errno| unreadable(root, errno))?;
        refuse_special(root, &stat)?;
        let directory = FileType::from_raw_mode(stat.st_mode).is_dir();
        let kind = if directory { ManifestKind::Directory } else { ManifestKind::File };
        let mut tree = Self {
            root: root.to_owned(),
            handle,
            snapshot,
            kind,
            files: Vec::new(),
            size: 0,
            folders: Vec::new(),
            ignored: Vec::new(),
            scope,
            linked: HashSet::new(),
        };
        if directory {
            if tree.snapshot.is_none() {
                refuse_insides(root)?;
            }
            tree.scan()?;
        } else {
            let path = single_name(root)?;
            tree.keep(path, &stat, claim)?;
        }
        Ok(tree)
    }

    /// Returns what the place of the model in a cache says about where it is from.
    pub(crate) fn origin(&self) -> Option<&HubOrigin> {
        self.snapshot.as_ref().map(|snapshot| &snapshot.origin)
    }

    /// The directories with neither a file nor a directory in them.
    pub(crate) fn empty_folders(&self) -> impl Iterator<Item = &ModelPath> {
        let paths = self.files.iter().map(|file| &file.path).chain(&self.folders);
        let used: HashSet<&str> = paths.filter_map(|path| path.as_str().rsplit_once('/')).map(|(parent, _)| parent).collect();
        self.folders.iter().filter(move |folder| !used.contains(folder.as_str()))
    }

    /// Opens a folder below the root, whether it is a part of the model or not.
    pub(crate) fn open_folder(&self, way: &[&str]) -> Result<OwnedFd, Errno> {
        let mut here = rustix::io::dup(&self.handle)?;
        for folder in way {
            here = rustix::fs::openat(&here, *folder, OPEN_INSIDE | OFlags::DIRECTORY, Mode::empty())?;
        }
        Ok(here)
    }

    /// Opens the folder of the blobs that a snapshot links to; nothing when the model is no snapshot.
    pub(crate) fn open_blobs(&self) -> Option<Result<OwnedFd, Errno>> {
        self.snapshot.as_ref().map(Snapshot::open_blobs)
    }

    /// Opens a file for reading, making sure that it still is what was found.
    pub(crate) fn open(&self, file: &FoundFile) -> Result<File, DigestError> {
        let handle = match self.kind {
            ManifestKind::File => self.handle.try_clone().map_err(|source| self.failed(&file.path, source))?,
            ManifestKind::Directory => self.open_inside(&file.path).map_err(|errno| self.vanished(&file.path, errno))?,
        };
        self.check(file, handle.as_fd())?;
        if file.size > BLOCK_BYTES as u64 {
            // A hint only; a file system may decline it.
            let _ = rustix::fs::fadvise(&handle, 0, None, rustix::fs::Advice::Sequential);
        }
        Ok(handle.into())
    }

    /// Opens a file for reading and makes sure that it is not the pointer of Git LFS in place of a file that was not downloaded.
    pub(crate) fn open_fetched(&self, file: &FoundFile) -> Result<File, DigestError> {
        let handle = self.open(file)?;
        if points(file, &handle) { Err(DigestError::Pointer(self.full(&file.path))) } else { Ok(handle) }
    }

    /// Tells whether a file is the pointer of Git LFS in place of one that was not downloaded.
    pub(crate) fn is_pointer(&self, file: &FoundFile) -> Result<bool, DigestError> {
        Ok(file.size <= MAX_POINTER_BYTES && points(file, &self.open(file)?))
    }

    /// Makes sure that an open file is as it was found.
    pub(crate) fn check(&self, file: &FoundFile, handle: BorrowedFd<'_>) -> Result<(), DigestError> {
        let stat = rustix::fs::fstat(handle).map_err(|errno| self.failed(&file.path, errno.into()))?;
        if Stamp::of(&stat) == file.stamp { Ok(()) } else { Err(self.changed(file)) }
    }

    /// The error for a file that is not what it was.
    pub(crate) fn changed(&self, file: &FoundFile) -> DigestError {
        DigestError::Changed(self.full(&file.path))
    }

    /// The error for a file that the system would not read.
    pub(crate) fn failed(&self, path: &ModelPath, source: std::io::Error) -> DigestError {
        DigestError::Read { path: self.full(path), source }
    }

    /// The path of a file of the model as the user would type it.
    pub(crate) fn full(&self, path: &ModelPath) -> PathBuf {
        match self.kind {
            ManifestKind::File => self.root.clone(),
            ManifestKind::Directory => self.root.join(path.as_str()),
        }
    }

    /// The caller's rules, when there are any.
    pub(crate) const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The path of the model.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The error for something found that cannot be opened as what it was: gone, or a link or file stands in its place.
    fn vanished(&self, path: &ModelPath, errno: Errno) -> DigestError {
        match errno {
            Errno::NOENT | Errno::LOOP | Errno::NOTDIR => DigestError::Changed(self.full(path)),
            errno => self.failed(path, errno.into()),
        }
    }

    fn open_inside(&self, path: &ModelPath) -> Result<OwnedFd, Errno> {
        if let Some(handle) = open_at_once(&self.handle, path) {
            return Ok(handle);
        }
        let mut parent: Option<OwnedFd> = None;
        let (folders, name) = path.as_str().rsplit_once('/').map_or((None, path.as_str()), |(folders, name)| (Some(folders), name));
        for folder in folders.into_iter().flat_map(|folders| folders.split('/')) {
            let at = parent.as_ref().unwrap_or(&self.handle);
            parent = Some(rustix::fs::openat(at, folder, OPEN_INSIDE | OFlags::DIRECTORY, Mode::empty())?);
        }
        let at = parent.as_ref().unwrap_or(&self.handle);
        match rustix::fs::openat(at, name, OPEN_INSIDE, Mode::empty()) {
            Err(Errno::LOOP) if self.snapshot.is_some() => {
                let target = rustix::fs::readlinkat(at, name, Vec::new())?;
                // What stood there when the tree was scanned could be followed.
                self.follow(path, target.as_bytes()).map(|blob| blob.handle).map_err(|_| Errno::LOOP)
            }
            // What it leads to now is held against what it led to when the tree was scanned.
            Err(Errno::LOOP) if self.linked.contains(path) => rustix::fs::openat(at, name, OPEN, Mode::empty()),
            opened => opened,
        }
    }

    /// Follows the link at `path` if this is a snapshot.
    fn follow(&self, path: &ModelPath, target: &[u8]) -> Result<Blob, Option<LinkFault>> {
        let snapshot = self.snapshot.as_ref().ok_or(None)?;
        let folders = path.as_str().rsplit_once('/').map(|(folders, _)| folders.split('/'));
        snapshot.follow(folders.into_iter().flatten(), target).map_err(Some)
    }

    fn scan(&mut self) -> Result<(), DigestError> {
        let root = self.handle.try_clone().map_err(|source| DigestError::Read { path: self.root.clone(), source })?;
        self.scan_folder(&root, "", 0)?;
        self.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.ignored.sort_unstable();
        Ok(())
    }

    /// Reads one directory; returns whether anything in it was left out. Recursion, and so the number of open directories, ends at
    /// [`MAX_DEPTH`].
    fn scan_folder(&mut self, folder: &OwnedFd, prefix: &str, depth: usize) -> Result<Scanned, DigestError> {
        let shown = self.root.join(prefix);
        if depth > MAX_DEPTH {
            return Err(DigestError::TooDeep { path: shown });
        }
        let mut scanned = Scanned::default();
        for entry in Dir::read_from(folder).map_err(|errno| unreadable(&shown, errno))? {
            let entry = entry.map_err(|errno| unreadable(&shown, errno))?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let path = inner_path(prefix, name.to_bytes()).map_err(|source| DigestError::Name { directory: shown.clone(), source })?;
            let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(|errno| self.vanished(&path, errno))?;
            if self.ignores(&path, &stat) {
                scanned.ignored = true;
                continue;
            }
            if self.scope.as_ref().is_some_and(|scope| !scope.concerns(path.as_str())) {
                continue;
            }
            scanned.kept = true;
            self.take(folder, path, &stat, depth)?;
        }
        Ok(scanned)
    }

    fn take(&mut self, parent: &OwnedFd, path: ModelPath, stat: &Stat, depth: usize) -> Result<(), DigestError> {
        if self.files.len() + self.folders.len() >= MAX_ENTRIES {
            return Err(DigestError::TooMany { path: self.root.clone() });
        }
        let full = self.root.join(path.as_str());
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => self.keep(path, stat, None)?,
            FileType::Directory => {
                let folder = rustix::fs::openat(parent, path.file_name(), OPEN_INSIDE | OFlags::DIRECTORY, Mode::empty())
                    .map_err(|errno| self.vanished(&path, errno))?;
                let scanned = self.scan_folder(&folder, path.as_str(), depth + 1)?;
                // A directory that held nothing but what is ignored exists only for that.
                if scanned.kept || !scanned.ignored {
                    self.folders.push(path);
                }
            }
            FileType::Symlink if self.scope.as_ref().is_some_and(|scope| scope.follow_links) => self.take_linked(parent, path)?,
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(parent, path.file_name(), Vec::new()).map_err(|errno| unreadable(&full, errno))?;
                let shown = || target.to_string_lossy().into_owned();
                match self.follow(&path, target.as_bytes()) {
                    Ok(blob) => {
                        let stat = rustix::fs::fstat(&blob.handle).map_err(|errno| unreadable(&full, errno))?;
                        self.keep(path, &stat, blob.claim)?;
                    }
                    Err(Some(fault)) => return Err(HubError::Link { path: full, target: shown(), fault }.into()),
                    Err(None) => return Err(DigestError::Link { path: full, target: shown() }),
                }
            }
            _ => return refuse_special(&full, stat),
        }
        Ok(())
    }

    /// Takes a link as the file that it leads to, wherever that is. A link to a directory, or to nothing, is refused.
    fn take_linked(&mut self, parent: &OwnedFd, path: ModelPath) -> Result<(), DigestError> {
        let full = self.root.join(path.as_str());
        let target = rustix::fs::readlinkat(parent, path.file_name(), Vec::new()).map_err(|errno| unreadable(&full, errno))?;
        let refused = || DigestError::Link { path: full.clone(), target: target.to_string_lossy().into_owned() };
        let stat = rustix::fs::statat(parent, path.file_name(), AtFlags::empty()).map_err(|_| refused())?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {
                self.linked.insert(path.clone());
                self.keep(path, &stat, None)
            }
            FileType::Directory => Err(refused()),
            _ => refuse_special(&full, &stat),
        }
    }

    /// Notes a file. Sparse files of any size cost nothing to make, so that the sum is not to be trusted.
    fn keep(&mut self, path: ModelPath, stat: &Stat, claim: Option<Claim>) -> Result<(), DigestError> {
        let size = size_of(stat);
        self.size = total(self.size, size).ok_or_else(|| DigestError::TooLarge { path: self.root.clone() })?;
        // Blocks of 512 bytes, whatever the file system's own are.
        let stored = u64::try_from(i128::from(stat.st_blocks)).unwrap_or_default().saturating_mul(512);
        self.files.push(FoundFile { path, size, stored, stamp: Stamp::of(stat), claim });
        Ok(())
    }

    /// Tells whether the rules leave `path` out, and notes it.
    fn ignores(&mut self, path: &ModelPath, stat: &Stat) -> bool {
        let directory = FileType::from_raw_mode(stat.st_mode).is_dir();
        if let Some(scope) = &self.scope {
            let ignored = scope.leave_out.contains(path.as_str());
            if ignored {
                self.ignored.push(path.as_str().to_owned());
            }
            return ignored;
        }
        let shown = match (path.as_str(), directory) {
            // A worktree or submodule has a file, some tools leave a link.
            (".git", false) => ".git",
            (".git", true) => ".git/",
            (".cache/huggingface", true) => ".cache/huggingface/",
            _ => return false,
        };
        self.ignored.push(shown.to_owned());
        true
    }
}

#[derive(Default)]
struct Scanned {
    kept: bool,
    ignored: bool,
}

/// Tells whether an open file is a pointer of Git LFS. What cannot be read now cannot be read later either; the reader says what happened.
fn points(file: &FoundFile, handle: &File) -> bool {
    file.size <= MAX_POINTER_BYTES && modelmark_formats::opening(handle).is_ok_and(|opening| modelmark_formats::is_pointer(&opening))
}

/// Opens a file below `folder` in one call, through no link. What the system will not do this way is opened folder by folder, which finds out why.
#[cfg(target_os = "linux")]
fn open_at_once(folder: &OwnedFd, path: &ModelPath) -> Option<OwnedFd> {
    use rustix::fs::ResolveFlags;
    rustix::fs::openat2(folder, path.as_str(), OPEN_INSIDE, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS).ok()
}

/// Other systems have no such call.
#[cfg(not(target_os = "linux"))]
fn open_at_once(_folder: &OwnedFd, _path: &ModelPath) -> Option<OwnedFd> {
    None
}

fn inner_path(prefix: &str, name: &[u8]) -> Result<ModelPath, ModelPathError> {
    let name = std::str::from_utf8(name).map_err(|_| ModelPathError::not_utf8(String::from_utf8_lossy(name).into_owned()))?;
    ModelPath::try_from(if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") })
}

/// Opens the model: in a snapshot through the cache, elsewhere as the system finds it.
fn open_root(root: &Path, stat: &Stat, snapshot: Option<&Snapshot>) -> Result<(OwnedFd, Option<Claim>), DigestError> {
    let directory = FileType::from_raw_mode(stat.st_mode).is_dir();
    let opened = match (snapshot, rustix::fs::readlink(root, Vec::new())) {
        (Some(snapshot), _) if directory => snapshot.open_folder(),
        (Some(snapshot), Ok(target)) if snapshot.is_of_link() => {
            let blob = snapshot.follow_itself(target.as_bytes());
            let refused = |fault| HubError::Link { path: root.to_owned(), target: target.to_string_lossy().into_owned(), fault };
            return blob.map(|blob| (blob.handle, blob.claim)).map_err(|fault| refused(fault).into());
        }
        _ => rustix::fs::open(root, OPEN, Mode::empty()),
    };
    opened.map(|handle| (handle, None)).map_err(|errno| unreadable(root, errno))
}

fn single_name(root: &Path) -> Result<ModelPath, DigestError> {
    let name = root.file_name().unwrap_or(root.as_os_str());
    let directory = root.parent().unwrap_or(root).to_owned();
    inner_path("", name.as_encoded_bytes()).map_err(|source| DigestError::Name { directory, source })
}

fn refuse_special(path: &Path, stat: &Stat) -> Result<(), DigestError> {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile | FileType::Directory => return Ok(()),
        FileType::Fifo => "named pipe",
        FileType::Socket => "socket",
        FileType::CharacterDevice | FileType::BlockDevice => "device",
        _ => "special file",
    };
    Err(DigestError::Special { path: path.to_owned(), kind })
}

/// The size of a model with one more file; `None` above [`MAX_MODEL_BYTES`].
fn total(sum: u64, size: u64) -> Option<u64> {
    sum.checked_add(size).filter(|sum| *sum <= MAX_MODEL_BYTES)
}

fn unreadable(path: &Path, errno: Errno) -> DigestError {
    match errno {
        Errno::NOENT => DigestError::Missing(path.to_owned()),
        errno => DigestError::Read { path: path.to_owned(), source: errno.into() },
    }
}

// The kernel never reports a negative size.
fn size_of(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_add_up_to_the_bound_and_no_further() {
        assert_eq!(total(0, 0), Some(0));
        assert_eq!(total(MAX_MODEL_BYTES - 1, 1), Some(MAX_MODEL_BYTES));
        assert_eq!(total(0, MAX_MODEL_BYTES + 1), None);
        assert_eq!(total(MAX_MODEL_BYTES, 1), None);
        assert_eq!(total(MAX_MODEL_BYTES, u64::MAX), None);
    }
}
