//! Indexes of chunks: B-trees as written by default, and the single, implicit and fixed-array indexes of `libver='latest'`.

use super::fields::{Fields, UNDEFINED};
use super::file::{File, checked};
use super::filters::applied;
use super::types::Shape;
use crate::contents::elements;
use crate::{ByteRange, Filter, FormatError, Piece};

/// How a dataset is cut into chunks.
pub(super) struct Chunked {
    /// Dimensions of a chunk.
    pub(super) extent: Vec<u64>,
    /// Of the index, or of the only or the first chunk.
    pub(super) address: u64,
    pub(super) index: Index,
    /// Chunks that reach beyond the dataset are stored without the filters.
    pub(super) unfiltered_edges: bool,
}

/// How chunks are found.
pub(super) enum Index {
    Tree,
    /// One chunk; its stored length and skipped filters when there are filters.
    Single {
        stored: Option<(u64, u32)>,
    },
    /// One after the other.
    Implicit,
    Array,
}

/// Finds the chunks of a dataset.
struct Finder<'c> {
    chunked: &'c Chunked,
    shape: &'c Shape,
    filters: &'c [Filter],
    /// Bytes of a chunk without filters.
    bytes: u64,
    pieces: Vec<Piece>,
}

/// Returns the chunks of a dataset whose elements have `size` bytes. Chunks that were never written are not among them.
pub(super) fn pieces(
    file: &mut File<'_>,
    chunked: &Chunked,
    shape: &Shape,
    filters: &[Filter],
    size: u64,
) -> Result<Vec<Piece>, FormatError> {
    if chunked.unfiltered_edges && !filters.is_empty() {
        return Err(FormatError::Unsupported("an HDF5 dataset whose outer chunks are stored in another way".to_owned()));
    }
    let bytes = elements(&chunked.extent).and_then(|count| count.checked_mul(size));
    let bytes = bytes.ok_or_else(|| FormatError::malformed(chunked.address, "the size of a chunk passes 64 bits"))?;
    let mut finder = Finder { chunked, shape, filters, bytes, pieces: Vec::new() };
    if chunked.address == UNDEFINED || shape.dims.contains(&0) {
        return Ok(Vec::new());
    }
    match chunked.index {
        Index::Tree => finder.tree(file, chunked.address, None)?,
        Index::Single { stored } => {
            let (length, mask) = stored.unwrap_or((bytes, 0));
            finder.keep(file, vec![0; shape.dims.len()], ByteRange { offset: chunked.address, len: length }, mask)?;
        }
        Index::Implicit => finder.implicit(file)?,
        Index::Array => finder.array(file)?,
    }
    Ok(finder.pieces)
}

