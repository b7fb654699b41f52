//! Canonical bytes of tensors that no reader described: any shape, type and places, over any file. No panic, no more memory than a stream takes, and
//! never more bytes than the tensor has; exactly as many when it comes to its end.
#![no_main]

use std::ops::ControlFlow;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use modelmark_formats::{Alone, ByteRange, Endian, Filter, Piece, Pieces, Source, Sum, Tensor, stream};

/// Types of each kind of layout: numbers of one to sixteen bytes, below a byte, in blocks, texts, and none at all.
const TYPES: [&str; 16] = [
    "U8",
    "BOOL",
    "F16",
    "BF16",
    "I32",
    "F32",
    "F64",
    "C64",
    "C128",
    "F4",
    "U2",
    "GGML:Q4_K",
    "GGML:>Q8_0",
    "NPY:<U3",
    "NPY:|V0",
    "STRING",
];

/// Longest tensor that is streamed: longer ones are refused, or take their time.
const MAX_BYTES: u64 = 4 << 20;

fn number(input: &mut Unstructured<'_>) -> Result<u64> {
    // Mostly small, so that places are inside the file and shapes fit.
    Ok(match input.int_in_range(0..=15_u8)? {
        0 => input.arbitrary()?,
        1 => u64::MAX - u64::from(input.arbitrary::<u8>()?),
        2 => u64::from(input.arbitrary::<u16>()?),
        _ => u64::from(input.int_in_range(0..=31_u8)?),
    })
}

fn numbers(input: &mut Unstructured<'_>) -> Result<Vec<u64>> {
    let count = input.int_in_range(0..=4_usize)?;
    (0..count).map(|_| number(input)).collect()
}

fn place(input: &mut Unstructured<'_>) -> Result<ByteRange> {
    Ok(ByteRange { offset: number(input)?, len: number(input)? })
}

fn piece(input: &mut Unstructured<'_>) -> Result<Piece> {
    let count = input.int_in_range(0..=3_usize)?;
    let filter = |input: &mut Unstructured<'_>| {
        Ok(match input.int_in_range(0..=3_u8)? {
            0 => Filter::Deflate,
            1 => Filter::Shuffle { size: number(input)? },
            2 => Filter::Lzf,
            _ => Filter::Fletcher32,
        })
    };
    Ok(Piece {
        place: place(input)?,
        origin: numbers(input)?,
        extent: numbers(input)?,
        filters: (0..count).map(|_| filter(input)).collect::<Result<_>>()?,
    })
}

fn grid(input: &mut Unstructured<'_>) -> Result<Vec<Piece>> {
    let count = input.int_in_range(0..=6_usize)?;
    (0..count).map(|_| piece(input)).collect()
}

fn pieces(input: &mut Unstructured<'_>, depth: u8) -> Result<Pieces> {
    let kind = input.int_in_range(0..=if depth < 2 { 8_u8 } else { 6 })?;
    Ok(match kind {
        0 => Pieces::Range(place(input)?),
        1 => {
            let strides = if input.arbitrary()? { Some(numbers(input)?) } else { None };
            Pieces::Deflated { place: place(input)?, skip: number(input)?, inflated: number(input)?, strides }
        }
        2 => Pieces::Strided { place: place(input)?, strides: numbers(input)? },
        3 => Pieces::Grid(grid(input)?),
        4 => {
            let length = input.int_in_range(0..=16_usize)?;
            Pieces::Filled { pieces: grid(input)?, value: input.bytes(length)?.to_vec() }
        }
        5 => Pieces::Varints(place(input)?),
        6 => Pieces::Fields { message: place(input)?, field: input.arbitrary()?, varints: input.arbitrary()? },
        7 => Pieces::Packed { place: place(input)?, inflated: number(input)?, pieces: Box::new(pieces(input, depth + 1)?) },
        _ => {
            let count = input.int_in_range(0..=4_usize)?;
            let sums = (0..count).map(|_| Ok(Sum { place: place(input)?, crc32c: input.arbitrary()? })).collect::<Result<_>>()?;
            Pieces::Checked { pieces: Box::new(pieces(input, depth + 1)?), sums }
        }
    })
}

fn tensor(input: &mut Unstructured<'_>) -> Result<Tensor> {
    let shape = numbers(input)?;
    // What the shape gives, unless it lies.
    let elements = if input.ratio(1, 16)? { number(input)? } else { shape.iter().fold(1, |product: u64, dim| product.wrapping_mul(*dim)) };
    let file = if input.ratio(1, 32)? { Some("beside".to_owned()) } else { None };
    let endian = if input.arbitrary()? { Endian::Big } else { Endian::Little };
    let dtype = (*input.choose(&TYPES)?).to_owned();
    Ok(Tensor { name: "t".to_owned(), dtype, shape, elements, source: Source { file, endian, pieces: pieces(input, 0)? } })
}

fuzz_target!(|data: &[u8]| {
    let mut input = Unstructured::new(data);
    let Ok(tensor) = tensor(&mut input) else { return };
    let file = input.take_rest();
    let most = tensor.bytes().unwrap_or(0);
    if most > MAX_BYTES {
        return;
    }
    let mut given = 0_u64;
    let taken = stream(&tensor, &Alone(&file), &mut |bytes| {
        given += bytes.len() as u64;
        ControlFlow::Continue(())
    });
    assert!(given <= most, "{given} of {most} bytes of {tensor:?}");
    assert!(taken.is_err() || given == most, "{given} of {most} bytes of {tensor:?}");
});
