//! One description of a tensor for every format: what it is called, what it holds, and where in which file its elements are.

use serde::Serialize;

use crate::element::ElementLayout;

/// One tensor and where its elements are. [`stream`](crate::stream()) gives its canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tensor {
    /// Name as stored.
    pub name: String,
    /// Element type: the token of safetensors where it has one, else one with the format's prefix, such as `GGML:Q4_K` or `NPY:<U8`.
    pub dtype: String,
    /// Dimensions, outermost first, whatever the file's own order; none for a scalar.
    pub shape: Vec<u64>,
    /// Number of elements.
    pub elements: u64,
    /// Where the elements are.
    pub source: Source,
}

/// Where the elements of a tensor are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// A file beside the one that describes the tensor, as a relative path that leads nowhere else; absent when they are one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Which byte of a number comes first.
    pub endian: Endian,
    /// The places.
    pub pieces: Pieces,
}

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endian {
    /// The low one.
    #[default]
    Little,
    /// The high one.
    Big,
}

/// The places of a tensor's elements in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pieces {
    /// One run of bytes, row-major.
    Range(ByteRange),
    /// One raw deflate stream (RFC 1951) that gives `skip` other bytes and then the tensor.
    Deflated {
        /// The compressed bytes.
        place: ByteRange,
        /// Bytes before the tensor, once inflated.
        skip: u64,
        /// Length of the tensor, once inflated.
        inflated: u64,
        /// As for [`Pieces::Strided`]; absent when the elements are row-major.
        #[serde(skip_serializing_if = "Option::is_none")]
        strides: Option<Vec<u64>>,
    },
    /// Element (i, j, …) stands so many elements after the start of `place`: the sum of each index times its stride. Column-major arrays and views.
    Strided {
        /// From the first to the last element.
        place: ByteRange,
        /// Distance between neighbours in each dimension, in elements.
        strides: Vec<u64>,
    },
    /// Hyper-rectangles that cover the tensor: chunks of HDF5, slices of TensorFlow.
    Grid(Vec<Piece>),
    /// Hyper-rectangles that cover a part of the tensor, or nothing; the other elements were never written and have one value.
    Filled {
        /// What was written.
        pieces: Vec<Piece>,
        /// The bytes of one element that was not, in the order of the others.
        value: Vec<u8>,
    },
    /// Packed varints of Protocol Buffers, one for each element (for types below a byte: one for each byte).
    Varints(ByteRange),
    /// All occurrences of a repeated field of a message of Protocol Buffers, which may be packed in several runs or stand one by one.
    Fields {
        /// The fields of the message, without its own tag and length.
        message: ByteRange,
        /// Number of the field.
        field: u32,
        /// Whether the elements are varints as for [`Pieces::Varints`]; else they are of fixed size.
        varints: bool,
    },
    /// Places in a file that stands compressed in this one, as weights in an archive can: `pieces` count from its start.
    Packed {
        /// The file as a raw deflate stream (RFC 1951).
        place: ByteRange,
        /// Its length, once inflated.
        inflated: u64,
        /// The places in it.
        pieces: Box<Self>,
    },
    /// Places of which the file that describes them states checksums, as the checkpoints of TensorFlow do. A stream holds the bytes against them.
    Checked {
        /// The places.
        pieces: Box<Self>,
        /// What is stated of them.
        sums: Vec<Sum>,
    },
}

/// A checksum of bytes as they stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sum {
    /// The bytes.
    pub place: ByteRange,
    /// Their CRC-32C (Castagnoli).
    pub crc32c: u32,
}

/// One hyper-rectangle of a tensor, row-major in itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// Its bytes in the file.
    pub place: ByteRange,
    /// Index of its first element.
    pub origin: Vec<u64>,
    /// Its dimensions as stored. It may reach beyond the tensor, as the chunks at an edge do; what lies there is no element.
    pub extent: Vec<u64>,
    /// What was done to the bytes when they were written, in that order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
}

/// What was done to the bytes of a piece when they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// Compressed into a zlib stream (RFC 1950).
    Deflate,
    /// The first bytes of all elements were put first, then the second bytes, and so on.
    Shuffle {
        /// Bytes of an element.
        size: u64,
    },
    /// Compressed by LZF, as of `LibLZF` and h5py.
    Lzf,
    /// A checksum of four bytes was put at the end.
    Fletcher32,
}

/// Bytes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ByteRange {
    /// Offset from the start of the file.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

impl ByteRange {
    /// Returns the first offset after the range; `None` when that passes 64 bits.
    #[must_use]
    pub const fn end(self) -> Option<u64> {
        self.offset.checked_add(self.len)
    }
}

impl Tensor {
    /// Describes a tensor whose canonical bytes stand in the file as they are.
    #[must_use]
    pub fn plain(name: impl Into<String>, dtype: impl Into<String>, shape: Vec<u64>, elements: u64, place: ByteRange) -> Self {
        let source = Source { file: None, endian: Endian::Little, pieces: Pieces::Range(place) };
        Self { name: name.into(), dtype: dtype.into(), shape, elements, source }
    }

