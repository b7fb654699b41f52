//! Arrays of chunks, which newer files have for datasets of which no more than one dimension has no end.
//!
//! Source: "Fixed Array Index" and "Extensible Array Index" of the format's specification; how the blocks of an extensible array grow, as in `H5EAhdr.c`.

use super::chunks::{Finder, Grid};
use super::fields::{Fields, UNDEFINED};
use super::file::{File, checked};
use crate::contents::elements;
use crate::{ByteRange, FormatError};

const WHAT: &str = "an array of chunks";

/// How the elements of an array are written: bytes of each, and whether they tell length and skipped filters.
#[derive(Clone, Copy)]
struct Entries {
    width: u64,
    filtered: bool,
}

/// Which pages were written: one bit each, those of the blocks before it first.
#[derive(Clone, Copy)]
struct Map<'m> {
    bits: &'m [u8],
    first: u64,
}

impl Map<'_> {
    fn has(self, page: u64) -> bool {
        let bit = self.first.saturating_add(page);
        let byte = usize::try_from(bit / 8).ok().and_then(|byte| self.bits.get(byte));
        byte.is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1)
    }
}

/// An extensible array: its elements stand in data blocks that grow, the first of them in the index block itself.
struct Growing {
    at: u64,
    entries: Entries,
    /// Bytes of the offset that each block repeats.
    offset_width: u64,
    /// Elements of the smallest data block, and of a page of the larger ones.
    least: u64,
    page: u64,
    /// How many elements can be of use.
    needed: u64,
    grid: Grid,
}

/// Data blocks of one size: how many there are, and of how many elements.
struct Level {
    blocks: u64,
    elements: u64,
}

impl Entries {
    fn read(fields: &mut Fields<'_>, finder: &Finder<'_>) -> Result<Self, FormatError> {
        let (filtered, width) = (fields.u8()? == 1, fields.u8()?);
        let widths = if filtered { 13..=20 } else { 8..=8 };
        if !widths.contains(&width) || filtered == finder.filters.is_empty() {
            return Err(fields.fault("it is not that of its dataset"));
        }
        Ok(Self { width: width.into(), filtered })
    }

    const fn bytes(self, count: u64) -> u64 {
        count.saturating_mul(self.width)
    }
}

