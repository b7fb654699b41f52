//! Tensors in pieces: chunks and slices, each a hyper-rectangle with filters of its own.

use std::collections::HashSet;
use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::gather::{Gather, Window, cut, row_major, windows};
use super::{Stop, Stream, WINDOW_BYTES};
use crate::cursor::Cursor;
use crate::tensor::{Filter, Piece};
use crate::{ReadAt, contents};

/// Longest accepted piece that was compressed or shuffled: it is decoded whole.
const MAX_PIECE_BYTES: u64 = 16 << 20;

/// Most pieces of different shapes: each is held against each.
const MAX_UNEVEN_PIECES: usize = 4096;

/// How often the bytes of a tensor may be decoded for its windows.
const MAX_PASSES: u64 = 64;

impl Stream<'_> {
    /// Gives the elements of pieces; those that none has are of one value, if there is one.
    pub(super) fn grid(&mut self, file: &dyn ReadAt, pieces: &[Piece], value: Option<&[u8]>) -> Result<(), Stop> {
        if self.length == 0 {
            return Ok(());
        }
        let shape = &self.tensor.shape;
        let size = self.element()?;
        if value.is_some_and(|value| value.len() as u64 != size) {
            return Err(self.fault("a value of another size for elements that were never written"));
        }
        self.covered(file, pieces, (size, value.is_some()))?;
        let (axis, _) = cut(shape, WINDOW_BYTES / size);
        let along = |piece: &Piece| piece.origin.get(axis).copied().unwrap_or(0);
        let mut sorted: Vec<&Piece> = pieces.iter().collect();
        sorted.sort_by_key(|piece| along(piece));
        let longest = pieces.iter().filter_map(|piece| piece.extent.get(axis)).max().copied().unwrap_or(1);
        let mut budget = self.length.saturating_mul(MAX_PASSES).saturating_add(MAX_PASSES * MAX_PIECE_BYTES);
        let mut gather = Gather::new(size);
        for window in windows(shape, WINDOW_BYTES / size) {
            let mut out = vec![0; usize::try_from(window.elements() * size).unwrap_or(0)];
            if let Some(value) = value.filter(|value| value.iter().any(|byte| *byte != 0)) {
                out.chunks_exact_mut(value.len()).for_each(|element| element.copy_from_slice(value));
            }
            let start = window.origin.get(axis).copied().unwrap_or(0);
            let end = start + window.extent.get(axis).copied().unwrap_or(1);
            let first = sorted.partition_point(|piece| along(piece).saturating_add(longest) <= start);
            for piece in sorted.iter().skip(first).take_while(|piece| along(piece) < end) {
                self.part(file, piece, &window, &mut gather, &mut budget, &mut out)?;
            }
            self.output.give(&mut out)?;
        }
        Ok(())
    }

    /// Makes sure that every element stands in exactly one piece, or in at most one of some, and every piece inside the file.
    fn covered(&self, file: &dyn ReadAt, pieces: &[Piece], (size, of_some): (u64, bool)) -> Result<(), Stop> {
        let shape = &self.tensor.shape;
        let mut covered = 0_u64;
        for piece in pieces {
            self.inside(file, piece.place)?;
            let ranks = piece.origin.len() == shape.len() && piece.extent.len() == shape.len();
            let starts_inside = piece.origin.iter().zip(shape).all(|(start, dim)| start < dim);
            let bytes = contents::elements(&piece.extent).filter(|count| *count > 0).and_then(|count| count.checked_mul(size));
            let Some(bytes) = bytes.filter(|_| ranks && starts_inside) else {
                return Err(self.fault("a piece that is none of its own"));
            };
            if piece.filters.is_empty() && bytes != piece.place.len {
                return Err(self.fault(format!("a piece of {} bytes, {bytes} needed", piece.place.len)));
            }
            if !piece.filters.is_empty() && bytes > MAX_PIECE_BYTES {
                return Err(self.fault(format!("a compressed piece of {bytes} bytes, at most {MAX_PIECE_BYTES} are read")));
            }
            let clipped = piece.origin.iter().zip(&piece.extent).zip(shape).map(|((start, count), dim)| (*count).min(dim - start));
            covered = covered.saturating_add(clipped.product());
        }
        if covered > self.tensor.elements || (covered < self.tensor.elements && !of_some) {
            return Err(self.fault(format!("its pieces hold {covered} of {} elements", self.tensor.elements)));
        }
        if are_disjoint(pieces) { Ok(()) } else { Err(self.fault("its pieces overlap, or are too many to tell")) }
    }

    /// Copies what a piece and a window have in common.
    fn part(
        &self,
        file: &dyn ReadAt,
        piece: &Piece,
        window: &Window,
        gather: &mut Gather,
        budget: &mut u64,
        out: &mut [u8],
    ) -> Result<(), Stop> {
        let (size, mut extent, mut skipped, mut target) = (self.layout.bytes, Vec::new(), 0, 0);
        let (from, to) = (row_major(&piece.extent), window.steps());
        let both = piece.origin.iter().zip(&piece.extent).zip(window.origin.iter().zip(&window.extent));
        for (((start, count), (window_start, window_count)), (from, to)) in both.zip(from.iter().zip(&to)) {
            let first = (*start).max(*window_start);
            let end = start.saturating_add(*count).min(window_start + window_count);
            if first >= end {
                return Ok(());
            }
            extent.push(end - first);
            skipped += (first - start) * from;
            target += (first - window_start) * to;
        }
        let out = usize::try_from(target * size).ok().and_then(|at| out.get_mut(at..)).unwrap_or_default();
        let copied = if piece.filters.is_empty() {
            gather.copy(file, piece.place.offset + skipped * size, &from, &extent, &to, out)
        } else {
            let bytes = self.decoded(file, piece)?;
            *budget =
                budget.checked_sub(bytes.len() as u64).ok_or_else(|| self.fault("its pieces are too long across to be put in order"))?;
            gather.copy(&&*bytes, skipped * size, &from, &extent, &to, out)
        };
        copied.map_err(|error| self.read(error))
    }

    /// Undoes the filters of a piece, the last first.
    fn decoded(&self, file: &dyn ReadAt, piece: &Piece) -> Result<Vec<u8>, Stop> {
        // Checked before to be at most `MAX_PIECE_BYTES`; a checksum adds four, and deflate a little where it fails to compress.
        let expected = piece.extent.iter().product::<u64>() * self.layout.bytes;
        let longest = expected + expected / 512 + 1024;
        if piece.place.len > longest {
            return Err(self.fault("a piece that is longer compressed than it is"));
        }
        let cursor = &mut Cursor::within(file, piece.place.offset, piece.place.offset.saturating_add(piece.place.len));
        let mut bytes = cursor.bytes(piece.place.len, longest, "a piece of a tensor")?;
        for filter in piece.filters.iter().rev() {
            bytes = match filter {
                Filter::Deflate => {
                    let mut out = Vec::new();
                    ZlibDecoder::new(bytes.as_slice())
                        .take(longest + 1)
                        .read_to_end(&mut out)
                        .map_err(|error| self.fault(format!("a piece that cannot be inflated: {error}")))?;
                    out
                }
                Filter::Lzf => super::lzf::decompressed(&bytes, longest).ok_or_else(|| self.fault("a piece that LZF cannot decompress"))?,
                Filter::Shuffle { size } => unshuffled(&bytes, *size),
                Filter::Fletcher32 => unchecked(bytes).ok_or_else(|| self.fault("a piece whose checksum is wrong"))?,
            };
        }
        if bytes.len() as u64 != expected {
            return Err(self.fault(format!("a piece that decodes to {} bytes, {expected} needed", bytes.len())));
        }
        Ok(bytes)
    }
}

