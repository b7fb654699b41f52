//! Fractal heaps, where newer files keep the links and attributes of an object once they are many.
//!
//! A heap is a space of its own, cut into blocks that double in size from row to row. The objects that are asked for are sorted, and the blocks walked in
//! that order, so that each is read once. Compressed heaps, and objects too large for a block, are not read.
//! Source: "Fractal Heap" of the format's specification.

use super::checksum::lookup3;
use super::fields::{Fields, UNDEFINED};
use super::file::{File, checked};
use crate::FormatError;

const WHAT: &str = "the heap of a group";

const HEADER_BYTES: u64 = 146;
/// Signature, version and address of the header, at the start of each block.
const BLOCK_BYTES: u64 = 13;
const CHECKSUMMED: u8 = 2;

/// A heap.
pub(super) struct Heap {
    at: u64,
    id_bytes: u16,
    offset_width: usize,
    length_width: usize,
    checksummed: bool,
    /// Blocks in a row, bytes of the blocks of the first row, of the largest that hold objects, and the most of all.
    width: u64,
    start: u64,
    largest: u64,
    /// Rows of the root; none when it holds objects itself.
    rows: u16,
    root: u64,
}

/// Where an object is in the space of its heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    offset: u64,
    length: u64,
}

/// What is done with each object: its address in the file, and its bytes.
pub(super) type Each<'e> = dyn FnMut(u64, &[u8]) -> Result<(), FormatError> + 'e;

impl Heap {
    pub(super) fn open(file: &mut File<'_>, at: u64) -> Result<Self, FormatError> {
        let head = file.take(at, HEADER_BYTES, WHAT)?;
        let mut fields = Fields::new(&head, at, WHAT);
        fields.expect(b"FRHP")?;
        fields.version(0)?;
        let (id_bytes, filters, flags, most) = (fields.u16()?, fields.u16()?, fields.u8()?, u64::from(fields.u32()?));
        if filters != 0 {
            return Err(FormatError::Unsupported("a compressed heap of a group of an HDF5 file".to_owned()));
        }
        checked(&head, at, WHAT)?;
        // Free space, large and tiny objects: nothing that is needed for finding one.
        fields.take(12 * 8)?;
        let (width, start, largest) = (u64::from(fields.u16()?), fields.u64()?, fields.u64()?);
        let (bits, _first_rows, root, rows) = (fields.u16()?, fields.u16()?, fields.u64()?, fields.u16()?);
        let powers = width.is_power_of_two() && start.is_power_of_two() && largest.is_power_of_two();
        if !powers || start > largest || !(1..=64).contains(&bits) || rows > bits {
            return Err(fields.fault("sizes of blocks that cannot be"));
        }
        let length_width = largest.ilog2().div_ceil(8).min(most.max(1).ilog2() / 8 + 1);
        Ok(Self {
            at,
            id_bytes,
            offset_width: usize::from(bits.div_ceil(8)),
            length_width: usize::try_from(length_width).unwrap_or(8),
            checksummed: flags & CHECKSUMMED != 0,
            width,
            start,
            largest,
            rows,
            root,
        })
    }

    /// Bytes of an identifier.
    pub(super) const fn id_bytes(&self) -> u16 {
        self.id_bytes
    }

    /// Reads an identifier; `None` for an object that is too large for a block, or so small that it stands in its identifier.
    pub(super) fn place(&self, fields: &mut Fields<'_>) -> Result<Option<Place>, FormatError> {
        let mut id = Fields::new(fields.take(self.id_bytes.into())?, fields.at(), WHAT);
        match id.u8()? {
            0 => Ok(Some(Place { offset: id.number(self.offset_width)?, length: id.number(self.length_width)? })),
            0x10 | 0x20..=0x2f => Ok(None),
            other => Err(id.fault(&format!("an identifier of kind {other:#x}"))),
        }
    }

