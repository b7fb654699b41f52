//! A file that is being read: its superblock, and how much may still be read of it.

use super::checksum::lookup3;
use super::fields::Fields;
use crate::{ByteRange, FormatError, ReadAt};

pub(super) const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Longest structure that is taken into memory at once.
const MAX_STRUCTURE_BYTES: u64 = 16 << 20;

/// Most bytes of structures that are read of a file, whatever its length.
const MAX_READ_BYTES: u64 = 256 << 20;

/// Most chunks of all datasets of a file.
const MAX_CHUNKS: u64 = 1 << 19;

/// A file and what its superblock says.
pub(super) struct File<'f> {
    file: &'f dyn ReadAt,
    /// Nothing lies from here on.
    pub(super) end: u64,
    /// Where the object header of the root group is.
    pub(super) root: u64,
    /// Bytes of structures that may still be read. Every structure of an honest file is read once; one that is hung up many times runs out of it.
    left: u64,
    chunks_left: u64,
}

impl<'f> File<'f> {
    /// Reads the superblock.
    pub(super) fn open(file: &'f dyn ReadAt) -> Result<Self, FormatError> {
        const WHAT: &str = "the superblock";
        let size = file.size().map_err(FormatError::Read)?;
        let mut this = Self {
            file,
            end: size,
            root: 0,
            left: size.saturating_mul(2).saturating_add(1 << 16).min(MAX_READ_BYTES),
            chunks_left: MAX_CHUNKS,
        };
        let head = this.take(0, 9, WHAT)?;
        let mut fields = Fields::new(&head, 0, WHAT);
        fields.expect(MAGIC)?;
        let end = match fields.u8()? {
            version @ (0 | 1) => this.old_superblock(version)?,
            2 | 3 => this.new_superblock()?,
            version => return Err(FormatError::Unsupported(format!("version {version} of the superblock of an HDF5 file"))),
        };
        if end > size {
            return Err(FormatError::Limit { what: "bytes of the file, by its superblock", declared: end, limit: size });
        }
        this.end = end;
        Ok(this)
    }

    fn old_superblock(&mut self, version: u8) -> Result<u64, FormatError> {
        const WHAT: &str = "the superblock";
        let bytes = self.take(9, if version == 0 { 87 } else { 91 }, WHAT)?;
        let mut fields = Fields::new(&bytes, 9, WHAT);
        fields.take(4)?;
        widths(&mut fields)?;
        // A reserved byte, numbers of entries in nodes, flags.
        fields.take(if version == 0 { 9 } else { 13 })?;
        let (base, _free, end, _driver) = (fields.u64()?, fields.u64()?, fields.u64()?, fields.u64()?);
        fields.u64()?;
        self.root = fields.u64()?;
        based(base, &fields)?;
        Ok(end)
    }

    fn new_superblock(&mut self) -> Result<u64, FormatError> {
        const WHAT: &str = "the superblock";
        let bytes = self.take(0, 48, WHAT)?;
        checked(&bytes, 0, WHAT)?;
        let mut fields = Fields::new(&bytes, 0, WHAT);
        fields.take(9)?;
        widths(&mut fields)?;
        fields.u8()?;
        let (base, _extension, end) = (fields.u64()?, fields.u64()?, fields.u64()?);
        self.root = fields.u64()?;
        based(base, &fields)?;
        Ok(end)
    }

    /// Takes a structure into memory.
    pub(super) fn take(&mut self, at: u64, length: u64, what: &'static str) -> Result<Vec<u8>, FormatError> {
        let inside = self.inside(ByteRange { offset: at, len: length }, what)?;
        if inside.len > MAX_STRUCTURE_BYTES {
            return Err(FormatError::Limit { what, declared: inside.len, limit: MAX_STRUCTURE_BYTES });
        }
        let left = self.left.checked_sub(inside.len);
        self.left = left.ok_or_else(|| FormatError::malformed(at, format!("{what}: structures are read again and again")))?;
        let mut bytes = vec![0; usize::try_from(inside.len).unwrap_or(0)];
        self.file.read_exact_at(&mut bytes, at).map_err(FormatError::Read)?;
        Ok(bytes)
    }

    /// Takes up to `most` bytes of a structure whose length is not known yet.
    pub(super) fn ahead(&mut self, at: u64, most: u64, what: &'static str) -> Result<Vec<u8>, FormatError> {
        self.take(at, self.end.saturating_sub(at).min(most), what)
    }

    /// Counts a chunk.
    pub(super) fn chunk(&mut self) -> Result<(), FormatError> {
        let left = self.chunks_left.checked_sub(1);
        self.chunks_left = left.ok_or(FormatError::Limit { what: "chunks", declared: MAX_CHUNKS + 1, limit: MAX_CHUNKS })?;
        Ok(())
    }

    /// Takes the text at a place, at most `most` bytes of it.
    pub(super) fn text(&mut self, place: ByteRange, most: u64) -> Result<String, FormatError> {
        let bytes = self.take(place.offset, place.len.min(most), "a text")?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Makes sure that bytes lie in the file.
    pub(super) fn inside(&self, place: ByteRange, what: &'static str) -> Result<ByteRange, FormatError> {
        match place.end() {
            Some(end) if end <= self.end => Ok(place),
            _ => Err(FormatError::Ends { what, at: place.offset }),
        }
    }
}

/// Addresses and lengths take eight bytes each in every file of h5py.
fn widths(fields: &mut Fields<'_>) -> Result<(), FormatError> {
    let widths = (fields.u8()?, fields.u8()?);
    if widths == (8, 8) {
        Ok(())
    } else {
        Err(FormatError::Unsupported(format!("addresses and lengths of {widths:?} bytes in an HDF5 file")))
    }
}

fn based(base: u64, fields: &Fields<'_>) -> Result<(), FormatError> {
    if base == 0 { Ok(()) } else { Err(fields.fault("addresses that do not count from the start of the file")) }
}

/// Holds a structure against the checksum in its last four bytes, and returns what stands before it.
pub(super) fn checked<'b>(bytes: &'b [u8], at: u64, what: &'static str) -> Result<&'b [u8], FormatError> {
    let (content, stored) = bytes.split_last_chunk::<4>().ok_or(FormatError::Ends { what, at })?;
    if u32::from_le_bytes(*stored) == lookup3(content) {
        return Ok(content);
    }
    Err(FormatError::malformed(at, format!("{what} differs from its checksum")))
}
