//! Putting elements in row-major order: a window of the tensor at a time, read in the order of the file.

use std::io;

use super::READ_BYTES;
use crate::ReadAt;

/// Bytes between two elements or runs that are rather read along than skipped with a read of their own.
const GAP_BYTES: u64 = 8 << 10;

/// A part of a tensor that is one run in row-major order: a hyper-rectangle.
pub(super) struct Window {
    pub(super) origin: Vec<u64>,
    pub(super) extent: Vec<u64>,
}

impl Window {
    pub(super) fn elements(&self) -> u64 {
        self.extent.iter().product()
    }

    /// Distance in the window between neighbours in each dimension.
    pub(super) fn steps(&self) -> Vec<u64> {
        row_major(&self.extent)
    }
}

/// Distance between neighbours in each dimension of a row-major array that is in memory or was checked to stay below 2^64.
pub(super) fn row_major(extent: &[u64]) -> Vec<u64> {
    let mut steps: Vec<u64> = extent
        .iter()
        .rev()
        .scan(1_u64, |next, dim| {
            let step = *next;
            *next = next.saturating_mul(*dim);
            Some(step)
        })
        .collect();
    steps.reverse();
    steps
}

/// The dimension along which a tensor is cut into windows of at most `most` elements, and how many of its indices go into one.
pub(super) fn cut(shape: &[u64], most: u64) -> (usize, u64) {
    let mut inner = 1_u64;
    for (axis, dim) in shape.iter().enumerate().rev() {
        match inner.checked_mul(*dim) {
            Some(more) if more <= most => inner = more,
            _ => return (axis, (most / inner).max(1)),
        }
    }
    (0, shape.first().copied().unwrap_or(1))
}

/// Cuts a tensor that has elements into windows of at most `most` elements (at least one), in row-major order.
pub(super) fn windows(shape: &[u64], most: u64) -> impl Iterator<Item = Window> {
    let (axis, step) = cut(shape, most);
    let mut next = Some(vec![0; shape.len()]);
    std::iter::from_fn(move || {
        let origin = next.take()?;
        let extent = shape.iter().zip(&origin).enumerate().map(|(at, (dim, start))| match at.cmp(&axis) {
            std::cmp::Ordering::Less => 1,
            std::cmp::Ordering::Equal => step.min(dim - start),
            std::cmp::Ordering::Greater => *dim,
        });
        let extent = extent.collect();
        next = following(shape, axis, step, &origin);
        Some(Window { origin, extent })
    })
}

/// The origin of the next window: a counter whose last digit moves by `step`.
fn following(shape: &[u64], axis: usize, step: u64, origin: &[u64]) -> Option<Vec<u64>> {
    let mut next = origin.to_vec();
    for (at, (index, dim)) in next.iter_mut().zip(shape).enumerate().take(axis + 1).rev() {
        *index += if at == axis { step } else { 1 };
        if *index < *dim {
            return Some(next);
        }
        *index = 0;
    }
    None
}

/// A dimension of a copy: how many, how far apart where they come from, how far apart where they go to, in elements.
#[derive(Clone, Copy)]
struct Dim {
    count: u64,
    from: u64,
    to: u64,
}

/// Copies hyper-rectangles out of a file.
pub(super) struct Gather {
    size: u64,
    buffer: Vec<u8>,
}

impl Gather {
    /// Copies elements of `size` bytes, from 1 to [`READ_BYTES`].
    pub(super) const fn new(size: u64) -> Self {
        Self { size, buffer: Vec::new() }
    }

    /// Copies `extent` elements, `from` apart in the file from byte `start` on, to `out`, where they are `to` apart.
    pub(super) fn copy(
        &mut self,
        file: &dyn ReadAt,
        start: u64,
        from: &[u64],
        extent: &[u64],
        to: &[u64],
        out: &mut [u8],
    ) -> io::Result<()> {
        let dims = extent.iter().zip(from.iter().zip(to)).map(|(count, (from, to))| Dim { count: *count, from: *from, to: *to });
        let dims = merged(dims.filter(|dim| dim.count > 1).collect());
        let at_once = self.at_once(&dims);
        let (inner, outer) = dims.split_at_checked(at_once).unwrap_or((&dims, &[]));
        self.outer(file, start, outer, inner, &mut Target { bytes: out, at: 0 })
    }

