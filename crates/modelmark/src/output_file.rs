//! Files that a command writes beside its result: never over what it reads, whole or not at all, and wherever `>` could write too.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use modelmark_digest::partial::Listing;
use tempfile::TempPath;

use crate::error::{CommandError, Result};

/// More links in a row than any system follows.
const MAX_LINKS: usize = 40;

/// Names of what a process has open.
const OPEN_FILES: [&str; 4] = ["/proc", "/dev/fd", "/dev/stdout", "/dev/stderr"];

/// Refuses outputs that are or lie in `source`, the `what` that is read, and two outputs that are one file.
///
/// To be asked before anything is read: a model that was overwritten cannot be brought back.
pub(crate) fn refuse_overlaps(outputs: &[Option<&Path>], source: &Path, what: &str) -> Result<()> {
    let outputs: Vec<_> = outputs.iter().flatten().map(|path| (*path, Place::of(path))).collect();
    for (index, (path, place)) in outputs.iter().enumerate() {
        if place.is_part_of(source) {
            let told = CommandError::usage(format!("`{}` is, or would become, a part of the {what} that is read", path.display()));
            return Err(told.hint("write it elsewhere"));
        }
        if let Some((other, _)) = outputs.iter().take(index).find(|(_, other)| place.is_same(other)) {
            let told = CommandError::usage(format!("`{}` and `{}` are one file", other.display(), path.display()));
            return Err(told.hint("write each to a file of its own"));
        }
    }
    Ok(())
}

/// Where an output goes, through whatever links.
struct Place {
    path: PathBuf,
    existing: Option<Metadata>,
}

impl Place {
    fn of(path: &Path) -> Self {
        Self { path: resolved(path), existing: fs::metadata(path).ok() }
    }

    /// Tells whether what is there is a device or pipe, into which much can be written.
    fn is_stream(&self) -> bool {
        self.existing.as_ref().is_some_and(|there| !there.is_file())
    }

    fn is_same(&self, other: &Self) -> bool {
        if self.is_stream() || other.is_stream() {
            return false;
        }
        let one_file = self.existing.as_ref().zip(other.existing.as_ref()).is_some_and(|(a, b)| identity(a) == identity(b));
        one_file || self.path == other.path
    }

    fn is_part_of(&self, source: &Path) -> bool {
        if self.is_stream() {
            return false;
        }
        if fs::canonicalize(source).is_ok_and(|source| self.path.starts_with(source)) {
            return true;
        }
        // Hard links, and models whose files are links to elsewhere.
        let Some(there) = &self.existing else { return false };
        let is_there = |path: &Path| fs::metadata(path).is_ok_and(|file| identity(&file) == identity(there));
        is_there(source) || Listing::of(source).is_ok_and(|files| files.files().any(|(path, _)| is_there(&source.join(path.as_str()))))
    }
}

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// Returns the path of what opening `path` for writing would open or make.
fn resolved(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => break,
        }
    }
    match (fs::canonicalize(folder_of(&path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file in the making: it appears, or replaces what was there, only when it is whole. Devices and pipes are written as it goes.
pub(crate) struct OutputFile {
    asked: PathBuf,
    file: BufWriter<File>,
    /// The file beside the target, and the target.
    new: Option<(TempPath, PathBuf)>,
}

impl OutputFile {
    /// Begins the file `path`.
    ///
    /// # Errors
    /// Of kind usage when there can be no such file, else unreachable.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let (file, new) = begin(path).map_err(|error| unwritten(path, &error))?;
        Ok(Self { asked: path.to_owned(), file: BufWriter::new(file), new })
    }

    /// Puts the whole file in its place.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub(crate) fn finish(self) -> Result<()> {
        let Self { asked, file, new } = self;
        let placed = || -> io::Result<()> {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            let Some((new, target)) = new else { return Ok(()) };
            file.sync_all()?;
            new.persist(target).map_err(|error| error.error)
        };
        placed().map_err(|error| unwritten(&asked, &error))
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

type Begun = (File, Option<(TempPath, PathBuf)>);

fn begin(path: &Path) -> io::Result<Begun> {
    let place = Place::of(path);
    // What a process has open keeps its reader: another file under the same name would not reach them.
    if place.is_stream() || OPEN_FILES.iter().any(|name| path.starts_with(name)) {
        return Ok((OpenOptions::new().write(true).create(true).truncate(true).open(path)?, None));
    }
    let mode = match &place.existing {
        Some(there) => {
            // A file that may not be written stays, though its folder would let it be replaced.
            OpenOptions::new().write(true).open(&place.path)?;
            there.mode() & 0o777
        }
        None => 0o666,
    };
    let folder = folder_of(&place.path);
    fs::metadata(folder)?;
    let made = tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder);
    // The error would name a file that nobody asked for.
    let (file, new) = made.map_err(|error| io::Error::from(error.kind()))?.into_parts();
    if place.existing.is_some() {
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    Ok((file, Some((new, place.path))))
}

/// Writes a file that appears only when it is whole.
///
/// # Errors
/// As [`OutputFile::create`].
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    let mut file = OutputFile::create(path)?;
    file.write_all(content).map_err(|error| unwritten(path, &error))?;
    file.finish()
}

/// Says that `path` could not be written: a path that cannot be is the caller's fault, a full disk is not.
pub(crate) fn unwritten(path: &Path, error: &io::Error) -> CommandError {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    let told = format!("cannot write `{}`: {error}", path.display());
    match error.kind() {
        IsADirectory | NotADirectory | NotFound | PermissionDenied | ReadOnlyFilesystem => CommandError::usage(told),
        _ => CommandError::unreachable(told),
    }
}
