//! From the encrypted form back to the model.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use modelmark_digest::outboard::LeafList;
use modelmark_digest::{ManifestKind, ModelPath, portable};
use tempfile::NamedTempFile;

use crate::age_file::broken;
use crate::encrypt::side_by_side;
use crate::objects::object_name;
use crate::place::{NewFolder, folder_of};
use crate::{CryptError, Objects, Opened};

/// Bytes that are passed on at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// Decrypts the whole model to `out`, a directory or, when the model is one file, a file, which appears when it is whole and replaces nothing; `advanced` is
/// told of the bytes that were written.
///
/// Every 64 KiB are authenticated and every leaf is held against its digest before they are written.
///
/// # Errors
/// [`CryptError::Damaged`] when a file was cut off or changed, [`CryptError::Name`] when the model has names that not every file system can hold, and when
/// something cannot be read or written. Nothing is at `out` then.
pub fn decrypt<O: Objects>(opened: &Opened<O>, out: &Path, advanced: &(dyn Fn(u64) + Sync)) -> Result<(), CryptError> {
    let files: Vec<(Option<&ModelPath>, &LeafList)> = opened.lists().files().collect();
    if let (ManifestKind::File, [(_, list)]) = (opened.lists().kind(), files.as_slice()) {
        return lone_file(opened, list, out, advanced);
    }
    portable::check(files.iter().filter_map(|(path, _)| *path), opened.empty_folders())?;
    let folder = NewFolder::begin(out)?;
    let root = folder.path();
    for path in opened.empty_folders() {
        fs::create_dir_all(root.join(path.as_str())).map_err(CryptError::io("create", root.join(path.as_str())))?;
    }
    side_by_side(files.len(), &|index| {
        let Some((Some(path), list)) = files.get(index) else { return Ok(()) };
        let target = root.join(path.as_str());
        fs::create_dir_all(folder_of(&target)).map_err(CryptError::io("create", folder_of(&target)))?;
        let mut file = File::create_new(&target).map_err(CryptError::io("create", &target))?;
        pour(opened, index, list, &mut file, &target, advanced)
    })?;
    folder.finish()
}

fn lone_file<O: Objects>(opened: &Opened<O>, list: &LeafList, out: &Path, advanced: &(dyn Fn(u64) + Sync)) -> Result<(), CryptError> {
    if out.symlink_metadata().is_ok() {
        return Err(CryptError::Exists(out.to_owned()));
    }
    let mut file = NamedTempFile::new_in(folder_of(out)).map_err(CryptError::io("write beside", out))?;
    pour(opened, 0, list, file.as_file_mut(), out, advanced)?;
    match file.persist_noclobber(out) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(CryptError::Exists(out.to_owned())),
        Err(error) => Err(CryptError::io("write", out)(error.error)),
    }
}

fn pour<O: Objects>(
    opened: &Opened<O>,
    index: usize,
    list: &LeafList,
    file: &mut File,
    target: &Path,
    advanced: &(dyn Fn(u64) + Sync),
) -> Result<(), CryptError> {
    let name = object_name(index + 1);
    let mut plaintext = opened.stream(index, list)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = match plaintext.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(&name, error)),
        };
        file.write_all(buffer.get(..count).unwrap_or_default()).map_err(CryptError::io("write", target))?;
        advanced(count as u64);
    }
    file.sync_all().map_err(CryptError::io("write", target))
}