    /// How many of the dimensions, the densest first, are taken with one read.
    fn at_once(&self, dims: &[Dim]) -> usize {
        let mut span = 1_u64;
        for (index, dim) in dims.iter().enumerate() {
            let gap = dim.from.saturating_sub(span);
            let more = span.saturating_add((dim.count - 1).saturating_mul(dim.from));
            if more.saturating_mul(self.size) > READ_BYTES as u64 || gap.saturating_mul(self.size) > GAP_BYTES {
                return index;
            }
            span = more;
        }
        dims.len()
    }

    /// Goes over the dimensions that are too far apart for one read, the farthest outermost.
    fn outer(&mut self, file: &dyn ReadAt, start: u64, outer: &[Dim], inner: &[Dim], target: &mut Target<'_>) -> io::Result<()> {
        let Some((dim, outer)) = outer.split_last() else { return self.inner(file, start, inner, target) };
        // A dense dimension that is only too long for one read goes in parts.
        let dense = outer.is_empty() && inner.is_empty() && dim.from * self.size <= GAP_BYTES;
        let part = if dense { (READ_BYTES as u64 / (dim.from.max(1) * self.size)).clamp(1, dim.count) } else { 1 };
        let home = target.at;
        let mut done = 0;
        while done < dim.count {
            let count = part.min(dim.count - done);
            let place = start + done * dim.from * self.size;
            target.at = home + done * dim.to;
            if dense {
                self.inner(file, place, &[Dim { count, ..*dim }], target)?;
            } else {
                self.outer(file, place, outer, inner, target)?;
            }
            done += count;
        }
        target.at = home;
        Ok(())
    }

    /// Reads what one read reaches, and puts its elements where they belong.
    fn inner(&mut self, file: &dyn ReadAt, start: u64, dims: &[Dim], target: &mut Target<'_>) -> io::Result<()> {
        let span = dims.iter().fold(1_u64, |span, dim| span + (dim.count - 1) * dim.from);
        let size = usize::try_from(self.size).unwrap_or(0);
        if dims.iter().all(|dim| dim.from == 1 && dim.to == 1)
            && let Some(out) = target.run(span, size)
        {
            return file.read_exact_at(out, start);
        }
        self.buffer.resize(usize::try_from(span).unwrap_or(0).saturating_mul(size), 0);
        file.read_exact_at(&mut self.buffer, start)?;
        let Some((fastest, slower)) = dims.split_first() else { return Ok(()) };
        match size {
            1 => scatter::<1>(&self.buffer, 0, target.at, *fastest, slower, target.bytes),
            2 => scatter::<2>(&self.buffer, 0, target.at, *fastest, slower, target.bytes),
            4 => scatter::<4>(&self.buffer, 0, target.at, *fastest, slower, target.bytes),
            8 => scatter::<8>(&self.buffer, 0, target.at, *fastest, slower, target.bytes),
            16 => scatter::<16>(&self.buffer, 0, target.at, *fastest, slower, target.bytes),
            size => scatter_any(&self.buffer, size, (0, target.at), dims, target.bytes),
        }
        Ok(())
    }
}

/// Where elements go.
struct Target<'o> {
    bytes: &'o mut [u8],
    /// In elements.
    at: u64,
}

impl Target<'_> {
    fn run(&mut self, elements: u64, size: usize) -> Option<&mut [u8]> {
        let start = usize::try_from(self.at).ok()?.checked_mul(size)?;
        let length = usize::try_from(elements).ok()?.checked_mul(size)?;
        self.bytes.get_mut(start..start.checked_add(length)?)
    }
}