impl Finder<'_> {
    /// An array of as many chunks as the dataset can have.
    pub(super) fn array(&mut self, file: &mut File<'_>) -> Result<(), FormatError> {
        let (grid, total) = self.grid()?;
        let at = self.chunked.address;
        let head = file.take(at, 28, WHAT)?;
        let mut fields = Fields::new(checked(&head, at, WHAT)?, at, WHAT);
        fields.expect(b"FAHD")?;
        fields.version(0)?;
        let entries = Entries::read(&mut fields, self)?;
        let page_bits = fields.u8()?;
        let (count, block) = (fields.u64()?, fields.u64()?);
        if count != total || page_bits > 32 {
            return Err(fields.fault("it is not that of its dataset"));
        }
        if block == UNDEFINED {
            return Ok(());
        }
        let paged = count > 1 << page_bits;
        let pages = if paged { count.div_ceil(1 << page_bits) } else { 0 };
        let prefix = 14 + pages.div_ceil(8);
        let elements = if paged { 0 } else { entries.bytes(count) };
        let head = file.take(block, prefix.saturating_add(elements).saturating_add(4), WHAT)?;
        let mut fields = Fields::new(checked(&head, block, WHAT)?, block, WHAT);
        begin(&mut fields, b"FADB", entries.filtered, at)?;
        if !paged {
            return self.entries(file, &mut fields, &grid, (0, count), entries);
        }
        let map = fields.take(usize::try_from(pages.div_ceil(8)).unwrap_or(usize::MAX))?;
        self.pages(file, &grid, (block + prefix + 4, 1 << page_bits), (0, count), (Map { bits: map, first: 0 }, entries))
    }

    /// Reads elements in pages, of which a map tells those that were written: where the pages start and how many elements each has.
    fn pages(
        &mut self,
        file: &mut File<'_>,
        grid: &Grid,
        (mut at, page): (u64, u64),
        (first, count): (u64, u64),
        (map, entries): (Map<'_>, Entries),
    ) -> Result<(), FormatError> {
        for number in 0..count.div_ceil(page) {
            let start = number * page;
            let here = (count - start).min(page);
            let length = entries.bytes(here).saturating_add(4);
            if map.has(number) {
                let bytes = file.take(at, length, WHAT)?;
                let mut fields = Fields::new(checked(&bytes, at, WHAT)?, at, WHAT);
                self.entries(file, &mut fields, grid, (first.saturating_add(start), here), entries)?;
            }
            at = at.saturating_add(length);
        }
        Ok(())
    }

    /// Reads elements, of which the first is that of the chunk `first`.
    fn entries(
        &mut self,
        file: &mut File<'_>,
        fields: &mut Fields<'_>,
        grid: &Grid,
        (first, count): (u64, u64),
        Entries { width, filtered }: Entries,
    ) -> Result<(), FormatError> {
        let length = usize::try_from(width.saturating_sub(12)).unwrap_or(8);
        for number in first..first.saturating_add(count) {
            let offset = fields.u64()?;
            let (len, mask) = if filtered { (fields.number(length)?, fields.u32()?) } else { (self.bytes, 0) };
            if offset != UNDEFINED {
                self.keep(file, grid.origin(number, &self.chunked.extent), ByteRange { offset, len }, mask)?;
            }
        }
        Ok(())
    }

    /// An array that grows along the one dimension that has no end, which counts before all others.
    pub(super) fn growing(&mut self, file: &mut File<'_>) -> Result<(), FormatError> {
        let at = self.chunked.address;
        let head = file.take(at, 72, WHAT)?;
        let mut fields = Fields::new(checked(&head, at, WHAT)?, at, WHAT);
        fields.expect(b"EAHD")?;
        fields.version(0)?;
        let entries = Entries::read(&mut fields, self)?;
        let (bits, in_index) = (fields.u8()?, u64::from(fields.u8()?));
        let (least, pointers, page_bits) = (u64::from(fields.u8()?), u64::from(fields.u8()?), fields.u8()?);
        fields.take(6 * 8)?;
        let index = fields.u64()?;
        let possible = (1..=64).contains(&bits) && least.is_power_of_two() && pointers.is_power_of_two() && page_bits <= 32;
        if !possible || least.ilog2() > bits.into() {
            return Err(fields.fault("sizes of blocks that cannot be"));
        }
        if index == UNDEFINED {
            return Ok(());
        }
        let (grid, needed) = self.endless()?;
        let offset_width = u64::from(bits.div_ceil(8));
        let growing = Growing { at, entries, offset_width, least, page: 1 << page_bits, needed, grid };
        self.index(file, &growing, index, (in_index, pointers, u64::from(bits) - u64::from(least.ilog2()) + 1))
    }

    /// How the chunks of a dataset with one endless dimension are numbered, and how many of them the dataset has at present.
    fn endless(&self) -> Result<(Grid, u64), FormatError> {
        let fault = |fault: &str| FormatError::malformed(self.chunked.address, fault);
        let endless: Vec<usize> = (0..).zip(&self.shape.most).filter(|(_, most)| **most == u64::MAX).map(|(dim, _)| dim).collect();
        let [slowest] = endless.as_slice() else { return Err(fault("a growing array of chunks, but not one dimension without an end")) };
        let counts = self.shape.most.iter().zip(&self.shape.dims).zip(&self.chunked.extent).enumerate();
        let counts =
            counts.map(|(dim, ((most, now), extent))| if dim == *slowest { now } else { most }.div_ceil(*extent)).collect::<Vec<_>>();
        let needed = elements(&counts).ok_or_else(|| fault("the number of chunks passes 64 bits"))?;
        Ok((Grid { counts, slowest: *slowest }, needed))
    }

    /// Reads the index block: the first elements, the addresses of the first data blocks, and of blocks of addresses of the others.
    fn index(
        &mut self,
        file: &mut File<'_>,
        growing: &Growing,
        at: u64,
        (in_index, pointers, levels): (u64, u64, u64),
    ) -> Result<(), FormatError> {
        let direct_levels = levels.min(2 * u64::from(pointers.ilog2()));
        let direct = 2 * (pointers - 1);
        let length = 14 + growing.entries.bytes(in_index) + 8 * (direct + levels - direct_levels) + 4;
        let bytes = file.take(at, length, WHAT)?;
        let mut fields = Fields::new(checked(&bytes, at, WHAT)?, at, WHAT);
        begin(&mut fields, b"EAIB", growing.entries.filtered, growing.at)?;
        self.entries(file, &mut fields, &growing.grid, (0, in_index), growing.entries)?;
        let mut first = in_index;
        for number in 0..levels {
            let Level { blocks, elements } = growing.level(number);
            if number < direct_levels {
                for _ in 0..blocks {
                    let block = fields.u64()?;
                    self.block(file, growing, block, (first, elements), Map { bits: &[], first: 0 })?;
                    first = first.saturating_add(elements);
                }
                continue;
            }
            let block = fields.u64()?;
            if block != UNDEFINED && first < growing.needed {
                self.addresses(file, growing, block, (first, number))?;
            }
            first = first.saturating_add(blocks.saturating_mul(elements));
        }
        Ok(())
    }

    /// Reads a block of addresses of data blocks of one size, with a map of the pages that were written.
    fn addresses(&mut self, file: &mut File<'_>, growing: &Growing, at: u64, (mut first, level): (u64, u64)) -> Result<(), FormatError> {
        let Level { blocks, elements } = growing.level(level);
        let pages = if elements > growing.page { elements / growing.page } else { 0 };
        // Bytes for each block, although the bits stand side by side.
        let map = blocks.saturating_mul(pages.div_ceil(8));
        let length = (14 + growing.offset_width + 4).saturating_add(map).saturating_add(blocks.saturating_mul(8));
        let bytes = file.take(at, length, WHAT)?;
        let mut fields = Fields::new(checked(&bytes, at, WHAT)?, at, WHAT);
        begin(&mut fields, b"EASB", growing.entries.filtered, growing.at)?;
        fields.take(usize::try_from(growing.offset_width).unwrap_or(8))?;
        let bits = fields.take(usize::try_from(map).unwrap_or(usize::MAX))?;
        for number in 0..blocks {
            let block = fields.u64()?;
            self.block(file, growing, block, (first, elements), Map { bits, first: number.saturating_mul(pages) })?;
            first = first.saturating_add(elements);
        }
        Ok(())
    }

    /// Reads a data block of so many elements.
    fn block(
        &mut self,
        file: &mut File<'_>,
        growing: &Growing,
        at: u64,
        (first, count): (u64, u64),
        map: Map<'_>,
    ) -> Result<(), FormatError> {
        if at == UNDEFINED || first >= growing.needed {
            return Ok(());
        }
        let paged = count > growing.page;
        if paged && map.bits.is_empty() {
            return Err(FormatError::malformed(at, format!("{WHAT}: pages of which nothing says which were written")));
        }
        let prefix = 14 + growing.offset_width;
        let length = prefix.saturating_add(if paged { 0 } else { growing.entries.bytes(count) }).saturating_add(4);
        let bytes = file.take(at, length, WHAT)?;
        let mut fields = Fields::new(checked(&bytes, at, WHAT)?, at, WHAT);
        begin(&mut fields, b"EADB", growing.entries.filtered, growing.at)?;
        fields.take(usize::try_from(growing.offset_width).unwrap_or(8))?;
        if paged {
            return self.pages(file, &growing.grid, (at + length, growing.page), (first, count), (map, growing.entries));
        }
        self.entries(file, &mut fields, &growing.grid, (first, count), growing.entries)
    }
}

impl Growing {
    /// Blocks and their elements double in turns.
    fn level(&self, number: u64) -> Level {
        let power = |exponent: u64| 1_u64.checked_shl(u32::try_from(exponent).unwrap_or(u32::MAX)).unwrap_or(u64::MAX);
        Level { blocks: power(number / 2), elements: power(number.div_ceil(2)).saturating_mul(self.least) }
    }
}

/// Makes sure that a block is of the array whose header is at an address.
fn begin(fields: &mut Fields<'_>, signature: &[u8], filtered: bool, header: u64) -> Result<(), FormatError> {
    fields.expect(signature)?;
    fields.version(0)?;
    if (fields.u8()? == 1) == filtered && fields.u64()? == header {
        return Ok(());
    }
    Err(fields.fault("it is not that of its header"))
}
