//! The canonical bytes of tensors, held against a slow way to get them, and descriptions that lie.

use std::cell::Cell;
use std::io::{self, Write as _};
use std::ops::ControlFlow;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use modelmark_formats::{Alone, ByteRange, Endian, Filter, FormatError, Piece, Pieces, ReadAt, Source, Tensor, column_major, stream};
use proptest::collection::vec;
use proptest::prelude::*;

/// The canonical bytes of a tensor of a file.
pub(crate) fn streamed(file: &[u8], tensor: &Tensor) -> Vec<u8> {
    all(&file, tensor).unwrap_or_else(|error| panic!("{tensor:?}: {error}"))
}

fn all(file: &dyn ReadAt, tensor: &Tensor) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    stream(tensor, &Alone(file), &mut |bytes| {
        out.extend_from_slice(bytes);
        ControlFlow::Continue(())
    })?;
    Ok(out)
}

fn refusal(file: &[u8], tensor: &Tensor) -> String {
    all(&file, tensor).expect_err("streamed").to_string()
}

/// The one place of a tensor.
pub(crate) fn place(tensor: &Tensor) -> ByteRange {
    match &tensor.source.pieces {
        Pieces::Range(place)
        | Pieces::Deflated { place, .. }
        | Pieces::Strided { place, .. }
        | Pieces::Varints(place)
        | Pieces::Packed { place, .. } => *place,
        Pieces::Fields { message, .. } => *message,
        Pieces::Grid(_) | Pieces::Filled { .. } | Pieces::Checked { .. } => panic!("many places"),
    }
}

fn tensor(dtype: &str, shape: &[u64], pieces: Pieces) -> Tensor {
    let source = Source { file: None, endian: Endian::Little, pieces };
    Tensor { name: "t".to_owned(), dtype: dtype.to_owned(), shape: shape.to_vec(), elements: shape.iter().product(), source }
}

fn strided(dtype: &str, shape: &[u64], place: ByteRange, strides: &[u64]) -> Tensor {
    tensor(dtype, shape, Pieces::Strided { place, strides: strides.to_vec() })
}

fn range(offset: u64, len: u64) -> ByteRange {
    ByteRange { offset, len }
}

/// The indices of a tensor in row-major order.
fn indices(shape: &[u64]) -> Vec<Vec<u64>> {
    shape.iter().fold(vec![vec![]], |all, dim| {
        all.iter().flat_map(|index: &Vec<u64>| (0..*dim).map(move |next| [&index[..], &[next]].concat())).collect()
    })
}

fn at(index: &[u64], strides: &[u64]) -> usize {
    index.iter().zip(strides).map(|(index, stride)| index * stride).sum::<u64>() as usize
}

