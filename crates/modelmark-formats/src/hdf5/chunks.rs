//! Indexes of chunks: B-trees as written by default, and those of `libver='latest'`: none, arrays, and B-trees of version 2.

use super::fields::{Fields, UNDEFINED};
use super::file::File;
use super::filters::applied;
use super::tree;
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
    /// An array of as many chunks as the dataset can have.
    Array,
    /// An array that grows along the one dimension that has no end.
    Growing,
    /// A B-tree of version 2, for several dimensions without end.
    NewTree,
}

/// Finds the chunks of a dataset.
pub(super) struct Finder<'c> {
    pub(super) chunked: &'c Chunked,
    pub(super) shape: &'c Shape,
    pub(super) filters: &'c [Filter],
    /// Bytes of a chunk without filters.
    pub(super) bytes: u64,
    pieces: Vec<Piece>,
}

/// How chunks are numbered: along the dimensions from the last to the first, except that one may come before all.
pub(super) struct Grid {
    /// The number of chunks along each dimension.
    pub(super) counts: Vec<u64>,
    /// The dimension whose index changes last.
    pub(super) slowest: usize,
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
        Index::Growing => finder.growing(file)?,
        Index::NewTree => finder.new_tree(file)?,
    }
    Ok(finder.pieces)
}

impl Finder<'_> {
    pub(super) fn keep(&mut self, file: &mut File<'_>, origin: Vec<u64>, place: ByteRange, mask: u32) -> Result<(), FormatError> {
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

    fn new_tree(&mut self, file: &mut File<'_>) -> Result<(), FormatError> {
        const PLAIN: u8 = 10;
        const FILTERED: u8 = 11;
        let rank = self.shape.dims.len();
        let offsets = 8 * rank as u64;
        let kind = if self.filters.is_empty() { PLAIN } else { FILTERED };
        let at = self.chunked.address;
        let mut begin = |_: u8, record: u64| {
            let length = record.checked_sub(8 + offsets + if kind == FILTERED { 4 } else { 0 });
            match length.filter(|length| if kind == FILTERED { (1..=8).contains(length) } else { *length == 0 }) {
                Some(_) => Ok(()),
                None => Err(FormatError::malformed(at, format!("{record} bytes for a chunk"))),
            }
        };
        tree::records(file, at, &[kind], &mut begin, &mut |file, mut fields| {
            let offset = fields.u64()?;
            // Told before by the length of a record, which is what is left of it.
            let length = fields.left().saturating_sub(8 * rank + 4);
            let (len, mask) = if kind == FILTERED { (fields.number(length)?, fields.u32()?) } else { (self.bytes, 0) };
            let scaled = (0..rank).map(|_| fields.u64()).collect::<Result<Vec<_>, _>>()?;
            let origin = scaled.iter().zip(&self.chunked.extent).map(|(index, extent)| index.checked_mul(*extent));
            let origin = origin.collect::<Option<Vec<_>>>().ok_or_else(|| fields.fault("a chunk beyond 64 bits"))?;
            self.keep(file, origin, ByteRange { offset, len }, mask)
        })
    }

    /// How the chunks of a dataset without an end are numbered.
    pub(super) fn grid(&self) -> Result<(Grid, u64), FormatError> {
        let counts: Vec<u64> = self.shape.most.iter().zip(&self.chunked.extent).map(|(dim, count)| dim.div_ceil(*count)).collect();
        let total = elements(&counts).ok_or_else(|| FormatError::malformed(self.chunked.address, "the number of chunks passes 64 bits"))?;
        Ok((Grid { counts, slowest: 0 }, total))
    }

    fn implicit(&mut self, file: &mut File<'_>) -> Result<(), FormatError> {
        const WHAT: &str = "the chunks of a dataset";
        let (grid, total) = self.grid()?;
        let len = total.checked_mul(self.bytes).ok_or(FormatError::Ends { what: WHAT, at: self.chunked.address })?;
        file.inside(ByteRange { offset: self.chunked.address, len }, WHAT)?;
        // As many as fit into the file, when an element has a byte.
        for number in 0..if self.bytes == 0 { 0 } else { total } {
            let place = ByteRange { offset: self.chunked.address + number * self.bytes, len: self.bytes };
            self.keep(file, grid.origin(number, &self.chunked.extent), place, 0)?;
        }
        Ok(())
    }
}

impl Grid {
    /// The first element of a chunk.
    pub(super) fn origin(&self, mut number: u64, extent: &[u64]) -> Vec<u64> {
        let mut origin = vec![0; extent.len()];
        let dims = origin.iter_mut().zip(&self.counts).zip(extent).enumerate();
        for (_, ((start, count), extent)) in dims.rev().filter(|(dim, _)| *dim != self.slowest) {
            *start = (number % (*count).max(1)).saturating_mul(*extent);
            number /= (*count).max(1);
        }
        if let (Some(start), Some(extent)) = (origin.get_mut(self.slowest), extent.get(self.slowest)) {
            *start = number.saturating_mul(*extent);
        }
        origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_numbered_with_one_dimension_before_all() {
        let origins = |slowest, counts: &[u64]| {
            let grid = Grid { counts: counts.to_vec(), slowest };
            (0..6).map(|number| grid.origin(number, &[10, 5])).collect::<Vec<_>>()
        };
        assert_eq!(origins(0, &[3, 2]), [[0, 0], [0, 5], [10, 0], [10, 5], [20, 0], [20, 5]]);
        assert_eq!(origins(1, &[2, u64::MAX]), [[0, 0], [10, 0], [0, 5], [10, 5], [0, 10], [10, 10]]);
    }
}