impl Finder<'_> {
    fn keep(&mut self, file: &mut File<'_>, origin: Vec<u64>, place: ByteRange, mask: u32) -> Result<(), FormatError> {
        const WHAT: &str = "a chunk";
        let place = file.inside(place, WHAT)?;
        file.chunk()?;
        // Chunks of a dataset that shrank may lie outside it.
        if origin.iter().zip(&self.shape.dims).all(|(start, dim)| start < dim) {
            self.pieces.push(Piece { place, origin, extent: self.chunked.extent.clone(), filters: applied(self.filters, mask) });
        }
        Ok(())
    }

    fn tree(&mut self, file: &mut File<'_>, at: u64, above: Option<u8>) -> Result<(), FormatError> {
        const WHAT: &str = "the tree of chunks";
        let head = file.take(at, 24, WHAT)?;
        let mut fields = Fields::new(&head, at, WHAT);
        fields.expect(b"TREE")?;
        let (kind, level, used) = (fields.u8()?, fields.u8()?, fields.u16()?);
        if kind != 1 || above.is_some_and(|above| above != level.saturating_add(1)) {
            return Err(fields.fault("a node of another kind or level than its place asks for"));
        }
        let rank = self.shape.dims.len();
        let key = 8 + 8 * (rank as u64 + 1);
        let body = file.take(at + 24, u64::from(used) * (key + 8), WHAT)?;
        let mut fields = Fields::new(&body, at + 24, WHAT);
        for _ in 0..used {
            let (length, mask) = (fields.u32()?, fields.u32()?);
            let origin = (0..rank).map(|_| fields.u64()).collect::<Result<Vec<_>, _>>()?;
            fields.u64()?;
            let child = fields.u64()?;
            if level > 0 {
                self.tree(file, child, Some(level))?;
                continue;
            }
            if origin.iter().zip(&self.chunked.extent).any(|(start, count)| !start.is_multiple_of(*count)) {
                return Err(fields.fault("a chunk that is not on the grid"));
            }
            self.keep(file, origin, ByteRange { offset: child, len: length.into() }, mask)?;
        }
        Ok(())
    }

    /// The number of chunks along each dimension.
    fn grid(&self) -> Result<(Vec<u64>, u64), FormatError> {
        let grid: Vec<u64> = self.shape.most.iter().zip(&self.chunked.extent).map(|(dim, count)| dim.div_ceil(*count)).collect();
        let total = elements(&grid).ok_or_else(|| FormatError::malformed(self.chunked.address, "the number of chunks passes 64 bits"))?;
        Ok((grid, total))
    }

    fn origin(&self, grid: &[u64], mut number: u64) -> Vec<u64> {
        let mut origin: Vec<u64> = grid
            .iter()
            .zip(&self.chunked.extent)
            .rev()
            .map(|(count, extent)| {
                let index = number % (*count).max(1);
                number /= (*count).max(1);
                index * extent
            })
            .collect();
        origin.reverse();
        origin
    }

    fn implicit(&mut self, file: &mut File<'_>) -> Result<(), FormatError> {
        const WHAT: &str = "the chunks of a dataset";
        let (grid, total) = self.grid()?;
        let len = total.checked_mul(self.bytes).ok_or(FormatError::Ends { what: WHAT, at: self.chunked.address })?;
        file.inside(ByteRange { offset: self.chunked.address, len }, WHAT)?;
        // As many as fit into the file, when an element has a byte.
        for number in 0..if self.bytes == 0 { 0 } else { total } {
            let place = ByteRange { offset: self.chunked.address + number * self.bytes, len: self.bytes };
            self.keep(file, self.origin(&grid, number), place, 0)?;
        }
        Ok(())
    }

    fn array(&mut self, file: &mut File<'_>) -> Result<(), FormatError> {
        const WHAT: &str = "an array of chunks";
        let (grid, total) = self.grid()?;
        let at = self.chunked.address;
        let head = file.take(at, 28, WHAT)?;
        let mut fields = Fields::new(checked(&head, at, WHAT)?, at, WHAT);
        fields.expect(b"FAHD")?;
        fields.version(0)?;
        let (filtered, width, page_bits) = (fields.u8()? == 1, fields.u8()?, fields.u8()?);
        let (count, block) = (fields.u64()?, fields.u64()?);
        let least = if filtered { 13 } else { 8 };
        if count != total || width < least || width > 20 || page_bits > 32 || filtered == self.filters.is_empty() {
            return Err(fields.fault("it is not that of its dataset"));
        }
        if block == UNDEFINED {
            return Ok(());
        }
        let paged = count > 1 << page_bits;
        let pages = if paged { count.div_ceil(1 << page_bits) } else { 0 };
        let prefix = 14 + pages.div_ceil(8);
        let elements = if paged { 0 } else { count.saturating_mul(width.into()) };
        let head = file.take(block, prefix.saturating_add(elements).saturating_add(4), WHAT)?;
        let mut fields = Fields::new(checked(&head, block, WHAT)?, block, WHAT);
        fields.expect(b"FADB")?;
        fields.version(0)?;
        if (fields.u8()? == 1) != filtered || fields.u64()? != at {
            return Err(fields.fault("it is not that of its header"));
        }
        if !paged {
            return self.entries(file, &mut fields, (&grid, 0, count), (width, filtered));
        }
        let map = fields.take(usize::try_from(pages.div_ceil(8)).unwrap_or(usize::MAX))?;
        let mut at = block + prefix + 4;
        for page in 0..pages {
            let first = page << page_bits;
            let entries = (count - first).min(1 << page_bits);
            let length = entries.saturating_mul(width.into()).saturating_add(4);
            let used = usize::try_from(page / 8).ok().and_then(|byte| map.get(byte)).is_some_and(|byte| byte >> (7 - page % 8) & 1 == 1);
            if used {
                let bytes = file.take(at, length, WHAT)?;
                let mut fields = Fields::new(checked(&bytes, at, WHAT)?, at, WHAT);
                self.entries(file, &mut fields, (&grid, first, entries), (width, filtered))?;
            }
            at = at.saturating_add(length);
        }
        Ok(())
    }

    /// Entries of an array: of which grid, from which chunk on and how many; how wide, and whether they tell length and filters.
    fn entries(
        &mut self,
        file: &mut File<'_>,
        fields: &mut Fields<'_>,
        (grid, first, count): (&[u64], u64, u64),
        (width, filtered): (u8, bool),
    ) -> Result<(), FormatError> {
        for number in first..first.saturating_add(count) {
            let offset = fields.u64()?;
            let (len, mask) =
                if filtered { (fields.number(usize::from(width).saturating_sub(12))?, fields.u32()?) } else { (self.bytes, 0) };
            if offset != UNDEFINED {
                self.keep(file, self.origin(grid, number), ByteRange { offset, len }, mask)?;
            }
        }
        Ok(())
    }
}
