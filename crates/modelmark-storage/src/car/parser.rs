//! Reading a CAR as it arrives, piece by piece, from somebody who may send anything.
//!
//! Holds one section at most, and no more of it than has arrived. It checks no digest: what a section says is for its reader to hold against the CID.

use cid::Cid;
use modelmark_digest::ContentId;

use super::{Header, MAX_HEADER_BYTES};
use crate::{MAX_BLOCK_BYTES, StorageError};

/// Longest CID that is read: what a 64-byte hash needs, so that an unsupported one is named and not just called garbage.
const MAX_CID_BYTES: u64 = 96;
/// Longest spelling of a length that is accepted: a section is shorter than 2^28 bytes, and a length has one spelling.
const MAX_VARINT_BYTES: usize = 4;

/// The bytes of a section, and the CID that stands before them. Nobody has hashed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What the CAR calls the bytes.
    pub id: ContentId,
    /// The bytes, at most [`MAX_BLOCK_BYTES`].
    pub bytes: Vec<u8>,
}

/// An incremental reader of CAR version 1. Bytes go in by [`Parser::push`] as they arrive, sections come out.
#[derive(Debug, Default)]
pub struct Parser {
    /// Where the section begins whose bytes are being collected.
    offset: u64,
    /// The bytes of the length that have arrived.
    prefix: Vec<u8>,
    /// The length, once it is known.
    length: Option<u64>,
    section: Vec<u8>,
    headed: bool,
}

impl Parser {
    /// Returns a reader at the beginning of a CAR.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes from the front of `input`, until a section is whole or nothing is left of it; `None` when more bytes are needed.
    ///
    /// The header is checked and left out: its roots say nothing that a reader who knows what it asked for could rely on.
    ///
    /// # Errors
    /// [`StorageError::Car`] with the position when the bytes are no CAR version 1, or a length or a CID is not one that is accepted. After that the
    /// reader is of no use.
    pub fn push(&mut self, input: &mut &[u8]) -> Result<Option<Section>, StorageError> {
        while !input.is_empty() {
            let Some(length) = self.length else {
                self.take_prefix(input)?;
                continue;
            };
            let missing = usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(self.section.len());
            let (taken, rest) = input.split_at(missing.min(input.len()));
            self.section.extend_from_slice(taken);
            *input = rest;
            if taken.len() == missing {
                let section = std::mem::take(&mut self.section);
                let read = self.read(section)?;
                self.offset += self.prefix.len() as u64 + length;
                self.prefix.clear();
                self.length = None;
                if read.is_some() {
                    return Ok(read);
                }
            }
        }
        Ok(None)
    }

    /// Says that there are no more bytes.
    ///
    /// # Errors
    /// [`StorageError::Car`] when the CAR is cut off.
    pub fn finish(self) -> Result<(), StorageError> {
        if !self.headed {
            return Err(self.fault("cut off before the end of the header"));
        }
        if !self.prefix.is_empty() {
            return Err(self.fault("cut off in the middle of a section"));
        }
        Ok(())
    }

    fn take_prefix(&mut self, input: &mut &[u8]) -> Result<(), StorageError> {
        let Some((byte, rest)) = input.split_first() else { return Ok(()) };
        *input = rest;
        self.prefix.push(*byte);
        if byte & 0x80 != 0 {
            return if self.prefix.len() < MAX_VARINT_BYTES { Ok(()) } else { Err(self.fault("a length of too many bytes")) };
        }
        let (length, _) = unsigned_varint::decode::u64(&self.prefix).map_err(|error| self.fault(format!("bad length: {error}")))?;
        let most = if self.headed { MAX_BLOCK_BYTES as u64 + MAX_CID_BYTES } else { MAX_HEADER_BYTES };
        if length == 0 || length > most {
            return Err(self.fault(format!("a section of {length} bytes, where 1 to {most} are accepted")));
        }
        self.length = Some(length);
        Ok(())
    }