fn noise(length: usize) -> Vec<u8> {
    (0..length as u64).map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

const TYPES: [(&str, usize, usize); 7] =
    [("U8", 1, 1), ("BF16", 2, 2), ("F32", 4, 4), ("C64", 8, 4), ("I64", 8, 8), ("C128", 16, 8), ("NPY:|S3", 3, 1)];

proptest! {
    #[test]
    fn strides_lead_to_the_elements(
        dims in vec((0..7_u64, 0..9_u64), 0..5), which in 0..TYPES.len(), big in any::<bool>(), before in 0..9_u64
    ) {
        let (dtype, size, word) = TYPES[which];
        let (shape, strides): (Vec<u64>, Vec<u64>) = dims.into_iter().unzip();
        let span = if shape.contains(&0) { 0 } else { 1 + shape.iter().zip(&strides).map(|(dim, stride)| (dim - 1) * stride).sum::<u64>() };
        let file = noise((before + span * size as u64) as usize);
        let mut tensor = strided(dtype, &shape, range(before, span * size as u64), &strides);
        tensor.source.endian = if big { Endian::Big } else { Endian::Little };
        let mut expected = Vec::<u8>::new();
        for index in indices(&shape) {
            let start = before as usize + at(&index, &strides) * size;
            let element = &file[start..start + size];
            element.chunks(word).for_each(|word| if big { expected.extend(word.iter().rev()) } else { expected.extend(word) });
        }
        prop_assert_eq!(streamed(&file, &tensor), expected);
    }

    #[test]
    fn pieces_are_put_together(
        shape in vec(1..9_u64, 1..4), cell in vec(1..5_u64, 3), which in 0..4_usize, filters in 0..8_u8, big in any::<bool>()
    ) {
        let (dtype, size, word) = TYPES[which];
        let extent = &cell[..shape.len()];
        let whole = noise(shape.iter().product::<u64>() as usize * size);
        let steps: Vec<u64> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
        let counts: Vec<u64> = shape.iter().zip(extent).map(|(dim, count)| dim.div_ceil(*count)).collect();
        let (mut file, mut pieces) = (vec![7; 5], Vec::new());
        for cell in indices(&counts) {
            let origin: Vec<u64> = cell.iter().zip(extent).map(|(cell, count)| cell * count).collect();
            let mut bytes = Vec::new();
            for index in indices(extent) {
                let index: Vec<u64> = index.iter().zip(&origin).map(|(index, start)| index + start).collect();
                let inside = index.iter().zip(&shape).all(|(index, dim)| index < dim);
                let start = at(&index, &steps) * size;
                bytes.extend(if inside { whole[start..start + size].to_vec() } else { vec![0xee; size] });
            }
            let (bytes, filters) = filtered(bytes, filters, size);
            pieces.push(Piece { place: range(file.len() as u64, bytes.len() as u64), origin, extent: extent.to_vec(), filters });
            file.extend(bytes);
        }
        // Nobody promises an order.
        pieces.reverse();
        let mut tensor = tensor(dtype, &shape, Pieces::Grid(pieces));
        tensor.source.endian = if big { Endian::Big } else { Endian::Little };
        let expected: Vec<u8> = whole.chunks(word).flat_map(|word| if big { word.iter().rev().copied().collect() } else { word.to_vec() }).collect();
        prop_assert_eq!(streamed(&file, &tensor), expected);
    }

    #[test]
    fn varints_are_numbers(values in vec(any::<i32>(), 0..40)) {
        let file: Vec<u8> = values.iter().flat_map(|value| varint(i64::from(*value) as u64)).collect();
        let place = Pieces::Varints(range(0, file.len() as u64));
        let expected: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        prop_assert_eq!(streamed(&file, &tensor("I32", &[values.len() as u64], place)), expected);
    }

    #[test]
    fn lies_are_never_harmful(
        shape in vec(prop_oneof![0..5_u64, any::<u64>()], 0..4), strides in vec(prop_oneof![0..5_u64, any::<u64>()], 0..4),
        (offset, len) in (prop_oneof![0..99_u64, any::<u64>()], prop_oneof![0..99_u64, any::<u64>()]), kind in 0..6_u8, which in 0..TYPES.len()
    ) {
        let place = range(offset, len);
        let pieces = match kind {
            0 => Pieces::Range(place),
            1 => Pieces::Strided { place, strides },
            2 => Pieces::Deflated { place, skip: 3, inflated: len, strides: Some(strides) },
            5 => Pieces::Fields { message: place, field: 1, varints: len % 2 == 0 },
            3 => Pieces::Grid(vec![Piece { place, origin: vec![0; shape.len()], extent: strides, filters: vec![Filter::Deflate] }]),
            _ => Pieces::Varints(place),
        };
        let source = Source { file: None, endian: Endian::Big, pieces };
        let elements = shape.iter().fold(1_u64, |product, dim| product.wrapping_mul(*dim));
        let tensor = Tensor { name: "t".to_owned(), dtype: TYPES[which].0.to_owned(), shape, elements, source };
        // A stride of zero may ask for more than anybody waits for.
        let mut left = 1 << 20;
        let _ = stream(&tensor, &Alone(&noise(120).as_slice()), &mut |bytes| {
            left -= bytes.len() as i64;
            if left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    }
}

fn filtered(mut bytes: Vec<u8>, filters: u8, size: usize) -> (Vec<u8>, Vec<Filter>) {
    let mut used = Vec::new();
    if filters & 1 != 0 {
        bytes = (0..size).flat_map(|plane| bytes.iter().skip(plane).step_by(size).copied().collect::<Vec<u8>>()).collect();
        used.push(Filter::Shuffle { size: size as u64 });
    }
    if filters & 2 != 0 {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&bytes).unwrap();
        bytes = encoder.finish().unwrap();
        used.push(Filter::Deflate);
    }
    if filters & 4 != 0 {
        let (mut low, mut high) = (0_u64, 0_u64);
        for word in bytes.chunks(2) {
            low += u64::from(word[0]) << 8 | word.get(1).map_or(0, |byte| u64::from(*byte));
            high += low;
        }
        // Sums are never zero unless everything is.
        let fold = |sum: u64| if sum == 0 { 0 } else { (sum - 1) % 65535 + 1 };
        bytes.extend(((fold(high) << 16 | fold(low)) as u32).to_le_bytes());
        used.push(Filter::Fletcher32);
    }
    (bytes, used)
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A file whose byte at `i` is a function of `i`, and which counts how it is read.
struct Endless {
    size: u64,
    reads: Cell<u64>,
    longest: Cell<usize>,
}

impl ReadAt for Endless {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        assert!(offset + buffer.len() as u64 <= self.size);
        self.reads.set(self.reads.get() + 1);
        self.longest.set(self.longest.get().max(buffer.len()));
        (offset..).zip(buffer).for_each(|(at, byte)| *byte = (at ^ at >> 8 ^ at >> 16) as u8);
        Ok(())
    }
}

#[test]
fn large_arrays_are_turned_in_bounded_memory() {
    let (rows, columns) = (3000_u64, 5001_u64);
    let file = Endless { size: rows * columns * 2, reads: Cell::default(), longest: Cell::default() };
    let tensor = strided("F16", &[rows, columns], range(0, file.size), &column_major(&[rows, columns]).unwrap());
    let (mut at, mut largest) = (0, 0);
    stream(&tensor, &Alone(&file), &mut |bytes| {
        largest = largest.max(bytes.len());
        for pair in bytes.chunks(2) {
            let (row, column) = (at / columns, at % columns);
            let place = 2 * (column * rows + row);
            let expected = [place, place + 1].map(|at| (at ^ at >> 8 ^ at >> 16) as u8);
            assert_eq!(pair, expected, "{row} {column}");
            at += 1;
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(at, rows * columns);
    assert!(largest <= 8 << 20 && file.longest.get() <= 1 << 20, "{largest} {}", file.longest.get());
    assert!(file.reads.get() <= 4 * columns, "{} reads", file.reads.get());
}

#[test]
fn compressed_arrays_are_turned_and_bounded() {
    let shape = [1100_u64, 2000];
    let whole = noise(8 + 4 * 1100 * 2000);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&whole).unwrap();
    let file = encoder.finish().unwrap();
    let (place, strides) = (range(0, file.len() as u64), column_major(&shape));
    let deflated = |inflated, skip| tensor("F32", &shape, Pieces::Deflated { place, skip, inflated, strides: strides.clone() });
    let expected = streamed(&whole, &strided("F32", &shape, range(8, 4 * 1100 * 2000), strides.as_ref().unwrap()));
    assert!(streamed(&file, &deflated(4 * 1100 * 2000, 8)) == expected);
    assert!(refusal(&file, &deflated(4 * 1100 * 2000, 7)).contains("longer than it says"));
    assert!(refusal(&file, &deflated(4 * 1100 * 2000, 9)).contains("shorter than it says"));
    assert!(refusal(&file, &deflated(4 * 1100 * 2000 - 1, 9)).contains("needed by shape and type"));
    let plain = tensor("F32", &shape, Pieces::Deflated { place, skip: 8, inflated: 4 * 1100 * 2000, strides: None });
    assert!(streamed(&file, &plain) == whole[8..]);
    // Zeros compress a thousandfold; a window of a huge array in another order costs as much as all of it.
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    (0..600).for_each(|_| encoder.write_all(&[0; 1 << 20]).unwrap());
    let file = encoder.finish().unwrap();
    let pieces = Pieces::Deflated { place: range(0, file.len() as u64), skip: 0, inflated: 600 << 20, strides: Some(vec![1, 600]) };
    let (huge, mut windows) = (tensor("U8", &[600, 1 << 20], pieces), 0);
    let stopped = stream(&huge, &Alone(&file.as_slice()), &mut |_| {
        windows += 1;
        if windows < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(stopped.is_ok() && windows == 3);
}

#[test]
fn descriptions_that_contradict_themselves_are_refused() {
    let file = noise(100);
    let refused = |tensor: &Tensor| refusal(&file, tensor);
    assert!(refused(&tensor("F32", &[26], Pieces::Range(range(0, 104)))).contains("inside its file"));
    assert!(refused(&tensor("F32", &[2], Pieces::Range(range(u64::MAX, 8)))).contains("inside its file"));
    assert!(refused(&tensor("F32", &[2], Pieces::Range(range(0, 9)))).contains("9 bytes stored, 8 needed"));
    assert!(refused(&tensor("STRING", &[2], Pieces::Range(range(0, 9)))).contains("no fixed size"));
    assert!(refused(&strided("F32", &[2], range(0, 8), &[1, 1])).contains("strides"));
    assert!(refused(&strided("F32", &[2], range(0, 8), &[2])).contains("strides"));
    assert!(refused(&strided("F32", &[2, 2], range(0, 8), &[u64::MAX, u64::MAX])).contains("strides"));
    assert!(refused(&strided("F4", &[4], range(0, 8), &[2])).contains("do not stand alone"));
    let mut wrong = tensor("F32", &[2], Pieces::Range(range(0, 8)));
    wrong.elements = 3;
    assert!(refused(&wrong).contains("number of elements"));
    wrong.source.file = Some("other".to_owned());
    wrong.elements = 2;
    assert!(refused(&wrong).contains("another file"));
    assert!(all(&[0x80; 20].as_slice(), &tensor("I64", &[1], Pieces::Varints(range(0, 20)))).unwrap_err().to_string().contains("64 bits"));
    assert!(all(&[1, 1].as_slice(), &tensor("I64", &[1], Pieces::Varints(range(0, 2)))).unwrap_err().to_string().contains("more numbers"));
    assert!(all(&[0xff, 3].as_slice(), &tensor("U8", &[1], Pieces::Varints(range(0, 2)))).unwrap_err().to_string().contains("too large"));
}

#[test]
fn pieces_that_overlap_or_miss_are_refused() {
    let file = noise(100);
    let piece = |offset, origin: u64, extent: u64| Piece {
        place: range(offset, extent),
        origin: vec![origin],
        extent: vec![extent],
        filters: vec![],
    };
    let grid = |pieces: Vec<Piece>| refusal(&file, &tensor("U8", &[10], Pieces::Grid(pieces)));
    assert!(grid(vec![piece(0, 0, 5)]).contains("hold 5 of 10"));
    assert!(grid(vec![]).contains("hold 0 of 10"));
    assert!(grid(vec![piece(0, 0, 5), piece(0, 0, 5)]).contains("overlap"));
    assert!(grid(vec![piece(0, 0, 6), piece(0, 5, 4)]).contains("overlap"));
    assert!(grid(vec![piece(99, 0, 10)]).contains("inside its file"));
    assert!(grid(vec![piece(0, 10, 10)]).contains("none of its own"));
    assert!(grid(vec![piece(0, 0, 0)]).contains("none of its own"));
    assert!(grid(vec![Piece { extent: vec![1, 10], ..piece(0, 0, 10) }]).contains("none of its own"));
    assert!(grid(vec![Piece { extent: vec![9], ..piece(0, 0, 10) }]).contains("9 needed"));
    let deflated = |extent, len| grid(vec![Piece { place: range(0, len), filters: vec![Filter::Deflate], ..piece(0, 0, extent) }]);
    assert!(deflated(10, 20).contains("cannot be inflated"));
    assert!(deflated(1 << 60, 20).contains("at most"));
    let summed = grid(vec![Piece { place: range(0, 14), filters: vec![Filter::Fletcher32], ..piece(0, 0, 10) }]);
    assert!(summed.contains("checksum"));
    // A bomb stops at the length of the piece.
    let (bomb, _) = filtered(vec![0; 1 << 20], 2, 1);
    let place = range(0, bomb.len() as u64);
    let tensor = tensor("U8", &[10], Pieces::Grid(vec![Piece { place, filters: vec![Filter::Deflate], ..piece(0, 0, 10) }]));
    assert!(all(&bomb.as_slice(), &tensor).is_err());
}