/// Whether no two pieces have an element in common. Many have to be the cells of one grid.
fn are_disjoint(pieces: &[Piece]) -> bool {
    let Some(first) = pieces.first() else { return true };
    let on_grid = |piece: &Piece| piece.origin.iter().zip(&piece.extent).all(|(start, count)| start % count == 0);
    if pieces.iter().all(|piece| piece.extent == first.extent && on_grid(piece)) {
        let mut origins = HashSet::new();
        return pieces.iter().all(|piece| origins.insert(&piece.origin));
    }
    let apart = |a: &Piece, b: &Piece| {
        let dims = a.origin.iter().zip(&a.extent).zip(b.origin.iter().zip(&b.extent));
        dims.into_iter().any(|((a, a_count), (b, b_count))| a.saturating_add(*a_count) <= *b || b.saturating_add(*b_count) <= *a)
    };
    pieces.len() <= MAX_UNEVEN_PIECES
        && pieces.iter().enumerate().all(|(index, piece)| pieces.iter().skip(index + 1).all(|other| apart(piece, other)))
}

/// Puts the bytes of elements side by side again. What is no whole element at the end was left where it stood.
fn unshuffled(bytes: &[u8], size: u64) -> Vec<u8> {
    let size = usize::try_from(size).ok().filter(|size| (2..=bytes.len()).contains(size));
    let Some(size) = size else { return bytes.to_vec() };
    let count = bytes.len() / size;
    let (planes, rest) = bytes.split_at(count * size);
    let mut out = vec![0; planes.len()];
    for (plane, bytes) in planes.chunks_exact(count).enumerate() {
        out.iter_mut().skip(plane).step_by(size).zip(bytes).for_each(|(to, from)| *to = *from);
    }
    out.extend(rest);
    out
}