/// Sorts dimensions by how dense they stand in the file, and joins those that run on into each other on both sides.
fn merged(mut dims: Vec<Dim>) -> Vec<Dim> {
    dims.sort_by_key(|dim| (dim.from, dim.to));
    let mut out: Vec<Dim> = Vec::with_capacity(dims.len());
    for dim in dims {
        match out.last_mut() {
            Some(last) if last.from.checked_mul(last.count) == Some(dim.from) && last.to.checked_mul(last.count) == Some(dim.to) => {
                last.count *= dim.count;
            }
            _ => out.push(dim),
        }
    }
    out
}

fn scatter<const N: usize>(from: &[u8], start: u64, to: u64, fastest: Dim, slower: &[Dim], out: &mut [u8]) {
    if let Some((dim, slower)) = slower.split_last() {
        for index in 0..dim.count {
            scatter::<N>(from, start + index * dim.from, to + index * dim.to, fastest, slower, out);
        }
        return;
    }
    let (from, _) = from.as_chunks::<N>();
    let (out, _) = out.as_chunks_mut::<N>();
    // Both fit: they index buffers in memory.
    let (Ok(start), Ok(to)) = (usize::try_from(start), usize::try_from(to)) else { return };
    let (Ok(step_from), Ok(step_to), Ok(count)) =
        (usize::try_from(fastest.from), usize::try_from(fastest.to), usize::try_from(fastest.count))
    else {
        return;
    };
    let out = out.get_mut(to..).unwrap_or_default().iter_mut().step_by(step_to.max(1)).take(count);
    if step_from == 0 {
        // One element for all.
        let element = from.get(start).copied().unwrap_or([0; N]);
        out.for_each(|place| *place = element);
        return;
    }
    let from = from.get(start..).unwrap_or_default().iter().step_by(step_from);
    out.zip(from).for_each(|(place, element)| *place = *element);
}

fn scatter_any(from: &[u8], size: usize, (start, to): (u64, u64), dims: &[Dim], out: &mut [u8]) {
    let Some((dim, dims)) = dims.split_last() else {
        let place = |at: u64| usize::try_from(at).ok().and_then(|at| at.checked_mul(size));
        let element = place(start).and_then(|at| from.get(at..at + size));
        let target = place(to).and_then(|at| out.get_mut(at..at + size));
        if let (Some(element), Some(target)) = (element, target) {
            target.copy_from_slice(element);
        }
        return;
    };
    for index in 0..dim.count {
        scatter_any(from, size, (start + index * dim.from, to + index * dim.to), dims, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(shape: &[u64], most: u64) -> Vec<(Vec<u64>, Vec<u64>)> {
        windows(shape, most).map(|window| (window.origin, window.extent)).collect()
    }

    #[test]
    fn windows_follow_each_other_in_row_major_order() {
        assert_eq!(all(&[], 8), [(vec![], vec![])]);
        assert_eq!(all(&[5], 8), [(vec![0], vec![5])]);
        assert_eq!(all(&[5], 2), [(vec![0], vec![2]), (vec![2], vec![2]), (vec![4], vec![1])]);
        assert_eq!(all(&[3, 4], 8), [(vec![0, 0], vec![2, 4]), (vec![2, 0], vec![1, 4])]);
        let halves = [(vec![0, 0], vec![1, 3]), (vec![0, 3], vec![1, 1]), (vec![1, 0], vec![1, 3]), (vec![1, 3], vec![1, 1])];
        assert_eq!(all(&[2, 4], 3), halves);
        assert_eq!(all(&[2, 4], 1).len(), 8);
        for (shape, most) in [(vec![3, 5, 7], 9), (vec![3, 5, 7], 40), (vec![2, 1, 1, 9], 4)] {
            let mut next = 0;
            for window in windows(&shape, most) {
                let at: u64 = window.origin.iter().zip(row_major(&shape)).map(|(index, step)| index * step).sum();
                assert_eq!(at, next);
                assert!(window.elements() <= most);
                next += window.elements();
            }
            assert_eq!(next, shape.iter().product::<u64>());
        }
    }
}
