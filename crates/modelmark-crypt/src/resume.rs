//! One file of an encrypted model, into a file that may hold a part of it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use modelmark_digest::outboard::LeafList;
use modelmark_formats::ReadAt;

use crate::age_file::broken;
use crate::{CryptError, Objects, Opened};

impl<O: Objects> Opened<O> {
    /// Decrypts the file at `path` into `out`, which has `present` bytes of whatever an earlier try left there: leaves that are right already are not fetched again.
    /// `advanced` is told of the bytes that are there and right. Returns how many of them were there before.
    ///
    /// Every leaf is held against its digest before it is written. What lies in `out` behind the file is left as it is.
    ///
    /// # Errors
    /// As [`Opened::file`], and when something cannot be read or written. What was written until then is right.
    pub fn complete(&self, path: &str, out: &File, present: u64, advanced: &(dyn Fn(u64) + Sync)) -> Result<u64, CryptError> {
        let (source, list) = self.file(path)?;
        let (mut leaf, mut kept) = (Vec::new(), 0);
        for index in 0..list.len() {
            let place = list.place(index);
            let length = place.end - place.start;
            leaf.resize(usize::try_from(length).unwrap_or_default(), 0);
            if place.end <= present && intact(list, index, out, &mut leaf).map_err(CryptError::io("read", path))? {
                kept += length;
                advanced(length);
                continue;
            }
            ReadAt::read_exact_at(&source, &mut leaf, place.start).map_err(|error| broken(path, error))?;
            if !list.verify(index, &leaf) {
                return Err(CryptError::Damaged {
                    name: path.to_owned(),
                    reason: format!("bytes {}..{} are others", place.start, place.end),
                });
            }
            FileExt::write_all_at(out, &leaf, place.start).map_err(CryptError::io("write", path))?;
            advanced(length);
        }
        Ok(kept)
    }
}

fn intact(list: &LeafList, index: usize, out: &File, leaf: &mut [u8]) -> io::Result<bool> {
    match FileExt::read_exact_at(out, leaf, list.place(index).start) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| list.verify(index, leaf)),
    }
}