/// Takes the checksum off, if it is right. Old versions of HDF5 wrote it with its halves' bytes in another order, and all accept both.
fn unchecked(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let at = bytes.len().checked_sub(4)?;
    let stored = bytes.split_off(at);
    let [a, b, c, d] = fletcher32(&bytes).to_le_bytes();
    (stored == [a, b, c, d] || stored == [b, a, d, c]).then_some(bytes)
}

/// `H5_checksum_fletcher32`: sums modulo 65,535 over 16-bit words with the high byte first.
fn fletcher32(bytes: &[u8]) -> u32 {
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut low, mut high) = (0_u32, 0_u32);
    for block in bytes.chunks(720) {
        for word in block.chunks(2) {
            let (first, second) = (word.first().copied().unwrap_or(0), word.get(1).copied().unwrap_or(0));
            low += u32::from(u16::from_be_bytes([first, second]));
            high += low;
        }
        (low, high) = (fold(low), fold(high));
    }
    fold(high) << 16 | fold(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffled_bytes_come_back() {
        assert_eq!(unshuffled(&[1, 3, 5, 2, 4, 6, 9], 2), [1, 2, 3, 4, 5, 6, 9]);
        assert_eq!(unshuffled(&[1, 2, 3], 1), [1, 2, 3]);
        assert_eq!((unshuffled(&[1, 2, 3], 0), unshuffled(&[1], 8)), (vec![1, 2, 3], vec![1]));
    }

    #[test]
    fn checksums_are_those_of_fletcher() {
        // The example of the article on Fletcher's checksum, whose words have the low byte first.
        assert_eq!(fletcher32(b"badcfe"), 0x5650_2d2a);
        assert_eq!(unchecked(b"badcfe\x2a\x2d\x50\x56".to_vec()), Some(b"badcfe".to_vec()));
        assert_eq!(unchecked(b"badcfe\x2d\x2a\x56\x50".to_vec()), Some(b"badcfe".to_vec()));
        assert_eq!((unchecked(b"badcfe\0\0\0\0".to_vec()), unchecked(b"abc".to_vec())), (None, None));
    }
}