    /// Hands objects to `each`, in the order of the heap.
    pub(super) fn objects(&self, file: &mut File<'_>, mut places: Vec<Place>, each: &mut Each<'_>) -> Result<(), FormatError> {
        places.sort_unstable();
        let apart = |places: &[Place]| places.array_windows().all(|[a, b]| a.offset.saturating_add(a.length) <= b.offset);
        if !apart(&places) {
            return Err(FormatError::malformed(self.at, format!("{WHAT}: two objects share bytes")));
        }
        let mut wanted = places.as_slice();
        match self.rows {
            _ if wanted.is_empty() => {}
            0 => self.direct(file, self.root, (0, self.start), &mut wanted, each)?,
            rows => self.indirect(file, self.root, 0, rows.into(), &mut wanted, each)?,
        }
        match wanted.first() {
            None => Ok(()),
            Some(place) => Err(FormatError::malformed(self.at, format!("{WHAT}: no block has an object at {}", place.offset))),
        }
    }

    /// Bytes of the blocks of a row.
    fn size(&self, row: u64) -> Option<u64> {
        let shift = u32::try_from(row.saturating_sub(1)).ok()?;
        self.start.checked_shl(shift).filter(|size| size >> shift == self.start)
    }

    fn indirect(
        &self,
        file: &mut File<'_>,
        at: u64,
        offset: u64,
        rows: u64,
        wanted: &mut &[Place],
        each: &mut Each<'_>,
    ) -> Result<(), FormatError> {
        let length = BLOCK_BYTES + self.offset_width as u64 + rows.saturating_mul(self.width).saturating_mul(8) + 4;
        let bytes = file.take(at, length, WHAT)?;
        let mut fields = Fields::new(checked(&bytes, at, WHAT)?, at, WHAT);
        self.begin(&mut fields, b"FHIB", offset)?;
        let mut from = offset;
        for row in 0..rows {
            let size = self.size(row).ok_or_else(|| fields.fault("a row of blocks that pass 64 bits"))?;
            for _ in 0..self.width {
                let child = fields.u64()?;
                let end = from.checked_add(size).ok_or_else(|| fields.fault("blocks that pass 64 bits"))?;
                let is_wanted = wanted.first().is_some_and(|place| place.offset < end);
                if is_wanted && child == UNDEFINED {
                    return Err(fields.fault("an object in a block that is not there"));
                }
                if is_wanted && size <= self.largest {
                    self.direct(file, child, (from, size), wanted, each)?;
                } else if is_wanted {
                    // As many rows as make up the size; always fewer than here, so that this ends.
                    let below = (size / self.start).checked_div(self.width).filter(|blocks| *blocks > 0);
                    let below = below.ok_or_else(|| fields.fault("a block that is smaller than a row"))?;
                    self.indirect(file, child, from, u64::from(below.ilog2()) + 1, wanted, each)?;
                }
                from = end;
            }
        }
        Ok(())
    }

    /// Takes the objects of one block, which stands for `size` bytes of the heap from `from` on.
    fn direct(
        &self,
        file: &mut File<'_>,
        at: u64,
        (from, size): (u64, u64),
        wanted: &mut &[Place],
        each: &mut Each<'_>,
    ) -> Result<(), FormatError> {
        let mut bytes = file.take(at, size, WHAT)?;
        let mut fields = Fields::new(&bytes, at, WHAT);
        self.begin(&mut fields, b"FHDB", from)?;
        if self.checksummed {
            let stored = fields.u32()?;
            let start = usize::try_from(fields.at() - at).unwrap_or(0);
            if let Some(field) = bytes.get_mut(start.saturating_sub(4)..start) {
                field.fill(0);
            }
            if lookup3(&bytes) != stored {
                return Err(FormatError::malformed(at, format!("{WHAT} differs from its checksum")));
            }
        }
        while let Some((place, rest)) = wanted.split_first().filter(|(place, _)| place.offset < from + size) {
            let start = place.offset.checked_sub(from).and_then(|start| usize::try_from(start).ok());
            let length = usize::try_from(place.length).ok();
            let object = start.zip(length).and_then(|(start, length)| bytes.get(start..start.checked_add(length)?));
            let object = object.ok_or_else(|| FormatError::malformed(at, format!("{WHAT}: an object that no block holds")))?;
            each(at + (place.offset - from), object)?;
            *wanted = rest;
        }
        Ok(())
    }

    /// Makes sure that a block is of this heap, and where it should be.
    fn begin(&self, fields: &mut Fields<'_>, signature: &[u8], offset: u64) -> Result<(), FormatError> {
        fields.expect(signature)?;
        fields.version(0)?;
        if fields.u64()? == self.at && fields.number(self.offset_width)? == offset {
            return Ok(());
        }
        Err(fields.fault("a block of another heap, or of another place in it"))
    }
}