    /// Reads a whole section; `None` for the header.
    fn read(&mut self, section: Vec<u8>) -> Result<Option<Section>, StorageError> {
        if !self.headed {
            self.headed = true;
            let header: Header = serde_ipld_dagcbor::from_slice(&section).map_err(|error| self.fault(format!("bad header: {error}")))?;
            if header.version != 1 {
                return Err(self.fault(format!("CAR version {} is not supported, only version 1", header.version)));
            }
            return Ok(None);
        }
        let mut rest = section.as_slice();
        let cid = Cid::read_bytes(&mut rest).map_err(|error| self.fault(format!("bad CID: {error}")))?;
        let id = ContentId::try_from(cid).map_err(|error| self.fault(error.to_string()))?;
        let start = section.len() - rest.len();
        if rest.len() > MAX_BLOCK_BYTES {
            return Err(self.fault(format!("a block of {} bytes, where {MAX_BLOCK_BYTES} are accepted", rest.len())));
        }
        let mut bytes = section;
        bytes.drain(..start);
        Ok(Some(Section { id, bytes }))
    }

    fn fault(&self, reason: impl Into<String>) -> StorageError {
        StorageError::Car { offset: self.offset, reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a failed test")]
    use modelmark_digest::Codec;
    use proptest::prelude::*;

    use super::*;
    use crate::car::{Limits, export, import};
    use crate::{MemoryStore, Store};

    fn car(blocks: &[&[u8]]) -> Vec<u8> {
        let store = MemoryStore::new();
        let roots: Vec<_> = blocks.iter().map(|block| store.put(Codec::Raw, block).unwrap()).collect();
        let mut car = Vec::new();
        export(&store, &roots, &mut car).unwrap();
        car
    }

    fn sections(pieces: &[&[u8]]) -> Result<Vec<Section>, StorageError> {
        let (mut parser, mut out) = (Parser::new(), Vec::new());
        for piece in pieces {
            let mut piece = *piece;
            while !piece.is_empty() {
                out.extend(parser.push(&mut piece)?);
            }
        }
        parser.finish().map(|()| out)
    }

    #[test]
    fn sections_come_out_whole_however_the_bytes_arrive() {
        let car = car(&[b"one", &[7; 70_000], b""]);
        for size in [1, 2, 3, 1000, 69_999, car.len()] {
            let found = sections(&car.chunks(size).collect::<Vec<_>>()).unwrap();
            let bytes: Vec<_> = found.iter().map(|section| section.bytes.len()).collect();
            assert_eq!(bytes, [3, 70_000, 0]);
            assert!(found.iter().all(|section| section.id.verify(&section.bytes)));
        }
    }

    #[test]
    fn what_is_cut_off_is_not_whole() {
        let car = car(&[b"one", b"two"]);
        let whole = sections(&[&car]).unwrap().len();
        for end in 0..car.len() {
            // Between two sections a CAR may end; that a block is missing is for whoever follows the links.
            let cut = sections(&[&car[..end]]);
            assert!(cut.is_err() || cut.unwrap().len() < whole, "{end}");
        }
    }

    #[test]
    fn lengths_and_headers_are_bounded() {
        let refused = |bytes: &[u8]| sections(&[bytes]).unwrap_err().to_string();
        assert!(refused(&[0xff; 10]).contains("too many bytes"));
        assert!(refused(&[0xff, 0xff, 0x7f]).contains("1 to 65536"));
        assert!(refused(&[0]).contains("0 bytes"));
        assert!(refused(&[0x81, 0x00]).contains("bad length"), "a length has one spelling");
        assert!(refused(&[1, 0xa0]).contains("bad header"));
        let mut oversize = car(&[b"one"]);
        oversize.extend([0xff, 0xff, 0xff, 0x01]);
        assert!(refused(&oversize).contains("are accepted"));
    }

    proptest! {
        #[test]
        fn agrees_with_the_import_of_files(mut car in Just(car(&[b"one", b"two", &[7; 300]])), at in any::<prop::sample::Index>(), byte: u8) {
            let at = at.index(car.len());
            car[at] = byte;
            let imported = import(&MemoryStore::new(), car.as_slice(), Limits::RECORD).is_ok();
            let parsed = sections(&[&car]).is_ok_and(|found| found.iter().all(|section| section.id.verify(&section.bytes)));
            // The import also looks at the roots, of which the parser makes nothing.
            prop_assert!(parsed || !imported);
        }
    }
}
