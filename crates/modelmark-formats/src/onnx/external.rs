//! Elements in a file beside the model.
//!
//! The file's name comes from the model, which may be hostile: it has to be a plain relative path, or the model is refused. That nothing on the way is a
//! link is for whoever opens it to see to.

use std::collections::{BTreeMap, BTreeSet};

use super::{FormatError, Reader};
use crate::beside::plain_path;
use crate::contents::{Contents, short};
use crate::few::first_few;
use crate::protobuf::{Field, Message};
use crate::{ByteRange, FindingCode, Pieces};

/// Longest value of an entry: a path.
const MAX_VALUE_BYTES: u64 = 4096;
/// Most overlaps that are looked for.
const MAX_OVERLAPS: usize = 16;
/// A file beside is never larger than the system can address.
const MAX_FILE_BYTES: u64 = i64::MAX.cast_unsigned();

/// The entries of `external_data`.
#[derive(Default)]
pub(super) struct External {
    location: Option<String>,
    offset: Option<u64>,
    length: Option<u64>,
    checksum: Option<String>,
}

/// The checksums that a model states of files beside it.
///
/// The specification (`docs/ExternalData.md` of ONNX 1.23) has a SHA-1 of the whole file, as text, and says neither in which form nor who checks it; neither
/// the package `onnx` nor ONNX Runtime does.
#[derive(Default)]
pub(super) struct Checksums {
    /// The first one of each file.
    stated: BTreeMap<String, String>,
    /// Files of which tensors state different ones.
    contradicted: BTreeSet<String>,
}

impl Checksums {
    pub(super) fn take(&mut self, external: &External) {
        let (Some(file), Some(checksum)) = (&external.location, &external.checksum) else { return };
        match self.stated.get(file) {
            None => drop(self.stated.insert(file.clone(), checksum.to_ascii_lowercase())),
            Some(other) if !other.eq_ignore_ascii_case(checksum) => drop(self.contradicted.insert(file.clone())),
            Some(_) => {}
        }
    }

    /// Says what nobody checks, and what cannot be true.
    pub(super) fn judge(self, contents: &mut Contents) {
        let is_sha1 = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let odd = self.stated.iter().filter(|(_, checksum)| !is_sha1(checksum)).map(|(file, _)| file.as_str());
        let odd: Vec<&str> = odd.filter(|file| !self.contradicted.contains(*file)).collect();
        let plain = self.stated.iter().filter(|(file, checksum)| is_sha1(checksum) && !self.contradicted.contains(*file));
        let plain: Vec<&str> = plain.map(|(file, _)| file.as_str()).collect();
        for (files, what) in [
            (plain, "states a SHA-1 of files with its weights, which is not checked: the digests of the files themselves count"),
            (odd, "states what is no SHA-1 as the checksum of files with its weights"),
            (
                self.contradicted.iter().map(String::as_str).collect(),
                "states different checksums of one and the same file with its weights",
            ),
        ] {
            if !files.is_empty() {
                contents.note(FindingCode::ExternalChecksum, format!("{what}: {}", first_few(files)));
            }
        }
    }
}

impl Reader<'_> {
    /// Reads one entry: a key and a value.
    pub(super) fn external(&mut self, outer: &Message, field: &Field, external: &mut External) -> Result<(), FormatError> {
        let start = self.wire.inside(outer, field)?;
        let mut message = start;
        let mut key = String::new();
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => {
                    message.once(&field)?;
                    key = self.name(&field, "a key of external data")?;
                }
                2 => message.once(&field)?,
                _ => self.skip_unknown(),
            }
        }
        let mut message = start;
        let mut value = String::new();
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number == 2 {
                value = self.wire.name(&field, MAX_VALUE_BYTES, "a value of external data")?;
            }
        }
        let twice = match key.as_str() {
            "location" => external.location.replace(path(field.at, &value)?).is_some(),
            "offset" => external.offset.replace(number(field.at, &value)?).is_some(),
            "length" => external.length.replace(number(field.at, &value)?).is_some(),
            "checksum" => external.checksum.replace(value).is_some(),
            // Where the writer had the file.
            "basepath" => false,
            _ => {
                self.skip_unknown();
                false
            }
        };
        if twice { Err(FormatError::malformed(field.at, format!("external data with two values of {key}"))) } else { Ok(()) }
    }
}

impl External {
    /// Says where the elements are, which take `bytes`.
    pub(super) fn pieces(self, name: &str, bytes: Option<u64>) -> Result<(String, Pieces), FormatError> {
        let fault = |fault: &str| FormatError::tensor(name, fault);
        let file = self.location.ok_or_else(|| fault("its elements are in another file, but which is not said"))?;
        let len = bytes.ok_or_else(|| fault("texts cannot stand in another file"))?;
        if let Some(length) = self.length.filter(|length| *length != len) {
            return Err(fault(&format!("{length} bytes in another file, {len} needed by shape and type")));
        }
        let offset = self.offset.unwrap_or(0);
        if offset.checked_add(len).is_none_or(|end| end > MAX_FILE_BYTES) {
            return Err(fault("its place in another file passes 63 bits"));
        }
        Ok((file, Pieces::Range(ByteRange { offset, len })))
    }
}

fn path(at: u64, location: &str) -> Result<String, FormatError> {
    plain_path(location)
        .map(str::to_owned)
        .map_err(|why| FormatError::malformed(at, format!("external data in {:?}: {why}", short(location))))
}

fn number(at: u64, text: &str) -> Result<u64, FormatError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or_else(|| FormatError::malformed(at, format!("{text:?} is no offset or length of external data")))
}

/// Notices tensors that share a part of a file beside the model: equal ranges are shared weights, others say one thing in two ways.
pub(super) fn overlaps(contents: &mut Contents) {
    let mut places: Vec<(&str, u64, u64, &str)> = Vec::new();
    for tensor in &contents.tensors {
        if let (Some(file), Pieces::Range(place)) = (&tensor.source.file, &tensor.source.pieces)
            && place.len > 0
        {
            places.push((file, place.offset, place.offset + place.len, &tensor.name));
        }
    }
    places.sort_unstable();
    let mut found = Vec::new();
    let mut reach: Option<(&str, u64, u64, &str)> = None;
    for (file, start, end, name) in places {
        // Each says as much as any further one.
        if found.len() > MAX_OVERLAPS {
            break;
        }
        if let Some((_, other_start, other_end, other)) = reach.filter(|(other, _, other_end, _)| *other == file && *other_end > start)
            && (other_start, other_end) != (start, end)
        {
            found.push(format!("{:?} and {:?} take parts of the same bytes of {:?}", short(name), short(other), short(file)));
        }
        if reach.is_none_or(|(other, _, other_end, _)| other != file || end > other_end) {
            reach = Some((file, start, end, name));
        }
    }
    found.into_iter().for_each(|message| contents.note(FindingCode::Overlap, message));
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    #[test]
    fn numbers_are_plain_digits() {
        assert_eq!(number(0, "4096").unwrap(), 4096);
        for bad in ["", "-1", "+1", "1 ", "0x10", "1e3", "18446744073709551616"] {
            assert!(number(0, bad).is_err(), "{bad}");
        }
    }
}