    /// Returns the length of the canonical bytes; `None` for element types without a fixed size.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        ElementLayout::of(&self.dtype)?.bytes_of(self.elements)
    }

    /// Returns the bytes in the main file when they are the canonical bytes as they stand.
    #[must_use]
    pub fn linear(&self) -> Option<ByteRange> {
        let swapped = self.source.endian == Endian::Big && ElementLayout::of(&self.dtype).is_none_or(|layout| layout.word > 1);
        match self.source {
            Source { file: None, pieces: Pieces::Range(place), .. } if !swapped && self.bytes() == Some(place.len) => Some(place),
            _ => None,
        }
    }
}

impl Pieces {
    /// Describes a view of a storage: one run of bytes when the elements stand side by side in row-major order.
    #[must_use]
    pub fn view(place: ByteRange, shape: &[u64], strides: Vec<u64>) -> Self {
        if is_row_major(shape, &strides) { Self::Range(place) } else { Self::Strided { place, strides } }
    }

    /// Returns where the last of the places ends in the file; the largest number when that passes 64 bits.
    #[must_use]
    pub fn end(&self) -> u64 {
        let end = |place: &ByteRange| place.end().unwrap_or(u64::MAX);
        match self {
            Self::Range(place) | Self::Deflated { place, .. } | Self::Strided { place, .. } | Self::Varints(place) => end(place),
            Self::Packed { place, .. } => end(place),
            Self::Fields { message, .. } => end(message),
            Self::Checked { pieces, .. } => pieces.end(),
            Self::Grid(pieces) | Self::Filled { pieces, .. } => pieces.iter().map(|piece| end(&piece.place)).max().unwrap_or(0),
        }
    }

    /// Returns how many bytes of the file, or of the compressed file inside it, the elements take; those of strided ones from the first to the last.
    #[must_use]
    pub fn stored(&self) -> u64 {
        match self {
            Self::Range(place) | Self::Deflated { place, .. } | Self::Strided { place, .. } | Self::Varints(place) => place.len,
            Self::Fields { message, .. } => message.len,
            Self::Packed { pieces, .. } | Self::Checked { pieces, .. } => pieces.stored(),
            Self::Grid(pieces) | Self::Filled { pieces, .. } => pieces.iter().fold(0, |sum, piece| sum.saturating_add(piece.place.len)),
        }
    }
}

/// Returns the strides, in elements, of an array whose first index runs fastest; `None` when they pass 64 bits.
#[must_use]
pub fn column_major(shape: &[u64]) -> Option<Vec<u64>> {
    let mut next = 1_u64;
    let mut strides = Vec::with_capacity(shape.len());
    for dim in shape {
        strides.push(next);
        next = next.checked_mul((*dim).max(1))?;
    }
    Some(strides)
}

/// Whether elements stand side by side, the last index running fastest. The stride of a dimension of one element says nothing.
fn is_row_major(shape: &[u64], strides: &[u64]) -> bool {
    let mut expected = 1_u64;
    for (dim, stride) in shape.iter().zip(strides).rev().filter(|(dim, _)| **dim != 1) {
        if *dim != 0 && *stride != expected {
            return shape.contains(&0);
        }
        expected = expected.saturating_mul(*dim);
    }
    true
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    const PLACE: ByteRange = ByteRange { offset: 7, len: 24 };

    #[test]
    fn views_without_gaps_are_runs() {
        let run = |shape: &[u64], strides: &[u64]| Pieces::view(PLACE, shape, strides.to_vec()) == Pieces::Range(PLACE);
        assert!(run(&[2, 3], &[3, 1]) && run(&[1, 6], &[99, 1]) && run(&[], &[]) && run(&[3, 0], &[7, 9]) && run(&[6, 1], &[1, 0]));
        assert!(!run(&[2, 3], &[1, 2]) && !run(&[2, 3], &[4, 1]) && !run(&[6], &[0]) && !run(&[6], &[2]));
        assert_eq!(column_major(&[2, 3, 4]).unwrap(), [1, 2, 6]);
        assert_eq!(column_major(&[1 << 40, 1 << 40, 1]), None);
    }

    #[test]
    fn only_little_endian_runs_in_the_main_file_are_canonical_as_they_stand() {
        let tensor = |dtype: &str| Tensor::plain("t", dtype, vec![6], 6, PLACE);
        assert_eq!(tensor("F32").linear(), Some(PLACE));
        assert_eq!((tensor("F64").linear(), tensor("STRING").linear()), (None, None));
        let big = |dtype: &str, len| {
            let mut tensor = tensor(dtype);
            tensor.source.endian = Endian::Big;
            tensor.source.pieces = Pieces::Range(ByteRange { offset: 0, len });
            tensor.linear().is_some()
        };
        assert!(!big("F32", 24) && big("U8", 6));
        let mut elsewhere = tensor("F32");
        elsewhere.source.file = Some("model.data".to_owned());
        assert_eq!(elsewhere.linear(), None);
    }
}
