//! Keras: the archive `.keras`, and what a model saved by Keras says of itself in `.keras` and `.h5`.
//!
//! The weights are an HDF5 file inside the archive, which Keras stores as it is: it is read in place. Where somebody compressed it, it is inflated while it
//! is read. The description of the layers can carry code or
//! name some; it is read for that, and never carried out.

mod config;
mod summary;

use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::read::DeflateDecoder;

use crate::contents::{Contents, FindingCode};
use crate::cursor::Cursor;
use crate::read::Format;
use crate::zip::{Member, Method, members};
use crate::{ByteRange, FormatError, Pieces, ReadAt, Unpacked, hdf5};

pub(crate) const FORMAT: Format = Format { token: "keras", extensions: &["keras"], recognises, read };

/// Longest description that is read.
const MAX_CONFIG_BYTES: u64 = 64 << 20;
/// Longest attribute that is kept for people.
const MAX_SHOWN_BYTES: u64 = 1024;
const WEIGHTS: &str = ".weights.h5";

/// An archive whose first member is one of Keras's.
fn recognises(opening: &[u8]) -> bool {
    let name_length = opening.get(26..28).and_then(|length| length.try_into().ok()).map_or(0, u16::from_le_bytes);
    let name = opening.get(30..).and_then(|rest| rest.get(..usize::from(name_length)));
    opening.starts_with(b"PK\x03\x04") && matches!(name, Some(b"metadata.json" | b"config.json" | b"model.weights.h5"))
}

fn read(file: &dyn ReadAt, _name: &str) -> Result<Contents, FormatError> {
    let mut contents = Contents::of(FORMAT.token);
    let members = members(file)?;
    if !members.iter().any(|member| member.name == "config.json") {
        contents.note(FindingCode::Malformed, "no config.json: Keras would not load it");
    }
    for member in &members {
        match member.name.as_str() {
            "config.json" => {
                config::judge(opened(file, member), &mut contents);
                contents.architecture = summary::summarise(opened(file, member)).map(Box::new);
            }
            "metadata.json" => config::describe(opened(file, member), &mut contents),
            // The index of weights that were cut into several files; each is read for itself.
            "model.weights.json" => {}
            name if name.ends_with(WEIGHTS) => weights(file, member, &mut contents)?,
            name if name.starts_with("assets/") => {}
            name => contents.note(FindingCode::Stray, format!("member {name:?} is none of Keras's")),
        }
    }
    let mut names: Vec<&str> = contents.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    names.sort_unstable();
    if let Some([twin, _]) = names.array_windows().find(|[a, b]| a == b) {
        return Err(FormatError::tensor(twin, "it stands in two files of the archive"));
    }
    Ok(contents)
}

/// The bytes of a member, as many of them as a description may have.
fn opened<'f>(file: &'f dyn ReadAt, member: &Member) -> Box<dyn Read + 'f> {
    let stored = Cursor::within(file, member.place.offset, member.place.offset.saturating_add(member.place.len));
    match member.method {
        Method::Stored => Box::new(stored.take(MAX_CONFIG_BYTES)),
        Method::Deflated => Box::new(DeflateDecoder::new(stored).take(MAX_CONFIG_BYTES)),
    }
}

/// Reads an HDF5 file in the archive.
fn weights(file: &dyn ReadAt, member: &Member, contents: &mut Contents) -> Result<(), FormatError> {
    let first = contents.tensors.len();
    let place = member.place;
    let walked = match member.method {
        Method::Stored => hdf5::walk(&Inner { file, place }, contents),
        Method::Deflated => Unpacked::open(file, place, member.size, Some(member.crc)).and_then(|unpacked| hdf5::walk(&unpacked, contents)),
    };
    match walked {
        Ok(_) => {}
        Err(FormatError::Read(error)) if error.kind() != io::ErrorKind::InvalidData => return Err(FormatError::Read(error)),
        Err(error) => return Err(FormatError::malformed(place.offset, format!("in {:?}: {error}", member.name))),
    }
    for tensor in contents.tensors.iter_mut().skip(first) {
        let pieces = &mut tensor.source.pieces;
        match member.method {
            Method::Stored => pieces.shift(place.offset),
            Method::Deflated => {
                let inner = std::mem::replace(pieces, Pieces::Range(ByteRange::default()));
                *pieces = Pieces::Packed { place, inflated: member.size, pieces: Box::new(inner) };
            }
        }
    }
    Ok(())
}

impl Pieces {
    /// Moves all places, of a file that starts at `offset` in another.
    fn shift(&mut self, offset: u64) {
        let shift = |place: &mut ByteRange| place.offset = place.offset.saturating_add(offset);
        match self {
            Self::Range(place) | Self::Deflated { place, .. } | Self::Strided { place, .. } | Self::Varints(place) => shift(place),
            Self::Fields { message, .. } => shift(message),
            Self::Packed { place, .. } => shift(place),
            Self::Grid(pieces) | Self::Filled { pieces, .. } => pieces.iter_mut().for_each(|piece| shift(&mut piece.place)),
            Self::Checked { pieces, sums } => {
                sums.iter_mut().for_each(|sum| shift(&mut sum.place));
                pieces.shift(offset);
            }
        }
    }
}

/// A file in another.
struct Inner<'f> {
    file: &'f dyn ReadAt,
    place: ByteRange,
}

impl ReadAt for Inner<'_> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.place.len)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let inside = offset.checked_add(buffer.len() as u64).is_some_and(|end| end <= self.place.len);
        if !inside {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_exact_at(buffer, self.place.offset.saturating_add(offset))
    }
}

/// Notes what the attributes of a whole model in one HDF5 file say.
pub(crate) fn judge_attributes(file: &dyn ReadAt, texts: &BTreeMap<String, ByteRange>, contents: &mut Contents) -> Result<(), FormatError> {
    for (name, place) in texts {
        let mut text = Cursor::within(file, place.offset, place.offset.saturating_add(place.len));
        if name == "model_config" || name == "training_config" {
            config::judge(Box::new(text.take(MAX_CONFIG_BYTES)), contents);
            if name == "model_config" {
                let text = Cursor::within(file, place.offset, place.offset.saturating_add(place.len));
                contents.architecture = summary::summarise(text.take(MAX_CONFIG_BYTES)).map(Box::new);
            }
        } else if place.len <= MAX_SHOWN_BYTES {
            let text = Cursor::bytes(&mut text, place.len, MAX_SHOWN_BYTES, "an attribute")?;
            contents.describe(name, &String::from_utf8_lossy(&text));
        }
    }
    Ok(())
}
